"""Jobs as they are stored, for those who asked for them."""

from typing import Any, Required, TypedDict, cast

from bson import ObjectId

from models import raw
from models.job_errors import JobNotFound
from models.jobs import Job
from models.lanes import Pages
from models.moments import StoredMoment
from models.raw import Fields


class StoredProgress(TypedDict):
    """How far a job is."""

    done: int
    total: int | None
    message: str | None


class StoredJob(TypedDict, total=False):
    """A job as it is stored."""

    _id: Required[ObjectId]
    kind: str
    arguments: dict[str, Any]
    owner: str | None
    state: str
    progress: StoredProgress
    result: Any
    error: str | None
    code: str | None
    attempts: int
    created_at: StoredMoment
    started_at: StoredMoment | None
    finished_at: StoredMoment | None


OF_OWNER: Pages[StoredJob] = Pages(Job, "owner", wanted=lambda owner: {"owner": owner})


async def get(id: ObjectId | None, account: str | None, fields: Fields = None) -> StoredJob:
    """A job that the account has asked for, or with None anybody; raises JobNotFound."""
    wanted = {"_id": id} if account is None else {"_id": id, "owner": account}
    shown = None if fields is None else dict.fromkeys(fields, True)
    found = None if id is None else await raw.collection(Job).find_one(wanted, shown)
    if found is None:
        raise JobNotFound
    return cast(StoredJob, found)


async def count(account: str) -> int:
    """How many jobs an account has asked for, as far as they are remembered."""
    return await raw.collection(Job).count_documents({"owner": account})
