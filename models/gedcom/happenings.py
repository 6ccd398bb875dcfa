"""Happenings: events as GEDCOM tells them below people and families, and as the models keep them."""

from dataclasses import dataclass, field
from typing import Any

from models.gedcom import dates
from models.gedcom.structures import Structure, flat, leaf, prose, to
from models.gedcom.words import ATTRIBUTES

# Tags whose value says what happened; the others say it in a note.
TOLD = frozenset({*ATTRIBUTES, "OCCU", "EVEN", "FACT"})


@dataclass
class Happening:
    """An event; `sources` and `people` are ids, of further people who share it."""

    kind: str
    date: dict[str, Any] | None = None
    place: str | None = None
    description: str | None = None
    sources: list[str] = field(default_factory=list)
    people: list[str] = field(default_factory=list)
    line: int = 0


def read(structure: Structure, kinds: dict[str, str]) -> Happening | None:
    """The event that a structure tells; None where it tells none."""
    if structure.tag in ("EVEN", "FACT"):
        kind = structure.text("TYPE") or structure.tag.capitalize().replace("Even", "Event")
    else:
        kind = kinds.get(structure.tag, "")
    if not kind or structure.pointer:
        return None
    notes = [child.value for child in structure.all("NOTE") if child.value]
    return Happening(
        kind,
        dates.moment_of(structure.first("DATE"))[0],
        structure.text("PLAC"),
        structure.value if structure.tag in TOLD else "\n".join(notes) or None,
        pointers(structure, "SOUR"),
        pointers(structure, "_SHAR"),
        structure.line,
    )


def write(happening: Happening, tags: dict[str, str]) -> Structure:
    """The structure of an event, by the tag of its kind where it has one."""
    tag = tags.get(happening.kind)
    below: list[Structure | None] = []
    if tag is None and happening.kind != "Event":
        below.append(leaf("TYPE", happening.kind))
    below.append(dates.dated("DATE", happening.date))
    below.append(leaf("PLAC", happening.place) if happening.place else None)
    said = happening.description
    if said and tag is not None and tag not in TOLD:
        below.append(prose("NOTE", said))
        said = None
    below += [to("SOUR", id) for id in happening.sources]
    below += [to("_SHAR", id) for id in happening.people]
    structure = prose(tag or "EVEN", said) if said else leaf(tag or "EVEN")
    structure.children = [child for child in below if child]
    return structure


def pointers(structure: Structure, tag: str) -> list[str]:
    """The ids that structures of a tag point to, each once."""
    ids = (child.id for child in structure.children if child.tag == tag)
    return list(dict.fromkeys(id for id in ids if id))


def kind_of(happening: dict[str, Any]) -> str:
    """The kind of a stored event, in one line."""
    return flat(happening["kind"] or "Event") or "Event"
