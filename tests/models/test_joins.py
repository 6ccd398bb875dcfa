"""The promise: reads of one turn are one query, see what was written before, and nobody pays for others.

Lanes that a test holds up stand for a slow store; the store itself is always the real one.
"""

import asyncio
from contextvars import ContextVar
from typing import Any

import pytest
from pymongo import AsyncMongoClient
from pymongo.asynchronous.database import AsyncDatabase
from pymongo.errors import OperationFailure

import models
from models import batches, lanes, transactions
from models.courses import BY_ID, LESSONS, Course, CourseContent, published
from models.errors import Overloaded, Unfit
from models.joins import Reads
from models.lanes import Unique
from models.raw import Collection, Projection
from models.users import BY_ID as USERS
from models.users import HIDDEN
from server.embedded import Services
from tests.commands import Commands, noted
from tests.models.held import COURSES, Held, loop_future, titles, turns

pytestmark = pytest.mark.usefixtures("forty_courses")


async def test_reads_of_one_turn_are_one_query(commands: Commands) -> None:
    keys = [3, 1, 2, 3, 99, 1]
    assert await titles(*(BY_ID.load(key) for key in keys)) == [
        "Course 3",
        "Course 1",
        "Course 2",
        "Course 3",
        None,
        "Course 1",
    ]
    (find,) = commands.of("find")
    assert sorted(find["filter"]["_id"]["$in"]) == [1, 2, 3, 99]
    assert "projection" not in find
    assert commands.reads == ["courses"]


async def test_one_key_is_asked_for_plainly(commands: Commands) -> None:
    assert await titles(BY_ID.load(7), BY_ID.load(7)) == ["Course 7"] * 2
    assert [find["filter"] for find in commands.of("find")] == [{"_id": 7}]


async def test_more_rows_than_a_first_batch_usually_has_come_in_one_round_trip(commands: Commands) -> None:
    await CourseContent.insert_many([CourseContent(id=id, course_id=1 + id % 3) for id in range(300)])
    await Course.insert_many([Course(id=id) for id in range(100, 300)])
    commands.sent.clear()
    await asyncio.gather(*(BY_ID.load(key) for key in range(100, 300)))
    lessons = await asyncio.gather(*(LESSONS.load(key) for key in (1, 2, 3)))
    assert [len(each) for each in lessons] == [100, 100, 100]
    assert commands.reads == ["courses", "course_content"]


async def test_a_batch_reads_what_any_of_its_requests_wants(commands: Commands) -> None:
    narrow, wide = await asyncio.gather(
        BY_ID.load(1, ("title",)).future(), BY_ID.load(2, ("title", "published")).future()
    )
    assert narrow == {"_id": 1, "title": "Course 1", "published": False}
    assert wide == {"_id": 2, "title": "Course 2", "published": True}
    assert [set(find["projection"]) for find in commands.of("find")] == [{"_id", "title", "published"}]
    commands.sent.clear()
    await asyncio.gather(BY_ID.load(1, ("title",)).future(), BY_ID.load(2).future())
    assert ["projection" in find for find in commands.of("find")] == [False]
    assert await BY_ID.load(1, ()) == {"_id": 1}


async def test_what_is_hidden_is_never_read(commands: Commands) -> None:
    user, narrow = await asyncio.gather(USERS.load(1), USERS.load(1, ("email",)))
    assert user is not None and user == narrow and user["username"] == "ada"
    assert user.keys().isdisjoint(HIDDEN) and "password_hash" in HIDDEN
    assert [find["projection"] for find in commands.of("find")] == [dict.fromkeys(HIDDEN, False)]


@pytest.mark.parametrize("key", [2**63, "\ud800", "a\0"])
async def test_an_impossible_key_harms_nobody_else(key: object) -> None:
    waiting = BY_ID.load(1).future()
    with pytest.raises(Unfit):
        BY_ID.load(key)
    assert (await waiting) is not None


def three(lane: Held, turn: int) -> list[asyncio.Future[Any]]:
    return [lane.load(key).future() for key in range(turn * 3 + 1, turn * 3 + 4)]


