"""Sessions in Valkey: a signed cookie names one, and what it holds is encrypted with AES-256-GCM.

Two keys come out of each secret, one for cookies and one for contents. Whatever an older secret has signed or
encrypted is still read, and written anew with the newest one when it is used.
"""

import secrets
import time
from base64 import urlsafe_b64encode
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from hashlib import sha256

import orjson
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from itsdangerous import BadData, URLSafeTimedSerializer
from redis.asyncio import Redis
from redis.exceptions import RedisError
from werkzeug.http import dump_cookie
from werkzeug.sansio.http import parse_cookie

from compat_rest.identity.kept import Opened
from models.platform_errors import SessionsAway
from schema.sessions import Begun, Held

# How long a session may be unused, and how long it may last; it is kept anew after a while of use.
IDLE, LONGEST, RENEWED = 86_400, 7 * 86_400, 4 * 3_600
SALT = "session"
NONCE, KEY_NAME = 12, 8
# A cookie of ours is 150 characters.
LONGEST_COOKIE = 512


class Keyring:
    """The keys for contents, by the names that stand before what they encrypted; the newest writes."""

    def __init__(self, secrets_newest_first: Sequence[str]) -> None:
        derived = [derive(secret, b"lockstep session contents") for secret in secrets_newest_first]
        self._by_name = {name_of(key): AESGCM(key) for key in reversed(derived)}
        self._newest = name_of(derived[0])

    def encrypt(self, plain: bytes, about: bytes) -> bytes:
        """The name of the key, a nonce, and what was encrypted; it is only good for what it is about."""
        nonce = secrets.token_bytes(NONCE)
        return self._newest + nonce + self._by_name[self._newest].encrypt(nonce, plain, about)

    def decrypt(self, sealed: bytes, about: bytes) -> bytes | None:
        """What was encrypted; None where none of the keys did, or where it was tampered with."""
        cipher = self._by_name.get(sealed[:KEY_NAME])
        if cipher is None:
            return None
        try:
            return cipher.decrypt(sealed[KEY_NAME : KEY_NAME + NONCE], sealed[KEY_NAME + NONCE :], about)
        except (InvalidTag, ValueError):
            return None

    def is_newest(self, sealed: bytes) -> bool:
        """Whether the newest key wrote it."""
        return sealed.startswith(self._newest)


class ValkeySessions:
    """Begins, opens and ends sessions."""

    def __init__(
        self, valkey: Redis, secrets_newest_first: Sequence[str], *, prefix: str, cookie: str, secure: bool
    ) -> None:
        self._valkey = valkey
        self._prefix = prefix
        self._cookie = cookie
        self._secure = secure
        self._keys = Keyring(secrets_newest_first)
        oldest_first = [derive(each, b"lockstep session cookies") for each in reversed(secrets_newest_first)]
        self._signer = URLSafeTimedSerializer(
            oldest_first, salt=SALT, signer_kwargs={"key_derivation": "hmac", "digest_method": sha256}
        )

    def named(self, cookies: Sequence[str]) -> str:
        """The session that the cookies of a request name and this server has signed; empty for none."""
        if not any(self._cookie in header for header in cookies):
            return ""
        value = parse_cookie(";".join(cookies)).get(self._cookie)
        if not value or len(value) > LONGEST_COOKIE:
            return ""
        try:
            session = self._signer.loads(value, max_age=LONGEST)
        except BadData:
            return ""
        return session if isinstance(session, str) else ""

    async def open(self, session: str) -> Opened | None:
        """A session by its name, None where it is over; raises SessionsAway."""
        name = self._name(session)
        sealed = await self._asked(self._valkey.get(name))
        plain = None if sealed is None else self._keys.decrypt(sealed, name.encode())
        read = None if plain is None else contents_of(plain)
        if sealed is None or read is None:
            return None
        held, ends, renewed = read
        now = time.time()
        if ends <= now:
            return None
        if now - renewed > RENEWED or not self._keys.is_newest(sealed):
            # Only where it is there still: who logs out meanwhile has logged out.
            await self._put(name, held, ends, now, there=True)
        return Opened(held, datetime.fromtimestamp(ends, UTC))

    async def start(self, held: Held, now: datetime) -> Begun:
        """A new session; raises SessionsAway."""
        session = secrets.token_urlsafe(32)
        ends = int(now.timestamp()) + LONGEST
        name = self._name(session)
        await self._put(name, held, ends, now.timestamp(), there=False)
        value = self._signer.dumps(session)
        cookie = dump_cookie(
            self._cookie,
            value if isinstance(value, str) else value.decode(),
            max_age=LONGEST,
            path="/",
            httponly=True,
            secure=self._secure,
            samesite="Lax",
        )
        return Begun(name.rpartition(":")[2][:32], cookie, datetime.fromtimestamp(ends, UTC))

    async def end(self, session: str) -> None:
        """Forgets a session at once; raises SessionsAway."""
        await self._asked(self._valkey.delete(self._name(session)))

    async def _put(self, name: str, held: Held, ends: int, now: float, *, there: bool) -> None:
        since, until = held.since.timestamp(), held.until.timestamp() if held.until else None
        told = [held.account, held.number, held.granted, held.method, since, until, ends, int(now)]
        text = orjson.dumps(told)
        lasting = max(1, min(IDLE, int(ends - now)))
        sealed = self._keys.encrypt(text, name.encode())
        await self._asked(self._valkey.set(name, sealed, ex=lasting, xx=there))

    def _name(self, session: str) -> str:
        # Who reads the store learns nothing that opens a session.
        return f"{self._prefix}session:{sha256(session.encode()).hexdigest()}"

    async def _asked(self, question: object) -> bytes | None:
        try:
            answer: bytes | None = await question  # type: ignore[misc]  # the client's commands are typed for both of its kinds
        except (RedisError, OSError, TimeoutError):
            raise SessionsAway from None
        return answer


def contents_of(plain: bytes) -> tuple[Held, int, int] | None:
    """What a session holds, when it ends and when it was kept last; None where another version wrote it."""
    try:
        account, number, granted, method, since, until, ends, renewed = orjson.loads(plain)
        begun = datetime.fromtimestamp(since, UTC)
        lasting = None if until is None else datetime.fromtimestamp(until, UTC)
        held = Held(str(account), number, tuple(granted), str(method), begun, lasting)
        return held, int(ends), int(renewed)
    except (ValueError, TypeError, OverflowError):
        return None


def derive(secret: str, purpose: bytes) -> bytes:
    """A key of 256 bits for one purpose."""
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=purpose).derive(secret.encode())


def name_of(key: bytes) -> bytes:
    """What a key is called in front of what it encrypted; it tells nothing of the key."""
    return urlsafe_b64encode(sha256(b"name of " + key).digest())[:KEY_NAME]


def secrets_of(environ: Mapping[str, str]) -> list[str]:
    """The secrets of sessions, the newest first; raises ValueError for one that could be guessed."""
    chosen = [each.strip() for each in environ.get("SESSION_KEYS", "").split(",") if each.strip()]
    short = [number for number, each in enumerate(chosen, 1) if len(each) < 32]
    if short:
        raise ValueError(f"SESSION_KEYS: key {short[0]} is shorter than 32 characters.")
    return chosen or [environ["SECRET_KEY"]]
