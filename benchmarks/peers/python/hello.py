"""The least an ASGI application can do: the floor of every figure of this server."""

from starlette.types import Receive, Scope, Send

BODY = b"Hello, world!"
HEADERS = [(b"content-type", b"text/plain; charset=utf-8"), (b"content-length", b"13")]


async def app(scope: Scope, receive: Receive, send: Send) -> None:
    """Answers every request with a greeting."""
    if scope["type"] != "http":
        return
    await send({"type": "http.response.start", "status": 200, "headers": HEADERS})
    await send({"type": "http.response.body", "body": BODY})
