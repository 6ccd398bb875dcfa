"""An index in the database itself: one for all machines, without folders; it knows no misspelt words."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any

from pymongo import DeleteMany, IndexModel, ReplaceOne
from pymongo.asynchronous.database import AsyncDatabase

from models.search.engine import Changes, Facets, Findable, Found, Hit, Place, Scope, Wanted
from models.search.errors import SearchAway
from models.search.kinds import Order
from models.search.stored_fields import Row, begins, filter_of, row_of, visible
from models.search.words import words_of
from models.transactions import DURABLE

NAME, PLACE = "search_index", "place"
INDEXES = [IndexModel("names"), IndexModel("scopes"), IndexModel("text_0"), IndexModel("generation")]
# Rows that are made at one go, and the letters from which on one is made beside the loop.
SLICE, LONG = 20, 20_000
# What a name counts that is there as it was written, and one that only begins so.
EXACT, BEGUN = 4, 1


class InStore:
    """An index that is a collection."""

    def __init__(self, database: AsyncDatabase[dict[str, Any]]) -> None:
        self.collection = database.with_options(write_concern=DURABLE)[NAME]

    async def place(self) -> Place | None:
        """How far it is; None for an index that has nothing yet."""
        found = await self.collection.find_one({"_id": PLACE})
        return None if found is None else Place(found["store"], found["token"])

    async def apply(self, changes: Changes, place: Place) -> None:
        """Takes changes in; the place is written last, so that what was cut off is taken in again."""
        gone = [DeleteMany({"_id": {"$in": list(changes.gone)}})] if changes.gone else []
        there = await self._puts(changes.there, place.store)
        if gone or there:
            await self.collection.bulk_write([*gone, *there])
        await self._at(place)

    async def rebuild(self, everything: AsyncIterator[Sequence[Findable]], place: Place) -> None:
        """Holds this and nothing else. Until that is done, what was there before is still found."""
        await self.collection.create_indexes(INDEXES)
        async for some in everything:
            if some:
                await self.collection.bulk_write(await self._puts(some, place.store), ordered=False)
        await self.collection.delete_many({"_id": {"$ne": PLACE}, "generation": {"$ne": place.store}})
        await self._at(place)

    async def search(self, wanted: Wanted, scope: Scope) -> Found:
        """What fits, of what may be seen; raises SearchAway where there is no index yet."""
        await self._placed()
        asked = words_of(wanted.words) + words_of(wanted.first_name) + words_of(wanted.last_name)
        direction = -1 if wanted.descending else 1
        by = "score" if wanted.order is Order.RELEVANCE else wanted.order.value.lower()
        page: list[Row] = [
            {"$addFields": {"score": score(asked)}},
            {"$sort": {by: direction, "updated": -1, "_id": 1}},
            {"$skip": wanted.skip},
            {"$limit": max(1, wanted.limit)},
            {"$project": {"score": 1}},
        ]
        parts: dict[str, Any] = {"hits": page, "total": [{"$count": "number"}]}
        if wanted.facets:
            parts |= {name: counted(f"${name}") for name in ("kind", "privacy")}
            parts["year"] = counted({"$year": "$created"})
        stages = [{"$match": filter_of(wanted, scope)}, {"$facet": parts}]
        (answer,) = await (await self.collection.aggregate(stages)).to_list()
        hits = [Hit(each["_id"], float(each["score"])) for each in answer["hits"]] if wanted.limit else []
        facets = [
            {each["_id"]: each["number"] for each in answer.get(name, ())}
            for name in ("kind", "privacy", "year")
        ]
        return Found(sum(each["number"] for each in answer["total"]), hits, Facets(*facets))

    async def begin(self, text: str, scope: Scope, limit: int) -> Sequence[Hit]:
        """What may be seen and has names that a half-written text begins; raises SearchAway."""
        await self._placed()
        asked = words_of(text)
        if not asked:
            return []
        wanted = {"$and": [visible(scope), *(begins("names", word) for word in asked)]}
        found = self.collection.find(wanted, {"_id": True}, sort=[("title", 1)], limit=limit)
        return [Hit(each["_id"], 1.0) for each in await found.to_list()]

    async def held(self) -> Mapping[str, str]:
        """The digest of everything in it, by id."""
        await self._placed()
        found = self.collection.find({"_id": {"$ne": PLACE}}, {"digest": True})
        return {each["_id"]: each["digest"] for each in await found.to_list()}

    async def close(self) -> None:
        """There is nothing to give back."""

    async def _placed(self) -> None:
        if await self.place() is None:
            raise SearchAway

    async def _at(self, place: Place) -> None:
        said = {"store": place.store, "token": place.token}
        await self.collection.replace_one({"_id": PLACE}, said, upsert=True)

    async def _puts(self, some: Sequence[Findable], store: str) -> list[ReplaceOne[Row]]:
        puts = []
        for number, each in enumerate(some, 1):
            row = await asyncio.to_thread(row_of, each) if each.letters > LONG else row_of(each)
            puts.append(ReplaceOne({"_id": each.id}, {**row, "generation": store}, upsert=True))
            if number % SLICE == 0:
                await asyncio.sleep(0)
        return puts


def score(asked: Sequence[str]) -> Any:
    """How well names fit: each word that is there as it was written counts more than one that is begun so."""
    if not asked:
        return {"$literal": 0}
    exact = {"$size": {"$setIntersection": ["$names", list(asked)]}}
    few = {"$divide": [BEGUN, {"$max": [1, {"$size": "$names"}]}]}
    return {"$add": [{"$multiply": [EXACT, exact]}, few]}


def counted(by: Any) -> list[Row]:
    """How many there are of each."""
    return [{"$group": {"_id": by, "number": {"$sum": 1}}}, {"$sort": {"_id": 1}}]
