"""One value that is not plain, anywhere in a tree of rows that otherwise are."""

from types import SimpleNamespace
from typing import Any

import pytest
import strawberry

from tests.schema.execution.cases.runner import Case, check
from tests.schema.execution.cases.test_leaves import later
from tests.schema.execution.cases.test_strawberry_positions import CONFIG, some, type_of

KID = type_of("Kid", number=int | None)
CHILD = type_of("Child", number=int | None, tags=some(str | None), kids=some(KID | None), kid=KID | None)
PARENT = type_of("Parent", number=int | None, text=str | None, child=CHILD | None)
NESTED = strawberry.Schema(type_of("Query", rows=some(PARENT | None)), config=CONFIG)._schema
DOCUMENT = "{ rows { number text child { number tags kids { number } kid { number } } } }"


def parent() -> dict[str, Any]:
    """A row with all that may be in it."""
    child = {"number": 2, "tags": ["a", "b"], "kids": [{"number": 3}, {"number": 4}], "kid": {"number": 5}}
    return {"number": 1, "text": "t", "child": child}


# Where something else stands in the second of three rows, and where that place is in the document.
SPOTS: dict[str, tuple[list[Any], str]] = {
    "number": (["number"], "1:10"),
    "text": (["text"], "1:17"),
    "child": (["child"], "1:22"),
    "number below": (["child", "number"], "1:30"),
    "list": (["child", "tags"], "1:37"),
    "item": (["child", "tags", 1], "1:37"),
    "objects": (["child", "kids"], "1:42"),
    "object": (["child", "kids", 0], "1:42"),
    "number in an object": (["child", "kids", 1, "number"], "1:49"),
    "object below": (["child", "kid"], "1:58"),
}


def of_class(value: Any) -> Any:
    """The dicts of a tree as objects."""
    if isinstance(value, dict):
        return SimpleNamespace(**{name: of_class(each) for name, each in value.items()})
    return [of_class(each) for each in value] if isinstance(value, list) else value


@pytest.mark.parametrize("shape", [lambda row: row, of_class], ids=["dicts", "objects"])
@pytest.mark.parametrize("what", ["null", "failure", "awaited", "awaited failure"])
@pytest.mark.parametrize("keys, place", SPOTS.values(), ids=SPOTS)
async def test_one_value_among_plain_ones(keys: list[Any], place: str, what: str, shape: Any) -> None:
    bad = ValueError("bad")

    def rows(value: Any) -> list[dict[str, Any]]:
        made = [parent(), parent(), parent()]
        *above, last = keys
        target: Any = made[1]
        for key in above:
            target = target[key]
        target[last] = value
        return made

    def root() -> dict[str, Any]:
        plain = parent()
        for key in keys:
            plain = plain[key]
        values = {"null": None, "failure": bad, "awaited": plain, "awaited failure": bad}
        value = shape(values[what]) if isinstance(plain, dict) and what == "awaited" else values[what]
        return {"rows": [shape(row) for row in rows(later(value) if "awaited" in what else value)]}

    failed = "failure" in what
    case = Case(
        id="",
        document=DOCUMENT,
        root=root,
        data={"rows": [parent(), parent(), parent()] if what == "awaited" else rows(None)},
        errors=[f"rows.1.{'.'.join(map(str, keys))} {place} bad"] if failed else [],
    )
    await check(NESTED, case)
