"""The head of a request is bounded, however it comes."""

import asyncio
from collections.abc import AsyncIterator

import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from server.protocol import MAX_HEAD_BYTES
from server.web import OPTIONS


async def hello(request: Request) -> PlainTextResponse:
    return PlainTextResponse(str(len(request.headers.get("x-long", "")) + len(await request.body())))


async def query(request: Request) -> PlainTextResponse:
    return PlainTextResponse(f"{request.scope['query_string']!r} {request.scope.get('empty_query', False)}")


@pytest.fixture
async def port() -> AsyncIterator[int]:
    routes = [Route("/", hello, methods=["GET", "POST"]), Route("/query", query)]
    server = uvicorn.Server(uvicorn.Config(Starlette(routes=routes), port=0, **OPTIONS))
    task = asyncio.create_task(server.serve())
    while not server.started:
        await asyncio.sleep(0.01)
    yield server.servers[0].sockets[0].getsockname()[1]
    server.should_exit = True
    await task


async def asked(port: int, *pieces: bytes) -> bytes:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        for piece in pieces:
            writer.write(piece)
            await writer.drain()
            await asyncio.sleep(0)
        return await asyncio.wait_for(reader.read(), 5)
    except ConnectionError:
        return b""
    finally:
        writer.close()


def head(size: int) -> bytes:
    return b"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nX-Long: " + b"a" * size + b"\r\n\r\n"


async def test_a_long_head_within_the_bound_is_answered(port: int) -> None:
    answer = await asked(port, head(60_000)[:30_000], head(60_000)[30_000:])
    assert answer.startswith(b"HTTP/1.1 200 OK") and answer.endswith(b"60000")


async def test_a_head_beyond_the_bound_is_refused(port: int) -> None:
    answer = await asked(port, head(MAX_HEAD_BYTES))
    assert answer == b"" or answer.startswith(b"HTTP/1.1 400 Bad Request")


async def test_many_headers_beyond_the_bound_are_refused(port: int) -> None:
    many = b"".join(b"X-%d: %s\r\n" % (i, b"a" * 1000) for i in range(70))
    answer = await asked(port, b"GET / HTTP/1.1\r\nHost: a\r\n" + many + b"\r\n")
    assert answer == b"" or answer.startswith(b"HTTP/1.1 400 Bad Request")


async def test_a_header_that_does_not_end_is_refused(port: int) -> None:
    pieces = [b"GET / HTTP/1.1\r\nX-Long: ", *[b"a" * 10_000] * 20]
    answer = await asked(port, *pieces)
    assert answer == b"" or answer.startswith(b"HTTP/1.1 400 Bad Request")


async def test_a_long_target_is_refused(port: int) -> None:
    answer = await asked(port, b"GET /" + b"a" * MAX_HEAD_BYTES + b" HTTP/1.1\r\nHost: a\r\n\r\n")
    assert answer == b"" or answer.startswith(b"HTTP/1.1 400 Bad Request")


async def test_the_bound_is_of_each_request_on_a_connection(port: int) -> None:
    kept = head(30_000).replace(b"Connection: close\r\n", b"")
    answer = await asked(port, kept, kept, kept, head(10))
    assert answer.count(b"HTTP/1.1 200 OK") == 4


@pytest.mark.parametrize("cut", [1, 1_000, 40_000, 65_535, 65_536, 70_000])
@pytest.mark.parametrize(("beyond", "refused"), [(-20, False), (0, False), (1, True), (5_000, True)])
async def test_the_bound_is_exact_however_a_head_is_cut(
    port: int, cut: int, beyond: int, refused: bool
) -> None:
    around = len(b"/") + len(b"HostaConnectioncloseX-Long")
    sent = head(MAX_HEAD_BYTES - around + beyond)
    answer = await asked(port, sent[:cut], sent[cut:])
    if refused:
        assert answer == b"" or answer.startswith(b"HTTP/1.1 400 Bad Request")
    else:
        assert answer.startswith(b"HTTP/1.1 200 OK")


async def test_a_large_body_beside_its_head_is_no_part_of_it(port: int) -> None:
    body = b"b" * 300_000
    sent = b"POST / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: 300000\r\n\r\n" + body
    answer = await asked(port, sent)
    assert answer.startswith(b"HTTP/1.1 200 OK") and answer.endswith(b"300000")


async def test_many_requests_in_one_piece_are_answered(port: int) -> None:
    kept = b"GET / HTTP/1.1\r\nHost: a\r\nX-Long: " + b"a" * 900 + b"\r\n\r\n"
    answer = await asked(port, kept * 150 + head(10))
    assert answer.count(b"HTTP/1.1 200 OK") == 151


@pytest.mark.parametrize(
    ("target", "said"),
    [
        ("/query", b"b'' False"),
        ("/query?", b"b'' True"),
        ("/query?a", b"b'a' False"),
        ("/query??", b"b'?' False"),
    ],
)
async def test_an_empty_query_is_told_from_none(target: str, said: bytes, port: int) -> None:
    sent = f"GET {target} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
    assert (await asked(port, sent.encode())).rpartition(b"\r\n\r\n")[2] == said
