"""What a resolver's value becomes in the answer, wherever it stands."""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from enum import Enum, IntEnum, StrEnum
from fractions import Fraction
from functools import cache
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest
from graphql import (
    GraphQLEnumType,
    GraphQLError,
    GraphQLField,
    GraphQLInt,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLScalarType,
    GraphQLSchema,
    Undefined,
    specified_scalar_types,
)

from tests.schema.execution.cases.runner import Case, check


class Count(int):
    """A number of one's own."""


class Word(str):
    """A text of one's own."""


class Ratio(float):
    """A fraction of one's own."""


class Suit(Enum):
    """An enum whose values cannot all be looked up by hash."""

    CLUBS = "c"
    SPADES = 2
    PAIR = ["a", "b"]
    BLACK = "c"


class Level(IntEnum):
    """Numbers with names."""

    LOW = 1


class Tag(StrEnum):
    """Texts with names."""

    NEW = "new"


class Named:
    """Something with a text, an index and a number of its own."""

    def __str__(self) -> str:
        return "named"

    def __repr__(self) -> str:
        return "Named()"


class Indexed(Named):
    """Something that says it is an integer."""

    def __index__(self) -> int:
        return 7


@dataclass(frozen=True)
class Bad:
    """The message of a value that its type refuses."""

    message: str


