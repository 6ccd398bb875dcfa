"""Works: a source as a GEDCOM record tells of it, and as the models keep it."""

from collections.abc import Mapping
from typing import Any

from models.gedcom.structures import Structure, leaf, prose

TAGS = {"TITL": "title", "AUTH": "author", "PUBL": "citation", "_URL": "url"}
UNTITLED = "Untitled source"


def canonical(record: Structure, said: Mapping[str, str]) -> Structure:
    """A record with only what the models keep of it."""
    return write(read(record))


def read(record: Structure) -> dict[str, Any]:
    """What a record tells of a source, which has a title whatever happens."""
    found: dict[str, Any] = {name: record.text(tag) for tag, name in TAGS.items()}
    found["title"] = found["title"] or record.text("ABBR") or UNTITLED
    return found


def write(source: Mapping[str, Any]) -> Structure:
    """The record of a source."""
    record = Structure("SOUR")
    for tag, name in TAGS.items():
        if source[name]:
            record.children.append(leaf(tag, source[name]) if tag == "_URL" else prose(tag, source[name]))
    return record
