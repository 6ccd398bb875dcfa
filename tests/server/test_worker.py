"""The worker: several jobs at once, counted and logged without their data, and on without Valkey."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import pytest
from bson import ObjectId
from pymongo.asynchronous.database import AsyncDatabase

from models import jobs, schedules
from models.job_kinds import KINDS
from models.jobs import Job, JobState
from models.schedules import Clock, Schedule
from server.embedded import Services
from server.worker import Worker
from server.worker_metrics import JobMetrics
from server.worker_queue import Queue
from tests import paying
from tests.serving import free_port
from tests.working import until, worker

Database = AsyncDatabase[dict[str, Any]]


@pytest.fixture
async def queue(services: Services, database: Database) -> AsyncIterator[Queue]:
    """An empty queue of this database."""
    made = Queue(services.redis_url, f"lockstep:{database.name}")
    await made.valkey.delete(made.name, f"{made.name}:carrier")
    yield made
    await made.close()


@asynccontextmanager
async def working(queue: Queue, *planned: Schedule, **options: Any) -> AsyncIterator[Worker]:
    """A worker of this process, told to stop at the end of the block."""
    made = Worker(
        queue=queue,
        kinds=KINDS,
        name="me",
        clock=Clock(planned),
        metrics=JobMetrics(KINDS),
        lease=timedelta(seconds=2),
        **options,
    )
    stop = asyncio.Event()
    running = asyncio.create_task(made.run(stop))
    try:
        yield made
    finally:
        stop.set()
        await running


async def in_state(*states: JobState) -> int:
    return await Job.find({"state": {"$in": list(states)}}).count()


async def test_ids_wait_in_their_order_and_once(queue: Queue) -> None:
    ids = [ObjectId() for _ in range(5)]
    await queue.carry(ids[:3])
    await queue.carry(ids)
    assert await queue.length() == 5
    assert await queue.take(2, 0.1) == ids[:2]
    assert await queue.take(9, 0.1) == ids[2:]
    assert await queue.take(9, 0.05) == []
    await queue.carry([])


async def test_what_is_no_id_is_dropped(queue: Queue) -> None:
    id = ObjectId()
    for place, name in enumerate((b"\xff\xfe", b"junk", str(id).encode())):
        await queue.valkey.zadd(queue.name, {name: place})
    assert await queue.take(9, 0.1) == [id]


async def test_one_worker_carries_at_a_time(queue: Queue) -> None:
    assert [await queue.lead("one"), await queue.lead("two"), await queue.lead("one")] == [True, False, True]
    await queue.step_down("two")
    assert await queue.lead("two") is False
    await queue.step_down("one")
    assert await queue.lead("two") is True


async def test_jobs_are_begun_as_they_are_asked_for(queue: Queue) -> None:
    async with working(queue) as made:
        await until(lambda: made.queue.lead("me"))
        await asyncio.sleep(0.2)
        job = await jobs.ask("pay", {})
        begun = datetime.now(UTC)
        await until(partial(in_state, JobState.DONE))
        done = await jobs.get(job.id, None, anybodys=True)
        assert done.started_at is not None
        assert done.started_at.instant - begun < timedelta(seconds=0.9)


async def test_no_more_run_at_once_than_the_worker_may(queue: Queue) -> None:
    for _ in range(6):
        await jobs.ask("slow", {"seconds": 0.1})
    seen = set()
    async with working(queue, concurrency=2) as made:
        while await in_state(JobState.DONE) < 6:
            seen.add(len(made.held))
            await asyncio.sleep(0.01)
    assert max(seen) == 2


async def test_a_job_that_is_cancelled_stops(queue: Queue) -> None:
    job = await jobs.ask("slow", {"seconds": 15})
    async with working(queue) as made:
        await until(lambda: made.held)
        await jobs.cancel(job.id, None, datetime.now(UTC), anybodys=True)
        await until(lambda: not made.held, 5)
    after = await jobs.get(job.id, None, anybodys=True)
    assert (after.state, after.attempts) == (JobState.CANCELLED, 1)


async def test_schedules_are_asked_for(queue: Queue) -> None:
    async with working(queue, Schedule("count", every=timedelta(hours=1))):
        await until(partial(in_state, JobState.DONE))
    (job,) = await Job.find_all().to_list()
    assert job.kind == "count" and job.key.startswith("schedule every 1:00:00 ")
    assert isinstance(schedules.SCHEDULES, list)


async def test_without_valkey_jobs_are_taken_from_where_they_are(database: Database) -> None:
    nowhere = Queue(f"redis://127.0.0.1:{free_port()}/0", "lockstep")
    for _ in range(5):
        await jobs.ask("pay", {})
    async with working(nowhere):
        await until(lambda: in_state(JobState.DONE))
        await until(lambda: database[paying.PAYMENTS].count_documents({}))
    await nowhere.close()


async def test_a_worker_tells_how_it_is_and_nothing_of_the_data(
    database: Database, services: Services, tmp_path: Path
) -> None:
    environ = {
        "LOCKSTEP_DATA": str(tmp_path / "data"),
        "MONGODB_URI": services.mongodb_uri,
        "MONGODB_DATABASE": database.name,
        "REDIS_URL": services.redis_url,
    }
    for kind in ("count", "wrong", "unfit", "odd", "endless", "nobody's"):
        await jobs.ask(kind, {"word": "a secret of the job"})
    port = free_port()
    with worker(environ, tmp_path / "log", "--port", str(port)) as running:
        await until(partial(enough, 8), 15)
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as http:
            text = (await http.get("/metrics")).text
            for path in ("/health", "/health/live", "/health/ready"):
                answer = await http.get(path)
                assert (answer.status_code, answer.json()["status"]) == (200, "ok")
        assert running.stop() == 0
        outcomes = {(line["kind"], line["attempt"], line["outcome"]) for line in running.done}
    assert outcomes >= {
        ("count", 1, "done"),
        ("wrong", 1, "failed"),
        ("wrong", 2, "dead"),
        ("unfit", 1, "dead"),
        ("odd", 1, "dead"),
        ("endless", 1, "failed"),
        ("endless", 2, "dead"),
        ("nobody's", 1, "failed"),
    }
    for line in (
        'lockstep_jobs_total{kind="count",outcome="done"} 1.0',
        'lockstep_jobs_total{kind="wrong",outcome="dead"} 1.0',
        'lockstep_jobs_total{kind="other",outcome="failed"}',
        'lockstep_job_duration_seconds_count{kind="endless"} 2.0',
        'lockstep_job_wait_seconds_count{kind="count"} 1.0',
        "lockstep_jobs_running 0.0",
        'lockstep_jobs_stored{state="queued"}',
    ):
        assert line in text
    log = running.log.read_text()
    assert "a secret of the job" not in log
    (wrong, *_) = [line for line in running.done if line["kind"] == "wrong"]
    assert wrong["error"] == "RuntimeError" and wrong["where"].endswith(" wrong")
    async for job in database["jobs"].find({"kind": "wrong"}):
        assert "secret" not in str({**job, "arguments": None})


async def enough(number: int) -> bool:
    """Whether so many attempts were made."""
    found = await Job.find_all().to_list()
    return sum(job.attempts for job in found) >= number and not await in_state(JobState.RUNNING)
