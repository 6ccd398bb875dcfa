"""The pages of Express itself: finalhandler's and serve-static's."""

import re
from html import escape
from http import HTTPStatus
from urllib.parse import quote

from compat_rest.dialects.express.headers import Raw
from compat_rest.http import Reply, Request

# What encodeurl does not leave as it is; an escape stays where it is one.
ODD = re.compile(
    r"(?:[^\x21\x23-\x3B\x3D\x3F-\x5F\x61-\x7A\x7C\x7E]"
    r"|%(?:[^0-9A-Fa-f]|[0-9A-Fa-f][^0-9A-Fa-f]|\Z))+"
)
# What JavaScript's encodeURI leaves, beside letters and digits.
LEFT = ";,/?:@&=+$-_.!~*'()#"
HTML = "text/html; charset=utf-8"


def missing(request: Request, raw: Raw) -> Reply:
    """The page for a path that no route has."""
    path = request.raw.decode("latin-1").removeprefix(request.prefix)
    return page(404, f"Cannot {request.method} {encoded(path)}", raw)


def failure(status: int, raw: Raw) -> Reply:
    """The page for an error that nobody handled; in production it says no more than its status."""
    return page(status, HTTPStatus(status).phrase, raw)


def redirect(status: int, location: str, raw: Raw) -> Reply:
    """The page that sends a client elsewhere."""
    location = encoded(location)
    reply = Reply(status, [("Content-Type", "text/html; charset=UTF-8"), ("Location", location)], raw=raw)
    reply.body = document("Redirecting", f"Redirecting to {html(location)}")
    return reply


def found(status: int, location: str, request: Request) -> Reply:
    """What res.redirect says, in the form that the client likes best."""
    text = f"{HTTPStatus(status).phrase}. Redirecting to {location}"
    media = "text/plain; charset=utf-8"
    if "text/html" in (request.header("accept") or ""):
        text, media = f"<p>{HTTPStatus(status).phrase}. Redirecting to {escape(location)}</p>", HTML
    return Reply(status, [("Content-Type", media), ("Location", location), ("Vary", "Accept")], text.encode())


def page(status: int, message: str, raw: Raw) -> Reply:
    """A page with a message."""
    return Reply(status, [("Content-Type", HTML)], document("Error", html(message)), raw=raw)


def document(title: str, message: str) -> bytes:
    """An HTML document of one line."""
    lines = (
        "<!DOCTYPE html>", '<html lang="en">', "<head>", '<meta charset="utf-8">', f"<title>{title}</title>",
        "</head>", "<body>", f"<pre>{message}</pre>", "</body>", "</html>", "",
    )  # fmt: skip
    return "\n".join(lines).encode()


def html(text: str) -> str:
    """A text for HTML, as escape-html and finalhandler write it."""
    return escape(text).replace("&#x27;", "&#39;").replace("\n", "<br>").replace("  ", " &nbsp;")


def encoded(path: str) -> str:
    """A path whose odd characters are escaped, and whose escapes stay."""
    return ODD.sub(lambda found: quote(found[0], safe=LEFT), path)
