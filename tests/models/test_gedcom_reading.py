"""What is wrong with a file is told by line, and all else arrives."""

import io
import time
from datetime import date
from pathlib import Path

import pytest

from models import people, relationships
from models.family_errors import GedcomRefused
from models.gedcom import individuals, reading
from models.gedcom.dates import day_of
from models.gedcom.kinship import kinship
from models.gedcom.outline import outlined, shown
from models.gedcom.problems import Problems
from models.gedcom.reading import Reader
from models.gedcom.structures import Structure, from_kept, kept_text
from models.kinds import Kind, ParentRole
from tests.models.gedcoms import FILES, HEAD, lines, taken, told

database = pytest.mark.usefixtures("database")


def read(content: bytes | str) -> tuple[list[Structure], Problems, Reader]:
    """The records of a file, but for its header."""
    problems = Problems()
    reader = Reader(io.BytesIO(content.encode() if isinstance(content, str) else content), problems)
    return list(reader.records())[1:], problems, reader


@pytest.mark.parametrize(
    ("text", "day", "estimated"),
    [
        ("2 MAR 1950", date(1950, 3, 2), False),
        ("02 mar 1950", date(1950, 3, 2), False),
        ("ABT 2 MAR 1950", date(1950, 3, 2), True),
        ("MAR 1950", date(1950, 3, 1), True),
        ("1950", date(1950, 1, 1), True),
        ("BET 1 JAN 1900 AND 1910", date(1900, 1, 1), True),
        ("BEF 1900", date(1900, 1, 1), True),
        ("JULIAN 2 MAR 1700", date(1700, 3, 13), True),
        ("1699/00", date(1700, 1, 1), True),
    ],
)
def test_a_date_stands_for_a_day(text: str, day: date, estimated: bool) -> None:
    found = day_of(text)
    assert found is not None and found == (day, estimated)


@pytest.mark.parametrize(
    "text", ["31 FEB 1950", "44 BCE", "(who knows)", "yesterday", "", "HEBREW 1 TSH 5700"]
)
def test_what_names_no_day_is_none(text: str) -> None:
    assert day_of(text) is None


@pytest.mark.parametrize(
    ("name", "encoding", "said"),
    [
        ("ansel", "gedcom", "Åke /Šimić-Müller/"),
        ("wide", "utf-16", "太郎 /山田/"),
        ("seven", "utf-8-sig", "Ann /Lee/ III"),
        ("story", "utf-8", 'John "Jack" /O\'Brien/ Jr.'),
    ],
)
def test_letters_are_what_their_encoding_says(name: str, encoding: str, said: str) -> None:
    records, problems, reader = read((FILES / f"{name}.ged").read_bytes())
    assert (problems.told, reader.encoding) == ([], encoding)
    assert next(each.text("NAME") for each in records if each.tag == "INDI") == said


@pytest.mark.parametrize(("named", "byte"), [("ANSI", b"\xe9"), ("IBMPC", b"\x82"), ("MACINTOSH", b"\x8e")])
def test_encodings_that_no_standard_allows_are_read_too(named: str, byte: bytes) -> None:
    head = HEAD.replace("UTF-8", named).encode()
    records, problems, _ = read(head + b"0 @I1@ INDI\n1 NAME Andr" + byte + b"\n0 TRLR\n")
    assert records[0].text("NAME") == "André" and problems.count == 0


def test_a_letter_that_was_cut_in_two_is_whole_again() -> None:
    content = HEAD.encode() + b"0 @N1@ NOTE caf\xc3\n1 CONC \xa9 au lait\n0 TRLR\n"
    records, problems, _ = read(content)
    assert (records[0].value, problems.count) == ("café au lait", 0)


def test_bytes_that_are_no_letters_are_guessed_and_told() -> None:
    records, problems, _ = read(HEAD.encode() + b"0 @I1@ INDI\n1 NAME Andr\xe9\n0 TRLR\n")
    assert records[0].text("NAME") == "André"
    assert problems.told == [(6, "Some bytes are not UTF-8; they were read as Windows-1252.")]
    _, problems, _ = read(HEAD.replace("UTF-8", "KLINGON") + "0 TRLR\n")
    assert problems.told == [(4, "The encoding 'KLINGON' is not known; the file was read as UTF-8.")]


def test_characters_that_no_file_may_hold_are_left_out() -> None:
    records, problems, _ = read(HEAD + "0 @I1@ INDI\n1 NAME A\x00n\x1bn\n0 TRLR\n")
    assert records[0].text("NAME") == "Ann" and problems.told[0].line == 6


