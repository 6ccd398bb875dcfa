"""Jobs: asked for once, done once, tried again with pauses, and kept where nobody could do them."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from bson import ObjectId
from pymongo.errors import PyMongoError

from models import job_desk, job_kinds, job_runs, job_work, jobs, raw, transactions
from models.errors import Overloaded, Unfit
from models.job_errors import JobLost, JobNotFound, JobOver
from models.job_kinds import KINDS, Running, kind
from models.jobs import KEPT, ROOM, Job, JobState
from models.moments import Moment
from models.notifications import Notification
from models.transactions import Session
from tests.jobs import drain_jobs

pytestmark = pytest.mark.usefixtures("database")
LEASE = timedelta(seconds=30)
DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def own_kinds() -> Iterator[None]:
    """Kinds of these stories only."""
    known = dict(job_kinds.load())
    KINDS.clear()
    yield
    KINDS.clear()
    KINDS.update(known)


def now() -> datetime:
    return datetime.now(UTC)


async def stored(job: Job) -> Job:
    return await jobs.get(job.id, None, anybodys=True)


async def taken(job: Job, at: datetime | None = None, lease: timedelta = LEASE) -> job_runs.Run:
    run = await job_runs.claim(job.id, "me", lease, at or now())
    assert run is not None
    return run


async def test_a_job_is_done_and_tells_its_result() -> None:
    @kind("add")
    async def add(job: Running) -> Any:
        await job.progress(1, 2, "half")
        return [job.owner, job.attempt, job.arguments["a"] + job.arguments["b"]]

    asked = await jobs.ask("add", {"a": 1, "b": 2}, owner="ada")
    assert asked.state is JobState.QUEUED
    assert await drain_jobs() == 1
    done = await stored(asked)
    assert (done.state, done.result, done.attempts, done.lease) == (JobState.DONE, ["ada", 1, 3], 1, None)
    assert (done.progress.done, done.progress.total, done.progress.message) == (1, 2, "half")
    assert done.finished_at is not None and done.expires is not None
    assert timedelta(0) < done.expires.replace(tzinfo=UTC) - now() <= KEPT
    assert await drain_jobs() == 0


async def test_asking_twice_with_a_key_is_asking_once() -> None:
    first = await jobs.ask("count", {"to": 1}, key="one")
    again = await jobs.ask("count", {"to": 2}, key="one")
    assert (again.id, again.arguments) == (first.id, {"to": 1})
    assert (await jobs.ask("other", {}, key="one")).id != first.id
    assert (await jobs.ask("count", {})).id != (await jobs.ask("count", {})).id
    plan = await raw.collection(Job).find({"kind": "count", "key": "one"}).explain()
    assert plan["queryPlanner"]["winningPlan"]["inputStage"]["stage"] == "IXSCAN"


async def test_a_job_is_asked_for_with_the_write_it_belongs_to_or_not_at_all() -> None:
    async def write(session: Session) -> None:
        await jobs.ask("count", {}, session=session)
        await jobs.ask("count", {}, session=session, key="one")
        raise Overloaded

    with pytest.raises(Overloaded):
        await transactions.together(Job, write)
    assert await Job.count() == 0


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        ({1, 2}, "a set, which JSON has not"),
        ({"a": [b"x"]}, "a bytes, which JSON has not"),
        ({"a": datetime(2026, 1, 1)}, "a datetime"),
        (float("nan"), "a number that JSON has not"),
        (2**63, "beyond 64 bits"),
        ("\0", "NUL"),
        ({"a": {1: 2}}, "a key that is no plain text"),
        ({"$where": 1}, "a key that is no plain text"),
        ("x" * ROOM, "larger than 65536 bytes"),
    ],
)
async def test_what_is_no_small_plain_json_is_refused(value: Any, reason: str) -> None:
    with pytest.raises(Unfit, match=reason):
        await jobs.ask("count", {"value": value})
    assert await Job.count() == 0


async def test_what_is_nested_without_end_is_refused() -> None:
    nested: list[Any] = []
    nested.append(nested)
    with pytest.raises(Unfit, match="deeper than 20 levels"):
        await jobs.ask("count", {"value": nested})


async def test_what_goes_wrong_is_tried_again_later_and_later_and_then_no_more() -> None:
    @kind("wrong", attempts=3)
    async def wrong(job: Running) -> None:
        raise RuntimeError("a secret")

    job = await jobs.ask("wrong", {})
    assert await drain_jobs() == 1
    failed = await stored(job)
    assert (failed.state, failed.attempts) == (JobState.FAILED, 1)
    assert timedelta(seconds=0.5) < failed.run_after.replace(tzinfo=UTC) - now() <= timedelta(seconds=1)
    assert await drain_jobs(now() + DAY) == 2
    dead = await stored(job)
    assert (dead.state, dead.attempts, dead.code) == (JobState.DEAD, 3, "INTERNAL")
    assert dead.error == "Something unexpected happened." and dead.expires is None
    pauses = [KINDS["wrong"].pause(number).total_seconds() for number in (1, 2, 3, 20)]
    assert pauses == [1, 2, 4, 300]


async def test_a_refusal_in_the_words_of_the_domain_is_final_and_told() -> None:
    @kind("unfit")
    async def unfit(job: Running) -> None:
        raise Unfit("file", "it is no file")

    @kind("busy", attempts=2)
    async def busy(job: Running) -> None:
        raise Overloaded

    refused, later = await jobs.ask("unfit", {}), await jobs.ask("busy", {})
    assert await drain_jobs() == 2
    dead = await stored(refused)
    assert (dead.state, dead.code, dead.attempts) == (JobState.DEAD, "UNFIT", 1)
    assert dead.error == "The value of file cannot be used: it is no file."
    assert (await stored(later)).state is JobState.FAILED


async def test_a_job_without_end_is_ended() -> None:
    @kind("endless", attempts=1, timeout=0.05)
    async def endless(job: Running) -> None:
        await job.progress(1)
        while True:
            await asyncio.sleep(1)

    job = await jobs.ask("endless", {})
    assert await drain_jobs() == 1
    dead = await stored(job)
    assert (dead.state, dead.code, dead.error) == (
        JobState.DEAD,
        "TIMEOUT",
        "It took longer than 0.05 seconds.",
    )


async def test_a_result_that_is_no_json_is_an_error_of_the_job() -> None:
    @kind("odd")
    async def odd(job: Running) -> Any:
        return {1, 2}

    job = await jobs.ask("odd", {})
    await drain_jobs()
    assert ((await stored(job)).state, (await stored(job)).code) == (JobState.DEAD, "UNFIT")


async def test_a_kind_that_nobody_knows_waits_for_who_does() -> None:
    job = await jobs.ask("new", {})
    assert await drain_jobs() == 1
    assert ((await stored(job)).state, (await stored(job)).code) == (JobState.FAILED, "UNKNOWN_KIND")
    assert await drain_jobs(now() + DAY) == job_work.UNKNOWN_ATTEMPTS - 1
    assert (await stored(job)).state is JobState.DEAD


async def test_of_two_workers_one_gets_the_job() -> None:
    job = await jobs.ask("count", {})
    runs = await asyncio.gather(*(job_runs.claim(job.id, f"w{n}", LEASE, now()) for n in range(8)))
    assert sum(run is not None for run in runs) == 1


async def test_a_job_for_later_is_not_begun_before() -> None:
    job = await jobs.ask("count", {}, after=now() + DAY)
    assert await job_runs.due(now()) == [] and await job_runs.claim(job.id, "me", LEASE, now()) is None
    assert await job_runs.due(now() + DAY) == [job.id]


async def test_a_job_whose_worker_is_not_heard_of_is_another_s() -> None:
    @kind("count", attempts=2)
    async def count(job: Running) -> None:
        pass

    job = await jobs.ask("count", {})
    lost = await taken(job)
    assert await job_work.sweep(KINDS, now() + LEASE / 2) == 0
    assert await job_runs.renew(lost, LEASE, now() + LEASE / 2)
    assert await job_work.sweep(KINDS, now() + LEASE) == 0
    assert await job_work.sweep(KINDS, now() + LEASE * 2) == 1
    assert (await stored(job)).state is JobState.FAILED
    again = await taken(job, now() + DAY)
    # Whoever lost it can do nothing for it any more, and is told.
    assert [await job_runs.renew(run, LEASE, now()) for run in (lost, again)] == [False, True]
    for late in (
        job_runs.report(lost, 1, 2, None),
        job_runs.finish(lost, "late", now()),
        job_runs.fail(lost, "late", None, None, now()),
        job_runs.together(lost, told_by(lost)),
        job_runs.settle(lost, told_by(lost)),
    ):
        with pytest.raises(JobLost):
            await late
    assert await Notification.count() == 0
    assert await job_work.sweep(KINDS, now() + 2 * DAY) == 1
    dead = await stored(job)
    assert (dead.state, dead.attempts, dead.error) == (JobState.DEAD, 2, job_work.ENDED)


def told_by(run: job_runs.Run) -> Callable[[Session], Awaitable[str]]:
    """What writes a notification."""

    async def write(session: Session) -> str:
        told = Notification(account="ada", message=str(run.id), created_at=Moment.of(now()))
        await raw.collection(Notification).insert_one(raw.stored_form(told), session=session)
        return "told"

    return write


async def test_what_a_killed_worker_had_begun_to_write_holds_nobody_up() -> None:
    """MongoDB keeps what a transaction holds for a minute after its client is gone."""

    @kind("count")
    async def count(job: Running) -> None:
        pass

    job = await jobs.ask("count", {})
    killed = await taken(job)
    session = killed.session
    await session.start_transaction()
    await raw.collection(Job).update_one(killed.ours, {"$inc": {"lease.writes": 1}}, session=session)
    async with asyncio.timeout(4):
        assert await job_work.sweep(KINDS, now() + 2 * LEASE) == 1
        await taken(job, now() + DAY)
    with pytest.raises(PyMongoError):
        await session.commit_transaction()
    assert (await stored(job)).attempts == 2


async def test_what_a_job_writes_and_its_end_happen_together() -> None:
    @kind("tell")
    async def tell(job: Running) -> None:
        assert await job.together(told_by(job.run)) == "told"
        await job.settle(told_by(job.run))

    job = await jobs.ask("tell", {})
    assert await drain_jobs() == 1
    assert ((await stored(job)).result, await Notification.count()) == ("told", 2)


async def test_a_job_is_cancelled_while_it_waits_and_while_it_runs() -> None:
    @kind("slow")
    async def slow(job: Running) -> None:
        await jobs.cancel(job.id, "ada", now())
        await job.progress(1)

    waiting = await jobs.ask("slow", {}, owner="ada")
    assert (await jobs.cancel(waiting.id, "ada", now())).state is JobState.CANCELLED
    running = await jobs.ask("slow", {}, owner="ada")
    assert await drain_jobs() == 1
    assert (await stored(running)).state is JobState.CANCELLED
    with pytest.raises(JobOver):
        await jobs.cancel(running.id, "ada", now())


async def test_a_job_is_its_owner_s_only() -> None:
    job = await jobs.ask("count", {}, owner="ada")
    nobodys = await jobs.ask("count", {})
    assert (await jobs.get(job.id, "ada")).id == job.id
    for id, account in (
        (job.id, "bo"),
        (job.id, None),
        (nobodys.id, None),
        (None, "ada"),
        (ObjectId(), "ada"),
    ):
        with pytest.raises(JobNotFound):
            await jobs.get(id, account)
    with pytest.raises(JobNotFound):
        await jobs.cancel(job.id, "bo", now())
    assert (await stored(job)).state is JobState.QUEUED


async def test_dead_letters_are_listed_and_tried_again() -> None:
    @kind("wrong", attempts=1)
    async def wrong(job: Running) -> None:
        raise RuntimeError

    one, two = await jobs.ask("wrong", {"n": 1}), await jobs.ask("wrong", {"n": 2})
    await drain_jobs()
    listed = await job_desk.listed([JobState.DEAD])
    assert [job["_id"] for job in listed] == [two.id, one.id]
    assert "arguments" not in listed[0] and "result" not in listed[0]
    assert await job_desk.numbers() == {"QUEUED": 0, "RUNNING": 0, "FAILED": 0, "DEAD": 2}
    assert await job_desk.requeue([one.id], None, now()) == 1
    assert await job_desk.requeue([], "other", now()) == 0
    assert await job_desk.requeue([], "wrong", now()) == 1
    again = await stored(one)
    assert (again.state, again.attempts, again.error, again.finished_at) == (JobState.QUEUED, 0, None, None)
    assert await drain_jobs() == 2


async def test_a_dead_job_is_let_go_of_once() -> None:
    @kind("wrong", attempts=1)
    async def wrong(job: Running) -> None:
        raise RuntimeError

    job = await jobs.ask("wrong", {}, owner="ada")
    await drain_jobs()
    assert (await stored(job)).expires is None
    gone = await jobs.cancel(job.id, "ada", now())
    assert gone.state is JobState.CANCELLED and gone.expires is not None
    assert (await job_desk.numbers())["DEAD"] == 0
    with pytest.raises(JobOver):
        await jobs.cancel(job.id, "ada", now())


async def test_progress_is_written_now_and_then_only() -> None:
    reports = []

    @kind("rows")
    async def rows(job: Running) -> None:
        for number in range(1, 1001):
            await job.progress(number, 1000)
            reports.append((await jobs.get(job.id, None, anybodys=True)).progress.done)

    await jobs.ask("rows", {})
    await drain_jobs()
    assert reports[0] == 1 and reports[-1] == 1000 and len(set(reports)) < 100


async def test_two_kinds_of_one_name_are_refused() -> None:
    @kind("same")
    async def one(job: Running) -> None:
        pass

    with pytest.raises(ValueError, match="two kinds"):
        kind("same")(other)


async def other(job: Running) -> None:
    pass
