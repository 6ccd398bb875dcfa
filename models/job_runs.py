"""Runs of jobs: a worker takes one, keeps it while it lives, and ends it; every step is a compare-and-set."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pymongo
from bson import ObjectId
from pymongo import ReturnDocument
from pymongo.errors import OperationFailure
from pymongo.read_concern import ReadConcern

from models import raw, transactions
from models.job_errors import JobLost
from models.jobs import KEPT, WAITING, Job, JobProgress, JobState, plain
from models.moments import Moment
from models.transactions import Result, Session

# Messages of progress and of errors are one line for a person.
LINE = 500
# Seconds that one step may take: a job may be held by a transaction that nobody will end soon.
PATIENCE = 5.0


@dataclass(eq=False)
class Run:
    """One attempt at a job; it is this worker's as long as the stored lease has this token."""

    id: ObjectId
    kind: str
    owner: str | None
    arguments: Mapping[str, Any] = field(repr=False)
    attempt: int
    token: ObjectId
    # Seconds between the moment from which it could be begun and the one at which it was.
    waited: float
    # Its transactions, one after the other.
    session: Session = field(repr=False)
    turn: asyncio.Lock = field(default_factory=asyncio.Lock, repr=False)
    # Whether its end is being written, after which it is nobody's.
    ending: bool = False

    @property
    def ours(self) -> dict[str, Any]:
        """The filter for the job while it is this run's."""
        return {"_id": self.id, "state": JobState.RUNNING, "lease.token": self.token}

    async def transact(self, work: Callable[[Session], Awaitable[Result]]) -> Result:
        """The result of `work`, whose writes with the session of this run happen all or not at all."""
        async with self.turn:
            with pymongo.timeout(transactions.SECONDS):
                return await self.session.with_transaction(
                    work, read_concern=ReadConcern("snapshot"), write_concern=transactions.DURABLE
                )


async def claim(id: ObjectId, worker: str, lease: timedelta, now: datetime) -> Run | None:
    """Takes a job that waits and is due; None where somebody else has, or it is over."""
    token = ObjectId()
    collection = raw.collection(Job)
    session = collection.database.client.start_session()
    begun = {
        "state": JobState.RUNNING,
        "started_at": Moment.of(now).model_dump(),
        "lease": {
            "until": now + lease,
            "worker": worker,
            "token": token,
            "session": session.session_id,
            "writes": 0,
        },
        "progress": JobProgress().model_dump(),
        "error": None,
        "code": None,
    }
    stored: Any = None
    try:
        with pymongo.timeout(PATIENCE):
            stored = await collection.find_one_and_update(
                {"_id": id, "state": {"$in": list(WAITING)}, "run_after": {"$lte": now}},
                {"$set": begun, "$inc": {"attempts": 1}},
                return_document=ReturnDocument.AFTER,
            )
    finally:
        if stored is None:
            await session.end_session()
    if stored is None:
        return None
    waited = (now - stored["run_after"].replace(tzinfo=UTC)).total_seconds()
    return Run(
        id=stored["_id"],
        kind=stored["kind"],
        owner=stored["owner"],
        arguments=stored["arguments"],
        attempt=stored["attempts"],
        token=token,
        waited=max(waited, 0.0),
        session=session,
    )


async def renew(run: Run, lease: timedelta, now: datetime) -> bool:
    """Keeps a run for another while; false where it is this worker's no more."""
    result = await raw.collection(Job).update_one(run.ours, {"$set": {"lease.until": now + lease}})
    return bool(result.matched_count)


async def report(run: Run, done: int, total: int | None, message: str | None) -> None:
    """Writes how far a run is; raises JobLost."""
    told = JobProgress(done=done, total=total, message=message and message[:LINE])
    result = await raw.collection(Job).update_one(run.ours, {"$set": {"progress": told.model_dump()}})
    if not result.matched_count:
        raise JobLost


