"""The real server for tests: in this process, or in one of its own that may be killed."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import httpx
from starlette.applications import Starlette

from compat_rest.engine import Engine
from schema.execution.seams import Execution
from server.app import compiled, create
from server.embedded import Services
from server.scratch import listening
from server.settings import Settings
from server.settings import execution as execution_named

SECRET_KEY = "the old server's secret key"
JWT_SECRET_KEY = "a secret key of at least thirty-two bytes"
READY_SECONDS = 60.0
# Documents are compiled at once, so that the tests hold for plans; LOCKSTEP_EXECUTION=stock does without.
EXECUTION: Execution = execution_named(os.environ.get("LOCKSTEP_EXECUTION", "eager"))


def settings_for(services: Services, database: str, **others: Any) -> Settings:
    """Settings of a server of this process, without demo data and with room for many requests."""
    chosen: dict[str, Any] = {
        "mongodb_uri": services.mongodb_uri,
        "redis_url": services.redis_url,
        "mongodb_database": database,
        "hosts": {},
        "demo": False,
        "graphql_rate": "100000/minute",
        "search": "off",
        "execution": EXECUTION,
        "environ": {"SECRET_KEY": SECRET_KEY, "JWT_SECRET_KEY": JWT_SECRET_KEY},
        **others,
    }
    return Settings(**chosen)


@cache
def engine_of(environ: frozenset[tuple[str, str]], execution: Execution) -> Engine:
    """What is made of the product's contract, which takes a second and is the same for many tests."""
    return compiled(Settings(environ=dict(environ), execution=execution))


def created(settings: Settings) -> Starlette:
    """The application of the settings."""
    if settings.contract != Settings().contract:
        return create(settings)
    return create(settings, engine_of(frozenset(settings.environ.items()), settings.execution))


@asynccontextmanager
async def served(settings: Settings) -> AsyncIterator[str]:
    """The address of a server of this process."""
    async with listening(created(settings)) as (host, port):
        yield f"http://{host}:{port}"


class Process:
    """`lockstep serve` in a process of its own."""

    def __init__(self, environ: Mapping[str, str], log: Path, command: Sequence[str] | None = None) -> None:
        self.log = log
        self.port = free_port()
        self.address = f"http://127.0.0.1:{self.port}"
        with log.open("a") as output:
            self.popen = subprocess.Popen(
                command or lockstep("serve"),
                # Few tests send files; those name an S3.
                env={**os.environ, "PORT": str(self.port), "LOCKSTEP_WEED": "/nowhere", **environ},
                stdout=output,
                stderr=output,
            )

    def wait(self) -> None:
        """Returns when the server answers; fails with its log when it does not."""
        patience = time.monotonic() + READY_SECONDS
        while self.popen.poll() is None and time.monotonic() < patience:
            try:
                httpx.get(f"{self.address}/health/live")
                return
            except httpx.TransportError:
                time.sleep(0.05)
        raise AssertionError(f"the server did not start:\n{self.log.read_text()}")

    def kill(self) -> None:
        """Ends it as a power cut would."""
        self.popen.send_signal(signal.SIGKILL)
        self.popen.wait(20)

    def stop(self) -> None:
        """Ends it in order."""
        if self.popen.poll() is None:
            self.popen.terminate()
        self.popen.wait(40)


@contextmanager
def process(environ: Mapping[str, str], log: Path) -> Iterator[Process]:
    """A server that answers, stopped when the block ends unless it was killed before."""
    running = Process(environ, log)
    try:
        running.wait()
        yield running
    finally:
        running.stop()


def lockstep(*arguments: str) -> list[str]:
    """The command line of `lockstep`, with this Python."""
    return [sys.executable, "-c", "from server.cli import main; main()", *arguments]


def free_port() -> int:
    """A port that nobody has."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port: int = taken.getsockname()[1]
        return port
