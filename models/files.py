"""Files of start states: where each row stands, and what is wrong with a file."""

import json
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass
from json import decoder, scanner
from pathlib import Path
from typing import Any

from bson import ObjectId

from models.keys import key


class BadFile(Exception):
    """A file that is not what it should be; the message names file, line and way out."""


@dataclass(frozen=True)
class Found:
    """A row as it stands in a file."""

    table: str
    line: int
    pointer: str
    values: dict[str, Any]


class Located(dict[str, Any]):
    """A JSON object that knows where it began."""

    offset = 0


class Fixtures:
    """A JSON file of start states: `fixtures.<state>.tables.<table>` is a list of rows."""

    def __init__(self, path: Path, text: str) -> None:
        self.path = path
        self.breaks = [place for place, character in enumerate(text) if character == "\n"]
        try:
            self.root = locating().decode(text)
        except json.JSONDecodeError as error:
            raise BadFile(f"{path}:{error.lineno}: this is not JSON: {error.msg}.") from error
        except RecursionError as error:
            raise BadFile(f"{path}: this JSON is nested too deeply.") from error

    def line(self, value: Located) -> int:
        """The line on which an object begins."""
        return bisect_left(self.breaks, value.offset) + 1

    def rows(self, state: str | None) -> Iterator[Found]:
        """Every row of a state; without a name, of the only one."""
        pointer = "/fixtures"
        root = self.mapping(None, "/", self.root)
        states = self.mapping(root, pointer, root.get("fixtures"))
        name = self.choose(states, state)
        pointer += f"/{escaped(name)}"
        chosen = self.mapping(states, pointer, states[name])
        if "sameAs" in chosen:
            yield from self.rows(str(chosen["sameAs"]))
            return
        parts = [part for part in ("tables", "collections") if part in chosen]
        users = chosen.get("users")
        if users is not None:
            yield from self.users(chosen, f"{pointer}/users", users)
        for part in parts or ([] if users else ["tables"]):
            yield from self.tables(chosen, f"{pointer}/{part}", chosen.get(part))

    def tables(self, parent: Located, pointer: str, value: object) -> Iterator[Found]:
        """The rows of tables or collections."""
        tables = self.mapping(parent, pointer, value)
        for table, rows in tables.items():
            if not isinstance(rows, list):
                raise self.bad(tables, f"{pointer}/{escaped(table)}", "must be a list of rows")
            for index, row in enumerate(rows):
                place = f"{pointer}/{escaped(table)}/{index}"
                found = self.mapping(tables, place, row)
                yield Found(table, self.line(found), place, found)

    def users(self, parent: Located, pointer: str, value: object) -> Iterator[Found]:
        """The users of a state, in a list or each under a name; where one has a `row`, that one counts."""
        named = (
            value if isinstance(value, Located) else dict(enumerate(value if isinstance(value, list) else ()))
        )
        for name, each in named.items():
            place = f"{pointer}/{escaped(str(name))}"
            user = self.mapping(parent, place, each)
            if "row" in user:
                place += "/row"
                user = self.mapping(user, place, user["row"])
            yield Found("users", self.line(user), place, user)

    def choose(self, states: Located, state: str | None) -> str:
        """The name of the state to read."""
        names = ", ".join(states)
        if state is None and len(states) == 1:
            return next(iter(states))
        if state is None:
            raise BadFile(f"{self.path} holds several states; choose one with --state: {names or '(none)'}.")
        if state not in states:
            raise BadFile(f"{self.path} has no state {state!r}; it has: {names or '(none)'}.")
        return state

    def mapping(self, parent: object, pointer: str, value: object) -> Located:
        """The object itself; raises BadFile at the line of its parent."""
        if not isinstance(value, Located):
            raise self.bad(parent, pointer, "must be an object")
        return value

    def bad(self, parent: object, pointer: str, reason: str) -> BadFile:
        """What to say about a wrong place in the file."""
        line = self.line(parent) if isinstance(parent, Located) else 1
        return BadFile(f"{self.path}:{line}: {pointer} {reason}.")


def escaped(key: str) -> str:
    """A key as JSON Pointer writes it."""
    return key.replace("~", "~0").replace("/", "~1")


def locating() -> json.JSONDecoder:
    """A decoder whose objects know their place; the standard one in Python, since the C one cannot tell."""
    reader = json.JSONDecoder()

    def parse(start: tuple[str, int], *rest: Any) -> tuple[Located, int]:
        values, end = decoder.JSONObject(start, *rest)  # type: ignore[attr-defined]  # not in typeshed
        located = Located(values)
        located.offset = start[1] - 1
        return located, end

    reader.parse_object = parse  # type: ignore[attr-defined]  # not in typeshed
    reader.scan_once = scanner.py_make_scanner(reader)  # type: ignore[attr-defined]  # not in typeshed
    return reader


def pairs(path: Path) -> dict[str, ObjectId]:
    """The lines `UUID,ObjectId` of a file, each of which names one thing twice; raises BadFile."""
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise BadFile(f"{path} cannot be read as text: {error}.") from error
    found: dict[str, ObjectId] = {}
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        first, second = ([key(part.strip()) for part in line.split(",")] + [None])[:2]
        if not isinstance(first, str) or not isinstance(second, ObjectId) or line.count(",") != 1:
            raise BadFile(f"{path}:{number}: a line must be a UUID, a comma and an ObjectId.")
        if first in found or second in found.values():
            raise BadFile(f"{path}:{number}: one of these ids has another one already.")
        found[first] = second
    return found
