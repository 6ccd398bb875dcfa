"""Reads docs/deviations.md: the differences that are meant, one rule a row."""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from itertools import product
from pathlib import Path
from typing import Self

from compat_rest.parity import conditions
from compat_rest.parity.compare import Difference, differences
from compat_rest.parity.conditions import Asked, Condition
from compat_rest.parity.messages import Answer
from compat_rest.parity.patterns import Alternative, Pattern

COLUMNS = ("id", "kind", "operations", "recordings", "when", "pointer", "old", "new", "reason")
KINDS = ("fault", "crash", "hang", "leak", "wire", "broken")
_FILTER = re.compile(r"\*\{(?P<name>\w+)=(?P<text>[^{}]*)\}")
_SPAN = re.compile(r"([^\[\],\s]+)\[([^\[\]]+)\]")
# They follow the body, which the pattern of the row has judged.
_FOLLOWING = frozenset({"content-type", "content-length", "etag"})


class BadDeviations(Exception):
    """A table of deviations that cannot be read; the message names file, line and what is wrong."""


@dataclass(frozen=True)
class Steps:
    """Recordings by glob, and the steps in them."""

    glob: str
    ranges: tuple[tuple[int, int], ...]

    def hold(self, recording: str, step: int) -> bool:
        return self.name(recording) and any(first <= step <= last for first, last in self.ranges)

    def name(self, recording: str) -> bool:
        """Whether the glob names a recording; one without a folder names it on any surface."""
        return fnmatchcase(recording if "/" in self.glob else recording.rsplit("/", 1)[-1], self.glob)


@dataclass(frozen=True)
class Case:
    """One step whose answers differ."""

    recording: str
    step: int
    operation: str | None
    old: Answer
    new: Answer
    asked: Asked | None
    found: Sequence[Difference]

    @property
    def head(self) -> bool:
        return self.asked is not None and self.asked.request.method == "HEAD"


@dataclass(frozen=True)
class Row:
    """One rule: where it applies, what the old server answered, what ours answers, and why."""

    id: str
    kind: str
    operations: tuple[str, ...]
    recordings: tuple[Steps, ...]
    when: str
    pointer: str
    old: str
    new: str
    reason: str
    line: int
    condition: Condition | None = field(repr=False, compare=False)
    old_pattern: Pattern = field(repr=False)
    new_pattern: Pattern = field(repr=False)

    def explains(self, case: Case) -> bool:
        """Whether every difference of a step is the one that this row states."""
        if not self.stands_for(case):
            return False
        if self.condition is not None and (case.asked is None or not self.condition(case.asked)):
            return False
        before = self.old_pattern.matching(case.old, head=case.head)
        after = self.new_pattern.matching(case.new, head=case.head)
        return any(self._states(old, new, case) for old, new in product(before, after))

    def _states(self, old: Alternative, new: Alternative, case: Case) -> bool:
        """Whether this is all that differs between two answers."""
        return all(
            self.covers(one.pointer, new.free, case.old)
            and old.takes_value(one.old, whole=one.pointer == "/body")
            and new.takes_value(one.new, whole=one.pointer == "/body")
            for one in case.found
        )

    def stands_for(self, case: Case) -> bool:
        named = any(fnmatchcase(case.operation or "", glob) for glob in self.operations)
        return named and any(steps.hold(case.recording, case.step) for steps in self.recordings)

    def covers(self, pointer: str, free: frozenset[str], old: Answer) -> bool:
        """Whether a difference stands at or below one of the row's pointers."""
        parts = pointer.split("/")
        if self.pointer != "/":
            return any(_leads(one.split("/"), parts, old) for one in _pointers(self.pointer))
        return parts[1] != "headers" or "*" in free or parts[2] in _FOLLOWING.union(free)


def _pointers(cell: str) -> list[str]:
    return [part.strip() for part in cell.split(",")]


def _leads(steps: Sequence[str], parts: Sequence[str], old: Answer) -> bool:
    """Whether a pointer leads to a place or to one above it; `*` stands for any one name or index.

    `*{name=text}` is such a one that has this name with this text in the old answer.
    """
    return len(steps) <= len(parts) and all(
        _is(step, part, old, parts[: at + 1])
        for at, (step, part) in enumerate(zip(steps, parts, strict=False))
    )


def _is(step: str, part: str, old: Answer, place: Sequence[str]) -> bool:
    match = _FILTER.fullmatch(step)
    if match is None:
        return step in ("*", part)
    try:
        value = json.loads(old.body)
    except ValueError:
        return False
    # The first two steps lead to the body.
    for name in place[2:]:
        if isinstance(value, list):
            value = value[int(name)] if name.isdecimal() and int(name) < len(value) else None
        else:
            value = value.get(name) if isinstance(value, dict) else None
    return isinstance(value, dict) and value.get(match["name"]) == match["text"]


