"""Logs are lines of JSON, one a request, without secrets."""

import io
import json
import logging
import random
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
import structlog
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from server.exchange import Exchange, Observed
from server.logs import RequestLog, configure, utc


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture(autouse=True)
def restored() -> Iterator[None]:
    """Leaves logging as it was found."""
    handlers, level = logging.root.handlers, logging.root.level
    yield
    logging.root.handlers, logging.root.level = handlers, level
    for name in ("httpx", "uvicorn.access"):
        logging.getLogger(name).disabled = False
    structlog.reset_defaults()


@pytest.fixture
def out() -> io.StringIO:
    stream = io.StringIO()
    configure("INFO", stream=stream)
    logging.getLogger("httpx").disabled = True
    return stream


def lines(out: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in out.getvalue().splitlines()]


def logged(app: ASGIApp) -> ASGIApp:
    return Observed(app, observers=[RequestLog()])


async def get(app: ASGIApp, url: str) -> None:
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://house.test") as http:
        await http.get(url, headers={"X-Request-ID": "r1", "Authorization": "Bearer hidden"})


async def answer(scope: Scope, receive: Receive, send: Send) -> None:
    scope["state"] |= {"surface": "mandarin", "operation": "listCourses", "door": "rest"}
    await PlainTextResponse("ok")(scope, receive, send)


async def test_a_request_is_one_line(out: io.StringIO) -> None:
    await get(logged(answer), "/api/courses?token=hidden")
    (line,) = lines(out)
    assert line.pop("duration_ms") >= 0
    assert line.pop("timestamp").endswith("Z")
    assert line == {
        "event": "request",
        "level": "info",
        "logger": "server.requests",
        "request_id": "r1",
        "method": "GET",
        "path": "/api/courses",
        "status": 200,
        "surface": "mandarin",
        "operation": "listCourses",
        "door": "rest",
        "client": "127.0.0.1",
    }


async def test_a_failed_request_is_a_warning(out: io.StringIO) -> None:
    async def failing(scope: Scope, receive: Receive, send: Send) -> None:
        raise RuntimeError("broken")

    await get(logged(failing), "/")
    (line,) = lines(out)
    assert (line["status"], line["level"], line["surface"]) == (500, "warning", None)


async def test_probes_are_quiet(out: io.StringIO) -> None:
    await get(logged(answer), "/health/live")
    assert lines(out) == []
    configure("DEBUG", stream=out)
    await get(logged(answer), "/health/live")
    assert [line["path"] for line in lines(out) if line["event"] == "request"] == ["/health/live"]


async def test_a_websocket_is_one_line(out: io.StringIO) -> None:
    async def socket(scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "websocket.accept"})
        await send({"type": "websocket.close", "code": 4400})

    async def receive() -> Message:
        raise AssertionError("nothing is read")

    async def send(message: Message) -> None:
        pass

    scope: Scope = {"type": "websocket", "path": "/graphql", "headers": [], "client": None}
    await logged(socket)(scope, receive, send)
    (line,) = lines(out)
    assert (line["method"], line["status"], line["client"]) == ("WEBSOCKET", 4400, None)


async def test_the_lifespan_is_not_a_request(out: io.StringIO) -> None:
    async def receive() -> Message:
        raise AssertionError("nothing is read")

    async def send(message: Message) -> None:
        raise AssertionError("nothing is sent")

    async def idle(scope: Scope, receive: Receive, send: Send) -> None:
        pass

    await logged(idle)({"type": "lifespan"}, receive, send)
    assert lines(out) == []


def test_secrets_are_never_written(out: io.StringIO) -> None:
    structlog.get_logger("test").info(
        "signed in as Bearer hidden",
        password="hidden",
        access_token="hidden",
        request={"Cookie": "hidden", "user": "an", "tags": ["a", 1]},
        headers=[(b"authorization", b"hidden"), ("set-cookie", "hidden"), ("accept", "text")],
        uri="mongodb://someone:hidden@db.test/x",
        size=b"\xff",
    )
    (line,) = lines(out)
    assert "hidden" not in out.getvalue()
    assert line["event"] == "signed in as Bearer [redacted]"
    assert line["uri"] == "mongodb://[redacted]@db.test/x"
    assert line["request"] == {"Cookie": "[redacted]", "user": "an", "tags": ["a", 1]}
    assert line["headers"][2] == ["accept", "text"]
    assert line["size"] == "b'\\xff'"


def test_a_traceback_is_written_without_secrets(out: io.StringIO) -> None:
    try:
        raise ConnectionError("no route to redis://:hidden@cache.test")
    except ConnectionError:
        structlog.get_logger("test").exception("away")
    (line,) = lines(out)
    assert line["exception"].endswith("ConnectionError: no route to redis://[redacted]@cache.test")


