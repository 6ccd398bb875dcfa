"""What an import found and did."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass, field
from itertools import islice
from typing import Any, TypeVar

# Rows of one transaction: enough to be quick, few enough to stay far below a transaction's time limit.
BATCH = 500

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

    `foreign` counts people whom somebody names as a parent, child or spouse and who are in no tree.
    """

    surface: str
    file: str
    state: str | None
    written: dict[str, int] = field(default_factory=dict)
    bad: list[Bad] = field(default_factory=list)
    ignored_columns: dict[str, list[str]] = field(default_factory=dict)
    demo_replaced: bool = False
    foreign: int = 0
    before: dict[str, int] = field(default_factory=dict)
    after: dict[str, int] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """The summary in values that JSON has."""
        return asdict(self)


class Refused(Exception):
    """An import into a database that must not be overwritten; the message says what to do."""


def chunks(items: Iterable[Item], size: int) -> Iterator[list[Item]]:
    """The items in lists of at most `size`."""
    iterator = iter(items)
    while some := list(islice(iterator, size)):
        yield some
