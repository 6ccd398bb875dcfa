"""Anything may come later: fields, objects, items and types."""

import asyncio
from collections.abc import Generator
from types import coroutine
from typing import Any

import pytest

from tests.schema.execution.cases.runner import Case, check, schema_of, table

SCHEMA = schema_of("""
    type Query { a: Int b: Int must: Int! items: [Int] mustItems: [Int!] row: Row rows: [Row] one: Union }
    type Row { a: Int b: Int must: Int! row: Row items: [Int] rows: [Row!] }
    union Union = Row
    type Mutation { set: Int read: Int row: Row }
""")


async def later(value: Any) -> Any:
    """The value a moment later."""
    return value


class Own:
    """Something of one's own that can be awaited."""

    def __init__(self, value: Any) -> None:
        self.value = value

    def __await__(self) -> Generator[Any, None, Any]:
        yield from asyncio.sleep(0).__await__()
        return self.value


def future(value: Any) -> asyncio.Future[Any]:
    """A future that is settled already."""
    settled = asyncio.get_running_loop().create_future()
    settled.set_result(value)
    return settled


def pending(value: Any) -> asyncio.Future[Any]:
    """A future that is settled soon."""
    soon = asyncio.get_running_loop().create_future()
    asyncio.get_running_loop().call_later(0.001, soon.set_result, value)
    return soon


def failed() -> asyncio.Future[Any]:
    """A future that has failed already."""
    settled = asyncio.get_running_loop().create_future()
    settled.set_exception(ValueError("failed"))
    return settled


def task(value: Any) -> asyncio.Task[Any]:
    """A task of one's own."""
    return asyncio.ensure_future(later(value))


@coroutine
def generated(value: Any) -> Any:
    """A generator that may be awaited."""
    yield
    return value


class Wrapped:
    """Has the attributes of something else, also what it takes to be awaited."""

    def __init__(self, value: Any) -> None:
        self.wrapped = Own(value)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.wrapped, name)


KINDS = {
    "coroutine": later,
    "own": Own,
    "future": future,
    "pending future": pending,
    "task": task,
    "generator": generated,
}


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
async def test_kinds(kind: Any) -> None:
    case = Case(
        id="",
        document="{ a row { a row { b } items } rows { a rows { b } } items one { ... on Row { a } } }",
        root=lambda: {
            "a": kind(1),
            "row": kind({"a": kind(2), "row": {"b": kind(3)}, "items": kind([kind(4), 5])}),
            "rows": [
                kind({"a": 6, "rows": [{"b": kind(7)}, kind({"b": 8})]}),
                {"a": kind(9), "rows": kind([])},
            ],
            "items": kind((kind(10), kind(None))),
            "one": kind({"__typename": "Row", "a": kind(11)}),
        },
        data={
            "a": 1,
            "row": {"a": 2, "row": {"b": 3}, "items": [4, 5]},
            "rows": [{"a": 6, "rows": [{"b": 7}, {"b": 8}]}, {"a": 9, "rows": []}],
            "items": [10, None],
            "one": {"a": 11},
        },
    )
    await check(SCHEMA, case)


@table(
    [
        Case(
            id="the order of keys is that of the document",
            document="{ a b must items }",
            root=lambda: {"a": pending(1), "b": 2, "must": later(3), "items": [later(1), 2]},
            data={"a": 1, "b": 2, "must": 3, "items": [1, 2]},
        ),
        Case(
            id="an awaited value that is awaited again is no value",
            document="{ a b }",
            root=lambda: {"a": later(task(1)), "b": 2},
            data={"a": None, "b": 2},
            errors=["a 1:3 Int cannot represent non-integer value: <Task instance>"],
        ),
        Case(
            id="what only says that it can be awaited",
            document="{ a row { a } items }",
            root=lambda: {"a": Wrapped(1), "row": {"a": Wrapped(2)}, "items": [Wrapped(3), 4]},
            data={"a": None, "row": {"a": None}, "items": [None, 4]},
            errors=[
                "a 1:3 object Wrapped can't be used in 'await' expression",
                "row.a 1:11 object Wrapped can't be used in 'await' expression",
                "items.0 1:15 object Wrapped can't be used in 'await' expression",
            ],
        ),
        Case(
            id="awaited nulls",
            document="{ a row { must } rows { must } items mustItems must }",
            root=lambda: {
                "a": later(None),
                "row": later({"must": later(None)}),
                "rows": [later(None), {"must": later(None)}],
                "items": later(None),
                "mustItems": [1, later(None)],
                "must": later(1),
            },
            data={"a": None, "row": None, "rows": [None, None], "items": None, "mustItems": None, "must": 1},
            errors=[
                "row.must 1:11 Cannot return null for non-nullable field Row.must.",
                "rows.1.must 1:25 Cannot return null for non-nullable field Row.must.",
                "mustItems.1 1:38 Cannot return null for non-nullable field Query.mustItems.",
            ],
        ),
        Case(
            id="failed futures",
            document="{ a row { a must } items mustItems rows { a } }",
            root=lambda: {
                "a": failed(),
                "row": {"a": failed(), "must": 1},
                "items": [failed(), 1],
                "mustItems": [failed(), 1],
                "rows": [{"a": failed()}, failed(), {"a": 1}],
            },
            data={
                "a": None,
                "row": {"a": None, "must": 1},
                "items": [None, 1],
                "mustItems": None,
                "rows": [{"a": None}, None, {"a": 1}],
            },
            errors=[
                "a 1:3 failed",
                "row.a 1:11 failed",
                "items.0 1:20 failed",
                "mustItems.0 1:26 failed",
                "rows.0.a 1:43 failed",
                "rows.1 1:36 failed",
            ],
        ),
        Case(
            id="a value that fits nowhere",
            document="{ a row { a } rows { a } }",
            root=lambda: {"a": later("x"), "row": later(5), "rows": later(5)},
            data={"a": None, "row": {"a": None}, "rows": None},
            errors=[
                "a 1:3 Int cannot represent non-integer value: 'x'",
                "rows 1:15 Expected Iterable, but did not find one for field 'Query.rows'.",
            ],
        ),
    ]
)
async def test_values_that_come_later(case: Case) -> None:
    await check(SCHEMA, case)
