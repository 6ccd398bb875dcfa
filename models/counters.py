"""Documents with the whole-number ids of the old servers, and the counters behind them."""

from typing import Any

from beanie import Document
from pymongo import ReturnDocument


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
    counter: Any = await Counter.get_pymongo_collection().find_one_and_update(
        {"_id": kind.get_collection_name()},
        {"$inc": {"last": 1}},
        upsert=True,
        return_document=ReturnDocument.AFTER,
    )
    return int(counter["last"])


async def leave_behind(kind: type[Numbered], highest: int, session: Any = None) -> None:
    """Makes the next id higher than `highest`; never lowers it."""
    await Counter.get_pymongo_collection().update_one(
        {"_id": kind.get_collection_name()}, {"$max": {"last": highest}}, upsert=True, session=session
    )
