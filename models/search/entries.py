"""Entries: documents that clients hand in to be found, each by the name that its owner gave it."""

import json
from collections.abc import Iterable, Mapping
from datetime import datetime
from hashlib import sha256
from typing import Any, NotRequired, Required, TypedDict, cast

from beanie import Document, PydanticObjectId
from bson import ObjectId
from pydantic import Field
from pymongo import IndexModel

from models import raw, trees
from models.errors import Unfit
from models.keys import key, new_uuid
from models.kinds import Need, Privacy
from models.moments import Moment, StoredMoment
from models.raw import stored_form
from models.search.errors import EntryNotFound
from models.search.kinds import EntryKind
from models.text import bigint, storable

# What is handed in beside title and content: so deep, so many values, and so many characters at most.
DEPTH, VALUES, CHARACTERS = 16, 2_000, 100_000
# One content; a book has about a million characters, which nobody looks for as one.
CONTENT = 1_000_000
NAME, TITLE = 512, 500


class SearchEntry(Document):
    """Something that can be found; `name` is what its owner calls it, so that two owners may say the same."""

    id: PydanticObjectId
    uuid: str = Field(default_factory=new_uuid)
    name: str
    owner: str
    kind: EntryKind
    title: str
    content: str
    metadata: dict[str, Any] = {}
    privacy: Privacy
    # As the owner said it, and the tree itself where the owner may change it.
    family_tree: str | None = None
    tree_id: PydanticObjectId | None = None
    created_at: Moment
    updated_at: Moment

    class Settings:
        name = "search_entries"
        indexes = [
            IndexModel("uuid", unique=True),
            IndexModel([("owner", 1), ("name", 1)], unique=True),
            IndexModel("tree_id"),
        ]


class StoredEntry(TypedDict, total=False):
    """An entry as it is stored."""

    _id: Required[ObjectId]
    uuid: str
    name: str
    owner: str
    kind: str
    title: str
    content: str
    metadata: dict[str, Any]
    privacy: str
    family_tree: str | None
    tree_id: ObjectId | None
    created_at: StoredMoment
    updated_at: StoredMoment


class EntryFields(TypedDict):
    """What can be said of an entry; what is left out stays."""

    kind: NotRequired[EntryKind]
    title: NotRequired[str]
    content: NotRequired[str]
    metadata: NotRequired[Any]
    privacy: NotRequired[Privacy]
    family_tree: NotRequired[str | None]


async def put(name: str, fields: EntryFields, account: str, now: datetime) -> StoredEntry:
    """The entry of this name, new or in place of the caller's one before; raises Unfit.

    `fields` say everything but perhaps the tree.
    """
    said = checked(fields)
    moment = Moment.of(now)
    entry = SearchEntry(
        id=PydanticObjectId(id_of(account, sized(name, "id", NAME, least=1))),
        name=name,
        owner=account,
        created_at=moment,
        updated_at=moment,
        tree_id=await tree_of(said.get("family_tree"), account),
        **said,
    )
    form = stored_form(entry)
    id, lasting = form.pop("_id"), {"uuid": form.pop("uuid")}
    found: Any = await raw.collection(SearchEntry).find_one_and_update(
        {"_id": id}, {"$set": form, "$setOnInsert": lasting}, upsert=True, return_document=True
    )
    return cast(StoredEntry, found)


async def change(name: str, fields: EntryFields, account: str, now: datetime) -> StoredEntry:
    """The caller's entry after the change, which adds to its metadata; raises EntryNotFound and Unfit."""
    said = checked(fields)
    changes: dict[str, Any] = {**said, "updated_at": Moment.of(now).model_dump()}
    if "family_tree" in said:
        changes["tree_id"] = await tree_of(said["family_tree"], account)
    while True:
        entry = await get(name, account)
        wanted: dict[str, Any] = {"_id": entry["_id"]}
        if "metadata" in said:
            # Whoever has joined theirs meanwhile is not undone: it is read again.
            wanted["metadata"] = {"$eq": entry["metadata"]}
            changes["metadata"] = checked_metadata(merged(entry["metadata"], said["metadata"]))
        found: Any = await raw.collection(SearchEntry).find_one_and_update(
            wanted, {"$set": changes}, return_document=True
        )
        if found is not None:
            return cast(StoredEntry, found)


