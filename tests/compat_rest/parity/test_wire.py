"""Exact bytes go out, and whatever a server sends back is read or named."""

import asyncio
import gzip
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import brotli
import pytest

from compat_rest.parity.messages import Request
from compat_rest.parity.wire import NoAnswer, render, send
from tests.compat_rest.parity.stories import request


@asynccontextmanager
async def saying(*parts: bytes, wait: float = 0.0) -> AsyncIterator[int]:
    """The port of a server that says these bytes to everybody and hangs up."""

    async def answered(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1)
        for part in parts:
            writer.write(part)
            await writer.drain()
            await asyncio.sleep(wait)
        writer.close()

    server = await asyncio.start_server(answered, "127.0.0.1", 0)
    async with server:
        yield server.sockets[0].getsockname()[1]


GET = request("GET /")
OK = b"HTTP/1.1 200 OK\r\n"


def test_a_request_is_rendered_as_it_was_sent() -> None:
    made = Request(
        "get  /a%20b HTTP/1.0", (("HOST", "x"), ("cookie", "session=ÿþ"), ("X-你", "")), b"\x00\xff"
    )
    assert render(made) == (
        b"get  /a%20b HTTP/1.0\r\nHOST: x\r\ncookie: session=\xff\xfe\r\n"
        + "X-你: \r\n\r\n".encode()
        + b"\x00\xff"
    )


@pytest.mark.parametrize(
    ("said", "body"),
    [
        ([OK, b"Content-Length: 5\r\n\r\nhe", b"llo and more"], b"hello"),
        ([OK, b"\r\nuntil the end"], b"until the end"),
        (
            [OK, b"Transfer-Encoding: chunked\r\n\r\n3;x=y\r\nabc\r\nA\r\n0123456789\r\n0\r\nX: y\r\n\r\n"],
            b"abc0123456789",
        ),
        ([b"HTTP/1.1 100 Continue\r\n\r\n", OK, b"content-length: 1\r\n\r\nx"], b"x"),
        ([OK, b"Content-Encoding: gzip\r\n\r\n", gzip.compress(b"small")], b"small"),
        ([OK, b"Content-Encoding: br\r\n\r\n", brotli.compress(b"smaller")], b"smaller"),
        ([OK, b"Content-Encoding: zstd\r\n\r\n", b"unknown"], b"unknown"),
        ([b"HTTP/1.1 204 No Content\r\nContent-Length: 9\r\n\r\n"], b""),
    ],
)
async def test_an_answer_is_read_in_every_framing(said: list[bytes], body: bytes) -> None:
    async with saying(*said, wait=0.01) as port:
        assert (await send("127.0.0.1", port, GET)).body == body


async def test_headers_keep_order_and_case() -> None:
    async with saying(OK + b"X-b: 1\r\nx-A:  2 \r\nX-b: \xe9\r\nContent-Length: 0\r\n\r\n") as port:
        given = await send("127.0.0.1", port, GET)
    assert given.headers == (("X-b", "1"), ("x-A", "2"), ("X-b", "é"), ("Content-Length", "0"))
    assert given.values("x-B") == ["1", "é"]


async def test_the_answer_to_head_has_no_body() -> None:
    async with saying(OK + b"Content-Length: 10\r\n\r\n") as port:
        assert (await send("127.0.0.1", port, request("HEAD /"))).body == b""


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ([], "IncompleteReadError"),
        ([b"SSH-2.0\r\n\r\n"], "the first line is 'SSH-2.0'"),
        ([b"HTTP/1.1 OK\r\n\r\n"], "the first line is"),
        ([OK + b"Content-Length: 9\r\n\r\nshort"], "IncompleteReadError"),
        ([OK + b"Content-Length: 99999999999\r\n\r\n"], "the body has 99999999999 bytes"),
        ([OK + b"Transfer-Encoding: chunked\r\n\r\nfffffffff\r\n"], "the body has more than"),
        ([OK + b"Transfer-Encoding: chunked\r\n\r\nxyz\r\n"], "ValueError"),
        ([OK + b"Content-Encoding: gzip\r\n\r\nplain"], "the gzip body cannot be decompressed"),
        ([OK + b"X: " + b"y" * 2**21], "LimitOverrunError"),
    ],
)
async def test_what_is_no_answer_is_named(said: list[bytes], why: str) -> None:
    async with saying(*said) as port:
        with pytest.raises(NoAnswer, match=why):
            await send("127.0.0.1", port, GET)


async def test_an_endless_body_is_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("compat_rest.parity.wire.MAX_BODY", 100)
    async with saying(OK + b"\r\n", b"x" * 200) as port:
        with pytest.raises(NoAnswer, match="more than 100 bytes"):
            await send("127.0.0.1", port, GET)


async def test_waiting_has_an_end() -> None:
    async with saying(b"", wait=5) as port:
        with pytest.raises(NoAnswer, match="no answer within 0.05 s"):
            await send("127.0.0.1", port, GET, timeout=0.05)


async def test_a_closed_port_is_no_answer() -> None:
    async with saying(OK) as port:
        pass
    with pytest.raises(NoAnswer, match="ConnectionRefusedError"):
        await send("127.0.0.1", port, GET)


async def test_a_server_may_refuse_a_large_body_before_it_has_read_it() -> None:
    big = Request("POST / HTTP/1.1", (("Host", "x"), ("Content-Length", "20000000")), b"x" * 20_000_000)
    async with saying(b"HTTP/1.1 413 Too Large\r\nContent-Length: 2\r\n\r\nno", wait=0.2) as port:
        given = await send("127.0.0.1", port, big)
    assert (given.status, given.body) == (413, b"no")
