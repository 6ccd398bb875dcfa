"""Rows and documents on their way in, kept on disk: a million of them take no more memory than a thousand.

What is kept here is private to one import and gone when it ends, however it ends.
"""

import json
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Any, NamedTuple

from beanie import Document
from bson import ObjectId

from models.checksums import Checksum, digest
from models.files import Found
from models.imports.summary import DEEPEST

# Rows that are looked at together.
BATCH = 500
# Pages that SQLite keeps in memory, in KiB; whatever is more lies in a file that has no name.
CACHE = 48_000
# What SQLite takes in one question.
MANY = 30_000

# The id of a document: a whole number, an ObjectId or a UUID.
Key = int | ObjectId | str
Cell = int | bytes | str


class Row(NamedTuple):
    """A row as it was read: its table, where it stood, and its values as JSON."""

    table: str
    line: int
    pointer: str
    text: str


class Kept(NamedTuple):
    """A document that was found good, and the row that it comes from."""

    number: int
    key: Key
    table: str
    line: int
    pointer: str
    form: bytes

    @property
    def row(self) -> Found:
        """Where it stood, to say what is wrong with it."""
        return Found(self.table, self.line, self.pointer, {})


def is_deep(text: str) -> bool:
    """Whether values of JSON text stand deeper inside of each other than the store takes them."""
    if text.count("{") + text.count("[") <= DEEPEST:
        return False
    level = [json.loads(text)]
    for _ in range(DEEPEST):
        level = [inner for each in level if isinstance(each, dict | list) for inner in inside(each)]
    return bool(level)


def inside(value: Any) -> Iterable[Any]:
    """The values right inside of an object or a list."""
    return value.values() if isinstance(value, dict) else value


def cell(key: Key) -> Cell:
    """A key as SQLite has it."""
    return key.binary if isinstance(key, ObjectId) else key


def key_of(value: Cell) -> Key:
    """The key in a cell."""
    return ObjectId(value) if isinstance(value, bytes) else value


class Stage:
    """A database of this import alone, in a file without a name."""

    def __init__(self) -> None:
        self.sql = sqlite3.connect("", isolation_level=None, check_same_thread=False)
        for line in (
            "PRAGMA journal_mode = OFF",
            "PRAGMA synchronous = OFF",
            f"PRAGMA cache_size = -{CACHE}",
            "CREATE TABLE held (what TEXT, value TEXT, line INTEGER, key, PRIMARY KEY (what, value)) "
            "WITHOUT ROWID",
            "BEGIN",
        ):
            self.sql.execute(line)
        self._rows: dict[str, str] = {}
        self._documents: dict[type[Document], Documents] = {}

    def close(self) -> None:
        """Throws all of it away."""
        self.sql.close()

    def put(self, rows: Iterable[Row]) -> None:
        """Takes rows as they come."""
        by_table: dict[str, list[tuple[int, str, str]]] = {}
        for row in rows:
            by_table.setdefault(row.table, []).append(row[1:])
        for table, some in by_table.items():
            if table not in self._rows:
                name = self._rows[table] = f"rows_{len(self._rows)}"
                self.sql.execute(
                    f"CREATE TABLE {name} (n INTEGER PRIMARY KEY, line INTEGER, pointer TEXT, body TEXT)"
                )
            self.sql.executemany(
                f"INSERT INTO {self._rows[table]} (line, pointer, body) VALUES (?, ?, ?)",  # nosec B608  # our name
                some,
            )

    @property
    def tables(self) -> list[str]:
        """The tables of which there are rows."""
        return list(self._rows)

    def rows(self, table: str) -> Iterator[list[Found]]:
        """The rows of a table in their order, some at a time."""
        if table not in self._rows:
            return
        last = 0
        question = (
            f"SELECT n, line, pointer, body FROM {self._rows[table]} WHERE n > ? "  # nosec B608  # our name
            "ORDER BY n LIMIT ?"
        )
        while some := self.sql.execute(question, (last, BATCH)).fetchall():
            last = some[-1][0]
            yield [Found(table, line, pointer, json.loads(body)) for _, line, pointer, body in some]

    def documents(self, kind: type[Document]) -> "Documents":
        """What is kept of a kind."""
        if kind not in self._documents:
            self._documents[kind] = Documents(self.sql, f"documents_{len(self._documents)}")
        return self._documents[kind]

    def hold(self, what: str, value: str, line: int, key: Key) -> tuple[int, Key] | None:
        """Keeps a value that only one may have; None, or the line and the key of who has it already."""
        taken = self.sql.execute(
            "INSERT INTO held VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING RETURNING 1",
            (what, value, line, cell(key)),
        ).fetchone()
        if taken:
            return None
        held = self.sql.execute("SELECT line, key FROM held WHERE what = ? AND value = ?", (what, value))
        first, other = held.fetchone()
        return first, key_of(other)


