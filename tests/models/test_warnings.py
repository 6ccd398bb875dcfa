"""Warnings: what cannot well be true of a person is told, and what can be is not."""

from datetime import UTC, datetime
from typing import Any

import pytest

from models import people, warnings
from models.kinds import Kind, UnionStatus
from models.moments import Moment
from models.people import StoredPerson
from models.warnings import WarningCode
from tests.models.family import NOW, bond, person, tree_of

pytestmark = pytest.mark.usefixtures("database")


async def fresh(someone: StoredPerson) -> StoredPerson:
    found = await people.find(someone["_id"])
    assert found is not None
    return found


async def test_who_is_among_their_own_ancestors_is_told() -> None:
    tree = await tree_of()
    a, b = await person(tree, "A"), await person(tree, "B")
    await bond(a, b, Kind.PARENT)
    assert await warnings.of_person(await fresh(b), NOW) == []
    await bond(b, a, Kind.PARENT)
    for each in (a, b):
        found = await warnings.of_person(await fresh(each), NOW)
        assert [each.code for each in found] == [WarningCode.ANCESTOR_OF_SELF]


async def odd(**fields: Any) -> list[str]:
    """What is odd about a child of two parents who were born in 1900."""
    tree = await tree_of()
    elders = [await person(tree, name, birth=day(1900), death=day(1950)) for name in ("Mum", "Dad")]
    child = await person(tree, "Kid", **fields)
    for elder in elders:
        await bond(elder, child, Kind.PARENT)
    return sorted(each.code for each in await warnings.of_person(await fresh(child), NOW))


def day(year: int, month: int = 1) -> Moment:
    return Moment.of(datetime(year, month, 1, tzinfo=UTC))


@pytest.mark.parametrize(
    ("fields", "codes"),
    [
        ({}, []),
        ({"birth": day(1930)}, []),
        ({"birth": day(1930), "death": day(1929)}, ["BORN_AFTER_DEATH"]),
        ({"birth": day(1890), "death": day(1930)}, ["BORN_BEFORE_PARENT"] * 2),
        ({"birth": day(1911), "death": day(1990)}, ["PARENT_TOO_YOUNG"] * 2),
        ({"birth": day(1950, 9)}, []),
        ({"birth": day(1951)}, ["PARENT_DEAD_BEFORE_BIRTH"] * 2),
        ({"birth": day(1915), "death": day(2040)}, ["TOO_OLD"]),
    ],
)
async def test_what_cannot_well_be_true_is_told(fields: dict[str, Any], codes: list[str]) -> None:
    assert await odd(**fields) == codes


async def test_unions_and_twins_are_looked_at() -> None:
    tree = await tree_of()
    a = await person(tree, "A", last_name="M", birth=day(1950))
    await person(tree, "A", last_name="M")
    await person(tree, "A", last_name="M", birth=day(1951))
    b = await person(tree, "B")
    await bond(a, b, Kind.SPOUSE, tree=tree, status=UnionStatus.MARRIED, started=day(1940))
    found = await warnings.of_person(await fresh(a), NOW)
    assert [(each.code, len(each.person_ids)) for each in found] == [
        (WarningCode.MARRIED_BEFORE_BIRTH, 2),
        (WarningCode.DUPLICATE, 2),
    ]
    assert found[1].message == "A M may be in the tree twice."
