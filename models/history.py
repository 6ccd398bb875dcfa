"""What was known of people before: every version of them, and who made it."""

from datetime import datetime
from typing import Any, Required, TypedDict

from beanie import Document, PydanticObjectId
from bson import ObjectId
from pydantic import Field
from pymongo import IndexModel

from models import raw, transactions
from models.keys import Key, new_uuid
from models.kinds import Change
from models.lanes import Pages
from models.moments import Moment, StoredMoment
from models.raw import stored_form


class PersonHistory(Document):
    """A person as they were from some moment on; `version` is the revision of their document."""

    id: PydanticObjectId = Field(default_factory=PydanticObjectId)
    uuid: str = Field(default_factory=new_uuid)
    tree_id: PydanticObjectId
    person_id: PydanticObjectId
    version: int
    data: dict[str, Any]
    changed_by: str | None = None
    change: Change
    at: Moment

    class Settings:
        name = "person_history"
        indexes = [
            IndexModel("uuid", unique=True),
            IndexModel([("person_id", 1), ("_id", 1)]),
            IndexModel([("person_id", 1), ("version", 1)]),
            IndexModel("tree_id"),
        ]


class StoredVersion(TypedDict, total=False):
    """A version of a person as it is stored."""

    _id: Required[ObjectId]
    uuid: str
    tree_id: ObjectId
    person_id: ObjectId
    version: int
    data: dict[str, Any]
    changed_by: str | None
    change: str
    at: StoredMoment


OF_PERSON: Pages[StoredVersion] = Pages(
    PersonHistory, "person_id", wanted=lambda person_id: {"person_id": person_id}
)


async def note(
    person: dict[str, Any], change: Change, account: str | None, now: datetime, session: transactions.Session
) -> None:
    """Keeps a person as they are now, with whoever made them so."""
    version = PersonHistory(
        tree_id=person["tree_id"],
        person_id=person["_id"],
        version=person["revision"],
        data=person,
        changed_by=account,
        change=change,
        at=Moment.of(now),
    )
    await raw.collection(PersonHistory).insert_one(stored_form(version), session=session)


async def keep(person: dict[str, Any], session: transactions.Session) -> None:
    """Keeps a person as they were before anybody changed them here, if nobody has kept this version."""
    # What another server told counts differently, and is no version of what stands here now.
    known = {"person_id": person["_id"], "version": person["revision"], "data.legacy": None}
    collection = raw.collection(PersonHistory)
    if await collection.find_one(known, {"_id": True}, session=session) is None:
        at = person["updated_at"]["at"]
        await note(person, Change.CREATED, person.get("created_by"), at, session)


async def count_of_person(person_id: ObjectId) -> int:
    """How many versions of a person there are."""
    return await raw.collection(PersonHistory).count_documents({"person_id": person_id})


async def version_of(person_id: ObjectId, version: int, which: Key | None = None) -> StoredVersion | None:
    """A version of a person, or None: of several with this number the one that is named.

    If none is, the newest; one that was made here goes before what an import brought.
    """
    wanted: dict[str, Any] = {"person_id": person_id, "version": version}
    if which is not None:
        wanted["_id" if isinstance(which, ObjectId) else "uuid"] = which
    found: Any = await raw.collection(PersonHistory).find_one(wanted, sort=[("data.legacy", 1), ("_id", -1)])
    return found  # type: ignore[no-any-return]  # documents are dicts to the driver
