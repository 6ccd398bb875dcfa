"""The database behind an old server: tables in memory that cast, compare and refuse as PostgreSQL does."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from threading import RLock
from typing import Any, Literal

Row = dict[str, Any]
Kind = Literal["bigint", "text", "timestamp", "boolean", "double precision"]

# Ids come first: a row is read back in this order, though JSON answers sort their keys.
COLUMNS: Mapping[str, Mapping[str, Kind]] = {
    "users": {
        "id": "bigint",
        "email": "text",
        "username": "text",
        "password_hash": "text",
        "created_at": "timestamp",
    },
    "invitation_codes": {
        "id": "bigint",
        "code": "text",
        "used": "boolean",
        "used_by": "bigint",
        "used_at": "timestamp",
    },
    "courses": {
        "id": "bigint",
        "title": "text",
        "description": "text",
        "published": "boolean",
        "created_at": "timestamp",
    },
    "course_content": {
        "id": "bigint",
        "course_id": "bigint",
        "sequence": "bigint",
        "title": "text",
        "body": "text",
    },
    "characters": {"id": "bigint", "hanzi": "text", "pinyin": "text", "meaning": "text"},
    "enrollments": {
        "id": "bigint",
        "user_id": "bigint",
        "course_id": "bigint",
        "enrolled_at": "timestamp",
        "progress": "bigint",
    },
    "reviews": {
        "id": "bigint",
        "user_id": "bigint",
        "character_id": "bigint",
        "repetition": "bigint",
        "easiness": "double precision",
        "interval": "double precision",
        "next_review": "timestamp",
        "last_review": "timestamp",
    },
}
UNIQUE = {"users": ("email",), "invitation_codes": ("code",)}
REFERENCES = {
    ("invitation_codes", "used_by"): "users",
    ("course_content", "course_id"): "courses",
    ("enrollments", "user_id"): "users",
    ("enrollments", "course_id"): "courses",
    ("reviews", "user_id"): "users",
    ("reviews", "character_id"): "characters",
}
BIGINT = range(-(2**63), 2**63)
INTEGER = re.compile(r"[ \t\n\v\f\r]*[+-]?[0-9]+[ \t\n\v\f\r]*", re.ASCII)
TRUE = ("t", "tr", "tru", "true", "y", "ye", "yes", "on", "1")
FALSE = ("f", "fa", "fal", "fals", "false", "n", "no", "of", "off", "0")


class DatabaseError(Exception):
    """A refusal of the database; its text is what the old server's client library raised."""

    def __init__(self, code: str, message: str, details: str | None = None) -> None:
        super().__init__(str({"code": code, "details": details, "hint": None, "message": message}))
        self.code = code


@dataclass(frozen=True)
class Filter:
    """One condition of a query; its value travels as text, as in a query string."""

    column: str
    value: object
    operator: Literal["eq", "lte"] = "eq"


class Store:
    """The tables of one start state; every statement stands alone, there are no transactions."""

    def __init__(self, tables: Mapping[str, list[Row]]) -> None:
        self._lock = RLock()
        self.reset(tables)

    def reset(self, tables: Mapping[str, list[Row]]) -> None:
        """Forget everything and start from the given rows."""
        with self._lock:
            self._tables: dict[str, list[Row]] = {name: [] for name in COLUMNS}
            for name, rows in tables.items():
                self._tables[name] = [{column: row.get(column) for column in COLUMNS[name]} for row in rows]

    def select(self, table: str, *filters: Filter, order: str | None = None) -> list[Row]:
        """Copies of the rows that fit every filter, by id or by the given column."""
        with self._lock:
            rows = [shown(table, row) for row in self._matching(table, filters)]
        return sorted(rows, key=lambda row: row[order or "id"])

    def insert(self, table: str, values: Row) -> Row:
        """The row as stored, with its id; raises DatabaseError when it may not stand."""
        with self._lock:
            row: Row = dict.fromkeys(COLUMNS[table])
            row |= stored(table, values)
            row["id"] = max((other["id"] for other in self._tables[table]), default=0) + 1
            self._check(table, row)
            self._tables[table].append(row)
            return shown(table, row)

    def update(self, table: str, values: Row, *filters: Filter) -> None:
        """Change every row that fits; raises DatabaseError and changes nothing when one may not stand."""
        with self._lock:
            changes = stored(table, values)
            rows = self._matching(table, filters)
            for row in rows:
                self._check(table, row | changes, but=row)
            for row in rows:
                row.update(changes)

    def _matching(self, table: str, filters: tuple[Filter, ...]) -> list[Row]:
        tests = [(one, operand(COLUMNS[table][one.column], one.value)) for one in filters]
        return [row for row in self._tables[table] if all(fits(row, *test) for test in tests)]

    def _check(self, table: str, row: Row, but: Row | None = None) -> None:
        for column in UNIQUE.get(table, ()):
            if any(other is not but and other[column] == row[column] for other in self._tables[table]):
                raise DatabaseError(
                    "23505",
                    f'duplicate key value violates unique constraint "{table}_{column}_key"',
                    f"Key ({column})=({row[column]}) already exists.",
                )
        for (owner, column), target in REFERENCES.items():
            if owner != table or row[column] is None:
                continue
            if not any(other["id"] == row[column] for other in self._tables[target]):
                constraint = f"{table}_{column}_fkey"
                raise DatabaseError(
                    "23503",
                    f'insert or update on table "{table}" violates foreign key constraint "{constraint}"',
                    f'Key ({column})=({row[column]}) is not present in table "{target}".',
                )


