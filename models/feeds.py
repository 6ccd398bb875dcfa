"""One change stream a process and database, told to all who follow a tree, and another one for jobs.

A stream costs the store a cursor, and every change a look at its document; a follower costs a short list.
"""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any, NamedTuple

from bson import ObjectId
from pymongo.asynchronous.change_stream import AsyncChangeStream
from pymongo.asynchronous.database import AsyncDatabase

from models.batches import own
from models.errors import Overloaded
from models.family_errors import FollowedTooSlowly

Database = AsyncDatabase[dict[str, Any]]
Stream = AsyncChangeStream[dict[str, Any]]
# Who follows a tree in one process, and the changes that may wait for one of them.
FOLLOWERS, WAITING = 10_000, 1_000
# Those who come back at once and look for what they have missed, each with a stream of their own.
MISSING = 10


class Seen(NamedTuple):
    """One change as the store tells it, and the place behind it."""

    place: str
    collection: str
    edit: str
    id: ObjectId


class Follower:
    """Somebody who is told of the changes of a tree, each once and in order."""

    def __init__(self) -> None:
        self._changes: asyncio.Queue[Seen | None] = asyncio.Queue(WAITING)
        self._ended = False
        self._error: BaseException | None = None

    def tell(self, change: Seen) -> None:
        """Adds a change; one too many is the end."""
        if self._ended:
            return
        if self._changes.full():
            self.end(FollowedTooSlowly())
        else:
            self._changes.put_nowait(change)

    def end(self, error: BaseException | None) -> None:
        """Tells nothing more: what waits is still read, and then the error is raised."""
        if not self._ended:
            self._ended, self._error = True, error
            # Whoever waits for a change is woken; where the list is full, nobody does.
            if not self._changes.full():
                self._changes.put_nowait(None)

    async def changes(self) -> AsyncGenerator[Seen, None]:
        """The changes from now on."""
        while not (self._ended and self._changes.empty()):
            change = await self._changes.get()
            if change is not None:
                yield change
        if self._error is not None:
            raise self._error


class Feed:
    """The change stream of a database, as long as somebody follows one of its trees."""

    def __init__(self, database: Database, stages: list[dict[str, Any]], trees: str) -> None:
        self.database = database
        self.stages = stages
        self.trees = trees
        # Behind the last change that was told: whatever comes later is still to be told.
        self.place = ""
        self.moment = 0
        self.missing = asyncio.Semaphore(MISSING)
        self._followers: dict[ObjectId, set[Follower]] = {}
        self._opened = asyncio.Event()
        self._task = asyncio.get_running_loop().create_task(self._run())

    async def opened(self) -> None:
        """Returns when the stream has begun, or could not."""
        await self._opened.wait()

    def add(self, tree_id: ObjectId, follower: Follower) -> None:
        """Has somebody told of a tree."""
        self._followers.setdefault(tree_id, set()).add(follower)

    def remove(self, tree_id: ObjectId, follower: Follower) -> None:
        """Tells somebody nothing more."""
        followers = self._followers[tree_id]
        followers.discard(follower)
        if not followers:
            del self._followers[tree_id]

    def __len__(self) -> int:
        return sum(map(len, self._followers.values()))

    @property
    def is_over(self) -> bool:
        """Whether the stream has ended by itself."""
        return self._task.done()

    async def close(self) -> None:
        """Ends the stream."""
        self._task.cancel()
        await asyncio.wait({self._task})

    async def _run(self) -> None:
        error: BaseException | None = None
        try:
            async with await watch(self.database, self.stages) as stream:
                self.place = place_of(stream)
                # A stream begins one tick behind the last thing that the store has done.
                self.moment = moment_of(self.place) - 1
                self._opened.set()
                async for change in stream:
                    self._tell(change)
        except Exception as fault:
            error = fault
        finally:
            self._end(error)

    def _end(self, error: BaseException | None) -> None:
        for followers in self._followers.values():
            for follower in followers:
                follower.end(error and own(error))
        self._opened.set()

    def _tell(self, change: dict[str, Any]) -> None:
        told = seen(change)
        self.place, self.moment = told.place, moment_of(told.place)
        if told.collection == self.trees:
            trees = {told.id}
        else:
            # What has gone from one tree to another is news in both.
            images = (change.get(name) or {} for name in ("fullDocument", "fullDocumentBeforeChange"))
            trees = {image["tree_id"] for image in images if "tree_id" in image}
        for tree_id in trees:
            for follower in self._followers.get(tree_id, ()):
                follower.tell(told)


_feeds: dict[tuple[asyncio.AbstractEventLoop, int, str, str], Feed] = {}


@asynccontextmanager
async def joined(
    database: Database, stages: list[dict[str, Any]], trees: str, tree_id: ObjectId
) -> AsyncGenerator[tuple[Feed, Follower], None]:
    """Somebody who is told of a tree while the block runs; raises Overloaded, and what the store does.

    What is followed may be documents of any other collection as well: `trees` is its name.
    """
    # Clients of one address are equal, although one of them may be closed.
    key = asyncio.get_running_loop(), id(database.client), database.name, trees
    feed = _feeds.get(key)
    if feed is None or feed.is_over:
        feed = _feeds[key] = Feed(database, stages, trees)
    if len(feed) >= FOLLOWERS:
        raise Overloaded
    follower = Follower()
    feed.add(tree_id, follower)
    try:
        await feed.opened()
        yield feed, follower
    finally:
        feed.remove(tree_id, follower)
        if not len(feed):
            if _feeds.get(key) is feed:
                del _feeds[key]
            await feed.close()


async def watch(
    database: Database, stages: list[dict[str, Any]], after: str | None = None, wait: int | None = None
) -> Stream:
    """A change stream, from now on or from a place; it looks for news for so many milliseconds."""
    return await database.watch(
        stages,
        full_document="updateLookup",
        full_document_before_change="whenAvailable",
        resume_after=None if after is None else {"_data": after},
        max_await_time_ms=wait,
        # What comes with the answer that opens a stream would hide the place before it.
        batch_size=0,
    )


def place_of(stream: Stream) -> str:
    """Behind what a stream has told so far."""
    token: Any = stream.resume_token
    return str(token["_data"])


def moment_of(place: str) -> int:
    """When a place was; of several places of one moment, only those behind changes are in order."""
    return int(place[2:18], 16)


def seen(change: dict[str, Any]) -> Seen:
    """A change as the store tells it."""
    return Seen(
        change["_id"]["_data"], change["ns"]["coll"], change["operationType"], change["documentKey"]["_id"]
    )
