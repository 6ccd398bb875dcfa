"""What is seen of a request from outside: its name, how it ended, and how long that took."""

import asyncio
from collections.abc import Awaitable

import httpx
import pytest
import structlog
from starlette.middleware import Middleware
from starlette.middleware.errors import ServerErrorMiddleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from server.app import Lockstep
from server.exchange import Exchange, Observed
from server.middleware import HOUSE
from server.scratch import listening


class Notes:
    """Remembers how exchanges ended, and under which name."""

    def __init__(self) -> None:
        self.ends: list[tuple[int | None, object]] = []
        self.seconds: list[tuple[float, float | None]] = []

    def ended(self, exchange: Exchange) -> None:
        self.ends.append((exchange.status, structlog.contextvars.get_contextvars().get("request_id")))
        self.seconds.append((exchange.seconds, exchange.streaming_after))


async def nothing() -> Message:
    raise AssertionError("nothing is read")


async def swallow(message: Message) -> None:
    pass


def scope(kind: str = "http") -> Scope:
    return {"type": kind, "path": "/", "method": "GET", "headers": [(b"x-request-id", b"r1")]}


async def told(app: ASGIApp, kind: str = "http") -> Notes:
    notes = Notes()
    try:
        await Observed(app, observers=[notes])(scope(kind), nothing, swallow)
    except (RuntimeError, asyncio.CancelledError):
        pass
    return notes


@pytest.mark.parametrize("status", [200, 404, 500])
async def test_the_status_is_that_of_the_answer(status: int) -> None:
    assert (await told(Response(status_code=status))).ends == [(status, "r1")]


async def test_a_crash_is_told_as_what_the_server_answers() -> None:
    async def failing(scope: Scope, receive: Receive, send: Send) -> None:
        raise RuntimeError

    async def halfway(scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 206, "headers": []})
        raise RuntimeError

    async def gone(scope: Scope, receive: Receive, send: Send) -> None:
        raise asyncio.CancelledError

    assert [(await told(app)).ends for app in (failing, halfway, gone)] == [
        [(500, "r1")],
        [(206, "r1")],
        [(None, "r1")],
    ]


async def test_every_observer_is_told_and_nothing_stays_bound() -> None:
    one, other = Notes(), Notes()
    await Observed(Response(), observers=[one, other])(scope(), nothing, swallow)
    assert one.ends == other.ends == [(200, "r1")]
    assert structlog.contextvars.get_contextvars() == {}


async def test_a_stream_is_timed_twice() -> None:
    async def stream(scope: Scope, receive: Receive, send: Send) -> None:
        headers = [(b"Content-Type", b"text/event-stream; charset=utf-8")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await asyncio.sleep(0.05)
        await send({"type": "http.response.body", "body": b""})

    ((seconds, after),) = (await told(stream)).seconds
    assert after is not None and after < 0.05 <= seconds
    ((_, after),) = (await told(Response("text"))).seconds
    assert after is None


async def test_a_websocket_is_named_and_told() -> None:
    sent: list[Message] = []

    async def socket(scope: Scope, receive: Receive, send: Send) -> None:
        scope["state"]["surface"] = HOUSE
        await send({"type": "websocket.accept"})
        await send({"type": "websocket.close"})

    async def send(message: Message) -> None:
        sent.append(message)

    notes = Notes()
    await Observed(socket, observers=[notes])(scope("websocket"), nothing, send)
    assert sent[0] == {"type": "websocket.accept", "headers": [(b"x-request-id", b"r1")]}
    assert notes.ends == [(1000, "r1")]


async def test_a_page_that_crashes_is_answered_and_named() -> None:
    async def crash(request: Request) -> Response:
        raise RuntimeError("a page's")

    class House:
        """Says that the house answers, as the doors do."""

        def __init__(self, app: ASGIApp) -> None:
            self.app = app

        def __call__(self, scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
            scope.setdefault("state", {})["surface"] = HOUSE
            return self.app(scope, receive, send)

    notes = Notes()
    stack = [Middleware(Observed, observers=[notes]), Middleware(House), Middleware(ServerErrorMiddleware)]
    app = Lockstep(routes=[Route("/", crash)], middleware=stack)
    async with listening(app) as (host, port), httpx.AsyncClient(base_url=f"http://{host}:{port}") as http:
        answer = await http.get("/", headers={"X-Request-ID": "r1"})
        missing = await http.get("/missing")
    assert (answer.status_code, answer.text) == (500, "Internal Server Error")
    assert answer.headers["x-request-id"] == "r1"
    assert (missing.status_code, missing.text) == (404, "Not Found")
    assert [status for status, _ in notes.ends] == [500, 404]
