"""Keeps an index equal to what is stored: follows the changes, and begins anew where it lost their thread."""

import asyncio
import logging
from collections.abc import AsyncIterator, Sequence
from typing import Any, NamedTuple

from beanie import Document
from bson import ObjectId
from pymongo.asynchronous.database import AsyncDatabase
from pymongo.errors import OperationFailure, PyMongoError

from models import raw
from models.changes import FORGOTTEN
from models.feeds import Stream, place_of
from models.keys import new_uuid
from models.raw import Collection
from models.search.engine import Changes, Engine, Findable, Place
from models.search.portions import CHUNK, Part, chunks, findables, portions
from models.search.sources import SOURCES, Findables
from models.trees import Tree

logger = logging.getLogger(__name__)

# Changes that are taken in together, and for how many seconds the first of them waits for others.
MOST, LINGER = 500, 0.3
# Seconds after which the place is kept though nothing has changed: the store forgets old ones.
KEEP = 600.0
# Seconds until the store is asked again after it failed, at first and at most.
PAUSE, LONGEST = 0.5, 30.0
# What the pipeline lets through besides changes of documents: what cannot be followed one by one.
UPHEAVALS = frozenset({"drop", "rename", "dropDatabase", "invalidate"})


class SearchState(Document):
    """Which store this is, so that an index of another one is not taken for its own."""

    id: str = "index"  # type: ignore[assignment]  # Beanie's is an ObjectId
    store: str

    class Settings:
        name = "search_state"


class Lost(Exception):
    """The thread of changes is lost, so that everything has to be read again."""


class Touched(NamedTuple):
    """What has changed: documents by their kind, and trees whose privacy is another now."""

    documents: dict[Findables, dict[ObjectId, None]]
    trees: dict[ObjectId, None]

    @classmethod
    def nothing(cls) -> "Touched":
        """Nothing."""
        return cls({each: {} for each in SOURCES}, {})

    def __bool__(self) -> bool:
        return bool(self.trees) or any(self.documents.values())

    @property
    def number(self) -> int:
        """How much has changed."""
        return sum(map(len, self.documents.values())) + len(self.trees)


