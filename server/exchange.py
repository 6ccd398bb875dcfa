"""One request and its answer, from outside: its name, how it ended, and how long that took."""

import os
import re
import time
from collections.abc import Awaitable, Iterator, Sequence
from typing import Protocol

import structlog
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from server.middleware import is_house, is_stream

REQUEST_ID = b"x-request-id"
NAME_BYTES, NAMES = 16, 256
# What proxies and tracers write; anything else could forge a log line or a header.
SANE_ID = re.compile(rb"[A-Za-z0-9][A-Za-z0-9._:/+=-]{0,127}")
_bound = structlog.contextvars.bind_contextvars(request_id="")
# Where structlog keeps the name for every other line of the request; set without its detours.
CURRENT = _bound["request_id"].var
structlog.contextvars.reset_contextvars(**_bound)


class Exchange:
    """What is seen of a request and its answer; it stands where the answer is sent."""

    __slots__ = ("scope", "send", "request_id", "status", "begin", "streaming_after", "seconds")

    def __init__(self, scope: Scope, send: Send, request_id: str) -> None:
        self.scope = scope
        self.send = send
        self.request_id = request_id
        self.status: int | None = None
        self.begin = time.perf_counter()
        # How long a stream took to begin; None for any other answer.
        self.streaming_after: float | None = None
        self.seconds = 0.0

    def __call__(self, message: Message) -> Awaitable[None]:
        """Passes a message of the answer on."""
        kind = message["type"]
        if kind == "http.response.start":
            self.status = message["status"]
            if is_stream(message):
                self.streaming_after = time.perf_counter() - self.begin
            if is_house(self.scope):
                self.name(message)
        elif kind == "websocket.accept":
            if is_house(self.scope):
                self.name(message)
        elif kind == "websocket.close":
            self.status = message.get("code", 1000)
        # Not awaited here: that would be one more coroutine for each message.
        return self.send(message)

    def name(self, message: Message) -> None:
        """Tells the client how the request is called in the log."""
        headers = [each for each in message.get("headers", ()) if each[0] != REQUEST_ID]
        message["headers"] = [*headers, (REQUEST_ID, self.request_id.encode())]


class Observer(Protocol):
    """Who wants to know how requests end."""

    def ended(self, exchange: Exchange) -> None:
        """Takes note of a request that has ended."""


class Observed:
    """Names each request, so that its log lines and its answer can be matched, and tells how it ended.

    One layer for all observers: a layer costs about as much as what each of them does.
    """

    def __init__(self, app: ASGIApp, *, observers: Sequence[Observer] = ()) -> None:
        self.app = app
        self.observers = observers
        self._names = new_names()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            return await self.app(scope, receive, send)
        request_id = own_name(scope) or next(self._names)
        scope.setdefault("state", {})["request_id"] = request_id
        exchange = Exchange(scope, send, request_id)
        token = CURRENT.set(request_id)
        try:
            await self.app(scope, receive, exchange)
        except Exception:
            # The server answers so where the application did not.
            exchange.status = exchange.status or 500
            raise
        finally:
            exchange.seconds = time.perf_counter() - exchange.begin
            for observer in self.observers:
                observer.ended(exchange)
            CURRENT.reset(token)


def own_name(scope: Scope) -> str:
    """The name that a request came with; empty where it has none, or no sane one."""
    for key, value in scope.get("headers", ()):
        if key == REQUEST_ID:
            return str(value, "ascii") if SANE_ID.fullmatch(value) else ""
    return ""


def new_names() -> Iterator[str]:
    """Names that nobody has had; the system is asked for many at once, since each question costs the same."""
    while True:
        names = os.urandom(NAMES * NAME_BYTES).hex()
        yield from (names[at : at + 2 * NAME_BYTES] for at in range(0, len(names), 2 * NAME_BYTES))