@database
async def test_a_broken_file_is_told_line_by_line(tmp_path: Path) -> None:
    tree, found = await taken((FILES / "broken.ged").read_bytes(), tmp_path)
    assert sorted(told(found)) == [
        (7, "Some bytes are not UTF-8; they were read as Windows-1252."),
        (10, "This is no GEDCOM line; it was taken as more of the text before it."),
        (11, "Level 3 follows level 1; it was taken as 2."),
        (16, "SOUR points to @S9@, which is not in the file."),
        (17, "FAMS points to @F9@, which is no family of the file."),
        (19, "This is no GEDCOM line; it was taken as more of the text before it."),
        (24, "@F1@ does not name this child; it was added."),
        (25, "@I3@ is the name of an earlier record too; what points to it means that one."),
        (29, "WIFE points to @I8@, who is nobody in the file."),
        (30, "@I1@ is a child of their own; this was left out."),
        (32, "This is no GEDCOM line; it was left out."),
        (34, "The file ends without 0 TRLR; what came after this line may be missing."),
    ]
    everybody = await people.OF_TREE.load(tree["_id"])
    assert [each["name"] for each in everybody] == ["André François", "Marie", "Child", "Twice", "Alone"]
    assert everybody[0]["notes"] == "The story of his life\ngoes on without any number"
    (row,) = await relationships.OF_TREE.load(tree["_id"])
    assert (row["kind"], row["role"]) == (Kind.PARENT, ParentRole.BIOLOGICAL_FATHER)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"hello",
        b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 1000,
        b"0 TRLR\n",
        b"\n" * 500 + b"0 HEAD\n",
        b'{"gedcom": 1}',
        b"\xff\xfe",
    ],
)
def test_what_is_no_gedcom_file_is_refused(content: bytes) -> None:
    with pytest.raises(GedcomRefused):
        read(content)


