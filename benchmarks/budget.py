"""What one request costs this server, part by part: `python -m benchmarks.budget`.

Everything is measured in this process, on real services and through the ASGI interface, in CPU time of the
process; each figure is the median of several rounds. Three ways are used, and the table says which:

whole     so many requests at a time through the whole application
timed     the part alone, called with what a real request gives it; awaited ones so many at a time
ablation  the stack of middleware around an application that does nothing, less that application
"""

import asyncio
import json
import os
import secrets
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from copy import copy
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median
from typing import Any

import click
import jwt
import uvicorn
import uvloop
from pymongo import AsyncMongoClient
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from uvicorn.server import ServerState

from benchmarks.servers import CONTRACT
from compat_rest.contract.expressions import Scope as Values
from compat_rest.dialects.base import Match
from compat_rest.door import SurfaceDoor
from compat_rest.endpoint import Endpoint
from compat_rest.http import Reply, Request
from models.courses import Course
from models.moments import Moment
from server.app import create
from server.embedded import services
from server.exchange import Exchange
from server.logs import configure
from server.protocol import BoundedProtocol
from server.settings import Settings
from server.web import OPTIONS, settle

SECRET = "measured-and-measured-and-measured-and-measured"
TOGETHER = 32
ROUNDS, CALLS = 9, 2_000
PATHS = {
    "lean point": "/lean/courses/1",
    "full point": "/full/courses/1",
    "lean list": "/lean/courses/",
    "full list": "/full/courses/",
}
NOTES = {
    "uvicorn protocol": "timed",
    "middleware": "ablation",
    "log line": "timed",
    "metrics": "timed",
    "rate limit": "timed",
    "header handling": "timed",
    "cookies, session": "timed",
    "routing": "timed",
    "identity: JWT": "timed",
    "identity: revocation": "timed",
    "validation": "timed",
    "document execution": "timed",
    "outward writing": "timed",
    "JSON": "timed",
    "the rest": "difference",
    "together": "whole",
}


@dataclass
class Budget:
    """The microseconds of each part of one request."""

    parts: dict[str, float]

    def closed(self, whole: float) -> dict[str, float]:
        """The parts, what they leave of the whole, and the whole with the protocol."""
        inside = sum(value for name, value in self.parts.items() if name != "uvicorn protocol")
        protocol = self.parts["uvicorn protocol"]
        return {**self.parts, "the rest": whole - inside, "together": whole + protocol}


def timed(call: Callable[[], object]) -> float:
    """The CPU time of a call, in microseconds."""
    found = []
    for _ in range(ROUNDS):
        begin = time.process_time()
        for _ in range(CALLS):
            call()
        found.append((time.process_time() - begin) / CALLS)
    return median(found) * 1e6


async def awaited(call: Callable[[], Awaitable[object]], together: int = TOGETHER) -> float:
    """The CPU time of a call that is awaited so many at a time, in microseconds."""
    each = CALLS // together

    async def caller() -> None:
        for _ in range(each):
            await call()

    found = []
    for _ in range(ROUNDS + 1):
        begin = time.process_time()
        await asyncio.gather(*(caller() for _ in range(together)))
        found.append((time.process_time() - begin) / (each * together))
    # The first round fills caches and pools.
    return median(found[1:]) * 1e6


class Asking:
    """One request to an application, as a client of the benchmarks sends it."""

    def __init__(self, path: str) -> None:
        claims = {"sub": "1", "exp": datetime.now(UTC) + timedelta(hours=1)}
        token = jwt.encode(claims, SECRET, algorithm="HS256")
        self.path = path
        self.headers = [
            (b"host", b"127.0.0.1:8000"),
            (b"user-agent", b"budget/1"),
            (b"accept", b"*/*"),
            (b"authorization", f"Bearer {token}".encode()),
        ]

    def scope(self) -> Scope:
        """What uvicorn hands over."""
        return {
            "type": "http",
            "asgi": {"version": "3.0", "spec_version": "2.3"},
            "http_version": "1.1",
            "method": "GET",
            "scheme": "http",
            "path": self.path,
            "raw_path": self.path.encode(),
            "query_string": b"",
            "root_path": "",
            "headers": self.headers,
            "client": ("127.0.0.1", 50_000),
            "server": ("127.0.0.1", 8000),
            "state": {},
        }

    def wire(self) -> bytes:
        """What stands on the wire."""
        lines = b"".join(b"%s: %s\r\n" % header for header in self.headers)
        return b"GET %s HTTP/1.1\r\n%s\r\n" % (self.path.encode(), lines)

    async def ask(self, app: ASGIApp) -> list[Message]:
        """The messages of an answer."""
        sent: list[Message] = []

        async def send(message: Message) -> None:
            sent.append(message)

        await app(self.scope(), nothing, send)
        return sent