async def together(run: Run, work: Callable[[Session], Awaitable[Result]]) -> Result:
    """The result of `work` in a transaction that fails once the job is not this run's: raises JobLost."""

    async def fenced(session: Session) -> Result:
        # A write, and no read: of two who hold the job for theirs, only one gets through.
        result = await raw.collection(Job).update_one(
            run.ours, {"$inc": {"lease.writes": 1}}, session=session
        )
        if not result.matched_count:
            raise JobLost
        return await work(session)

    return await run.transact(fenced)


async def settle(run: Run, work: Callable[[Session], Awaitable[Any]]) -> None:
    """Does `work` and ends the job with its result, all or nothing; raises JobLost."""

    async def both(session: Session) -> None:
        update = done(await work(session), datetime.now(UTC))
        result = await raw.collection(Job).update_one(run.ours, update, session=session)
        if not result.matched_count:
            raise JobLost

    run.ending = True
    await run.transact(both)


async def finish(run: Run, result: Any, now: datetime) -> None:
    """Ends a job with its result; raises JobLost, and Unfit for a result that is no plain JSON."""
    run.ending = True
    outcome = await raw.collection(Job).update_one(run.ours, done(result, now))
    if not outcome.matched_count:
        raise JobLost


def done(result: Any, now: datetime) -> dict[str, Any]:
    """The update that ends a job well."""
    ended = {"state": JobState.DONE, "result": plain(result, "result"), "expires": now + KEPT}
    return {"$set": {**ended, "lease": None, "finished_at": Moment.of(now).model_dump()}}


async def fail(run: Run, error: str, code: str | None, again: datetime | None, now: datetime) -> None:
    """Ends an attempt that went wrong: it is tried again from then on, or never. Raises JobLost."""
    run.ending = True
    outcome = await raw.collection(Job).update_one(run.ours, failed(error, code, again, now))
    if not outcome.matched_count:
        raise JobLost


def failed(error: str, code: str | None, again: datetime | None, now: datetime) -> dict[str, Any]:
    """The update after an attempt that went wrong; `again` is None where there is no other one."""
    told: dict[str, Any] = {"error": error[:LINE], "code": code, "lease": None}
    if again is None:
        # Somebody has to look at it, so it stays.
        return {
            "$set": {**told, "state": JobState.DEAD, "finished_at": Moment.of(now).model_dump()},
        }
    return {"$set": {**told, "state": JobState.FAILED, "run_after": again}}


async def give_back(run: Run, now: datetime) -> None:
    """Has a job done by another worker at once; this attempt does not count."""
    back = {"state": JobState.QUEUED, "lease": None, "run_after": now}
    await raw.collection(Job).update_one(run.ours, {"$set": back, "$inc": {"attempts": -1}})


async def abandoned(now: datetime, most: int = 1_000) -> list[dict[str, Any]]:
    """Jobs whose worker has not been heard of for as long as its lease: kind, attempts and lease."""
    found = raw.collection(Job).find(
        {"state": JobState.RUNNING, "lease.until": {"$lt": now}},
        {"kind": 1, "attempts": 1, "lease": 1},
        limit=most,
    )
    return await found.to_list()


async def take_away(job: Mapping[str, Any], error: str, again: datetime | None, now: datetime) -> bool:
    """Ends the attempt of a worker that has gone, unless it has just been heard of."""
    collection = raw.collection(Job)
    with pymongo.timeout(PATIENCE):
        # A transaction that it has left open would hold the job for a minute.
        if job["lease"].get("session"):
            with suppress(OperationFailure):
                await collection.database.command({"killSessions": [job["lease"]["session"]]})
        wanted = {"_id": job["_id"], "state": JobState.RUNNING, "lease.token": job["lease"]["token"]}
        result = await collection.update_one(
            {**wanted, "lease.until": job["lease"]["until"]}, failed(error, None, again, now)
        )
    return bool(result.modified_count)


async def due(now: datetime, most: int = 1_000) -> list[ObjectId]:
    """The jobs that wait and could be begun, those first that have waited longest."""
    found = raw.collection(Job).find(
        {"state": {"$in": list(WAITING)}, "run_after": {"$lte": now}},
        {"_id": 1},
        sort=[("run_after", 1)],
        limit=most,
    )
    return [each["_id"] for each in await found.to_list()]
