"""Documents of an import: batch by batch, each begun with all that its kind must have."""

from dataclasses import dataclass, field
from datetime import datetime
from types import SimpleNamespace
from typing import Any

from beanie import Document
from bson import ObjectId

from models import relating
from models.events import Event
from models.gedcom.kept import GedcomRecord
from models.kinds import Kind
from models.moments import Moment
from models.people import Person
from models.raw import stored_form
from models.relationships import Relationship
from models.sources import Source

# Records and characters of one batch: what is stored at once, and done again at most after a crash.
BATCH, SIZE = 500, 4_000_000
KINDS: tuple[type[Document], ...] = (GedcomRecord, Source, Person, Relationship, Event)


@dataclass
class Batch:
    """What some records of a file become, up to a line."""

    line: int = 0
    records: int = 0
    size: int = 0
    documents: dict[type[Document], list[dict[str, Any]]] = field(
        default_factory=lambda: {kind: [] for kind in KINDS}
    )

    @property
    def is_full(self) -> bool:
        """Whether it is time to store it."""
        return self.records >= BATCH or self.size >= SIZE

    def add(self, kind: type[Document], document: dict[str, Any]) -> None:
        """Takes a document in."""
        self.documents[kind].append(document)


def claims(form: dict[str, Any]) -> list[str]:
    """What no other relationship may be, as where one is made by hand."""
    row: Any = SimpleNamespace(**form)
    return relating.claims(row, strict=True)


def templates(tree_id: Any, account: str, now: datetime) -> dict[type[Document], dict[str, Any]]:
    """A document of each kind with all that it must have, which is made once: models take their time."""
    moment, nobody = Moment.of(now), ObjectId()
    common: dict[str, Any] = {
        "tree_id": tree_id,
        "created_by": account,
        "created_at": moment,
        "updated_at": moment,
    }
    ends: Any = {"from_id": nobody, "to_id": nobody, "people": [], "kind": Kind.PARENT}
    return {
        GedcomRecord: stored_form(GedcomRecord(tree_id=tree_id, tag="")),
        Source: stored_form(Source(title="", **common)),
        Person: stored_form(Person(**common)),
        Relationship: stored_form(Relationship(**ends, **common)),
        Event: stored_form(Event(kind="", **common)),
    }