@dataclass(frozen=True)
class Deviations:
    """All rows, in order; the first that explains a step is its explanation."""

    rows: tuple[Row, ...] = ()

    @classmethod
    def load(cls, path: Path) -> Self:
        """The rows of a file; raises BadDeviations."""
        try:
            lines = path.read_text().splitlines()
        except (OSError, UnicodeDecodeError) as error:
            raise BadDeviations(f"{path}: cannot be read: {error}.") from error
        rows = [_row(path, number, cells) for number, cells in _table(path, lines)]
        seen: dict[str, int] = {}
        for row in rows:
            if row.id in seen:
                raise BadDeviations(f"{path}:{row.line}: {row.id} is the id of line {seen[row.id]} too.")
            seen[row.id] = row.line
        return cls(tuple(rows))

    def explain(
        self,
        recording: str,
        step: int,
        operation: str | None,
        old: Answer,
        new: Answer,
        *,
        asked: Asked | None = None,
        found: Sequence[Difference] | None = None,
    ) -> Row | None:
        """The row that explains how two answers differ, or None.

        `recording` is `surface/name`. Rows with a condition need `asked`; without `found` the answers are
        compared with no tolerance.
        """
        places = differences(old, new) if found is None else found
        case = Case(recording, step, operation, old, new, asked, places)
        return next((row for row in self.rows if row.explains(case)), None) if places else None


def _cells(line: str) -> list[str]:
    parts = re.split(
        r"(?<!\\)\|", line.strip().strip("|") if not line.rstrip().endswith("\\|") else line.strip()
    )
    return [part.strip().replace("\\|", "|") for part in parts]


def _table(path: Path, lines: list[str]) -> list[tuple[int, list[str]]]:
    heads = [at for at, line in enumerate(lines) if line.startswith("|") and tuple(_cells(line)) == COLUMNS]
    if len(heads) != 1:
        raise BadDeviations(
            f"{path}: has {len(heads)} tables with the columns {' | '.join(COLUMNS)}; one is expected."
        )
    rows = []
    for number, line in enumerate(lines[heads[0] + 2 :], heads[0] + 3):
        if not line.startswith("|"):
            break
        cells = _cells(line)
        if len(cells) != len(COLUMNS):
            raise BadDeviations(f"{path}:{number}: has {len(cells)} cells; {len(COLUMNS)} are expected.")
        rows.append((number, cells))
    return rows


def _row(path: Path, line: int, cells: list[str]) -> Row:
    named = dict(zip(COLUMNS, cells, strict=True))
    plain = {name: cell.replace("`", "") for name, cell in named.items()}
    try:
        row = Row(
            id=_needed("id", plain["id"]),
            kind=plain["kind"],
            operations=tuple(part.strip() for part in _needed("operations", plain["operations"]).split(",")),
            recordings=_recordings(plain["recordings"]),
            when=plain["when"],
            pointer=plain["pointer"],
            old=plain["old"],
            new=plain["new"],
            reason=_needed("reason", named["reason"]),
            line=line,
            condition=conditions.parse(plain["when"]) if plain["when"] else None,
            old_pattern=Pattern.parse(named["old"]),
            new_pattern=Pattern.parse(named["new"]),
        )
        _check(row)
    except ValueError as error:
        raise BadDeviations(f"{path}:{line}: {error}.") from error
    return row


def _check(row: Row) -> None:
    if row.kind not in KINDS:
        raise ValueError(f"{row.kind!r} is no kind; known are {', '.join(KINDS)}")
    for pointer in _pointers(row.pointer):
        if not pointer.startswith("/"):
            raise ValueError(f"the pointer {pointer!r} does not begin with a slash")
    statuses = [one.status for one in row.old_pattern.alternatives]
    if row.kind == "crash" and not all(status.startswith("5") for status in statuses):
        raise ValueError("a crash row has an old answer that is not a 5xx")
    if row.kind == "hang" and statuses != ["no answer"]:
        raise ValueError("a hang row has an old answer; `no answer` is expected")


def _needed(name: str, text: str) -> str:
    if not text:
        raise ValueError(f"the {name} is empty")
    return text


def _recordings(text: str) -> tuple[Steps, ...]:
    rest = _SPAN.sub("", text).replace(",", "").strip()
    found = tuple(Steps(glob, _ranges(steps)) for glob, steps in _SPAN.findall(text))
    if rest or not found:
        raise ValueError(f"{text!r} is no list such as old/*[*] or 09-logout[6-11,15]")
    return found


def _ranges(text: str) -> tuple[tuple[int, int], ...]:
    if text.strip() == "*":
        return ((0, 10**9),)
    ranges = []
    for part in text.split(","):
        match = re.fullmatch(r"\s*(\d+)(?:-(\d+))?\s*", part)
        if match is None:
            raise ValueError(f"{part!r} is neither a step, nor a range such as 6-11, nor *")
        ranges.append((int(match[1]), int(match[2] or match[1])))
    return tuple(ranges)
