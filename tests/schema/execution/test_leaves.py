"""Leaves: what is taken for final is what the type itself would have written."""

import enum
import math
from datetime import datetime
from decimal import Decimal
from typing import Any

import pytest
import strawberry
from graphql import GraphQLBoolean, GraphQLFloat, GraphQLID, GraphQLInt, GraphQLString
from graphql.pyutils import Undefined
from strawberry.scalars import JSON

from schema.execution.leaves import leaf_of
from schema.execution.source import Source
from tests.schema.execution.both import both


class Text(str):
    def __str__(self) -> str:
        return "printed"


class Whole(int):
    pass


@strawberry.enum
class Mood(enum.Enum):
    CALM = "calm"
    WILD = 2
    QUIET = "calm"
    ODD = strawberry.enum_value("odd", name="STRANGE")


@strawberry.enum
class Size(enum.IntEnum):
    SMALL = 1
    LARGE = 2


@strawberry.type
class Query:
    mood: Mood
    size: Size


schema = strawberry.Schema(Query)

VALUES: list[Any] = [
    *(0, 1, -1, 2**31 - 1, -(2**31), 2**31, -(2**31) - 1, 10**30, True, False, Whole(3)),
    *(0.0, -0.0, 1.5, 3.0, 1e300, math.nan, math.inf, -math.inf, Decimal("1.5")),
    *("", "text", "1", "calm", "odd", "CALM", "STRANGE", Text("own"), b"bytes"),
    *(Mood.CALM, Mood.WILD, Mood.QUIET, Mood.ODD, Size.SMALL, Size.LARGE),
    *([], [1], {}, object(), datetime(2026, 1, 1), Undefined),
]
TYPES = [
    *(GraphQLInt, GraphQLFloat, GraphQLString, GraphQLID, GraphQLBoolean),
    *(schema._schema.type_map["Mood"], schema._schema.type_map["Size"]),
]


@pytest.mark.parametrize("type_", TYPES, ids=str)
def test_what_is_final_is_what_the_type_would_write(type_: Any) -> None:
    leaf, serialize = leaf_of(type_)
    source = Source({})
    final, output = leaf.written(source, "v", "w")
    source.add(0, "def written(v):", f"    return [{output}] if {final} else []")
    written = source.compile([])["written"]
    found = 0
    for value in VALUES:
        if done := written(value):
            found += 1
            assert repr(done[0]) == repr(serialize(value))
            assert type(done[0]) in (int, float, str, bool)
    assert found >= 2


def test_a_scalar_of_ones_own_is_written_by_itself() -> None:
    leaf, serialize = leaf_of(strawberry.Schema(Query)._schema.type_map["Mood"])
    assert leaf.final is not None
    assert serialize(Mood.ODD) == "STRANGE"


@strawberry.type
class Leaves:
    count: int
    ratio: float
    text: str
    id: strawberry.ID
    mood: Mood
    when: datetime
    any: JSON
    none: str | None = None


@strawberry.type
class Root:
    @strawberry.field
    def leaves(self, number: int) -> list[Leaves]:
        return [usual(), odd()][number:] if number < 2 else [usual(), wrong()]


def usual() -> Leaves:
    return Leaves(
        count=1,
        ratio=0.5,
        text="text",
        id=strawberry.ID("1"),
        mood=Mood.WILD,
        when=datetime(2026, 1, 1),
        any=JSON({"a": [1]}),
    )


def odd() -> Leaves:
    leaves = usual()
    leaves.count, leaves.ratio, leaves.text, leaves.id = "3", 3, 7, 9  # type: ignore[assignment]  # on purpose
    return leaves


def wrong() -> Leaves:
    leaves = usual()
    leaves.any, leaves.mood = JSON(None), "nothing"  # type: ignore[assignment]  # on purpose
    return leaves


@pytest.mark.parametrize("number", [0, 1, 2])
async def test_final_and_other_values_come_out_as_in_stock(number: int) -> None:
    root = strawberry.Schema(Root)
    text = "query ($n: Int!) { leaves(number: $n) { count ratio text id mood when any none } }"
    result = await both(root, text, {"n": number})
    if number < 2:
        assert result.data is not None
        assert result.data["leaves"][-1] == {
            "count": 3,
            "ratio": 3.0,
            "text": "7",
            "id": "9",
            "mood": "WILD",
            "when": "2026-01-01T00:00:00",
            "any": {"a": [1]},
            "none": None,
        }
