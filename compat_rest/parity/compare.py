"""Compares an answer of the new server with the one that the old server gave."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from compat_rest.parity.headers import Headers
from compat_rest.parity.identities import Identities
from compat_rest.parity.leaves import Leaves
from compat_rest.parity.messages import Answer
from compat_rest.parity.noise import Noise, step_names
from compat_rest.parity.tolerance import Tolerance, at
from compat_rest.parity.tree import NotJson, Tree, parse

__all__ = ["Answer", "Difference", "Identities", "Noise", "Tolerance", "differences"]


@dataclass(frozen=True)
class Difference:
    """One place where two answers disagree; None stands for nothing at that place."""

    pointer: str
    old: str | None
    new: str | None
    note: str = ""


def differences(
    old: Answer,
    new: Answer,
    *,
    tolerances: Sequence[Tolerance] = (),
    noise: Noise | None = None,
    identities: Identities | None = None,
) -> list[Difference]:
    """Every difference between two answers that neither noise nor a tolerance allows.

    `identities` is one renaming for all answers of a recording: hand the same object to every call.
    """
    leaves = Leaves(tolerances, noise or Noise.none(), identities if identities is not None else Identities())
    return _Comparison(old, new, leaves).run()


@dataclass
class _Comparison:
    old: Answer
    new: Answer
    leaves: Leaves
    found: list[Difference] = field(default_factory=list)

    def report(self, pointer: str, old: str | None, new: str | None, note: str = "") -> None:
        self.found.append(Difference(pointer, old, new, note))

    def run(self) -> list[Difference]:
        if self.old.status != self.new.status:
            self.report("/status", str(self.old.status), str(self.new.status))
        if 0 in (self.old.status, self.new.status):
            return self.found
        before = len(self.found)
        self.body()
        if len(self.found) > before:
            body = "different"
        else:
            body = "equal" if self.old.body == self.new.body else "tolerated"
        Headers(self.old, self.new, self.leaves, self.report).compare(body)
        return self.found

    def body(self) -> None:
        old_text, new_text = (_text(answer.body) for answer in (self.old, self.new))
        try:
            left, right = parse(old_text), parse(new_text)
        except NotJson:
            self.text(old_text, new_text)
            return
        before = len(self.found)
        expected = left[0] + self.merge("/body", left[1], right[1]) + left[2]
        if len(self.found) == before and expected != new_text:
            self.report("/body", expected, new_text, "the same values in other bytes")

    def text(self, old: str, new: str) -> None:
        """A body that is no JSON: equal but for noise, or any text where the contract lets it differ."""
        allowed = at(self.leaves.tolerances, "").keys() & {"value", "volatile"}
        if old != new and not allowed and not self.leaves.texts_agree("/body", old, new):
            self.report("/body", old, new)

    def merge(self, pointer: str, old: Tree, new: Tree, inherited: frozenset[str] = frozenset()) -> str:
        """The text that the new value must have: the old one's, with what may differ taken from the new."""
        allowed = at(self.leaves.tolerances, pointer.removeprefix("/body"))
        if "value" in allowed and old.kind == new.kind:
            return new.raw
        if old.kind != new.kind or old.kind not in ("object", "array"):
            wrong = self.leaves.agree(pointer, old, new, inherited)
            if wrong is not None:
                self.report(pointer, old.raw, new.raw, wrong)
            return new.raw if wrong is None else old.raw
        inherited |= allowed.keys() & {"volatile"}
        if old.kind == "array":
            return self.array(pointer, old, new, "order" in allowed, inherited)
        return self.object(pointer, old, new, "order" in allowed, inherited)

    def object(self, pointer: str, old: Tree, new: Tree, any_order: bool, inherited: frozenset[str]) -> str:
        if len(set(old.names)) < len(old.names) or len(set(new.names)) < len(new.names):
            if old.raw != new.raw:
                self.report(pointer, old.raw, new.raw, "a key stands twice")
            return old.raw
        places = dict(zip(old.names, step_names(old), strict=True))
        added = self.keys(pointer, old, new)
        common = [name for name in new.names if name in places]
        if not any_order and common != [name for name in old.names if name in new.names]:
            left, right = (", ".join(side.names) for side in (old, new))
            self.report(pointer, left, right, "the keys stand in another order")
        parts = []
        for index, (key, name) in enumerate(new.keys):
            if name in places:
                was = old.names.index(name)
                place = f"{pointer}/{places[name]}"
                value = self.merge(place, old.children[was], new.children[index], inherited)
                parts.append(old.keys[was][0] + old.colons[was] + value)
            elif name in added:
                colon = old.colons[0] if old.colons else new.colons[index]
                parts.append(key + colon + new.children[index].raw)
        return _joined("{", parts, "}", old, new)

    def keys(self, pointer: str, old: Tree, new: Tree) -> set[str]:
        """Reports keys that are gone, undeclared or not added though declared; gives those rightly added."""
        for name, step in zip(old.names, step_names(old), strict=True):
            if name not in new.names:
                self.report(f"{pointer}/{step}", old.children[old.names.index(name)].raw, None, "gone")
        added = set()
        for name, step, child in zip(new.names, step_names(new), new.children, strict=True):
            if name in old.names:
                continue
            if "added" in at(self.leaves.tolerances, f"{pointer}/{step}".removeprefix("/body")):
                added.add(name)
            else:
                self.report(f"{pointer}/{step}", None, child.raw, "not declared as added")
        for name in self.declared(pointer) - set(old.names) - added:
            self.report(f"{pointer}/{name}", None, None, "declared as added, and not there")
        return added

    def declared(self, pointer: str) -> set[str]:
        within = pointer.removeprefix("/body")
        added = (one.pointer.rpartition("/") for one in self.leaves.tolerances if one.kind == "added")
        return {name for parent, _, name in added if Tolerance(parent, "added", "").covers(within)}

    def array(self, pointer: str, old: Tree, new: Tree, any_order: bool, inherited: frozenset[str]) -> str:
        if len(old.children) != len(new.children):
            note = f"{len(old.children)} items became {len(new.children)}"
            self.report(pointer, old.raw, new.raw, note)
            return old.raw
        in_order = list(range(len(new.children)))
        order = self.matched(pointer, old, new, inherited) if any_order else in_order
        parts = [
            self.merge(f"{pointer}/{was}", old.children[was], child, inherited)
            for was, child in zip(order, new.children, strict=True)
        ]
        return _joined("[", parts, "]", old, new)

    def matched(self, pointer: str, old: Tree, new: Tree, inherited: frozenset[str]) -> list[int]:
        """For each new item the old one that it stands for; items that fit none keep what is left."""
        identities = self.leaves.identities.copy()
        free = list(range(len(old.children)))
        order: list[int | None] = []
        for child in new.children:
            for was in free:
                if self.fits(f"{pointer}/{was}", old.children[was], child, inherited, identities):
                    order.append(was)
                    free.remove(was)
                    break
            else:
                order.append(None)
        return [free.pop(0) if was is None else was for was in order]

    def fits(
        self, pointer: str, old: Tree, new: Tree, inherited: frozenset[str], identities: Identities
    ) -> bool:
        tried = identities.copy()
        leaves = Leaves(self.leaves.tolerances, self.leaves.noise, tried)
        attempt = _Comparison(self.old, self.new, leaves)
        if attempt.merge(pointer, old, new, inherited) != new.raw or attempt.found:
            return False
        identities.take(tried)
        return True


def _joined(start: str, parts: list[str], end: str, old: Tree, new: Tree) -> str:
    if not parts or not old.children:
        return new.raw if parts or new.children else old.raw
    between = old.glue[1:-1] or new.glue[1:-1]
    separators = [between[min(index, len(between) - 1)] for index in range(len(parts) - 1)] if between else []
    text = "".join(part + glue for part, glue in zip(parts, [*separators, old.glue[-1]], strict=True))
    return start + old.glue[0] + text + end


def _text(body: bytes) -> str:
    # Latin-1 keeps every byte apart where a body is not UTF-8.
    try:
        return body.decode()
    except UnicodeDecodeError:
        return body.decode("latin-1")
