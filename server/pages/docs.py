"""The documentation of the REST API: openapi.yaml in Swagger UI."""

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
