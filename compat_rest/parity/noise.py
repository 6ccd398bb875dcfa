"""Noise: what two runs of the old server differ in, and so what one answer cannot promise."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Self

from compat_rest.parity.identities import holds_id
from compat_rest.parity.messages import Answer
from compat_rest.parity.texts import Clocks, Kind, pairs
from compat_rest.parity.tree import NotJson, Tree, parse

IGNORED_HEADERS = frozenset({"server", "date", "connection", "keep-alive"})
# They follow the body, and are judged with it.
FOLLOWING_HEADERS = frozenset({"content-length", "etag"})
SET_HEADERS = frozenset({"allow", "vary"})


@dataclass(frozen=True)
class Noise:
    """The places of an answer that may move, each with the kinds of value that move there.

    `unproven` are places where two runs differ in something that is no clock, signature, id or
    measurement; they are not allowed to move. `secret` checks the signature of new cookies.
    """

    kinds: Mapping[str, frozenset[Kind]] = field(default_factory=dict)
    everywhere: frozenset[Kind] = frozenset()
    unproven: tuple[str, ...] = ()
    clocks: Clocks = Clocks()
    secret: str | None = None

    def at(self, pointer: str) -> frozenset[Kind]:
        """The kinds of value that may move at a place."""
        return self.kinds.get(pointer, frozenset()) | self.everywhere

    def moved(self, shift: timedelta, window: timedelta, secret: str | None = None) -> Self:
        """The same noise for a run that started `shift` later."""
        return replace(self, clocks=Clocks(shift, window), secret=secret)

    @classmethod
    def none(cls) -> Self:
        """Nothing moves but the signatures of session cookies, which hold the second of signing."""
        return cls()

    @classmethod
    def by_form(
        cls,
        *,
        shift: timedelta = timedelta(),
        window: timedelta = timedelta(seconds=10),
        secret: str | None = None,
    ) -> Self:
        """For two servers asked at nearly the same time: clocks near each other may differ anywhere."""
        return cls(everywhere=frozenset({Kind.CLOCK}), clocks=Clocks(shift, window), secret=secret)

    @classmethod
    def between(cls, a: Answer, b: Answer) -> Self:
        """What two answers of the old server to one request differ in."""
        kinds: dict[str, frozenset[Kind]] = {}
        unproven: list[str] = []
        for pointer, old, new in _moving(a, b):
            found = _kinds(pointer, old, new)
            if found:
                kinds[pointer] = found
            else:
                unproven.append(pointer)
        return cls(kinds, unproven=tuple(unproven))


def _kinds(pointer: str, old: str, new: str) -> frozenset[Kind]:
    found = pairs(old, new)
    kinds = {left.kind for left, right in found or [] if left.text != right.text}
    if found is None or None in kinds:
        return frozenset()
    if Kind.MEASURE in kinds and holds_id(pointer):
        kinds = kinds - {Kind.MEASURE} | {Kind.ID}
    return frozenset(kind for kind in kinds if kind is not None)


def _moving(a: Answer, b: Answer) -> Iterator[tuple[str, str, str]]:
    if a.status != b.status:
        yield "/status", "status", "other status"
    yield from _moving_headers(a, b)
    if a.body == b.body:
        return
    try:
        left, right = parse(a.body.decode()), parse(b.body.decode())
    except (NotJson, UnicodeDecodeError):
        yield "/body", a.body.decode("latin-1"), b.body.decode("latin-1")
    else:
        yield from _moving_leaves("/body", left[1], right[1])


def _moving_headers(a: Answer, b: Answer) -> Iterator[tuple[str, str, str]]:
    names = {name.lower() for name, _ in (*a.headers, *b.headers)}
    # The answer to HEAD describes a body that is not there to be compared.
    judged = FOLLOWING_HEADERS if a.body or b.body else frozenset()
    for name in sorted(names - IGNORED_HEADERS - judged - SET_HEADERS):
        left, right = a.values(name), b.values(name)
        if len(left) != len(right):
            yield f"/headers/{name}", "header", "no header"
            continue
        for index, (old, new) in enumerate(zip(left, right, strict=True)):
            if old != new:
                yield f"/headers/{name}/{index}", old, new


def _moving_leaves(pointer: str, a: Tree, b: Tree) -> Iterator[tuple[str, str, str]]:
    if a.raw == b.raw:
        return
    if a.kind != b.kind or a.names != b.names or len(a.children) != len(b.children):
        yield pointer, a.kind, f"another {b.kind}"
    elif a.kind in ("object", "array"):
        for name, left, right in zip(step_names(a), a.children, b.children, strict=True):
            yield from _moving_leaves(f"{pointer}/{name}", left, right)
    else:
        yield pointer, a.raw, b.raw


def step_names(tree: Tree) -> list[str]:
    """The last pointer step of each child of a container."""
    if tree.kind == "array":
        return [str(index) for index in range(len(tree.children))]
    return [name.replace("~", "~0").replace("/", "~1") for name in tree.names]
