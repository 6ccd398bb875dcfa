"""Which field of which collection leads to which other one: what an undone import must not leave behind."""

from collections.abc import Iterable, Iterator

from beanie import Document

from models.courses import Course, CourseContent
from models.enrollments import Enrollment
from models.events import Event
from models.gedcom.kept import GedcomRecord
from models.history import PersonHistory
from models.imports.numbered import LEARNING
from models.imports.sources import GATEWAY, GENEALOGY
from models.people import Person
from models.relationships import Relationship
from models.search.entries import SearchEntry
from models.sources import Source
from models.suggestions import MergeSuggestion
from models.trees import Tree

# What no table has, because only this server writes it, or because lists say it.
OWN: tuple[tuple[type[Document], str, type[Document]], ...] = (
    (GedcomRecord, "tree_id", Tree),
    (SearchEntry, "tree_id", Tree),
    (Event, "tree_id", Tree),
    (Event, "people", Person),
    (Event, "sources", Source),
    (Source, "tree_id", Tree),
    (Source, "people", Person),
    (PersonHistory, "person_id", Person),
    (MergeSuggestion, "new_person_id", Person),
    (MergeSuggestion, "existing_person_id", Person),
    (Person, "parents", Person),
    (Person, "children", Person),
    (Person, "spouses", Person),
    (CourseContent, "course_id", Course),
    (Enrollment, "course_id", Course),
    (Relationship, "people", Person),
)


def found() -> Iterator[tuple[type[Document], str, type[Document]]]:
    """Every reference that the tables tell of, and those that only this server knows."""
    for table in LEARNING:
        for column, target in table.references.items():
            yield table.kind, column, target
    for source in (*GATEWAY, *GENEALOGY):
        for field, (_, target_kind) in source.needs.items():
            yield source.kind, field, target_kind
    yield from OWN


def references() -> Iterable[tuple[str, str, str]]:
    """The same by the names of collections, each once; needs connected models."""
    return dict.fromkeys(
        (kind.get_collection_name(), field, target.get_collection_name()) for kind, field, target in found()
    )
