"""What a request brings along: who calls, when, and the services that verbs need."""

import logging
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Protocol

import strawberry

from models import accounts, revocations
from models.errors import (
    AccountGone,
    NotSignedIn,
    RefreshInvalid,
    RefreshKind,
    RefreshMissing,
    TokenWithoutUser,
    Unfit,
)
from models.joins import Reads
from models.keys import ACCOUNT_LENGTH, UUID
from models.passwords import Passwords
from models.sign_ins import NOBODY, Providers
from models.text import BIGINT, storable
from models.uploads import FileLimits
from models.users import StoredUser
from schema.sessions import NO_SESSIONS, Sessions
from schema.tokens import Tokens

logger = logging.getLogger(__name__)

# The old server left it to its database to make a number of a text.
WHOLE = re.compile(r"[ \t\n\v\f\r]*([+-]?[0-9]{1,40})[ \t\n\v\f\r]*")


@dataclass(frozen=True)
class Caller:
    """Who a valid credential says is calling."""

    subject: object
    credential: str = field(repr=False)
    expires: datetime
    # Whether the credential knows people by numbers only, as the session of the old server did.
    numbered: bool = False
    # What the credential says of their part, where its server said such a thing.
    role: str | None = None

    @property
    def user_id(self) -> int:
        """The id in the credential; raises TokenWithoutUser when it cannot be one."""
        subject = self.subject
        if isinstance(subject, str) and (match := WHOLE.fullmatch(subject)):
            subject = int(match[1])
        if not isinstance(subject, int) or isinstance(subject, bool) or subject not in BIGINT:
            raise TokenWithoutUser
        return subject

    @property
    def name(self) -> int | str | None:
        """Whom the credential names: a number, an account in the words of its server, or nobody."""
        subject = self.subject
        if self.numbered:
            return self._number()
        if isinstance(subject, str) and not WHOLE.fullmatch(subject):
            return subject.lower() if UUID.fullmatch(subject) else subject or None
        if subject is None or subject == 0 or isinstance(subject, bool):
            return None
        if isinstance(subject, int | str):
            return self.user_id
        # Other JSON was text to the old servers, which looked for it and found nobody.
        return str(subject) if isinstance(subject, float | list | dict) else None

    def _number(self) -> int | None:
        try:
            return self.user_id
        except TokenWithoutUser:
            return None


class Mailer(Protocol):
    """Takes letters to people."""

    async def verification(self, address: str, token: str) -> None:
        """Sends the token that proves an address to be somebody's."""


class NoMail:
    """Where nobody has set up letters, none are sent."""

    async def verification(self, address: str, token: str) -> None:
        """Tells the log that there would be a letter, and neither to whom nor what it says."""
        logger.info("A verification was asked for, but no mail is set up.")


NO_MAIL = NoMail()


@dataclass
class Context:
    """One request, seen from the resolvers."""

    caller: Caller | None
    now: datetime
    passwords: Passwords
    tokens: Tokens
    page_limit: int
    revoke: Callable[[], Awaitable[None]]
    # For tests: an error whose code its field does not declare becomes INTERNAL.
    strict_codes: bool = False
    # What this request has read; whoever writes forgets it.
    reads: Reads = field(default_factory=Reads)
    # What this request has found out of who may see what.
    seen: dict[Any, Any] = field(default_factory=dict)
    # The old API whose document this is, and whether it is one at all.
    surface: str = ""
    legacy: bool = False
    providers: Providers = NOBODY
    mail: Mailer = NO_MAIL
    sessions: Sessions = NO_SESSIONS
    file_limits: FileLimits = FileLimits()
    # The account of the caller, once it was looked up.
    _account: str | None = field(default=None, init=False, repr=False)

    @property
    def user_id(self) -> int:
        """The caller's id; raises NotSignedIn or TokenWithoutUser."""
        if self.caller is None:
            raise NotSignedIn
        return self.caller.user_id

    def account_or_none(self) -> str | None:
        """The caller's account as far as it is known without asking the store; None for nobody."""
        if self._account is None and self.caller is not None:
            name = self.caller.name
            self._account = name if isinstance(name, str) else None
        return self._account

    async def account(self) -> str:
        """The caller's account: a UUID, or what another server calls somebody.

        Raises NotSignedIn, TokenWithoutUser, Unfit, or UserNotFound for a number that is nobody's.
        """
        if self._account is None:
            name = self._named()
            self._account = await accounts.uuid_of(name) if isinstance(name, int) else checked(name)
        return self._account

    async def user(self) -> StoredUser:
        """The caller, who exists and is active.

        Raises NotSignedIn, TokenWithoutUser, Unfit or AccountGone.
        """
        name = self._named()
        if isinstance(name, str) and not UUID.fullmatch(name):
            raise Unfit("id", "it is not a UUID")
        return await accounts.active(name)

    async def renewing(self, token: object) -> StoredUser:
        """Who a refresh token names.

        Raises RefreshMissing, RefreshInvalid, RefreshKind, Unfit or AccountGone.
        """
        claims = self.tokens.read_refresh(token)
        if await revocations.is_revoked(credential_of(token)):
            raise RefreshInvalid
        name = claims.get("userId")
        if not name:
            raise AccountGone
        if not isinstance(name, str) or not UUID.fullmatch(name):
            raise Unfit("userId", "it is not a UUID")
        return await accounts.active(name.lower())

    async def give_back(self, token: object) -> None:
        """Makes a refresh token worthless; one that is none already may stay as it is."""
        try:
            claims = self.tokens.read_refresh(token)
            ends = datetime.fromtimestamp(int(claims["exp"]), UTC)
        except (RefreshMissing, RefreshInvalid, RefreshKind):
            return
        except (KeyError, ValueError, OverflowError, OSError):
            ends = datetime.max.replace(tzinfo=UTC)
        await revocations.revoke(credential_of(token), ends)

    def _named(self) -> int | str:
        if self.caller is None:
            raise NotSignedIn
        name = self.caller.name
        if name is None:
            raise TokenWithoutUser
        return name

    async def still_signed_in(self) -> bool:
        """Whether the caller's credential is still good: neither expired nor given back."""
        caller = self.caller
        if caller is None or caller.expires <= datetime.now(UTC):
            return False
        return not await revocations.is_revoked(caller.credential)


def credential_of(token: object) -> str:
    """What a refresh token is called among the revocations, whatever way its signature is spelt."""
    return f"refresh:{str(token).rpartition('.')[0]}"


def checked(account: str) -> str:
    """An account that can be stored; raises Unfit."""
    if len(account) > ACCOUNT_LENGTH:
        raise Unfit("account", f"it is longer than {ACCOUNT_LENGTH} characters")
    return storable(account, "account")


Info = strawberry.Info[Context, None]
