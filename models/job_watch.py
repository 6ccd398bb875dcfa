"""Jobs as they change: those that begin to wait, for workers, and one of them, for whoever asked for it."""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from datetime import UTC, datetime
from typing import Any

from bson import ObjectId

from models import feeds, raw
from models.jobs import OVER, Job, JobState

# Milliseconds of one wait for news of jobs.
WHILE = 500


async def waiting() -> AsyncGenerator[ObjectId | None, None]:
    """Jobs that can be begun, as they are asked for from now on, and None where there was none for a while.

    Some may be missed; `due` finds them.
    """
    again = {"operationType": "update", "updateDescription.updatedFields.state": JobState.QUEUED}
    stages: list[dict[str, Any]] = [
        {"$match": {"$or": [{"operationType": "insert"}, again]}},
        {"$project": {"operationType": 1, "documentKey": 1, "fullDocument.run_after": 1}},
    ]
    # Whoever listens looks up now and then, and need not be cancelled: the driver may take that for a broken
    # connection, and begin again.
    async with await raw.collection(Job).watch(stages, max_await_time_ms=WHILE) as stream:
        while True:
            change: Any = await stream.try_next()
            after = change and change.get("fullDocument", {}).get("run_after")
            if change is None:
                yield None
            elif after is None or after.replace(tzinfo=UTC) <= datetime.now(UTC):
                yield change["documentKey"]["_id"]


async def follow(id: ObjectId) -> AsyncGenerator[dict[str, Any], None]:
    """A job as it is stored, now and whenever it changes, until it is over; raises Overloaded."""
    collection = raw.collection(Job)
    told = None
    # One stream for all who follow: each of its own would keep a connection that everybody else waits for.
    async with feeds.joined(collection.database, stages(), collection.name, id) as (_, follower):
        async with aclosing(follower.changes()) as changes:
            # Read once the stream is open, so that nothing falls between the two.
            while job := await collection.find_one({"_id": id}):
                # A lease that is renewed is no news.
                news = {name: value for name, value in job.items() if name != "lease"}
                if news != told:
                    told = news
                    yield job
                if job["state"] in OVER or await anext(changes, None) is None:
                    return


def stages() -> list[dict[str, Any]]:
    """What is a change of a job."""
    edits = {"operationType": {"$in": ["update", "replace"]}}
    told = ("operationType", "ns", "documentKey")
    return [
        {"$match": {"ns.coll": Job.get_collection_name(), **edits}},
        {"$project": dict.fromkeys(told, 1)},
    ]
