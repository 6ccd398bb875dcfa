"""A pipe joins what is fed to it, waits for its reader, and ends as it is told."""

import asyncio

import pytest

from models.pipes import Pipe


async def test_what_is_fed_comes_out_joined() -> None:
    pipe = Pipe(4)

    async def read() -> list[bytes]:
        return [piece async for piece in pipe]

    reader = asyncio.ensure_future(read())
    for data in (b"a", b"bcd", b"efghij", b"k"):
        await pipe.put(data, reader)
    pipe.end()
    assert await reader == [b"abcd", b"efghij", b"k"]


async def test_who_feeds_waits_for_who_reads() -> None:
    pipe = Pipe(1)
    reader: asyncio.Future[None] = asyncio.get_running_loop().create_future()
    await pipe.put(b"a", reader)
    second = asyncio.ensure_future(pipe.put(b"b", reader))
    await asyncio.sleep(0.01)
    assert not second.done()
    assert await anext(pipe) == b"a"
    await second
    third = asyncio.ensure_future(pipe.put(b"c", reader))
    await asyncio.sleep(0.01)
    reader.set_exception(ConnectionError("nobody reads"))
    with pytest.raises(ConnectionError):
        await third


async def test_a_failure_comes_before_what_is_left() -> None:
    pipe = Pipe(1)
    reader: asyncio.Future[None] = asyncio.get_running_loop().create_future()
    await pipe.put(b"a", reader)
    pipe.fail(ConnectionError("cut"))
    with pytest.raises(ConnectionError):
        await anext(pipe)
