"""Lists of objects in lists of objects, and lists that end early."""

from collections.abc import Iterable
from typing import Any

import pytest

from tests.schema.execution.cases.runner import Case, check, table
from tests.schema.execution.cases.test_lists import BAD, NO_NULL, Turns, following, later, schema_for


class Closed(Turns):
    """Turns that write down when they are closed."""

    def __init__(self, values: Iterable[Any], log: list[str]) -> None:
        super().__init__(values)
        self.log = log

    async def aclose(self) -> None:
        self.log.append("closed")


@table(
    [
        Case(
            id="nested rows of every arrival",
            document="{ list { id rows { id name rows { id } } } }",
            root=lambda: {
                "list": [
                    {"id": 1, "rows": ({"id": 2, "name": later("two"), "rows": later([{"id": 3}])},)},
                    {"id": 4, "rows": following([{"id": later(5), "name": None, "rows": []}])},
                    later({"id": 6, "rows": later(iter([{"id": 7, "name": "seven", "rows": None}]))}),
                ]
            },
            data={
                "list": [
                    {"id": 1, "rows": [{"id": 2, "name": "two", "rows": [{"id": 3}]}]},
                    {"id": 4, "rows": [{"id": 5, "name": None, "rows": []}]},
                    {"id": 6, "rows": [{"id": 7, "name": "seven", "rows": None}]},
                ]
            },
        ),
        Case(
            id="a failure stops at the nearest list that may be null",
            document="{ list { id rows { id rows { id } } } }",
            root={"list": [{"id": 1, "rows": [{"id": 2, "rows": [{"id": 3}, {"id": None}]}, {"id": 4}]}]},
            data={"list": [{"id": 1, "rows": [{"id": 2, "rows": None}, {"id": 4, "rows": None}]}]},
            errors=["list.0.rows.0.rows.1.id 1:30 Cannot return null for non-nullable field Row.id."],
        ),
        Case(
            id="errors of several rows in the order of the rows",
            document="{ list { name id } }",
            root={"list": [{"id": 1, "name": []}, {"id": "x", "name": BAD}, {"id": 3, "name": "three"}]},
            data={"list": [{"name": None, "id": 1}, None, {"name": "three", "id": 3}]},
            errors=[
                "list.0.name 1:10 String cannot represent value: []",
                "list.1.name 1:10 bad",
                "list.1.id 1:15 Int cannot represent non-integer value: 'x'",
            ],
        ),
        Case(
            id="rows of several kinds beside each other",
            document="{ list { id name } }",
            root=lambda: {
                "list": [
                    {"id": 1, "name": "dict"},
                    type("Thing", (), {"id": 2, "name": "class"}),
                    type("Thing", (), {"id": 3, "name": property(lambda self: "property")})(),
                    {"id": lambda info: 4, "name": lambda info: info.field_name},
                ]
            },
            data={
                "list": [
                    {"id": 1, "name": "dict"},
                    {"id": 2, "name": "class"},
                    {"id": 3, "name": "property"},
                    {"id": 4, "name": "name"},
                ]
            },
        ),
    ]
)
async def test_rows_below_rows(case: Case) -> None:
    await check(schema_for("[Row]"), case)


@pytest.mark.parametrize("type_, data", [("[Int!]", {"list": None}), ("[Int!]!", None)])
async def test_an_async_iterator_is_closed_when_an_item_fails(type_: str, data: Any) -> None:
    case = Case(
        id="closed",
        document="{ list }",
        root={"list": lambda info: Closed([1, None, 3], info.context)},
        data=data,
        errors=[f"list.1 {NO_NULL}"],
        effects=["closed"],
    )
    await check(schema_for(type_), case)
