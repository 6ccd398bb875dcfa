"""What every request's context is made of, whichever door it comes through."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from models import revocations
from models.passwords import Passwords
from schema.context import Caller, Context
from schema.tokens import Tokens

PUBLIC_PAGE = 100
# Legacy lists had no pages; this bounds what one answer may hold.
LEGACY_PAGE = 100_000


Kind = TypeVar("Kind", bound=Context)


@dataclass(frozen=True)
class Contexts:
    """Makes contexts out of the services of one application."""

    passwords: Passwords
    tokens: Tokens

    def legacy(self, caller: Caller | None, now: datetime) -> Context:
        """The context of a legacy endpoint's document."""
        return self.made(Context, caller, now, LEGACY_PAGE)

    def made(self, kind: type[Kind], caller: Caller | None, now: datetime, page_limit: int) -> Kind:
        """A context of a kind for one request."""
        return kind(
            caller=caller,
            now=now,
            passwords=self.passwords,
            tokens=self.tokens,
            page_limit=page_limit,
            revoke=self.revoking(caller),
        )

    def revoking(self, caller: Caller | None) -> Callable[[], Awaitable[None]]:
        """What makes the caller's credential worthless."""

        async def revoke() -> None:
            if caller is not None:
                await revocations.revoke(caller.credential, caller.expires)

        return revoke
