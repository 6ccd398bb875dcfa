"""The parts of a text that move from one run to the next: clocks, signatures, ids, measurements."""

import base64
import binascii
import json
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from enum import StrEnum


class Kind(StrEnum):
    """Why a value may move; nothing else moves."""

    CLOCK = "clock"
    SIGNATURE = "signature"
    ID = "id"
    MEASURE = "measure"


_FORMS = (
    ("jwt", r"(?<![\w-])eyJ[\w-]+\.eyJ[\w-]+\.[\w-]*"),
    ("cookie", r"(?<![\w.-])\.?[\w-]{4,}\.[\w-]{5,8}\.[\w-]{27}(?![\w.-])"),
    ("uuid", r"(?<![0-9A-Za-z])[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}(?![0-9A-Za-z])"),
    ("objectid", r"(?<![0-9A-Za-z])[0-9a-f]{24}(?![0-9A-Za-z])"),
    ("iso", r"(?<!\d)\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:?\d\d)?)?(?!\d)"),
    ("http", r"[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT"),
    ("etag", r"(?:W/)?\"[0-9a-f]+-[A-Za-z0-9+/]{27}\""),
    ("opaque", r"(?<![\w-])[A-Za-z0-9]{32,}(?![\w-])"),
    ("number", r"\d+(?:\.\d+)?"),
)
_TOKENS = re.compile("|".join(f"(?P<{name}>{pattern})" for name, pattern in _FORMS))
_KINDS = {
    "jwt": Kind.SIGNATURE,
    "cookie": Kind.SIGNATURE,
    "etag": Kind.SIGNATURE,
    "opaque": Kind.SIGNATURE,
    "uuid": Kind.ID,
    "objectid": Kind.ID,
    "iso": Kind.CLOCK,
    "http": Kind.CLOCK,
    "number": Kind.MEASURE,
}


@dataclass(frozen=True)
class Piece:
    """A part of a text: a literal (form "") or something that may move."""

    form: str
    text: str

    @property
    def kind(self) -> Kind | None:
        return _KINDS.get(self.form)

    @property
    def shape(self) -> str:
        """What the piece looks like with its value taken out; equal shapes are one text form."""
        if self.form == "iso":
            return iso_shape(self.text)
        if self.form == "number":
            return "number.fraction" if "." in self.text else "number"
        if self.form == "opaque":
            return f"opaque {len(self.text)}"
        return self.form


def pieces(text: str) -> list[Piece]:
    """A text cut into what may move and what may not."""
    found, end = [], 0
    for match in _TOKENS.finditer(text):
        if match.start() > end:
            found.append(Piece("", text[end : match.start()]))
        found.append(Piece(match.lastgroup or "", match[0]))
        end = match.end()
    return [*found, Piece("", text[end:])] if end < len(text) else found


def pairs(old: str, new: str) -> list[tuple[Piece, Piece]] | None:
    """The pieces of two texts side by side, or None when the texts are not of one form."""
    left, right = pieces(old), pieces(new)
    if [piece.shape for piece in left] != [piece.shape for piece in right]:
        return None
    return list(zip(left, right, strict=True))


def iso_shape(text: str) -> str:
    """The text form of an ISO 8601 clock: separator, digits of the fraction, form of the zone."""
    match = re.fullmatch(r"[\d-]{10}(?:([T ])[\d:]{8}(?:\.(\d+))?(.*))?", text)
    if match is None or match[1] is None:
        return "iso date"
    digits = len(match[2] or "")
    # Python's isoformat leaves the fraction out when the microseconds happen to be zero.
    python = match[1] == "T" and match[3] != "Z" and digits in (0, 6)
    return f"iso {match[1]} {'0 or 6' if python else digits} {re.sub(r'[0-9]', '0', match[3])}"


def instant(piece: Piece) -> datetime | None:
    """The instant that a clock's text names, or None when it names none."""
    try:
        read = (
            parsedate_to_datetime(piece.text) if piece.form == "http" else datetime.fromisoformat(piece.text)
        )
    except ValueError:
        return None
    return read if read.tzinfo else read.replace(tzinfo=UTC)


@dataclass(frozen=True)
class Clocks:
    """How far clocks have moved between two runs; without a shift any two clocks of one form agree."""

    shift: timedelta | None = None
    window: timedelta = timedelta(seconds=60)

    def agree(self, old: Piece, new: Piece) -> bool:
        """Whether a clock has moved as far as the run it belongs to."""
        if self.shift is None or old.text == new.text:
            return True
        then, now = instant(old), instant(new)
        if then is None or now is None:
            return False
        slack = timedelta(days=1) if old.shape == "iso date" else timedelta()
        return abs(now - then - self.shift) <= self.window + slack

    def within(self, seconds: float) -> "Clocks":
        """The same shift with another window."""
        return Clocks(self.shift or timedelta(), timedelta(seconds=seconds))

    def seconds_apart(self, old: int, new: int) -> bool:
        """Whether two countdowns are as near to each other as clocks have to be."""
        return abs(new - old) <= self.window.total_seconds()

    def seconds_agree(self, old: float, new: float) -> bool:
        """The same for a clock that counts seconds."""
        return (
            self.shift is None or abs(new - old - self.shift.total_seconds()) <= self.window.total_seconds()
        )


def claims(token: str) -> tuple[object, object] | None:
    """The header and the claims of a JWT, unverified, or None when they cannot be read."""
    try:
        head, body = (
            json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
            for part in token.split(".")[:2]
        )
    except (ValueError, binascii.Error):
        return None
    return head, body
