"""What was asked for is done once: through kills of workers, and through the loss of all of Valkey."""

import shutil
import subprocess
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from pymongo.asynchronous.database import AsyncDatabase
from redis.asyncio import Redis

from models import jobs
from models.jobs import Job, JobState
from server.embedded import Services
from server.embedded_programs import Valkey
from tests.paying import PAYMENTS
from tests.serving import free_port
from tests.working import forget_transactions, until, worker

Database = AsyncDatabase[dict[str, Any]]


class OwnValkey:
    """A Valkey that may be ended and emptied."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = free_port()
        self.url = f"redis://127.0.0.1:{self.port}/0"
        self.start()

    def start(self) -> None:
        """Starts it with nothing but what it has written down."""
        program = Valkey()
        command = [str(program.binary({})), *program.arguments(self.folder, self.port)]
        self.popen = subprocess.Popen(command)
        until_answers(program, self.port)

    def kill(self) -> None:
        """Ends it as a power cut would."""
        self.popen.kill()
        self.popen.wait(10)


def until_answers(program: Valkey, port: int) -> None:
    patience = time.monotonic() + 10
    while program.process_id(port) is None:
        assert time.monotonic() < patience
        time.sleep(0.02)


@pytest.fixture
def valkey(tmp_path: Path) -> Iterator[OwnValkey]:
    (folder := tmp_path / "valkey").mkdir()
    running = OwnValkey(folder)
    yield running
    running.kill()


@pytest.fixture
async def environ(services: Services, database: Database, tmp_path: Path) -> AsyncIterator[dict[str, str]]:
    yield {
        "LOCKSTEP_DATA": str(tmp_path / "data"),
        "MONGODB_URI": services.mongodb_uri,
        "MONGODB_DATABASE": database.name,
        "REDIS_URL": services.redis_url,
    }
    await forget_transactions(database)


async def asked(number: int) -> None:
    """So many jobs, half of each kind."""
    for place in range(number):
        await jobs.ask("pay" if place % 2 else "count", {"number": place})


async def in_state(*states: JobState) -> int:
    return await Job.find({"state": {"$in": list(states)}}).count()


async def each_was_done_once(database: Database, number: int) -> None:
    """Every job is done, and has left one trace."""
    assert await in_state(JobState.DONE) == await Job.count() == number
    traces = [each["job"] async for each in database[PAYMENTS].find()]
    assert len(traces) == len(set(traces)) == number


async def done(number: int) -> bool:
    return await in_state(JobState.DONE) >= number


async def test_jobs_of_killed_workers_are_done_once(
    database: Database, environ: dict[str, str], tmp_path: Path
) -> None:
    await asked(200)
    for kills in range(3):
        with worker(environ, tmp_path / f"log{kills}") as first:
            await until(partial(done, 40 * (kills + 1)))
            first.kill()
    with worker(environ, tmp_path / "log", "--concurrency", "16") as last:
        await until(partial(done, 200))
        assert last.stop() == 0
    await each_was_done_once(database, 200)
    assert await Job.find({"attempts": {"$gt": 1}}).count() > 0


async def test_no_job_is_lost_with_valkey(
    database: Database, environ: dict[str, str], valkey: OwnValkey, tmp_path: Path
) -> None:
    with worker({**environ, "REDIS_URL": valkey.url}, tmp_path / "log") as running:
        await running.ready()
        await asked(40)
        await until(partial(done, 5))
        async with Redis.from_url(valkey.url) as client:
            await client.flushall()
        await asked(40)
        await until(partial(done, 45))
        valkey.kill()
        # What is asked for while it is away is not only kept, but done.
        await asked(16)
        await until(partial(done, 85))
        shutil.rmtree(valkey.folder)
        valkey.folder.mkdir()
        valkey.start()
        await asked(16)
        await until(partial(done, 112))
        assert running.stop() == 0
    await each_was_done_once(database, 112)


async def test_who_is_told_to_stop_ends_what_runs_and_begins_nothing(
    database: Database, environ: dict[str, str], tmp_path: Path
) -> None:
    with worker(environ, tmp_path / "log", "--concurrency", "3") as first:
        await first.ready()
        for _ in range(7):
            await jobs.ask("slow", {"seconds": 0.5})
        await until(partial(in_state, JobState.RUNNING))
        first.tell_to_stop()
        await asked(10)
        await until(lambda: first.code is not None)
        assert first.code == 0
        assert [line["outcome"] for line in first.done] == ["done"] * await in_state(JobState.DONE)
        assert 1 <= await in_state(JobState.DONE) <= 3
    assert await in_state(JobState.RUNNING, JobState.FAILED) == 0
    assert await in_state(JobState.QUEUED) == 17 - await in_state(JobState.DONE)
    assert await Job.find({"state": "QUEUED", "attempts": {"$gt": 0}}).count() == 0


async def test_what_takes_too_long_to_end_is_given_back(
    database: Database, environ: dict[str, str], tmp_path: Path
) -> None:
    job = await jobs.ask("slow", {"seconds": 19})
    with worker({**environ, "LOCKSTEP_JOB_GRACE": "0.2"}, tmp_path / "log") as first:
        await until(partial(in_state, JobState.RUNNING))
        assert first.stop() == 0
    after = await jobs.get(job.id, None, anybodys=True)
    # This attempt was not the job's fault.
    assert (after.state, after.attempts, after.lease) == (JobState.QUEUED, 0, None)


async def test_a_job_that_ends_its_worker_each_time_is_dead_at_last(
    database: Database, environ: dict[str, str], tmp_path: Path
) -> None:
    hasty = {**environ, "LOCKSTEP_JOB_LEASE": "0.8"}
    job = await jobs.ask("deadly", {})
    with ExitStack() as stack:
        workers = [stack.enter_context(worker(hasty, tmp_path / f"log{number}")) for number in range(3)]
        await until(partial(in_state, JobState.DEAD))
        assert sorted(each.code or 0 for each in workers) == [-9, -9, 0]
        # The third one lives, and does what there is.
        await jobs.ask("slow", {"seconds": 0})
        await until(partial(done, 1))
    dead = await jobs.get(job.id, None, anybodys=True)
    assert (dead.attempts, dead.error) == (2, "The worker that ran this job has ended.")


async def test_a_job_that_blocks_its_worker_is_taken_from_it(
    database: Database, environ: dict[str, str], tmp_path: Path
) -> None:
    hasty = {**environ, "LOCKSTEP_JOB_LEASE": "0.8"}
    await jobs.ask("blocking", {})
    with worker(hasty, tmp_path / "log") as stuck, worker(hasty, tmp_path / "other") as other:
        await until(partial(in_state, JobState.DEAD))
        await until(lambda: stuck.code is not None or other.code is not None)
        assert {stuck.code, other.code} == {70, None}
