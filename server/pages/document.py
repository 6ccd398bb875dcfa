"""What the pages have in common: their HTML frame, and the policy under which a browser runs them."""

from collections.abc import Mapping, Sequence
from html import escape

from starlette.responses import HTMLResponse

from server.pages.assets import Assets

# Nothing is allowed that is not named here, and nothing that is named is another host.
POLICY: Mapping[str, str] = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self'",
    "base-uri": "'none'",
    "form-action": "'none'",
    "frame-ancestors": "'none'",
}


def policy(allowances: Mapping[str, str]) -> str:
    """The Content-Security-Policy of a page: the common one, with its own directives."""
    return "; ".join(f"{name} {value}" for name, value in {**POLICY, **allowances}.items())


def document(
    title: str,
    body: str,
    *,
    assets: Assets,
    styles: Sequence[str] = (),
    scripts: Sequence[str] = (),
    manifest: str | None = None,
    allowances: Mapping[str, str] | None = None,
) -> HTMLResponse:
    """A page of the house; styles and scripts are names of assets, the body is HTML."""
    head = [
        '<meta charset="utf-8">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        '<meta name="color-scheme" content="light dark">',
        f"<title>{escape(title)}</title>",
        f'<link rel="icon" type="image/svg+xml" href="{escape(assets.url("house/icon.svg"))}">',
        *([f'<link rel="manifest" href="{escape(manifest)}">'] if manifest else []),
        *(f'<link rel="stylesheet" href="{escape(assets.url(name))}">' for name in styles),
        *(f'<script defer src="{escape(assets.url(name))}"></script>' for name in scripts),
    ]
    opening = ["<!doctype html>", '<html lang="en">', "<head>", *head, "</head>"]
    headers = {"Content-Security-Policy": policy(allowances or {}), "Cache-Control": "no-cache"}
    return HTMLResponse("\n".join([*opening, "<body>", body, "</body>", "</html>", ""]), headers=headers)
