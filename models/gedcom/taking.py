"""Taking: what a file becomes in a tree, stored batch by batch so that doing it again changes nothing."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

from beanie import Document
from bson import ObjectId
from pymongo.errors import BulkWriteError

from models import raw
from models.gedcom.documents import KINDS, Batch
from models.gedcom.kinship import kinship
from models.gedcom.making import Maker
from models.gedcom.naming import Names
from models.gedcom.outline import Outline, outlined
from models.inserts import DUPLICATE
from models.transactions import Session

# Told after each batch: up to which line everything is stored, and how many records of how many.
Progress = Callable[[int, int, int], Awaitable[None]]
# Documents of one command.
COMMAND = 500


@dataclass
class Order:
    """A file to take in: where it lies, for which tree, who asked when; `id` names all that comes of it."""

    id: ObjectId
    path: Path
    tree_id: ObjectId
    account: str
    now: datetime


@dataclass
class Reading:
    """A file that was read once, and the batches of its second reading."""

    outline: Outline
    batches: Iterator[Batch]


def read(order: Order) -> Reading:
    """The outline of a file, with its batches to come; raises GedcomRefused."""
    with order.path.open("rb") as file:
        outline = outlined(file)
    maker = Maker(outline, kinship(outline), Names(order.id), order.tree_id, order.account, order.now)

    def batches() -> Iterator[Batch]:
        with order.path.open("rb") as file:
            yield from maker.batches(file)

    return Reading(outline, batches())


class Taken(NamedTuple):
    """What came of a file: its outline with the problems, and the documents by collection."""

    outline: Outline
    counts: dict[str, int]


async def take(order: Order, progress: Progress, after: int = 0) -> Taken:
    """Stores what a file becomes, but for what stands up to a line; reading is done beside the loop."""
    reading = await asyncio.to_thread(read, order)
    taken = Taken(reading.outline, {kind.get_collection_name(): 0 for kind in KINDS})
    done = 0
    while batch := await asyncio.to_thread(next, reading.batches, None):
        done += batch.records
        for kind, documents in batch.documents.items():
            taken.counts[kind.get_collection_name()] += len(documents)
            if batch.line > after:
                await store(kind, documents)
        await progress(batch.line, done, reading.outline.records)
    return taken


def few(order: Order, most: int) -> tuple[Outline, Batch] | None:
    """A small file and all that it becomes; None where that is more than so many documents."""
    reading = read(order)
    whole, count = Batch(), 0
    for batch in reading.batches:
        for kind, documents in batch.documents.items():
            whole.documents[kind] += documents
            count += len(documents)
        if count > most:
            return None
    return reading.outline, whole


async def take_at_once(outline: Outline, batch: Batch, session: Session) -> Taken:
    """Stores what a small file becomes, all of it or nothing."""
    for kind, documents in batch.documents.items():
        if documents:
            await raw.collection(kind).insert_many(documents, session=session)
    return Taken(outline, {kind.get_collection_name(): len(batch.documents[kind]) for kind in KINDS})


async def store(kind: type[Document], documents: list[dict[str, Any]]) -> None:
    """Inserts documents, but for those that are there."""
    for start in range(0, len(documents), COMMAND):
        try:
            await raw.collection(kind).insert_many(documents[start : start + COMMAND], ordered=False)
        except BulkWriteError as error:
            details: Any = error.details
            refused = details["writeErrors"]
            if details["writeConcernErrors"] or any(not is_again(each) for each in refused):
                raise


def is_again(refused: dict[str, Any]) -> bool:
    """Whether a document was refused because it is there already, by its id."""
    return refused["code"] == DUPLICATE and list(refused.get("keyPattern", {})) == ["_id"]


async def undo(import_id: ObjectId) -> None:
    """Takes out of the tree all that an import has stored."""
    names = Names(import_id)
    for kind in KINDS:
        for space in SPACES:
            first, last = names.span(space)
            await raw.collection(kind).delete_many({"_id": {"$gte": first, "$lte": last}})


# What ids of documents are made of, beside lines.
SPACES = ("record", "event", "union", "husband", "wife", "tie")
