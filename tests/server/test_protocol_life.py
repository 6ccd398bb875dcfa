"""Connections that live for long: kept, streamed to, slow, gone, and on their way when the server ends."""

import asyncio
import logging
import time
from typing import Any

import pytest
import uvicorn
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.server import ServerState

from server import cycle
from server.protocol import BoundedProtocol
from server.web import OPTIONS
from tests.server.test_protocol_bytes import (
    CLOSE,
    GET,
    LENGTH,
    POST,
    Protocol,
    body,
    port_of,
    saying,
    serving,
    start,
)

PROTOCOLS = pytest.mark.parametrize("protocol", [HttpToolsProtocol, BoundedProtocol])
HELLO = saying(start(headers=LENGTH), body())


async def connect(server: uvicorn.Server) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    return await asyncio.open_connection("127.0.0.1", port_of(server), limit=2**16)


class Written(asyncio.Transport):
    """A connection that leads nowhere, and notes each write."""

    def __init__(self) -> None:
        super().__init__({"peername": ("127.0.0.1", 1), "sockname": ("127.0.0.1", 2)})
        self.writes: list[bytes] = []
        self.closed = False

    def set_protocol(self, protocol: asyncio.BaseProtocol) -> None:
        self.protocol = protocol

    def get_protocol(self) -> asyncio.BaseProtocol:
        return self.protocol

    def write(self, data: Any) -> None:
        self.writes.append(bytes(data))

    def is_closing(self) -> bool:
        return self.closed

    def close(self) -> None:
        self.closed = True


def connected(app: ASGIApp) -> tuple[BoundedProtocol, Written]:
    config = uvicorn.Config(app, **OPTIONS)
    config.load()
    connection, transport = BoundedProtocol(config, ServerState(), {}), Written()
    connection.connection_made(transport)
    transport.set_protocol(connection)
    return connection, transport


async def test_head_and_body_are_written_at_once() -> None:
    connection, transport = connected(HELLO)
    connection.data_received(GET + b"\r\n")
    await asyncio.sleep(0)
    assert transport.writes == [b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhello"]
    connection.connection_lost(None)


async def test_made_up_names_of_headers_are_not_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cycle, "MAX_BEGINNINGS", 0)
    connection, transport = connected(saying(start(headers=[(b"X-Made-Up", b"a"), *LENGTH]), body()))
    connection.data_received(GET + b"\r\n")
    await asyncio.sleep(0)
    assert transport.writes == [b"HTTP/1.1 200 OK\r\nx-made-up: a\r\ncontent-length: 5\r\n\r\nhello"]
    assert b"X-Made-Up" not in cycle.BEGINNINGS
    connection.connection_lost(None)


async def test_nothing_is_written_to_who_is_gone() -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await send(start(headers=LENGTH))
        await asyncio.sleep(0)
        raise ValueError("after the client is gone")

    connection, transport = connected(app)
    connection.data_received(GET + b"\r\n")
    await asyncio.sleep(0)
    connection.connection_lost(None)
    await asyncio.sleep(0.01)
    assert transport.writes == [] and not connection.tasks


async def test_what_follows_a_refused_piece_is_not_read() -> None:
    connection, transport = connected(HELLO)
    connection.data_received(b"GET / HTTP/1.1\r\nX-Long: " + b"a" * 200_000)
    assert transport.closed and len(transport.writes) == 1
    assert transport.writes[0].startswith(b"HTTP/1.1 400 ")
    connection.connection_lost(None)


@PROTOCOLS
async def test_an_empty_first_piece_brings_the_head(protocol: Protocol) -> None:
    go_on = asyncio.Event()

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await send(start(headers=LENGTH))
        await send(body(b"", more_body=True))
        await go_on.wait()
        await send(body())

    async with serving(app, protocol) as server:
        reader, writer = await connect(server)
        writer.write(GET + CLOSE + b"\r\n")
        head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 5)
        assert head.startswith(b"HTTP/1.1 200 OK\r\n")
        go_on.set()
        assert await reader.read() == b"hello"
        writer.close()


