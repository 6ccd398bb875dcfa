"""Rows of files: start states, one row a line, or a file for each table; read line by line."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from models.files import BadFile, Fixtures
from models.imports.stage import Row
from models.imports.tables import csv_rows, parsed, table_rows

LINES = (".ndjson", ".jsonl")
TABLES = (*LINES, ".csv")
# Start states are read as a whole; whoever has more has one row a line.
WHOLE = 256_000_000

Columns = Mapping[str, Mapping[str, str]]


def rows_of(path: Path, state: str | None, columns: Columns) -> Iterator[Row]:
    """Every row of a file or of a folder; raises BadFile."""
    suffix = path.suffix.lower()
    if path.is_dir():
        no_state(path, state)
        return of_folder(path, columns)
    if suffix == ".csv":
        no_state(path, state)
        return csv_rows(path, path.stem, columns.get(path.stem, {}))
    if suffix in LINES:
        no_state(path, state)
        return from_lines(path)
    return fixture_rows(path, state)


def no_state(path: Path, state: str | None) -> None:
    """Raises BadFile where a state was asked for and there are none."""
    if state is not None:
        raise BadFile(f"{path} has one row a line and knows no states; leave --state out.")


def of_folder(path: Path, columns: Columns) -> Iterator[Row]:
    """The rows of a folder, in which `users.csv` or `users.ndjson` is a table."""
    files = sorted(each for each in path.iterdir() if each.suffix.lower() in TABLES)
    if not files:
        raise BadFile(f"{path} has no files TABLE.csv or TABLE.ndjson; tables are: {', '.join(columns)}.")
    for file in files:
        if file.suffix.lower() == ".csv":
            yield from csv_rows(file, file.stem, columns.get(file.stem, {}))
        else:
            yield from table_rows(file, file.stem)


def from_lines(path: Path) -> Iterator[Row]:
    """The rows of a file with one `{"table": …, "row": {…}}` a line."""
    for line, entry in parsed(path):
        table, row = (entry.get("table"), entry.get("row")) if isinstance(entry, dict) else (None, None)
        if not isinstance(table, str) or not isinstance(row, dict):
            raise BadFile(f'{path}:{line}: a line must be {{"table": "…", "row": {{…}}}}.')
        yield Row(table, line, "/row", as_text(path, line, row))


def fixture_rows(path: Path, state: str | None) -> Iterator[Row]:
    """The rows of a file of start states."""
    try:
        if path.stat().st_size > WHOLE:
            raise BadFile(f"{path} is larger than {WHOLE} bytes; give one row a line, or a file a table.")
        data = path.read_bytes()
    except OSError as error:
        raise BadFile(f"{path} cannot be read: {error.strerror}.") from error
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise BadFile(f"{path}:{line}: this is not UTF-8 text.") from error
    for found in Fixtures(path, text).rows(state):
        yield Row(found.table, found.line, found.pointer, as_text(path, found.line, found.values))


def as_text(path: Path, line: int, row: dict[str, Any]) -> str:
    """A row as JSON; raises BadFile."""
    try:
        return json.dumps(row)
    except RecursionError as error:
        raise BadFile(f"{path}:{line}: this JSON is nested too deeply.") from error
