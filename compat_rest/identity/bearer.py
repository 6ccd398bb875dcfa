"""Bearer tokens: signed JWTs in the Authorization header."""

import hashlib
from datetime import UTC, datetime, timedelta

import jwt

from compat_rest.contract.surfaces import Scheme
from compat_rest.identity.credentials import Recognised
from compat_rest.refusal import Refusal

_CODES: tuple[tuple[type[jwt.PyJWTError], str], ...] = (
    (jwt.ExpiredSignatureError, "TOKEN_EXPIRED"),
    (jwt.ImmatureSignatureError, "TOKEN_EARLY"),
)
FOREVER = timedelta(days=3650)


def recognise(authorization: str | None, scheme: Scheme) -> Recognised:
    """The claims of a valid token; raises Refusal with the code that says why it is none."""
    if not authorization:
        raise Refusal("TOKEN_MISSING")
    kind, _, token = authorization.partition(" ")
    if kind.lower() != "bearer" or not token.strip():
        raise Refusal("TOKEN_MALFORMED")
    try:
        claims = jwt.decode(
            token.strip(), scheme.secret, algorithms=list(scheme.algorithms), options={"verify_aud": False}
        )
    except (jwt.PyJWTError, RecursionError, OverflowError) as error:
        # The last two are PyJWT's for a header that nests deep and for an instant beyond any calendar.
        raise Refusal(
            next((code for kind, code in _CODES if isinstance(error, kind)), "TOKEN_INVALID")
        ) from None
    key = "jwt:" + hashlib.sha256(token.strip().rpartition(".")[0].encode()).hexdigest()
    expires = claims.get("exp")
    try:
        ends = datetime.now(UTC) + FOREVER if expires is None else datetime.fromtimestamp(int(expires), UTC)
    except (OverflowError, ValueError):
        # Valid beyond the calendar: then a revocation is kept as long as one can be.
        ends = datetime.max.replace(tzinfo=UTC)
    return Recognised(claims, key, ends)
