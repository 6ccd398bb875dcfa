"""Compares the headers of two answers."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from compat_rest.parity.leaves import Leaves
from compat_rest.parity.messages import Answer
from compat_rest.parity.noise import FOLLOWING_HEADERS, IGNORED_HEADERS, SET_HEADERS
from compat_rest.parity.texts import Kind, Piece, pieces
from compat_rest.parity.tolerance import at

# Seconds until a limit is lifted: how many are left depends on how long the steps before took.
COUNTDOWNS = frozenset({"ratelimit-reset", "retry-after"})

Report = Callable[[str, str | None, str | None, str], None]


@dataclass(frozen=True)
class Headers:
    """The headers of two answers, side by side; every disagreement goes to `report`."""

    old: Answer
    new: Answer
    leaves: Leaves
    report: Report

    def compare(self, body: str) -> None:
        """Reports every header that differs; `body` is `equal`, `tolerated` or `different`."""
        names = {name.lower() for name, _ in (*self.old.headers, *self.new.headers)}
        for name in sorted(names - IGNORED_HEADERS):
            if at(self.leaves.tolerances, f"header:{name}").keys() & {"volatile", "value", "added"}:
                continue
            old, new = self.old.values(name), self.new.values(name)
            if name in SET_HEADERS and old and new:
                self.as_sets(name, old, new)
            elif len(old) != len(new):
                self.count_differs(name, old, new)
            else:
                for index, (left, right) in enumerate(zip(old, new, strict=True)):
                    self.one(name, index, left, right, body)

    def count_differs(self, name: str, old: Sequence[str], new: Sequence[str]) -> None:
        left, right = ", ".join(old) if old else None, ", ".join(new) if new else None
        self.report(f"/headers/{name}", left, right, "")

    def as_sets(self, name: str, old: Sequence[str], new: Sequence[str]) -> None:
        left, right = ({part.strip() for value in side for part in value.split(",")} for side in (old, new))
        if left != right:
            self.report(f"/headers/{name}", ", ".join(old), ", ".join(new), "as a set")

    def one(self, name: str, index: int, old: str, new: str, body: str) -> None:
        if name in FOLLOWING_HEADERS:
            agrees = self.follows(name, index, old, new, body)
        elif name == "set-cookie":
            return self.set_cookie(index, old, new)
        elif name in COUNTDOWNS and old.isdigit() and new.isdigit():
            agrees = self.leaves.noise.clocks.seconds_apart(int(old), int(new))
        else:
            agrees = old == new or self.leaves.texts_agree(f"/headers/{name}/{index}", old, new)
        if not agrees:
            self.report(f"/headers/{name}", old, new, "")

    def follows(self, name: str, index: int, old: str, new: str, body: str) -> bool:
        """Whether a header that describes the body differs only because the body is allowed to."""
        if old == new:
            return True
        if name == "content-length" and self.new.header("content-encoding"):
            # Compressed sizes depend on the version of zlib.
            return self.old.header("content-encoding") is not None and new.isdigit()
        if body == "equal":
            # HEAD describes a body that is not there to be compared.
            hidden = not self.old.body and not self.new.body
            tolerated = bool(self.leaves.tolerances) and same_shape(old, new)
            return hidden and (tolerated or self.leaves.texts_agree(f"/headers/{name}/{index}", old, new))
        # A body that differs is reported itself; its length and tag are not a second finding.
        if name == "content-length":
            return new == str(len(self.new.body))
        return same_shape(old, new)

    def set_cookie(self, index: int, old: str, new: str) -> None:
        left, right = attributes(old), attributes(new)
        place = f"/headers/set-cookie/{index}"
        for name in sorted(left.keys() | right.keys()):
            then, now = left.get(name), right.get(name)
            wrong = "" if then == now else self.attribute(place, name, then, now)
            if wrong:
                self.report(f"{place}/{name}" if name else place, then, now, wrong)

    def attribute(self, place: str, name: str, old: str | None, new: str | None) -> str:
        if old is None or new is None:
            return "gone" if new is None else "not there before"
        if name == "":
            return self.leaves.why_cookies_differ(old, new)
        left, right = Piece("http", old), Piece("http", new)
        moves = name == "expires" and Kind.CLOCK in self.leaves.noise.at(place)
        if moves and pieces(old) == [left] and pieces(new) == [right]:
            return "" if self.leaves.noise.clocks.agree(left, right) else "out of time"
        return "another value"


def same_shape(old: str, new: str) -> bool:
    """Whether two texts have one form, whatever their values."""
    return [piece.shape for piece in pieces(old)] == [piece.shape for piece in pieces(new)]


def attributes(header: str) -> dict[str, str]:
    """The parts of a Set-Cookie header by lower-case name; the cookie itself stands under ""."""
    return dict(_attributes(header))


def _attributes(header: str) -> Iterator[tuple[str, str]]:
    first, *rest = header.split(";")
    yield "", first
    for part in rest:
        name, separator, value = part.strip().partition("=")
        yield name.lower(), value if separator else "(set)"
