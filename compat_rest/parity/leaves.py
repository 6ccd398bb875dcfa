"""Decides whether one value of a new answer may stand where the old one stood."""

from collections.abc import Sequence
from dataclasses import dataclass

from compat_rest.parity import cookies
from compat_rest.parity.identities import Identities, holds_id, space_of
from compat_rest.parity.noise import Noise
from compat_rest.parity.texts import Kind, Piece, claims, pairs
from compat_rest.parity.tolerance import Tolerance, at
from compat_rest.parity.tree import NotJson, Tree, parse

# Claims that hold a second, and the claim that is random by design.
_SECONDS = frozenset({"iat", "exp", "nbf", "auth_time"})
_RANDOM = frozenset({"jti"})


@dataclass
class Leaves:
    """What is allowed to differ, applied to single values."""

    tolerances: Sequence[Tolerance]
    noise: Noise
    identities: Identities

    def agree(self, pointer: str, old: Tree, new: Tree, inherited: frozenset[str]) -> str | None:
        """None when the new leaf may stand for the old one, else what is wrong, in a few words."""
        allowed = at(self.tolerances, pointer.removeprefix("/body"))
        if "identity" in allowed:
            return self.identity(pointer, old, new)
        if old.raw == new.raw:
            return self.steady_id(pointer, old)
        if old.kind != new.kind:
            return f"{old.kind} became {new.kind}"
        kinds = set(allowed) | inherited
        if "value" in kinds or ("volatile" in kinds and self.same_form(old, new)):
            return None
        near = allowed.get("near")
        if near is not None and self.near(near, old, new):
            return None
        return self.by_noise(pointer, old, new)

    def steady_id(self, pointer: str, old: Tree) -> str | None:
        # An id that moves elsewhere in the recording must move here too.
        if Kind.ID in self.noise.at(pointer):
            return self.identity(pointer, old, old)
        if old.kind == "string" and self.stale(old.raw):
            return "an id that the new server replaced by another"
        return None

    def stale(self, raw: str) -> bool:
        found = pairs(raw, raw) or []
        known = ((left.text, self.identities.known(left.text)) for left, _ in found if left.kind is Kind.ID)
        return any(renamed not in (None, text) for text, renamed in known)

    def identity(self, pointer: str, old: Tree, new: Tree) -> str | None:
        if old.form != new.form:
            return f"{old.form} became {new.form}"
        found = pairs(old.raw, new.raw) if old.kind == "string" else None
        if found is not None and any(piece.kind is Kind.ID for piece, _ in found):
            agrees = all(self.piece_agrees(pair, {Kind.ID}) for pair in found)
        else:
            space = space_of(pointer) if old.kind == "number" else ""
            agrees = old.kind in ("string", "number") and self.identities.match(old.raw, new.raw, space)
        return None if agrees else "not the id that stands for the old one elsewhere"

    def same_form(self, old: Tree, new: Tree) -> bool:
        if old.kind != "string":
            return old.form == new.form
        left, right = (
            [piece.shape for piece, _ in pairs(side.raw, side.raw) or [] if piece.kind] for side in (old, new)
        )
        return left == right

    def near(self, tolerance: Tolerance, old: Tree, new: Tree) -> bool:
        within = tolerance.within or 0.0
        if old.kind == "number":
            return old.form == new.form and abs(float(old.raw) - float(new.raw)) <= within
        found = pairs(old.raw, new.raw) if old.kind == "string" else None
        return found is not None and all(self.near_piece(pair, within) for pair in found)

    def near_piece(self, pair: tuple[Piece, Piece], within: float) -> bool:
        from_old, from_new = pair
        if from_old.text == from_new.text:
            return True
        return from_old.kind is Kind.CLOCK and self.noise.clocks.within(within).agree(from_old, from_new)

    def by_noise(self, pointer: str, old: Tree, new: Tree) -> str | None:
        kinds = self.noise.at(pointer)
        if old.kind == "number":
            return self.number(pointer, kinds, old, new)
        if old.kind == "string" and self.texts_agree(pointer, old.raw, new.raw):
            return None
        if old.kind == "string" and old.value == new.value:
            return "the same text, escaped in another way"
        return "a clock or id of another form, or out of time" if kinds else "another value"

    def number(self, pointer: str, kinds: frozenset[Kind], old: Tree, new: Tree) -> str | None:
        if old.form != new.form:
            return f"{old.form} became {new.form}"
        if Kind.MEASURE in kinds:
            return None
        if Kind.ID in kinds:
            return self.identity(pointer, old, new)
        return "the same number in another form" if float(old.raw) == float(new.raw) else "another value"

    def texts_agree(self, pointer: str, old: str, new: str) -> bool:
        """Whether two texts differ only in what may move at this place."""
        kinds = set(self.noise.at(pointer))
        found = pairs(old, new)
        return found is not None and all(self.piece_agrees(pair, kinds, pointer) for pair in found)

    def piece_agrees(self, pair: tuple[Piece, Piece], kinds: set[Kind], pointer: str = "") -> bool:
        old, new = pair
        if old.kind is Kind.ID and Kind.ID in kinds:
            return self.identities.match(old.text, new.text)
        if old.text == new.text:
            return True
        if old.kind is Kind.MEASURE and Kind.ID in kinds and holds_id(pointer):
            return self.identities.match(old.text, new.text, space_of(pointer))
        if old.kind is None or old.kind not in kinds:
            return False
        if old.kind is Kind.CLOCK:
            return self.noise.clocks.agree(old, new)
        if old.form == "jwt":
            return self.tokens_agree(old.text, new.text)
        return old.form != "cookie" or self.cookies_agree(old.text, new.text)

    def tokens_agree(self, old: str, new: str) -> bool:
        """Whether two JWT say the same, their times moved as far as the clocks."""
        then, now = claims(old), claims(new)
        if then is None or now is None or then[0] != now[0]:
            return then == now
        before, after = then[1], now[1]
        if not isinstance(before, dict) or not isinstance(after, dict) or list(before) != list(after):
            return before == after
        return all(self.claim_agrees(name, before[name], after[name]) for name in before)

    def claim_agrees(self, name: str, old: object, new: object) -> bool:
        if old == new or name in _RANDOM:
            return True
        if name in _SECONDS and isinstance(old, int | float) and isinstance(new, int | float):
            return self.noise.clocks.seconds_agree(old, new)
        return isinstance(old, str) and isinstance(new, str) and self.identities.known(old) == new

    def cookies_agree(self, old: str, new: str) -> bool:
        """Whether two session cookies (`name=value` or the value) carry one payload, freshly signed."""
        return old == new or self.why_cookies_differ(old, new) == ""

    def why_cookies_differ(self, old: str, new: str) -> str:
        """What is wrong with a new session cookie, in a few words; empty when nothing is."""
        (old_name, _, old_value), (new_name, _, new_value) = (_split(side) for side in (old, new))
        then, now = cookies.SIGNED.fullmatch(old_value), cookies.SIGNED.fullmatch(new_value)
        if old_name != new_name or then is None or now is None:
            return "not the same cookie, signed again"
        if then["payload"] != now["payload"] and not self.payloads_agree(old_value, new_value):
            return "another payload"
        before, after = cookies.signed_second(old_value), cookies.signed_second(new_value)
        if before is None or after is None or not self.noise.clocks.seconds_agree(before, after):
            return "signed at a time that is not now"
        if self.noise.secret is not None and not cookies.verified(new_value, self.noise.secret):
            return "a signature that the old server would refuse"
        return ""

    def payloads_agree(self, old: str, new: str) -> bool:
        then, now = cookies.payload_of(old), cookies.payload_of(new)
        if then is None or now is None or old.startswith(".") != new.startswith("."):
            return False
        try:
            left, right = (parse(side.decode())[1] for side in (then, now))
        except (NotJson, UnicodeDecodeError):
            return then == now
        if left.kind != "object" or left.names != right.names or left.glue != right.glue:
            return False
        return all(
            before.raw == after.raw or self.identities.known(before.raw, space_of(f"/{name}")) == after.raw
            for name, before, after in zip(left.names, left.children, right.children, strict=True)
        )


def _split(cookie: str) -> tuple[str, str, str]:
    name, separator, value = cookie.partition("=")
    return (name, separator, value) if separator else ("", "", cookie)
