"""Relationships: what may tie two people, and what their lists tell of it."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from bson import ObjectId

from models import relating, relationships
from models.errors import DomainError
from models.family_errors import (
    BiologicalParentTaken,
    EndNotFound,
    KindFixed,
    NotApplicable,
    PeopleNotFound,
    RelationshipExists,
    RelationshipNotFound,
    RoleMissing,
    SelfRelation,
    SiblingsAlready,
    StatusMissing,
    TreeForbidden,
)
from models.kinds import Kind, LegalParentKind, ParentRole, UnionStatus
from models.moments import Moment
from models.person_writes import change as change_person
from models.relationships import Relationship
from tests.models.family import ADA, BO, NOW, again, bond, names, person, tree_of

pytestmark = pytest.mark.usefixtures("database")
LATER = NOW + timedelta(hours=1)
MARRIED, WIDOWED = UnionStatus.MARRIED, UnionStatus.WIDOWED
MOTHER = ParentRole.BIOLOGICAL_MOTHER


async def test_a_new_id_goes_before_the_last_one() -> None:
    tree = await tree_of()
    dad, a, b, c, d = [await person(tree, name) for name in ("Dad", "A", "B", "C", "D")]
    for kid in (a, b, c):
        await bond(dad, kid, Kind.PARENT)
    assert await names((await again(dad)).children) == "B C A"
    await bond(dad, d, Kind.PARENT)
    assert await names((await again(dad)).children) == "B C D A"
    assert (await again(d)).parents == [dad["_id"]]


async def test_what_fits_nothing_is_refused_in_its_turn() -> None:
    """After both people were looked for, and after what a kind cannot become; nothing is written."""
    tree = await tree_of()
    a, b = await person(tree, "A"), await person(tree, "B")

    async def linked(to: ObjectId) -> str:
        with pytest.raises(DomainError) as refused:
            await relating.link(a["_id"], to, Kind.SPOUSE, {}, ADA, NOW, tree["_id"], unfit=["started"])
        return refused.value.code

    assert await linked(a["_id"]) == "SELF_RELATION"
    assert await linked(ObjectId()) == "END_NOT_FOUND"
    assert await linked(b["_id"]) == "UNFIT"
    assert await Relationship.count() == 0
    row = await bond(a, b, Kind.SPOUSE, status=MARRIED, tree=tree)
    for fields, code in (({"kind": Kind.SIBLING}, "KIND_FIXED"), ({"status": WIDOWED}, "UNFIT")):
        with pytest.raises(DomainError) as refused:
            await relating.change(row["_id"], fields, ADA, NOW, unfit=["started"])  # type: ignore[arg-type]  # one of two
        assert refused.value.code == code
    stored = await Relationship.get(row["_id"])
    assert stored is not None and stored.status is MARRIED


async def test_half_a_character_in_notes_is_stored_as_a_mark() -> None:
    tree = await tree_of()
    a, b = await person(tree, "A"), await person(tree, "B")
    row = await bond(a, b, Kind.SPOUSE, status=MARRIED, notes="\ud800", tree=tree)
    assert row["notes"] == "\ud800"
    after = await relating.change(row["_id"], {"notes": "x\udfff"}, ADA, NOW)
    stored = await Relationship.get(row["_id"])
    assert stored is not None and (after["notes"], stored.notes) == ("x\udfff", "x\ufffd")


async def test_spouses_are_in_both_lists_and_siblings_in_none() -> None:
    tree = await tree_of()
    a, b = await person(tree, "A"), await person(tree, "B")
    await bond(a, b, Kind.SPOUSE)
    await bond(b, a, Kind.SPOUSE)
    await bond(a, b, Kind.SIBLING)
    after = await again(a)
    assert (after.spouses, after.parents, after.children) == ([b["_id"], b["_id"]], [], [])
    for first, second, kind in ((a, b, Kind.SPOUSE), (a, b, Kind.SIBLING)):
        with pytest.raises(RelationshipExists):
            await bond(first, second, kind)
    assert await Relationship.count() == 3


async def test_one_may_be_tied_to_oneself_where_nobody_is_strict() -> None:
    tree = await tree_of()
    a = await person(tree, "A")
    await bond(a, a, Kind.SPOUSE)
    await bond(a, a, Kind.PARENT)
    after = await again(a)
    assert (after.spouses, after.parents, after.children) == ([a["_id"]] * 2, [a["_id"]], [a["_id"]])
    with pytest.raises(SelfRelation):
        await bond(a, a, Kind.OTHER, tree=tree)
    assert len(await relationships.OF_PERSON.load(a["_id"])) == 2


async def test_of_those_who_come_at_once_one_wins() -> None:
    tree = await tree_of()
    a, b = await person(tree, "A"), await person(tree, "B")
    ways: list[dict[str, Any]] = [
        {"kind": Kind.SPOUSE},
        {"kind": Kind.HALF_SIBLING, "tree": tree},
        {"kind": Kind.PARENT, "tree": tree, "role": MOTHER},
    ]
    for way in ways:
        kind = way.pop("kind")
        made = await asyncio.gather(*(bond(a, b, kind, **way) for _ in range(10)), return_exceptions=True)
        refused = [each for each in made if isinstance(each, DomainError)]
        assert len(refused) == 9
    assert await Relationship.count() == 3
    after = await again(a)
    assert (after.spouses, after.children) == ([b["_id"]], [b["_id"]])


async def test_strictly_a_child_has_one_mother_and_siblings_are_so_once() -> None:
    tree = await tree_of()
    a, b, kid = [await person(tree, name) for name in ("A", "B", "Kid")]
    await bond(a, kid, Kind.PARENT, tree=tree, role=MOTHER)
    with pytest.raises(BiologicalParentTaken) as caught:
        await bond(b, kid, Kind.PARENT, tree=tree, role=MOTHER)
    assert caught.value.details == {"role": "BIOLOGICAL_MOTHER"}
    for _ in range(2):
        await bond(b, kid, Kind.PARENT, tree=tree, role=ParentRole.ADOPTIVE_MOTHER)
    assert await names((await again(kid)).parents) == "B A"
    await bond(a, b, Kind.SIBLING, tree=tree)
    await bond(b, a, Kind.SIBLING, tree=tree)
    with pytest.raises(SiblingsAlready):
        await bond(a, b, Kind.SIBLING, tree=tree)
    with pytest.raises(RoleMissing):
        await bond(a, kid, Kind.GUARDIAN, tree=tree)
    with pytest.raises(StatusMissing):
        await bond(a, b, Kind.SPOUSE, tree=tree)
    assert await Relationship.count() == 5


async def test_of_two_siblings_the_newer_relationship_stands_for_both() -> None:
    tree = await tree_of()
    a, b = await person(tree, "A"), await person(tree, "B")
    older = await bond(a, b, Kind.SIBLING, tree=tree)
    await bond(a, b, Kind.HALF_SIBLING, tree=tree)
    newer = await bond(b, a, Kind.SIBLING, tree=tree)
    rows = {row.id: row.listed for row in await Relationship.find_all().to_list()}
    assert [rows[older["_id"]], rows[newer["_id"]], list(rows.values()).count(True)] == [False, True, 2]
    await relating.unlink(newer["_id"], ADA, NOW)
    left = await Relationship.get(older["_id"])
    assert left is not None and left.listed is False


async def test_a_kind_keeps_what_belongs_to_it() -> None:
    tree = await tree_of()
    a, b = await person(tree, "A"), await person(tree, "B")
    given: Any = {"role": MOTHER, "status": MARRIED, "started": Moment.of(NOW), "notes": "n"}
    kept = {}
    for kind in (Kind.PARENT, Kind.SPOUSE, Kind.OTHER):
        row = await bond(a, b, kind, tree=tree, events=[{"kind": "Met", "date": Moment.of(NOW)}], **given)
        kept[kind] = [name for name in ("role", "status", "started", "notes") if row[name] is not None]
        assert row["events"][0]["kind"] == "Met" and isinstance(row["events"][0]["_id"], ObjectId)
    assert kept == {
        Kind.PARENT: ["role", "notes"],
        Kind.SPOUSE: ["status", "started", "notes"],
        Kind.OTHER: ["notes"],
    }


async def test_both_people_have_to_be_there_and_the_tree_to_be_yours() -> None:
    tree, theirs = await tree_of(), await tree_of(BO)
    a, b, stranger = await person(tree, "A"), await person(tree, "B"), await person(theirs, "S")
    for first, second in (
        (a["_id"], None),
        (None, b["_id"]),
        (a["_id"], ObjectId()),
        (a["_id"], stranger["uuid"]),
    ):
        with pytest.raises(PeopleNotFound):
            await relating.link(first, second, Kind.SPOUSE, {}, ADA, NOW, strict=False)
    with pytest.raises(EndNotFound) as caught:
        await relating.link(a["_id"], stranger["_id"], Kind.OTHER, {}, ADA, NOW, tree["_id"])
    assert caught.value.details == {"id": str(stranger["_id"])}
    with pytest.raises(TreeForbidden):
        await relating.link(a["_id"], b["_id"], Kind.OTHER, {}, BO, NOW, tree["_id"])
    assert await Relationship.count() == 0


async def test_two_trees_of_one_owner_may_be_tied_and_the_first_one_counts() -> None:
    old, new = await tree_of(), await tree_of()
    a, b = await person(old, "A"), await person(new, "B")
    assert (await bond(a, b, Kind.SIBLING))["tree_id"] == old["_id"]
    assert (await bond(b, a, Kind.SPOUSE))["tree_id"] == new["_id"]


@pytest.mark.parametrize(
    ("kind", "strict", "loose"),
    [
        (Kind.SPOUSE, True, True),
        (Kind.PARENT, False, True),
        (Kind.SIBLING, True, False),
        (Kind.OTHER, False, False),
    ],
)
async def test_what_counts_as_a_change_of_the_two(kind: Kind, strict: bool, loose: bool) -> None:
    tree = await tree_of()
    a, b, c, d = [await person(tree, name) for name in "ABCD"]
    fields: Any = {"role": MOTHER, "status": MARRIED}
    await relating.link(a["_id"], b["_id"], kind, fields, ADA, LATER, tree["_id"])
    await relating.link(c["_id"], d["_id"], kind, fields, ADA, LATER, strict=False)
    assert {(await again(each)).updated_at.instant == LATER for each in (a, b)} == {strict}
    assert {(await again(each)).updated_at.instant == LATER for each in (c, d)} == {loose}


async def test_a_relationship_changes_but_not_its_kind() -> None:
    tree = await tree_of()
    a, b = await person(tree, "A"), await person(tree, "B")
    row = await bond(a, b, Kind.SPOUSE, tree=tree, status=MARRIED)
    for fields in ({}, {"kind": Kind.SPOUSE}, {"status": MARRIED}):
        assert await relating.change(row["_id"], fields, ADA, LATER) == row  # type: ignore[arg-type]  # a plain dict
    after = await relating.change(row["_id"], {"status": WIDOWED, "ended": Moment.of(NOW)}, ADA, LATER)
    assert after["status"] == "WIDOWED" and Moment(**after["updated_at"]).instant == LATER
    assert (await again(a)).updated_at.instant == LATER
    refusals: list[tuple[Any, type[DomainError]]] = [
        ({"kind": Kind.SIBLING}, KindFixed),
        ({"role": MOTHER}, NotApplicable),
        ({"status": None}, StatusMissing),
    ]
    for refused, error in refusals:
        with pytest.raises(error):
            await relating.change(row["_id"], refused, ADA, LATER)
    with pytest.raises(RelationshipNotFound):
        await relating.change(ObjectId(), {}, ADA, LATER)


async def test_a_role_changes_only_into_one_that_is_free() -> None:
    tree = await tree_of()
    a, b, kid = [await person(tree, name) for name in ("A", "B", "Kid")]
    first = await bond(a, kid, Kind.PARENT, tree=tree, role=MOTHER)
    second = await bond(b, kid, Kind.PARENT, tree=tree, role=ParentRole.STEP_MOTHER)
    with pytest.raises(BiologicalParentTaken):
        await relating.change(second["_id"], {"role": MOTHER}, ADA, LATER)
    await relating.change(first["_id"], {"role": ParentRole.OTHER}, ADA, LATER)
    assert (await relating.change(second["_id"], {"role": MOTHER}, ADA, LATER))["role"] == MOTHER


async def test_a_parent_who_is_untied_is_forgotten_by_the_child() -> None:
    tree = await tree_of()
    a, b, kid = [await person(tree, name) for name in ("A", "B", "Kid")]
    row = await bond(a, kid, Kind.PARENT, tree=tree, role=MOTHER)
    twice = [await bond(b, kid, Kind.PARENT, tree=tree, role=ParentRole.OTHER) for _ in range(2)]
    legal: Any = [{"parent_id": a["_id"], "kind": kind} for kind in LegalParentKind]
    await change_person(kid["_id"], {"mother_id": a["_id"], "legal_parents": legal}, ADA, NOW)
    await relating.unlink(row["_id"], ADA, LATER, tree["_id"])
    after = await again(kid)
    assert (after.mother_id, after.legal_parents, after.parents) == (None, [], [b["_id"]])
    assert after.updated_at.instant == LATER and (await again(a)).children == []
    await relating.unlink(twice[0]["_id"], ADA, LATER)
    assert (await again(kid)).parents == [b["_id"]]
    await relating.unlink(twice[1]["_id"], ADA, LATER)
    assert (await again(kid)).parents == [] == (await again(b)).children
    with pytest.raises(RelationshipNotFound):
        await relating.unlink(row["_id"], ADA, LATER)


async def test_one_of_two_marriages_leaves_one() -> None:
    tree = await tree_of()
    a, b, c = [await person(tree, name) for name in "ABC"]
    first = await bond(a, b, Kind.SPOUSE)
    await bond(a, c, Kind.SPOUSE)
    await bond(b, a, Kind.SPOUSE)
    assert await names((await again(a)).spouses) == "C B B"
    await relating.unlink(first["_id"], ADA, NOW)
    assert await names((await again(a)).spouses) == "C B"
    assert await names((await again(b)).spouses) == "A"


async def test_what_is_cleared_of_a_relationship_is_gone_but_for_its_role() -> None:
    tree = await tree_of()
    a, kid = await person(tree, "A"), await person(tree, "Kid")
    row = await bond(a, kid, Kind.PARENT, tree=tree, role=MOTHER, notes="n")
    happened: Any = [{"kind": "Adoption", "place": "Gweru"}]
    fields: Any = {"notes": None, "started": Moment.of(NOW), "events": happened}
    after = await relating.change(row["_id"], fields, ADA, LATER, tree["_id"])
    assert (after["notes"], after["events"][0]["place"]) == (None, "Gweru")
    assert after["started"] is not None
    with pytest.raises(RoleMissing):
        await relating.change(row["_id"], {"role": None}, ADA, LATER)
    with pytest.raises(NotApplicable) as caught:
        await relating.change(row["_id"], {"status": MARRIED}, ADA, LATER)
    assert caught.value.details == {"name": "status", "kind": "PARENT"}


async def test_a_relationship_is_read_by_who_may_see_its_tree() -> None:
    tree, other = await tree_of(), await tree_of()
    a, b = await person(tree, "A"), await person(tree, "B")
    row = await bond(a, b, Kind.OTHER)
    assert (await relationships.get(row["uuid"], ADA, tree=tree["uuid"]))["_id"] == row["_id"]
    with pytest.raises(TreeForbidden):
        await relationships.get(row["_id"], BO)
    for key, place in ((None, None), (ObjectId(), None), (row["_id"], other["_id"])):
        with pytest.raises(RelationshipNotFound):
            await relationships.get(key, ADA, tree=place)
