"""Jobs: work that is asked for now and done later, once, whatever happens in between."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any

from beanie import Document, PydanticObjectId
from bson import ObjectId
from pydantic import BaseModel, Field
from pymongo import IndexModel, ReturnDocument
from pymongo.errors import DuplicateKeyError

from models import raw
from models.errors import Unfit
from models.job_errors import JobNotFound, JobOver
from models.moments import Moment
from models.text import BIGINT, unstorable
from models.transactions import Session

# What is asked for names things by their ids; what is large lies where files lie.
ROOM = 64 * 1024
DEPTH = 20
# How long it is remembered what came of a job, and that its key was used.
KEPT = timedelta(days=7)


class JobState(StrEnum):
    """Where a job stands; FAILED is tried again, DEAD is not."""

    QUEUED = "QUEUED"
    RUNNING = "RUNNING"
    DONE = "DONE"
    FAILED = "FAILED"
    DEAD = "DEAD"
    CANCELLED = "CANCELLED"


WAITING = (JobState.QUEUED, JobState.FAILED)
OVER = frozenset({JobState.DONE, JobState.DEAD, JobState.CANCELLED})


class JobProgress(BaseModel):
    """How far a job is, as far as it says."""

    done: int = 0
    total: int | None = None
    message: str | None = None


class Lease(BaseModel):
    """Which worker runs a job, and until when it counts as alive without a word; the token is of one run."""

    until: datetime
    worker: str
    token: PydanticObjectId
    # The session of its transactions, so that one it has left open can be ended.
    session: Any = None
    writes: int = 0


class Job(Document):
    """Work of a kind; two that share kind and key are one. Where nobody has named a key, it is the id."""

    id: PydanticObjectId = Field(default_factory=PydanticObjectId)
    kind: str
    arguments: dict[str, Any] = {}
    owner: str | None = None
    key: str
    state: JobState = JobState.QUEUED
    progress: JobProgress = JobProgress()
    result: Any | None = None
    error: str | None = None
    code: str | None = None
    attempts: int = 0
    run_after: datetime
    created_at: Moment
    started_at: Moment | None = None
    finished_at: Moment | None = None
    lease: Lease | None = None
    # When the store forgets the job; never, while it is not over or somebody has to look at it.
    expires: datetime | None = None

    class Settings:
        name = "jobs"
        indexes = [
            IndexModel([("kind", 1), ("key", 1)], unique=True),
            IndexModel([("state", 1), ("run_after", 1)]),
            IndexModel([("owner", 1), ("_id", 1)]),
            IndexModel("expires", expireAfterSeconds=0),
        ]


def job_of(stored: Mapping[str, Any]) -> Job:
    """The job of what is stored of it."""
    job: Job = Job.model_validate(stored)
    return job


async def ask(
    kind: str,
    arguments: Mapping[str, Any],
    *,
    owner: str | None = None,
    key: str | None = None,
    after: datetime | None = None,
    session: Session | None = None,
    now: datetime | None = None,
) -> Job:
    """The job, asked for: once its document is written it is done once, and never where `session` aborts.

    Whoever asks with a key that was asked with before is given that job. `owner` is the account that may see
    it. Raises Unfit for arguments that are not plain JSON or too large.
    """
    asked = now or datetime.now(UTC)
    id = PydanticObjectId()
    job = Job(
        id=id,
        kind=kind,
        arguments=plain(dict(arguments), "arguments"),
        owner=owner,
        key=str(id) if key is None else key,
        run_after=after or asked,
        created_at=Moment.of(asked),
    )
    form = raw.stored_form(job)
    collection = raw.collection(Job)
    if key is None:
        await collection.insert_one(form, session=session)
        return job
    # No insert: one that is refused would end the transaction of whoever asks.
    known = {"kind": kind, "key": key}
    rest = {name: value for name, value in form.items() if name not in known}
    try:
        stored: Any = await collection.find_one_and_update(
            known,
            {"$setOnInsert": rest},
            upsert=True,
            return_document=ReturnDocument.AFTER,
            session=session,
        )
    except DuplicateKeyError:
        if session is not None:
            raise
        stored = await collection.find_one(known)
    return job_of(stored)


def plain(value: Any, name: str, room: int = ROOM) -> Any:
    """The value itself; raises Unfit where JSON has no such thing, or it is too large or too deep."""
    reason = odd(value, DEPTH)
    if reason is None and len(json.dumps(value).encode()) > room:
        reason = f"it is larger than {room} bytes"
    if reason is not None:
        raise Unfit(name, reason)
    return value


def odd(value: object, depth: int) -> str | None:
    """Why a value cannot be carried as JSON, or None where it can."""
    if value is None or isinstance(value, bool):
        return None
    if isinstance(value, str):
        return unstorable(value)
    if isinstance(value, int):
        return None if value in BIGINT else "it holds a number beyond 64 bits"
    if isinstance(value, float):
        # Neither infinite nor no number.
        return None if value - value == 0 else "it holds a number that JSON has not"
    if not isinstance(value, list | dict):
        return f"it holds a {type(value).__name__}, which JSON has not"
    if not depth:
        return f"it is deeper than {DEPTH} levels"
    if isinstance(value, list):
        return next(filter(None, (odd(each, depth - 1) for each in value)), None)
    if any(not isinstance(key, str) or unstorable(key) or key.startswith("$") for key in value):
        return "it holds a key that is no plain text"
    return next(filter(None, (odd(each, depth - 1) for each in value.values())), None)


async def get(id: ObjectId | None, account: str | None, *, anybodys: bool = False) -> Job:
    """A job that the account has asked for, or with `anybodys` anybody; raises JobNotFound."""
    wanted: dict[str, Any] = {"_id": id} if anybodys else {"_id": id, "owner": account}
    stored = None
    if id is not None and (anybodys or account is not None):
        stored = await raw.collection(Job).find_one(wanted)
    if stored is None:
        raise JobNotFound
    return job_of(stored)


async def cancel(id: ObjectId | None, account: str | None, now: datetime, *, anybodys: bool = False) -> Job:
    """The job, which is not run any more; its worker hears of it. Raises JobNotFound, and JobOver.

    A dead one is let go of, and forgotten as others are.
    """
    job = await get(id, account, anybodys=anybodys)
    over = {
        "state": JobState.CANCELLED,
        "lease": None,
        "finished_at": Moment.of(now).model_dump(),
        "expires": now + KEPT,
    }
    stored = await raw.collection(Job).find_one_and_update(
        {"_id": job.id, "state": {"$nin": [JobState.DONE, JobState.CANCELLED]}},
        {"$set": over},
        return_document=ReturnDocument.AFTER,
    )
    if stored is None:
        raise JobOver
    return job_of(stored)
