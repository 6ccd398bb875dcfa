"""What can be found, read some at a time: neither many documents are held at once, nor many long ones."""

import asyncio
from collections.abc import AsyncIterator, Iterable, Sequence
from itertools import islice
from typing import Any

from bson import ObjectId

from models import raw
from models.kinds import Privacy
from models.search.engine import Findable
from models.search.sources import Findables, privacy_of
from models.trees import Tree

# Documents that are read at once.
CHUNK = 100
# What is held of what is taken in together: so many documents, and about so many letters of long ones.
PART, ROOM = 2_000, 4_000_000


class Part:
    """What is taken in together: what things are now, or None for what is gone."""

    def __init__(self) -> None:
        self.begin()

    def begin(self) -> None:
        """Holds nothing."""
        self.changes: dict[str, Findable | None] = {}
        self.letters = 0

    def gone(self, source: Findables, ids: Iterable[ObjectId]) -> None:
        """Notes what is gone, unless it is said to be there afterwards."""
        self.changes |= {source.id_of(id): None for id in ids}

    def there(self, found: Iterable[Findable]) -> None:
        """Notes what things are now."""
        for each in found:
            self.changes[each.id] = each
            self.letters += each.letters

    @property
    def is_full(self) -> bool:
        """Whether more would take too much memory."""
        return len(self.changes) >= PART or self.letters >= ROOM


async def portions(source: Findables, wanted: dict[str, Any]) -> AsyncIterator[list[Any]]:
    """Documents of one kind, some at a time, of long ones few; by their ids where all are wanted."""
    some: list[Any] = []
    letters = 0
    order = [] if wanted else [("_id", 1)]
    async with raw.collection(source.kind).find(wanted, sort=order, batch_size=CHUNK) as found:
        async for document in found:
            some.append(document)
            letters += len(document.get("content") or "")
            if len(some) >= CHUNK or letters >= ROOM:
                yield some
                some, letters = [], 0
    if some:
        yield some


async def findables(source: Findables, documents: Sequence[Any]) -> list[Findable]:
    """Documents as an index holds them; those of trees that are gone are left out."""
    privacies: dict[Any, Privacy] = {}
    if source.needs_tree and documents:
        wanted = {"_id": {"$in": list({each["tree_id"] for each in documents})}}
        async for tree in raw.collection(Tree).find(wanted, {"privacy": True}):
            privacies[tree["_id"]] = privacy_of(tree)
        documents = [each for each in documents if each["tree_id"] in privacies]
    found = []
    for number, each in enumerate(documents, 1):
        findable = source.findable(each, privacies.get(each.get("tree_id")))
        if findable is not None:
            found.append(findable)
        if number % 20 == 0:
            await asyncio.sleep(0)
    return found


def chunks(ids: Iterable[ObjectId], size: int) -> Iterable[list[ObjectId]]:
    """The ids, some at a time."""
    each = iter(ids)
    while some := list(islice(each, size)):
        yield some