async def test_while_a_batch_is_on_its_way_the_next_gathers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batches, "SLOW", 60.0)
    lane = Held()
    loads = []
    for turn in range(6):
        loads += three(lane, turn)
        await turns()
    assert lane.batches == [[1, 2, 3]]
    lane.gate.set()
    assert await titles(*loads) == [f"Course {key}" for key in range(1, 19)]
    assert lane.batches == [[1, 2, 3], list(range(4, 19))]


async def test_a_second_batch_goes_beside_a_slow_one_and_never_a_third() -> None:
    lane = Held()
    loads = three(lane, 0)
    await turns()
    loads += three(lane, 1)
    await lane.sent(2)
    assert lane.batches == [[1, 2, 3], [4, 5, 6]]
    for turn in (2, 3):
        loads += three(lane, turn)
        await asyncio.sleep(2 * batches.SLOW)
    assert len(lane.batches) == 2
    lane.gate.set()
    assert await titles(*loads) == [f"Course {key}" for key in range(1, 13)]
    assert lane.batches[2:] == [list(range(7, 13))]


async def test_what_comes_after_a_quick_batch_is_not_taken_for_late() -> None:
    lane = Held()
    lane.gate.set()
    # A timer is left of each of these.
    for key in range(1, 4):
        await titles(lane.load(key), lane.load(key + 1))
        waiting = [lane.load(5).future()]
        await turns()
        waiting.append(lane.load(6).future())
        await titles(*waiting)
    lane.gate.clear()
    first = [lane.load(7).future()]
    await turns()
    first.append(lane.load(8).future())
    assert lane.batches[-1] == [7]
    await lane.sent(len(lane.batches) + 1)
    lane.gate.set()
    assert await titles(*first) == ["Course 7", "Course 8"]


async def test_batches_are_bounded_and_the_oldest_go_first() -> None:
    lane = Held()
    loads = [lane.load(key).future() for key in range(1, 1301)]
    await lane.sent(2)
    assert lane.batches == [list(range(1, 501)), list(range(501, 1001))]
    late = lane.load(2000).future()
    lane.gate.set()
    assert await titles(*loads, late) == [
        f"Course {key}" if key <= COURSES else None for key in range(1, 1302)
    ]
    assert lane.batches[2:] == [[*range(1001, 1301), 2000]]


async def test_a_request_with_many_keys_does_not_hold_up_those_before_it() -> None:
    lane, hungry = Held(), Reads()
    first = [lane.load(key).future() for key in (1, 2)]
    many = [lane.load(key, reads=hungry).future() for key in range(10, 1710)]
    last = lane.load(3).future()
    lane.gate.set()
    await asyncio.gather(*first, *many, last)
    assert [len(batch) for batch in lane.batches] == [2, 500, 500, 500, 201]
    assert 3 in lane.batches[-1]


async def test_under_overload_who_came_first_is_read_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batches, "BATCH", 20)
    lane = Held()
    lane.gate.set()
    waiting = set()
    for key in range(400):
        waiting.add(lane.load(key).future())
        if key % 7 == 0:
            await asyncio.sleep(0)
    await asyncio.wait(waiting)
    assert [key for batch in lane.batches for key in batch] == list(range(400))
    assert max(map(len, lane.batches)) == 20


async def test_who_comes_when_too_many_wait_is_told_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batches, "QUEUE", 3)
    lane = Held()
    first = [lane.load(1).future(), lane.load(2).future()]
    await lane.sent(1)
    second = lane.load(3).future()
    await lane.sent(2)
    waiting = [lane.load(key).future() for key in (4, 5, 6)]
    with pytest.raises(Overloaded):
        await lane.load(7)
    column: list[Any] = []
    Reads().all(lane, [8, 9], None, lambda values, error: column.append((values, type(error))))
    assert column == [(None, Overloaded)]
    lane.gate.set()
    assert await titles(*first, second, *waiting) == [f"Course {key}" for key in range(1, 7)]
    assert await titles(lane.load(7)) == ["Course 7"]


async def test_a_read_never_joins_a_query_that_was_sent_before() -> None:
    lane = Held()
    before = lane.load(1).future()
    # The store has answered, but nobody has been told.
    while not lane.answered:
        await asyncio.sleep(0)
    await Course.find_one({"_id": 1}).update({"$set": {"title": "New"}})
    after = lane.load(1).future()
    lane.gate.set()
    assert await titles(before, after) == ["Course 1", "New"]
    assert lane.batches == [[1], [1]]