class Feeder:
    """Feeds one index from one database; `engine` is fed by nobody else meanwhile."""

    def __init__(self, database: AsyncDatabase[dict[str, Any]], engine: Engine) -> None:
        self.database = database
        self.engine = engine
        self.by_collection = {each.collection: each for each in SOURCES}
        # Set once the index has been equal to the store.
        self.ready = asyncio.Event()
        self.applied = 0

    async def run(self) -> None:
        """Follows until it is cancelled; a store that is away for a while is asked again."""
        pause = PAUSE
        while True:
            try:
                try:
                    await self.once()
                except Lost as reason:
                    logger.warning("The search index is made anew: %s", reason)
                    await forget()
                pause = PAUSE
            except Exception as error:
                # The last line of defence: whatever it was, an index that nobody feeds any more is worse.
                away = isinstance(error, PyMongoError)
                logger.warning(
                    "The search index waits%s.", " for the database" if away else "", exc_info=True
                )
                await asyncio.sleep(pause)
                pause = min(2 * pause, LONGEST)

    async def once(self) -> None:
        """Follows from where the index is; raises Lost, and PyMongoError where the store fails."""
        store = await store_id()
        place = await self.engine.place()
        if place is None or place.store != store:
            place = await self.build(store)
        try:
            async with await self.database.watch(self.pipeline(), **options(place.token)) as stream:
                self.ready.set()
                await self.follow(stream, place)
        except OperationFailure as error:
            if error.code in FORGOTTEN:
                raise Lost("the store has forgotten the changes since then") from error
            raise

    async def build(self, store: str) -> Place:
        """Reads everything; the place is one from before, so that what changes meanwhile comes again."""
        async with await self.database.watch(self.pipeline(), **options(None)) as stream:
            # The first look gives the place from which whatever comes is told.
            await stream.try_next()
            place = Place(store, place_of(stream))
        await self.engine.rebuild(self.everything(), place)
        return place

    async def everything(self) -> AsyncIterator[Sequence[Findable]]:
        """All that can be found, some at a time."""
        for source in SOURCES:
            async for documents in portions(source, {}):
                yield await findables(source, documents)

    async def follow(self, stream: Stream, place: Place) -> None:
        """Takes in what the stream brings, together what comes together."""
        loop = asyncio.get_running_loop()
        touched, since, kept = Touched.nothing(), 0.0, loop.time()
        while True:
            change = await stream.try_next()
            now = loop.time()
            if change is not None:
                since = since if touched else now
                if self.note(change, touched):
                    return
            full = touched.number >= MOST
            if touched and (change is None or full or now - since >= LINGER):
                before, place = place, Place(place.store, place_of(stream))
                await self.take_in(touched, before, place)
                touched, kept = Touched.nothing(), loop.time()
            elif not touched and now - kept >= KEEP:
                place = Place(place.store, place_of(stream))
                await self.engine.apply(Changes(()), place)
                kept = loop.time()

    def note(self, change: dict[str, Any], touched: Touched) -> bool:
        """Notes a change; whether the store is another now. Raises Lost where it cannot be followed."""
        what, name = change["operationType"], change.get("ns", {}).get("coll")
        if what in UPHEAVALS:
            raise Lost(f"{what} of {name or 'the database'}")
        id = change["documentKey"]["_id"]
        if name == SearchState.get_collection_name():
            return True
        if name == Tree.get_collection_name():
            touched.trees[id] = None
        else:
            touched.documents[self.by_collection[name]][id] = None
        return False

    async def take_in(self, touched: Touched, before: Place, place: Place) -> None:
        """Brings the index to what is stored now of all that was touched."""
        part = Part()
        for source, ids in touched.documents.items():
            for some in chunks(ids, CHUNK):
                left = set(some)
                async for documents in portions(source, {"_id": {"$in": some}}):
                    left -= {each["_id"] for each in documents}
                    await self.gather(part, source, documents, before)
                part.gone(source, left)
        for tree_id in touched.trees:
            for source in SOURCES:
                if source.needs_tree:
                    # Be the tree still there or not.
                    async for documents in portions(source, {"tree_id": tree_id}):
                        await self.gather(part, source, documents, before)
        await self.hand_over(part, place)

    async def gather(self, part: Part, source: Findables, documents: Sequence[Any], before: Place) -> None:
        """Adds documents to a part; a full one is taken in already, and again where the rest is cut off."""
        part.gone(source, (each["_id"] for each in documents))
        part.there(await findables(source, documents))
        if part.is_full:
            await self.hand_over(part, before)

    async def hand_over(self, part: Part, place: Place) -> None:
        """Has the index take a part in."""
        there = [each for each in part.changes.values() if each is not None]
        gone = [id for id, each in part.changes.items() if each is None]
        await self.engine.apply(Changes(there, gone), place)
        self.applied += len(part.changes)
        part.begin()

    def pipeline(self) -> list[dict[str, Any]]:
        """Changes of what can be found, of which trees are there and for whom, and of the whole store."""
        names = [*self.by_collection, SearchState.get_collection_name()]
        trees = Tree.get_collection_name()
        told = [
            {"ns.coll": {"$in": names}},
            {"ns.coll": trees, "operationType": {"$in": ["insert", "replace", "delete", *UPHEAVALS]}},
            {"ns.coll": trees, "updateDescription.updatedFields.privacy": {"$exists": True}},
            {"operationType": {"$in": ["dropDatabase", "invalidate"]}},
        ]
        kinds = ["insert", "update", "replace", "delete", *UPHEAVALS]
        return [
            {"$match": {"operationType": {"$in": kinds}, "$or": told}},
            {"$project": {"operationType": 1, "ns": 1, "documentKey": 1}},
        ]


async def forget() -> None:
    """Has every index of this store made anew, by whoever feeds it."""
    await raw.collection(SearchState).update_one({"_id": "index"}, {"$set": {"store": new_uuid()}})


async def store_id() -> str:
    """Which store this is; named when it is asked for the first time."""
    collection: Collection = raw.collection(SearchState)
    found: Any = await collection.find_one_and_update(
        {"_id": "index"}, {"$setOnInsert": {"store": new_uuid()}}, upsert=True, return_document=True
    )
    return str(found["store"])


def options(token: str | None) -> dict[str, Any]:
    """How the changes are read: from a place on, waiting a moment for more."""
    said: dict[str, Any] = {"max_await_time_ms": int(LINGER * 1000), "batch_size": MOST}
    return said if token is None else {**said, "start_after": {"_data": token}}
