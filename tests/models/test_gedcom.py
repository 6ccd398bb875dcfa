"""GEDCOM: a tree comes back from a file as it went into it."""

from datetime import datetime
from pathlib import Path
from typing import Any

import gedcom7
import pytest
from bson import ObjectId
from ged4py.parser import GedcomReader

from models import events, gedcom, people, person_writes, raw, relationships, sources, trees
from models.events import Event
from models.gedcom import GedcomVersion
from models.imports import import_rows
from models.kinds import Gender, IdentifierKind, Kind, LegalParentKind, ParentRole, UnionStatus
from models.moments import Moment
from models.people import Person
from models.relationships import Relationship
from models.sources import Source
from models.trees import StoredTree
from tests.models.family import ADA, NOW, bond, person, tree_of
from tests.models.gedcoms import FILES, lines, record, taken

pytestmark = pytest.mark.usefixtures("database")
BOTH = pytest.mark.parametrize("version", list(GedcomVersion))
FAMILY = "685bc8000000000000001001"


async def seeded(recordings: Path) -> StoredTree:
    """The family of the recordings."""
    await import_rows("genealogy", recordings / "fixtures.json", "gen-family")
    found = await trees.find(ObjectId(FAMILY))
    assert found is not None
    return found


async def everything() -> StoredTree:
    """A tree that uses all that the models have."""
    tree = await tree_of()
    day = Moment.of(datetime(1950, 3, 2))
    fields: dict[str, Any] = {
        "middle_name": "Tatenda",
        "last_name": "Moyo",
        "nickname": "TK",
        "gender": Gender.NON_BINARY,
        "birth": day,
        "birth_estimated": True,
        "birth_place": "Harare",
        "death": Moment.of(datetime(2001, 12, 31)),
        "death_cause": "Old age",
        "occupation": "Farmer",
        "biography": "Born\nand died",
        "notes": "one\n\n@two@",
        "photo_url": "https://example.com/p.png",
        "clan": "Moyo",
        "tribe": "Shona",
        "titles": ["Sekuru", "Sabhuku"],
        "identifiers": [{"kind": IdentifierKind.PASSPORT, "value": "P9", "notes": "seen"}],
    }
    first = await person(tree, "Tendai", **fields)
    rudo = await person(tree, "Rudo", gender=Gender.FEMALE, last_name="Moyo")
    chipo = await person(tree, "Chipo", gender=Gender.FEMALE)
    kid = await person(tree, "Kid", father_id=first["_id"], mother_id=rudo["_id"])
    ward = await person(
        tree, "Ward", legal_parents=[{"parent_id": chipo["_id"], "kind": LegalParentKind.ADOPTIVE}]
    )
    await person_writes.change(ward["_id"], {"living": False}, ADA, NOW)
    told: list[Any] = [
        {"kind": "Engagement", "place": "Mutare"},
        {"kind": "Marriage", "date": day, "description": "in the rain"},
        {"kind": "Roora", "description": "paid"},
    ]
    await bond(first, rudo, Kind.SPOUSE, tree=tree, status=UnionStatus.CUSTOMARY_UNION, events=told)
    await bond(first, chipo, Kind.SPOUSE, tree=tree, status=UnionStatus.DIVORCED, started=day, notes="short")
    await bond(first, rudo, Kind.SPOUSE, tree=tree, status=UnionStatus.MARRIED)
    await bond(chipo, kid, Kind.PARENT, tree=tree, role=ParentRole.STEP_MOTHER)
    await bond(first, ward, Kind.PARENT, tree=tree, role=ParentRole.ADOPTIVE_FATHER)
    await bond(rudo, ward, Kind.GUARDIAN, tree=tree, role=ParentRole.GUARDIAN, notes="by letter")
    await bond(kid, ward, Kind.HALF_SIBLING, tree=tree)
    book = await sources.add(
        tree["_id"],
        {"title": "Register", "author": "Priest", "url": "https://example.com", "people": [kid["_id"]]},
        ADA,
        NOW,
    )
    await events.add(
        tree["_id"],
        {
            "kind": "Baptism",
            "date": day,
            "place": "Harare",
            "description": "two\nlines",
            "people": [kid["_id"], rudo["_id"]],
            "sources": [book["_id"]],
        },
        ADA,
        NOW,
    )
    await events.add(tree["_id"], {"kind": "Drought", "description": "of 1992"}, ADA, NOW)
    return tree