class Documents:
    """The documents of one kind, in the order of their rows."""

    def __init__(self, sql: sqlite3.Connection, name: str) -> None:
        self.sql = sql
        self.name = name
        sql.execute(
            f"CREATE TABLE {name} (n INTEGER PRIMARY KEY, key UNIQUE, tab TEXT, line INTEGER, "
            "pointer TEXT, body BLOB)"
        )
        self.count = 0

    def add(self, key: Key, row: Found, form: bytes) -> int | None:
        """Keeps a document; None, or the line of the one that has its key already."""
        added = self.sql.execute(
            f"INSERT INTO {self.name} (key, tab, line, pointer, body) VALUES (?, ?, ?, ?, ?) "  # nosec B608
            "ON CONFLICT DO NOTHING RETURNING 1",
            (cell(key), row.table, row.line, row.pointer, form),
        ).fetchone()
        if added:
            self.count += 1
            return None
        found = self.sql.execute(f"SELECT line FROM {self.name} WHERE key = ?", (cell(key),))  # nosec B608
        return int(found.fetchone()[0])

    def drop(self, key: Key) -> None:
        """Lets a document go."""
        self.sql.execute(f"DELETE FROM {self.name} WHERE key = ?", (cell(key),))  # nosec B608
        self.count -= 1

    def change(self, number: int, form: bytes) -> None:
        """Keeps another form of a document."""
        self.sql.execute(f"UPDATE {self.name} SET body = ? WHERE n = ?", (form, number))  # nosec B608

    def fill(self, key: Key, form: bytes) -> None:
        """Gives a document its form."""
        self.sql.execute(f"UPDATE {self.name} SET body = ? WHERE key = ?", (form, cell(key)))  # nosec B608

    def get(self, key: Key) -> Kept | None:
        """The document with this key, or None."""
        found = self.sql.execute(
            f"SELECT n, key, tab, line, pointer, body FROM {self.name} WHERE key = ?",  # nosec B608
            (cell(key),),
        ).fetchone()
        return found and Kept(found[0], key, *found[2:])

    def before(self, number: int) -> int:
        """How many documents there are up to the one with this number."""
        if not number:
            return 0
        found = self.sql.execute(f"SELECT count(*) FROM {self.name} WHERE n <= ?", (number,))  # nosec B608
        return int(found.fetchone()[0])

    def highest(self) -> Key | None:
        """The highest key, or None where there is nothing."""
        found = self.sql.execute(f"SELECT max(key) FROM {self.name}").fetchone()[0]  # nosec B608  # our name
        return None if found is None else key_of(found)

    def among(self, keys: Iterable[Key]) -> set[Key]:
        """Those of the keys that are here."""
        found: set[Key] = set()
        rest = iter(dict.fromkeys(keys))
        while some := [cell(key) for key in islice(rest, MANY)]:
            marks = ",".join("?" * len(some))
            asked = self.sql.execute(
                f"SELECT key FROM {self.name} WHERE key IN ({marks})",  # nosec B608  # marks only
                some,
            )
            found |= {key_of(row[0]) for row in asked}
        return found

    def batches(self, after: int = 0) -> Iterator[list[Kept]]:
        """The documents in their order, some at a time; those that go meanwhile are not missed."""
        question = (
            f"SELECT n, key, tab, line, pointer, body FROM {self.name} WHERE n > ? "  # nosec B608
            "ORDER BY n LIMIT ?"
        )
        while some := self.sql.execute(question, (after, BATCH)).fetchall():
            after = some[-1][0]
            yield [Kept(row[0], key_of(row[1]), *row[2:]) for row in some]

    def checksum(self) -> Checksum:
        """What is here, whatever its order."""
        total = Checksum()
        for some in self.batches():
            total = total.plus(Checksum.over(digest(each.form) for each in some))
        return total


def value_of(values: Sequence[Any]) -> str:
    """What only one may have, as text."""
    return json.dumps(values, default=str)
