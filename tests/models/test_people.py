"""People: their names, what is kept of them, and what becomes of them when they go."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from bson import ObjectId

from models import people, person_writes, tree_writes
from models.errors import DomainError, Unfit
from models.family_errors import (
    NothingToChange,
    ParentNotFound,
    PersonNotFound,
    ReferenceTaken,
    TreeForbidden,
    TreeNotFound,
)
from models.history import PersonHistory
from models.kinds import Gender, IdentifierKind, Kind, LegalParentKind, Visibility
from models.moments import Moment
from models.people import Person
from models.person_fields import PersonFields
from models.relationships import Relationship
from models.trees import Tree
from tests.models.family import ADA, BO, NOW, again, bond, names, person, tree_of, users_are

pytestmark = pytest.mark.usefixtures("database")
LATER = NOW + timedelta(hours=1)


async def narrow(fields: PersonFields) -> str | None:
    """The name or the refusal of somebody as the narrow archive adds them."""
    try:
        return (await person_writes.add(None, fields, ADA, NOW, require_name=True))["name"]
    except DomainError as error:
        return error.code


@pytest.mark.parametrize(
    ("fields", "name"),
    [
        ({"first_name": "A", "last_name": "B"}, "A B"),
        ({"first_name": "A", "middle_name": "M", "last_name": "B"}, "A M B"),
        ({"nickname": "Nick"}, "Nick"),
        ({"name": "Sent Name", "first_name": "A"}, "A"),
        ({"name": "X Y", "middle_name": "Mid"}, "Mid"),
        ({"name": "Alone"}, "UNFIT"),
        ({"middle_name": "M"}, "NAME_MISSING"),
        ({}, "NAME_MISSING"),
        ({"first_name": "", "nickname": "N"}, "N"),
        ({"first_name": "Mary  Ann", "last_name": "van  der  Berg"}, "Mary  Ann van  der  Berg"),
        (
            {"first_name": "f" * 100, "middle_name": "m" * 53, "last_name": "l" * 100},
            "f" * 100 + " " + "m" * 53 + " " + "l" * 100,
        ),
        ({"first_name": "f" * 100, "middle_name": "m" * 54, "last_name": "l" * 100}, "UNFIT"),
        ({"first_name": "a\0b"}, "UNFIT"),
    ],
)
async def test_a_name_is_made_of_its_parts(fields: PersonFields, name: str) -> None:
    await users_are(ADA)
    assert await narrow(fields) == name
    if name in ("UNFIT", "NAME_MISSING"):
        assert await Person.count() == await Tree.count() == 0


async def test_without_that_rule_nobody_needs_a_name() -> None:
    tree = await tree_of()
    nobody = await person_writes.add(tree["_id"], {}, ADA, NOW)
    assert (nobody["name"], nobody["living"], nobody["gender"]) == (None, True, "UNKNOWN")
    odd = await person_writes.add(tree["_id"], {"first_name": "a\0b"}, ADA, NOW)
    assert odd["name"] == "a\0b"


async def test_what_fits_nothing_is_refused_in_its_turn() -> None:
    """After the tree, the person and the parents were looked for; a name may be what it is."""
    tree, other = await tree_of(), await tree_of(BO)
    rudo = await person(tree, "Rudo")
    unfit = {"unfit": ["birth"]}

    async def code(*asked: Any, verb: Any = person_writes.add, **more: Any) -> str:
        with pytest.raises(DomainError) as refused:
            await verb(*asked, **more)
        return refused.value.code

    assert await code(ObjectId(), {}, ADA, NOW, **unfit) == "TREE_NOT_FOUND"
    assert await code(other["_id"], {}, ADA, NOW, **unfit) == "TREE_FORBIDDEN"
    missing = {"checked": {"mother_id": ObjectId()}, **unfit}
    assert await code(tree["_id"], {}, ADA, NOW, **missing) == "PARENT_NOT_FOUND"
    assert await code(tree["_id"], {}, ADA, NOW, **unfit) == "UNFIT"
    change = {"verb": person_writes.change, **unfit}
    assert await code(ObjectId(), {}, ADA, NOW, **change) == "PERSON_NOT_FOUND"
    assert await code(rudo["_id"], {}, ADA, NOW, require_change=True, **change) == "UNFIT"
    assert await code(None, {}, ADA, NOW, require_name=True, **unfit) == "NAME_MISSING"
    assert await code(None, {}, ADA, NOW, require_name=True, unfit=["first_name"]) == "UNFIT"
    assert await Person.count() == 1


async def test_somebody_may_say_that_nothing_is_known() -> None:
    tree = await tree_of()
    told = await person_writes.add(tree["_id"], {"birth": None}, ADA, NOW)
    assert (told["birth"], told["birth_unknown"], told["death_unknown"]) == (None, True, None)
    after = await person_writes.change(told["_id"], {"birth": None, "death": None}, ADA, LATER)
    assert (after["birth_unknown"], after["death_unknown"]) == (None, None)


async def test_half_a_character_is_answered_as_it_was_told_and_stored_as_a_mark() -> None:
    tree = await tree_of()
    odd = await person_writes.add(tree["_id"], {"first_name": "\ud83d x"}, ADA, NOW)
    assert (odd["first_name"], odd["name"]) == ("\ud83d x", "\ud83d x")
    stored = await again(odd)
    assert (stored.first_name, stored.name) == ("\ufffd x", "\ufffd x")
    after = await person_writes.change(odd["_id"], {"titles": ["\udc00"]}, ADA, LATER)
    assert (after["titles"], (await again(odd)).titles) == (["\udc00"], ["\ufffd"])
    assert await narrow({"first_name": "\ud83d x"}) == "\ufffd x"


async def test_a_change_recomputes_the_name_only_where_a_part_is_said() -> None:
    tree = await tree_of()
    rudo = await person(tree, "Rudo", last_name="Moyo", nickname="R")

    async def changed(fields: PersonFields) -> Any:
        return (await person_writes.change(rudo["_id"], fields, ADA, NOW, require_change=True))["name"]

    assert await changed({"last_name": None}) == "Rudo"
    assert await changed({"first_name": None}) == "R"
    with pytest.raises(Unfit):
        await changed({"nickname": None})
    assert (await again(rudo)).nickname == "R"
    assert await changed({"name": ""}) == ""
    assert await changed({"notes": "n"}) == ""
    with pytest.raises(NothingToChange):
        await changed({})
    with pytest.raises(PersonNotFound):
        await person_writes.change(ObjectId(), {}, ADA, NOW, require_change=True)


async def test_what_changes_nothing_leaves_no_trace_unless_it_must() -> None:
    tree = await tree_of()
    rudo = await person(tree, "Rudo", notes="n")
    for fields in ({}, {"notes": "n"}, {"first_name": "Rudo"}):
        await person_writes.change(rudo["_id"], fields, ADA, LATER)  # type: ignore[arg-type]  # a plain dict
    assert (await again(rudo)).updated_at.instant == NOW
    after = await person_writes.change(rudo["_id"], {"notes": "n"}, ADA, LATER, require_change=True)
    assert Moment(**after["updated_at"]).instant == LATER and after["revision"] == 1


async def test_a_day_that_comes_back_keeps_its_moment() -> None:
    tree = await tree_of()
    moment = Moment.from_text("1950-03-02T10:00:00.000123Z")
    rudo = await person(tree, "Rudo", birth=moment)

    async def born(day: date | Moment | None) -> Any:
        stored = (await person_writes.change(rudo["_id"], {"birth": day}, ADA, NOW))["birth"]
        return stored and Moment(**stored)

    assert await born(date(1950, 3, 2)) == moment
    assert await born(date(1950, 3, 3)) == Moment.of(datetime(1950, 3, 3, tzinfo=UTC))
    assert await born(moment) == moment
    assert await born(None) is None


async def test_the_dead_do_not_live_and_a_grave_can_be_a_mistake() -> None:
    tree = await tree_of()
    rudo = await person(tree, "Rudo", death=date(1999, 1, 1), living=True)
    assert rudo["living"] is False

    async def lives(fields: PersonFields) -> bool:
        return (await person_writes.change(rudo["_id"], fields, ADA, NOW))["living"]

    assert await lives({"death": None}) is True
    assert await lives({"death": date(1999, 1, 1)}) is False
    assert await lives({"living": True}) is True


async def test_of_several_genders_the_one_that_stands_stays() -> None:
    tree = await tree_of()
    rudo = await person(tree, "Rudo", gender=[Gender.OTHER, Gender.NON_BINARY])
    assert rudo["gender"] == "OTHER"

    async def gender(*sent: Gender) -> str:
        return (await person_writes.change(rudo["_id"], {"gender": sent}, ADA, NOW))["gender"]

    assert await gender(Gender.NON_BINARY) == "NON_BINARY"
    assert await gender(Gender.OTHER, Gender.NON_BINARY) == "NON_BINARY"
    assert await gender(Gender.FEMALE) == "FEMALE"


async def test_what_is_inside_a_person_is_kept_whole() -> None:
    tree = await tree_of()
    rudo = await person(
        tree,
        "Rudo",
        titles=["Sekuru", ""],
        identifiers=[{"kind": IdentifierKind.PASSPORT, "value": "P1"}],
        privacy={"profile": Visibility.PUBLIC},
        reference="seed-1",
    )
    assert rudo["titles"] == ["Sekuru", ""] and rudo["reference"] == "seed-1"
    assert rudo["identifiers"][0]["verification"] == "UNVERIFIED"
    assert rudo["privacy"] == {"profile": "PUBLIC", "birth": "TREE_ONLY", "death": "TREE_ONLY"}
    after = await person_writes.change(rudo["_id"], {"privacy": {"death": Visibility.PRIVATE}}, ADA, NOW)
    assert after["privacy"] == {"profile": "PUBLIC", "birth": "TREE_ONLY", "death": "PRIVATE"}
    with pytest.raises(ReferenceTaken):
        await person(tree, "Other", reference="seed-1")
    assert await Person.count() == 1


async def test_nobody_is_too_large_to_keep() -> None:
    tree = await tree_of()
    rudo = await person(tree, "Rudo", notes="n" * 5_000_000)
    with pytest.raises(Unfit):
        await person_writes.change(rudo["_id"], {"biography": "b" * 5_000_000}, ADA, NOW)
    with pytest.raises(Unfit):
        await person(tree, "Cal", notes="ü" * 5_000_000)
    assert (await again(rudo)).biography is None and await Person.count() == 1
    cal = await person(tree, "Cal")
    with pytest.raises(Unfit):
        await bond(rudo, cal, Kind.OTHER, tree=tree, notes="n" * 9_000_000)


async def test_parents_given_at_birth_are_linked() -> None:
    tree = await tree_of()
    mum, dad = await person(tree, "Mum"), await person(tree, "Dad")
    kid = await person(tree, "Kid", parents=[mum["uuid"], dad["_id"]])
    assert kid["parents"] == [mum["_id"], dad["_id"]]
    assert (await again(mum)).children == [kid["_id"]] == (await again(dad)).children
    rows = await Relationship.find_all().to_list()
    assert {(row.from_id, row.to_id, row.kind) for row in rows} == {
        (mum["_id"], kid["_id"], Kind.PARENT),
        (dad["_id"], kid["_id"], Kind.PARENT),
    }
    stranger = await person(await tree_of(BO), "Stranger")
    for key in (None, ObjectId(), stranger["_id"]):
        with pytest.raises(Unfit):
            await person(tree, "Kid", parents=[mum["_id"], key])
    assert await Person.count() == 4 and await Relationship.count() == 2


async def test_parents_by_name_are_in_the_tree_and_in_the_lists() -> None:
    tree = await tree_of()
    mum, dad, aunt = [await person(tree, name) for name in ("Mum", "Dad", "Aunt")]
    legal = [{"parent_id": aunt["_id"], "kind": LegalParentKind.GUARDIAN}]
    kid = await person(tree, "Kid", mother_id=mum["_id"], legal_parents=legal)
    assert (kid["mother_id"], kid["parents"]) == (mum["_id"], [mum["_id"], aunt["_id"]])
    fields: PersonFields = {"mother_id": None, "father_id": dad["uuid"]}
    after = await person_writes.change(kid["_id"], fields, ADA, NOW)
    assert await names(after["parents"]) == "Aunt Dad"
    assert (await again(mum)).children == [] and (await again(dad)).children == [kid["_id"]]
    itself = await person_writes.change(kid["_id"], {"mother_id": kid["_id"]}, ADA, NOW)
    assert itself["mother_id"] == kid["_id"] and (await again(kid)).children == [kid["_id"]]


async def test_a_parent_who_is_not_in_the_tree_is_named() -> None:
    tree, other = await tree_of(), await tree_of(ADA, "Other")
    foreign = await person(other, "Foreign")
    kid = await person(tree, "Kid")
    for name, role in (("mother_id", "Biological mother"), ("father_id", "Biological father")):
        fields: Any = {name: foreign["_id"]}
        for call in (
            person_writes.add(tree["_id"], {}, ADA, NOW, checked=fields),
            person_writes.add(tree["_id"], fields, ADA, NOW),
            person_writes.change(kid["_id"], fields, ADA, NOW),
        ):
            with pytest.raises(ParentNotFound) as caught:
                await call
            assert caught.value.details == {"role": role, "id": str(foreign["_id"])}
    assert await Person.count() == 2
    checked = await person_writes.add(tree["_id"], {}, ADA, NOW, checked={"mother_id": kid["_id"]})
    assert checked["mother_id"] is None and checked["parents"] == []


async def test_only_who_may_edit_the_tree_writes_and_strangers_learn_nothing() -> None:
    tree, other = await tree_of(), await tree_of(BO)
    rudo = await person(tree, "Rudo")
    for call in (
        person_writes.add(tree["_id"], {}, BO, NOW),
        person_writes.change(rudo["_id"], {"notes": "x"}, BO, NOW),
        person_writes.delete(rudo["_id"], BO, NOW),
        people.get(rudo["_id"], BO),
    ):
        with pytest.raises(TreeForbidden):
            await call
    with pytest.raises(PersonNotFound):
        await people.get(rudo["_id"], BO, tree=other["_id"])
    with pytest.raises(TreeNotFound):
        await people.get(rudo["_id"], BO, tree=ObjectId())
    for key in (None, ObjectId(), "00000000-0000-4000-8000-000000000000"):
        with pytest.raises(PersonNotFound):
            await people.get(key, ADA)
    assert await people.get(rudo["uuid"], ADA, fields=("name",)) == {
        "_id": rudo["_id"],
        "uuid": rudo["uuid"],
        "name": "Rudo",
        "tree_id": tree["_id"],
    }


async def test_whoever_goes_is_mentioned_nowhere() -> None:
    tree = await tree_of()
    mum, dad, kid, sis = [await person(tree, name) for name in ("Mum", "Dad", "Kid", "Sis")]
    await bond(mum, dad, Kind.SPOUSE)
    await bond(dad, kid, Kind.PARENT)
    await bond(dad, sis, Kind.SIBLING)
    legal = [{"parent_id": dad["_id"], "kind": LegalParentKind.FOSTER}]
    await person_writes.change(kid["_id"], {"father_id": dad["_id"], "legal_parents": legal}, ADA, NOW)  # type: ignore[typeddict-item]  # a plain list
    await Tree.find_one({"_id": tree["_id"]}).update({"$set": {"root_person": dad["_id"]}})
    await person_writes.delete(dad["_id"], ADA, LATER)
    for each in (mum, kid, sis):
        after = await again(each)
        assert (after.parents, after.children, after.spouses, after.legal_parents) == ([], [], [], [])
        assert after.father_id is None and after.updated_at.instant == LATER
    stored = await Tree.get(tree["_id"])
    assert stored is not None and stored.root_person is None
    assert await Relationship.count() == 0
    with pytest.raises(PersonNotFound):
        await person_writes.delete(dad["_id"], ADA, LATER)


async def test_a_tree_notes_who_comes_and_goes_apart_from_its_own_changes() -> None:
    tree = await tree_of()
    rudo = await person_writes.add(tree["_id"], {}, ADA, LATER)
    stored = await Tree.get(tree["_id"])
    assert stored is not None
    assert (stored.active_at.instant, stored.updated_at.instant) == (LATER, NOW)
    await person_writes.delete(rudo["_id"], ADA, LATER + timedelta(hours=1))
    assert (await tree_writes.open(ADA, NOW)).tree["active_at"]["at"].hour == 11


async def test_every_version_of_a_person_is_kept() -> None:
    tree = await tree_of()
    rudo = await person(tree, "Rudo")
    await person_writes.change(rudo["_id"], {"first_name": "Rhoda"}, ADA, NOW)
    await person_writes.delete(rudo["_id"], ADA, NOW)
    rows = await PersonHistory.find_all().sort("_id").to_list()
    assert [(row.version, row.change, row.data["first_name"]) for row in rows] == [
        (0, "CREATED", "Rudo"),
        (1, "UPDATED", "Rhoda"),
        (1, "DELETED", "Rhoda"),
    ]
