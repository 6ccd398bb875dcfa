"""Documents as they are stored: dicts, with naive datetimes in UTC, for the short way to an answer."""

from typing import Any

from beanie import Document
from bson.codec_options import CodecOptions
from pymongo.asynchronous.collection import AsyncCollection

Collection = AsyncCollection[dict[str, Any]]
# The keys of a raw document that are wanted; None stands for all of it.
Fields = tuple[str, ...] | None
Projection = dict[str, bool] | None

# Aware datetimes would take the decoder half as long again.
RAW: CodecOptions[dict[str, Any]] = CodecOptions()

_collections: dict[type[Document], tuple[Collection, Collection]] = {}


def collection(kind: type[Document]) -> Collection:
    """The collection for raw reads that a kind is tied to now; the same object until that changes."""
    bound = kind.get_pymongo_collection()
    known = _collections.get(kind)
    if known is None or known[0] is not bound:
        known = _collections[kind] = bound, bound.with_options(codec_options=RAW)
    return known[1]


def projection(fields: Fields) -> Projection:
    """What MongoDB is asked for, so that it sends only these fields."""
    return None if fields is None else {"_id": True, **dict.fromkeys(fields, True)}


async def page(
    collection: Collection, wanted: dict[str, Any], after: int | None, limit: int, projection: Projection
) -> list[Any]:
    """Documents by id, from the one after `after`, in one round trip."""
    if after is not None:
        wanted = {**wanted, "_id": {"$gt": after}}
    found = collection.find(wanted, projection, sort=[("_id", 1)], limit=limit, batch_size=limit)
    return await found.to_list()


def stored_form(document: Document) -> dict[str, Any]:
    """A document as the database holds it."""
    form: dict[str, Any] = document.model_dump(by_alias=True, exclude={"revision_id"})
    return form
