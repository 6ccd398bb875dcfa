"""Flask's session cookie: read, written and ended as Flask 3.1 does, by the library that signs it."""

import hashlib
import json
import time
from base64 import b64decode, b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from itsdangerous import BadPayload, BadSignature, URLSafeTimedSerializer
from markupsafe import Markup
from werkzeug.http import dump_cookie, http_date, parse_date
from werkzeug.sansio.http import parse_cookie

from compat_rest.contract.surfaces import Scheme
from compat_rest.identity.credentials import Recognised
from compat_rest.identity.verified import Verified
from compat_rest.refusal import Refusal

# Flask's PERMANENT_SESSION_LIFETIME, which also bounds how old a signature may be.
LIFETIME = timedelta(days=31)
LIFETIME_SECONDS = int(LIFETIME.total_seconds())


class SessionJson:
    """The JSON of a session: keys sorted, no spaces, ASCII."""

    @staticmethod
    def dumps(value: Any) -> str:
        """The text that is signed."""
        return json.dumps(value, separators=(",", ":"), sort_keys=True)

    @staticmethod
    def loads(text: str | bytes) -> Any:
        """The value of a signed text; raises ValueError when the text is not JSON."""
        return json.loads(text)


class Unreadable(Exception):
    """A cookie that is signed, but holds no session; Flask crashes on it."""


# Flask's tagged JSON (flask/json/tag.py): one-key objects that stand for other types.
_TAGS: dict[str, Callable[[Any], Any]] = {
    " t": tuple,
    " b": b64decode,
    " m": Markup,
    " u": UUID,
    " d": parse_date,
}
_OBJECT = " di"


def untag(value: Any) -> Any:
    """A value with Flask's tags followed; raises Unreadable for a tag that holds something else."""
    if isinstance(value, list):
        return [untag(item) for item in value]
    if not isinstance(value, dict):
        return value
    plain = {key: untag(member) for key, member in value.items()}
    if len(plain) != 1:
        return plain
    key, member = next(iter(plain.items()))
    try:
        if key == _OBJECT:
            inner, held = next(iter(member.items()))
            return {inner[:-2]: held}
        return _TAGS[key](member) if key in _TAGS else plain
    except (ValueError, TypeError, AttributeError, StopIteration):
        raise Unreadable from None


def tag(value: Any) -> Any:
    """A value as Flask's JSON holds it: what JSON has no type for becomes a one-key object."""
    if isinstance(value, dict):
        key = next(iter(value), None)
        if len(value) == 1 and key in (*_TAGS, _OBJECT):
            return {_OBJECT: {f"{key}__": tag(value[key])}}
        return {key: tag(member) for key, member in value.items()}
    if isinstance(value, tuple):
        return {" t": [tag(item) for item in value]}
    if isinstance(value, list):
        return [tag(item) for item in value]
    for kind, key, text in _WRITTEN:
        if isinstance(value, kind):
            return {key: text(value)}
    return value


_WRITTEN: tuple[tuple[type, str, Callable[[Any], str]], ...] = (
    (bytes, " b", lambda value: b64encode(value).decode("ascii")),
    (Markup, " m", str),
    (UUID, " u", lambda value: str(value.hex)),
    (datetime, " d", http_date),
)


@dataclass(slots=True)
class Session:
    """What a session cookie holds, and what became of it while answering."""

    contents: dict[str, Any]
    key: str = ""
    signed: datetime | None = None
    accessed: bool = False
    modified: bool = False
    # The session of another style that a cookie of its own names.
    kept: str = ""

    @property
    def permanent(self) -> bool:
        """Whether Flask signs it anew with every answer."""
        return bool(self.contents.get("_permanent", False))

    @property
    def touched(self) -> bool:
        """Whether an answer may have to say something of it."""
        return self.accessed or self.modified or bool(self.contents)

    def recognised(self) -> Recognised | None:
        """The session as a credential, None when it holds nothing."""
        self.accessed = True
        if not self.contents or self.signed is None:
            return None
        return Recognised(self.contents, self.key, self.signed + LIFETIME, numbered=True)

    def forget(self) -> None:
        """Leaves an anonymous session, as if no cookie had come."""
        self.contents, self.key, self.signed = {}, "", None

    def start(self, values: Mapping[str, Any]) -> None:
        """Lays the values of a new sign-in over what the session holds."""
        self.contents = {**self.contents, **values}
        self.accessed = self.modified = True

    def end(self) -> None:
        """Empties the session; its cookie is deleted."""
        self.forget()
        self.accessed = self.modified = True


@dataclass(frozen=True, slots=True)
class Signed:
    """What a cookie held whose signature is good, and when it was signed, in seconds since 1970 too."""

    contents: Mapping[str, Any]
    key: str
    signed: datetime
    second: int


class SessionCookie:
    """Opens and saves the sessions of one security scheme."""

    def __init__(self, scheme: Scheme) -> None:
        self.scheme = scheme
        self._verified: Verified[Signed] = Verified()
        self._serializer = URLSafeTimedSerializer(
            scheme.secret,
            salt="cookie-session",
            serializer=SessionJson,
            signer_kwargs={"key_derivation": "hmac", "digest_method": hashlib.sha1},
        )

    def open(self, cookies: list[str]) -> Session:
        """The session of the Cookie headers; raises Refusal UNREADABLE_SESSION where Flask crashes."""
        # A name stands in a header as it is, so most headers need not be taken apart.
        if not any(self.scheme.cookie in header for header in cookies):
            return Session({})
        value = parse_cookie(";".join(cookies)).get(self.scheme.cookie)
        if not value:
            return Session({})
        found = self._verified.find(value)
        # Too old, or signed in the future, it is judged anew, as if it had never come.
        if found is None or not 0 <= int(time.time()) - found.second <= LIFETIME_SECONDS:
            found = self._verify(value)
        return Session(dict(found.contents), found.key, found.signed) if found else Session({})

    def _verify(self, value: str) -> Signed | None:
        try:
            loaded, signed = self._serializer.loads(value, max_age=LIFETIME_SECONDS, return_timestamp=True)
            contents = untag(loaded)
            found = Signed(
                {} if contents is None else dict(contents), key_of(value), signed, int(signed.timestamp())
            )
        except BadSignature:
            self._verified.forget(value)
            return None
        except (BadPayload, Unreadable, TypeError, ValueError):
            raise Refusal("UNREADABLE_SESSION") from None
        self._verified.keep(value, found)
        return found

    def sign(self, contents: Mapping[str, Any]) -> str:
        """A cookie value for these contents, signed now."""
        signed = self._serializer.dumps(tag(dict(contents)))
        return signed if isinstance(signed, str) else signed.decode("ascii")

    def headers(self, session: Session, value: str | None) -> list[tuple[str, str]]:
        """The Set-Cookie of an answer: the signed value, or the deletion of the cookie for None."""
        name = self.scheme.cookie
        if value is None:
            return [("Set-Cookie", dump_cookie(name, "", max_age=0, expires=0, httponly=True, path="/"))]
        expires = datetime.now(UTC) + LIFETIME if session.permanent else None
        return [("Set-Cookie", dump_cookie(name, value, expires=expires, httponly=True, path="/"))]


def key_of(value: str) -> str:
    """The key that revokes a cookie: its signed part, whatever way its signature is spelt."""
    return "session:" + hashlib.sha256(value.rpartition(".")[0].encode()).hexdigest()
