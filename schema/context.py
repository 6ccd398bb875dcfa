"""What a request brings along: who calls, when, and the services that verbs need."""

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime

import strawberry

from models import revocations
from models.errors import NotSignedIn, TokenWithoutUser
from models.joins import Reads
from models.passwords import Passwords
from models.text import BIGINT
from schema.tokens import Tokens

# The old server left it to its database to make a number of a text.
WHOLE = re.compile(r"[ \t\n\v\f\r]*([+-]?[0-9]{1,40})[ \t\n\v\f\r]*")


@dataclass(frozen=True)
class Caller:
    """Who a valid credential says is calling."""

    subject: object
    credential: str = field(repr=False)
    expires: datetime

    @property
    def user_id(self) -> int:
        """The id in the credential; raises TokenWithoutUser when it cannot be one."""
        subject = self.subject
        if isinstance(subject, str) and (match := WHOLE.fullmatch(subject)):
            subject = int(match[1])
        if not isinstance(subject, int) or isinstance(subject, bool) or subject not in BIGINT:
            raise TokenWithoutUser
        return subject


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

    @property
    def user_id(self) -> int:
        """The caller's id; raises NotSignedIn or TokenWithoutUser."""
        if self.caller is None:
            raise NotSignedIn
        return self.caller.user_id

    async def still_signed_in(self) -> bool:
        """Whether the caller's credential is still good: neither expired nor given back."""
        caller = self.caller
        if caller is None or caller.expires <= datetime.now(UTC):
            return False
        return not await revocations.is_revoked(caller.credential)


Info = strawberry.Info[Context, None]
