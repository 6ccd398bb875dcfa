"""How a field without a resolver finds its value, and how one with a resolver is called."""

from collections import ChainMap, OrderedDict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from types import MappingProxyType, SimpleNamespace
from typing import Any, NamedTuple

import pytest

from tests.schema.execution.cases.runner import Case, check, schema_of

SDL = "type Query { thing: Thing things: [Thing] } type Thing { name: String size: Int add(to: Int): Int }"
SCHEMA = schema_of(SDL)


class Plain:
    name, size = "plain", 1

    def add(self, info: Any, to: int = 0) -> int:
        return self.size + to


@dataclass(slots=True)
class Slots:
    name: str = "slots"
    size: int = 2
    add: Any = None


class Pair(NamedTuple):
    name: str = "pair"
    size: int = 3
    add: Any = None


class Computed:
    def __init__(self) -> None:
        self.calls = 0

    @property
    def name(self) -> str:
        self.calls += 1
        return f"read {self.calls} times"

    @property
    def size(self) -> int:
        return self.calls

    @staticmethod
    def add(info: Any, to: int = 0) -> int:
        return to


class Everything:
    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") or name == "add":
            raise AttributeError(name)
        return 7


class Own(Mapping[str, Any]):
    def __getitem__(self, key: str) -> Any:
        return {"name": "own", "size": 5}[key]

    def __iter__(self) -> Iterator[str]:
        return iter(["name"])

    def __len__(self) -> int:
        return 0


class Missing(dict[str, Any]):
    def __missing__(self, key: str) -> Any:
        raise AssertionError("Nobody asks by index.")


class Twice(dict[str, Any]):
    def get(self, key: str, default: Any = None) -> Any:
        return "got" if key == "name" else 8


class Called:
    def __call__(self, info: Any, **arguments: Any) -> Any:
        return arguments.get("to", len(info.field_name))


# The object, and its name and size and what add(to: 4) gives.
SOURCES: list[tuple[Any, tuple[Any, Any, Any]]] = [
    (Plain, ("plain", 1, 5)),
    (Slots, ("slots", 2, None)),
    (Pair, ("pair", 3, None)),
    (Computed, ("read 1 times", 1, 4)),
    (Everything, ("7", 7, None)),
    (lambda: SimpleNamespace(name="space", size=None), ("space", None, None)),
    (dict, (None, None, None)),
    (lambda: {"name": "dict", "size": 4, "items": 1}, ("dict", 4, None)),
    (lambda: OrderedDict(name="ordered", size=4), ("ordered", 4, None)),
    (lambda: ChainMap[str, Any]({"name": "chain"}, {"size": 6}), ("chain", 6, None)),
    (lambda: MappingProxyType({"name": "proxy"}), ("proxy", None, None)),
    (Own, ("own", 5, None)),
    (lambda: Missing(name="missing"), ("missing", None, None)),
    (Twice, ("got", 8, 8)),
    (lambda: {"name": lambda info: info.field_name, "add": lambda info, to: to}, ("name", None, 4)),
    (lambda: {"name": Called(), "size": Called(), "add": Called()}, ("4", 4, 4)),
    (lambda: {"name": partial(lambda word, info: word, "partial")}, ("partial", None, None)),
    (lambda: {"add": lambda info, **arguments: arguments["to"] * 2}, (None, None, 8)),
    (lambda: 5, (None, None, None)),
    (lambda: "text", (None, None, None)),
    (object, (None, None, None)),
]


@pytest.mark.parametrize("make, values", SOURCES)
async def test_sources(make: Callable[[], Any], values: tuple[Any, Any, Any]) -> None:
    name, size, added = values
    case = Case(
        id="",
        document="{ thing { name size add(to: 4) } things { name size } }",
        root=lambda: {"thing": make(), "things": [make(), make()]},
        data={
            "thing": {"name": name, "size": size, "add": added},
            "things": [{"name": name, "size": size}] * 2,
        },
    )
    await check(SCHEMA, case)


# Objects whose methods cannot be called so, and the message.
REFUSED: list[tuple[Any, str]] = [
    (lambda to: to, "<lambda>() got multiple values for argument 'to'"),
    (lambda info: 1, "<lambda>() got an unexpected keyword argument 'to'"),
    (lambda info, other: 1, "<lambda>() got an unexpected keyword argument 'to'"),
]


@pytest.mark.parametrize("method, message", REFUSED)
async def test_methods_that_take_something_else(method: Any, message: str) -> None:
    case = Case(
        id="",
        document="{ thing { add(to: 4) } things { add(to: 4) } }",
        root={"thing": {"add": method}, "things": [{"add": method}]},
        data={"thing": {"add": None}, "things": [{"add": None}]},
        errors=[f"thing.add 1:11 {message}", f"things.0.add 1:33 {message}"],
    )
    await check(SCHEMA, case)


def told(source: Any, info: Any, **arguments: Any) -> str:
    """The source and the arguments, as they came."""
    return repr((source, arguments))


@pytest.mark.parametrize("source", [None, "text", 0, {"a": 1}, [1]])
async def test_a_resolver_gets_the_source_and_the_arguments(source: Any) -> None:
    schema = schema_of("type Query { test(aStr: String, aInt: Int): String }", {"Query.test": told})
    case = Case(
        id="",
        document='{ test a: test(aStr: "String!") b: test(aInt: -123, aStr: "String!") c: test(aInt: null) }',
        root=source,
        data={
            "test": repr((source, {})),
            "a": repr((source, {"aStr": "String!"})),
            "b": repr((source, {"aStr": "String!", "aInt": -123})),
            "c": repr((source, {"aInt": None})),
        },
    )
    await check(schema, case)


async def test_arguments_by_another_name() -> None:
    """An argument may have another name in Python than in the graph."""
    schema = schema_of("type Query { test(fromDate: Int, to: Int = 2): String }", {"Query.test": told})
    root = schema.query_type
    assert root is not None
    root.fields["test"].args["fromDate"].out_name = "from_date"
    root.fields["test"].args["to"].out_name = "until"
    case = Case(
        id="",
        document="query ($v: Int) { test(fromDate: 1) a: test(to: $v) }",
        data={"test": repr((None, {"from_date": 1, "until": 2})), "a": repr((None, {"until": 2}))},
    )
    await check(schema, case)


async def test_a_value_is_read_once() -> None:
    """A property that does something does it once for each key of the answer."""
    case = Case(
        id="",
        document="{ thing { name x: name name size } things { name } }",
        root=lambda: {"thing": Computed(), "things": [Computed()]},
        data={
            "thing": {"name": "read 1 times", "x": "read 2 times", "size": 2},
            "things": [{"name": "read 1 times"}],
        },
    )
    await check(SCHEMA, case)


class Fickle:
    """Fits at first sight only."""

    def __init__(self, log: list[str]) -> None:
        self.log = log

    @property
    def name(self) -> str:
        self.log.append("name")
        return "fickle"

    size = "not a number"


async def test_values_are_not_read_again_when_another_does_not_fit() -> None:
    case = Case(
        id="",
        document="{ things { name size } }",
        root={
            "things": lambda info: [Fickle(info.context), Fickle(info.context), {"name": "dict", "size": 1}]
        },
        data={"things": [{"name": "fickle", "size": None}] * 2 + [{"name": "dict", "size": 1}]},
        errors=[
            f"things.{i}.size 1:17 Int cannot represent non-integer value: 'not a number'" for i in (0, 1)
        ],
        effects=["name", "name"],
    )
    await check(SCHEMA, case)