async def nothing() -> Message:
    """The end of a request without a body."""
    return {"type": "http.request", "body": b"", "more_body": False}


async def swallow(message: Message) -> None:
    """Takes a message of an answer."""


async def hello(scope: Scope, receive: Receive, send: Send) -> None:
    """The smallest answer."""
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"5")]})
    await send({"type": "http.response.body", "body": b"hello"})


class Wire(asyncio.Transport):
    """A connection that leads nowhere, so that no system call is measured."""

    def __init__(self) -> None:
        super().__init__({"peername": ("127.0.0.1", 50_000), "sockname": ("127.0.0.1", 8000)})

    def write(self, data: object) -> None:
        """Takes bytes."""

    def is_closing(self) -> bool:
        """Never."""
        return False

    def resume_reading(self) -> None:
        """It never paused."""


async def protocol(asking: Asking) -> float:
    """From the bytes of a request to the bytes of a hello."""
    config = uvicorn.Config(hello, **OPTIONS)
    config.load()
    state = ServerState()
    state.default_headers = [(b"date", b"Thu, 01 Jan 2026 00:00:00 GMT")]
    connection = BoundedProtocol(config, state, {})
    connection.connection_made(Wire())
    wire = asking.wire()

    async def answered() -> None:
        connection.data_received(wire)
        # The application is a task of its own.
        await asyncio.sleep(0)

    return await awaited(answered, together=1)


class Silent(SurfaceDoor):
    """A surface that does nothing."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        scope["state"]["surface"] = self.served.surface.name
        await hello(scope, receive, send)


def layers(app: Starlette, doors: dict[str, SurfaceDoor]) -> ASGIApp:
    """The middleware of an application around other doors, with nobody who is told how requests end."""
    changed: dict[str, Any] = {"surfaces": doors, "observers": []}
    return type(app)(
        middleware=[
            Middleware(
                each.cls,
                *each.args,
                **{name: changed.get(name, value) for name, value in each.kwargs.items()},
            )
            for each in app.user_middleware
        ]
    )


def given(app: Starlette, name: str) -> Any:
    """What a middleware of an application was given by a name."""
    return next(each.kwargs[name] for each in app.user_middleware if name in each.kwargs)


async def inside(app: Starlette, asking: Asking) -> dict[str, float]:
    """The parts of the way through a surface's door."""
    door: SurfaceDoor = given(app, "surfaces")[asking.path.split("/")[1]]
    dialect, prefix = door.served.dialect, door.served.surface.prefix
    scope = asking.scope()
    request = Request(scope, nothing, prefix, 1_000_000)
    matched = dialect.match(request)
    assert isinstance(matched, Match)
    request.path_values = matched.path_values
    endpoint = door.served.endpoints[matched.operation.id]
    session = door.identity.open([])
    signed = "identity" in matched.operation.stages
    caller = await door.identity.caller(request.header("authorization"), session) if signed else None
    variables = endpoint._variables(request, Values(request))
    data = await endpoint.document.run(variables, door._context_for(caller, request.now))
    assert isinstance(data, dict), data
    values = Values(request, data=data)
    written = endpoint.answer.write(data, values)
    reply = dialect.json(200, endpoint.answer.text(written, True))

    def headers() -> None:
        made = Request(scope, nothing, prefix, 1_000_000)
        made.headers("cookie")
        made.header("authorization")

    def validation() -> None:
        if "validate" in matched.operation.stages:
            endpoint._validate(request, values)
        endpoint._variables(request, values)

    async def document() -> None:
        await endpoint.document.run(variables, door._context_for(caller, request.now))

    limit, identity = door._limit, door.identity
    bearer = next((bearer for _, bearer, _ in identity._schemes if bearer), None) if signed else None
    key = bearer.recognise(request.header("authorization")).key if bearer else ""
    return {
        "rate limit": await awaited(lambda: limit(scope)) if limit else 0.0,
        "header handling": timed(headers) + await awaited(lambda: reply.send(swallow), together=1),
        "cookies, session": timed(lambda: identity.open([])),
        "routing": timed(lambda: dialect.match(request)),
        "identity: JWT": timed(lambda: bearer.recognise(request.header("authorization"))) if bearer else 0.0,
        "identity: revocation": (
            await awaited(lambda: identity._revocations.is_revoked(key)) if bearer else 0.0
        ),
        "validation": timed(validation),
        "document execution": await awaited(document),
        "outward writing": timed(lambda: endpoint.answer.write(data, values)),
        "JSON": timed(lambda: json_of(endpoint, dialect.json, written)),
    }


