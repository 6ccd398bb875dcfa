"""The promise: a request sees one version of what it reads, and never one from before a write it knows of."""

import asyncio
import random
from typing import Any

import pytest
from pymongo import AsyncMongoClient

from models import batches
from models.courses import BY_ID, Course
from models.errors import CourseNotFound
from models.joins import Reads
from server.embedded import Services
from tests.commands import Commands
from tests.models.held import COURSES, Held, loop_future, titles

pytestmark = pytest.mark.usefixtures("forty_courses")


async def test_a_request_sees_one_version_until_it_forgets(commands: Commands) -> None:
    reads = Reads()
    first, same = await asyncio.gather(BY_ID.load(1, reads=reads), BY_ID.load(1, reads=reads))
    assert first is same
    await Course.find_one({"_id": 1}).update({"$set": {"title": "New"}})
    commands.sent.clear()
    assert await titles(BY_ID.load(1, reads=reads), BY_ID.load(1, ("title",), reads)) == ["Course 1"] * 2
    assert commands.reads == []
    with reads.written():
        pass
    assert await titles(BY_ID.load(1, reads=reads)) == ["New"]


async def test_what_was_asked_before_forgetting_is_not_remembered_after() -> None:
    lane, reads = Held(), Reads()
    before = lane.load(1, reads=reads).future()
    while not lane.answered:
        await asyncio.sleep(0)
    await Course.find_one({"_id": 1}).update({"$set": {"title": "New"}})
    reads.forget()
    lane.gate.set()
    assert await titles(before, lane.load(1, reads=reads)) == ["Course 1", "New"]
    assert await titles(lane.load(1, reads=reads)) == ["New"]


async def test_a_document_that_was_read_in_part_is_read_again_for_more(commands: Commands) -> None:
    reads = Reads()
    assert await BY_ID.load(1, ("title",), reads) == {"_id": 1, "title": "Course 1"}
    assert await BY_ID.load(1, ("published",), reads) == {"_id": 1, "published": False}
    assert set(await BY_ID.get(1, CourseNotFound, None, reads)) > {"title", "description"}
    assert commands.reads == ["courses"] * 3


async def test_a_request_may_ask_for_more_while_it_waits() -> None:
    lane, reads = Held(), Reads()
    first = lane.load(1, reads=reads).future()
    await lane.sent(1)
    more = [lane.load(key, reads=reads).future() for key in (2, 1)]
    lane.gate.set()
    assert await titles(first, *more) == ["Course 1", "Course 2", "Course 1"]
    assert lane.batches == [[1], [2]]


async def test_a_column_is_one_query_beside_what_is_known_or_on_its_way(commands: Commands) -> None:
    reads = Reads()
    await BY_ID.load(1, reads=reads)
    pending = BY_ID.load(2, reads=reads).future()
    commands.sent.clear()
    told = loop_future()
    reads.all(BY_ID, [3, 1, None, 2, 3, 99], None, lambda values, error: told.set_result((values, error)))
    values, error = await told
    assert error is None
    assert [value and value["_id"] for value in values] == [3, 1, None, 2, 3, None]
    assert values[3] is await pending
    assert [sorted(find["filter"]["_id"]["$in"]) for find in commands.of("find")] == [[2, 3, 99]]
    at_once: list[Any] = []
    reads.all(BY_ID, [2, None], None, lambda values, error: at_once.append(values))
    assert at_once == [[values[3], None]]


async def test_a_long_column_comes_back_once_in_order_or_with_one_error(
    commands: Commands, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = loop_future()
    keys = [random.randrange(1, 2000) for _ in range(3000)]
    Reads().all(BY_ID, keys, ("title",), lambda values, error: told.set_result(values))
    assert [value and value["_id"] for value in await told] == [
        key if key <= COURSES else None for key in keys
    ]
    monkeypatch.setattr(batches, "SECONDS", 0.2)
    lane, errors = Held(), []
    Reads().all(lane, list(range(1100)), None, lambda values, error: errors.append(type(error)))
    await asyncio.sleep(0.8)
    assert errors == [TimeoutError]


async def test_only_who_must_have_it_is_told_that_it_is_missing() -> None:
    reads = Reads()
    outcomes = await asyncio.gather(
        BY_ID.get(99, CourseNotFound, reads=reads),
        BY_ID.load(99, reads=reads),
        BY_ID.get(1, CourseNotFound, reads=reads),
        return_exceptions=True,
    )
    assert [type(outcome) for outcome in outcomes] == [CourseNotFound, type(None), dict]


async def test_nobody_sees_an_old_value_after_a_write_is_acknowledged(services: Services) -> None:
    """Each writes with one client and reads through the lanes of another, under load."""
    client: AsyncMongoClient[dict[str, Any]] = AsyncMongoClient(services.mongodb_uri)
    bound = Course.get_pymongo_collection()
    direct = client[bound.database.name].get_collection("courses", write_concern=bound.write_concern)
    stale: list[tuple[int, int]] = []
    reads = 0

    async def write_and_read(key: int) -> None:
        nonlocal reads
        for version in range(1, 31):
            await direct.update_one({"_id": key}, {"$set": {"version": version}})
            course: Any = await BY_ID.load(key)
            reads += 1
            if course["version"] != version:
                stale.append((key, version))

    async def look(until: asyncio.Task[Any]) -> None:
        while not until.done():
            await BY_ID.load(random.randrange(1, COURSES + 1))

    async with client:
        writers = asyncio.ensure_future(
            asyncio.wait_for(asyncio.gather(*map(write_and_read, range(1, 25))), 60)
        )
        await asyncio.gather(writers, *(look(writers) for _ in range(40)))
    assert (reads, stale) == (24 * 30, [])
