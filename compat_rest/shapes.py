"""Shapes: the objects of an answer that a plan can write in the contract's form by itself."""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from graphql import get_named_type

from compat_rest.contract.expressions import Scope
from compat_rest.scalars import Printed
from compat_rest.selection import Composite, Selected
from schema.execution.shape import Member as Printing
from schema.execution.shape import Path, Shape

Write = Callable[[Any, Scope], Any]
# What stands for null, by the enclosing object.
Absent = Callable[[Any], Any]


class Member(NamedTuple):
    """How one property is written: what it is read by, how it is printed, and what stands for null."""

    name: str
    # The key in the enclosing object, where it is read from there and nowhere else.
    key: str | None
    get: Write
    print_: Write | None = None
    absent: Absent = lambda value: None


def null(value: Any) -> None:
    """What stands for null where null is written."""
    return None


class Candidate(NamedTuple):
    """An object that a plan could write, if it can write those inside it."""

    members: tuple[Printing, ...]
    inside: frozenset[Path]


@dataclass
class Shapes:
    """Collects the objects of one answer while they are compiled."""

    steps: Counter[Path] = field(default_factory=Counter)
    places: Counter[Path] = field(default_factory=Counter)
    candidates: dict[Path, Candidate] = field(default_factory=dict)

    def step(self, place: Selected) -> None:
        """Notes that a pointer leads through a place."""
        if place.path is not None:
            self.steps[place.path] += 1

    def note(self, place: Selected, members: Iterable[Member]) -> None:
        """Notes an object that is written, and whether a plan could do that."""
        if not place.path:
            return
        self.places[place.path] += 1
        candidate = _candidate(place, list(members))
        if candidate is not None:
            self.candidates[place.path] = candidate

    def shape(self) -> Shape:
        """The objects that are written once, completely, and by nothing else than their own properties."""
        chosen = {path: each for path, each in self.candidates.items() if self._is_alone(path, each)}
        while True:
            whole = {path: each for path, each in chosen.items() if each.inside <= chosen.keys()}
            if len(whole) == len(chosen):
                return {path: each.members for path, each in whole.items()}
            chosen = whole

    def _is_alone(self, path: Path, candidate: Candidate) -> bool:
        once = all(self.steps[*path, member.key] == 1 for member in candidate.members)
        return once and self.places[path] == 1


def _candidate(place: Selected, members: list[Member]) -> Candidate | None:
    written, inside = [], set()
    for member in members:
        below = place.keys.get(member.key) if member.key is not None else None
        if below is None or not below.path or not below.always or member.absent is not null:
            return None
        print_ = None
        if isinstance(get_named_type(below.type), Composite):
            inside.add(below.path)
        elif isinstance(member.print_, Printed):
            print_ = member.print_.printer
        elif member.print_ is not None:
            return None
        written.append(Printing(below.path[-1], member.name, print_))
    # A key that is written twice or not at all would be missed, or be too much.
    if sorted(each.key for each in written) != sorted(place.keys) or "__typename" in place.keys:
        return None
    return Candidate(tuple(written), frozenset(inside))
