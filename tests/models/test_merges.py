"""Two people become one, and one becomes who they were: nothing that was known is lost."""

from collections.abc import Awaitable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from bson import ObjectId

from models import events, merges, person_writes, reverts
from models.errors import DomainError
from models.history import PersonHistory
from models.kinds import Gender, Kind, ParentRole
from models.moments import Moment
from models.people import Person
from models.relationships import Relationship
from tests.models.family import ADA, BO, NOW, again, bond, names, person, tree_of

pytestmark = pytest.mark.usefixtures("database")
LATER = NOW + timedelta(hours=1)


def day(year: int) -> Moment:
    return Moment.of(datetime(year, 1, 1, tzinfo=UTC))


async def told(call: Awaitable[Any]) -> str:
    try:
        await call
    except DomainError as error:
        return error.code
    return "ok"


async def test_one_person_has_what_was_known_of_two() -> None:
    tree = await tree_of()
    mum, kid, cal = [await person(tree, name) for name in ("Mum", "Kid", "Cal")]
    one = await person(tree, "Rudo", notes="mine", mother_id=mum["_id"])
    two = await person(tree, "Rudo", last_name="Moyo", notes="theirs", gender=Gender.FEMALE, birth=day(1950))
    await bond(two, cal, Kind.SPOUSE)
    await bond(two, kid, Kind.PARENT)
    await bond(one, kid, Kind.PARENT)
    await person_writes.change(kid["_id"], {"mother_id": two["_id"]}, ADA, NOW)
    made = await events.add(tree["_id"], {"kind": "Birth", "people": [two["_id"]]}, ADA, NOW)
    after = await merges.merge(one["_id"], two["uuid"], ADA, LATER)
    assert (after["name"], after["notes"], after["gender"]) == ("Rudo Moyo", "mine", "FEMALE")
    assert after["birth"] is not None and after["revision"] == 1
    assert await names(after["parents"]) == "Mum" and await names(after["children"]) == "Kid"
    assert await names(after["spouses"]) == "Cal"
    child = await again(kid)
    assert (child.mother_id, child.parents) == (one["_id"], [one["_id"]])
    assert (await again(cal)).spouses == [one["_id"]]
    rows = await Relationship.find_all().to_list()
    assert sorted((row.from_id == one["_id"], str(row.kind)) for row in rows) == [
        (True, "PARENT"),
        (True, "SPOUSE"),
    ]
    assert (await events.get(made["_id"], ADA))["people"] == [one["_id"]]
    assert await Person.get(two["_id"]) is None
    kept = await PersonHistory.find({"person_id": two["_id"]}).sort("_id").to_list()
    assert [row.change for row in kept] == ["CREATED", "MERGED"]


async def test_two_who_are_related_are_no_relatives_of_themselves() -> None:
    tree = await tree_of()
    one, two = await person(tree, "A"), await person(tree, "B")
    await bond(one, two, Kind.PARENT, tree=tree, role=ParentRole.BIOLOGICAL_MOTHER)
    await bond(one, two, Kind.SPOUSE)
    await person_writes.change(two["_id"], {"mother_id": one["_id"]}, ADA, NOW)
    after = await merges.merge(two["_id"], one["_id"], ADA, LATER)
    assert (after["parents"], after["children"], after["spouses"], after["mother_id"]) == ([], [], [], None)
    assert await Relationship.count() == 0


async def test_only_two_of_one_tree_become_one() -> None:
    tree, other, theirs = await tree_of(), await tree_of(), await tree_of(BO)
    one, two, foreign = await person(tree, "A"), await person(other, "B"), await person(theirs, "C")
    calls = {
        "two trees": merges.merge(one["_id"], two["_id"], ADA, NOW),
        "another's": merges.merge(one["_id"], foreign["_id"], ADA, NOW),
        "the same": merges.merge(one["_id"], one["uuid"], ADA, NOW),
        "nobody": merges.merge(one["_id"], ObjectId(), ADA, NOW),
        "a stranger": merges.merge(one["_id"], one["_id"], BO, NOW),
    }
    assert {name: await told(call) for name, call in calls.items()} == {
        "two trees": "PERSON_NOT_FOUND",
        "another's": "TREE_FORBIDDEN",
        "the same": "INVALID",
        "nobody": "PERSON_NOT_FOUND",
        "a stranger": "TREE_FORBIDDEN",
    }
    assert await Person.count() == 3


async def test_who_may_be_one_is_told_the_surest_first() -> None:
    tree = await tree_of()
    for birth in (day(1950), day(1950), None, day(1960)):
        await person(tree, "Rudo", last_name="Moyo", birth=birth)
    await person(tree, "Rudo", last_name="Dube")
    await person(tree, "Rudo")
    found = await merges.duplicates(tree["_id"], ADA, 10)
    assert [round(each.score, 1) for each in found] == [1.0, 0.8, 0.8, 0.8]
    assert len(await merges.duplicates(tree["_id"], ADA, 2)) == 2
    assert await told(merges.duplicates(tree["_id"], BO, 10)) == "TREE_FORBIDDEN"


async def test_a_person_goes_back_to_a_version_and_keeps_their_family() -> None:
    tree = await tree_of()
    rudo, kid = await person(tree, "Rudo", notes="first"), await person(tree, "Kid")
    await person_writes.change(rudo["_id"], {"first_name": "Rhoda", "notes": None}, ADA, NOW)
    await bond(rudo, kid, Kind.PARENT)
    after = await reverts.revert(rudo["_id"], 0, ADA, LATER)
    assert (after["name"], after["notes"], after["revision"]) == ("Rudo", "first", 2)
    assert await names(after["children"]) == "Kid"
    back = await reverts.revert(rudo["_id"], 1, ADA, LATER)
    assert (back["first_name"], back["notes"]) == ("Rhoda", None)
    rows = await PersonHistory.find({"person_id": rudo["_id"]}).sort("_id").to_list()
    assert [row.change for row in rows] == ["CREATED", "UPDATED", "REVERTED", "REVERTED"]
    assert await told(reverts.revert(rudo["_id"], 9, ADA, LATER)) == "VERSION_NOT_FOUND"
    assert await told(reverts.revert(rudo["_id"], 0, BO, LATER)) == "TREE_FORBIDDEN"
