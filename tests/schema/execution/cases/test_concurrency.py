"""What comes later runs side by side, sees the context above it, and ends when nobody will see it."""

import asyncio
from collections.abc import Callable
from contextvars import ContextVar
from typing import Any

import pytest
from graphql import parse

from tests.schema.execution.cases.runner import Run, both_ways, compiled, schema_of, told
from tests.schema.execution.cases.test_awaitables import SCHEMA, later


class Barrier:
    """Lets nobody pass until all are there."""

    def __init__(self, number: int) -> None:
        self.missing, self.open = number, asyncio.Event()

    async def wait(self, *_: Any) -> int:
        self.missing -= 1
        if not self.missing:
            self.open.set()
        await self.open.wait()
        return 1


# The document, how many meet, the root made of the barrier's wait, and the data.
TOGETHER: list[tuple[str, int, Any, Any]] = [
    ("{ a b must }", 3, lambda wait: {"a": wait, "b": wait, "must": wait}, {"a": 1, "b": 1, "must": 1}),
    ("{ items }", 3, lambda wait: {"items": lambda info: [wait(), wait(), wait()]}, {"items": [1, 1, 1]}),
    (
        "{ rows { a b } }",
        4,
        lambda wait: {"rows": [{"a": wait, "b": wait}, {"a": wait, "b": wait}]},
        {"rows": [{"a": 1, "b": 1}] * 2},
    ),
    (
        "{ row { a row { b } } rows { a } b }",
        4,
        lambda wait: {
            "row": {"a": wait, "row": {"b": wait}},
            "rows": lambda info: later([{"a": wait}]),
            "b": wait,
        },
        {"row": {"a": 1, "row": {"b": 1}}, "rows": [{"a": 1}], "b": 1},
    ),
]


@both_ways
@pytest.mark.parametrize("document, number, root, data", TOGETHER)
async def test_side_by_side(run: Run, document: str, number: int, root: Any, data: Any) -> None:
    async with asyncio.timeout(1):
        assert (await run(SCHEMA, parse(document), root=root(Barrier(number).wait))).data == data


@both_ways
async def test_types_are_found_side_by_side(run: Run) -> None:
    barrier = Barrier(4)

    async def no(value: Any, info: Any) -> bool:
        return not await barrier.wait()

    sdl = "union Any = A | B type A { a: Int } type B { a: Int } type Query { all: [Any] }"
    schema = schema_of(sdl, {"A": barrier.wait, "B": no})
    async with asyncio.timeout(1):
        result = await run(schema, parse("{ all { ... on A { a } } }"), root={"all": [{"a": 1}, {"a": 2}]})
    assert result.data == {"all": [{"a": 1}, {"a": 2}]}


@both_ways
@pytest.mark.parametrize(
    "document, root, error",
    [
        ("{ must a }", lambda fail, wait: {"must": fail, "a": wait}, "must 1:3 oops"),
        ("{ row { must a } }", lambda fail, wait: {"row": {"must": fail, "a": wait}}, "row.must 1:9 oops"),
        (
            "{ mustItems }",
            lambda fail, wait: {"mustItems": lambda info: [fail(info), wait(info)]},
            "mustItems.0 1:3 oops",
        ),
        (
            "{ row { rows { must } } }",
            lambda fail, wait: {"row": {"rows": [{"must": fail}, {"must": wait}]}},
            "row.rows.0.must 1:16 oops",
        ),
    ],
)
async def test_nobody_waits_for_what_nobody_will_see(run: Run, document: str, root: Any, error: str) -> None:
    done = []
    release = asyncio.Event()

    async def fail(info: Any) -> Any:
        raise ValueError("oops")

    async def wait(info: Any) -> int:
        await release.wait()
        done.append("waited")
        return 1

    async with asyncio.timeout(1):
        result = await run(SCHEMA, parse(document), root=root(fail, wait))
    assert told(result.errors) == [error]
    release.set()
    await asyncio.sleep(0.01)
    assert done == []


@both_ways
@pytest.mark.parametrize("document", ["{ a }", "{ a b }", "{ row { a b } rows { a } }"])
async def test_a_cancelled_request_cancels_its_resolvers(run: Run, document: str) -> None:
    ended = []

    async def wait(info: Any) -> int:
        try:
            await asyncio.sleep(10)
        finally:
            ended.append(str(info.path.key))
        return 1

    root = {"a": wait, "b": wait, "row": {"a": wait, "b": wait}, "rows": [{"a": wait}]}
    request = asyncio.ensure_future(run(SCHEMA, parse(document), root=root))
    await asyncio.sleep(0.01)
    request.cancel()
    with pytest.raises(asyncio.CancelledError):
        await request
    await asyncio.sleep(0.01)
    assert sorted(ended) == sorted(name for name in document if name in "ab")


@both_ways
async def test_a_timeout_in_a_resolver_ends_that_resolver(run: Run) -> None:
    async def slow(info: Any) -> int:
        async with asyncio.timeout(0.001):
            await asyncio.sleep(10)
        return 1

    async def fine(info: Any) -> int:
        await asyncio.sleep(0.005)
        return 2

    result = await run(
        SCHEMA, parse("{ a b rows { a b } }"), root={"a": slow, "b": fine, "rows": [{"a": slow, "b": fine}]}
    )
    assert result.data == {"a": None, "b": 2, "rows": [{"a": None, "b": 2}]}
    assert sorted(told(result.errors)) == ["a 1:3 ", "rows.0.a 1:14 "]


NAME: ContextVar[str] = ContextVar("name", default="nobody")


