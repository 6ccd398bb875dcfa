"""Typed tolerances: how far an answer may differ from the old one at one place, and why."""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal, get_args

ToleranceKind = Literal["added", "volatile", "order", "near", "identity", "value"]
KINDS: tuple[str, ...] = get_args(ToleranceKind)


@dataclass(frozen=True)
class Tolerance:
    """One allowance at a JSON pointer of the body (`*` is any one name or index) or at `header:Name`.

    `near` allows `within` seconds for clocks and `within` units for numbers.
    """

    pointer: str
    kind: ToleranceKind
    reason: str
    within: float | None = None

    def covers(self, pointer: str) -> bool:
        """Whether the allowance stands at a place."""
        return _pattern(self.pointer).fullmatch(pointer) is not None


Tolerances = Callable[[str, str, int], Sequence[Tolerance]]
"""What the contract allows for a method, a path without prefix, and a status."""


def none(method: str, path: str, status: int) -> Sequence[Tolerance]:
    """No tolerance at all."""
    return ()


@lru_cache(maxsize=512)
def _pattern(pointer: str) -> re.Pattern[str]:
    flags = re.IGNORECASE if pointer.startswith("header:") else re.NOFLAG
    return re.compile(
        "/".join("[^/]+" if part == "*" else re.escape(part) for part in pointer.split("/")), flags
    )


def at(tolerances: Iterable[Tolerance], pointer: str) -> dict[str, Tolerance]:
    """The tolerances that stand at a place, by kind."""
    return {tolerance.kind: tolerance for tolerance in tolerances if tolerance.covers(pointer)}
