"""Bytes on their way from one task to another, of which only some may be waiting."""

import asyncio
from collections import deque
from typing import Any, Self


class Pipe:
    """An iterator that is fed; whoever feeds it waits for whoever reads it."""

    def __init__(self, piece: int) -> None:
        # Smaller chunks are joined to pieces of about this size, since each costs its reader about the same.
        self._piece = piece
        self._open = bytearray()
        self._ready: deque[bytes] = deque()
        self._ended = False
        self._error: BaseException | None = None
        self._news = asyncio.Event()
        self._room = asyncio.Event()

    async def put(self, data: bytes, reader: "asyncio.Future[Any]") -> None:
        """Feeds more; raises what the reader has ended with, if it has."""
        self._open += data
        if len(self._open) < self._piece:
            return
        self._ready.append(bytes(self._open))
        self._open.clear()
        self._news.set()
        while len(self._ready) > 1 and not reader.done():
            self._room.clear()
            await first_of(self._room, reader)
        if reader.done():
            reader.result()

    def end(self) -> None:
        """There is no more."""
        if self._open:
            self._ready.append(bytes(self._open))
            self._open.clear()
        self._ended = True
        self._news.set()

    def fail(self, error: BaseException) -> None:
        """Its reader meets an error in the place of what is missing."""
        self._error = error
        self._news.set()

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> bytes:
        while not self._ready:
            if self._error is not None:
                raise self._error
            if self._ended:
                raise StopAsyncIteration
            self._news.clear()
            await self._news.wait()
        if self._error is not None:
            raise self._error
        self._room.set()
        return self._ready.popleft()


async def first_of(room: asyncio.Event, reader: "asyncio.Future[Any]") -> None:
    """Returns when there is room, or when nobody reads any more."""
    waiting = asyncio.ensure_future(room.wait())
    try:
        await asyncio.wait({waiting, reader}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        waiting.cancel()
