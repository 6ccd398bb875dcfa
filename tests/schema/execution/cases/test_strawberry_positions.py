"""Every leaf, list and row once more, in a schema that Strawberry made and whose fields read rows by key."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from types import GenericAlias, SimpleNamespace
from typing import Any, NewType

import pytest
import strawberry
from graphql import GraphQLSchema
from strawberry.schema.config import StrawberryConfig

from tests.schema.execution.cases import test_leaves as leaves
from tests.schema.execution.cases import test_lists as lists
from tests.schema.execution.cases.runner import Case, check

Even = NewType("Even", object)


class Keys:
    """Reads rows by a key of their own, and objects by attribute."""

    def __call__(self, source: Any, name: str) -> Any:
        return source.get(self.key(name)) if type(source) is dict else getattr(source, name)

    @staticmethod
    def key(name: str) -> str:
        """The key of a row for a name in Python."""
        return {"id": "_id"}.get(name, name)


LEAVES: dict[str, Any] = {
    "Int": int,
    "Float": float,
    "String": str,
    "Boolean": bool,
    "ID": strawberry.ID,
    "Even": Even,
}
CONFIG = StrawberryConfig(
    default_resolver=Keys(), scalar_map={Even: strawberry.scalar(name="Even", serialize=leaves.parity)}
)


def type_of(name: str, /, **fields: Any) -> Any:
    """A Strawberry type with these fields."""
    return strawberry.type(type(name, (), {"__annotations__": fields}))


def some(type_: Any) -> Any:
    """A list of these, or null."""
    return GenericAlias(list, (type_,)) | None


@cache
def leaf_schema(leaf: str) -> GraphQLSchema:
    """The schema of the leaf table, made by Strawberry."""
    nullable = LEAVES[leaf] | None
    rows = some(type_of("Row", leaf=nullable, strict=LEAVES[leaf], other=int | None) | None)
    query = type_of("Query", leaf=nullable, items=some(nullable), rows=rows, objects=rows, strict=rows)
    return strawberry.Schema(query, config=CONFIG)._schema


@pytest.mark.parametrize("wrap", [lambda value: value, leaves.later], ids=["now", "later"])
@pytest.mark.parametrize(
    "leaf", [row for row in leaves.LEAVES if row[0] in LEAVES], ids=lambda leaf: f"{leaf[0]} {leaf[1]!r}"[:40]
)
async def test_leaf(leaf: tuple[str, Any, Any], wrap: Callable[[Any], Any]) -> None:
    await check(leaf_schema(leaf[0]), leaves.case_of(*leaf, wrap))


@cache
def list_schema(type_: str) -> GraphQLSchema:
    """A schema with one list of this type."""
    row = type_of("Row", id=int, name=str | None)
    named = {**LEAVES, "Row": row}

    def annotation(text: str) -> Any:
        if text.endswith("!"):
            inner = text[1:-2]
            return GenericAlias(list, (annotation(inner),)) if text.startswith("[") else named[text[:-1]]
        return annotation(f"{text}!") | None

    return strawberry.Schema(type_of("Query", list=annotation(type_)), config=CONFIG)._schema


@pytest.mark.parametrize("arrive", ["list", "tuple", "one awaited item", "async generator"])
@pytest.mark.parametrize("type_, values, data, errors", lists.VALUES)
async def test_items(arrive: str, type_: str, values: list[Any], data: Any, errors: list[str]) -> None:
    make = lists.ARRIVALS[arrive]
    case = Case(
        id=type_, document="{ list }", root=lambda: {"list": make(list(values))}, data=data, errors=errors
    )
    await check(list_schema(type_), case)


@dataclass
class Kept:
    """An object with attributes."""

    id: Any = None


@dataclass(slots=True)
class Slots:
    """An object with slots."""

    id: Any = None


class Computed:
    """An object that runs code when it is read."""

    def __init__(self, id: Any = None) -> None:
        self.value = id

    @property
    def id(self) -> Any:
        return self.value


class Anything:
    """An object that has what is asked for."""

    def __init__(self, id: Any = None) -> None:
        self.values = {"id": id}

    def __getattr__(self, name: str) -> Any:
        try:
            return self.values[name]
        except KeyError:
            raise AttributeError(name) from None


SHAPES: dict[str, Any] = {
    "dicts": lambda id=None: {} if id is None else {"_id": id},
    "dicts with null": lambda id=None: {"_id": id, "other": object()},
    "spaces": lambda id=None: SimpleNamespace(id=id),
    "attributes": Kept,
    "slots": Slots,
    "properties": Computed,
    "any attribute": Anything,
}


def shaped(make: Any, value: Any) -> Any:
    """A row of the list table in another shape."""
    if isinstance(value, list):
        return [shaped(make, each) for each in value]
    return make(**value) if isinstance(value, dict) else value


@pytest.mark.parametrize("arrive", ["list", "awaited", "awaited items"])
@pytest.mark.parametrize("make", SHAPES.values(), ids=SHAPES)
@pytest.mark.parametrize("type_, values, data, errors", [row for row in lists.ROWS if row[1][0] != 1])
async def test_rows(
    make: Any, arrive: str, type_: str, values: list[Any], data: Any, errors: list[str]
) -> None:
    case = Case(
        id=type_,
        document="{ list { id } }",
        root=lambda: {"list": lists.ARRIVALS[arrive](shaped(make, values))},
        data=data,
        errors=errors,
    )
    await check(list_schema(type_), case)


async def test_rows_of_several_shapes() -> None:
    rows = [make(id=number) for number, make in enumerate(SHAPES.values())] * 3
    case = Case(
        id="",
        document="{ list { id __typename } }",
        root={"list": rows},
        data={"list": [{"id": number, "__typename": "Row"} for number in range(len(SHAPES))] * 3},
    )
    await check(list_schema("[Row!]!"), case)


async def test_attributes_that_are_missing() -> None:
    case = Case(
        id="",
        document="{ list { name id } }",
        root={"list": [Kept(1), {"_id": 2}, SimpleNamespace(id=3, name="n"), 5]},
        data={"list": [{"name": None, "id": 1}, {"name": None, "id": 2}, {"name": "n", "id": 3}, None]},
        errors=[
            "list.0.name 1:10 'Kept' object has no attribute 'name'",
            "list.3.name 1:10 'int' object has no attribute 'name'",
            "list.3.id 1:15 'int' object has no attribute 'id'",
        ],
    )
    await check(list_schema("[Row]"), case)


class Counted:
    """An object that counts how often its number is read."""

    def __init__(self, log: list[str], id: Any) -> None:
        self.log, self.value = log, id

    @property
    def id(self) -> Any:
        self.log.append("id")
        return self.value

    name = "name"


class CountedAnything:
    """The same for whatever is read."""

    def __init__(self, log: list[str], id: Any) -> None:
        self.__dict__.update(log=log, values={"id": id, "name": "name"})

    def __getattr__(self, name: str) -> Any:
        if name not in self.values:
            raise AttributeError(name)
        self.log.append(name)
        return self.values[name]


@pytest.mark.parametrize("made, read", [(Counted, ["id"]), (CountedAnything, ["id", "name"])])
async def test_code_that_runs_when_it_is_read_runs_once(made: Any, read: list[str]) -> None:
    """Although the last row does not fit, and is the reason to look at all of them closely."""
    log: list[str] = []

    def emptied() -> list[str]:
        log.clear()
        return log

    case = Case(
        id="",
        document="{ list { id name } }",
        context=emptied,
        root=lambda: {"list": [made(log, 1), made(log, 2), made(log, "x")]},
        data={"list": [{"id": 1, "name": "name"}, {"id": 2, "name": "name"}, None]},
        errors=["list.2.id 1:10 Int cannot represent non-integer value: 'x'"],
        effects=read * 2 + ["id"],
    )
    await check(list_schema("[Row]"), case)
