"""Providers of OpenID: asked where they are, sent to, and believed only when they have signed."""

import asyncio
import time
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import urlencode, urlsplit

import httpx
import jwt

from models.errors import SignInRefused
from models.sign_ins import Identity
from server.providers import is_safe

TIMEOUT: Final = 10.0
# How long the addresses and keys of a provider are believed before they are asked for again.
LASTING: Final = 3600.0
# Nobody may make this server ask a provider for its keys as often as they like.
PAUSE: Final = 10.0
LARGEST: Final = 200_000
SIGNED: Final = ("RS256", "RS384", "RS512", "ES256", "ES384", "PS256")
SCOPE: Final = "openid email profile"


class OpenID:
    """One provider that speaks OpenID Connect."""

    def __init__(self, name: str, issuer: str, client: str, secret: str, callback: str) -> None:
        self._name = name
        self._issuer = issuer.rstrip("/")
        self._client = client
        self._secret = secret
        self._callback = callback
        # A provider that sends elsewhere is not the one that was set up.
        self._http = httpx.AsyncClient(timeout=TIMEOUT, follow_redirects=False)
        self._described: tuple[float, Mapping[str, Any]] | None = None
        self._keys: tuple[float, jwt.PyJWKSet] | None = None
        self._failed = float("-inf")
        # One at a time asks for the addresses, and one for the keys.
        self._asking, self._lock = asyncio.Lock(), asyncio.Lock()

    @property
    def name(self) -> str:
        """The word for this provider in accounts."""
        return self._name

    @property
    def is_private(self) -> bool:
        """Whether people come back over https."""
        return urlsplit(self._callback).scheme == "https"

    async def authorize(self, state: str, nonce: str, challenge: str) -> str:
        """The address to send a person to; raises SignInRefused while the provider is away."""
        query = {
            "response_type": "code",
            "client_id": self._client,
            "redirect_uri": self._callback,
            "scope": SCOPE,
            "state": state,
            "nonce": nonce,
            "code_challenge": challenge,
            "code_challenge_method": "S256",
        }
        address = await self._address("authorization_endpoint")
        return f"{address}{'&' if '?' in address else '?'}{urlencode(query)}"

    async def identity(self, code: str, verifier: str, nonce: str) -> Identity:
        """Who came back with a code; raises SignInRefused."""
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self._callback,
            "client_id": self._client,
            "client_secret": self._secret,
            "code_verifier": verifier,
        }
        answer = await self._json("POST", await self._address("token_endpoint"), form)
        token = answer.get("id_token")
        if not isinstance(token, str):
            raise SignInRefused
        claims = await self._claims(token)
        # A token for several applications names the one that asked for it.
        if claims.get("nonce") != nonce or claims.get("azp", self._client) != self._client:
            raise SignInRefused
        return Identity(
            provider=self._name,
            subject=str(claims["sub"]),
            email=text(claims.get("email")),
            # Some providers write the boolean as text.
            verified=claims.get("email_verified") in (True, "true"),
            first=text(claims.get("given_name")),
            last=text(claims.get("family_name")),
        )

    async def close(self) -> None:
        """Lets the connections go."""
        await self._http.aclose()

    async def _claims(self, token: str) -> Mapping[str, Any]:
        try:
            header = jwt.get_unverified_header(token)
            key = await self._key(str(header.get("kid", "")))
            claims: dict[str, Any] = jwt.decode(
                token,
                key,
                algorithms=list(SIGNED),
                audience=self._client,
                issuer=[self._issuer, f"{self._issuer}/"],
                leeway=60,
                options={"require": ["exp", "iat", "sub", "aud", "iss"]},
            )
            return claims
        except (jwt.PyJWTError, RecursionError, OverflowError, ValueError, TypeError):
            raise SignInRefused from None

    async def _key(self, name: str) -> jwt.PyJWK:
        keys = await self._key_set(0)
        for fresh in (False, True):
            if fresh:
                # The provider may have changed its keys since they were read.
                keys = await self._key_set(time.monotonic() - PAUSE)
            found = [key for key in keys.keys if key.key_id == name or (not name and len(keys.keys) == 1)]
            if found:
                return found[0]
        raise SignInRefused

    async def _key_set(self, newer: float) -> jwt.PyJWKSet:
        async with self._lock:
            read = self._keys
            if read is None or read[0] < newer or time.monotonic() - read[0] > LASTING:
                data = await self._json("GET", await self._address("jwks_uri"))
                self._keys = read = (time.monotonic(), jwt.PyJWKSet.from_dict(dict(data)))
            return read[1]

    async def _address(self, name: str) -> str:
        address = (await self._discovery()).get(name)
        if not isinstance(address, str) or not is_safe(address):
            raise SignInRefused
        return address

    async def _discovery(self) -> Mapping[str, Any]:
        async with self._asking:
            described = self._described
            if described is not None and time.monotonic() - described[0] <= LASTING:
                return described[1]
            # A provider that is away is not asked by everybody, one after the other.
            if time.monotonic() - self._failed < PAUSE:
                raise SignInRefused
            try:
                data = await self._json("GET", f"{self._issuer}/.well-known/openid-configuration")
                if str(data.get("issuer", "")).rstrip("/") != self._issuer:
                    raise SignInRefused
            except SignInRefused:
                self._failed = time.monotonic()
                raise
            self._described = (time.monotonic(), data)
            return data

    async def _json(
        self, method: str, address: str, form: Mapping[str, str] | None = None
    ) -> Mapping[str, Any]:
        try:
            async with self._http.stream(method, address, data=form) as answer:
                read = b""
                async for part in answer.aiter_bytes():
                    read += part
                    if len(read) > LARGEST:
                        raise SignInRefused
            data = httpx.Response(200, content=read).json()
        except (httpx.HTTPError, ValueError, RecursionError):
            raise SignInRefused from None
        if answer.status_code != 200 or not isinstance(data, dict):
            raise SignInRefused
        return data


def text(value: object) -> str | None:
    """A claim that is a text with something in it."""
    return value if isinstance(value, str) and value else None
