"""All who follow trees share one change stream, and are told of each change of theirs once and in order."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

import pytest
from bson import ObjectId
from pymongo.asynchronous.database import AsyncDatabase

from models import changes, feeds, person_writes, raw, tree_writes
from models.changes import TreeChange
from models.errors import Overloaded
from models.family_errors import FollowedTooSlowly
from models.people import Person
from tests.models.family import ADA, NOW

Database = AsyncDatabase[dict[str, Any]]
Stream = AsyncGenerator[TreeChange, None]


@pytest.fixture
async def store(database: Database) -> Database:
    """An empty database that remembers what goes."""
    await changes.remember(database)
    return database


async def planted() -> ObjectId:
    return (await tree_writes.create({"name": "Moyo"}, ADA, NOW))["_id"]


async def enter(tree: ObjectId, name: str) -> ObjectId:
    return (await person_writes.add(tree, {"first_name": name}, ADA, NOW))["_id"]


async def streams(database: Database) -> int:
    """How many change streams of the database the store keeps."""
    found = await database.client.admin.aggregate([{"$currentOp": {"idleCursors": True}}])
    began = [each.get("cursor", {}).get("originatingCommand", {}) async for each in found]
    ours = [command for command in began if command.get("$db") == database.name and "pipeline" in command]
    return sum("$changeStream" in stage for command in ours for stage in command["pipeline"][:1])


async def gone(database: Database) -> None:
    """Returns when the store keeps no change stream of the database any more."""
    async with asyncio.timeout(5):
        while await streams(database):
            await asyncio.sleep(0.02)


class Listener:
    """Somebody who reads everything that they are told, as soon as they are."""

    def __init__(self, tree: ObjectId, after: str | None = None) -> None:
        self.stream: Stream = changes.follow(tree, after)
        self.heard: list[TreeChange] = []
        self.task = asyncio.ensure_future(self.listen())

    async def listen(self) -> None:
        async for change in self.stream:
            self.heard.append(change)

    async def hears(self, *ids: ObjectId) -> list[TreeChange]:
        """What was heard until the last of the ids was among it."""
        async with asyncio.timeout(20):
            while not {each.id for each in self.heard}.issuperset(ids):
                assert not self.task.done() or self.task.result()
                await asyncio.sleep(0.02)
        return self.heard

    async def leave(self) -> None:
        self.task.cancel()
        await asyncio.wait([self.task])
        await self.stream.aclose()


@asynccontextmanager
async def listening(tree: ObjectId, after: str | None = None) -> AsyncIterator[Listener]:
    """A listener who is told of whatever happens inside the block."""
    listener = Listener(tree, after)
    try:
        await begun()
        yield listener
    finally:
        await listener.leave()


async def begun() -> None:
    """Returns when the feed of this loop has begun."""
    async with asyncio.timeout(20):
        while not (found := list(feeds._feeds.values())) or not found[0].place:
            await asyncio.sleep(0.01)


async def test_fifty_followers_share_one_stream_which_ends_with_the_last(store: Database) -> None:
    trees = [await planted() for _ in range(5)]
    async with AsyncExitStack() as stack:
        listeners = [await stack.enter_async_context(listening(tree)) for tree in trees * 10]
        people = [await enter(tree, f"One {number}") for tree in trees for number in range(3)]
        for number, listener in enumerate(listeners):
            ours = people[3 * (number % 5) : 3 * (number % 5) + 3]
            heard = await listener.hears(*ours)
            assert [each.id for each in heard if each.kind == "PERSON"] == ours
        assert await streams(store) == 1
        for listener in listeners[:49]:
            await listener.leave()
        assert await streams(store) == 1
    assert not feeds._feeds
    await gone(store)


async def test_a_follower_who_is_killed_takes_the_stream_along(store: Database) -> None:
    listener = Listener(await planted())
    await begun()
    assert await streams(store) == 1
    listener.task.cancel()
    await asyncio.wait([listener.task])
    await gone(store)


async def test_who_reads_too_slowly_is_told_so_and_goes_on_from_there(
    store: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feeds, "WAITING", 3)
    tree = await planted()
    async with listening(tree) as quick:
        slow = changes.follow(tree)
        first = asyncio.ensure_future(anext(slow))
        await asyncio.sleep(0.05)
        people = [await enter(tree, f"One {number}") for number in range(6)]
        await quick.hears(*people)
        told = [await first]
        with pytest.raises(FollowedTooSlowly, match="as `after`"):
            async for change in slow:
                told.append(change)
        # What waited is still read.
        assert [each.cursor for each in told] == [each.cursor for each in quick.heard[: len(told)]]
        assert 3 <= len(told) < len(quick.heard)
        async with listening(tree, told[-1].cursor) as again:
            await again.hears(people[-1])
            assert again.heard == quick.heard[len(told) :]


async def test_who_comes_back_hears_each_change_once_whatever_happens_meanwhile(store: Database) -> None:
    tree, other = await planted(), await planted()
    async with listening(tree) as always:
        people = [await enter(tree, f"One {number}") for number in range(4)]
        await always.hears(*people)
        place = always.heard[1].cursor
        for round in range(3):
            again = Listener(tree, place)
            more = await asyncio.gather(*(enter(tree, f"More {round} {number}") for number in range(4)))
            await enter(other, "Elsewhere")
            await again.hears(*more)
            await always.hears(*more)
            assert again.heard == always.heard[2:]
            await again.leave()
        # They looked for what they had missed with streams of their own, which are gone.
        assert await streams(store) == 1


async def test_who_missed_too_much_reads_the_tree_again(
    store: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(changes, "MISSED", 3)
    tree = await planted()
    async with listening(tree) as always:
        people = [await enter(tree, f"One {number}") for number in range(4)]
        await always.hears(*people)
        async with listening(tree, always.heard[0].cursor) as again:
            (first,) = await again.hears(tree)
            assert (first.kind, first.change, first.cursor) == ("TREE", "CHANGED", always.heard[-1].cursor)
            new = await enter(tree, "New")
            assert [each.id for each in await again.hears(new)].count(new) == 1


async def test_whom_a_change_of_tree_concerns_are_told_in_both(store: Database) -> None:
    one, other = await planted(), await planted()
    async with listening(one) as here, listening(other) as there:
        moved = await enter(one, "Moved")
        await raw.collection(Person).update_one({"_id": moved}, {"$set": {"tree_id": other}})
        await there.hears(moved)
        await raw.collection(Person).delete_one({"_id": moved})
        last = await enter(one, "Last")
        told = [(each.id, each.change) for each in await here.hears(last) if each.kind == "PERSON"]
        assert told == [(moved, "ADDED"), (moved, "CHANGED"), (last, "ADDED")]
        assert [each.change for each in there.heard] == ["CHANGED", "REMOVED"]


async def test_there_is_a_last_follower(store: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    tree = await planted()
    monkeypatch.setattr(feeds, "FOLLOWERS", 1)
    async with listening(tree):
        with pytest.raises(Overloaded):
            await anext(changes.follow(tree))
        assert await streams(store) == 1


async def test_a_stream_that_cannot_begin_is_everybody_s_error_and_begins_anew(
    store: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    tree = await planted()
    with monkeypatch.context() as broken:
        broken.setattr(changes, "stages", lambda: [{"$group": {"_id": None}}])
        errors = await asyncio.gather(
            *(anext(changes.follow(tree)) for _ in range(2)), return_exceptions=True
        )
        assert [type(error).__name__ for error in errors] == ["OperationFailure"] * 2
    async with listening(tree) as listener:
        await listener.hears(await enter(tree, "One"))


async def test_a_stream_has_a_place_however_much_is_written_while_it_begins(store: Database) -> None:
    async def write() -> None:
        while True:
            await store["trees"].insert_one({})

    writers = [asyncio.create_task(write()) for _ in range(8)]
    try:
        for _ in range(150):
            async with await feeds.watch(store, []) as stream:
                assert feeds.place_of(stream)
    finally:
        for writer in writers:
            writer.cancel()
        await asyncio.gather(*writers, return_exceptions=True)
