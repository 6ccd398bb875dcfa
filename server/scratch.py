"""A server of this process on a scratch database, for replaying a recording against it."""

import asyncio
import os
import secrets
import socket
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import uvicorn
from pymongo import AsyncMongoClient
from starlette.types import ASGIApp

import models
from compat_rest.engine import Engine
from compat_rest.parity.har import Recording
from models.blobs import Place
from models.imports import import_rows
from server.app import compiled, create
from server.settings import Settings
from server.web import OPTIONS

# What a recording uploads is forgotten with its server; the addresses of it lead nowhere.
NOWHERE = Place("replay", "replay", "replay", endpoint="http://127.0.0.1:9", volatile=True)


class BadState(Exception):
    """A start state that cannot be loaded; the message says why."""


class _Server(uvicorn.Server):
    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leaves signals to the command, which ends this server with the rest."""
        yield


async def _serve(server: uvicorn.Server, listener: socket.socket) -> None:
    # A failed start ends the process where uvicorn is the process; here it ends one recording.
    with suppress(SystemExit):
        await server.serve(sockets=[listener])


@asynccontextmanager
async def listening(app: ASGIApp) -> AsyncIterator[tuple[str, int]]:
    """Host and port at which an application answers for as long as the block runs."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = _Server(uvicorn.Config(app, **OPTIONS))
        serving = asyncio.create_task(_serve(server, listener))
        try:
            while not server.started:
                if serving.done():
                    raise BadState("the server stopped while it started; its log says why")
                await asyncio.sleep(0.01)
            yield listener.getsockname()[:2]
        finally:
            server.should_exit = True
            await serving


@dataclass(frozen=True)
class Scratch:
    """Starts this project's server in the named state of a file, for one recording after the other."""

    settings: Settings
    file: Path
    surfaces: Mapping[Path, str]
    # Recordings of one old server share its secrets, and with them all that is made of the contract.
    engines: dict[frozenset[tuple[str, str]], Engine] = field(default_factory=dict, compare=False)

    @asynccontextmanager
    async def started(self, recording: Recording) -> AsyncIterator[tuple[str, int]]:
        """The server on a database of its own, which is dropped afterwards."""
        name = f"lockstep_replay_{os.getpid()}_{secrets.token_hex(4)}"
        client: AsyncMongoClient[dict[str, Any]] = AsyncMongoClient(
            self.settings.mongodb_uri, tz_aware=True, serverSelectionTimeoutMS=5_000
        )
        surface = self.surfaces[recording.path]
        settings = replace(
            self.settings,
            mongodb_database=name,
            demo=False,
            hosts={**self.settings.hosts, recording.host: surface},
            environ={**self.settings.environ, **recording.environ},
            files=self.settings.files or NOWHERE,
        )
        try:
            await models.connect(client[name])
            await self.load(surface, recording.state)
            if recording.upstream is not None:
                service, state = recording.upstream
                await self.load(service.removesuffix("-service"), state)
            async with listening(create(settings, self.engine(settings))) as address:
                yield address
        finally:
            with suppress(Exception):
                await client.drop_database(name)
            await client.close()

    def engine(self, settings: Settings) -> Engine:
        """What is made of the contract under the secrets of a recording."""
        known = frozenset(settings.environ.items())
        if known not in self.engines:
            self.engines[known] = compiled(settings)
        return self.engines[known]

    async def load(self, surface: str, state: str | None) -> None:
        """The rows of a state into the connected database; raises BadState."""
        summary = await import_rows(surface, self.file, state)
        if summary.bad:
            first = summary.bad[0]
            place = f"{self.file}:{first.line}: {first.table} {first.pointer}"
            raise BadState(f"{place}: {first.reason} ({len(summary.bad)} bad rows).")


@dataclass(frozen=True)
class Running:
    """A server that runs already; its state is whatever it has."""

    host: str
    port: int

    @asynccontextmanager
    async def started(self, recording: Recording) -> AsyncIterator[tuple[str, int]]:
        """Its address."""
        yield self.host, self.port
