"""What whoever runs the workers does about jobs: looks at them, and has dead ones tried again."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from bson import ObjectId

from models import raw
from models.jobs import Job, JobState

# What can be tried again although nobody will by themselves.
AGAIN = (JobState.DEAD, JobState.CANCELLED)


async def listed(
    states: Collection[JobState] = (), kind: str | None = None, most: int = 100
) -> list[dict[str, Any]]:
    """Jobs as they are stored, the newest first, without what was asked for and what came of it."""
    wanted: dict[str, Any] = {"state": {"$in": list(states)}} if states else {}
    if kind is not None:
        wanted["kind"] = kind
    found = raw.collection(Job).find(wanted, {"arguments": 0, "result": 0}, sort=[("_id", -1)], limit=most)
    return await found.to_list()


async def requeue(ids: Collection[ObjectId], kind: str | None, now: datetime) -> int:
    """Has dead or cancelled jobs tried again from the first attempt: these, or all dead ones (of a kind).

    Returns how many there were.
    """
    wanted: dict[str, Any] = {"state": JobState.DEAD}
    if ids:
        wanted = {"_id": {"$in": list(ids)}, "state": {"$in": list(AGAIN)}}
    if kind is not None:
        wanted["kind"] = kind
    again = {
        "state": JobState.QUEUED,
        "attempts": 0,
        "run_after": now,
        "error": None,
        "code": None,
        "finished_at": None,
        "expires": None,
    }
    result = await raw.collection(Job).update_many(wanted, {"$set": again})
    return int(result.modified_count)


async def numbers() -> dict[str, int]:
    """How many jobs there are in each state that is not simply over."""
    states = [JobState.QUEUED, JobState.RUNNING, JobState.FAILED, JobState.DEAD]
    cursor = await raw.collection(Job).aggregate(
        [
            {"$match": {"state": {"$in": states}}},
            {"$group": {"_id": "$state", "number": {"$sum": 1}}},
        ]
    )
    found = {each["_id"]: each["number"] for each in await cursor.to_list()}
    return {state.value: found.get(state.value, 0) for state in states}
