"""Values that fail where a value is looked at, that are shared, or that are left behind half read."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from typing import Any

from tests.schema.execution.cases.runner import Case, check, schema_of, table
from tests.schema.execution.cases.test_awaitables import later

SCHEMA = schema_of("""
    type Query { a: Int b: Int must: Int! items: [Int] row: Row rows: [Row] texts: [String] }
    type Row { a: Int b: Int must: Int! row: Row items: [Int] mustItems: [Int!]! rows: [Row!] }
""")


class Loud(list[Any]):
    """A list that shows other items than it holds."""

    def __iter__(self) -> Iterator[Any]:
        return iter([7, 8])


class NoItems:
    """Cannot be iterated, although it says so."""

    def __iter__(self) -> Iterator[Any]:
        raise ValueError("no items")


class NoTurns:
    """Cannot be iterated asynchronously, although it says so."""

    def __aiter__(self) -> AsyncIterator[Any]:
        raise ValueError("no turns")


class NoIterator:
    """Gives something that is no iterator."""

    def __aiter__(self) -> Any:
        return 5


class NoAwaiting:
    """Cannot be awaited, although it says so."""

    def __await__(self) -> Any:
        raise ValueError("no awaiting")


class NotAwaited:
    """Gives something that cannot be awaited."""

    def __await__(self) -> Any:
        return 5


class Untouchable:
    """Fails when it is measured, compared, or asked whether it is true."""

    __hash__ = None  # type: ignore[assignment]  # so that it is in no table

    def __fails(self, *_: Any) -> Any:
        raise ValueError("touched")

    __len__ = __bool__ = __eq__ = __fails

    def __str__(self) -> str:
        return "untouched"


async def again(turns: int) -> int | None:
    """Null after some turns of the loop."""
    for _ in range(turns):
        await asyncio.sleep(0)
    return None


def turns(info: Any, *values: Any) -> AsyncIterator[Any]:
    """Values one after another, and then a word in the context."""

    async def generate() -> AsyncIterator[Any]:
        try:
            for value in values:
                await asyncio.sleep(0)
                yield value
        finally:
            info.context.append("closed")

    return generate()


async def noted(info: Any) -> None:
    """Leaves a word in the context."""
    info.context.append("noted")


def shared(value: Any) -> dict[str, Any]:
    """A tree with one value in several places."""
    return {"a": value, "b": value, "row": {"a": value}, "items": [value, value]}


NULL = "Cannot return null for non-nullable field"


@table(
    [
        Case(
            id="a list that shows other items",
            document="{ items }",
            root={"items": Loud([1])},
            data={"items": [7, 8]},
        ),
        Case(
            id="no items",
            document="{ items row { a } }",
            root={"items": NoItems(), "row": {"a": 1}},
            data={"items": None, "row": {"a": 1}},
            errors=["items 1:3 no items"],
        ),
        Case(
            id="no turns",
            document="{ items row { a } }",
            root={"items": NoTurns(), "row": {"a": 1}},
            data={"items": None, "row": {"a": 1}},
            errors=["items 1:3 no turns"],
        ),
        Case(
            id="no iterator",
            document="{ items row { a } }",
            root={"items": NoIterator(), "row": {"a": 1}},
            data={"items": None, "row": {"a": 1}},
            errors=["items 1:3 'int' object is not an async iterator"],
        ),
        Case(
            id="no awaiting",
            document="{ a b row { a } items }",
            root={"a": NoAwaiting(), "b": 1, "row": {"a": NoAwaiting()}, "items": [NoAwaiting(), 1]},
            data={"a": None, "b": 1, "row": {"a": None}, "items": [None, 1]},
            errors=["a 1:3 no awaiting", "row.a 1:13 no awaiting", "items.0 1:17 no awaiting"],
        ),
        Case(
            id="not awaited",
            document="{ a row { a } }",
            root={"a": NotAwaited(), "row": {"a": NotAwaited()}},
            data={"a": None, "row": {"a": None}},
            errors=[
                "a 1:3 __await__() returned non-iterator of type 'int'",
                "row.a 1:11 __await__() returned non-iterator of type 'int'",
            ],
        ),
        Case(
            id="untouchable",
            document="{ a row { a } rows { a } texts items }",
            root=lambda: (
                {name: Untouchable() for name in ("a", "row", "items")}
                | {name: [Untouchable()] for name in ("rows", "texts")}
            ),
            data={
                "a": None,
                "row": {"a": None},
                "rows": [{"a": None}],
                "texts": ["untouched"],
                "items": None,
            },
            errors=[
                "a 1:3 Int cannot represent non-integer value: <Untouchable instance>",
                "items 1:32 Expected Iterable, but did not find one for field 'Query.items'.",
            ],
        ),
        Case(
            id="classes of exceptions are values, exceptions are not",
            document="{ texts }",
            root={"texts": [ValueError, KeyError("x"), "y"]},
            data={"texts": [None, None, "y"]},
            errors=[
                "texts.0 1:3 String cannot represent value: <exception class ValueError>",
                "texts.1 1:3 'x'",
            ],
        ),
        Case(
            id="one future in many places",
            document="{ a b row { a } items }",
            root=lambda: shared(asyncio.ensure_future(later(1))),
            data={"a": 1, "b": 1, "row": {"a": 1}, "items": [1, 1]},
        ),
        Case(
            id="one coroutine in two places",
            document="{ a b }",
            root=lambda: shared(later(1)),
            data={"a": 1, "b": None},
            errors=["b 1:5 cannot reuse already awaited coroutine"],
        ),
        Case(
            id="an endless iterator beside a failure",
            document="{ row { items must } }",
            root={"row": {"items": lambda info: turns(info, *range(1000)), "must": lambda info: again(3)}},
            data={"row": None},
            errors=[f"row.must 1:15 {NULL} Row.must."],
            effects=["closed"],
        ),
        Case(
            id="an iterator that fails beside what waits",
            document="{ row { mustItems a } }",
            root={"row": {"mustItems": lambda info: turns(info, 1, None, 3), "a": lambda info: again(50)}},
            data={"row": None},
            errors=[f"row.mustItems.1 1:9 {NULL} Row.mustItems."],
            effects=["closed"],
        ),
        Case(
            id="iterators in iterators",
            document="{ rows { items } }",
            root={
                "rows": lambda info: turns(
                    info, {"items": turns(info, 1, later(2), 3)}, {"items": turns(info, later(None))}, None
                )
            },
            data={"rows": [{"items": [1, 2, 3]}, {"items": [None]}, None]},
            effects=["closed"] * 3,
        ),
        Case(
            id="rows of an iterator that fail later",
            document="{ row { rows { must } } }",
            root={
                "row": {"rows": lambda info: turns(info, {"must": 1}, {"must": again(0)}, {"must": later(3)})}
            },
            data={"row": {"rows": None}},
            errors=[f"row.rows.1.must 1:16 {NULL} Row.must."],
            effects=["closed"],
        ),
        Case(
            id="what was begun below an awaited object is ended behind a failure",
            document="{ row { a must } a }",
            root=lambda: {"row": later({"a": noted, "must": lambda info: None}), "a": later(1)},
            data={"row": None, "a": 1},
            errors=[f"row.must 1:11 {NULL} Row.must."],
            effects=["noted"],
        ),
        Case(
            id="items left behind a failure are awaited",
            document="{ row { mustItems } a }",
            root=lambda: {"row": {"mustItems": [later(1), None, later(3)]}, "a": 1},
            data={"row": None, "a": 1},
            errors=[f"row.mustItems.1 1:9 {NULL} Row.mustItems."],
        ),
        Case(
            id="a generator is emptied behind a failure",
            document="{ row { mustItems } a }",
            root=lambda: {"row": {"mustItems": (value for value in [later(1), None, later(3)])}, "a": 1},
            data={"row": None, "a": 1},
            errors=[f"row.mustItems.1 1:9 {NULL} Row.mustItems."],
        ),
        Case(
            id="one after another in depth",
            document="{ must row { row { row { a b must } a } must } }",
            root=lambda: {
                "must": later(1),
                "row": later(
                    {
                        "must": later(1),
                        "row": later(
                            {"a": later(2), "row": later({"a": later(1), "b": again(2), "must": later(3)})}
                        ),
                    }
                ),
            },
            data={"must": 1, "row": {"row": {"row": {"a": 1, "b": None, "must": 3}, "a": 2}, "must": 1}},
        ),
    ]
)
async def test_hostile_values(case: Case) -> None:
    await check(SCHEMA, case)
