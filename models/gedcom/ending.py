"""Ending: an import whose job is over without it is taken back, and its report says so."""

from contextlib import suppress
from datetime import UTC, datetime
from typing import Any, cast

from bson import ObjectId

from models import blobs, raw
from models.file_errors import StorageAway
from models.gedcom import reports
from models.gedcom.reports import GOING, GedcomImport, ImportState, StoredImport, over
from models.gedcom.taking import undo
from models.job_kinds import Running, kind
from models.jobs import Job, JobState
from models.keys import Key

END = "end_gedcom_imports"
FAILED = "The file could not be taken in; nothing of it was kept."


async def get(key: Key | None, account: str, now: datetime) -> StoredImport:
    """The import with this id, for whoever may edit its tree; raises ImportNotFound and TreeForbidden."""
    report = await reports.get(key, account)
    if report["state"] not in GOING or report["job_id"] is None:
        return report
    update = await ended(report["_id"], report["job_id"], now)
    return cast(StoredImport, {**report, **update})


async def ended(id: ObjectId, job: ObjectId, now: datetime) -> dict[str, Any]:
    """What a report says once its job was cancelled or is dead; nothing where it goes on, or is done."""
    stored: Any = await raw.collection(Job).find_one({"_id": job}, {"state": 1, "arguments": 1})
    if stored is None or stored["state"] not in (JobState.CANCELLED, JobState.DEAD):
        return {}
    is_dead = stored["state"] == JobState.DEAD
    update = over(ImportState.REFUSED, now, error=FAILED) if is_dead else over(ImportState.CANCELLED, now)
    return await taken_back(id, str(stored["arguments"]["key"]), update)


async def taken_back(id: ObjectId, key: str, update: dict[str, Any]) -> dict[str, Any]:
    """What the report of an import says of its end, now that nothing of it is left."""
    await undo(id)
    await reports.note(id, update)
    await forget(key)
    return update


async def forget(key: str) -> None:
    """Deletes a file that nobody needs any more; where the store is away, the nightly clean-up does."""
    with suppress(StorageAway):
        await blobs.delete([key])


@kind(END)
async def run(job: Running) -> dict[str, int]:
    """Ends all reports whose job is over."""
    going = {"state": {"$in": [state.value for state in GOING]}, "job_id": {"$ne": None}}
    count, now = 0, datetime.now(UTC)
    async for report in raw.collection(GedcomImport).find(going, {"job_id": 1}):
        count += bool(await ended(report["_id"], report["job_id"], now))
    return {"ended": count}