@PROTOCOLS
async def test_a_head_does_not_wait_for_what_the_client_sends(protocol: Protocol) -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await send(start(headers=LENGTH))
        message = await receive()
        await send(body(message["body"]))

    async with serving(app, protocol) as server:
        reader, writer = await connect(server)
        writer.write(POST + b"Content-Length: 5\r\n\r\n")
        await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 5)
        writer.write(b"later")
        assert await asyncio.wait_for(reader.readexactly(5), 5) == b"later"
        writer.close()


@PROTOCOLS
async def test_a_slow_client_slows_the_application(protocol: Protocol) -> None:
    sent = 0

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        nonlocal sent
        await send(start())
        for _ in range(300):
            await send(body(b"x" * 100_000, more_body=True))
            sent += 1
        await send(body(b""))

    async with serving(app, protocol) as server:
        reader, writer = await connect(server)
        writer.write(GET + CLOSE + b"\r\n")
        await asyncio.sleep(0.3)
        assert 0 < sent < 300
        assert len(await reader.read()) > 30_000_000
        assert sent == 300
        writer.close()


@PROTOCOLS
async def test_a_slow_application_slows_the_client(protocol: Protocol) -> None:
    go_on, sizes = asyncio.Event(), list[int]()

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await go_on.wait()
        more = True
        while more:
            message = await receive()
            more = message["more_body"]
            sizes.append(len(message["body"]))
        await send(start(headers=LENGTH))
        await send(body())

    async with serving(app, protocol) as server:
        reader, writer = await connect(server)
        writer.write(POST + CLOSE + b"Content-Length: 20000000\r\n\r\n" + b"x" * 20_000_000)
        await asyncio.sleep(0.2)
        go_on.set()
        assert (await reader.read()).endswith(b"hello")
        assert sum(sizes) == 20_000_000 and max(sizes) < 1_000_000
        writer.close()


@PROTOCOLS
@pytest.mark.parametrize("pipelined", [0, 2])
async def test_an_application_learns_that_its_client_is_gone(protocol: Protocol, pipelined: int) -> None:
    if pipelined and protocol is HttpToolsProtocol:
        pytest.skip("uvicorn tells only the last request of those that came in a row")
    received: list[Message] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        received.append(await receive())
        received.append(await receive())
        # Nobody hears it, and nobody minds.
        await send(start())

    async with serving(app, protocol) as server:
        _, writer = await connect(server)
        writer.write((GET + b"\r\n") * (1 + pipelined))
        await asyncio.sleep(0.1)
        assert len(received) == 1
        writer.close()
        await asyncio.sleep(0.1)
        assert received[1:] == [{"type": "http.disconnect"}]
        assert not server.server_state.tasks and not server.server_state.connections


@PROTOCOLS
async def test_who_asks_and_gives_up_asks_again(protocol: Protocol) -> None:
    received: list[Message] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        for _ in range(3):
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(receive(), 0.01)
        received.extend(await asyncio.gather(receive(), receive()))
        await send(start(headers=LENGTH))
        await send(body())

    async with serving(app, protocol) as server:
        reader, writer = await connect(server)
        writer.write(POST + CLOSE + b"Content-Length: 3\r\n\r\n")
        await asyncio.sleep(0.1)
        writer.write(b"abc")
        assert (await reader.read()).endswith(b"hello")
        assert [each["body"] for each in received] == [b"abc", b""]
        writer.close()


@PROTOCOLS
async def test_a_kept_connection_is_closed_when_it_has_been_idle(protocol: Protocol) -> None:
    async with serving(HELLO, protocol, timeout_keep_alive=1) as server:
        reader, writer = await connect(server)
        for _ in range(4):
            writer.write(GET + b"\r\n")
            await reader.readuntil(b"hello")
            last = time.monotonic()
            await asyncio.sleep(0.4)
        assert await asyncio.wait_for(reader.read(), 5) == b""
        assert 0.95 < time.monotonic() - last < 1.5
        writer.close()


