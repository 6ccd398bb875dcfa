"""Documents with the whole-number ids of the old servers, and the counters behind them."""

from collections.abc import Iterator
from functools import partial
from typing import Any

from beanie import Document
from pymongo import ReturnDocument

from models.batches import Batcher, Entry
from models.raw import Collection


class Counter(Document):
    """The last id given out in one collection."""

    id: str  # type: ignore[assignment]  # Beanie's is an ObjectId
    last: int

    class Settings:
        name = "counters"


class Numbered(Document):
    """A document whose id is a whole number."""

    id: int  # type: ignore[assignment]  # Beanie's is an ObjectId


async def next_id(kind: type[Numbered]) -> int:
    """An id that nobody else is given; outside any transaction, so that writers do not wait."""
    batcher = _ids.get(kind)
    if batcher is None:
        batcher = _ids[kind] = Batcher(Counter, partial(give_out, kind.get_collection_name()))
    id: int = await batcher.one(None)
    return id


async def give_out(name: str, collection: Collection, batch: list[Entry]) -> Iterator[int]:
    """The next ids of a collection, one for each who asked in one turn, in their order."""
    counter: Any = await collection.find_one_and_update(
        {"_id": name},
        {"$inc": {"last": len(batch)}},
        upsert=True,
        return_document=ReturnDocument.AFTER,
    )
    last = int(counter["last"])
    return iter(range(last - len(batch) + 1, last + 1))


_ids: dict[type[Numbered], Batcher] = {}


async def leave_behind(kind: type[Numbered], highest: int, session: Any = None) -> None:
    """Makes the next id higher than `highest`; never lowers it."""
    await Counter.get_pymongo_collection().update_one(
        {"_id": kind.get_collection_name()}, {"$max": {"last": highest}}, upsert=True, session=session
    )


async def reserve(kind: type[Numbered], number: int) -> range:
    """So many ids that nobody else is given, in a row."""
    if not number:
        return range(0)
    counter: Any = await Counter.get_pymongo_collection().find_one_and_update(
        {"_id": kind.get_collection_name()},
        {"$inc": {"last": number}},
        upsert=True,
        return_document=ReturnDocument.AFTER,
    )
    last = int(counter["last"])
    return range(last - number + 1, last + 1)
