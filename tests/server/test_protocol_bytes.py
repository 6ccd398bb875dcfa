"""Our protocol says on the wire what uvicorn's own says, byte for byte, and tells applications the same."""

import asyncio
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from typing import Any, NamedTuple

import pytest
import uvicorn
from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from server.protocol import BoundedProtocol
from server.web import OPTIONS

QUIET_SECONDS = 0.3
HOST = b"Host: a\r\n"
CLOSE = b"Connection: close\r\n"
LENGTH = [(b"Content-Length", b"5")]
LARGE = b"abcdefgh" * 40_000
# What differs with the connection, and what only ours tells.
APART = ("client", "server", "empty_query")
Seen = list[Any]
Protocol = type[HttpToolsProtocol]


class Answer(NamedTuple):
    """What came from a server, whether it closed the connection then, and what its application saw."""

    data: bytes
    closed: bool
    seen: Seen


@asynccontextmanager
async def serving(app: ASGIApp, protocol: Protocol, **options: Any) -> AsyncIterator[uvicorn.Server]:
    """A server for an application that knows nothing of lifespans."""
    config = uvicorn.Config(app, port=0, **{**OPTIONS, "lifespan": "off", "http": protocol, **options})
    server = uvicorn.Server(config)
    task = asyncio.create_task(server.serve())
    while not server.started:
        await asyncio.sleep(0.01)
    yield server
    server.should_exit = True
    await task


def port_of(server: uvicorn.Server) -> int:
    port: int = server.servers[0].sockets[0].getsockname()[1]
    return port


class Client(asyncio.Protocol):
    """Notes what comes as it comes, so that a connection that is reset takes nothing with it."""

    def __init__(self) -> None:
        self.data, self.closed = b"", False
        self.changed = asyncio.Event()

    def data_received(self, data: bytes) -> None:
        self.data += data
        self.changed.set()

    def connection_lost(self, exc: Exception | None) -> None:
        self.closed = True
        self.changed.set()


async def ask(port: int, pieces: list[bytes], seen: Seen) -> Answer:
    """Sends pieces, and reads until nothing more comes."""
    loop = asyncio.get_running_loop()
    transport, client = await loop.create_connection(Client, "127.0.0.1", port)
    for piece in pieces:
        transport.write(piece)
        await asyncio.sleep(0.02)
    with suppress(TimeoutError):
        while not client.closed:
            client.changed.clear()
            await asyncio.wait_for(client.changed.wait(), QUIET_SECONDS)
    answer = Answer(re.sub(rb"(?i)(date: )[^\r]+", rb"\1now", client.data), client.closed, seen)
    transport.close()
    return answer


def watched(app: ASGIApp, seen: list[Seen]) -> ASGIApp:
    """An application that notes what it is told, by the number that a request bears."""

    async def watching(scope: Scope, receive: Receive, send: Send) -> None:
        mine = seen[int(dict(scope["headers"])[b"x-number"])]
        mine.append({name: value for name, value in scope.items() if name not in APART})

        async def noted(call: Callable[..., Awaitable[Any]], *values: Any) -> Any:
            try:
                result = await call(*values)
            except RuntimeError as error:
                mine.append(repr(error))
                raise
            mine.append(result)
            return result

        return await app(scope, lambda: noted(receive), lambda message: noted(send, message))

    return watching


def numbered(piece: bytes, number: int) -> bytes:
    """A request that bears its number."""
    return piece.replace(HOST, HOST + b"X-Number: %d\r\n" % number)


async def answers(app: ASGIApp, protocol: Protocol, requests: list[list[bytes]]) -> list[Answer]:
    """What each request is answered, each on a connection of its own, all at the same time."""
    seen: list[Seen] = [[] for _ in requests]
    async with serving(watched(app, seen), protocol) as server:
        found = await asyncio.gather(
            *(
                ask(port_of(server), [numbered(piece, number) for piece in pieces], seen[number])
                for number, pieces in enumerate(requests)
            )
        )
    assert not server.server_state.tasks
    return found


def start(status: int = 200, headers: list[tuple[bytes, bytes]] | None = None) -> dict[str, Any]:
    message: dict[str, Any] = {"type": "http.response.start", "status": status}
    return message if headers is None else {**message, "headers": headers}


def body(data: Any = b"hello", **more: Any) -> dict[str, Any]:
    return {"type": "http.response.body", "body": data, **more}


