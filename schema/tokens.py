"""Bearer tokens, as this server issues them."""

import secrets
from datetime import datetime

import jwt


class Tokens:
    """Signs tokens (JWT, HS256) that name one user for half an hour."""

    lifetime = 1800

    def __init__(self, secret: str) -> None:
        self.secret = secret

    def issue(self, user_id: int, now: datetime) -> str:
        """A token for this user from now on."""
        issued = int(now.timestamp())
        claims = {
            "sub": str(user_id),
            "iat": issued,
            "exp": issued + self.lifetime,
            # Two logins in one second make two tokens, so that logging out with one keeps the other.
            "jti": secrets.token_urlsafe(9),
        }
        return jwt.encode(claims, self.secret, algorithm="HS256")
