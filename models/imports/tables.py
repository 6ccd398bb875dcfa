"""Files that are one table: a JSON object a line, or CSV with a head; cut off anywhere, they are refused."""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from models.files import BadFile
from models.imports.extended import simple
from models.imports.stage import Row

# A row of more bytes than a document may have is none; or it is a quote that nobody closed.
LONGEST = 16_000_000
# Possessive: a long cell would take a hundred times its room for ways back that lead nowhere.
CELL = re.compile(r'(?:"((?:[^"]++|"")*+)"|([^",\r\n]*))(,|\r?\n)')
WHOLE = re.compile(r"-?\d{1,40}", re.ASCII)
NUMBER = re.compile(r"-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?", re.ASCII)
TRUTHS = {"t": True, "true": True, "1": True, "f": False, "false": False, "0": False}
BOM = b"\xef\xbb\xbf"


def lines(path: Path) -> Iterator[tuple[int, str]]:
    """The lines of a text file with their numbers, each with its end; raises BadFile."""
    try:
        with path.open("rb") as file:
            # Not by universal newlines: JSON text and cells may hold U+2028 and its like.
            for number, line in enumerate(iter(lambda: file.readline(LONGEST + 1), b""), 1):
                if len(line) > LONGEST:
                    raise BadFile(f"{path}:{number}: the line is longer than {LONGEST} bytes.")
                try:
                    yield number, line.removeprefix(BOM if number == 1 else b"").decode()
                except UnicodeDecodeError as error:
                    raise BadFile(f"{path}:{number}: this is not UTF-8 text.") from error
    except OSError as error:
        raise BadFile(f"{path} cannot be read: {error.strerror}.") from error


def parsed(path: Path) -> Iterator[tuple[int, Any]]:
    """The JSON values of a file with one a line; raises BadFile."""
    for number, line in lines(path):
        if not line.strip():
            continue
        try:
            yield number, json.loads(line)
        except (ValueError, RecursionError) as error:
            raise BadFile(f"{path}:{number}: this is not JSON: {error}.") from error


def table_rows(path: Path, table: str) -> Iterator[Row]:
    """The rows of a file with one JSON object a line, as mongoexport and row_to_json write them."""
    for number, value in parsed(path):
        if not isinstance(value, dict):
            raise BadFile(f"{path}:{number}: a line must be a row, such as {{…}}.")
        try:
            yield Row(table, number, "", json.dumps(simple(value)))
        except RecursionError as error:
            raise BadFile(f"{path}:{number}: this JSON is nested too deeply.") from error


def csv_rows(path: Path, table: str, columns: Mapping[str, str]) -> Iterator[Row]:
    """The rows of a file of cells, as COPY … CSV HEADER writes them; an empty cell without quotes is null."""
    records = cells(path)
    first = next(records, None)
    if first is None:
        raise BadFile(f"{path}:1: the file is empty; its first line must name the columns.")
    names = [name or "" for name in first[1]]
    if "" in names or len({*names}) < len(names):
        raise BadFile(f"{path}:1: the first line must name each column once.")
    readers = [CELLS.get(columns.get(name, ""), str) for name in names]
    for number, values in records:
        if len(values) != len(names):
            raise BadFile(f"{path}:{number}: there are {len(values)} cells, and {len(names)} columns.")
        row = {
            name: value if value is None else read(value)
            for name, read, value in zip(names, readers, values, strict=True)
        }
        yield Row(table, number, "", json.dumps(row))


def cells(path: Path) -> Iterator[tuple[int, list[str | None]]]:
    """The records of a file with the lines on which they begin; raises BadFile."""
    start, parts, quotes, size = 0, list[str](), 0, 0
    for number, line in lines(path):
        if not parts:
            if not line.strip():
                continue
            start = number
        parts.append(line)
        quotes, size = quotes + line.count('"'), size + len(line)
        if size > LONGEST:
            raise BadFile(f"{path}:{start}: a quote is never closed.")
        if quotes % 2 == 0:
            yield start, record(path, start, "".join(parts))
            parts, quotes, size = [], 0, 0
    if parts:
        raise BadFile(f"{path}:{start}: a quote is never closed; the file was not written to its end.")


def record(path: Path, number: int, text: str) -> list[str | None]:
    """The cells of a record; raises BadFile."""
    if not text.endswith("\n"):
        raise BadFile(f"{path}:{number}: the file ends within a line; it was not written to its end.")
    values: list[str | None] = []
    place = 0
    while place < len(text):
        found = CELL.match(text, place)
        if found is None:
            raise BadFile(f"{path}:{number}: a quote stands in the middle of cell {len(values) + 1}.")
        quoted, plain, _ = found.groups()
        values.append(plain or None if quoted is None else quoted.replace('""', '"'))
        place = found.end()
    return values


def whole(text: str) -> Any:
    """A whole number; any other text as it is, to be told by whoever asks for it."""
    return int(text) if WHOLE.fullmatch(text) else text


def number(text: str) -> Any:
    """A number in the form that it has; any other text as it is."""
    return json.loads(text) if NUMBER.fullmatch(text) else text


def truth(text: str) -> Any:
    """True or false; any other text as it is."""
    return TRUTHS.get(text.lower(), text)


def from_json(text: str) -> Any:
    """A JSON value; any other text as it is."""
    try:
        return simple(json.loads(text))
    except (ValueError, RecursionError):
        return text


CELLS: Mapping[str, Callable[[str], Any]] = {
    "whole": whole,
    "number": number,
    "truth": truth,
    "json": from_json,
}
