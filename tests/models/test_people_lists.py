"""Lists of people: a page at a time, by a name, and how many there are without reading them."""

import asyncio

import pytest

from models import history, people, person_writes, relationships
from models.kinds import Kind
from tests.models.family import ADA, NOW, bond, person, tree_of

pytestmark = pytest.mark.usefixtures("database")


async def test_people_come_in_pages_and_by_a_part_of_a_name() -> None:
    tree = await tree_of()
    for name in ("Rudo", "Tendai", "Rudolf", "a.b"):
        await person(tree, name, last_name="Moyo")

    async def page(search: str | None, limit: int = 10) -> list[str | None]:
        found = await people.PAGES.load((tree["_id"], search, None, limit))
        return [each["first_name"] for each in found]

    assert await page(None, 2) == ["Rudo", "Tendai"]
    assert await page("rudo") == ["Rudo", "Rudolf"]
    assert await page("moyo", 3) == ["Rudo", "Tendai", "Rudolf"]
    assert await page("a.b") == ["a.b"] and await page("a?b") == []


async def test_people_and_relationships_are_counted_for_many_trees_at_once() -> None:
    one, other, empty = await tree_of(), await tree_of(), await tree_of()
    a, b = await person(one, "A"), await person(one, "B")
    await person(other, "C")
    await bond(a, b, Kind.OTHER)
    counts = [people.COUNT_OF_TREE.load(tree["_id"]).future() for tree in (one, other, empty)]
    assert await asyncio.gather(*counts) == [2, 1, None]
    assert await relationships.COUNT_OF_TREE.load(one["_id"]) == 1


async def test_versions_are_counted_and_read_in_pages() -> None:
    tree = await tree_of()
    rudo = await person(tree, "Rudo")
    for notes in ("a", "b"):
        await person_writes.change(rudo["_id"], {"notes": notes}, ADA, NOW)
    assert await history.count_of_person(rudo["_id"]) == 3
    page = await history.OF_PERSON.load((rudo["_id"], None, 2))
    assert [each["version"] for each in page] == [0, 1]


async def test_those_who_name_somebody_as_a_parent_are_found() -> None:
    tree = await tree_of()
    mum, dad = await person(tree, "Mum"), await person(tree, "Dad")
    kid = await person(tree, "Kid", mother_id=mum["_id"], father_id=dad["_id"])
    for lane, parent in ((people.OF_MOTHER, mum), (people.OF_FATHER, dad)):
        assert [each["_id"] for each in await lane.load(parent["_id"])] == [kid["_id"]]
        assert await lane.load(kid["_id"]) == []
