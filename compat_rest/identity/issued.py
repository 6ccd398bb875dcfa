"""Bearer tokens of an issuer that publishes its keys, as Auth0 does: RS256 and nothing else."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from compat_rest.contract.surfaces import PUBLISHED, Scheme
from compat_rest.identity.bearer import Token, text_of, token_of
from compat_rest.identity.flask_session import Session
from compat_rest.identity.jwks import LONGEST_KID, Keys
from compat_rest.identity.verified import Verified
from compat_rest.refusal import Refusal
from models.externals import account_of
from models.sign_ins import LONGEST, Identity
from models.text import unstorable
from schema.context import Caller
from schema.vouched import Vouched

# A token with many permissions is 4 KB; nobody computes over more for strangers.
LONGEST_TOKEN = 8_192
LEEWAY = 10
METHOD = "jwks"
REQUIRED = ["exp", "iat", "sub", "aud", "iss"]
MOST_GRANTED = 200
BROKEN = (jwt.PyJWTError, RecursionError, OverflowError, ValueError, TypeError)


@dataclass(frozen=True, slots=True)
class Found:
    """A token that was verified: the name of its key, and the key itself."""

    token: Token
    kid: str | None
    key: RSAPublicKey


class Issued:
    """Recognises the tokens of one issuer."""

    def __init__(self, scheme: Scheme, keys: Keys) -> None:
        self._name = scheme.name
        self._issuers = [f"{scheme.issuer}/", scheme.issuer]
        self._audience = list(scheme.audience)
        self._user = scheme.user
        self.keys = keys
        self._verified: Verified[Found] = Verified()

    async def caller(self, authorization: str | None, session: Session) -> Caller | None:
        """Who a token says is calling; raises Refusal, and IssuerAway where nobody can tell."""
        if not authorization:
            raise Refusal("TOKEN_MISSING")
        text = text_of(authorization)
        if len(text) > LONGEST_TOKEN:
            raise Refusal("TOKEN_INVALID")
        found = self._verified.find(text)
        if found is None or not found.token.begins - LEEWAY <= time.time() < found.token.ends:
            found = await self._verify(text)
        elif found.key not in await self.keys.find(found.kid):
            # The issuer has taken the key back since.
            self._verified.forget(text)
            raise Refusal("TOKEN_INVALID")
        return await self._named(found.token)

    async def _verify(self, text: str) -> Found:
        kid = self._kid(text)
        known = await self.keys.find(kid)
        found = self._signed(text, kid, known)
        if found is None:
            newer = [key for key in await self.keys.find(kid, doubted=True) if key not in known]
            found = self._signed(text, kid, newer)
        if found is None:
            raise Refusal("TOKEN_INVALID")
        self._verified.keep(text, found)
        return found

    def _signed(self, text: str, kid: str | None, keys: Sequence[RSAPublicKey]) -> Found | None:
        """The token that one of the keys has signed, None where none has; raises Refusal for wrong claims."""
        for key in keys:
            try:
                claims: dict[str, Any] = jwt.decode(
                    text,
                    key,
                    algorithms=list(PUBLISHED),
                    audience=self._audience,
                    issuer=self._issuers,
                    leeway=LEEWAY,
                    options={"require": REQUIRED},
                )
            except jwt.InvalidSignatureError:
                continue
            except jwt.ExpiredSignatureError:
                raise Refusal("TOKEN_EXPIRED") from None
            except jwt.ImmatureSignatureError:
                raise Refusal("TOKEN_EARLY") from None
            except BROKEN:
                raise Refusal("TOKEN_INVALID") from None
            return Found(token_of(text, claims), kid, key)
        return None

    def _kid(self, text: str) -> str | None:
        """The name of the key, of a token that looks as if it were the issuer's; raises Refusal.

        Other tokens are not worth a question to the issuer. What a token says of where its key could be
        found (jku, x5u, jwk) is never looked at.
        """
        try:
            header = jwt.get_unverified_header(text)
            claims = jwt.decode(text, options={"verify_signature": False})
        except BROKEN:
            raise Refusal("TOKEN_INVALID") from None
        kid = header.get("kid")
        if (
            header.get("alg") not in PUBLISHED
            or "crit" in header
            or claims.get("iss") not in self._issuers
            or not (kid is None or (isinstance(kid, str) and len(kid) <= LONGEST_KID))
        ):
            raise Refusal("TOKEN_INVALID")
        return kid

    async def _named(self, token: Token) -> Caller | None:
        claims = token.claims
        subject = next((claims[name] for name in self._user if name in claims), None)
        if not isinstance(subject, str) or not subject or unstorable(subject) or len(subject) > LONGEST:
            raise Refusal("TOKEN_WITHOUT_USER")
        # No name of an issuer's is ever taken for an account of this server.
        foreign = subject if "|" in subject else f"{self._name}|{subject}"
        account = await account_of(self._name, subject)
        return Vouched(
            foreign if account is None else account.uuid,
            token.key,
            token.expires or datetime.max.replace(tzinfo=UTC),
            number=None if account is None else account.number,
            granted=granted(claims),
            granted_until=token.expires,
            method=METHOD,
            since=datetime.fromtimestamp(int(claims["iat"]), UTC),
            identity=identity_of(self._name, subject, claims),
        )


def granted(claims: Mapping[str, Any]) -> tuple[str, ...]:
    """The permissions of a token: those listed, those of its scope, and those under a name of its own."""
    found: list[object] = []
    for name, value in claims.items():
        if name == "scope" and isinstance(value, str):
            found += value.split()
        elif name == "permissions" or ("://" in name and name.endswith("permissions")):
            found += value if isinstance(value, list) else ()
    return tuple(each for each in found[:MOST_GRANTED] if isinstance(each, str))


def identity_of(provider: str, subject: str, claims: Mapping[str, Any]) -> Identity:
    """Who somebody is to the issuer, as far as that can be stored."""
    verified = claims.get("email_verified") in (True, "true")
    email, first, last = (text(claims.get(name)) for name in ("email", "given_name", "family_name"))
    return Identity(provider, subject, email, verified, first or text(claims.get("name")), last)


def text(value: object) -> str | None:
    """A claim that is a text with something in it that can be stored."""
    fits = isinstance(value, str) and 0 < len(value) <= LONGEST and not unstorable(value)
    return str(value) if fits else None
