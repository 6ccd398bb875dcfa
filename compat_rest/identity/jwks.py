"""The keys of an issuer, as it publishes them: read, remembered, and asked for anew when they change.

Nobody can make this server ask more often than `PAUSE` allows. Who fails again and again is left alone for a
while, and the keys that were read last are believed for a day at most.
"""

import asyncio
import json
import logging
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey, RSAPublicNumbers
from jwt.utils import base64url_decode

from models.platform_errors import IssuerAway

logger = logging.getLogger(__name__)

# How long keys are fresh, and how long they are believed while the issuer is away.
FRESH, BELIEVED = 3_600.0, 86_400.0
# Between two questions: after an answer, since the key somebody names may be made up, and after none.
PAUSE, RETRY = 10.0, 1.0
# Failures in a row after which nobody is asked, and for how long.
FAILURES, OPEN = 5, 60.0
LARGEST, MOST_KEYS, LONGEST_KID = 200_000, 50, 200
# Keys that a name may have, and the bits that a key may have: less is weak, more is slow.
MOST_NAMESAKES, BITS = 4, (2_048, 8_192)

Ask = Callable[[], Awaitable[bytes]]
# By the name of a key; those without a name under None.
Named = Mapping[str | None, Sequence[RSAPublicKey]]


class BadKeys(Exception):
    """What the issuer answered holds no key that could be used."""


class Keys:
    """The keys of one issuer."""

    def __init__(self, ask: Ask, clock: Callable[[], float] = time.monotonic) -> None:
        self._ask = ask
        self._clock = clock
        self._named: Named = {}
        # When keys were read, when they were last asked for, and until when nobody asks.
        self._read = self._asked = float("-inf")
        self._closed_until = float("-inf")
        self._failures = 0
        self._lock = asyncio.Lock()

    @property
    def state(self) -> str:
        """How it stands with the issuer: `closed` as a circuit is that works, `open` as one that does not."""
        return "open" if self._clock() < self._closed_until else "closed"

    async def find(self, kid: str | None, *, doubted: bool = False) -> Sequence[RSAPublicKey]:
        """The keys of a name, none where the issuer has none of it; raises IssuerAway where nobody knows.

        Those that are known are doubted where none of them has signed: the issuer may have others since.
        """
        now = self._clock()
        wanting = doubted or (kid is not None and kid not in self._named)
        if wanting or now - self._read > FRESH:
            await self._renew(now, wanting)
        if self._clock() - self._read > BELIEVED:
            raise IssuerAway
        if kid is None:
            # Without a name only the one key can be meant that there is.
            known = [key for keys in self._named.values() for key in keys]
            return known if len(known) == 1 else ()
        keys = self._named.get(kid, ())
        if not keys and self._failures:
            raise IssuerAway
        return keys

    async def _renew(self, now: float, wanting: bool) -> None:
        """Asks the issuer, unless that was done just now or is being done while old keys will do."""
        if self._lock.locked() and not wanting and now - self._read <= BELIEVED:
            return
        async with self._lock:
            now = self._clock()
            pause = RETRY if self._failures else PAUSE
            if now < self._closed_until or now - self._asked < pause:
                return
            self._asked = now
            try:
                self._named = keys_of(await self._ask())
            except Exception as error:
                self._failed(error)
            else:
                self._read, self._failures = self._clock(), 0

    def _failed(self, error: Exception) -> None:
        self._failures += 1
        self._asked = self._clock()
        if self._failures >= FAILURES:
            self._closed_until = self._asked + OPEN
        logger.warning(
            "The keys of an issuer could not be read, %d times in a row: %s.",
            self._failures,
            error if isinstance(error, BadKeys) else type(error).__name__,
        )


def keys_of(text: bytes) -> Named:
    """The keys in a JWKS that may sign with RS256; raises BadKeys where there are none."""
    if len(text) > LARGEST:
        raise BadKeys(f"the answer is larger than {LARGEST} bytes")
    try:
        read = json.loads(text)
    except (ValueError, RecursionError):
        raise BadKeys("the answer is no JSON") from None
    listed = read.get("keys") if isinstance(read, dict) else None
    if not isinstance(listed, list):
        raise BadKeys("the answer lists no keys")
    named: dict[str | None, list[RSAPublicKey]] = {}
    for each in listed[:MOST_KEYS]:
        key = key_of(each) if isinstance(each, dict) else None
        if key is None:
            continue
        kid = each.get("kid")
        if kid is not None and (not isinstance(kid, str) or len(kid) > LONGEST_KID):
            continue
        keys = named.setdefault(kid, [])
        if key not in keys and len(keys) < MOST_NAMESAKES:
            keys.append(key)
    if not named:
        raise BadKeys("none of the keys can be used for RS256")
    return named


def key_of(said: Mapping[str, Any]) -> RSAPublicKey | None:
    """A key that may verify RS256; None for another kind, another use, or one that is weak or private."""
    if said.get("kty") != "RSA" or said.get("use", "sig") != "sig" or said.get("alg", "RS256") != "RS256":
        return None
    # A private key that was published signs for everybody.
    if "d" in said or not isinstance(said.get("n"), str) or not isinstance(said.get("e"), str):
        return None
    operations = said.get("key_ops", ["verify"])
    if not isinstance(operations, list) or "verify" not in operations:
        return None
    try:
        modulus = int.from_bytes(base64url_decode(said["n"]), "big")
        exponent = int.from_bytes(base64url_decode(said["e"]), "big")
        if not BITS[0] <= modulus.bit_length() <= BITS[1] or not 3 <= exponent < 2**32:
            return None
        return RSAPublicNumbers(exponent, modulus).public_key()
    except ValueError:
        return None