@BOTH
async def test_a_tree_that_is_written_taken_in_and_written_again_is_the_same(
    tmp_path: Path, version: GedcomVersion
) -> None:
    first = await lines(await everything(), version)
    tree, found = await taken("\n".join(first), tmp_path)
    assert found.outline.problems.count == 0
    assert await lines(tree, version) == first


async def test_what_the_models_hold_is_there_after_a_file(tmp_path: Path) -> None:
    before = await everything()
    after, _ = await taken("\n".join(await lines(before)), tmp_path)
    for kind in (Person, Relationship, Event, Source):
        assert [await plain(kind, after)] == [await plain(kind, before)]


# What is not of the family: ids and times, and what only one of the two trees has said in two ways.
OWN = {"_id", "uuid", "reference", "tree_id", "created_at", "updated_at", "revision", "created_by", "claims"}
AGAIN = {"people", "from_id", "to_id", "sources", "parents", "children", "spouses", "legal_parents"}


async def plain(kind: Any, tree: StoredTree) -> list[Any]:
    """The documents of a tree without ids, and with names for people; parents tell more after a file."""
    names = {each["_id"]: each["first_name"] for each in await people.OF_TREE.load(tree["_id"])}
    found = []
    for each in await raw.collection(kind).find({"tree_id": tree["_id"]}).to_list():
        form = {name: value for name, value in each.items() if name not in OWN | AGAIN}
        if kind is Relationship:
            if form["kind"] == Kind.PARENT:
                continue
            form["ends"] = names[each["from_id"]], names[each["to_id"]]
            form["started"] = None
        for inner in (*form.get("identifiers", ()), *form.get("events", ())):
            inner.pop("_id")
        for name in ("father_id", "mother_id"):
            if name in form:
                form[name] = names.get(form[name])
        found.append(repr(sorted(form.items())))
    return sorted(found)


@BOTH
@pytest.mark.parametrize("name", ["story", "ansel", "wide", "broken", "seven"])
async def test_a_file_of_others_is_the_same_from_its_first_writing_on(
    tmp_path: Path, name: str, version: GedcomVersion
) -> None:
    tree, _ = await taken((FILES / f"{name}.ged").read_bytes(), tmp_path)
    first = await lines(tree, version)
    again, found = await taken("\n".join(first), tmp_path)
    assert found.outline.problems.told == []
    assert await lines(again, version) == first


async def test_nothing_that_a_file_says_is_lost(tmp_path: Path) -> None:
    tree, found = await taken((FILES / "story.ged").read_bytes(), tmp_path)
    assert found.outline.problems.count == 0
    ours = await lines(tree)
    theirs = (FILES / "story.ged").read_text().splitlines()
    for tag in ("_MILT", "MAP", "LATI", "CALN", "_X", "AGE", "PAGE", "QUAY", "ADOP", "REFN"):
        assert [line for line in ours if f" {tag}" in line] == [line for line in theirs if f" {tag}" in line]


async def test_seven_keeps_what_only_it_knows_also_through_the_old_version(tmp_path: Path) -> None:
    tree, _ = await taken((FILES / "seven.ged").read_bytes(), tmp_path)
    modern = await lines(tree, GedcomVersion.V7_0)
    assert {
        "2 TAG _HOUSE https://example.com/house",
        "1 HUSB @VOID@",
        "2 PHRASE A stillborn girl",
        "2 DATE JULIAN 4 MAR 1699",
        "1 NO MARR",
        "1 EXID 123",
        "1 NOTE @@home, with me@you",
        "3 TRAN Brünn",
    } <= set(modern)
    old = await lines(tree)
    assert {"1 _EXID 123", "1 _NO MARR", "1 NOTE @@home, with me@@you"} <= set(old)
    assert "2 DATE INT @#DJULIAN@ 4 MAR 1699 (about when the frost came)" in old
    through, _ = await taken("\n".join(old), tmp_path)
    lost = set(modern) - set(await lines(through, GedcomVersion.V7_0))
    assert lost <= {line for line in modern if "VOID" in line or "PHRASE" in line or line == "2 ROLE OTHER"}
    assert "1 CHIL @VOID@" in lost and "3 PHRASE Guardian by letter" not in lost


