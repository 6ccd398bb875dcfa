"""Sends one request as exact bytes over one connection and reads the raw answer."""

import asyncio
import zlib

import brotli

from compat_rest.parity.messages import Answer, Headers, Request

MAX_HEAD = 1024 * 1024
MAX_BODY = 64 * 1024 * 1024


class NoAnswer(Exception):
    """Nothing that could be read as an HTTP answer came back; the message says what came instead."""


def render(request: Request) -> bytes:
    """The bytes of a request."""
    lines = [request.line, *(f"{name}: {value}" for name, value in request.headers)]
    return b"".join(_encode(line) + b"\r\n" for line in lines) + b"\r\n" + request.body


def _encode(text: str) -> bytes:
    try:
        return text.encode("latin-1")
    except UnicodeEncodeError:
        return text.encode()


async def send(host: str, port: int, request: Request, *, timeout: float = 30.0) -> Answer:
    """The answer to a request sent over a connection of its own; raises NoAnswer."""
    try:
        async with asyncio.timeout(timeout):
            reader, writer = await asyncio.open_connection(host, port, limit=MAX_HEAD)
            try:
                return await _exchange(reader, writer, request)
            finally:
                # An old server may sit on the connection; closing must not wait for it.
                writer.transport.abort()
    except TimeoutError as error:
        raise NoAnswer(f"no answer within {timeout:g} s") from error
    except (OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError, ValueError) as error:
        raise NoAnswer(f"{type(error).__name__}: {error}") from error


async def _exchange(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, request: Request) -> Answer:
    # Written beside reading: a server may refuse a large body before it has read all of it.
    writing = asyncio.create_task(_write(writer, render(request)))
    try:
        status, headers = await _head(reader)
        while 100 <= status < 200 and status != 101:
            status, headers = await _head(reader)
        bodiless = request.method == "HEAD" or status in (101, 204, 304)
        body = b"" if bodiless else await _body(reader, headers)
    finally:
        writing.cancel()
        await asyncio.gather(writing, return_exceptions=True)
    return Answer(status, headers, _decoded(body, headers))


async def _write(writer: asyncio.StreamWriter, data: bytes) -> None:
    try:
        writer.write(data)
        await writer.drain()
    except ConnectionError:
        # The answer, if there is one, stands in the receive buffer.
        return


async def _head(reader: asyncio.StreamReader) -> tuple[int, Headers]:
    lines = (await reader.readuntil(b"\r\n\r\n"))[:-4].decode("latin-1").split("\r\n")
    version, _, rest = lines[0].partition(" ")
    if not version.startswith("HTTP/") or not rest[:3].isdigit():
        raise ValueError(f"the first line is {lines[0]!r}")
    pairs = (line.partition(":") for line in lines[1:])
    return int(rest[:3]), tuple((name, value.strip(" \t")) for name, _, value in pairs)


def _find(headers: Headers, name: str) -> str | None:
    return next((value for key, value in headers if key.lower() == name), None)


async def _body(reader: asyncio.StreamReader, headers: Headers) -> bytes:
    if (_find(headers, "transfer-encoding") or "").lower() == "chunked":
        return await _chunks(reader)
    length = _find(headers, "content-length")
    if length is None:
        return await _rest(reader)
    if int(length) > MAX_BODY:
        raise ValueError(f"the body has {length} bytes")
    return await reader.readexactly(int(length))


async def _rest(reader: asyncio.StreamReader) -> bytes:
    read = bytearray()
    while piece := await reader.read(65536):
        read += piece
        if len(read) > MAX_BODY:
            raise ValueError(f"the body has more than {MAX_BODY} bytes")
    return bytes(read)


async def _chunks(reader: asyncio.StreamReader) -> bytes:
    read = bytearray()
    while size := int((await reader.readuntil(b"\r\n")).split(b";")[0], 16):
        if len(read) + size > MAX_BODY:
            raise ValueError(f"the body has more than {MAX_BODY} bytes")
        read += await reader.readexactly(size)
        await reader.readexactly(2)
    while await reader.readuntil(b"\r\n") != b"\r\n":
        pass
    return bytes(read)


def _decoded(body: bytes, headers: Headers) -> bytes:
    # Recordings keep compressed answers decoded: compressed bytes depend on the zlib version.
    encoding = (_find(headers, "content-encoding") or "").lower()
    if not body or encoding not in ("gzip", "deflate", "br"):
        return body
    try:
        return bytes(brotli.decompress(body)) if encoding == "br" else zlib.decompress(body, wbits=47)
    except (zlib.error, brotli.error) as error:
        raise ValueError(f"the {encoding} body cannot be decompressed: {error}") from error