def reads(info: Any) -> int:
    """What the variable is, as a number."""
    return len(NAME.get())


def reads_after(turns: int) -> Any:
    """The same by a coroutine, after some turns of the loop."""

    async def resolve(info: Any) -> int:
        for _ in range(turns):
            await asyncio.sleep(0)
        return reads(info)

    return resolve


def sets_before(turns: int) -> Any:
    """Makes resolvers that set the variable, and answer after some turns."""

    def sets(name: str, value: Any) -> Any:
        async def resolve(info: Any) -> Any:
            NAME.set(name)
            for _ in range(turns):
                await asyncio.sleep(0)
            return value

        return resolve

    return sets


# What is asked of a tree whose objects set the variable to texts of the length that their words then read.
CONTEXTS: list[tuple[str, Callable[[Any, Any], Any], Any]] = [
    (
        "{ row { a b row { a } } }",
        lambda sets, later: {"row": sets("one", {"a": reads, "b": later, "row": {"a": later}})},
        {"row": {"a": 3, "b": 3, "row": {"a": 3}}},
    ),
    (
        "{ row { a row { a b } b } rows { a b } }",
        lambda sets, later: {
            "row": sets("one", {"a": reads, "row": sets("three", {"a": reads, "b": later}), "b": later}),
            "rows": [{"a": reads, "b": later}],
        },
        {"row": {"a": 3, "row": {"a": 5, "b": 5}, "b": 3}, "rows": [{"a": 6, "b": 6}]},
    ),
    (
        "{ rows { a rows { a b } } }",
        lambda sets, later: {
            "rows": sets("four", [{"a": reads, "rows": sets("x", [{"a": later, "b": later}])}, {"a": later}])
        },
        {"rows": [{"a": 4, "rows": [{"a": 1, "b": 1}]}, {"a": 4, "rows": None}]},
    ),
    (
        "{ row { row { a b } b } rows { row { a b } b } a b }",
        lambda sets, later: {
            "row": sets("one", {"row": sets("three", {"a": later, "b": later}), "b": later}),
            "rows": [{"row": sets("x", {"a": later, "b": later}), "b": later}],
            "a": sets("nowhere else", 1),
            "b": later,
        },
        {
            "row": {"row": {"a": 5, "b": 5}, "b": 3},
            "rows": [{"row": {"a": 1, "b": 1}, "b": 6}],
            "a": 1,
            "b": 6,
        },
    ),
    (
        "mutation { set a: read row { a b } b: read }",
        lambda sets, later: {
            "set": sets("first", 1),
            "read": reads,
            "row": sets("second2", {"a": reads, "b": later}),
        },
        {"set": 1, "a": 5, "row": {"a": 7, "b": 7}, "b": 7},
    ),
]


@both_ways
@pytest.mark.parametrize("set_turns, read_turns", [(0, 0), (0, 1), (1, 0), (1, 1)])
@pytest.mark.parametrize("document, root, data", CONTEXTS, ids=[row[0] for row in CONTEXTS])
async def test_context_variables_go_down(
    run: Run, document: str, root: Any, data: Any, set_turns: int, read_turns: int
) -> None:
    """What a resolver sets is seen below it, and by the next root of a mutation; not beside it."""
    values = root(sets_before(set_turns), reads_after(read_turns))
    assert (await asyncio.ensure_future(run(SCHEMA, parse(document), root=values))).data == data


@both_ways
async def test_requests_of_one_document_do_not_mix(run: Run) -> None:
    """Two at a time, with other variables, contexts, values and failures."""
    document = parse("query ($all: Boolean!) { a row { must b @include(if: $all) } rows { a } items }")

    def tree(name: int, turns: int) -> dict[str, Any]:
        async def slow(info: Any) -> int:
            for _ in range(turns):
                await asyncio.sleep(0)
            assert info.context == name
            return name

        async def fails(info: Any) -> int:
            await slow(info)
            raise ValueError(f"oops {info.context}")

        return {
            "a": slow,
            "row": {"must": fails, "b": slow},
            "rows": [{"a": slow}, {"a": fails}],
            "items": [name],
        }

    async def ask(name: int, turns: int) -> Any:
        variables = {"all": bool(name % 2)}
        return await run(SCHEMA, document, root=tree(name, turns), context=name, variables=variables)

    results = await asyncio.gather(*(ask(name, turns) for name, turns in enumerate([5, 1, 3, 0, 4, 2])))
    for name, result in enumerate(results):
        assert result.data == {"a": name, "row": None, "rows": [{"a": name}, {"a": None}], "items": [name]}
        assert sorted(told(result.errors)) == [
            f"row.must 1:34 oops {name}",
            f"rows.1.a 1:69 oops {name}",
        ]


async def test_a_failure_beside_a_shared_load_does_not_end_the_request() -> None:
    """The interpreter cancels what others wait for too, and with it the whole request; a plan does not."""
    shared = asyncio.get_running_loop().create_future()
    asyncio.get_running_loop().call_later(0.005, shared.set_result, 7)

    async def oops(info: Any) -> int:
        raise ValueError("oops")

    async def waits(info: Any) -> int:
        return await shared  # type: ignore[no-any-return]  # a future of numbers

    root = {"row": {"must": oops, "a": waits}, "rows": [{"a": waits}], "a": waits}
    async with asyncio.timeout(1):
        result = await compiled(SCHEMA, parse("{ row { must a } rows { a } a }"), root=root)
    assert result.data == {"row": None, "rows": [{"a": 7}], "a": 7}
    assert told(result.errors) == ["row.must 1:9 oops"]