def saying(*messages: dict[str, Any]) -> ASGIApp:
    """An application that says this, whatever it is asked."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        for message in messages:
            await send(message)

    return app


async def echo(scope: Scope, receive: Receive, send: Send) -> None:
    """Sends back what comes, in one piece."""
    data, more = b"", True
    while more:
        message = await receive()
        data, more = data + message.get("body", b""), message.get("more_body", False)
    await send(start(headers=[(b"content-length", b"%d" % len(data))]))
    await send(body(data))


async def echo_as_it_comes(scope: Scope, receive: Receive, send: Send) -> None:
    """Begins to answer before there is a body."""
    await send(start())
    more = True
    while more:
        message = await receive()
        more = message.get("more_body", False)
        await send(body(message.get("body", b""), more_body=more))


async def slow_stream(scope: Scope, receive: Receive, send: Send) -> None:
    await send(start(headers=[(b"Content-Type", b"text/event-stream")]))
    for piece in (b"", b"one", b"", b"two"):
        await send(body(piece, more_body=True))
        await asyncio.sleep(0.01)
    await send(body(b""))


async def waits_for_the_end(scope: Scope, receive: Receive, send: Send) -> None:
    """Answers, and asks what is after the body and after the answer."""
    await receive()
    await send(start(headers=LENGTH))
    await send(body())
    await receive()


async def fails_before(scope: Scope, receive: Receive, send: Send) -> None:
    raise ValueError("before")


async def fails_after_start(scope: Scope, receive: Receive, send: Send) -> None:
    await send(start(headers=LENGTH))
    raise ValueError("after")


async def fails_within(scope: Scope, receive: Receive, send: Send) -> None:
    await send(start())
    await send(body(more_body=True))
    raise ValueError("within")


async def fails_at_the_end(scope: Scope, receive: Receive, send: Send) -> None:
    await send(start(headers=LENGTH))
    await send(body())
    raise ValueError("at the end")


async def cancels_itself(scope: Scope, receive: Receive, send: Send) -> None:
    await send(start())
    raise asyncio.CancelledError


async def goes_on_after_a_refusal(scope: Scope, receive: Receive, send: Send) -> None:
    await send(start(headers=LENGTH))
    with suppress(RuntimeError):
        await send(start())
    with suppress(RuntimeError):
        await send(body(b"too much"))
    await send(body())
    with suppress(RuntimeError):
        await send(body())


async def goes_on_without_a_head(scope: Scope, receive: Receive, send: Send) -> None:
    with suppress(RuntimeError):
        await send(start(headers=[(b"x-broken", b"a\r\nb")]))
    await send(body(b""))


async def returns_something(scope: Scope, receive: Receive, send: Send) -> None:
    await send(start(headers=LENGTH))
    return 1  # type: ignore[return-value]  # which it should not


APPS: dict[str, ASGIApp] = {
    "plain": saying(start(headers=LENGTH), body()),
    "no headers": saying(start(), body()),
    "no body": saying(start(), {"type": "http.response.body"}),
    "empty": saying(start(headers=[(b"content-length", b"0")]), body(b"")),
    "nothing to say": saying(start(204), body(b"")),
    "not modified": saying(start(304, [(b"etag", b"a")]), body(b"")),
    "not modified, with a body": saying(start(304), body()),
    "unknown status": saying(start(599, LENGTH), body()),
    "impossible status": saying(start(99, LENGTH), body()),
    "pieces": saying(start(headers=LENGTH), body(b"he", more_body=True), body(b"llo")),
    "empty pieces": saying(start(headers=LENGTH), body(b"", more_body=True), body(), body(b"")),
    "chunks": saying(start(), body(b"he", more_body=True), body(b"", more_body=True), body(b"llo")),
    "said chunks": saying(start(headers=[(b"Transfer-Encoding", b"Chunked"), *LENGTH]), body()),
    "length, then chunks": saying(start(headers=[*LENGTH, (b"transfer-encoding", b"chunked")]), body()),
    "other encoding": saying(start(headers=[(b"transfer-encoding", b"gzip")]), body()),
    "two lengths": saying(start(headers=[*LENGTH, (b"content-length", b"6")]), body()),
    "no length": saying(start(headers=[(b"content-length", b"five")]), body()),
    "large": saying(start(headers=[(b"content-length", b"%d" % len(LARGE))]), body(LARGE)),
    "large chunks": saying(start(), body(LARGE, more_body=True), body(LARGE)),
    "other kinds of bytes": saying(start(), body(bytearray(b"he"), more_body=True), body(memoryview(b"llo"))),
    "closes": saying(start(headers=[*LENGTH, (b"Connection", b"x, Close ")]), body()),
    "keeps": saying(start(headers=[*LENGTH, (b"connection", b"keep-alive")]), body()),
    "the same header twice": saying(start(headers=[(b"Set-Cookie", b"a"), (b"set-cookie", b"b")]), body()),
    "headers of other kinds": saying(start(headers=((b"a", b"b"), *LENGTH)), body()),  # type: ignore[arg-type]  # a tuple
    "high bytes": saying(start(headers=[(b"x-\xe4", b"\xe4\t\xff"), *LENGTH]), body()),
    "text as a value": saying(start(headers=[(b"a", "b")]), body()),  # type: ignore[list-item]  # no bytes
    "text as a body": saying(start(headers=LENGTH), body("hello")),
    "text as a chunk": saying(start(), body("hello")),
    "too long": saying(start(headers=LENGTH), body(b"hello!")),
    "too short": saying(start(headers=LENGTH), body(b"hell")),
    "too short in pieces": saying(start(headers=LENGTH), body(b"he", more_body=True), body(b"l")),
    "body first": saying(body()),
    "start twice": saying(start(headers=LENGTH), start()),
    "too much": saying(start(headers=LENGTH), body(), body()),
    "a message of its own": saying({"type": "http.response.push"}),
    "only a start": saying(start(headers=LENGTH)),
    "only a beginning": saying(start(), body(more_body=True)),
    "silent": saying(),
    "echo": echo,
    "echo as it comes": echo_as_it_comes,
    "slow stream": slow_stream,
    "waits for the end": waits_for_the_end,
    "fails before": fails_before,
    "fails after start": fails_after_start,
    "fails within": fails_within,
    "fails at the end": fails_at_the_end,
    "cancels itself": cancels_itself,
    "goes on after a refusal": goes_on_after_a_refusal,
    "goes on without a head": goes_on_without_a_head,
    "returns something": returns_something,
}

GET = b"GET /a%20b/%C3%A4?c=%20d HTTP/1.1\r\n" + HOST
POST = b"POST / HTTP/1.1\r\n" + HOST
CHUNKED = POST + b"Transfer-Encoding: chunked\r\n\r\n"
UPGRADE = b"Connection: Upgrade\r\nUpgrade: "

REQUESTS: dict[str, list[bytes]] = {
    "get": [GET + b"\r\n"],
    "get and close": [GET + CLOSE + b"\r\n"],
    "head": [b"HEAD / HTTP/1.1\r\n" + HOST + b"\r\n"],
    "options": [b"OPTIONS * HTTP/1.1\r\n" + HOST + b"\r\n"],
    "connect": [b"CONNECT a:80 HTTP/1.1\r\n" + HOST + b"\r\n"],
    "whole address": [b"GET http://u@b:1/c?d#e HTTP/1.1\r\n" + HOST + b"\r\n"],
    "whole address without a path": [b"GET http://b HTTP/1.1\r\n" + HOST + b"\r\n"],
    "two slashes": [b"GET //b/c?d?e=? HTTP/1.1\r\n" + HOST + b"\r\n"],
    "fragment": [b"GET /b?c#d?e HTTP/1.1\r\n" + HOST + b"\r\n"],
    "empty query": [b"GET /? HTTP/1.1\r\n" + HOST + b"\r\n"],
    "questions": [b"GET /??a HTTP/1.1\r\n" + HOST + b"\r\n"],
    "old": [b"GET / HTTP/1.0\r\n" + HOST + b"\r\n"],
    "old, to be kept": [b"GET / HTTP/1.0\r\n" + HOST + b"Connection: keep-alive\r\n\r\n"],
    "no http": [b"hello\r\n\r\n"],
    "strange method": [b"BREW / HTTP/1.1\r\n" + HOST + b"\r\n"],
    "cut": [GET[:9], GET[9:20], GET[20:] + b"\r", b"\n"],
    "one after the other": [GET + b"\r\n", POST + b"Content-Length: 3\r\n\r\nabc", GET + CLOSE + b"\r\n"],
    "pipelined": [GET + b"\r\n" + POST + b"Content-Length: 3\r\n\r\nabc" + GET + b"\r\n"],
    "pipelined, old at the end": [GET + b"\r\n" + b"GET / HTTP/1.0\r\n" + HOST + b"\r\n"],
    "pipelined after a close": [GET + CLOSE + b"\r\n" + GET + b"\r\n"],
    "post": [POST + b"Content-Length: 3\r\n\r\nabc"],
    "post in pieces": [POST + b"Content-Length: 6\r\n\r\na", b"bc", b"def"],
    "post in chunks": [CHUNKED + b"3\r\nabc\r\n", b"2\r\nde\r\n1\r\nf\r\n", b"0\r\n\r\n"],
    "trailers": [CHUNKED + b"3\r\nabc\r\n0\r\nX-Trailer: 1\r\nUpgrade: websocket\r\n\r\n" + GET + b"\r\n"],
    "broken chunk": [CHUNKED + b"3\r\nabc\r\n", b"z\r\n"],
    "expects": [POST + b"Expect: 100-Continue\r\nContent-Length: 3\r\n\r\n", b"abc"],
    "expects, at once": [POST + b"Expect: 100-continue\r\nContent-Length: 3\r\n\r\nabc"],
    "websocket": [GET + UPGRADE + b"websocket\r\nSec-WebSocket-Version: 13\r\n\r\n"],
    "websocket that opens": [
        GET
        + UPGRADE
        + b"websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: "
        + b"A" * 22
        + b"==\r\n\r\n"
    ],
    "other upgrade": [GET + UPGRADE + b"h2c\r\n\r\n"],
    "half an upgrade": [GET + b"Upgrade: websocket\r\n\r\n"],
}


@pytest.mark.parametrize("name", APPS)
async def test_every_request_is_answered_as_by_uvicorn(name: str) -> None:
    # Which comes first is chance where both the request and the answer take their time.
    asked = {key: pieces for key, pieces in REQUESTS.items() if name != "slow stream" or len(pieces) == 1}
    requests = list(asked.values())
    theirs, ours = await asyncio.gather(
        answers(APPS[name], HttpToolsProtocol, requests), answers(APPS[name], BoundedProtocol, requests)
    )
    for request, their, our in zip(asked, theirs, ours, strict=True):
        assert our == their, request


@pytest.mark.parametrize("name", ["plain", "echo", "echo as it comes", "waits for the end"])
async def test_a_large_request_is_answered_as_by_uvicorn(name: str) -> None:
    # How it is cut differs, and only those who read it to the end are sure to be heard.
    sent = [POST + b"Content-Length: %d\r\n\r\n" % len(LARGE) + LARGE]
    theirs, ours = await asyncio.gather(
        answers(APPS[name], HttpToolsProtocol, [sent]), answers(APPS[name], BoundedProtocol, [sent])
    )
    # Said in two lines, since to show how texts of this size differ takes minutes.
    alike = content(ours[0].data) == content(theirs[0].data)
    assert alike


def content(answer: bytes) -> bytes:
    """An answer without the sizes of its chunks, which begin wherever the request was cut."""
    head, _, rest = answer.partition(b"\r\n\r\n")
    if b"transfer-encoding: chunked" not in head.lower():
        return answer
    joined = head
    while rest:
        size, _, rest = rest.partition(b"\r\n")
        joined += rest[: int(size, 16)]
        rest = rest[int(size, 16) + 2 :]
    return joined


def test_the_content_of_an_answer_is_the_same_however_it_was_cut() -> None:
    head = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n"
    cut = head + b"3\r\nabc\r\n5\r\ndefgh\r\n0\r\n\r\n"
    assert content(cut) == content(head + b"8\r\nabcdefgh\r\n0\r\n\r\n")


async def reflect(scope: Scope, receive: Receive, send: Send) -> None:
    """Tells the path and the query as they came."""
    said = repr((scope["path"], scope["raw_path"], scope["query_string"])).encode()
    await send(start(headers=[(b"content-length", b"%d" % len(said))]))
    await send(body(said))


async def test_every_byte_in_a_target_means_what_it_means_to_uvicorn() -> None:
    for half in (range(128), range(128, 256)):
        sent = [bytes([byte]).join([b"GET /a", b"b?c", b" HTTP/1.1\r\n"]) + HOST + b"\r\n" for byte in half]
        theirs, ours = await asyncio.gather(
            answers(reflect, HttpToolsProtocol, [[each] for each in sent]),
            answers(reflect, BoundedProtocol, [[each] for each in sent]),
        )
        assert ours == theirs


async def bear(scope: Scope, receive: Receive, send: Send) -> None:
    """Answers with a header that has a byte in its name or its value."""
    place, _, number = scope["path"][1:].partition("/")
    odd = b"a" + bytes([int(number)]) + b"b"
    await send(start(headers=[(odd, b"a") if place == "name" else (b"a", odd), *LENGTH]))
    await send(body())


@pytest.mark.parametrize("place", [b"name", b"value"])
async def test_every_byte_in_a_header_is_refused_as_by_uvicorn(place: bytes) -> None:
    for half in (range(128), range(128, 256)):
        sent = [[b"GET /%s/%d HTTP/1.1\r\n" % (place, byte) + HOST + b"\r\n"] for byte in half]
        theirs, ours = await asyncio.gather(
            answers(bear, HttpToolsProtocol, sent), answers(bear, BoundedProtocol, sent)
        )
        assert ours == theirs
