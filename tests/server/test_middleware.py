"""What every request passes."""

import asyncio
from collections.abc import AsyncIterator

import httpx
import pytest
import structlog
from starlette.responses import JSONResponse, PlainTextResponse, StreamingResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from server.exchange import Observed
from server.middleware import BodyLimit, BodyTooLarge, SecurityHeaders, Timeout


def client(app: ASGIApp) -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://house.test")


def on(surface: str | None, answer: ASGIApp) -> ASGIApp:
    """An application that finds its surface only when it is asked."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        scope.setdefault("state", {})["surface"] = surface
        await answer(scope, receive, send)

    return app


async def read(scope: Scope, receive: Receive, send: Send) -> None:
    """Answers how long the body was."""
    size, more = 0, True
    while more:
        message = await receive()
        size, more = size + len(message.get("body", b"")), message.get("more_body", False)
    await PlainTextResponse(str(size))(scope, receive, send)


async def pieces(*sizes: int) -> AsyncIterator[bytes]:
    for size in sizes:
        yield b"x" * size


async def bound(scope: Scope, receive: Receive, send: Send) -> None:
    """Answers what a log line would carry."""
    await JSONResponse(structlog.contextvars.get_contextvars())(scope, receive, send)


async def test_a_request_keeps_the_name_it_came_with() -> None:
    async with client(Observed(on("house", bound))) as http:
        answer = await http.get("/", headers={"X-Request-ID": "abc-1.2"})
    assert answer.json() == {"request_id": "abc-1.2"}
    assert answer.headers["x-request-id"] == "abc-1.2"


@pytest.mark.parametrize("forged", ["", "a b", "-x", "x" * 129, "é", 'a"b'])
async def test_a_forged_name_is_replaced(forged: str) -> None:
    async with client(Observed(on("house", bound))) as http:
        answer = await http.get("/", headers=[(b"x-request-id", forged.encode())])
    name = answer.json()["request_id"]
    assert len(name) == 32 and name != forged
    assert answer.headers["x-request-id"] == name


@pytest.mark.parametrize("surface", ["mandarin", None])
async def test_a_legacy_answer_gets_no_header(surface: str | None) -> None:
    async with client(Observed(SecurityHeaders(on(surface, bound)))) as http:
        answer = await http.get("/", headers={"X-Request-ID": "abc"})
    assert answer.json() == {"request_id": "abc"}
    assert sorted(answer.headers) == ["content-length", "content-type"]
    assert structlog.contextvars.get_contextvars() == {}


async def test_the_house_answers_with_careful_headers() -> None:
    page = PlainTextResponse("page", headers={"Content-Security-Policy": "default-src 'self'"})
    async with client(SecurityHeaders(on("house", page))) as http:
        answer = await http.get("/")
    assert answer.headers["content-security-policy"] == "default-src 'self'"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["referrer-policy"] == "same-origin"
    async with client(SecurityHeaders(on("house", PlainTextResponse("data")))) as http:
        answer = await http.get("/")
    assert answer.headers["content-security-policy"] == "default-src 'none'; frame-ancestors 'none'"


async def test_a_body_within_the_limit_arrives() -> None:
    async with client(BodyLimit(read, limit=10)) as http:
        assert (await http.post("/", content=b"x" * 10)).text == "10"
        assert (await http.post("/", content=pieces(4, 6))).text == "10"


async def test_a_body_beyond_the_limit_is_refused() -> None:
    async with client(BodyLimit(read, limit=10)) as http:
        announced = await http.post("/", content=b"x" * 11)
        streamed = await http.post("/", content=pieces(6, 5))
        endless = await http.post("/", content=b"", headers={"Content-Length": "9" * 5000})
    assert announced.status_code == streamed.status_code == endless.status_code == 413
    assert announced.headers["content-type"] == "application/problem+json"
    assert announced.json() == {
        "type": "about:blank",
        "title": "Content Too Large",
        "status": 413,
        "detail": "The request body is larger than this server accepts.",
    }


async def test_a_dialect_words_the_refusal() -> None:
    app = BodyLimit(read, limit=10, refusal=lambda scope: PlainTextResponse(scope["path"], 413))
    async with client(app) as http:
        assert (await http.post("/legacy", content=b"x" * 11)).text == "/legacy"


async def test_no_more_is_read_once_a_body_was_too_large() -> None:
    read_again: list[str] = []

    async def stubborn(scope: Scope, receive: Receive, send: Send) -> None:
        for _ in range(3):
            try:
                await receive()
            except BodyTooLarge as error:
                read_again.append(str(error))
        await PlainTextResponse("done")(scope, receive, send)

    async with client(BodyLimit(stubborn, limit=10)) as http:
        assert (await http.post("/", content=pieces(11, 1, 1))).text == "done"
    assert read_again == ["The request body is larger than 10 bytes."] * 3


async def test_a_started_answer_is_not_followed_by_another() -> None:
    async def hasty(scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await receive()

    async with client(BodyLimit(hasty, limit=10)) as http:
        with pytest.raises(BodyTooLarge):
            await http.post("/", content=b"x" * 11)


async def sleepy(scope: Scope, receive: Receive, send: Send) -> None:
    await asyncio.sleep(5)


async def test_a_slow_request_is_ended() -> None:
    async with client(Timeout(sleepy, seconds=0.02)) as http:
        answer = await http.get("/")
    assert answer.status_code == 503
    assert answer.json()["detail"] == "The request took longer than this server allows; try again."


async def test_a_timeout_of_the_application_is_its_own() -> None:
    async def failing(scope: Scope, receive: Receive, send: Send) -> None:
        raise TimeoutError("a database's")

    async with client(Timeout(failing, seconds=5)) as http:
        with pytest.raises(TimeoutError, match="a database's"):
            await http.get("/")


async def test_an_answer_that_stalls_is_broken_off() -> None:
    sent: list[Message] = []

    async def stalling(scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await asyncio.sleep(5)

    async def send(message: Message) -> None:
        sent.append(message)

    async def receive() -> Message:
        raise AssertionError("nothing is read")

    await Timeout(stalling, seconds=0.02)({"type": "http", "path": "/"}, receive, send)
    assert [message["type"] for message in sent] == ["http.response.start"]


async def test_a_stream_may_last() -> None:
    async def events() -> AsyncIterator[str]:
        await asyncio.sleep(0.06)
        yield "data: 1\n\n"

    stream = StreamingResponse(events(), media_type="text/event-stream")
    async with client(Timeout(stream, seconds=0.02)) as http:
        assert (await http.get("/")).text == "data: 1\n\n"


@pytest.mark.parametrize("kind", ["lifespan", "websocket"])
async def test_what_is_no_request_passes(kind: str) -> None:
    seen: list[str] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await asyncio.sleep(0.04)
        seen.append(scope["type"])

    async def receive() -> Message:
        raise AssertionError("nothing is read")

    async def send(message: Message) -> None:
        raise AssertionError("nothing is sent")

    stack = Observed(BodyLimit(Timeout(SecurityHeaders(app), seconds=0.02), limit=1))
    await stack({"type": kind, "headers": [(b"content-length", b"99")]}, receive, send)
    assert seen == [kind]
