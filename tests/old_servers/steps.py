"""A generated request before it is sent: its cookie is told by origin, so that each server gets its own."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from compat_rest.parity.cookies import sign
from compat_rest.parity.messages import Headers, Request

Damage = Literal["none", "flip", "lower", "cut", "swap", "unsigned"]
BASE64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
FOREIGN = "the secret of another application"


@dataclass(frozen=True)
class Issued:
    """The cookie of an earlier answer of this session, counted from the latest."""

    back: int = 0


@dataclass(frozen=True)
class Crafted:
    """A cookie signed by hand, so many seconds ago."""

    payload: bytes
    age: int = 0
    foreign: bool = False
    compressed: bool = False
    leading_zero: bool = False
    salt: str = "cookie-session"
    digest: str = "sha1"

    def signed(self, secret: str, now: int) -> str:
        """The cookie's value, if it is `now`."""
        return sign(
            self.payload,
            FOREIGN if self.foreign else secret,
            now - self.age,
            salt=self.salt,
            digest=self.digest,
            compressed=self.compressed,
            leading_zero=self.leading_zero,
        )


@dataclass(frozen=True)
class Cookie:
    """A Cookie header: a value, what happened to it, and what stands around it."""

    source: Issued | Crafted | None
    template: str = "session={value}"
    damage: Damage = "none"


@dataclass(frozen=True)
class Step:
    """One request of a session; its cookie and what frames its body become headers when it is sent."""

    method: str
    target: str
    headers: Headers = ()
    body: bytes | None = None
    chunked: bool = False
    cookie: Cookie | None = None

    def request(self, value: str | None) -> Request:
        """The exact request, given the value that its cookie has on the server in question."""
        line = f"{self.method} {self.target} HTTP/1.1"
        headers = (*self.headers, *self._cookie(value))
        if self.body is None:
            return Request(line, headers)
        if self.chunked:
            return Request(line, (*headers, ("Transfer-Encoding", "chunked")), chunks(self.body))
        return Request(line, (*headers, ("Content-Length", str(len(self.body)))), self.body)

    def _cookie(self, value: str | None) -> Headers:
        if self.cookie is None or (self.cookie.source is not None and value is None):
            return ()
        return (
            ("Cookie", self.cookie.template.replace("{value}", damaged(value or "", self.cookie.damage))),
        )


def chunks(body: bytes, size: int = 17) -> bytes:
    """The body in small pieces, as HTTP/1.1 frames them."""
    pieces: Iterable[bytes] = (body[start : start + size] for start in range(0, len(body), size))
    return b"".join(b"%x\r\n%s\r\n" % (len(piece), piece) for piece in pieces) + b"0\r\n\r\n"


def damaged(value: str, damage: Damage) -> str:
    """The value after the damage; an empty one stays empty."""
    if not value or damage == "none":
        return value
    if damage == "flip":
        # The last character of a signature has unused bits: another spelling of the same bytes.
        return value[:-1] + BASE64[BASE64.index(value[-1]) ^ 1]
    if damage == "lower":
        return value.lower()
    if damage == "cut":
        return value[:-4]
    if damage == "unsigned":
        return value.rpartition(".")[0]
    return value[:3] + ("A" if value[3] != "A" else "B") + value[4:]
