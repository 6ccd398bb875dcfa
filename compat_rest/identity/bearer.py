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

    def recognise(self, authorization: str | None) -> Recognised:
        """The claims of a valid token; raises Refusal with the code that says why it is none."""
        if not authorization:
            raise Refusal("TOKEN_MISSING")
        kind, _, text = authorization.partition(" ")
        text = text.strip()
        if kind.lower() != "bearer" or not text:
            raise Refusal("TOKEN_MALFORMED")
        token = self._verified.find(text)
        # Outside of its time it is judged anew, by the library that knows the reasons.
        if token is None or not token.begins <= time.time() < token.ends:
            token = self._verify(text)
        return Recognised(token.claims, token.key, token.expires or datetime.now(UTC) + FOREVER)

    def _verify(self, text: str) -> Token:
        try:
            claims = jwt.decode(
                text,
                self.scheme.secret,
                algorithms=list(self.scheme.algorithms),
                options={"verify_aud": False},
            )
        except (jwt.PyJWTError, RecursionError, OverflowError) as error:
            # The last two are PyJWT's for a header that nests deep and for an instant beyond any calendar.
            self._verified.forget(text)
            raise Refusal(
                next((code for kind, code in _CODES if isinstance(error, kind)), "TOKEN_INVALID")
            ) from None
        token = token_of(text, claims)
        self._verified.keep(text, token)
        return token


def token_of(text: str, claims: Mapping[str, Any]) -> Token:
    """A token out of its text and its claims, which PyJWT has found good at this moment."""
    key = "jwt:" + hashlib.sha256(text.rpartition(".")[0].encode()).hexdigest()
    begins = max((int(claims[name]) for name in ("iat", "nbf") if name in claims), default=-NEVER)
    if "exp" not in claims:
        return Token(claims, key, begins, NEVER, None)
    ends = int(claims["exp"])
    try:
        expires = datetime.fromtimestamp(ends, UTC)
    except (OverflowError, ValueError):
        # Valid beyond the calendar: then a revocation is kept as long as one can be.
        expires = datetime.max.replace(tzinfo=UTC)
    return Token(claims, key, begins, ends, expires)
