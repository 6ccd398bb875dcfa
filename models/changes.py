"""Changes of a tree as they are made, from now on or from a place in the past."""

import re
from collections.abc import AsyncGenerator
from enum import StrEnum
from typing import Any, NamedTuple

from beanie import Document
from bson import ObjectId
from pymongo.asynchronous.database import AsyncDatabase
from pymongo.errors import OperationFailure

from models import raw
from models.errors import Invalid, Overloaded
from models.events import Event
from models.people import Person
from models.relationships import Relationship
from models.sources import Source
from models.trees import Tree

# Streams of one process; each keeps a cursor in the store.
FOLLOWERS = 1_000
CURSOR = re.compile("[0-9A-F]{2,4096}")
# The place lies further back than the store remembers.
FORGOTTEN = frozenset({136, 234, 280, 286})
# What stays of a document for those who are told that it is gone.
OPTION, IMAGES = "changeStreamPreAndPostImages", {"enabled": True}


class Changed(StrEnum):
    """What has changed."""

    TREE = "TREE"
    PERSON = "PERSON"
    RELATIONSHIP = "RELATIONSHIP"
    EVENT = "EVENT"
    SOURCE = "SOURCE"


class Edit(StrEnum):
    """How it has changed."""

    ADDED = "ADDED"
    CHANGED = "CHANGED"
    REMOVED = "REMOVED"


KINDS: dict[type[Document], Changed] = {
    Tree: Changed.TREE,
    Person: Changed.PERSON,
    Relationship: Changed.RELATIONSHIP,
    Event: Changed.EVENT,
    Source: Changed.SOURCE,
}
EDITS = {"insert": Edit.ADDED, "update": Edit.CHANGED, "replace": Edit.CHANGED, "delete": Edit.REMOVED}


class TreeChange(NamedTuple):
    """One change, and the place behind it."""

    cursor: str
    kind: Changed
    change: Edit
    id: ObjectId


async def remember(database: AsyncDatabase[dict[str, Any]]) -> None:
    """Has the store keep what a document was, so that who follows a tree hears of what goes from it."""
    names = [kind.get_collection_name() for kind in KINDS]
    async with await database.list_collections(filter={"name": {"$in": names}}) as found:
        kept = {each["name"] async for each in found if each["options"].get(OPTION) == IMAGES}
    # To change a collection, even to what it is, stops everybody in it for a moment; each start would.
    for name in names:
        if name not in kept:
            await database.command({"collMod": name, OPTION: IMAGES})


class _Count:
    """How many follow a tree in this process."""

    now = 0


async def follow(tree_id: ObjectId, after: str | None = None) -> AsyncGenerator[TreeChange, None]:
    """The changes of a tree from now on, or from a place; raises Invalid and Overloaded.

    Where the place is forgotten, the first change is one of the tree itself: read it again.
    """
    if after is not None and not CURSOR.fullmatch(after):
        raise Invalid("after is no cursor of a change.", name="after")
    if _Count.now >= FOLLOWERS:
        raise Overloaded
    _Count.now += 1
    try:
        try:
            async for change in _stream(tree_id, after):
                after = None
                yield change
        except OperationFailure as error:
            # Only the first look can show what is wrong with a place; later the store has other troubles.
            if after is None or error.has_error_label("ResumableChangeStreamError"):
                raise
            if error.code not in FORGOTTEN:
                raise Invalid("after is no cursor of a change.", name="after") from error
            async for change in _afresh(tree_id):
                yield change
    finally:
        _Count.now -= 1


async def _afresh(tree_id: ObjectId) -> AsyncGenerator[TreeChange, None]:
    database = raw.collection(Tree).database
    async with await database.watch(pipeline(tree_id), **_options(None)) as stream:
        # The first look gives the place from which whatever comes is told.
        await stream.try_next()
        place: Any = stream.resume_token
    yield TreeChange(place["_data"], Changed.TREE, Edit.CHANGED, tree_id)
    async for change in _stream(tree_id, place["_data"]):
        yield change


async def _stream(tree_id: ObjectId, after: str | None) -> AsyncGenerator[TreeChange, None]:
    kinds = {kind.get_collection_name(): word for kind, word in KINDS.items()}
    database = raw.collection(Tree).database
    async with await database.watch(pipeline(tree_id), **_options(after)) as stream:
        async for change in stream:
            yield TreeChange(
                change["_id"]["_data"],
                kinds[change["ns"]["coll"]],
                EDITS[change["operationType"]],
                change["documentKey"]["_id"],
            )


def pipeline(tree_id: ObjectId) -> list[dict[str, Any]]:
    """What is a change of the tree: of itself, or of a document that belongs or belonged to it."""
    names = [kind.get_collection_name() for kind in KINDS]
    ours = [
        {"ns.coll": Tree.get_collection_name(), "documentKey._id": tree_id},
        {"fullDocument.tree_id": tree_id},
        {"fullDocumentBeforeChange.tree_id": tree_id},
    ]
    wanted = {"ns.coll": {"$in": names}, "operationType": {"$in": list(EDITS)}, "$or": ours}
    # What is shown is read anew, so that nothing of the documents has to come along.
    return [{"$match": wanted}, {"$project": {"operationType": 1, "ns": 1, "documentKey": 1}}]


def _options(after: str | None) -> dict[str, Any]:
    options: dict[str, Any] = {
        "full_document": "updateLookup",
        "full_document_before_change": "whenAvailable",
    }
    return options if after is None else {**options, "resume_after": {"_data": after}}
