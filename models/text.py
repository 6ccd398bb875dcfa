"""Text and whole numbers that the store can hold."""

import re
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from models.errors import Unfit


@dataclass(frozen=True)
class Bounds:
    """Whole numbers of a width; unlike a range it never searches, whatever it is asked for."""

    low: int
    high: int

    def __contains__(self, value: object) -> bool:
        return isinstance(value, int) and self.low <= value <= self.high


INT = Bounds(-(2**31), 2**31 - 1)
BIGINT = Bounds(-(2**63), 2**63 - 1)
SURROGATE = re.compile("[\ud800-\udfff]")


def well_formed(value: str) -> str:
    """The text with U+FFFD for each half of a surrogate pair, as Node writes it in UTF-8."""
    return SURROGATE.sub("\ufffd", value)


def encodable(value: Any) -> Any:
    """What is to be stored, with every text in it well formed."""
    if isinstance(value, str):
        # A member of an enum is stored by its value, which is well formed.
        return well_formed(value) if type(value) is str else value
    if isinstance(value, dict):
        return {name: encodable(member) for name, member in value.items()}
    return [encodable(member) for member in value] if isinstance(value, list) else value


def unstorable(value: str) -> str | None:
    """Why a text cannot be stored, or None when it can."""
    if "\0" in value:
        return "it holds a NUL character"
    if SURROGATE.search(value):
        return "it holds half of a surrogate pair"
    return None


def storable(value: str, name: str) -> str:
    """The text itself; raises Unfit when the store cannot hold it."""
    if reason := unstorable(value):
        raise Unfit(name, reason)
    return value


def judged(unfit: Collection[str]) -> None:
    """Raises Unfit for the first name whose value nothing could be made of on its way here."""
    for name in unfit:
        raise Unfit(name, "nothing that is stored can be made of it")


def bigint(value: int, name: str) -> int:
    """The number itself; raises Unfit beyond 64 bits."""
    if value not in BIGINT:
        raise Unfit(name, "it is beyond 64 bits")
    return value
