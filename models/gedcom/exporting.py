"""Exporting: a tree as a GEDCOM file."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from typing import Any, cast

from bson import ObjectId

from models.gedcom import individuals, unions, works
from models.gedcom.combining import combined
from models.gedcom.gathering import Gathered, Household, settle
from models.gedcom.happenings import write as happening
from models.gedcom.kept import StoredRecord
from models.gedcom.outline import SHARED, shown
from models.gedcom.structures import VOID, Structure
from models.gedcom.telling import Told, family_of, structure_of
from models.gedcom.versions import GedcomVersion, record_lines

HEAD = (
    "0 HEAD",
    "1 SOUR DzinzaGenealogyPlatform",
    "1 GEDC",
    "2 VERS 5.5.1",
    "2 FORM LINEAGE-LINKED",
    "1 CHAR UTF-8",
    "1 SUBM @SUBM1@",
)
HEAD_7 = ("0 HEAD", "1 GEDC", "2 VERS 7.0", "1 SOUR DzinzaGenealogyPlatform", "1 SUBM @SUBM1@")
SUBMITTER = ("0 @SUBM1@ SUBM", "1 NAME Dzinza User")
TAIL = "0 TRLR"
# The letter of the names of records, and the order in which kinds of them are written.
LETTERS = {"INDI": "I", "FAM": "F", "SOUR": "S", "SUBM": "SUBM", "REPO": "R", "OBJE": "O", "SNOTE": "N"}


def exported(found: Gathered, version: GedcomVersion = GedcomVersion.V5_5_1) -> Iterator[str]:
    """The lines of a file, of everything that was gathered."""
    settle(found)
    return Export(found, version).lines()


class Export:
    """One file while it is written."""

    def __init__(self, found: Gathered, version: GedcomVersion) -> None:
        self.found = found
        self.version = version
        self.told = Told(found)
        self.kept = {record["of"]: record for record in found.records if record["of"]}
        self.others = [
            record
            for record in found.records
            if record["of"] is None and record["tag"] not in ("FAM", "HEAD")
        ]
        self.names: dict[str, str] = {}
        self.counts: dict[str, int] = {"SUBM": 1}
        self.media: list[tuple[str, Structure]] = []
        for id in found.people:
            self.name("INDI", id)
        for household in found.households:
            self.name("FAM", household.id)
        for source in found.sources:
            self.name("SOUR", source["_id"])
        for record in self.others:
            self.name(record["tag"], record["_id"])
        self.said = said_by(self.others)

    def name(self, tag: str, id: ObjectId) -> str:
        """The name of a record in the file."""
        letter = LETTERS.get(tag, "X")
        self.counts[letter] = self.counts.get(letter, 0) + 1
        found = self.names[str(id)] = f"{letter}{self.counts[letter]}"
        return found

    def lines(self) -> Iterator[str]:
        """The lines of the file."""
        yield from self.head()
        canonical = partial(individuals.canonical, said=self.said)
        for id, person in self.found.people.items():
            now = individuals.write(self.told.of(person))
            yield from self.record(id, now, self.kept.get(id), canonical)
        for household in self.found.households:
            yield from self.family(household)
        for source in self.found.sources:
            now = works.write(cast(dict[str, Any], source))
            kept = self.kept.get(source["_id"])
            yield from self.record(source["_id"], now, kept, partial(works.canonical, said=self.said))
        for record in self.others:
            yield from self.written(structure_of(record), self.names[str(record["_id"])])
        for name, medium in self.media:
            yield from record_lines(replace(medium, xref=name), self.version)
        for told in self.told.events.get(None, ()):
            event = happening(told, {})
            event.tag = "_EVENT"
            yield from self.written(event, self.name(event.tag, ObjectId()))
        yield TAIL

    def head(self) -> Iterator[str]:
        """The header, with what the first imported one said of its tree."""
        yield from HEAD_7 if self.version is GedcomVersion.V7_0 else HEAD
        first = next((record for record in self.found.records if record["tag"] == "HEAD"), None)
        if first:
            header = structure_of(first)
            lines = self.written(header, None)
            next(lines)
            yield from lines
        yield from SUBMITTER

    def record(
        self,
        id: ObjectId,
        now: Structure,
        kept: StoredRecord | None,
        canonical: Callable[[Structure], Structure],
    ) -> Iterator[str]:
        """A record as it is now, with what only its file said."""
        whole = combined(structure_of(kept), now, canonical) if kept and kept["text"] else now
        yield from self.written(whole, self.names[str(id)])

    def family(self, household: Household) -> Iterator[str]:
        """The record of a family."""
        kept = household.record
        told = unions.read(structure_of(kept)) if kept and kept["text"] else None
        now = unions.write(family_of(self.found, household, told))
        yield from self.record(household.id, now, kept, partial(unions.canonical, said=self.said))

    def written(self, structure: Structure, name: str | None) -> Iterator[str]:
        """A record as lines, with the names of this file for what it points to."""
        structure.xref = name
        self.point(structure)
        if self.version is GedcomVersion.V7_0:
            self.lift(structure)
        return record_lines(structure, self.version)

    def point(self, record: Structure) -> None:
        """Has a record point to others of this file; what points to one that is gone goes too."""
        for structure in record.walk():
            if not any(child.pointer for child in structure.children):
                continue
            left = []
            for child in structure.children:
                if child.pointer and child.pointer != VOID:
                    name = self.names.get(child.pointer.strip("@"))
                    if name is None:
                        continue
                    child.pointer = f"@{name}@"
                left.append(child)
            structure.children = left

    def lift(self, record: Structure) -> None:
        """Makes records of media that stand inside others, as 7.0 wants them."""
        for structure in record.walk():
            for child in structure.children:
                if child.tag == "OBJE" and not child.pointer and child.children:
                    name = self.name("OBJE", ObjectId())
                    self.media.append((name, Structure("OBJE", None, None, child.children)))
                    child.children, child.pointer, child.value = [], f"@{name}@", None


def said_by(records: list[StoredRecord]) -> dict[str, str]:
    """The texts of shared notes and the files of media, by pointer."""
    found, shared = {}, 0
    for record in records:
        if record["tag"] in ("SNOTE", "OBJE"):
            text = shown(structure_of(record))
            shared += len(text)
            if text and shared <= SHARED:
                found[f"@{record['_id']}@"] = text
    return found