def json_of(endpoint: Endpoint, reply: Callable[[int, bytes], Reply], written: object) -> Reply:
    """An answer out of what is written."""
    return reply(200, endpoint.answer.text(written, True))


async def budget(app: Starlette, asking: Asking, *, observed: bool) -> dict[str, float]:
    """The parts of one request to an application."""
    answer = await asking.ask(app)
    assert answer[0]["status"] == 200, answer
    silent = {name: copy(door) for name, door in given(app, "surfaces").items()}
    for door in silent.values():
        door.__class__ = Silent
    around, bare = layers(app, silent), silent[asking.path.split("/")[1]]
    exchange = Exchange(asking.scope(), swallow, "0" * 32)
    exchange.scope["state"] |= {"surface": "full", "operation": "full.course", "door": "rest"}
    exchange.status, exchange.seconds = 200, 0.001
    log, metrics = given(app, "observers")
    parts = {
        "uvicorn protocol": await protocol(asking),
        "middleware": await awaited(lambda: asking.ask(around)) - await awaited(lambda: asking.ask(bare)),
        "log line": timed(lambda: log.ended(exchange)) if observed else 0.0,
        "metrics": timed(lambda: metrics.ended(exchange)) if observed else 0.0,
    }
    whole = await awaited(lambda: asking.ask(app))
    overhead = await awaited(lambda: asking.ask(hello))
    return Budget({**parts, **await inside(app, asking)}).closed(whole - overhead)


@asynccontextmanager
async def running(settings: Settings) -> Any:
    """An application that is ready, with a few courses in a database of its own."""
    app = create(settings)
    async with app.router.lifespan_context(app):
        at = Moment.of(datetime.now(UTC))
        rows = [
            Course(id=number, title=f"Course {number}", description="x" * 40, published=True, created_at=at)
            for number in range(1, 21)
        ]
        await Course.insert_many(rows)
        settle()
        yield app


async def measure(settings: Settings) -> dict[str, dict[str, float]]:
    """The budgets of all kinds of requests."""
    found = {}
    client: AsyncMongoClient[dict[str, Any]] = AsyncMongoClient(settings.mongodb_uri)
    try:
        for name, path in PATHS.items():
            lean = name.startswith("lean")
            configure("WARNING" if lean else "INFO", stream=sys.stdout)
            database = f"lockstep_budget_{secrets.token_hex(4)}"
            chosen = replace(settings, mongodb_database=database, metrics_enabled=not lean)
            try:
                async with running(chosen) as app:
                    found[name] = await budget(app, Asking(path), observed=not lean)
            finally:
                await client.drop_database(database)
    finally:
        await client.close()
    return found


def table(found: dict[str, dict[str, float]]) -> Iterator[str]:
    """The lines of the table."""
    yield f"{'microseconds of CPU per request':<34}" + "".join(f"{name:>12}" for name in found) + "   how"
    for part, how in NOTES.items():
        figures = "".join(f"{each[part]:>12.1f}" for each in found.values())
        yield f"{part:<34}{figures}   {how}"


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print JSON for machines.")
def main(as_json: bool) -> None:
    """Measures what each part of a request costs, and prints a table."""
    environ = {**os.environ, "JWT_SECRET_KEY": SECRET, "SECRET_KEY": SECRET}
    with tempfile.TemporaryDirectory() as folder, open(os.devnull, "w") as log:
        settings = Settings.from_env({**environ, "LOCKSTEP_DATA": folder, "LOCKSTEP_DEMO": "0"})
        settings = replace(settings, contract=Path(CONTRACT), demo=False)
        said, sys.stdout = sys.stdout, log
        try:
            with services(settings, exclusive=True) as given:
                served = replace(settings, mongodb_uri=given.mongodb_uri, redis_url=given.redis_url)
                found = uvloop.run(measure(served))
        finally:
            sys.stdout = said
    click.echo(json.dumps(found, indent=2) if as_json else "\n".join(table(found)))


if __name__ == "__main__":
    main()