def read_state(path: Path, state: str) -> dict[str, list[Row]]:
    """The tables of one start state in a fixtures file."""
    tables: dict[str, list[Row]] = json.loads(path.read_text())["fixtures"][state]["tables"]
    return tables


def fits(row: Row, condition: Filter, wanted: Any) -> bool:
    value = row[condition.column]
    if value is None:
        return False
    return bool(value <= wanted if condition.operator == "lte" else value == wanted)


def operand(kind: Kind, value: object) -> object:
    """A filter's value as its column's type: its Python text, cast by the database."""
    text = str(value)
    text.encode()  # a lone surrogate cannot be put into a query string
    if "\0" in text:
        raise DatabaseError("22021", 'invalid byte sequence for encoding "UTF8": 0x00')
    return cast(kind, text)


def cast(kind: Kind, text: str) -> object:
    """Text as a value of the type; raises DatabaseError as PostgreSQL 15 does."""
    if kind == "bigint":
        if not INTEGER.fullmatch(text):
            raise DatabaseError("22P02", f'invalid input syntax for type bigint: "{text}"')
        # Counted first: Python itself refuses to read thousands of digits.
        if len(text) > 4000 or int(text) not in BIGINT:
            raise DatabaseError("22003", f'value "{text}" is out of range for type bigint')
        return int(text)
    if kind == "boolean":
        word = text.strip().lower()
        if word not in TRUE + FALSE:
            raise DatabaseError("22P02", f'invalid input syntax for type boolean: "{text}"')
        return word in TRUE
    return text


def stored(table: str, values: Row) -> Row:
    """A JSON body as the database keeps it, column by column."""
    body = json.dumps(values)
    if re.search(r"(?<!\\)(\\\\)*\\u0000", body):
        raise DatabaseError(
            "22P05", "unsupported Unicode escape sequence", "\\u0000 cannot be converted to text."
        )
    try:
        json.dumps(values, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        raise DatabaseError(
            "22P02",
            "invalid input syntax for type json",
            "Unicode low surrogate must follow a high surrogate.",
        ) from None
    try:
        json.dumps(values, allow_nan=False)
    except ValueError:
        raise DatabaseError("PGRST102", "Empty or invalid json") from None
    return {column: kept(COLUMNS[table][column], value) for column, value in values.items()}


def kept(kind: Kind, value: object) -> object:
    if value is None:
        return None
    if kind == "double precision":
        return float(str(value))
    if isinstance(value, str):
        return cast(kind, value)
    if kind == "boolean" and isinstance(value, bool):
        return value
    # Numbers, arrays and objects become their JSON text, which the column's type then reads.
    return cast(kind, json.dumps(value))


def shown(table: str, row: Row) -> Row:
    """A row as it leaves the database: doubles that are whole have no fraction."""
    return {
        column: int(value) if isinstance(value, float) and value.is_integer() else value
        for column, value in ((column, row[column]) for column in COLUMNS[table])
    }
