"""What an import found and did."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass, field
from itertools import islice
from typing import Any, TypeVar

import bson
from beanie import Document
from bson.errors import InvalidDocument

from models.files import Found
from models.raw import stored_form
from models.rows import BadValue

# Rows of one transaction: enough to be quick, few enough to stay far below a transaction's time limit.
BATCH = 500
# Bad rows that are told one by one; whoever has more has another trouble.
TOLD = 10_000
# What a document may have at most, with room for what the store adds.
LARGEST = 16_000_000
# How deep values may stand inside of each other; the store takes about a hundred levels of a document.
DEEPEST = 80

Item = TypeVar("Item")
Progress = Callable[[str, int, int], None]


@dataclass(frozen=True)
class Bad:
    """A row that cannot be imported."""

    line: int
    table: str
    pointer: str
    reason: str


@dataclass
class Summary:
    """What an import found and did: rows by table, and documents by collection before and after it.

    `id` names the import where it wrote anything, so that it can be undone. `written` counts the good rows
    of each table, `changed` the documents that were not there already in just this form. `foreign` counts
    people whom somebody names as a parent, child or spouse and who are in no tree. `others` names
    collections that hold something else than they did before, this import's own documents apart: somebody
    else has written to them meanwhile.
    """

    surface: str
    file: str
    state: str | None
    id: str | None = None
    resumed: bool = False
    written: dict[str, int] = field(default_factory=dict)
    changed: dict[str, int] = field(default_factory=dict)
    bad: list[Bad] = field(default_factory=list)
    bad_rows: int = 0
    ignored_columns: dict[str, list[str]] = field(default_factory=dict)
    demo_replaced: bool = False
    foreign: int = 0
    before: dict[str, int] = field(default_factory=dict)
    after: dict[str, int] = field(default_factory=dict)
    checksums_before: dict[str, str] = field(default_factory=dict)
    checksums_after: dict[str, str] = field(default_factory=dict)
    others: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def refuse(self, row: Found, column: str, reason: str) -> None:
        """Notes why a row cannot be imported."""
        self.bad_rows += 1
        if len(self.bad) < TOLD:
            self.bad.append(Bad(row.line, row.table, f"{row.pointer}/{column}".rstrip("/"), reason))

    def refuse_value(self, row: Found, error: BadValue) -> None:
        """Notes which value keeps a row out."""
        self.refuse(row, error.column, f"{error.column} {error.reason}".lstrip())

    def ignore(self, table: str, columns: Iterable[str]) -> None:
        """Notes columns of which nothing was asked."""
        if known := {*self.ignored_columns.get(table, ()), *columns}:
            self.ignored_columns[table] = sorted(known)

    def as_json(self) -> dict[str, Any]:
        """The summary in values that JSON has."""
        return asdict(self)


def encoded(document: Document) -> bytes:
    """A document as bytes; raises BadValue for one that the store would not take."""
    try:
        form = bson.encode(stored_form(document))
    except (InvalidDocument, OverflowError, RecursionError, ValueError) as error:
        raise BadValue("", f"cannot be stored: {error}") from error
    if len(form) > LARGEST:
        raise BadValue("", f"cannot be stored: it has {len(form)} bytes, and {LARGEST} are the most")
    return form


class Refused(Exception):
    """An import into a database that must not be overwritten; the message says what to do."""


def chunks(items: Iterable[Item], size: int) -> Iterator[list[Item]]:
    """The items in lists of at most `size`."""
    iterator = iter(items)
    while some := list(islice(iterator, size)):
        yield some
