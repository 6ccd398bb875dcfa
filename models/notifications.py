"""Notifications: what an account is told."""

from typing import Any, Required, TypedDict, cast

from beanie import Document, PydanticObjectId
from bson import ObjectId
from pydantic import Field
from pymongo import IndexModel, ReturnDocument

from models import raw
from models.family_errors import NotificationNotFound
from models.keys import Key, new_uuid
from models.lanes import Pages
from models.moments import Moment, StoredMoment


class Notification(Document):
    """Something that an account is told once; `data` is what a program makes of it."""

    id: PydanticObjectId = Field(default_factory=PydanticObjectId)
    uuid: str = Field(default_factory=new_uuid)
    account: str
    kind: str = "info"
    message: str
    data: Any | None = None
    read: bool = False
    created_at: Moment
    revision: int = 0

    class Settings:
        name = "notifications"
        indexes = [
            IndexModel("uuid", unique=True),
            IndexModel([("account", 1), ("_id", 1)]),
            IndexModel([("account", 1), ("created_at.at", -1)]),
        ]


class StoredNotification(TypedDict, total=False):
    """A notification as it is stored."""

    _id: Required[ObjectId]
    uuid: str
    account: str
    kind: str
    message: str
    data: Any
    read: bool
    created_at: StoredMoment
    revision: int


# Of the newest ones, as many are read at once.
MOST = 10_000
OF_ACCOUNT: Pages[StoredNotification] = Pages(
    Notification, "account", wanted=lambda account: {"account": account}
)


async def of(account: str) -> list[StoredNotification]:
    """What an account was told, newest first."""
    newest = [("created_at.at", -1), ("created_at.us", -1), ("_id", -1)]
    found = raw.collection(Notification).find({"account": account}, sort=newest, limit=MOST)
    return cast(list[StoredNotification], await found.to_list())


async def count(account: str) -> int:
    """How much an account was told."""
    return await raw.collection(Notification).count_documents({"account": account})


async def read(key: Key | None, account: str, *, quiet: bool = False) -> StoredNotification | None:
    """The notification, now read; raises NotificationNotFound for another's too, or quietly returns None."""
    found: Any = None
    if key is not None:
        name = "_id" if isinstance(key, ObjectId) else "uuid"
        found = await raw.collection(Notification).find_one_and_update(
            {name: key, "account": account},
            {"$set": {"read": True}},
            return_document=ReturnDocument.AFTER,
        )
    if found is None and not quiet:
        raise NotificationNotFound
    return cast(StoredNotification | None, found)
