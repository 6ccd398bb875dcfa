"""Waiting: who runs in which task and context, what is cancelled, and what runs on in the background."""

import asyncio
import gc
import warnings
import weakref
from collections.abc import AsyncIterator, Callable
from contextvars import ContextVar
from typing import Any

import pytest
import strawberry
from strawberry.dataloader import DataLoader

from schema.execution.holes import BACKGROUND
from schema.execution.plan import Variant
from tests.schema.execution.both import both, finished, interpreted, plan_of, told

SEEN: ContextVar[str] = ContextVar("seen", default="-")
LOG: list[str] = []


def seen(name: str) -> str:
    """What the context said before, and says now."""
    before = SEEN.get()
    SEEN.set(name)
    return before


class Interrupt(BaseException):
    pass


@strawberry.type
class Thing:
    name: str = ""

    @strawberry.field
    async def boom(self) -> str:
        raise ValueError("boom")

    @strawberry.field
    async def late_boom(self) -> str:
        await asyncio.sleep(0)
        raise ValueError("late boom")

    @strawberry.field
    def boom_now(self) -> str:
        raise ValueError("boom now")

    @strawberry.field
    async def slow(self) -> str | None:
        LOG.append(f"slow {self.name} begins")
        try:
            await asyncio.sleep(0.3)
        except asyncio.CancelledError:
            LOG.append(f"slow {self.name} is cancelled")
            raise
        LOG.append(f"slow {self.name} ends")
        return "slow"

    @strawberry.field
    async def quick(self) -> str:
        LOG.append(f"quick {self.name}")
        return "quick"

    @strawberry.field
    async def thing(self, name: str = "inner") -> "Thing":
        SEEN.set(name)
        await asyncio.sleep(0)
        return Thing(name=name)

    @strawberry.field
    async def nullable(self) -> "Thing | None":
        return Thing(name="nullable")

    @strawberry.field
    def seen(self) -> str:
        return SEEN.get()

    @strawberry.field
    async def seen_later(self) -> str:
        return seen("later")

    @strawberry.field
    async def loaded(self, info: strawberry.Info) -> str:
        value: str = await info.context.load(1)
        return value

    @strawberry.field
    async def gathered(self, info: strawberry.Info) -> str:
        first: str
        first, _ = await asyncio.gather(info.context.load(1), info.context.load(2))
        return first

    @strawberry.field
    async def cancelled(self) -> str:
        raise asyncio.CancelledError

    @strawberry.field
    async def interrupted(self) -> str:
        await asyncio.sleep(0)
        raise Interrupt

    @strawberry.field
    def cancelled_now(self) -> str:
        raise asyncio.CancelledError


@strawberry.type
class Query:
    @strawberry.field
    def thing(self) -> Thing | None:
        return Thing(name="outer")

    @strawberry.field
    def must(self) -> Thing:
        return Thing(name="must")

    @strawberry.field(graphql_type=list[Thing])
    async def things(self) -> AsyncIterator[Thing]:
        for number in range(3):
            await asyncio.sleep(0)
            yield Thing(name=str(number))

    @strawberry.field(graphql_type=list[Thing])
    async def endless(self) -> AsyncIterator[Thing]:
        yield Thing(name="first")
        await asyncio.sleep(10)
        yield Thing(name="second")

    @strawberry.field
    def listed(self) -> list[Thing]:
        return [Thing(name="now"), arrives(Thing(name="later"))]  # type: ignore[list-item]  # awaited, as any item

    @strawberry.field
    def futures(self) -> list[str]:
        loop = asyncio.get_running_loop()
        futures = [loop.create_future() for _ in range(2)]
        for number, future in enumerate(futures):
            loop.call_soon(future.set_result, str(number))
        return futures  # type: ignore[return-value]  # awaited, as any item


@strawberry.type
class Mutation:
    @strawberry.mutation
    async def set_seen(self, name: str) -> str:
        before = seen(name)
        await asyncio.sleep(0)
        return before


async def arrives(value: Any) -> Any:
    await asyncio.sleep(0)
    return value


schema = strawberry.Schema(Query, Mutation)


@pytest.fixture(autouse=True)
def log() -> list[str]:
    LOG.clear()
    return LOG


async def settled() -> None:
    """Waits for what runs in the background."""
    while BACKGROUND:
        await asyncio.wait(BACKGROUND)
    await asyncio.sleep(0)


async def run(text: str, context: Any = None) -> Any:
    """The answer of the plan."""
    return await finished(plan_of(schema, text).run(context, None))


@pytest.mark.parametrize(
    "text",
    [
        "{ thing { quick thing { quick name } nullable { quick } } must { quick } }",
        "{ things { name quick } listed { name quick } futures }",
        "{ thing { boom quick } }",
        "{ thing { nullable { boom quick } quick } }",
        "{ must { boom } thing { quick } }",
        "{ must { thing { boom lateBoom boomNow } quick } }",
        "{ must { boom slow thing { slow } } }",
        "{ thing { quick boomNow } must { name } }",
        "{ things { name lateBoom } }",
        "{ thing { thing { thing { boom } } } }",
        "{ thing { thing { boom quick } quick nullable { lateBoom boom } } }",
    ],
)
async def test_answers_are_those_of_stock(text: str) -> None:
    await both(schema, text)
    await settled()


