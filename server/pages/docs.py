"""The documentation of the REST API: openapi.yaml in Swagger UI."""

from collections.abc import Mapping
from html import escape

from starlette.responses import HTMLResponse

from server.pages.assets import Assets
from server.pages.document import document


def page(contract: str, *, assets: Assets) -> HTMLResponse:
    """Swagger UI on a contract of this host."""
    return document(
        "REST documentation",
        f'<div id="docs" data-contract="{escape(contract)}"></div>',
        assets=assets,
        styles=["swagger-ui/swagger-ui.css", "house/docs.css"],
        scripts=["swagger-ui/swagger-ui-bundle.js", "house/docs.js"],
        allowances={"connect-src": "'self'", "img-src": "'self' data:"},
    )


# The files of the page where they stand beside it, by their names there.
BESIDE: Mapping[str, str] = {
    name.rpartition("/")[2]: name
    for name in (
        "swagger-ui/swagger-ui.css", "house/docs.css", "swagger-ui/swagger-ui-bundle.js", "house/docs.js",
    )
}  # fmt: skip


def standing_alone(contract: str) -> bytes:
    """The same page for another host, with its files and its contract beside it."""
    styles = [f'<link rel="stylesheet" href="./{name}">' for name in BESIDE if name.endswith(".css")]
    scripts = [f'<script defer src="./{name}"></script>' for name in BESIDE if name.endswith(".js")]
    lines = (
        "<!doctype html>", '<html lang="en">', "<head>", '<meta charset="utf-8">',
        "<title>REST documentation</title>", *styles, *scripts, "</head>", "<body>",
        f'<div id="docs" data-contract="{escape(contract)}"></div>', "</body>", "</html>", "",
    )  # fmt: skip
    return "\n".join(lines).encode()
