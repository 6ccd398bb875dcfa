"""Unions: a family as a GEDCOM record tells of it, and what the models keep of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from models.gedcom import dates, happenings
from models.gedcom.happenings import Happening
from models.gedcom.structures import Structure, leaf, to
from models.gedcom.words import STATUS, STATUSES, TELLING, UNION_TAGS, UNIONS, spelled
from models.kinds import UnionStatus


@dataclass
class Union:
    """What two people are to each other, and what happened between them."""

    status: UnionStatus | None = None
    started: dict[str, Any] | None = None
    ended: dict[str, Any] | None = None
    notes: str | None = None
    events: list[Happening] = field(default_factory=list)


@dataclass
class Member:
    """A child of a family, with the word for what each parent is to it where that is not said as one."""

    id: str
    father: str | None = None
    mother: str | None = None
    line: int = 0


@dataclass
class Family:
    """Two parents, or one, or none that is known, and their children, by id."""

    husband: str | None = None
    wife: str | None = None
    children: list[Member] = field(default_factory=list)
    union: Union | None = None


def canonical(record: Structure, said: Mapping[str, str]) -> Structure:
    """A record with only what the models keep of it."""
    return write(read(record))


def read(record: Structure) -> Family:
    """What a record tells."""
    husband, wife = record.first("HUSB"), record.first("WIFE")
    return Family(
        husband.id if husband else None,
        wife.id if wife else None,
        [
            Member(child.id, word(child, "_FREL"), word(child, "_MREL"), child.line)
            for child in record.all("CHIL")
            if child.id
        ],
        union(record),
    )


def word(child: Structure, tag: str) -> str | None:
    """What a parent is to a child, where it is said; None for those by birth."""
    said = (child.text(tag) or "").capitalize()
    return said if said not in ("", "Natural", "Birth", "Biological", "Unknown") else None


def union(record: Structure) -> Union:
    """What two people are to each other: told by a note of ours, or by what happened."""
    found = Union()
    told = {UnionStatus.MARRIED: False}
    notes = []
    for structure in record.children:
        if structure.tag == "NOTE" and structure.value:
            said = structure.value.removeprefix(STATUS)
            if said != structure.value and said in STATUSES:
                found.status = STATUSES[said]
            else:
                notes.append(structure.value)
        elif is_bare(structure):
            told[next(status for status, tag in TELLING.items() if tag == structure.tag)] = True
        elif happening := happenings.read(structure, UNIONS):
            # The models keep neither sources nor others of what happens between two people.
            found.events.append(replace(happening, sources=[], people=[]))
    found.notes = "\n".join(notes) or None
    found.status = found.status or status_of(found.events, told)
    found.started = dates.moment_of(record.first("_STARTED"))[0] or first(found.events, "Marriage")
    found.ended = dates.moment_of(record.first("_ENDED"))[0] or first(found.events, "Divorce", "Annulment")
    return found


def is_bare(structure: Structure) -> bool:
    """Whether a structure says that something happened, and no more."""
    return structure.tag in TELLING.values() and structure.value == "Y" and not structure.children


def status_of(events: list[Happening], told: Mapping[UnionStatus, bool]) -> UnionStatus | None:
    """The status that events tell, the last one that there can be first."""
    kinds = {event.kind for event in events}
    for status, tag in TELLING.items():
        if told.get(status) or UNIONS[tag] in kinds:
            return status
    return None


def first(events: list[Happening], *kinds: str) -> dict[str, Any] | None:
    """When something of these kinds happened first."""
    return next((event.date for event in events if event.kind in kinds and event.date), None)


def write(family: Family) -> Structure:
    """The record of a family."""
    record = Structure("FAM")
    for tag, id in (("HUSB", family.husband), ("WIFE", family.wife)):
        if id:
            record.children.append(to(tag, id))
    if family.union:
        record.children += told(family.union)
    for child in family.children:
        words = (("_FREL", child.father), ("_MREL", child.mother))
        below = [leaf(tag, said) for tag, said in words if said]
        record.children.append(to("CHIL", child.id, *below))
    return record


def told(union: Union) -> list[Structure]:
    """What happened between two people, and where they stand if that does not tell it."""
    found = [happenings.write(event, UNION_TAGS) for event in union.events]
    status = union.status
    if status and status_of(union.events, {}) != status:
        tag = TELLING.get(status)
        if tag and status_of(union.events, {status: True}) == status:
            found.append(leaf(tag, "Y"))
        else:
            found.append(leaf("NOTE", f"{STATUS}{spelled(status)}"))
    kinds = {"_STARTED": (union.started, ("Marriage",)), "_ENDED": (union.ended, ("Divorce", "Annulment"))}
    for tag, (moment, named) in kinds.items():
        date = dates.dated(tag, moment)
        told_by = dates.dated(tag, first(union.events, *named))
        if date and date != told_by:
            found.append(date)
    return [*found, *(leaf("NOTE", line or None) for line in (union.notes or "").splitlines())]