async def test_a_mutation_sees_what_the_one_before_has_set() -> None:
    text = 'mutation { a: setSeen(name: "a") b: setSeen(name: "b") c: setSeen(name: "c") }'
    result = await run(text)
    assert result.data == {"a": "-", "b": "a", "c": "b"}
    assert SEEN.get() == "c"
    SEEN.set("-")


async def test_children_see_what_the_resolver_above_them_has_set_and_nothing_else() -> None:
    text = """{
      thing {
        a: thing(name: "a") { seen seenLater again: seenLater }
        b: thing(name: "b") { seen thing(name: "c") { seen } }
        seenLater
      }
    }"""
    result = await both(schema, text)
    assert result.data == {
        "thing": {
            "a": {"seen": "a", "seenLater": "a", "again": "a"},
            "b": {"seen": "b", "thing": {"seen": "c"}},
            "seenLater": "-",
        }
    }
    assert SEEN.get() == "-"


@pytest.mark.parametrize(
    "text",
    ["{ thing { boom slow } }", "{ thing { slow boom } }", "{ thing { slow thing { slow boom } } }"],
)
async def test_what_is_below_a_null_is_begun_and_cancelled_and_not_waited_for(text: str) -> None:
    async with asyncio.timeout(0.2):
        result = await run(text)
    assert result.data == {"thing": None}
    await settled()
    assert any(entry.endswith("begins") for entry in LOG)
    assert not any(entry.endswith("ends") for entry in LOG)
    assert sum(entry.endswith("cancelled") for entry in LOG) == sum(entry.endswith("begins") for entry in LOG)


async def test_after_a_failure_at_once_what_was_begun_runs_on_in_the_background() -> None:
    async with asyncio.timeout(0.2):
        result = await run("{ thing { slow quick boomNow } }")
    assert result.data == {"thing": None}
    await settled()
    assert sorted(LOG) == ["quick outer", "slow outer begins", "slow outer ends"]


async def test_what_failed_in_the_background_is_told_to_nobody() -> None:
    result = await run("{ thing { nullable { boom } boom boomNow thing { boom quick } } }")
    await settled()
    assert told(result.errors) == [
        ("boom now", "['thing', 'boomNow']", "[SourceLocation(line=1, column=34)]"),
    ]


def test_without_a_loop_what_was_begun_is_closed() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        result = plan_of(schema, "{ thing { quick boomNow } }").run(None, None)
        gc.collect()
    assert getattr(result, "data", None) == {"thing": None}


async def read(keys: list[int]) -> list[str]:
    await asyncio.sleep(0)
    return [f"value {key}" for key in keys]


@pytest.mark.parametrize("field", ["loaded", "gathered"])
async def test_a_future_that_others_wait_for_is_not_cancelled_below_a_null(field: str) -> None:
    context: DataLoader[int, str] = DataLoader(read)
    result = await run(f"{{ thing {{ boom {field} }} must {{ {field} name }} }}", context)
    assert result.data == {"thing": None, "must": {field: "value 1", "name": "must"}}
    await settled()


@pytest.mark.parametrize(
    "text", ["{ thing { cancelled } }", "{ thing { cancelled slow } }", "{ must { cancelledNow slow } }"]
)
async def test_a_cancellation_is_no_error_of_a_field(text: str) -> None:
    with pytest.raises(asyncio.CancelledError):
        await run(text)
    await settled()


@pytest.mark.parametrize("text", ["{ thing { interrupted } }", "{ thing { interrupted slow } }"])
async def test_an_interrupt_is_no_error_of_a_field(text: str) -> None:
    with pytest.raises(Interrupt):
        await run(text)
    await settled()


async def test_a_request_that_is_cancelled_cancels_what_it_waits_for() -> None:
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.01):
            await run("{ thing { slow a: slow } must { slow } }")
    await settled()
    assert sorted(LOG) == sorted(
        [
            *["slow outer begins", "slow outer is cancelled"] * 2,
            *["slow must begins", "slow must is cancelled"],
        ]
    )


async def test_what_a_cancelled_stream_has_left_is_closed() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.05):
                await run("{ endless { quick } }")
        gc.collect()
    assert LOG == []


async def test_requests_beside_each_other_do_not_meet() -> None:
    plan = plan_of(schema, "{ thing { quick thing { name quick } nullable { lateBoom quick } } }")
    alone = await finished(plan.run(None, None))
    many = await asyncio.gather(*(finished(plan.run(None, None)) for _ in range(20)))
    assert {repr(result.data) for result in many} == {repr(alone.data)}
    assert all(told(result.errors) == told(alone.errors) for result in many)


async def test_a_request_leaves_no_circle_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[weakref.ref[Any]] = []
    ordinary: Callable[..., Any] = Variant.run

    def watched(self: Variant, request: Any) -> Any:
        seen.append(weakref.ref(request))
        return ordinary(self, request)

    monkeypatch.setattr(Variant, "run", watched)
    gc.collect()
    gc.disable()
    try:
        await run("{ thing { quick a: quick thing { quick b: quick } } }")
        await asyncio.sleep(0)
        assert [each() for each in seen] == [None]
    finally:
        gc.enable()


async def test_effects_come_in_the_order_of_stock() -> None:
    text = "{ thing { quick thing { quick a: quick } nullable { quick } } must { quick } }"
    await interpreted(schema, text)
    stock, LOG[:] = list(LOG), []
    await run(text)
    assert LOG == stock
