"""The REST reference: openapi.yaml in ReDoc, to be read from beginning to end."""

from html import escape

from starlette.responses import HTMLResponse

from server.pages.assets import Assets
from server.pages.document import document

# The style elements that ReDoc writes: one that its script fills rule by rule, and that of its scroll bars.
EMPTY = "'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='"
SCROLL_BARS = "'sha256-QMIg+bpjm3JdElJ388KYke01izlUW0UoNOeKjpMxdgc='"


def page(contract: str, *, assets: Assets) -> HTMLResponse:
    """ReDoc on a contract of this host."""
    return document(
        "REST reference",
        f'<div id="redoc" data-contract="{escape(contract)}"></div>',
        assets=assets,
        styles=["house/redoc.css"],
        scripts=["redoc/redoc.standalone.js", "house/redoc.js"],
        allowances={
            "style-src": f"'self' {EMPTY} {SCROLL_BARS}",
            "connect-src": "'self'",
            "img-src": "'self' data:",
            # Its search runs in a worker that the script makes of itself, under this same policy.
            "worker-src": "blob:",
        },
    )
