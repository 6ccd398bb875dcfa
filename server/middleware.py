"""What every request passes: its name, the size of its body, its time, and the headers of house pages.

Which surface a request belongs to is read from `scope["state"]["surface"]` when the answer starts, so it may
be found out further in. Answers of legacy surfaces are left exactly as their dialect wrote them.
"""

import asyncio
import math
import re
import secrets
from collections.abc import Callable, Mapping

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

HOUSE = "house"
REQUEST_ID = "X-Request-ID"
# What proxies and tracers write; anything else could forge a log line or a header.
SANE_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:/+=-]{0,127}")
# Python refuses to read a number of thousands of digits.
MOST_DIGITS = 18
STREAMS = ("text/event-stream", "multipart/mixed")
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
    return Headers(raw=message.get("headers", [])).get("content-type", "").startswith(STREAMS)


def announced_size(scope: Scope) -> float:
    """How large a body says that it is; 0 where it says nothing that can be read."""
    text = Headers(scope=scope).get("content-length", "")
    if not text.isdecimal():
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


class RequestId:
    """Names a request, so that its log lines and its answer can be matched."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            return await self.app(scope, receive, send)
        given = Headers(scope=scope).get(REQUEST_ID, "")
        request_id = given if SANE_ID.fullmatch(given) else secrets.token_hex(16)
        scope.setdefault("state", {})["request_id"] = request_id

        async def named(message: Message) -> None:
            if message["type"] in ("http.response.start", "websocket.accept") and is_house(scope):
                message.setdefault("headers", [])
                MutableHeaders(scope=message)[REQUEST_ID] = request_id
            await send(message)

        with structlog.contextvars.bound_contextvars(request_id=request_id):
            await self.app(scope, receive, named)


class BodyLimit:
    """Refuses a body beyond the limit, announced or streamed, before more of it is kept."""

    def __init__(self, app: ASGIApp, *, limit: int, refusal: Refusal = body_too_large) -> None:
        self.app = app
        self.limit = limit
        self.refusal = refusal

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self.app(scope, receive, send)
        announced = announced_size(scope)
        received = 0
        started = False

        async def limited() -> Message:
            nonlocal received
            if announced > self.limit or received > self.limit:
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
        self.seconds = seconds
        self.refusal = refusal

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self.app(scope, receive, send)
        started = False

        async def watched(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                if is_stream(message):
                    deadline.reschedule(None)
            await send(message)

        try:
            async with asyncio.timeout(self.seconds) as deadline:
                await self.app(scope, receive, watched)
        except TimeoutError:
            if not deadline.expired():
                raise
            logger.warning("request timed out", path=scope["path"], seconds=self.seconds, started=started)
            # What has started cannot become another answer; the server closes the connection instead.
            if not started:
                await self.refusal(scope)(scope, receive, send)


class SecurityHeaders:
    """Gives answers of the house the headers that keep a browser careful; a page's own policy stays."""

    def __init__(self, app: ASGIApp, *, policies: Mapping[str, str] = POLICIES) -> None:
        self.app = app
        self.policies = policies

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self.app(scope, receive, send)

        async def careful(message: Message) -> None:
            if message["type"] == "http.response.start" and is_house(scope):
                message.setdefault("headers", [])
                headers = MutableHeaders(scope=message)
                for name, value in self.policies.items():
                    headers.setdefault(name, value)
            await send(message)

        await self.app(scope, receive, careful)