def parity(value: Any) -> Any:
    """Serializes even numbers only."""
    if value == "none":
        return None
    if value == "undefined":
        return Undefined
    if not isinstance(value, int):
        raise GraphQLError("Not a number.", extensions={"code": "ODD"})
    if value % 2:
        raise ValueError("Odd.")
    return {"half": value // 2}


TYPES = {
    **specified_scalar_types,
    "Suit": GraphQLEnumType("Suit", Suit),
    "Even": GraphQLScalarType("Even", coerce_output_value=parity),
}
# For each type a value that is already what the answer shows, or nearly so, and what it shows.
PLAIN: dict[str, tuple[Any, Any]] = {
    "Int": (5, 5),
    "Float": (2.5, 2.5),
    "String": ("plain", "plain"),
    "Boolean": (True, True),
    "ID": ("id", "id"),
    "Suit": (2, "SPADES"),
    "Even": (2, {"half": 1}),
}
NOT_INT = "Int cannot represent non-integer value: "
NOT_32 = "Int cannot represent non 32-bit signed integer value: "
NOT_FLOAT = "Float cannot represent non numeric value: "
NOT_TEXT = "String cannot represent value: "
NOT_BOOL = "Boolean cannot represent a non boolean value: "
NOT_ID = "ID cannot represent value: "
NAN, INF = float("nan"), float("inf")
SOME_ID = UUID("00000000-0000-0000-0000-000000000001")

LEAVES: list[tuple[str, Any, Any]] = [
    ("Int", 1, 1),
    ("Int", 0, 0),
    ("Int", -1, -1),
    ("Int", True, 1),
    ("Int", False, 0),
    ("Int", 2147483647, 2147483647),
    ("Int", -2147483648, -2147483648),
    ("Int", 2147483648, Bad(NOT_32 + "2147483648")),
    ("Int", -2147483649, Bad(NOT_32 + "-2147483649")),
    ("Int", 1.0, 1),
    ("Int", -0.0, 0),
    ("Int", 1e5, 100000),
    ("Int", 0.1, Bad(NOT_INT + "0.1")),
    ("Int", -1.1, Bad(NOT_INT + "-1.1")),
    ("Int", 1e100, Bad(NOT_32 + "1e+100")),
    ("Int", NAN, Bad(NOT_INT + "nan")),
    ("Int", INF, Bad(NOT_INT + "inf")),
    ("Int", "123", 123),
    ("Int", " 7 ", 7),
    ("Int", "", Bad(NOT_INT + "''")),
    ("Int", "one", Bad(NOT_INT + "'one'")),
    ("Int", "9876504321", Bad(NOT_32 + "'9876504321'")),
    ("Int", Decimal("3"), 3),
    ("Int", Decimal("3.5"), Bad(NOT_INT + "<Decimal instance>")),
    ("Int", Fraction(6, 2), 3),
    ("Int", Count(4), 4),
    ("Int", Level.LOW, 1),
    ("Int", Indexed(), 7),
    ("Int", [5], Bad(NOT_INT + "[5]")),
    ("Int", {"a": 1}, Bad(NOT_INT + "{'a': 1}")),
    ("Int", Undefined, None),
    ("Float", 1, 1.0),
    ("Float", 0, 0.0),
    ("Float", 1.5, 1.5),
    ("Float", -1.1, -1.1),
    ("Float", True, 1),
    ("Float", "123.5", 123.5),
    ("Float", "", Bad(NOT_FLOAT + "''")),
    ("Float", "one", Bad(NOT_FLOAT + "'one'")),
    ("Float", NAN, Bad(NOT_FLOAT + "nan")),
    ("Float", -INF, Bad(NOT_FLOAT + "-inf")),
    ("Float", "inf", Bad(NOT_FLOAT + "'inf'")),
    ("Float", 2**53 + 1, Bad(NOT_FLOAT + "9007199254740993 (value would lose precision)")),
    ("Float", Decimal("0.5"), 0.5),
    ("Float", Ratio(0.5), 0.5),
    ("Float", Count(4), 4.0),
    ("Float", [5], Bad(NOT_FLOAT + "[5]")),
    ("String", "text", "text"),
    ("String", "", ""),
    ("String", "漢字 😀 \x00", "漢字 😀 \x00"),
    ("String", 1, "1"),
    ("String", -1.1, "-1.1"),
    ("String", 1.0, "1.0"),
    ("String", True, "true"),
    ("String", False, "false"),
    ("String", 2**70, "1180591620717411303424"),
    ("String", NAN, Bad(NOT_TEXT + "nan")),
    ("String", [1], Bad(NOT_TEXT + "[1]")),
    ("String", {}, Bad(NOT_TEXT + "{}")),
    ("String", b"raw", Bad(NOT_TEXT + "b'raw'")),
    ("String", KeyboardInterrupt(), Bad(NOT_TEXT + "<KeyboardInterrupt instance>")),
    ("String", Word("own"), "own"),
    ("String", Tag.NEW, Tag.NEW),
    ("String", Named(), "named"),
    ("ID", Named(), "named"),
    ("Int", Named(), Bad(NOT_INT + "<Named instance>")),
    ("String", SOME_ID, str(SOME_ID)),
    ("Boolean", True, True),
    ("Boolean", False, False),
    ("Boolean", 1, True),
    ("Boolean", 0, False),
    ("Boolean", 2, True),
    ("Boolean", 0.0, False),
    ("Boolean", NAN, Bad(NOT_BOOL + "nan")),
    ("Boolean", "", Bad(NOT_BOOL + "''")),
    ("Boolean", "true", Bad(NOT_BOOL + "'true'")),
    ("Boolean", [False], Bad(NOT_BOOL + "[False]")),
    ("Boolean", Decimal("0"), False),
    ("ID", "text", "text"),
    ("ID", "", ""),
    ("ID", 123, "123"),
    ("ID", -1, "-1"),
    ("ID", 4.0, "4"),
    ("ID", 2**70, "1180591620717411303424"),
    ("ID", 3.14, Bad(NOT_ID + "3.14")),
    ("ID", True, Bad(NOT_ID + "True")),
    ("ID", ["abc"], Bad(NOT_ID + "['abc']")),
    ("ID", SOME_ID, str(SOME_ID)),
    ("Suit", Suit.CLUBS, Bad("Enum 'Suit' cannot represent value: <Suit instance>")),
    ("Suit", "c", "CLUBS"),
    ("Suit", 2, "SPADES"),
    ("Suit", 2.0, "SPADES"),
    ("Suit", ["a", "b"], "PAIR"),
    ("Suit", "CLUBS", Bad("Enum 'Suit' cannot represent value: 'CLUBS'")),
    ("Suit", {"a": 1}, Bad("Enum 'Suit' cannot represent value: {'a': 1}")),
    ("Suit", True, Bad("Enum 'Suit' cannot represent value: True")),
    ("Even", 4, {"half": 2}),
    ("Even", 3, Bad("Odd.")),
    ("Even", "text", Bad("Not a number. {'code': 'ODD'}")),
    (
        "Even",
        "none",
        Bad("Expected `Even.coerce_output_value('none')` to return non-nullable value, returned: None"),
    ),
    (
        "Even",
        "undefined",
        Bad(
            "Expected `Even.coerce_output_value('undefined')` to return non-nullable value,"
            " returned: Undefined"
        ),
    ),
]


@cache
def schema_for(leaf: str) -> GraphQLSchema:
    """A schema that shows the leaf in every position."""
    type_: Any = TYPES[leaf]
    row = GraphQLObjectType(
        "Row",
        {
            "leaf": GraphQLField(type_),
            "strict": GraphQLField(GraphQLNonNull(type_)),
            "other": GraphQLField(GraphQLInt),
        },
    )
    rows = GraphQLList(row)
    fields = {"leaf": type_, "items": GraphQLList(type_), "rows": rows, "objects": rows, "strict": rows}
    return GraphQLSchema(
        GraphQLObjectType("Query", {name: GraphQLField(kind) for name, kind in fields.items()})
    )


async def later(value: Any) -> Any:
    """The value, a moment later."""
    return value


def root_of(values: list[Any], wrap: Callable[[Any], Any]) -> dict[str, Any]:
    """The second value as a field, and all of them as items, in rows and in objects."""
    return {
        "leaf": wrap(values[1]),
        "items": [wrap(value) for value in values],
        "rows": [{"leaf": wrap(value), "other": 1} for value in values],
        "objects": [SimpleNamespace(leaf=wrap(value), other=1) for value in values],
        "strict": [{"strict": wrap(value)} for value in values],
    }


def case_of(leaf: str, value: Any, answer: Any, wrap: Callable[[Any], Any]) -> Case:
    """The value in every position, beside values that need no coercion."""
    plain, plainly = PLAIN[leaf]
    refused = isinstance(answer, Bad)
    shown = None if refused else answer
    answers = [plainly, shown, plainly]
    message = answer.message if refused else "Cannot return null for non-nullable field Row.strict."
    places = ["leaf 1:3", "items.1 1:8", "rows.1.leaf 1:21", "objects.1.leaf 1:50"] if refused else []
    places += ["strict.1.strict 1:66"] if shown is None else []
    return Case(
        id=f"{leaf} {value!r}",
        document="{ leaf items rows { leaf other } objects { other leaf } strict { strict } }",
        root=lambda: root_of([plain, value, plain], wrap),
        data={
            "leaf": shown,
            "items": answers,
            "rows": [{"leaf": each, "other": 1} for each in answers],
            "objects": [{"other": 1, "leaf": each} for each in answers],
            "strict": [None if each is None else {"strict": each} for each in answers],
        },
        errors=[f"{place} {message}" for place in places],
    )


@pytest.mark.parametrize("wrap", [lambda value: value, later], ids=["now", "later"])
@pytest.mark.parametrize("leaf", LEAVES, ids=lambda leaf: f"{leaf[0]} {leaf[1]!r}"[:40])
async def test_leaf(leaf: tuple[str, Any, Any], wrap: Callable[[Any], Any]) -> None:
    await check(schema_for(leaf[0]), case_of(*leaf, wrap))