async def test_a_waiter_that_gives_up_harms_nobody() -> None:
    lane = Held()
    waiters = [asyncio.ensure_future(asyncio.wait_for(lane.load(key), 5)) for key in (1, 1, 2, 2, 3, 3)]
    await lane.sent(1)
    waiters[0].cancel()
    waiters[3].cancel()
    await turns()
    lane.gate.set()
    outcomes: list[Any] = await asyncio.gather(*waiters, return_exceptions=True)
    assert [
        type(outcome) if isinstance(outcome, BaseException) else outcome["_id"] for outcome in outcomes
    ] == [asyncio.CancelledError, 1, 2, asyncio.CancelledError, 3, 3]
    assert lane.batches == [[1, 2, 3]]


async def test_each_waiter_gets_an_error_of_its_own(commands: Commands) -> None:
    class Wrong(Unique[Any]):
        async def find(self, collection: Collection, keys: list[Any], projection: Projection) -> Any:
            return await super().find(collection, [{"$nonsense": 1}], projection)

    lane, reads = Wrong(Course), Reads()
    outcomes: list[Any] = await asyncio.gather(
        lane.load(1),
        lane.load(2),
        lane.load(3, reads=reads),
        lane.load(3, reads=reads),
        return_exceptions=True,
    )
    assert {type(error) for error in outcomes} == {OperationFailure}
    assert len({id(error) for error in outcomes}) == 4
    assert len({id(error.__cause__) for error in outcomes}) == 1
    assert {(str(error), error.code) for error in outcomes} == {(str(outcomes[0]), outcomes[0].code)}
    # An error is not remembered: the next who asks has it read again.
    sent = len(commands.of("find"))
    with pytest.raises(OperationFailure):
        await lane.load(3, reads=reads)
    assert len(commands.of("find")) == sent + 1


async def test_a_batch_that_gets_no_answer_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batches, "SECONDS", 0.2)
    lane = Held()
    outcomes = await asyncio.gather(*(lane.load(key) for key in (1, 2)), return_exceptions=True)
    assert [type(outcome) for outcome in outcomes] == [TimeoutError, TimeoutError]
    lane.gate.set()
    assert await titles(lane.load(1)) == ["Course 1"]


async def test_a_batch_knows_nothing_of_who_asked() -> None:
    caller: ContextVar[str] = ContextVar("caller", default="nobody")
    seen = []

    class Curious(Unique[Any]):
        async def find(self, collection: Collection, keys: list[Any], projection: Projection) -> Any:
            seen.append(caller.get())
            return await super().find(collection, keys, projection)

    caller.set("ada")
    lane = Curious(Course)
    loop, told = asyncio.get_running_loop(), loop_future()

    def tell(value: Any, error: BaseException | None) -> None:
        told.set_result((caller.get(), asyncio.current_task(loop)))

    lane.load(1).then(tell)
    who, task = await told
    assert who == "nobody" and task is not asyncio.current_task()
    assert seen == ["nobody"]


async def test_a_batch_that_is_cancelled_before_it_begins_stops_nobody() -> None:
    lane = Held()
    lane.gate.set()
    first = lane.load(1).future()
    (batch,) = lane.batcher.queue.tasks
    batch.cancel()
    assert await titles(first, lane.load(2)) == ["Course 1", "Course 2"]
    assert (lane.batcher.queue.started, lane.batcher.queue.tasks) == (0, {})


async def test_a_fault_of_one_waiter_is_told_to_the_loop_and_to_nobody_else() -> None:
    loop, faults, reads = asyncio.get_running_loop(), [], Reads()

    def broken(value: Any, error: BaseException | None) -> None:
        raise RuntimeError("broken")

    loop.set_exception_handler(lambda loop, about: faults.append(about["exception"]))
    try:
        BY_ID.load(1, reads=reads).then(broken)
        assert await titles(BY_ID.load(1, reads=reads), BY_ID.load(2)) == ["Course 1", "Course 2"]
    finally:
        loop.set_exception_handler(None)
    assert [str(fault) for fault in faults] == ["broken"]


