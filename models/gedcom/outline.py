"""Outline: what points to what in a file, as little of it as can be, from a first reading."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import BinaryIO

from models.gedcom import individuals, unions
from models.gedcom.individuals import Child, Tie
from models.gedcom.problems import Problems
from models.gedcom.reading import Reader
from models.gedcom.structures import Structure
from models.gedcom.unions import Member
from models.kinds import Gender

# Characters of shared notes that are kept in memory; what lies beyond is pointed to all the same.
SHARED = 16_000_000
# Families in which somebody says to be a child, and by which to be adopted.
FAMILIES = 100


@dataclass(slots=True)
class Person:
    """What the first reading keeps of somebody."""

    line: int
    xref: str | None
    gender: Gender
    child_of: Sequence[Child]
    parent_of: Sequence[str]
    ties: Sequence[Tie]
    sources: Sequence[str]
    adopted_by: Sequence[str]


@dataclass(slots=True)
class House:
    """What the first reading keeps of a family; people are lines."""

    line: int
    husband: int | None = None
    wife: int | None = None
    children: dict[int, Member] = field(default_factory=dict)


@dataclass
class Outline:
    """A file in outline."""

    problems: Problems
    encoding: str = ""
    version: str = ""
    lines: int = 0
    records: int = 0
    # The records that can be pointed to: tag and line by name.
    places: dict[str, tuple[str, int]] = field(default_factory=dict)
    people: dict[int, Person] = field(default_factory=dict)
    houses: dict[int, House] = field(default_factory=dict)
    # Texts of shared notes and files of media, by pointer.
    said: dict[str, str] = field(default_factory=dict)
    # Links to media.
    media: int = 0

    def person(self, xref: str | None) -> int | None:
        """The line of a person, None for what is none."""
        tag, line = self.places.get(xref or "", ("", 0))
        return line if tag == "INDI" else None

    def house(self, xref: str | None) -> int | None:
        """The line of a family, None for what is none."""
        tag, line = self.places.get(xref or "", ("", 0))
        return line if tag == "FAM" else None


def outlined(file: BinaryIO) -> Outline:
    """A file in outline; raises GedcomRefused for what is no GEDCOM file."""
    outline = Outline(Problems())
    reader = Reader(file, outline.problems)
    families: list[tuple[int, unions.Family, dict[str, int]]] = []
    shared = 0
    for record in reader.records():
        outline.records += 1
        outline.media += sum(each.tag == "OBJE" for each in record.walk())
        if record.xref:
            if record.xref in outline.places:
                said = (
                    f"@{record.xref}@ is the name of an earlier record too; what points to it means that one."
                )
                outline.problems.add(record.line, said)
            else:
                outline.places[record.xref] = record.tag, record.line
        if record.tag == "INDI":
            outline.people[record.line] = person(record, outline.problems)
        elif record.tag == "FAM":
            mended(record, outline.problems)
            pointing = {child.tag: child.line for child in record.children}
            families.append((record.line, unions.read(record), pointing))
        elif record.tag in ("SNOTE", "OBJE"):
            text = shown(record)
            shared += len(text)
            if text and shared <= SHARED:
                outline.said[f"@{record.xref}@"] = text
    outline.version, outline.encoding, outline.lines = reader.version, reader.encoding, reader.line
    for line, family, pointing in families:
        house(outline, line, family, pointing)
    return outline


def shown(record: Structure) -> str:
    """The text of a shared note or the file of a medium, as far as it is shown with who points to it."""
    text = (record.value if record.tag == "SNOTE" else record.text("FILE")) or ""
    return text if len(text) <= individuals.SHOWN else ""


def person(record: Structure, problems: Problems) -> Person:
    """What the first reading keeps of somebody."""
    told = individuals.read(record, {})
    if len(told.child_of) > FAMILIES:
        said = f"Somebody is a child of more than {FAMILIES} families; the rest was left out."
        problems.add(record.line, said)
    adopted = [
        below.pointer.strip("@")
        for event in record.all("ADOP")
        for below in event.all("FAMC")
        if below.pointer
    ]
    return Person(
        record.line,
        record.xref,
        told.fields["gender"],
        tuple(told.child_of[:FAMILIES]),
        tuple(told.parent_of),
        tuple(told.ties),
        tuple(told.sources),
        tuple(adopted[:FAMILIES]),
    )


def mended(record: Structure, problems: Problems | None = None) -> None:
    """Gives a family of two husbands or two wives both, and takes from it who cannot be placed."""
    for tag, other in (("HUSB", "WIFE"), ("WIFE", "HUSB")):
        has_room, gone = not record.all(other), set()
        for extra in [each for each in record.all(tag) if each.pointer][1:]:
            if has_room:
                extra.tag, has_room = other, False
                continue
            gone.add(id(extra))
            if problems:
                problems.add(
                    extra.line, f"The family has more than two parents; {extra.pointer} was left out."
                )
        if gone:
            record.children = [each for each in record.children if id(each) not in gone]


def house(outline: Outline, line: int, family: unions.Family, pointing: dict[str, int]) -> None:
    """Finds the people of a family."""
    found = outline.houses[line] = House(line)
    for tag, xref in (("HUSB", family.husband), ("WIFE", family.wife)):
        who = pointed(outline, tag, xref, pointing.get(tag, line))
        if tag == "HUSB":
            found.husband = who
        else:
            found.wife = who
    if found.wife is not None and found.wife == found.husband:
        outline.problems.add(
            pointing.get("WIFE", line), "Somebody is married to themselves; this was left out."
        )
        found.wife = None
    for child in family.children:
        who = pointed(outline, "CHIL", child.id, child.line)
        if who is not None and who in (found.husband, found.wife):
            outline.problems.add(child.line, f"@{child.id}@ is a child of their own; this was left out.")
        elif who is not None:
            found.children.setdefault(who, child)


def pointed(outline: Outline, tag: str, xref: str | None, line: int) -> int | None:
    """The person that a family points to."""
    if xref is None:
        return None
    who = outline.person(xref)
    if who is None:
        outline.problems.add(line, f"{tag} points to @{xref}@, who is nobody in the file.")
    return who
