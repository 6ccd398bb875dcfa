"""Documents as they are stored: dicts, with naive datetimes in UTC, for the short way to an answer."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from beanie import Document
from bson.codec_options import CodecOptions
from pymongo.asynchronous.collection import AsyncCollection

Collection = AsyncCollection[dict[str, Any]]
# The keys of a raw document that are wanted; None stands for all of it.
Fields = tuple[str, ...] | None
Projection = dict[str, bool] | None

# Aware datetimes would take the decoder half as long again.
RAW: CodecOptions[dict[str, Any]] = CodecOptions()

# Under which a document says to which of several pages it belongs; no kind has such a field.
NUMBER = "_page"

_collections: dict[type[Document], tuple[Collection, Collection]] = {}


def collection(kind: type[Document]) -> Collection:
    """The collection for raw reads that a kind is tied to now; the same object until that changes."""
    bound = kind.get_pymongo_collection()
    known = _collections.get(kind)
    if known is None or known[0] is not bound:
        known = _collections[kind] = bound, bound.with_options(codec_options=RAW)
    return known[1]


class Page(NamedTuple):
    """Documents by id, from the one after `after`."""

    wanted: dict[str, Any]
    after: object | None
    limit: int

    @property
    def filter(self) -> dict[str, Any]:
        """What the documents have to be."""
        return self.wanted if self.after is None else {**self.wanted, "_id": {"$gt": self.after}}


async def page(collection: Collection, asked: Page, projection: Projection) -> list[Any]:
    """The documents of a page, in one round trip."""
    limit = asked.limit
    found = collection.find(asked.filter, projection, sort=[("_id", 1)], limit=limit, batch_size=limit)
    return await found.to_list()


async def pages(collection: Collection, asked: Sequence[Page], projection: Projection) -> list[list[Any]]:
    """The documents of each page, in one round trip for all of them."""
    if len(asked) == 1:
        return [await page(collection, asked[0], projection)]
    first, *others = [_stages(number, each, projection) for number, each in enumerate(asked)]
    beside = [{"$unionWith": {"coll": collection.name, "pipeline": stages}} for stages in others]
    # One more than can come, or the store would keep a cursor for what might.
    cursor = await collection.aggregate([*first, *beside], batchSize=sum(each.limit for each in asked) + 1)
    found: list[list[Any]] = [[] for _ in asked]
    for document in await cursor.to_list():
        found[document.pop(NUMBER)].append(document)
    return found


def _stages(number: int, asked: Page, projection: Projection) -> list[dict[str, Any]]:
    shown = [{"$project": projection}] if projection else []
    numbered = {"$addFields": {NUMBER: {"$literal": number}}}
    return [{"$match": asked.filter}, {"$sort": {"_id": 1}}, {"$limit": asked.limit}, *shown, numbered]


def stored_form(document: Document) -> dict[str, Any]:
    """A document as the database holds it."""
    form: dict[str, Any] = document.model_dump(by_alias=True, exclude={"revision_id"})
    return form
