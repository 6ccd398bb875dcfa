"""What belongs to a tree beside its people: found, made, changed and deleted in one way."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import Any, Generic, TypeVar, cast

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

Row = TypeVar("Row")
Given = TypeVar("Given")


class Records(Generic[Row, Given]):
    """Records of one kind: those of a tree are for whoever may see it, and made by whoever may edit it.

    `said` makes what is stored of what somebody gives; `needed` is a text that each of them has.
    """

    def __init__(
        self,
        kind: type[Document],
        missing: type[DomainError],
        said: Callable[[Given, ObjectId], Awaitable[dict[str, Any]]],
        needed: str,
    ) -> None:
        self.kind = kind
        self.missing = missing
        self.said = said
        self.needed = needed
        self.by_id: Unique[Row] = Unique(kind)
        self.by_uuid: Unique[Row] = Unique(kind, "uuid")

    async def get(self, key: Key | None, account: str | None, need: Need = Need.VIEW) -> Row:
        """The record with this key, of a tree that may be used so; raises `missing` and TreeForbidden."""
        return cast(Row, await trees.held(self.find, self.missing, key, account, need))

    def find(self, key: Key, fields: Fields = None, reads: Reads | None = None) -> Load[Any]:
        """The record with this key, or None; asks nobody's leave."""
        lane = self.by_id if isinstance(key, ObjectId) else self.by_uuid
        return lane.load(key, fields, reads)

    async def add(self, tree: Key | None, fields: Given, account: str, now: datetime) -> Row:
        """A new record of a tree that the account may edit."""
        home = await trees.get(tree, account, Need.EDIT, ())
        update = self.checked({self.needed: None, **await self.said(fields, home["_id"])})
        made = {"tree_id": home["_id"], "created_by": account, "created_at": Moment.of(now)}
        form = stored_form(self.kind(**update, **made, updated_at=made["created_at"]))
        await raw.collection(self.kind).insert_one(form)
        return cast(Row, form)

    async def change(self, key: Key | None, fields: Given, account: str, now: datetime) -> Row:
        """The record after a change by an editor of its tree; what changes nothing leaves no trace."""
        stored: Any = await self.get(key, account, Need.EDIT)
        said = self.checked(await self.said(fields, stored["tree_id"]))
        update = {name: value for name, value in said.items() if stored.get(name) != value}
        if not update:
            return cast(Row, stored)
        after = await raw.collection(self.kind).find_one_and_update(
            {"_id": stored["_id"]},
            {"$set": {**update, "updated_at": Moment.of(now).model_dump()}, "$inc": {"revision": 1}},
            return_document=ReturnDocument.AFTER,
        )
        if after is None:
            raise self.missing
        return cast(Row, after)

    async def delete(self, key: Key | None, account: str) -> None:
        """Deletes a record of a tree that the account may edit; whoever mentions it goes on without it."""
        stored: Any = await self.get(key, account, Need.EDIT)
        await raw.collection(self.kind).delete_one({"_id": stored["_id"]})

    def checked(self, update: dict[str, Any]) -> dict[str, Any]:
        """What is to be stored; raises Unfit where it would take away what each record has."""
        if not update.get(self.needed, True):
            raise Unfit(self.needed, "it is empty, and has to say something")
        return update


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
