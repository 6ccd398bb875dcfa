"""The leaves and inputs that all generated schemas share, with values that are right, odd and wrong."""

import math
from collections.abc import Mapping
from dataclasses import field
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from enum import Enum
from typing import Any, NewType
from uuid import UUID

import strawberry
from strawberry.directive import DirectiveLocation, DirectiveValue
from strawberry.scalars import JSON
from strawberry.types.scalar import ScalarDefinition

from tests.differential.outline import Argument, Ref

Shy = NewType("Shy", str)


def show_shy(value: object) -> object:
    """A serializer that answers with nothing, raises, or gives what its value happens to be."""
    if value == "nothing":
        return None
    if value == "raise":
        raise ValueError("A shy value was asked for.")
    return value


def read_shy(value: object) -> object:
    if value == "raise":
        raise ValueError("A shy value was given.")
    return f"shy {value}"


SCALARS: Mapping[object, ScalarDefinition] = {
    Shy: strawberry.scalar(name="Shy", serialize=show_shy, parse_value=read_shy),
}


@strawberry.enum
class Mood(Enum):
    CALM = "calm"
    WILD = "wild"
    ODD = strawberry.enum_value("odd", name="STRANGE")


@strawberry.enum
class Level(Enum):
    LOW = 1
    HIGH = 2
    # A raw value that cannot be a key of a dict.
    PAIR = [1, 2]
    # The same value under another name: the first name is shown.
    BASE = strawberry.enum_value(1)


@strawberry.input
class Point:
    x: int = 1
    y: float | None = None


@strawberry.input
class Filter:
    name: str = "none"
    moods: list[Mood] = field(default_factory=lambda: [Mood.CALM])
    at: Point | None = field(default_factory=Point)
    points: list[Point] | None = None
    shy: Shy | None = None
    inner: "Filter | None" = None
    tags: list[str | None] | None = strawberry.UNSET


@strawberry.input(one_of=True)
class Pick:
    id: strawberry.ID | None = strawberry.UNSET
    point: Point | None = strawberry.UNSET


@strawberry.input
class Patch:
    text: strawberry.Maybe[str | None]
    size: strawberry.Maybe[int]


@strawberry.directive(locations=[DirectiveLocation.FIELD])
def loud(value: DirectiveValue[str]) -> str:
    """What only the reference executor knows to do."""
    return value.upper()


class Text(str):
    """Text that is not exactly a string."""


class Whole(int):
    """A number that is not exactly an integer."""


NAN = math.nan
# Values that each leaf shows as they are, or converts without a word.
PLAIN: Mapping[str, tuple[Any, ...]] = {
    "Int": (0, 1, -7, 42, 2**31 - 1, -(2**31)),
    "Float": (0.0, 1.5, -2.25, 1e300, 3.0),
    "String": ("", "a", "ümlaut ☃", 'quote "\\\n', "long " * 9),
    "Boolean": (True, False),
    "ID": ("1", "abc", "", "0"),
    "DateTime": (datetime(2024, 2, 29, 12, 30, 1, 999), datetime(1999, 1, 1, tzinfo=UTC)),
    "Date": (date(2024, 2, 29), date(1, 1, 1)),
    "Decimal": (Decimal("1.50"), Decimal("-0")),
    "UUID": (UUID(int=7),),
    "JSON": ({"a": [1, None, {"b": True}]}, [], "text", 3),
    "Shy": ("open", "dawn"),
    "Mood": (Mood.CALM, Mood.WILD, Mood.ODD),
    "Level": (Level.LOW, Level.HIGH, Level.PAIR, Level.BASE),
}
# Values that are legal in an unusual form, and values that are not legal.
STRANGE: Mapping[str, tuple[Any, ...]] = {
    "Int": (True, 3.0, "7", 2**31, -(2**31) - 1, NAN, 1.5, "x", "", Whole(5), [], {}, False, 1e10, b"1"),
    "Float": (3, True, "1.5", "x", math.inf, NAN, Whole(2), 10**400, None, [], Decimal("1.5")),
    "String": (5, True, 1.5, 3.0, Text("sub"), b"bytes", [], {}, Decimal("1.0"), ["a"], False, NAN),
    "Boolean": (0, 1, 2, 1.0, 0.5, "true", "", [], {}, NAN, Whole(1)),
    "ID": (3, 3.0, True, Whole(4), 1.5, Text("sub"), b"id", [], {}, 2**70),
    "DateTime": (
        date(2024, 1, 1),
        "2024-01-01",
        5,
        datetime(2024, 1, 1, tzinfo=timezone(timedelta(0, 5))),
        [],
    ),
    "Date": (datetime(2024, 1, 1, 5), "2024-01-01", 5, {}),
    "Decimal": (1, 1.5, "x", True, []),
    "UUID": ("not one", 5, True),
    "JSON": (True, 1.0, Text("sub"), Whole(6), (1, 2), 0, ""),
    "Shy": ("nothing", "raise", 5, True, Text("sub"), [1], ("raise",), 1.0),
    "Mood": ("calm", "odd", "CALM", "STRANGE", 1, Level.LOW, [], {}, "nowhere", Mood.CALM.value, object),
    "Level": (1, 2, [1, 2], "LOW", 3, True, 1.0, [], Mood.CALM, [2, 1], "1"),
}
LEAVES = tuple(PLAIN)
# Int and String are what most schemas consist of.
USUAL = ("Int", "String", "String", "Int", "ID", "Boolean", "Float", "Mood")

