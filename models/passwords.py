"""Password hashes: written in one form, verified in every form that an old server has left."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from pwdlib.hashers.argon2 import Argon2Hasher
from pwdlib.hashers.bcrypt import BcryptHasher
from werkzeug.security import check_password_hash, generate_password_hash

# bcrypt itself never looked further; its current library refuses instead of cutting.
BCRYPT_BYTES = 72

Result = TypeVar("Result")


class Passwords:
    """Hashes and verifies beside the event loop, two at a time."""

    def __init__(self, form: str) -> None:
        if form not in HASH:
            raise ValueError(f"{form!r} is no form of password hash; choose one of {', '.join(HASH)}.")
        self.form = form
        # A hash takes a tenth of a second and 32 MB: more at once would only slow each other.
        self.pool = ThreadPoolExecutor(max_workers=2, thread_name_prefix="passwords")

    async def hash(self, password: str) -> str:
        """A new salted hash in the chosen form."""
        return await self.aside(HASH[self.form], password)

    async def verify(self, password: str, stored: str | None) -> bool:
        """Whether the password made the stored hash; an empty, plain or unknown one fits nothing."""
        if not stored:
            return False
        return await self.aside(fits, password, stored)

    async def aside(self, work: Callable[..., Result], *arguments: str) -> Result:
        """The result of work done in one of the two threads."""
        return await asyncio.get_running_loop().run_in_executor(self.pool, work, *arguments)

    def close(self) -> None:
        """Lets the threads go; what waits is dropped."""
        self.pool.shutdown(wait=True, cancel_futures=True)


def fits(password: str, stored: str) -> bool:
    """Whether the password made the hash, by whichever library wrote it."""
    try:
        if Argon2Hasher.identify(stored):
            return Argon2Hasher().verify(password, stored)
        if BcryptHasher.identify(stored):
            return BcryptHasher().verify(password.encode()[:BCRYPT_BYTES], stored)
        return check_password_hash(stored, password)
    except (ValueError, TypeError, OverflowError, MemoryError):
        # A hash with an unknown method or parameters nobody can compute.
        return False


def argon2(password: str) -> str:
    """An argon2id hash."""
    return Argon2Hasher().hash(password)


def bcrypt(password: str) -> str:
    """A bcrypt hash, of what bcrypt looks at."""
    return BcryptHasher().hash(password.encode()[:BCRYPT_BYTES])


HASH: dict[str, Callable[[str], str]] = {
    "werkzeug": generate_password_hash,
    "argon2": argon2,
    "bcrypt": bcrypt,
}
