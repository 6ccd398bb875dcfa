"""Types of Strawberry with checks of their own, which look at values and not at classes alone."""

from types import SimpleNamespace
from typing import Annotated, Any

import strawberry
from strawberry import Info
from strawberry.schema.config import StrawberryConfig

from tests.schema.execution.cases.runner import Case, check, table


@strawberry.interface
class Shape:
    sides: int

    @classmethod
    def resolve_type(cls, value: Any, *_: Any) -> str:
        return "Circle" if value.sides == 0 else "Polygon"


@strawberry.type
class Circle(Shape):
    @classmethod
    def is_type_of(cls, value: Any, info: Info) -> bool:
        return True


@strawberry.type
class Polygon(Shape):
    @strawberry.field
    def corners(self) -> int:
        return self.sides

    @classmethod
    def is_type_of(cls, value: Any, info: Info) -> bool:
        return bool(value.sides < 5)


@strawberry.type
class Even:
    number: int

    @classmethod
    def is_type_of(cls, value: Any, info: Info) -> bool:
        return bool(value["number"] % 2 == 0)


@strawberry.type
class Odd:
    number: int

    @classmethod
    def is_type_of(cls, value: Any, info: Info) -> bool:
        return bool(value["number"] % 2)


Parity = Annotated[Even | Odd, strawberry.union("Parity")]


def row(source: Any, name: str) -> Any:
    """Reads rows as well as objects."""
    return source.get(name) if isinstance(source, dict) else getattr(source, name)


@strawberry.type
class Rows:
    shapes: list[Shape] | None
    parities: list[Parity | None]


SCHEMA = strawberry.Schema(
    Rows, types=[Circle, Polygon], config=StrawberryConfig(default_resolver=row)
)._schema


def root(**values: Any) -> Any:
    """A root with these attributes."""
    return SimpleNamespace(**values)


@table(
    [
        Case(
            id="an interface that looks at values",
            document="{ shapes { __typename sides ... on Polygon { corners } } }",
            root=root(
                shapes=[Shape(sides=0), Circle(sides=3), Polygon(sides=0), Polygon(sides=4), Shape(sides=2)]
            ),
            data={
                "shapes": [
                    {"__typename": "Circle", "sides": 0},
                    {"__typename": "Polygon", "sides": 3, "corners": 3},
                    {"__typename": "Circle", "sides": 0},
                    {"__typename": "Polygon", "sides": 4, "corners": 4},
                    {"__typename": "Polygon", "sides": 2, "corners": 2},
                ]
            },
        ),
        Case(
            id="types that look at values",
            document="{ shapes { __typename } }",
            root=root(shapes=[Polygon(sides=3), Polygon(sides=7)]),
            data={"shapes": None},
            errors=["shapes.1 1:3 Expected value of type 'Polygon' but got: <Polygon instance>."],
        ),
    ]
)
async def test_types_that_look_at_values(case: Case) -> None:
    await check(SCHEMA, case)


async def test_members_that_look_at_rows() -> None:
    case = Case(
        id="",
        document="{ parities { __typename ... on Even { number } ... on Odd { odd: number } } }",
        root={"parities": [{"number": 1}, {"number": 2}, None, {"number": 3}, {"number": 4}]},
        data={
            "parities": [
                {"__typename": "Odd", "odd": 1},
                {"__typename": "Even", "number": 2},
                None,
                {"__typename": "Odd", "odd": 3},
                {"__typename": "Even", "number": 4},
            ]
        },
    )
    await check(SCHEMA, case)
