"""What a Strawberry resolver gets for its arguments: inputs, enums, defaults, absent and null."""

from datetime import datetime
from decimal import Decimal
from enum import Enum
from typing import Annotated, Any, Generic, TypeVar
from uuid import UUID

import pytest
import strawberry
from strawberry import UNSET, Maybe, Some

from tests.schema.execution.cases.runner import Case, check

T = TypeVar("T")


@strawberry.enum
class Color(Enum):
    RED = "r"
    GREEN = strawberry.enum_value("g", name="VERDANT")


@strawberry.input
class Point:
    x: int
    y: int = 0


@strawberry.input
class Box:
    title: str
    corner: Point | None = None
    points: list[Point] = strawberry.field(default_factory=list)
    colors: list[Color] = strawberry.field(default_factory=lambda: [Color.RED])
    note: str | None = UNSET
    long_name: int = strawberry.field(name="differently", default=5)
    inner: Annotated["Box", strawberry.lazy("tests.schema.execution.cases.test_strawberry_inputs")] | None = (
        None
    )


@strawberry.input
class Patch:
    name: Maybe[str | None]
    size: Maybe[int]
    point: Maybe[Point | None]


@strawberry.input(one_of=True)
class By:
    id: strawberry.ID | None = UNSET
    name: str | None = UNSET


@strawberry.input
class Between(Generic[T]):
    low: T
    high: T | None = None


@strawberry.type
class Query:
    @strawberry.field
    def plain(self, a: int, b: str = "b", c: float | None = None) -> str:
        return repr((a, b, c))

    @strawberry.field
    def unset(self, a: int | None = UNSET, b: str | None = None) -> str:
        return repr(("unset" if a is UNSET else a, b))

    @strawberry.field
    def named(self, from_date: int, to: Annotated[int, strawberry.argument(name="until")] = 9) -> str:
        return repr((from_date, to))

    @strawberry.field
    def color(self, color: Color = Color.GREEN, colors: list[Color] | None = None) -> str:
        return repr((color, colors))

    @strawberry.field
    def point(self, point: Point) -> str:
        return repr(point)

    @strawberry.field
    def points(self, points: list[Point | None]) -> str:
        return repr(points)

    @strawberry.field
    def box(self, box: Box | None = None) -> str:
        return "None" if box is None else shown(box)

    @strawberry.field
    def patch(self, patch: Patch) -> str:
        return repr((patch.name, patch.size, patch.point))

    @strawberry.field
    def maybe(self, value: Maybe[int | None] = None) -> str:
        return repr(value)

    @strawberry.field
    def by(self, by: By) -> str:
        return repr({name: value for name, value in vars(by).items() if value is not UNSET})

    @strawberry.field
    def between(self, between: Between[int]) -> str:
        return repr((between.low, between.high))

    @strawberry.field
    def scalars(self, moment: datetime, id: strawberry.ID, uuid: UUID, amount: Decimal) -> str:
        return repr((moment, id, uuid, amount))

    @strawberry.field
    def take(self, numbers: list[int], box: Box) -> str:
        seen = repr((numbers, box.points))
        numbers.append(0)
        box.points.append(Point(x=9))
        return seen

    @strawberry.field
    def preset(self, numbers: list[int] = [1, 2], point: Point = Point(x=1)) -> str:  # noqa: B006, B008  # what is tested
        seen = repr((numbers, point))
        numbers.clear()
        point.x += 1
        return seen

    @strawberry.field
    def nest(self) -> "Query":
        return Query()

    @strawberry.field
    def nests(self) -> list["Query"]:
        return [Query(), Query()]


def shown(box: Box) -> str:
    """A box by its parts."""
    note = "unset" if box.note is UNSET else box.note
    inner = box.inner and shown(box.inner)
    return repr(
        (box.title, box.corner, box.points, [color.name for color in box.colors], note, box.long_name, inner)
    )


SCHEMA = strawberry.Schema(Query)._schema
ONE, TWO = Point(x=1), Point(x=1, y=2)

# The selection, and what arrives.
LITERALS: list[tuple[str, Any]] = [
    ("plain(a: 1)", (1, "b", None)),
    ('plain(a: 1, b: "x", c: 2)', (1, "x", 2.0)),
    ("plain(a: 1, c: null)", (1, "b", None)),
    ("unset", ("unset", None)),
    ("unset(a: null)", (None, None)),
    ("unset(a: 3)", (3, None)),
    ("named(fromDate: 1)", (1, 9)),
    ("named(fromDate: 1, until: 2)", (1, 2)),
    ("color", (Color.GREEN, None)),
    ("color(color: RED, colors: [VERDANT, RED])", (Color.RED, [Color.GREEN, Color.RED])),
    ("color(colors: VERDANT)", (Color.GREEN, [Color.GREEN])),
    ("point(point: {x: 1})", ONE),
    ("points(points: [{x: 1, y: 2}, null])", [TWO, None]),
    ("points(points: {x: 1})", [ONE]),
    ("between(between: {low: 1})", (1, None)),
    ('by(by: {id: "7"})', {"id": "7"}),
    ("preset", ([1, 2], ONE)),
    ("preset(numbers: [3], point: {x: 1, y: 2})", ([3], TWO)),
    ("maybe", None),
    ("maybe(value: null)", Some(None)),
    ("maybe(value: 3)", Some(3)),
    ("patch(patch: {})", (None, None, None)),
    ("patch(patch: {name: null, size: 3})", (Some(None), Some(3), None)),
    ('patch(patch: {name: "n", point: {x: 1}})', (Some("n"), None, Some(ONE))),
    ('box(box: {title: "t"})', ("t", None, [], ["RED"], "unset", 5, None)),
    (
        (
            'box(box: {title: "t", note: null, corner: {x: 1}, colors: [], differently: 6, points:'
            " [{x: 1, y: 2}]})"
        ),
        ("t", ONE, [TWO], [], None, 6, None),
    ),
    (
        'box(box: {title: "t", inner: {title: "i", note: "n"}})',
        ("t", None, [], ["RED"], "unset", 5, repr(("i", None, [], ["RED"], "n", 5, None))),
    ),
    (
        (
            'scalars(moment: "2026-01-02T03:04:05", id: 7, uuid:'
            ' "00000000-0000-0000-0000-000000000001", amount: "1.5")'
        ),
        (datetime(2026, 1, 2, 3, 4, 5), "7", UUID(int=1), Decimal("1.5")),
    ),
]


@pytest.mark.parametrize("selection, arrives", LITERALS, ids=[row[0] for row in LITERALS])
async def test_literals(selection: str, arrives: Any) -> None:
    """Alone, below an object, and in rows, where each call gets its own."""
    case = Case(
        id=selection,
        document=f"{{ a: {selection} nest {{ a: {selection} }} nests {{ a: {selection} b: {selection} }} }}",
        root=Query(),
        data={
            "a": repr(arrives),
            "nest": {"a": repr(arrives)},
            "nests": [{"a": repr(arrives), "b": repr(arrives)}] * 2,
        },
    )
    await check(SCHEMA, case)