def test_a_lone_surrogate_is_written_as_ascii(out: io.StringIO) -> None:
    structlog.get_logger("test").info("name", name="\ud800\n")
    assert lines(out)[0]["name"] == "\ud800\n"
    assert out.getvalue().isascii()


def test_the_loggers_of_uvicorn_speak_the_same_way(out: io.StringIO) -> None:
    logging.getLogger("uvicorn.error").info("Started on %s", 8000, extra={"color_message": "\x1b[1m"})
    logging.getLogger("uvicorn.access").info("GET / 200")
    (line,) = lines(out)
    assert line.pop("timestamp")
    assert line == {"event": "Started on 8000", "level": "info", "logger": "uvicorn.error"}


def test_the_level_is_a_setting(out: io.StringIO) -> None:
    configure("ERROR", stream=out)
    structlog.get_logger("test").warning("quiet")
    logging.getLogger("test").warning("quiet")
    assert out.getvalue() == ""
    with pytest.raises(ValueError, match="LOG_LEVEL: 'LOUD' is none of DEBUG, INFO"):
        configure("LOUD")


def test_a_terminal_gets_text() -> None:
    out = Terminal()
    configure("INFO", stream=out)
    try:
        raise ValueError("Bearer hidden")
    except ValueError:
        structlog.get_logger("test").exception("broken", password="hidden")
    assert "broken" in out.getvalue() and "ValueError" in out.getvalue()
    assert "hidden" not in out.getvalue()


EXCHANGES: list[dict[str, Any]] = [
    {},
    {"path": '/汉/\ud800\x00"\\\x7f\u2028'},
    {"path": "/to/redis://someone:hidden@cache.test/x y"},
    {"path": "/Bearer hidden/basic hidden/BEARER hidden"},
    {"path": "/mongodb://hidden@db/ ba\u017fic hidden"},
    {"status": None, "seconds": 12.0},
    {"status": 503, "seconds": 1e-9, "client": None},
    {"status": 301, "seconds": 0.00012345, "client": ("::1", 1)},
    {"type": "websocket", "method": None, "status": 1000},
    {"state": {"surface": None, "operation": None, "door": None}},
    {"state": {"surface": "house", "operation": 7, "door": "é@x y"}},
    {"state": {}, "request_id": "a:b/c=d+e"},
    {"method": "M@IL basic hidden"},
    {"path": "/health/live"},
]


@pytest.mark.parametrize("odd", EXCHANGES, ids=lambda odd: ",".join(odd) or "plain")
def test_a_requests_line_is_what_structlog_would_write(odd: dict[str, Any], out: io.StringIO) -> None:
    configure("DEBUG", stream=out)
    state = odd.get("state", {"surface": "mandarin", "operation": "mandarin.me", "door": "rest"})
    scope = {
        "type": odd.get("type", "http"),
        "method": odd.get("method", "GET"),
        "path": odd.get("path", "/api/auth/me"),
        "client": odd.get("client", ("127.0.0.1", 5000)),
        "state": state,
    }
    if scope["method"] is None:
        del scope["method"]
    exchange = Exchange(scope, swallow, odd.get("request_id", "0" * 32))
    exchange.status, exchange.seconds = odd.get("status", 200), odd.get("seconds", 0.0035414)
    log = RequestLog()
    handler = logging.root.handlers[0]
    log.ended(exchange)
    # With a second handler beside it the line takes structlog's way.
    logging.root.addHandler(logging.NullHandler())
    with structlog.contextvars.bound_contextvars(request_id=exchange.request_id):
        log.ended(exchange)
    assert logging.root.handlers[0] is handler
    fast, slow = (re.sub(r'"timestamp": "[^"]+"', "", line) for line in out.getvalue().splitlines())
    assert fast == slow
    assert "hidden" not in fast


async def swallow(message: Message) -> None:
    pass


def test_a_time_is_written_as_structlog_writes_it(monkeypatch: pytest.MonkeyPatch) -> None:
    chosen = random.Random(3)
    for _ in range(2000):
        nanoseconds = chosen.choice([chosen.randrange(4 * 10**18), chosen.randrange(4 * 10**9) * 10**9])
        at = datetime.fromtimestamp(nanoseconds // 10**9, UTC)
        at = at.replace(microsecond=nanoseconds % 10**9 // 1000)
        assert utc(nanoseconds) == at.isoformat().replace("+00:00", "Z")


async def test_a_quiet_log_costs_no_line(out: io.StringIO) -> None:
    configure("WARNING", stream=out)
    await get(logged(answer), "/api/courses")
    assert out.getvalue() == ""
