"""Lanes: reads of one collection by one key, in which requests meet."""

import asyncio
import re
from abc import ABC, abstractmethod
from collections.abc import Callable
from operator import itemgetter
from typing import Any, Generic, TypeVar

from beanie import Document

from models import raw
from models.batches import BATCH, Batcher
from models.errors import DomainError
from models.joins import Asked, Load, Reads
from models.raw import Collection, Fields, Projection
from models.text import bigint, storable

Value = TypeVar("Value")
Row = TypeVar("Row")

# Whatever a batch of groups holds comes in as few round trips as messages of 16 MB allow.
ROWS = 100_000
# Documents of groups that one batch should have: some milliseconds of work for the server.
GROUP_ROWS = 2_000
# Pages of one batch, and how many documents a page may have that shares a round trip with others.
PAGES, PAGE_ROWS = 8, 100


class Lane(ABC, Generic[Value]):
    """Reads of one collection by a key: one field, or several that are one key together.

    There is no session here: what a transaction reads, it reads alone.
    """

    def __init__(self, kind: type[Document], *key: str, needs: Fields = (), hidden: Fields = ()) -> None:
        self.key = key
        # What has to be known of every document, and what nobody is handed who asks for whole ones.
        self.needs = needs or ()
        self.hidden = dict.fromkeys(hidden or (), False) or None
        self.batcher = Batcher(kind, self.read)

    def load(self, key: object, fields: Fields = None, reads: Reads | None = None) -> Load[Value]:
        """What stands for this key, read when somebody waits for it; raises Unfit for an impossible key."""
        return Load(reads or Reads(), self, self.fit(key), fields, None)

    def fit(self, key: object) -> object:
        """The key itself, if the store can hold it: otherwise everybody's batch would fail with it."""
        for name, part in zip(self.key, key if isinstance(key, tuple) else (key,), strict=True):
            if isinstance(part, int):
                bigint(part, name)
            elif isinstance(part, str):
                storable(part, name)
        return key

    async def read(self, collection: Collection, batch: list[Asked]) -> dict[Any, Any]:
        """What each key of a batch stands for, with every field that one of its requests wants."""
        keys = list({key for asked in batch for key in asked.items})
        wanted = {asked.fields for asked in batch}
        if None in wanted:
            return await self.find(collection, keys, self.hidden)
        names = (name for fields in wanted for name in fields or ())
        return await self.find(collection, keys, dict.fromkeys(("_id", *self.needs, *names), True))

    @abstractmethod
    async def find(self, collection: Collection, keys: list[Any], projection: Projection) -> dict[Any, Any]:
        """What stands for each of the keys."""


class Unique(Lane[Row | None]):
    """A lane whose key one document has, or none."""

    def __init__(self, kind: type[Document], *key: str, hidden: Fields = ()) -> None:
        super().__init__(kind, *(key or ("_id",)), needs=key, hidden=hidden)
        self.key_of = itemgetter(*self.key)

    def get(
        self, key: object, missing: type[DomainError], fields: Fields = None, reads: Reads | None = None
    ) -> Load[Row]:
        """The document with this key; raises Unfit, and `missing` to whoever waits."""
        return Load(reads or Reads(), self, self.fit(key), fields, missing)

    async def find(self, collection: Collection, keys: list[Any], projection: Projection) -> dict[Any, Any]:
        """The documents by their key."""
        if len(self.key) == 1:
            wanted = among(self.key[0], keys)
        else:
            wanted = {"$or": [dict(zip(self.key, key, strict=True)) for key in keys]}
        # One more than can come, or the store would keep a cursor for what might.
        found = await collection.find(wanted, projection, batch_size=len(keys) + 1).to_list()
        return dict(zip(map(self.key_of, found), found, strict=True))


