"""Bearer tokens, as this server issues them."""

import secrets
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

import jwt
from jwt.warnings import InsecureKeyLengthWarning

from models.errors import RefreshInvalid, RefreshKind, RefreshMissing
from models.users import StoredUser

LIFETIME: Final = timedelta(minutes=30)
# Every algorithm that works with a shared secret; libraries of old servers take any of them.
SHARED = ("HS256", "HS384", "HS512")
# What PyJWT judges and libraries of old servers do not look at.
LENIENT: Mapping[str, bool] = {
    "verify_aud": False,
    "verify_iat": False,
    "verify_sub": False,
    "verify_jti": False,
}
# What makes a token a refresh token, and nothing else.
REFRESH = "refresh"


@dataclass(frozen=True)
class Issue:
    """One kind of token: what it is signed with, and how long it is good for."""

    secret: str = field(repr=False)
    lifetime: timedelta


class Tokens:
    """Signs the tokens of one server: those to come in with, and those to get new ones with."""

    def __init__(self, access: Issue | str, refresh: Issue | None = None) -> None:
        issue = Issue(access, LIFETIME) if isinstance(access, str) else access
        self.secret = issue.secret
        self.lifetime = seconds(issue.lifetime)
        self._refresh = refresh

    def issue(self, user_id: int, now: datetime) -> str:
        """A token for this user from now on, which tells nothing but their id."""
        return signed({"sub": str(user_id), **self._times(now, self.lifetime), **distinct()}, self.secret)

    def access(self, user: StoredUser, now: datetime, *, refreshed: bool = False) -> str:
        """A token for this user from now on, in which every old server finds what it looks for."""
        role = "admin" if user.get("is_admin") else "user"
        uuid = user.get("uuid")
        claims = {
            "sub": str(user["_id"]),
            "userId": uuid,
            "id": uuid,
            "email": user["email"],
            "role": role,
            "roles": [role],
            **({"username": user.get("username")} if refreshed else {}),
            **self._times(now, self.lifetime),
            **distinct(),
        }
        return signed(claims, self.secret)

    def refresh(self, user: StoredUser, now: datetime) -> str | None:
        """A token to get access tokens with; None where this server gives out none.

        Two of one second are the same text, as the old server's were.
        """
        if self._refresh is None:
            return None
        uuid = user.get("uuid")
        times = self._times(now, seconds(self._refresh.lifetime))
        return signed({"userId": uuid, "id": uuid, "type": REFRESH, **times}, self._refresh.secret)

    def read_refresh(self, token: object) -> Mapping[str, Any]:
        """The claims of a refresh token; raises RefreshMissing, RefreshInvalid or RefreshKind."""
        # An empty list or object was something to the old server, and no token.
        if token is None or token is False or token in ("", 0):
            raise RefreshMissing
        if self._refresh is None or not isinstance(token, str):
            raise RefreshInvalid
        try:
            claims = verified(token, self._refresh.secret, SHARED, LENIENT)
        except (jwt.PyJWTError, RecursionError, OverflowError, ValueError):
            raise RefreshInvalid from None
        if claims.get("type") != REFRESH:
            raise RefreshKind
        return claims

    @staticmethod
    def _times(now: datetime, lifetime: int) -> dict[str, int]:
        issued = int(now.timestamp())
        return {"iat": issued, "exp": issued + lifetime}


def seconds(span: timedelta) -> int:
    """Whole seconds of a time span; the old issuer cut the rest off too."""
    return int(span.total_seconds())


def distinct() -> dict[str, str]:
    """What makes two tokens of one second two, so that logging out with one keeps the other."""
    return {"jti": secrets.token_urlsafe(9)}


def signed(claims: Mapping[str, Any], secret: str) -> str:
    """A signed token."""
    with warnings.catch_warnings():
        # The secrets of old servers are as long as they are; their tokens are out in the world.
        warnings.simplefilter("ignore", InsecureKeyLengthWarning)
        return jwt.encode(dict(claims), secret, algorithm="HS256")


def verified(
    text: str, secret: str, algorithms: Sequence[str], options: Mapping[str, bool]
) -> Mapping[str, Any]:
    """The claims of a token whose signature and times are good; raises jwt.PyJWTError."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", InsecureKeyLengthWarning)
        claims: dict[str, Any] = jwt.decode(text, secret, algorithms=list(algorithms), options=dict(options))  # type: ignore[arg-type]  # its type names each option
        return claims