@PROTOCOLS
async def test_a_request_is_not_cut_short_by_an_idle_time_before_it(
    protocol: Protocol,
) -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await asyncio.sleep(1.5 if scope["path"] == "/slow" else 0)
        await send(start(headers=LENGTH))
        await send(body())

    async with serving(app, protocol, timeout_keep_alive=1) as server:
        reader, writer = await connect(server)
        writer.write(GET + b"\r\n")
        await reader.readuntil(b"hello")
        await asyncio.sleep(0.5)
        writer.write(b"GET /slow HTTP/1.1\r\n\r\n")
        await asyncio.wait_for(reader.readuntil(b"hello"), 5)
        last = time.monotonic()
        assert await asyncio.wait_for(reader.read(), 5) == b""
        assert 0.95 < time.monotonic() - last < 1.5
        writer.close()


@PROTOCOLS
async def test_a_server_that_ends_answers_what_it_was_asked(protocol: Protocol) -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await asyncio.sleep(0.3)
        await send(start(headers=LENGTH))
        await send(body())

    async with serving(app, protocol) as server:
        reader, writer = await connect(server)
        idle, idle_writer = await connect(server)
        writer.write(GET + b"\r\n")
        await asyncio.sleep(0.1)
        assert len(server.server_state.tasks) == 1
        server.should_exit = True
        assert await asyncio.wait_for(idle.read(), 5) == b""
        answer = await asyncio.wait_for(reader.read(), 5)
        assert b"connection: close\r\n" in answer and answer.endswith(b"hello")
        assert not server.server_state.tasks
        writer.close()
        idle_writer.close()


@PROTOCOLS
async def test_a_server_that_ends_waits_no_longer_than_it_was_told(protocol: Protocol) -> None:
    ended: list[bool] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await send(start(headers=LENGTH))
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            ended.append(True)
            raise

    async with serving(app, protocol, timeout_graceful_shutdown=1) as server:
        reader, writer = await connect(server)
        writer.write(GET + b"\r\n")
        await asyncio.sleep(0.1)
        server.should_exit = True
        assert (await asyncio.wait_for(reader.read(), 5)).endswith(b"content-length: 5\r\n\r\n")
        writer.close()
    await asyncio.sleep(0)
    assert ended == [True] and not server.server_state.tasks


@PROTOCOLS
@pytest.mark.parametrize(("limit", "status"), [(1, b"503"), (2, b"200")])
async def test_too_much_at_a_time_is_refused(protocol: Protocol, limit: int, status: bytes) -> None:
    async with serving(HELLO, protocol, limit_concurrency=limit) as server:
        reader, writer = await connect(server)
        writer.write(GET + CLOSE + b"\r\n")
        answer = await asyncio.wait_for(reader.read(), 5)
        assert answer.split()[1] == status
        writer.close()


@PROTOCOLS
async def test_uvicorns_own_log_is_written_where_it_is_wanted(
    protocol: Protocol, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The server writes its own lines instead, and a test of this process may have run it.
    monkeypatch.setattr(logging.getLogger("uvicorn.access"), "disabled", False)
    async with serving(HELLO, protocol, access_log=True, root_path="/old", reset_contextvars=True) as server:
        caplog.set_level("INFO", "uvicorn.access")
        reader, writer = await connect(server)
        writer.write(GET + CLOSE + b"\r\n")
        assert (await reader.read()).endswith(b"hello")
        writer.close()
    said = [record.getMessage() for record in caplog.records if record.name == "uvicorn.access"]
    assert [line.partition(" - ")[2] for line in said] == ['"GET /old/a%20b/%C3%A4?c=%20d HTTP/1.1" 200']
