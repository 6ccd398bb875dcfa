"""Signing in with a provider: what is kept from the way out until the way back."""

import re
import secrets
from base64 import urlsafe_b64encode
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any, Protocol

from beanie import Document
from pymongo import IndexModel

from models import raw
from models.errors import ProviderMissing, SignInRefused, TooManySignIns
from models.text import unstorable

LIFETIME = timedelta(minutes=10)
# Nobody needs to sign in to begin, so what is begun and never ended must not fill the disk.
MOST = 10_000
LONGEST = 512
_STATE = re.compile(r"[A-Za-z0-9_-]{43}", re.ASCII)


class SignIn(Document):
    """Somebody who has gone to a provider: digests only, so that the store cannot be used to come back."""

    id: str  # type: ignore[assignment]  # Beanie's is an ObjectId; this is the digest of the state
    provider: str
    binding: str
    nonce: str
    verifier: str
    expires: datetime

    class Settings:
        name = "sign_ins"
        indexes = [IndexModel("expires", expireAfterSeconds=0)]


@dataclass(frozen=True)
class Identity:
    """Who somebody is, as a provider has said."""

    provider: str
    subject: str
    email: str | None
    verified: bool
    first: str | None = None
    last: str | None = None


class Provider(Protocol):
    """Somebody else who knows people and tells us who they are."""

    @property
    def name(self) -> str:
        """The word for this provider in accounts."""

    @property
    def is_private(self) -> bool:
        """Whether people come back from it over https, so that their cookie need not go by another way."""

    async def authorize(self, state: str, nonce: str, challenge: str) -> str:
        """The address to send a person to."""

    async def identity(self, code: str, verifier: str, nonce: str) -> Identity:
        """Who came back with a code; raises SignInRefused."""

    async def close(self) -> None:
        """Lets its connections go."""


class Providers:
    """The providers that are set up, by their names."""

    def __init__(self, *providers: Provider) -> None:
        self._by_name = {provider.name: provider for provider in providers}

    def get(self, name: str) -> Provider:
        """The provider of a name; raises ProviderMissing."""
        provider = self._by_name.get(name)
        if provider is None:
            raise ProviderMissing(provider=name)
        return provider

    async def close(self) -> None:
        """Lets every connection go."""
        for provider in self._by_name.values():
            await provider.close()


NOBODY = Providers()


@dataclass(frozen=True)
class Begun:
    """Where a person goes, and what their browser keeps until they come back."""

    location: str
    binding: str


async def begin(provider: Provider, now: datetime) -> Begun:
    """A sign-in that has begun; raises TooManySignIns."""
    if await SignIn.get_pymongo_collection().estimated_document_count() >= MOST:
        raise TooManySignIns
    state, binding, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(4))
    challenge = urlsafe_b64encode(sha256(verifier.encode()).digest()).rstrip(b"=").decode()
    location = await provider.authorize(state, nonce, challenge)
    await SignIn(
        id=digest(state),
        provider=provider.name,
        binding=digest(binding),
        nonce=nonce,
        verifier=verifier,
        expires=now + LIFETIME,
    ).insert()
    return Begun(location, binding)


async def finish(provider: Provider, code: object, state: object, binding: object, now: datetime) -> Identity:
    """Who came back, once for each sign-in that has begun in the same browser; raises SignInRefused."""
    if not (isinstance(state, str) and isinstance(binding, str) and isinstance(code, str)):
        raise SignInRefused
    if not (_STATE.fullmatch(state) and _STATE.fullmatch(binding) and 0 < len(code) <= LONGEST * 4):
        raise SignInRefused
    # Found and gone in one step: of two who come with one state, one is refused.
    begun: dict[str, Any] | None = await raw.collection(SignIn).find_one_and_delete({"_id": digest(state)})
    if begun is None or begun["provider"] != provider.name or begun["expires"] <= now.replace(tzinfo=None):
        raise SignInRefused
    if not secrets.compare_digest(begun["binding"], digest(binding)):
        raise SignInRefused
    return fit(await provider.identity(code, begun["verifier"], begun["nonce"]))


def fit(identity: Identity) -> Identity:
    """An identity that can be stored; raises SignInRefused."""
    texts = (identity.subject, identity.email, identity.first, identity.last)
    if not identity.subject or any(text and (len(text) > LONGEST or unstorable(text)) for text in texts):
        raise SignInRefused
    return identity


def digest(text: str) -> str:
    """What is stored of a text that must not be usable."""
    return sha256(text.encode()).hexdigest()
