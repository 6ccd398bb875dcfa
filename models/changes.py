"""Changes of a tree as they are made, from now on or from a place in the past."""

import re
from collections.abc import AsyncGenerator
from contextlib import aclosing
from enum import StrEnum
from typing import Any, NamedTuple

from beanie import Document
from bson import ObjectId
from pymongo.asynchronous.database import AsyncDatabase
from pymongo.errors import OperationFailure

from models import feeds, raw
from models.errors import Invalid
from models.events import Event
from models.feeds import Feed, Seen
from models.people import Person
from models.relationships import Relationship
from models.sources import Source
from models.trees import Tree

# Who has missed more reads the tree again; a look for it lasts so many milliseconds.
MISSED, LOOK = 5_000, 100
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


async def follow(tree_id: ObjectId, after: str | None = None) -> AsyncGenerator[TreeChange, None]:
    """The changes of a tree from now on, or from a place; raises Invalid, Overloaded and FollowedTooSlowly.

    Where the place is forgotten or lies too far back, the first change is one of the tree itself: read it
    again.
    """
    if after is not None and not CURSOR.fullmatch(after):
        raise Invalid("after is no cursor of a change.", name="after")
    kinds = {kind.get_collection_name(): word for kind, word in KINDS.items()}
    trees = Tree.get_collection_name()
    database = raw.collection(Tree).database
    async with feeds.joined(database, stages(), trees, tree_id) as (feed, follower):
        told = after or ""
        if after is not None:
            missed = await _missed(feed, tree_id, after)
            if missed is None:
                missed = [Seen(feed.place, trees, "update", tree_id)]
            for change in missed:
                told = change.place
                yield _shown(change, kinds)
        async with aclosing(follower.changes()) as changes:
            async for change in changes:
                # What came while the missed ones were looked for is among them.
                if change.place > told:
                    yield _shown(change, kinds)


async def _missed(feed: Feed, tree_id: ObjectId, after: str) -> list[Seen] | None:
    """What of a tree the feed had told since a place, and perhaps more; None where that is too much."""
    until, found, wanted = feed.moment, list[Seen](), [*stages(), {"$match": of_tree(tree_id)}]
    try:
        async with feed.missing, await feeds.watch(feed.database, wanted, after, LOOK) as stream:
            while len(found) < MISSED:
                change = await stream.try_next()
                if change is not None:
                    found.append(feeds.seen(change))
                elif feeds.moment_of(feeds.place_of(stream)) >= until:
                    return found
    except OperationFailure as error:
        if error.has_error_label("ResumableChangeStreamError"):
            raise
        if error.code not in FORGOTTEN:
            raise Invalid("after is no cursor of a change.", name="after") from error
    return None


def _shown(change: Seen, kinds: dict[str, Changed]) -> TreeChange:
    return TreeChange(change.place, kinds[change.collection], EDITS[change.edit], change.id)


def stages() -> list[dict[str, Any]]:
    """What is a change of a tree: of itself, or of a document that belongs or belonged to it."""
    names = [kind.get_collection_name() for kind in KINDS]
    # What is shown is read anew, so that nothing of the documents but their tree has to come along.
    told = ("operationType", "ns", "documentKey", "fullDocument.tree_id", "fullDocumentBeforeChange.tree_id")
    return [
        {"$match": {"ns.coll": {"$in": names}, "operationType": {"$in": list(EDITS)}}},
        {"$project": dict.fromkeys(told, 1)},
    ]


def of_tree(tree_id: ObjectId) -> dict[str, Any]:
    """A filter for the changes of one tree."""
    ours = [
        {"ns.coll": Tree.get_collection_name(), "documentKey._id": tree_id},
        {"fullDocument.tree_id": tree_id},
        {"fullDocumentBeforeChange.tree_id": tree_id},
    ]
    return {"$or": ours}
