"""What requests of the house pass: the size of its body, its time, and the headers of its pages.

Which surface a request belongs to is read from `scope["state"]["surface"]` when the answer starts, so it may
be found out further in. Answers of legacy surfaces are left exactly as their dialect wrote them.
"""

import asyncio
import math
from collections.abc import Callable, Mapping

import structlog
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from compat_rest.deadlines import Deadlines

HOUSE = "house"
# Python refuses to read a number of thousands of digits.
MOST_DIGITS = 18
STREAMS = (b"text/event-stream", b"multipart/mixed")
POLICIES: Mapping[str, str] = {
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
}
logger = structlog.get_logger(__name__)

Refusal = Callable[[Scope], ASGIApp]


class BodyTooLarge(Exception):
    """A request body beyond the limit; raised where it is read."""

    def __init__(self, limit: int) -> None:
        super().__init__(f"The request body is larger than {limit} bytes.")
        self.limit = limit


def is_house(scope: Scope) -> bool:
    """Whether the house itself answers, and not a legacy surface."""
    return bool(scope.get("state", {}).get("surface") == HOUSE)


def is_stream(message: Message) -> bool:
    """Whether an answer that starts so goes on for as long as its client listens."""
    for name, value in message.get("headers", ()):
        if len(name) == 12 and name.lower() == b"content-type":
            return bool(value.startswith(STREAMS))
    return False


def announced_size(scope: Scope) -> float:
    """How large a body says that it is; 0 where it says nothing that can be read."""
    text = next((value for name, value in scope["headers"] if name == b"content-length"), b"")
    if not text.isdigit():
        return 0
    return int(text) if len(text) <= MOST_DIGITS else math.inf


def body_too_large(scope: Scope) -> ASGIApp:
    """The answer to a body beyond the limit, as RFC 9457 words it."""
    return problem(413, "Content Too Large", "The request body is larger than this server accepts.")


def too_slow(scope: Scope) -> ASGIApp:
    """The answer to a request that took too long, as RFC 9457 words it."""
    return problem(503, "Service Unavailable", "The request took longer than this server allows; try again.")


def problem(status: int, title: str, detail: str, headers: Mapping[str, str] | None = None) -> JSONResponse:
    """An error of the house itself."""
    content = {"type": "about:blank", "title": title, "status": status, "detail": detail}
    return JSONResponse(content, status, headers, media_type="application/problem+json")


class BodyLimit:
    """Refuses a body beyond the limit, announced or streamed, before more of it is kept."""

    def __init__(self, app: ASGIApp, *, limit: int, refusal: Refusal = body_too_large) -> None:
        self.app = app
        self.limit = limit
        self.refusal = refusal

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self.app(scope, receive, send)
        too_large = announced_size(scope) > self.limit
        received = 0
        started = False

        async def limited() -> Message:
            nonlocal received
            if too_large or received > self.limit:
                raise BodyTooLarge(self.limit)
            message = await receive()
            received += len(message.get("body", b""))
            if received > self.limit:
                raise BodyTooLarge(self.limit)
            return message

        async def watched(message: Message) -> None:
            nonlocal started
            started = True
            await send(message)

        try:
            await self.app(scope, limited, watched)
        except BodyTooLarge:
            if started:
                raise
            await self.refusal(scope)(scope, receive, send)


class Timeout:
    """Ends a request that takes too long; answers that stream while their client listens are exempt."""

    def __init__(self, app: ASGIApp, *, seconds: float, refusal: Refusal = too_slow) -> None:
        self.app = app
        self.deadlines = Deadlines(seconds)
        self.refusal = refusal

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self.app(scope, receive, send)
        started = False
        deadline = self.deadlines.begin()

        async def watched(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                if is_stream(message):
                    self.deadlines.end(deadline)
            await send(message)

        try:
            await self.app(scope, receive, watched)
        except asyncio.CancelledError:
            if not deadline.passed():
                raise
            seconds = self.deadlines.seconds
            logger.warning("request timed out", path=scope["path"], seconds=seconds, started=started)
            # What has started cannot become another answer; the server closes the connection instead.
            if not started:
                await self.refusal(scope)(scope, receive, send)
        finally:
            self.deadlines.end(deadline)


class SecurityHeaders:
    """Gives answers of the house the headers that keep a browser careful; a page's own policy stays."""

    def __init__(self, app: ASGIApp, *, policies: Mapping[str, str] = POLICIES) -> None:
        self.app = app
        self.policies = {name.lower().encode(): value.encode() for name, value in policies.items()}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self.app(scope, receive, send)

        async def careful(message: Message) -> None:
            if message["type"] == "http.response.start" and is_house(scope):
                headers = list(message.get("headers", ()))
                own = {name for name, _ in headers}
                message["headers"] = headers + [each for each in self.policies.items() if each[0] not in own]
            await send(message)

        await self.app(scope, receive, careful)
