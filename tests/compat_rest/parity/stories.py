"""Recordings made up for tests, and a server that answers as it is told."""

import asyncio
import base64
import gzip
import json
import zlib
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import brotli

from compat_rest.parity.har import Recording, read
from compat_rest.parity.messages import Answer, Request
from compat_rest.parity.replay import Contract, Results, mended, replay

BEGAN = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
Alter = Callable[[int, Answer], Answer]
COMPRESS: dict[str, Callable[[bytes], bytes]] = {
    "gzip": gzip.compress,
    "deflate": zlib.compress,
    "br": brotli.compress,
}


def answer(status: int, value: object, *headers: tuple[str, str]) -> Answer:
    """An answer as Flask writes JSON."""
    body = (json.dumps(value, sort_keys=True, separators=(",", ":")) + "\n").encode()
    fixed = (("Content-Type", "application/json"), ("Content-Length", str(len(body))))
    return Answer(status, (*fixed, *headers), body)


def request(line: str, *headers: tuple[str, str], body: str = "") -> Request:
    """A request to the made-up host."""
    length = (("Content-Length", str(len(body.encode()))),) if body else ()
    return Request(f"{line} HTTP/1.1", (("Host", "old.test"), *headers, *length), body.encode())


def entry(asked: Request, given: Answer, **extra: object) -> dict[str, Any]:
    """An entry of a HAR file."""
    post = {"postData": {"mimeType": "application/json", "text": asked.body.decode()}} if asked.body else {}
    return {
        "startedDateTime": BEGAN.isoformat(),
        "comment": "made up",
        "request": {
            "method": asked.method,
            "url": f"http://old.test{asked.target}",
            "httpVersion": "HTTP/1.1",
            "headers": named(asked.headers),
            "_requestLine": asked.line,
            **post,
        },
        "response": {
            "status": given.status,
            "headers": named(given.headers),
            "content": {"text": base64.b64encode(given.body).decode(), "encoding": "base64"},
        },
        **extra,
    }


def named(headers: Sequence[tuple[str, str]]) -> list[dict[str, str]]:
    return [{"name": name, "value": value} for name, value in headers]


def write(path: Path, entries: Sequence[dict[str, Any]], **log: object) -> Path:
    """A HAR file of these entries."""
    document = {"log": {"version": "1.2", "comment": "A made-up story.", "entries": list(entries), **log}}
    path.write_text(json.dumps(document))
    return path


def told(folder: Path, *steps: tuple[Request, Answer], again: Sequence[Answer] | None = None) -> Recording:
    """A recording of these steps; `again` is what a second run answered."""
    if again is not None:
        runs = zip(steps, again, strict=True)
        write(folder / "story.b.har", [entry(asked, second) for (asked, _), second in runs])
    return read(write(folder / "story.a.har", [entry(*step) for step in steps]))


def on_the_wire(given: Answer, method: str) -> bytes:
    """The bytes of an answer."""
    body = given.body
    if body:
        body = COMPRESS.get(given.header("content-encoding") or "", bytes)(body)
    chunked = given.header("transfer-encoding") == "chunked"
    headers = "".join(f"{name}: {value}\r\n" for name, value in given.headers)
    if chunked and body:
        body = f"{len(body):x};x=y\r\n".encode() + body + b"\r\n0\r\nTrailer: x\r\n\r\n"
    elif chunked:
        body = b"0\r\n\r\n"
    head = f"HTTP/1.1 {given.status} Word\r\n{headers}\r\n".encode("latin-1")
    return head if method == "HEAD" or given.status in (204, 304) else head + body


@dataclass
class Parrot:
    """A server that gives the answers it is told, one a connection, and keeps the requests it got."""

    answers: Callable[[Recording], Sequence[Answer]]
    got: list[bytes] = field(default_factory=list)

    @asynccontextmanager
    async def started(self, recording: Recording) -> AsyncIterator[tuple[str, int]]:
        """Its address, ready to answer from the first step."""
        warm = [Answer(204)] * sum(count for _, count in recording.warmup)
        queue: Iterator[Answer] = iter([*warm, *self.answers(recording)])

        async def answered(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            head = await reader.readuntil(b"\r\n\r\n")
            length = next(
                (
                    int(line[15:])
                    for line in head.split(b"\r\n")
                    if line.lower().startswith(b"content-length:")
                ),
                0,
            )
            self.got.append(head + await reader.readexactly(length))
            given = next(queue)
            if given.status:
                writer.write(on_the_wire(given, head.split(b" ", 1)[0].decode()))
                await writer.drain()
            writer.close()

        server = await asyncio.start_server(answered, "127.0.0.1", 0, limit=2**21)
        async with server:
            yield server.sockets[0].getsockname()[:2]


async def parroted(
    recording: Recording,
    alter: Alter = lambda index, given: given,
    contract: Contract | None = None,
    second: Recording | None = None,
    **options: Any,
) -> Results:
    """A replay against a server that repeats the second run, at the time of that run."""
    other = second or (read(recording.sibling) if recording.sibling else recording)
    clock = Clock([step.started for step in other.steps])
    return await replay(
        [recording],
        Parrot(lambda _: [alter(step.index, mended(step)) for step in other.steps]),
        lambda _: contract or Contract("mandarin"),
        now=clock,
        progress=clock.advance,
        **options,
    )


@dataclass
class Clock:
    """The time at which each step of another run was sent."""

    times: list[datetime]
    at: int = 0

    def __call__(self) -> datetime:
        return self.times[min(self.at, len(self.times) - 1)]

    def advance(self, recording: Recording, step: int) -> None:
        self.at = step + 1


def with_body(given: Answer, body: bytes) -> Answer:
    """An answer with another body and the length that belongs to it."""
    length = str(len(body))
    headers = ((name, length if name == "Content-Length" else value) for name, value in given.headers)
    return replace(given, body=body, headers=tuple(headers))
