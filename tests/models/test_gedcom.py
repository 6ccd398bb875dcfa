"""GEDCOM: the text that the old service wrote, and one that other programs can read."""

import json
from pathlib import Path
from typing import Any

import pytest
from bson import ObjectId

from models import gedcom, trees
from models.errors import DomainError
from models.family_errors import FileMissing, GedcomRefused
from models.imports import import_rows
from models.kinds import Kind, UnionStatus
from tests.models.family import ADA, BO, bond, person, tree_of

pytestmark = pytest.mark.usefixtures("database")
FAMILY, NOTES = "685bc8000000000000001001", "685bc8000000000000001003"


def recorded(recordings: Path, step: int) -> str:
    """The text of a recorded answer."""
    (file,) = (recordings / "dzinza-genealogy").glob("30-*.a.har")
    entries: Any = json.loads(file.read_text())["log"]["entries"]
    return str(entries[step]["response"]["content"]["text"])


@pytest.mark.parametrize(("tree", "step"), [(FAMILY, 0), (NOTES, 2)])
async def test_the_old_text_is_kept_to_the_letter(recordings: Path, tree: str, step: int) -> None:
    await import_rows("genealogy", recordings / "fixtures.json", "gen-family")
    stored = await trees.find(ObjectId(tree))
    assert stored is not None
    assert await gedcom.legacy(stored) == recorded(recordings, step)


async def test_a_text_for_others_has_every_record_once(recordings: Path) -> None:
    await import_rows("genealogy", recordings / "fixtures.json", "gen-family")
    stored = await trees.find(ObjectId(FAMILY))
    assert stored is not None
    lines = (await gedcom.export(stored)).splitlines()
    assert [line for line in lines if line.startswith("0 @")] == [
        "0 @SUBM1@ SUBM",
        *(f"0 @I{number}@ INDI" for number in range(1, 7)),
        "0 @F1@ FAM",
    ]
    assert lines.count("1 NOTE Patriarch") == 1 and lines.count("2 PLAC Harare") == 2
    assert lines[-8:] == [
        "1 HUSB @I1@",
        "1 WIFE @I2@",
        "1 MARR",
        "2 DATE 01 JUN 1970",
        "2 PLAC Harare",
        "1 CHIL @I3@",
        "1 CHIL @I4@",
        "0 TRLR",
    ]


async def test_a_name_is_no_line_of_its_own() -> None:
    tree = await tree_of()
    rudo = await person(tree, "Rudo\n0 @I9@ INDI", last_name="Moyo", notes="a\nb")
    kid = await person(tree, "Kid", mother_id=rudo["_id"])
    cal = await person(tree, "Cal")
    await bond(rudo, cal, Kind.SPOUSE, tree=tree, status=UnionStatus.LIVING_TOGETHER)
    text = await gedcom.export(tree)
    assert "1 NAME Rudo 0 @I9@ INDI /Moyo/\n" in text and text.count("INDI\n") == 3
    assert "1 NOTE a\n1 NOTE b\n" in text
    assert "1 NOTE Relationship Status: LivingTogether\n" in text
    assert "0 @F2@ FAM\n1 WIFE @I1@\n1 CHIL @I2@\n" in text and kid["_id"] != cal["_id"]


async def test_every_file_is_refused_once_it_may_be_asked() -> None:
    tree = await tree_of()
    for account, file, error in (
        (ADA, "0 HEAD", GedcomRefused),
        (ADA, None, FileMissing),
        (BO, "x", DomainError),
    ):
        with pytest.raises(error):
            await gedcom.take(tree["_id"], account, file)