async def remove(name: str, account: str) -> None:
    """The end of the caller's entry; raises EntryNotFound."""
    entry = await get(name, account)
    result = await raw.collection(SearchEntry).delete_one({"_id": entry["_id"]})
    if not result.deleted_count:
        raise EntryNotFound


async def get(name: str, account: str) -> StoredEntry:
    """The caller's entry of this name; raises EntryNotFound, for somebody else's too."""
    found: Any = await raw.collection(SearchEntry).find_one({"_id": id_of(account, storable(name, "id"))})
    if found is None:
        raise EntryNotFound
    return cast(StoredEntry, found)


def id_of(account: str, name: str) -> ObjectId:
    """The id of what an account calls so: always the same one."""
    return ObjectId(sha256(f"{account}\0{name}".encode()).digest()[:12])


async def tree_of(family_tree: str | None, account: str) -> ObjectId | None:
    """The tree that an entry belongs to: one that its owner may change, or none.

    Whoever may only see a tree cannot put things before the eyes of those who work on it.
    """
    named = key(family_tree)
    tree = None if named is None else await trees.find(named, trees.RIGHTS)
    return tree["_id"] if tree is not None and trees.may(tree, account, Need.EDIT) else None


def checked(fields: EntryFields) -> dict[str, Any]:
    """The fields of an entry, fit to be stored; raises Unfit."""
    said: dict[str, Any] = dict(fields)
    if "title" in said:
        sized(said["title"], "title", TITLE, least=1)
    if "content" in said:
        sized(said["content"], "content", CONTENT)
    if said.get("family_tree") is not None:
        sized(said["family_tree"], "familyTreeId", NAME)
    if "metadata" in said:
        checked_metadata(said["metadata"])
    return said


def sized(text: str, name: str, most: int, *, least: int = 0) -> str:
    """A text that can be stored and is no longer than allowed; raises Unfit."""
    if not least <= len(text) <= most:
        raise Unfit(name, f"it has {len(text)} characters, and may have {least} to {most}")
    return storable(text, name)


def checked_metadata(value: Any) -> dict[str, Any]:
    """Metadata that can be stored: an object, neither deep nor large; raises Unfit."""
    if not isinstance(value, dict):
        raise Unfit("metadata", "it is no object")
    seen = 0
    ahead: list[tuple[Any, int]] = [(value, 1)]
    while ahead:
        each, depth = ahead.pop()
        seen += 1
        if depth > DEPTH or seen > VALUES:
            raise Unfit(
                "metadata", f"it nests deeper than {DEPTH} levels, or holds more than {VALUES} values"
            )
        ahead += [(inner, depth + 1) for inner in inside(each)]
    if len(json.dumps(value, ensure_ascii=False)) > CHARACTERS:
        raise Unfit("metadata", f"it has more than {CHARACTERS} characters")
    return value


def inside(value: Any) -> Iterable[Any]:
    """What a value of metadata holds, names too; raises Unfit where it cannot be stored itself."""
    if isinstance(value, dict):
        return [*value, *value.values()]
    if isinstance(value, list):
        return value
    if isinstance(value, str):
        storable(value, "metadata")
    elif isinstance(value, int):
        bigint(value, "metadata")
    return ()


def merged(old: Mapping[str, Any], new: Mapping[str, Any]) -> dict[str, Any]:
    """Metadata with new values: objects are joined, everything else is replaced."""
    joined = dict(old)
    for name, value in new.items():
        before = joined.get(name)
        both = isinstance(before, dict) and isinstance(value, dict)
        joined[name] = merged(before, value) if both else value  # type: ignore[arg-type]  # both are dicts
    return joined
