"""Bearer tokens: signed JWTs in the Authorization header."""

import hashlib
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt

from compat_rest.contract.surfaces import Scheme
from compat_rest.identity.credentials import Recognised
from compat_rest.identity.verified import Verified
from compat_rest.refusal import Refusal
from schema.tokens import LENIENT, REFRESH, verified

_CODES: tuple[tuple[type[jwt.PyJWTError], str], ...] = (
    (jwt.ExpiredSignatureError, "TOKEN_EXPIRED"),
    (jwt.ImmatureSignatureError, "TOKEN_EARLY"),
)
FOREVER = timedelta(days=3650)
NEVER = float("inf")


@dataclass(frozen=True, slots=True)
class Token:
    """A token whose signature is good, and the seconds since 1970 between which it is: from, and before."""

    claims: Mapping[str, Any]
    key: str
    begins: float
    ends: float
    expires: datetime | None


class Bearer:
    """Recognises the tokens of one security scheme."""

    def __init__(self, scheme: Scheme) -> None:
        self.scheme = scheme
        self._verified: Verified[Token] = Verified()
        self._prefix = scheme.prefix
        # Whether the token ends at the next blank, and what follows means nothing.
        self._word = scheme.word
        # What only gets new tokens lets nobody in, also where one secret signs both.
        self._refused = {"type": (REFRESH,), **scheme.refuse}
        # Without the time of issue nothing is judged that the old server's library did not look at.
        self._checked = scheme.iat == "checked"
        self._options = {"verify_aud": False} if self._checked else LENIENT

    def recognise(self, authorization: str | None) -> Recognised:
        """The claims of a valid token; raises Refusal with the code that says why it is none."""
        if not authorization:
            raise Refusal("TOKEN_MISSING")
        text = self._text(authorization)
        token = self._verified.find(text)
        # Outside of its time it is judged anew, by the library that knows the reasons.
        if token is None or not token.begins <= time.time() < token.ends:
            token = self._verify(text)
        return Recognised(token.claims, token.key, token.expires or datetime.now(UTC) + FOREVER)

    def _text(self, authorization: str) -> str:
        if self._prefix is None:
            return text_of(authorization)
        text = after(authorization, self._prefix)
        return text.partition(" ")[0] if self._word else text

    def _verify(self, text: str) -> Token:
        try:
            claims = verified(text, self.scheme.secret, self.scheme.algorithms, self._options)
        except (jwt.PyJWTError, RecursionError, OverflowError) as error:
            # The last two are PyJWT's for a header that nests deep and for an instant beyond any calendar.
            self._verified.forget(text)
            raise Refusal(
                next((code for kind, code in _CODES if isinstance(error, kind)), "TOKEN_INVALID")
            ) from None
        if any(claims.get(claim) in values for claim, values in self._refused.items()):
            raise Refusal("TOKEN_INVALID")
        token = token_of(text, claims, ("iat", "nbf") if self._checked else ("nbf",))
        self._verified.keep(text, token)
        return token


def text_of(authorization: str) -> str:
    """The token of a header as Flask's libraries read it; raises Refusal TOKEN_MALFORMED."""
    kind, _, text = authorization.partition(" ")
    text = text.strip()
    if kind.lower() != "bearer" or not text:
        raise Refusal("TOKEN_MALFORMED")
    return text


def after(authorization: str, prefix: str) -> str:
    """What follows a prefix that stands there to the letter; raises Refusal."""
    # Every HTTP server takes the blanks away that end a header.
    authorization = authorization.rstrip(" \t")
    if not authorization.startswith(prefix):
        raise Refusal("TOKEN_MISSING")
    text = authorization[len(prefix) :]
    if not text or text[0] == " ":
        raise Refusal("TOKEN_MALFORMED")
    return text


def token_of(text: str, claims: Mapping[str, Any], begin: tuple[str, ...] = ("iat", "nbf")) -> Token:
    """A token out of its text and its claims, which PyJWT has found good at this moment."""
    key = "jwt:" + hashlib.sha256(text.rpartition(".")[0].encode()).hexdigest()
    begins = max((int(claims[name]) for name in begin if name in claims), default=-NEVER)
    if "exp" not in claims:
        return Token(claims, key, begins, NEVER, None)
    ends = int(claims["exp"])
    try:
        expires = datetime.fromtimestamp(ends, UTC)
    except (OverflowError, ValueError):
        # Valid beyond the calendar: then a revocation is kept as long as one can be.
        expires = datetime.max.replace(tzinfo=UTC)
    return Token(claims, key, begins, ends, expires)