@pytest.mark.parametrize("name", ["story", "wide", "broken", "seven"])
async def test_others_can_read_what_is_written(tmp_path: Path, name: str) -> None:
    tree, _ = await taken((FILES / f"{name}.ged").read_bytes(), tmp_path)
    stored = await trees.find(tree["_id"])
    assert stored is not None
    path = tmp_path / "out.ged"
    path.write_text(await gedcom.export(stored))
    with GedcomReader(str(path)) as reader:
        assert len(list(reader.records0("INDI"))) == len(await people.OF_TREE.load(tree["_id"]))
    gedcom7.loads(await gedcom.export(stored, GedcomVersion.V7_0))


async def test_a_whole_tree_is_valid_by_the_judge_of_others() -> None:
    text = "\n".join(await lines(await everything(), GedcomVersion.V7_0)) + "\n"
    assert [str(each) for each in gedcom7.validate(gedcom7.loads(text))] == []


async def test_the_seeded_family_is_a_file_that_opens_every_record(recordings: Path) -> None:
    found = (await gedcom.export(await seeded(recordings))).splitlines()
    assert [line for line in found if line.startswith("0 @")] == [
        "0 @SUBM1@ SUBM",
        *(f"0 @I{number}@ INDI" for number in range(1, 7)),
        "0 @F1@ FAM",
    ]
    assert record(found, "0 @F1@ FAM")[1:] == [
        "1 HUSB @I1@",
        "1 WIFE @I2@",
        "1 MARR",
        "2 DATE 01 JUN 1970",
        "2 PLAC Harare",
        "1 CHIL @I3@",
        "1 CHIL @I4@",
    ]


async def test_a_name_is_no_line_of_its_own() -> None:
    tree = await tree_of()
    await person(tree, "Rudo\n0 @I9@ INDI", last_name="Mo/yo", notes="a\nb")
    found = await lines(tree)
    assert "1 NAME Rudo 0 @@I9@@ INDI /Mo yo/" in found
    assert [line for line in found if line.endswith("INDI")] == ["0 @I1@ INDI"]
    assert found[-3:] == ["1 NOTE a", "1 NOTE b", "0 TRLR"]


async def test_a_change_goes_into_what_a_file_said(tmp_path: Path) -> None:
    tree, _ = await taken((FILES / "story.ged").read_bytes(), tmp_path)
    john = (await people.OF_TREE.load(tree["_id"]))[0]
    await person_writes.change(john["_id"], {"birth_place": "Galway", "notes": "new"}, ADA, NOW)
    found = record(await lines(tree), "0 @I1@ INDI")
    birth = found.index("1 BIRT")
    assert found[birth + 1 : birth + 6] == [
        "2 DATE BET 1 JAN 1900 AND 1910",
        "2 PLAC Galway",
        "2 SOUR @S1@",
        "3 PAGE 14",
        "3 QUAY 2",
    ]
    assert [line for line in found if line.startswith("1 NOTE")] == ["1 NOTE new"]
    assert "1 REFN 77" in found and "1 _MILT served" in found


async def test_who_is_gone_is_in_no_file(tmp_path: Path) -> None:
    tree, _ = await taken((FILES / "story.ged").read_bytes(), tmp_path)
    everybody = await people.OF_TREE.load(tree["_id"])
    await person_writes.delete(everybody[3]["_id"], ADA, NOW)
    rows = await relationships.OF_TREE.load(tree["_id"])
    union = next(row for row in rows if row["kind"] == Kind.SPOUSE and row["status"] == UnionStatus.DIVORCED)
    await raw.collection(Relationship).delete_one({"_id": union["_id"]})
    found = await lines(tree)
    assert not any("Kid" in line for line in found)
    assert [line for line in found if line.endswith(" FAM")] == ["0 @F1@ FAM", "0 @F2@ FAM"]
    assert [line for line in record(found, "0 @F1@ FAM") if "CHIL" in line] == ["1 CHIL @I4@"]


async def test_a_new_child_comes_into_the_family_of_a_file(tmp_path: Path) -> None:
    tree, _ = await taken((FILES / "story.ged").read_bytes(), tmp_path)
    john, mary, *_ = await people.OF_TREE.load(tree["_id"])
    await person(tree, "Late", father_id=john["_id"], mother_id=mary["_id"])
    family = record(await lines(tree), "0 @F1@ FAM")
    assert len([line for line in family if "CHIL" in line]) == 2
    assert "1 _X custom" in family