class Group(Lane[list[Row]]):
    """A lane whose key many documents have: all of them, in the order of some of their fields, null last.

    A field may be one inside another: `a.b`.
    """

    def __init__(self, kind: type[Document], key: str, *, order: tuple[str, ...]) -> None:
        super().__init__(kind, key, needs=(key, *(name.partition(".")[0] for name in order)))
        self.order = order

    async def find(self, collection: Collection, keys: list[Any], projection: Projection) -> dict[Any, Any]:
        """The documents of each key."""
        name = self.key[0]
        found = await collection.find(among(name, keys), projection, batch_size=ROWS).to_list()
        # The next batch comes in while this one is taken apart, and nobody else waits long for either.
        self.batcher.most = max(1, min(BATCH, GROUP_ROWS * len(keys) // max(1, len(found))))
        groups: dict[Any, list[Any]] = {key: [] for key in keys}
        for document in found:
            groups[document[name]].append(document)
        for group in groups.values():
            arrange(group, self.order)
        return groups


class Members(Group[Row]):
    """A group whose key stands in a list: a document is in the group of each key that its list has."""

    async def find(self, collection: Collection, keys: list[Any], projection: Projection) -> dict[Any, Any]:
        """The documents of each key; one that has it twice is there once."""
        name = self.key[0]
        found = await collection.find(among(name, keys), projection, batch_size=ROWS).to_list()
        arrange(found, self.order)
        groups: dict[Any, list[Any]] = {key: [] for key in keys}
        for document in found:
            for key in set(document[name]) & groups.keys():
                groups[key].append(document)
        return groups


class Counted(Lane[int | None]):
    """A lane that tells how many documents have a key; None stands for none."""

    async def find(self, collection: Collection, keys: list[Any], projection: Projection) -> dict[Any, Any]:
        """The number of documents of each key."""
        name = self.key[0]
        stages: list[dict[str, Any]] = [
            {"$match": among(name, keys)},
            {"$group": {"_id": f"${name}", "number": {"$sum": 1}}},
        ]
        cursor = await collection.aggregate(stages, batchSize=len(keys) + 1)
        return {each["_id"]: each["number"] for each in await cursor.to_list()}


class Pages(Lane[list[Row]]):
    """A lane whose keys are pages by id: of what, after which id, and how many documents.

    A page that many ask for is read once; others share a round trip as long as they are small.
    """

    def __init__(self, kind: type[Document], *of: str, wanted: Callable[..., dict[str, Any]]) -> None:
        super().__init__(kind, *of, "after", "limit")
        self.wanted = wanted
        self.batcher.most = PAGES

    async def find(self, collection: Collection, keys: list[Any], projection: Projection) -> dict[Any, Any]:
        """The page of each key."""
        large = [key for key in keys if key[-1] > PAGE_ROWS]
        small = [key for key in keys if key[-1] <= PAGE_ROWS]
        parts = [small, *([key] for key in large)] if small else [[key] for key in large]
        read = (raw.pages(collection, [self.page(key) for key in part], projection) for part in parts)
        found = await asyncio.gather(*read)
        return {
            key: page
            for part, pages in zip(parts, found, strict=True)
            for key, page in zip(part, pages, strict=True)
        }

    def page(self, key: tuple[Any, ...]) -> raw.Page:
        """The page that a key stands for."""
        *of, after, limit = key
        return raw.Page(self.wanted(*of), after, limit)


def among(name: str, values: list[Any]) -> dict[str, Any]:
    """A filter for documents whose field has one of the values."""
    return {name: values[0] if len(values) == 1 else {"$in": values}}


def matching(name: str, text: str) -> dict[str, Any]:
    """A filter for documents whose field holds a text, in capitals or not."""
    return {name: {"$regex": re.escape(text), "$options": "i"}}


def arrange(documents: list[Any], order: tuple[str, ...]) -> None:
    """Sorts documents by their fields, null last."""
    paths = [tuple(name.split(".")) for name in order]
    try:
        # Column by column, which takes half as long as to call something for each document.
        places = zip(*(column(documents, path) for path in paths), strict=True)
        placed = sorted(zip(places, documents, strict=True), key=itemgetter(0))
        documents[:] = [document for _, document in placed]
    except (TypeError, KeyError):
        # Null cannot be compared, and asking each time whether it is there takes twice as long.
        documents.sort(key=lambda each: [placed_at(each, path) for path in paths])


def column(documents: list[Any], path: tuple[str, ...]) -> list[Any]:
    """One field of each document, which may stand inside another; each is there."""
    if len(path) == 1:
        return [each[path[0]] for each in documents]
    return [each[path[0]][path[1]] for each in documents]


def placed_at(document: Any, path: tuple[str, ...]) -> tuple[bool, Any]:
    """What sorts a document by a field, null last."""
    for name in path:
        document = document and document.get(name)
    return document is None, document