@database
async def test_half_a_file_is_taken_in_as_far_as_it_goes_and_told(tmp_path: Path) -> None:
    whole = (FILES / "story.ged").read_bytes()
    tree, found = await taken(whole[: len(whole) // 2], tmp_path)
    assert "The file ends without 0 TRLR; what came after this line may be missing." in [
        message for _, message in told(found)
    ]
    assert len(await people.OF_TREE.load(tree["_id"])) == found.counts["people"] > 0


@database
async def test_everybody_may_be_their_own_ancestor_and_is_told(tmp_path: Path) -> None:
    ring = "".join(
        f"0 @I{at}@ INDI\n1 NAME P{at}\n1 SEX M\n0 @F{at}@ FAM\n1 HUSB @I{at}@\n1 CHIL @I{at % 3 + 1}@\n"
        for at in (1, 2, 3)
    )
    tree, found = await taken(f"{HEAD}{ring}0 TRLR\n", tmp_path)
    ((line, message),) = told(found)
    assert line == 5 and message.endswith("among their own ancestors; this was taken in as it stands.")
    assert len(await relationships.OF_TREE.load(tree["_id"])) == 3
    assert (await lines(tree)).count("0 @F3@ FAM") == 1


@database
async def test_a_long_line_of_ancestors_needs_no_recursion(tmp_path: Path) -> None:
    chain = "".join(
        f"0 @I{at}@ INDI\n1 SEX M\n0 @F{at}@ FAM\n1 HUSB @I{at}@\n1 CHIL @I{at + 1}@\n" for at in range(3_000)
    )
    _, found = await taken(f"{HEAD}{chain}0 @I3000@ INDI\n0 TRLR\n", tmp_path)
    assert found.outline.problems.count == 0 and found.counts["people"] == 3001


def test_a_million_lines_of_text_are_cut_and_told() -> None:
    content = HEAD + "0 @I1@ INDI\n1 NOTE begin\n" + "2 CONT more\n" * 1_000_000 + "1 SEX M\n0 TRLR\n"
    records, problems, _ = read(content)
    note = records[0].text("NOTE")
    assert note == "begin" + "\nmore" * reading.BREAKS
    assert records[0].text("SEX") == "M"
    said = "The text of NOTE is too long; what follows here was left out."
    assert problems.told == [(reading.BREAKS + 7, said)]
    # It is kept and read again in no time.
    (again,) = from_kept(kept_text(records))
    assert again == records[0]


def test_a_text_that_goes_on_and_on_has_an_end() -> None:
    content = HEAD + "0 @I1@ INDI\n1 NOTE begin\n" + f"2 CONC {'more' * 10_000}\n" * 30 + "0 TRLR\n"
    records, problems, _ = read(content)
    assert (len(records[0].text("NOTE") or ""), problems.count) == (reading.VALUE, 1)


def test_a_line_that_goes_on_begins_no_record() -> None:
    records, _, _ = read(
        HEAD + "0 @I1@ INDI\n1 NOTE begin\n0 CONT more\n0 CONC , and more\n1 SEX M\n0 TRLR\n"
    )
    assert [each.tag for each in records] == ["INDI"]
    assert records[0].text("NOTE") == "begin\nmore, and more" and records[0].text("SEX") == "M"


def test_a_name_that_is_no_text_is_told_as_text() -> None:
    long = f"@{'x' * 60_000}@"
    content = f"{HEAD}0 @I1@ INDI\n1 FAMC {long}\n1 FAMS @\udce9@\n0 TRLR\n".encode(errors="surrogateescape")
    outline = outlined(io.BytesIO(content))
    kinship(outline)
    long_one, broken = (message for _, message in outline.problems.told)
    assert long_one.startswith("FAMC points to @xxx") and len(long_one) == 300
    assert broken == "FAMS points to @?@, which is no family of the file."


CROWDS: dict[str, tuple[str, str, str]] = {
    "husbands": ("0 @F@ FAM\n1 WIFE @W@\n", "1 HUSB @H@\n", ""),
    "sources": ("0 @I@ INDI\n", "1 SOUR @S{at}@\n", ""),
    "families": ("0 @I@ INDI\n", "1 FAMC @F{at}@\n", "0 @F{at}@ FAM\n1 CHIL @I@\n"),
    "spouses": ("0 @I@ INDI\n", "0 @W{at}@ INDI\n0 FAM\n1 HUSB @I@\n1 WIFE @W{at}@\n", ""),
}


def cost(crowd: str, count: int) -> float:
    """How many seconds it takes to understand a file that names so many."""
    first, *rest = CROWDS[crowd]
    lines = "".join(each.format(at=at) for each in rest for at in range(count))
    begun = time.process_time()
    kinship(outlined(io.BytesIO(f"{HEAD}{first}{lines}0 TRLR\n".encode())))
    return time.process_time() - begun


@pytest.mark.parametrize("crowd", list(CROWDS))
def test_who_names_thousands_costs_no_more_than_thousands(crowd: str) -> None:
    few = min(cost(crowd, 1_900) for _ in range(3))
    # Ten times as much, where comparing each with each would take a hundred times as long.
    assert cost(crowd, 19_000) < 40 * few


def test_a_note_that_is_pointed_to_again_and_again_does_not_grow_without_end() -> None:
    notes = f"0 @N1@ NOTE {'x' * 9_000}\n0 @N2@ NOTE {'y' * 10_001}\n"
    pointing = "0 @I1@ INDI\n1 NOTE @N2@\n" + "1 NOTE @N1@\n" * 15_000
    records, _, _ = read(f"{HEAD}{notes}{pointing}0 TRLR\n")
    said = {f"@{each.xref}@": text for each in records if each.tag == "SNOTE" and (text := shown(each))}
    assert said.keys() == {"@N1@"}
    assert len(individuals.read(records[2], said).fields["notes"]) < 120_000


def test_a_record_and_a_line_have_an_end() -> None:
    many = "1 EVEN x\n" * (reading.STRUCTURES + 5)
    long = "1 NOTE " + "x" * 200_000 + "\n"
    records, problems, _ = read(f"{HEAD}0 @I1@ INDI\n{many}0 @I2@ INDI\n{long}1 SEX F\n0 TRLR\n")
    assert len(records[0].children) == reading.STRUCTURES - 1
    assert records[1].text("SEX") == "F" and len(records[1].text("NOTE") or "") < reading.LINE_LENGTH
    assert [message.split(";")[0] for _, message in problems.told] == [
        f"The record has more than {reading.STRUCTURES} structures",
        f"The line is longer than {reading.LINE_LENGTH} characters",
    ]


def test_a_file_of_mistakes_is_told_of_by_the_first_ones() -> None:
    _, problems, _ = read(HEAD + "rubbish\n" * 40_000 + "0 TRLR\n")
    assert (len(problems.told), problems.count) == (500, 40_000)


def test_records_have_an_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "MOST_RECORDS", 10)
    records, problems, _ = read(HEAD + "".join(f"0 @I{at}@ INDI\n" for at in range(20)) + "0 TRLR\n")
    assert len(records) == 9
    assert problems.told[0] == (14, "There are more than 10 records; the rest was left out.")


def test_a_date_that_is_none_costs_nothing() -> None:
    records, _, _ = read(f"{HEAD}0 @I1@ INDI\n1 BIRT\n2 DATE INT {'(' * 60_000}\n0 TRLR\n")
    assert len(records[0].children[0].text("DATE") or "") > 60_000
