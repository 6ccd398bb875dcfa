"""What belongs to a tree beside its people: found, made, changed and deleted in one way."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from beanie import Document
from bson import ObjectId
from pymongo import ReturnDocument

from models import raw, trees
from models.errors import DomainError, Unfit
from models.joins import Load, Reads
from models.keys import Key
from models.kinds import Need
from models.lanes import Unique
from models.moments import Moment
from models.person_fields import text
from models.raw import Fields, stored_form


class Records:
    """Records of one kind: those of a tree are for whoever may see it, and made by whoever may edit it."""

    def __init__(self, kind: type[Document], missing: type[DomainError]) -> None:
        self.kind = kind
        self.missing = missing
        self.by_id: Unique[Any] = Unique(kind)
        self.by_uuid: Unique[Any] = Unique(kind, "uuid")

    async def get(self, key: Key | None, account: str | None, need: Need = Need.VIEW) -> dict[str, Any]:
        """The record with this key; raises `missing` and TreeForbidden."""
        return dict(await trees.held(self.find, self.missing, key, account, need))

    def find(self, key: Key, fields: Fields = None, reads: Reads | None = None) -> Load[Any]:
        """The record with this key, or None; asks nobody's leave."""
        lane = self.by_id if isinstance(key, ObjectId) else self.by_uuid
        return lane.load(key, fields, reads)

    async def add(self, record: Document) -> dict[str, Any]:
        """The record as it is stored now."""
        form = stored_form(record)
        await raw.collection(self.kind).insert_one(form)
        return form

    async def change(self, stored: dict[str, Any], update: dict[str, Any], now: datetime) -> dict[str, Any]:
        """The record after a change; what changes nothing leaves no trace."""
        update = {name: value for name, value in update.items() if stored.get(name) != value}
        if not update:
            return stored
        after: Any = await raw.collection(self.kind).find_one_and_update(
            {"_id": stored["_id"]},
            {"$set": {**update, "updated_at": Moment.of(now).model_dump()}, "$inc": {"revision": 1}},
            return_document=ReturnDocument.AFTER,
        )
        if after is None:
            raise self.missing
        return dict(after)

    async def delete(self, key: Key | None, account: str) -> dict[str, Any]:
        """The record that is gone now, of a tree that the account may edit."""
        stored = await self.get(key, account, Need.EDIT)
        await raw.collection(self.kind).delete_one({"_id": stored["_id"]})
        return stored


async def within(
    kind: type[Document], keys: Sequence[Key | None], tree_id: ObjectId, name: str
) -> list[ObjectId]:
    """The ids of things of a tree, in the order of their keys, each once; raises Unfit for any other."""
    wanted = {"tree_id": tree_id, "$or": [{"_id": {"$in": list(keys)}}, {"uuid": {"$in": list(keys)}}]}
    found: dict[Any, ObjectId] = {}
    async for each in raw.collection(kind).find(wanted, {"uuid": True}):
        found |= {each["_id"]: each["_id"], each["uuid"]: each["_id"]}
    if not found.keys() >= set(keys):
        raise Unfit(name, "one of them is not in this tree")
    return list(dict.fromkeys(found[key] for key in keys))


def texts(fields: Any, *names: str) -> dict[str, Any]:
    """Those texts that somebody gave; raises Unfit."""
    return {name: text(fields[name], name, narrow=False) for name in names if name in fields}
