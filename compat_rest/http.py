"""A legacy request and its answer, as plain as ASGI hands them over."""

import asyncio
import re
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from starlette.types import Receive, Scope, Send

from compat_rest.passed import Passed
from compat_rest.refusal import Refusal

Headers = list[tuple[str, str]]
MAX_QUERY_FIELDS = 1000
# For so many seconds nothing need come of a body that is read as it comes in.
IDLE = 30
NO_PAGES: Mapping[str, Any] = {}


@dataclass(slots=True)
class Reply:
    """An answer: status, headers in order, body."""

    status: int
    headers: Headers = field(default_factory=list)
    body: bytes = b""
    # Headers of a dialect that are the same every time; they go first.
    raw: Sequence[tuple[bytes, bytes]] = ()
    # Whether the dialect may name this very body by a tag, and answer with the tag alone.
    tagged: bool = False
    # Whether the length of the body is said.
    length: bool = True
    # Whether the dialect has said all that it says on every answer.
    finished: bool = False
    # The error code that is answered, for whoever counts; None for an answer that is none.
    code: str | None = None

    def add_vary(self, name: str) -> None:
        """Names a header the answer varies by, once."""
        for index, (key, value) in enumerate(self.headers):
            if key.lower() == "vary":
                if name.lower() not in (part.strip().lower() for part in value.split(",")):
                    self.headers[index] = (key, f"{value}, {name}")
                return
        self.headers.append(("Vary", name))

    async def send(self, send: Send, *, body: bool = True) -> None:
        """Sends the answer; `body=False` keeps its length and leaves the body out, as HEAD asks."""
        headers = [(key.encode("latin-1"), value.encode("latin-1")) for key, value in self.headers]
        if self.raw:
            headers[:0] = self.raw
        if self.length:
            headers.append((b"Content-Length", b"%d" % len(self.body)))
        await send({"type": "http.response.start", "status": self.status, "headers": headers})
        await send({"type": "http.response.body", "body": self.body if body else b""})


