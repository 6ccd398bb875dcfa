"""What Strawberry's enums and scalars become."""

from dataclasses import field
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import Enum, StrEnum
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest
import strawberry
from strawberry.scalars import JSON

from tests.schema.execution.cases.runner import Case, check, table


@strawberry.enum
class Color(Enum):
    RED = "r"
    CRIMSON = "r"
    GREEN = strawberry.enum_value("g", name="VERDANT")
    LIST = ("a", "b")


@strawberry.enum
class Word(StrEnum):
    ONE = "one"


@strawberry.type
class Scalars:
    number: int = 1
    ratio: float = 2
    text: str = "t"
    flag: bool = False
    id: strawberry.ID = strawberry.ID("i")
    uuid: UUID = UUID(int=1)
    moment: datetime = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
    day: date = date(2026, 1, 2)
    amount: Decimal = Decimal("1.50")
    free: JSON = field(default_factory=lambda: JSON({"a": [1]}))
    tags: list[str] = field(default_factory=list)
    wrong: int = field(default="x")  # type: ignore[assignment]  # what the answer refuses
    long_name: str = "long"
    other: str = strawberry.field(name="differently", default="named")
    secret: strawberry.Private[str] = "hidden"

    @strawberry.field
    def told(self) -> str:
        return self.secret


@strawberry.type
class Query:
    color: Color | None
    colors: list[Color] | None
    word: Word | None
    scalars: Scalars | None


SCHEMA = strawberry.Schema(Query)._schema


def root(**values: Any) -> Any:
    """A root with these attributes."""
    return SimpleNamespace(**values)


ENUMS: list[tuple[Any, Any, list[str]]] = [
    (Color.RED, "RED", []),
    (Color.CRIMSON, "RED", []),
    (Color.GREEN, "VERDANT", []),
    (Color.LIST, "LIST", []),
    ("r", "RED", []),
    ("g", "VERDANT", []),
    (("a", "b"), "LIST", []),
    (None, None, []),
    ("RED", None, ["color 1:3 Enum 'Color' cannot represent value: 'RED'"]),
    (Word.ONE, None, ["color 1:3 Enum 'Color' cannot represent value: <Word.ONE: 'one'>"]),
]


@pytest.mark.parametrize("value, name, errors", ENUMS)
async def test_enums(value: Any, name: str | None, errors: list[str]) -> None:
    case = Case(id="", document="{ color }", root=root(color=value), data={"color": name}, errors=errors)
    await check(SCHEMA, case)


@table(
    [
        Case(
            id="a list of enums",
            document="{ colors word }",
            root=root(colors=[Color.GREEN, "g", Color.CRIMSON], word="one"),
            data={"colors": ["VERDANT", "VERDANT", "RED"], "word": "ONE"},
        ),
        Case(
            id="scalars",
            document=(
                "{ scalars { number ratio text flag id uuid moment day amount free tags longName"
                " differently told } }"
            ),
            root=lambda: root(scalars=Scalars()),
            data={
                "scalars": {
                    "number": 1,
                    "ratio": 2.0,
                    "text": "t",
                    "flag": False,
                    "id": "i",
                    "uuid": "00000000-0000-0000-0000-000000000001",
                    "moment": "2026-01-02T03:04:05+00:00",
                    "day": "2026-01-02",
                    "amount": "1.50",
                    "free": {"a": [1]},
                    "tags": [],
                    "longName": "long",
                    "differently": "named",
                    "told": "hidden",
                }
            },
        ),
        Case(
            id="scalars that refuse",
            document="{ scalars { text wrong } a: scalars { moment } }",
            root=lambda: root(scalars=Scalars(moment="today")),  # type: ignore[arg-type]  # what the answer refuses
            data={"scalars": None, "a": None},
            errors=[
                "scalars.wrong 1:18 Int cannot represent non-integer value: 'x'",
                "a.moment 1:39 'str' object has no attribute 'isoformat'",
            ],
        ),
    ]
)
async def test_leaves(case: Case) -> None:
    await check(SCHEMA, case)
