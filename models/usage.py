"""How much room the files of an owner take, and how much they have."""

from contextlib import suppress
from datetime import datetime
from typing import Any

from beanie import Document, PydanticObjectId
from pydantic import Field
from pymongo import IndexModel, ReturnDocument
from pymongo.errors import DuplicateKeyError

from models import raw, transactions
from models.file_errors import QuotaExceeded
from models.moments import Moment
from models.stored_files import StoredFile


class StorageUsage(Document):
    """The room of one owner; `quota` only where it is another than everybody's."""

    id: PydanticObjectId = Field(default_factory=PydanticObjectId)
    owner: str
    files: int = 0
    bytes: int = 0
    quota: int | None = None
    counted_at: Moment

    class Settings:
        name = "storage_usage"
        indexes = [IndexModel("owner", unique=True)]


async def of(owner: str, now: datetime) -> dict[str, Any]:
    """What an owner's files take, counted where it never was."""
    found: dict[str, Any] | None = await raw.collection(StorageUsage).find_one({"owner": owner})
    if found is not None:
        return found
    files, size = await counted(owner)
    return raw.stored_form(StorageUsage(owner=owner, files=files, bytes=size, counted_at=Moment.of(now)))


async def begin(owner: str, now: datetime) -> None:
    """Has the room of an owner counted, where it never was."""
    collection = raw.collection(StorageUsage)
    if not await collection.count_documents({"owner": owner}, limit=1):
        # Somebody else may count at the same time.
        with suppress(DuplicateKeyError):
            await collection.insert_one(await of(owner, now))


async def counted(owner: str) -> tuple[int, int]:
    """How many files an owner has, and how many bytes these have."""
    stages: list[dict[str, Any]] = [
        {"$match": {"owner": owner}},
        {"$group": {"_id": None, "files": {"$sum": 1}, "bytes": {"$sum": "$size"}}},
    ]
    found = await (await raw.collection(StoredFile).aggregate(stages)).to_list()
    return (found[0]["files"], found[0]["bytes"]) if found else (0, 0)


async def take(owner: str, files: int, size: int, quota: int, session: transactions.Session) -> None:
    """Gives room to new files of an owner whose usage was counted; raises QuotaExceeded."""
    room = {"$lte": [{"$add": ["$bytes", size]}, {"$ifNull": ["$quota", quota]}]}
    found = await raw.collection(StorageUsage).find_one_and_update(
        {"owner": owner, "$expr": room},
        {"$inc": {"files": files, "bytes": size}},
        return_document=ReturnDocument.AFTER,
        session=session,
    )
    if found is None:
        known = await raw.collection(StorageUsage).find_one({"owner": owner}, session=session) or {}
        own = known.get("quota")
        raise QuotaExceeded(limit=quota if own is None else own, used=known.get("bytes", 0))


async def give(owner: str, size: int, session: transactions.Session) -> None:
    """Takes back the room of a file that is gone; one that was never counted gives none."""
    left = {
        name: {"$max": [0, {"$subtract": [f"${name}", less]}]}
        for name, less in (("files", 1), ("bytes", size))
    }
    await raw.collection(StorageUsage).update_one({"owner": owner}, [{"$set": left}], session=session)


async def recount(owner: str, now: datetime) -> bool:
    """Counts an owner's room anew, in one snapshot; whether it was another than was thought."""

    async def work(session: transactions.Session) -> bool:
        stages: list[dict[str, Any]] = [
            {"$match": {"owner": owner}},
            {"$group": {"_id": None, "files": {"$sum": 1}, "bytes": {"$sum": "$size"}}},
        ]
        cursor = await raw.collection(StoredFile).aggregate(stages, session=session)
        told = (await cursor.to_list() or [{"files": 0, "bytes": 0}])[0]
        new = {"files": told["files"], "bytes": told["bytes"], "counted_at": Moment.of(now).model_dump()}
        before = await raw.collection(StorageUsage).find_one_and_update(
            {"owner": owner}, {"$set": new}, session=session
        )
        return before is not None and (before["files"], before["bytes"]) != (new["files"], new["bytes"])

    return await transactions.together(StorageUsage, work)
