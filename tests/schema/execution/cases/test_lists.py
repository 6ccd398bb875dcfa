"""What counts as a list, and what null and failures do to one, however it arrives."""

from collections import deque
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from functools import cache
from typing import Any

import pytest
from graphql import GraphQLSchema

from tests.schema.execution.cases.runner import Case, check, schema_of


async def later(value: Any) -> Any:
    """The value a moment later; an exception is raised then."""
    if isinstance(value, Exception):
        raise value
    return value


async def following(values: Iterable[Any]) -> AsyncIterator[Any]:
    """The values one after another."""
    for value in values:
        yield value


class Turns:
    """Values one after another, by the protocol alone; may fail at the end."""

    def __init__(self, values: Iterable[Any], failure: Exception | None = None) -> None:
        self.values = iter(values)
        self.failure = failure

    def __aiter__(self) -> "Turns":
        return self

    async def __anext__(self) -> Any:
        for value in self.values:
            return value
        raise self.failure or StopAsyncIteration


class Pairs:
    """Values that can be asked for in both ways."""

    def __iter__(self) -> Iterator[str]:
        return iter(["at once"])

    def __aiter__(self) -> AsyncIterator[str]:
        return following(["in turns"])


class ByIndex:
    """A sequence of the oldest kind, which is no iterable."""

    def __getitem__(self, index: int) -> int:
        return [1, 2][index]


def failing(values: Iterable[Any], failure: Exception) -> Iterator[Any]:
    """The values, then a failure."""
    yield from values
    raise failure


async def failing_later(values: Iterable[Any], failure: Exception) -> AsyncIterator[Any]:
    """The values one after another, then a failure."""
    for value in values:
        yield value
    raise failure


@cache
def schema_for(type_: str) -> GraphQLSchema:
    """A schema with one list of this type."""
    return schema_of(f"type Query {{ list: {type_} }} type Row {{ id: Int! name: String rows: [Row!] }}")


ARRIVALS: dict[str, Callable[[list[Any]], Any]] = {
    "list": lambda values: values,
    "tuple": tuple,
    "deque": deque,
    "generator": iter,
    "awaited": later,
    "awaited tuple": lambda values: later(tuple(values)),
    "awaited items": lambda values: [later(value) for value in values],
    "one awaited item": lambda values: [*values[:1], *map(later, values[1:2]), *values[2:]],
    "awaited with awaited items": lambda values: later([later(value) for value in values]),
    "async generator": following,
    "async generator of awaited items": lambda values: following(map(later, values)),
    "async iterator": Turns,
    "awaited async iterator": lambda values: later(Turns(values)),
}

NO_NULL = "1:3 Cannot return null for non-nullable field Query.list."
BAD = ValueError("bad")
# The type, the values, the answer, and its errors.
VALUES: list[tuple[str, list[Any], Any, list[str]]] = [
    ("[Int]", [1, 2, 3], {"list": [1, 2, 3]}, []),
    ("[Int]!", [1, 2, 3], {"list": [1, 2, 3]}, []),
    ("[Int!]", [1, 2, 3], {"list": [1, 2, 3]}, []),
    ("[Int!]!", [1, 2, 3], {"list": [1, 2, 3]}, []),
    ("[Int]", [], {"list": []}, []),
    ("[Int!]!", [], {"list": []}, []),
    ("[Int]", [1, None, 3], {"list": [1, None, 3]}, []),
    ("[Int]!", [1, None, 3], {"list": [1, None, 3]}, []),
    ("[Int!]", [1, None, 3], {"list": None}, [f"list.1 {NO_NULL}"]),
    ("[Int!]!", [1, None, 3], None, [f"list.1 {NO_NULL}"]),
    ("[Int]", [1, BAD, 3], {"list": [1, None, 3]}, ["list.1 1:3 bad"]),
    ("[Int]!", [1, BAD, 3], {"list": [1, None, 3]}, ["list.1 1:3 bad"]),
    ("[Int!]", [1, BAD, 3], {"list": None}, ["list.1 1:3 bad"]),
    ("[Int!]!", [1, BAD, 3], None, ["list.1 1:3 bad"]),
    (
        "[Int]",
        [1, "x", True],
        {"list": [1, None, 1]},
        ["list.1 1:3 Int cannot represent non-integer value: 'x'"],
    ),
    ("[Int!]", [1, "x", True], {"list": None}, ["list.1 1:3 Int cannot represent non-integer value: 'x'"]),
    ("[String]", ["one", 2, True], {"list": ["one", "2", "true"]}, []),
    ("[Float!]", [1, 2.5, True], {"list": [1.0, 2.5, 1]}, []),
    ("[[Int]]", [[1, None], None, []], {"list": [[1, None], None, []]}, []),
    ("[[Int!]]", [[1], [2, None], [3]], {"list": [[1], None, [3]]}, [f"list.1.1 {NO_NULL}"]),
    ("[[Int!]!]", [[1], [2, None], [3]], {"list": None}, [f"list.1.1 {NO_NULL}"]),
    ("[[Int!]!]!", [[1], [2, None], [3]], None, [f"list.1.1 {NO_NULL}"]),
    ("[[Int]!]", [[1], None, [3]], {"list": None}, [f"list.1 {NO_NULL}"]),
    (
        "[[Int]]",
        [[1], 2, [3]],
        {"list": [[1], None, [3]]},
        ["list.1 1:3 Expected Iterable, but did not find one for field 'Query.list'."],
    ),
    ("[[[Int!]!]]", [[[1], [2]], [[None]], []], {"list": [[[1], [2]], None, []]}, [f"list.1.0.0 {NO_NULL}"]),
]


