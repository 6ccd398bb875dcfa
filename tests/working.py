"""The real worker for tests, in a process of its own that may be killed."""

import asyncio
import json
import multiprocessing
import os
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from pymongo.asynchronous.database import AsyncDatabase

import tests.paying  # noqa: F401  # its kinds are those of the workers here
from models.schedules import SCHEDULES
from server.cli import main
from server.commands.worker import APPLICATION

REPOSITORY = Path(__file__).resolve().parent.parent
# Workers are forked by a process that has loaded everything, which takes each a second and a half otherwise.
FORKS = multiprocessing.get_context("forkserver")
FORKS.set_forkserver_preload(["pytest", "tests.working"])
ENVIRON = {
    "LOCKSTEP_JOB_LEASE": "1.5",
    "LOCKSTEP_JOB_GRACE": "10",
    # Where a story has no files, no store of files is started.
    "AWS_S3_BUCKET": "lockstep",
    "AWS_ENDPOINT_URL": "http://127.0.0.1:9",
    "AWS_ACCESS_KEY_ID": "nobody",
    "AWS_SECRET_ACCESS_KEY": "nobody",
}


def work(environ: Mapping[str, str], log: str, arguments: Sequence[str]) -> None:
    """`lockstep worker` in this process, with the kinds of the tests beside its own."""
    os.environ.clear()
    os.environ.update(environ)
    os.chdir(REPOSITORY)
    output = os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    os.dup2(output, 1)
    os.dup2(output, 2)
    # What the house does by itself at some hour is not part of these stories.
    SCHEDULES.clear()
    main(["worker", *arguments])


class Worker:
    """A worker in a process of its own."""

    def __init__(self, environ: Mapping[str, str], log: Path, *arguments: str) -> None:
        self.log = log
        log.touch()
        told = {**os.environ, **ENVIRON, **environ}
        self.process = FORKS.Process(target=work, args=(told, str(log), arguments))
        self.process.start()

    @property
    def code(self) -> int | None:
        """What it has ended with; None while it runs."""
        return self.process.exitcode

    @property
    def lines(self) -> list[dict[str, Any]]:
        """What its log says."""
        return [json.loads(line) for line in self.log.read_text().splitlines() if line.startswith("{")]

    @property
    def done(self) -> list[dict[str, Any]]:
        """The attempts that its log tells of."""
        return [line for line in self.lines if line["event"] == "job"]

    @property
    def works(self) -> bool:
        """Whether it has said that it takes jobs."""
        return any(line["event"] == "worker" for line in self.lines)

    async def ready(self) -> None:
        """Returns once it takes jobs."""
        await until(lambda: self.works or self.code is not None, 30)
        assert self.code is None, self.log.read_text()

    def kill(self) -> None:
        """Ends it as a power cut would."""
        self.process.kill()
        self.process.join(20)

    def tell_to_stop(self) -> None:
        """Asks it to end in order."""
        self.process.terminate()

    def stop(self, seconds: float = 20) -> int | None:
        """Ends it in order; returns what it ends with."""
        self.tell_to_stop()
        self.process.join(seconds)
        return self.code


@contextmanager
def worker(environ: Mapping[str, str], log: Path, *arguments: str) -> Iterator[Worker]:
    """A worker that is ended with the block, unless it was before."""
    running = Worker(environ, log, *arguments)
    try:
        yield running
    finally:
        if running.code is None:
            running.kill()


async def forget_transactions(database: AsyncDatabase[dict[str, Any]]) -> None:
    """Ends what killed workers had begun in the store, which would wait a minute for them."""
    begun: list[dict[str, Any]] = [
        {"$currentOp": {"allUsers": True, "idleSessions": True}},
        {"$match": {"appName": APPLICATION, "transaction": {"$exists": True}}},
    ]
    async with await database.client.admin.aggregate(begun) as found:
        sessions = [{"lsid": each["lsid"]} async for each in found]
    if sessions:
        await database.client.admin.command("killAllSessionsByPattern", sessions)


async def until(true: Callable[[], Any], seconds: float = 20) -> None:
    """Waits for something to be true, asked again and again, be it at once or awaited."""
    patience = time.monotonic() + seconds
    while True:
        result = true()
        if asyncio.iscoroutine(result):
            result = await result
        if result:
            return
        assert time.monotonic() < patience, "it did not happen"
        await asyncio.sleep(0.05)