async def test_what_a_transaction_has_not_committed_is_not_seen() -> None:
    async def write(session: transactions.Session) -> str | None:
        await Course.find_one({"_id": 1}, session=session).update({"$set": {"title": "New"}}, session=session)
        outside = await BY_ID.load(1)
        inside = await Course.find_one({"_id": 1}, session=session)
        assert outside is not None and inside is not None and inside.title == "New"
        return outside["title"]

    assert await transactions.together(Course, write) == "Course 1"
    assert await titles(BY_ID.load(1)) == ["New"]


async def test_a_read_goes_to_the_database_in_force_when_it_is_asked(
    scratch: AsyncDatabase[dict[str, Any]], services: Services
) -> None:
    before = BY_ID.load(1).future()
    async with noted(services, f"{scratch.name}_other"):
        other = Course.get_pymongo_collection().database
        try:
            await Course(id=1, title="Elsewhere").insert()
            assert await titles(BY_ID.load(1), before) == ["Elsewhere", "Course 1"]
        finally:
            await other.client.drop_database(other.name)
    assert await titles(BY_ID.load(1)) == ["Course 1"]


async def test_another_event_loop_has_lanes_of_its_own(
    scratch: AsyncDatabase[dict[str, Any]], services: Services
) -> None:
    assert await titles(BY_ID.load(1)) == ["Course 1"]

    async def elsewhere() -> list[str | None]:
        client: AsyncMongoClient[dict[str, Any]] = AsyncMongoClient(services.mongodb_uri)
        async with client:
            await models.connect(client[scratch.name])
            return await titles(BY_ID.load(2), BY_ID.load(3))

    try:
        assert await asyncio.to_thread(asyncio.run, elsewhere()) == ["Course 2", "Course 3"]
    finally:
        await models.connect(scratch)
    assert await titles(BY_ID.load(1)) == ["Course 1"]


async def test_a_page_that_many_ask_for_is_read_once_and_pages_share_a_round_trip(commands: Commands) -> None:
    asked = [(None, 2), (None, 2), (2, 2), (None, 2), (39, 5), (40, 5)]
    pages = await asyncio.gather(*(published(after, limit, ("title",)) for after, limit in asked))
    assert [[course["_id"] for course in page] for page in pages] == [
        [2, 4], [2, 4], [4, 6], [2, 4], [40], [],
    ]  # fmt: skip
    assert pages[4] == [{"_id": 40, "title": "Course 40"}]
    assert commands.reads == ["courses"]
    whole, page = await asyncio.gather(published(None, 1).future(), published(2, 1).future())
    assert set(whole[0]) == set(page[0]) == {"_id", "title", "description", "published", "created_at"}


async def test_large_pages_and_lone_ones_are_plain_queries(commands: Commands) -> None:
    small, large, larger = await asyncio.gather(
        published(None, 2).future(), published(None, 101).future(), published(2, 5_000).future()
    )
    assert [len(page) for page in (small, large, larger)] == [2, 20, 19]
    assert sorted(find["limit"] for find in commands.of("find")) == [2, 101, 5_000]
    assert commands.reads == ["courses"] * 3


async def test_no_more_pages_share_a_round_trip_than_are_quickly_read(commands: Commands) -> None:
    pages = await asyncio.gather(*(published(after, 1) for after in range(1, 41)))
    assert [len(page) for page in pages] == [1] * 39 + [0]
    assert commands.reads == ["courses"] * 5


async def test_batches_of_large_groups_are_small(commands: Commands, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lanes, "GROUP_ROWS", 20)
    await CourseContent.insert_many([CourseContent(id=id, course_id=1 + id % 8) for id in range(80)])
    commands.sent.clear()

    async def lessons() -> list[int]:
        return [len(each) for each in await asyncio.gather(*(LESSONS.load(key) for key in range(1, 9)))]

    LESSONS.batcher.most = batches.BATCH
    try:
        assert await lessons() == [10] * 8
        assert commands.reads == ["course_content"]
        # Ten documents a group: two groups a batch from now on.
        assert await lessons() == [10] * 8
        assert commands.reads == ["course_content"] * 5
        await LESSONS.load(99)
        assert LESSONS.batcher.most == 20
    finally:
        LESSONS.batcher.most = batches.BATCH