@pytest.mark.parametrize("arrive", ARRIVALS.values(), ids=ARRIVALS)
@pytest.mark.parametrize("type_, values, data, errors", VALUES)
async def test_items(
    arrive: Callable[[list[Any]], Any], type_: str, values: list[Any], data: Any, errors: list[str]
) -> None:
    case = Case(
        id=type_, document="{ list }", root=lambda: {"list": arrive(list(values))}, data=data, errors=errors
    )
    await check(schema_for(type_), case)


ROW_NULL = "1:10 Cannot return null for non-nullable field Row.id."
ROWS: list[tuple[str, list[Any], Any, list[str]]] = [
    ("[Row]", [{"id": 1}, {"id": 2}], {"list": [{"id": 1}, {"id": 2}]}, []),
    ("[Row]", [{"id": 1}, None], {"list": [{"id": 1}, None]}, []),
    ("[Row]", [{"id": 1}, {}, {"id": 3}], {"list": [{"id": 1}, None, {"id": 3}]}, [f"list.1.id {ROW_NULL}"]),
    ("[Row!]", [{"id": 1}, {}, {"id": 3}], {"list": None}, [f"list.1.id {ROW_NULL}"]),
    ("[Row!]!", [{"id": 1}, {}, {"id": 3}], None, [f"list.1.id {ROW_NULL}"]),
    ("[Row!]!", [{"id": 1}, None], None, [f"list.1 {NO_NULL}"]),
    ("[Row]", [BAD, {"id": BAD}], {"list": [None, None]}, ["list.0 1:3 bad", "list.1.id 1:10 bad"]),
    ("[Row]", [{"id": "7"}, {"id": True}], {"list": [{"id": 7}, {"id": 1}]}, []),
    ("[Row]", [1, object()], {"list": [None, None]}, [f"list.0.id {ROW_NULL}", f"list.1.id {ROW_NULL}"]),
    (
        "[[Row]]",
        [[{"id": 1}, {}], [{"id": 2}]],
        {"list": [[{"id": 1}, None], [{"id": 2}]]},
        [f"list.0.1.id {ROW_NULL}"],
    ),
]


@pytest.mark.parametrize("arrive", ARRIVALS.values(), ids=ARRIVALS)
@pytest.mark.parametrize("type_, values, data, errors", ROWS)
async def test_rows(
    arrive: Callable[[list[Any]], Any], type_: str, values: list[Any], data: Any, errors: list[str]
) -> None:
    case = Case(
        id=type_,
        document="{ list { id } }",
        root=lambda: {"list": arrive(list(values))},
        data=data,
        errors=errors,
    )
    await check(schema_for(type_), case)


NOT_A_LIST = ["list 1:3 Expected Iterable, but did not find one for field 'Query.list'."]
# The value, its answer as [String], and the errors.
KINDS: list[tuple[str, Callable[[], Any], Any, list[str]]] = [
    ("null", lambda: None, None, []),
    ("failure", lambda: BAD, None, ["list 1:3 bad"]),
    ("awaited null", lambda: later(None), None, []),
    ("awaited failure", lambda: later(BAD), None, ["list 1:3 bad"]),
    ("set", lambda: {"one"}, ["one"], []),
    ("frozenset", lambda: frozenset({"one"}), ["one"], []),
    ("range", lambda: range(3), ["0", "1", "2"], []),
    ("keys of a dict", lambda: {"a": 1, "b": 2}.keys(), ["a", "b"], []),
    ("map", lambda: map(str.upper, ["a", "b"]), ["A", "B"], []),
    ("generator that fails", lambda: failing(["a"], BAD), None, ["list 1:3 bad"]),
    ("async generator that fails", lambda: failing_later(["a"], BAD), None, ["list 1:3 bad"]),
    ("async iterator that fails", lambda: Turns(["a"], BAD), None, ["list 1:3 bad"]),
    ("empty async generator", lambda: following([]), [], []),
    ("iterable in both ways", Pairs, ["in turns"], []),
    ("text", lambda: "text", None, NOT_A_LIST),
    ("empty text", lambda: "", None, NOT_A_LIST),
    ("bytes", lambda: b"raw", None, NOT_A_LIST),
    ("bytearray", lambda: bytearray(b"raw"), None, NOT_A_LIST),
    ("dict", lambda: {"a": 1}, None, NOT_A_LIST),
    ("number", lambda: 5, None, NOT_A_LIST),
    ("zero", lambda: 0, None, NOT_A_LIST),
    ("true", lambda: True, None, NOT_A_LIST),
    ("object", lambda: ByIndex(), None, NOT_A_LIST),
    ("awaited text", lambda: later("text"), None, NOT_A_LIST),
]


@pytest.mark.parametrize(
    "value, shown, errors", [kind[1:] for kind in KINDS], ids=[kind[0] for kind in KINDS]
)
async def test_kinds_of_lists(value: Callable[[], Any], shown: Any, errors: list[str]) -> None:
    case = Case(
        id="kind", document="{ list }", root=lambda: {"list": value()}, data={"list": shown}, errors=errors
    )
    await check(schema_for("[String]"), case)
