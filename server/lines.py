"""Where log lines go out: gathered for one turn of the event loop, because each write is a system call."""

import asyncio
import logging
from contextlib import suppress
from threading import RLock
from typing import IO

# What a pipe takes in one piece; several workers may write to the same one.
PIECE = 4096


class Lines(logging.Handler):
    """Writes records at once, and lines that can wait with the others of their turn of the event loop.

    Outside of an event loop, and on a stream that is no file, nothing waits.
    """

    def __init__(self, stream: IO[str]) -> None:
        super().__init__()
        self.stream = stream
        self.gathering = is_file(stream)
        self._gate = RLock()
        self._waiting: list[str] = []
        self._loop: asyncio.AbstractEventLoop | None = None

    def emit(self, record: logging.LogRecord) -> None:
        """Writes a record in the handler's form, after what waits; so nothing waits when a server ends."""
        try:
            self.add(f"{self.format(record)}\n", urgent=True)
        except Exception:
            self.handleError(record)

    def add(self, line: str, *, urgent: bool) -> None:
        """Writes a line, with its end, now or when the loop turns."""
        with self._gate:
            self._waiting.append(line)
            if self.gathering and not urgent and self._will_turn():
                return
            self.flush()

    def _will_turn(self) -> bool:
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            return False
        if self._loop is not loop:
            self._loop = loop
            loop.call_soon(self.flush)
        return True

    def flush(self) -> None:
        """Writes what waits, as logging does when the process ends; a stream that is gone takes nothing."""
        with self._gate, suppress(OSError, ValueError):
            self._loop = None
            waiting, self._waiting = self._waiting, []
            for piece in pieces(waiting):
                self.stream.write(piece)
                self.stream.flush()


def pieces(lines: list[str]) -> list[str]:
    """Whole lines put together, no piece larger than a pipe takes at once unless one line is."""
    found = [""]
    for line in lines:
        if found[-1] and len(found[-1]) + len(line) > PIECE:
            found.append("")
        found[-1] += line
    return [piece for piece in found if piece]


def is_file(stream: IO[str]) -> bool:
    """Whether writing to a stream is a system call."""
    try:
        stream.fileno()
    except (OSError, AttributeError):
        return False
    return True