INPUTS: Mapping[str, tuple[Argument, ...]] = {
    "Point": (Argument("x", Ref("Int"), "1"), Argument("y", Ref("Float", (True,)))),
    "Filter": (
        Argument("name", Ref("String"), "'none'"),
        # A default that is made anew each time is no default in the graph.
        Argument("moods", Ref("Mood", (False, False))),
        Argument("at", Ref("Point", (True,))),
        Argument("points", Ref("Point", (True, False))),
        Argument("shy", Ref("Shy", (True,))),
        Argument("inner", Ref("Filter", (True,))),
        Argument("tags", Ref("String", (True, True))),
    ),
    "Pick": (Argument("id", Ref("ID", (True,))), Argument("point", Ref("Point", (True,)))),
    "Patch": (Argument("text", Ref("String", (True,))), Argument("size", Ref("Int", (True,)))),
}

# The text of a value in a document, and the value in JSON; right ones, then wrong ones.
GIVEN: Mapping[str, tuple[tuple[str, Any], ...]] = {
    "Int": (("3", 3), ("-1", -1), ("0", 0)),
    "Float": (("1.5", 1.5), ("2", 2), ("-0.0", -0.0)),
    "String": (('"text"', "text"), ('""', ""), ('"☃"', "☃"), ('"""\n  block\n"""', "block")),
    "Boolean": (("true", True), ("false", False)),
    "ID": (('"id"', "id"), ("7", 7), ('"8"', "8")),
    "DateTime": (('"2024-02-29T01:02:03"', "2024-02-29T01:02:03"), ('"2024-02-29"', "2024-02-29")),
    "Date": (('"2024-02-29"', "2024-02-29"),),
    "Decimal": (('"1.50"', "1.50"), ('"2"', "2")),
    "UUID": (('"00000000-0000-0000-0000-000000000007"', "00000000-0000-0000-0000-000000000007"),),
    "JSON": (('{a: [1, "b"]}', {"a": [1, "b"]}), ("5", 5), ('"x"', "x")),
    "Shy": (('"open"', "open"), ("5", 5)),
    "Mood": (("CALM", "CALM"), ("STRANGE", "STRANGE")),
    "Level": (("LOW", "LOW"), ("PAIR", "PAIR"), ("BASE", "BASE")),
}
REFUSED: Mapping[str, tuple[Any, ...]] = {
    "Int": ("3", 2**31, 1.5, True, [], {}),
    "Float": ("1.5", True, []),
    "String": (5, True, ["a", "b"], {}),
    "Boolean": (1, "true", 0),
    "ID": (1.5, True, {}),
    "DateTime": ("yesterday", 5),
    "Date": ("yesterday",),
    "Decimal": ("much",),
    "UUID": ("none",),
    "JSON": (),
    "Shy": ("raise",),
    "Mood": ("ODD", "calm", 1, {}),
    "Level": (1, "NONE", [1, 2]),
    "Point": (5, {"z": 1}, {"x": None}, {"x": "1"}),
    "Filter": ({"moods": None}, {"moods": ["NONE"]}, {"inner": {"at": 3}}, "x"),
    "Pick": ({}, {"id": "1", "point": {}}, {"id": None}),
    "Patch": ({"size": "x"}, {"size": None}),
}

__all__ = [
    "JSON", "SCALARS", "UUID", "Decimal", "Filter", "Level", "Mood", "Patch", "Pick", "Point", "Shy", "date",
    "datetime",
]  # fmt: skip