class Request:
    """One request to a surface."""

    __slots__ = (
        "scope", "method", "prefix", "now", "raw", "path", "path_values",
        "query", "passed", "pages", "receive", "uploads", "file_limit", "deadline",
        "linger", "_max_body_bytes", "_first",
    )  # fmt: skip

    def __init__(self, scope: Scope, receive: Receive, prefix: str, max_body_bytes: int) -> None:
        self.scope = scope
        self.receive = receive
        self._max_body_bytes = max_body_bytes
        self.prefix = prefix
        self.method: str = scope["method"]
        self.now = datetime.now(UTC)
        self.raw: bytes = scope.get("raw_path") or scope["path"].encode()
        self.path = _path_of(self.raw.decode("latin-1")).removeprefix(prefix)
        self.path_values: Mapping[str, Any] = {}
        # What the dialect reads the query as, where it does so by itself; and what the request passed before.
        self.query: dict[str, Any] | None = None
        self.passed: Passed | None = None
        # The pages of the house, by the names that the contract gives them.
        self.pages: Mapping[str, Any] = NO_PAGES
        # The files that it brought, and how large each may be.
        self.uploads: list[Any] = []
        self.file_limit = 0
        # When its time is up; and what gives it the time of a request that brings files.
        self.deadline: Any = None
        self.linger: Callable[[Request], None] = no_more
        self._first: dict[bytes, bytes] | None = None

    @property
    def query_string(self) -> str:
        """The query as sent, without its question mark."""
        query: bytes = self.scope.get("query_string", b"")
        return query.decode("latin-1")

    @property
    def host(self) -> str:
        """The host and port that the client named."""
        for key, value in self.scope["headers"]:
            if key == b"host":
                return str(value, "latin-1") or "localhost"
        return "localhost"

    @property
    def url(self) -> str:
        """The whole address as sent."""
        return f"{self.scope['scheme']}://{self.host}{self.target}"

    @property
    def target(self) -> str:
        """Path and query as sent."""
        query = f"?{self.query_string}" if self.query_string or self.scope.get("empty_query") else ""
        return self.raw.decode("latin-1") + query

    @property
    def query_values(self) -> Mapping[str, Any]:
        """The first value of each query parameter, or what the dialect reads them as.

        Raises Refusal INVALID for more than anybody needs.
        """
        if self.query is not None:
            return self.query
        values: dict[str, str] = {}
        try:
            pairs = parse_qsl(self.query_string, keep_blank_values=True, max_num_fields=MAX_QUERY_FIELDS)
        except ValueError:
            raise Refusal("INVALID") from None
        for key, value in pairs:
            values.setdefault(key, value)
        return values

    @property
    def parsed(self) -> Any:
        """The body that was read before the route was looked for; `{}` where none was."""
        return {} if self.passed is None else self.passed.body

    @property
    def client(self) -> str:
        """The address of the client, as far as this server knows it."""
        client = self.scope.get("client")
        return str(client[0]) if client else "unknown"

    def forwarded(self, hops: int) -> str:
        """The address of the client behind so many proxies, each of which tells whom it speaks for."""
        addresses = [self.client]
        if hops:
            told = self.joined("x-forwarded-for") or ""
            addresses += [part for part in reversed(re.split(r"[ ,]+", told)) if part]
        return addresses[min(hops, len(addresses) - 1)]

    def joined(self, name: str) -> str | None:
        """Every value of a header, joined by commas; None where there is none."""
        return ", ".join(self.headers(name)) if name.encode() in self._firsts() else None

    def header(self, name: str) -> str | None:
        """The first value of a header."""
        value = self._firsts().get(name.lower().encode())
        return None if value is None else value.decode("latin-1")

    def headers(self, name: str) -> list[str]:
        """Every value of a header, in order."""
        wanted = name.lower().encode()
        if wanted not in self._firsts():
            return []
        return [value.decode("latin-1") for key, value in self.scope["headers"] if key == wanted]

    def _firsts(self) -> dict[bytes, bytes]:
        if self._first is None:
            # Of several headers of a name the first is kept, since it is laid over the later ones.
            self._first = dict(reversed(self.scope["headers"]))
        return self._first

    async def chunks(self) -> AsyncIterator[bytes]:
        """The body as it comes in; raises Refusal where it ends before its end, or nothing comes for long."""
        more = True
        while more:
            async with asyncio.timeout(IDLE):
                message = await self.receive()
            if message["type"] == "http.disconnect":
                details = {"message": "Request aborted", "name": "Error", "status": 500}
                raise Refusal("UNREADABLE_BODY", details)
            more = message.get("more_body", False)
            if chunk := message.get("body", b""):
                yield chunk

    async def body(self, most: int | None = None) -> bytes:
        """The whole body; raises Refusal BODY_TOO_LARGE above the limit, or above another one."""
        limit = self._max_body_bytes if most is None else most
        length = self.header("content-length")
        if length is not None and length.isdecimal() and int(length) > limit:
            raise Refusal("BODY_TOO_LARGE")
        chunks: list[bytes] = []
        size, more = 0, True
        while more:
            message = await self.receive()
            if message["type"] == "http.disconnect":
                raise Refusal("UNREADABLE_BODY")
            chunks.append(message.get("body", b""))
            size += len(chunks[-1])
            if size > limit:
                raise Refusal("BODY_TOO_LARGE")
            more = message.get("more_body", False)
        return b"".join(chunks)


def no_more(request: Request) -> None:
    """Gives a request no more time."""


def _path_of(raw: str) -> str:
    """The path that a request target names; of one that begins with two slashes, as WSGI servers read it."""
    # Werkzeug's and gunicorn's parsers take `//api/x` for a host and a path, and put both back together.
    if raw.startswith("//"):
        parts = urlsplit(raw)
        raw = f"/{parts.netloc}{parts.path}" if parts.netloc else parts.path or "/"
    return unquote(raw) if "%" in raw else raw
