"""What every request's context is made of, whichever door it comes through."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime

from models import revocations
from models.passwords import Passwords
from schema.context import Caller, Context
from schema.tokens import Tokens

PUBLIC_PAGE = 100
# Legacy lists had no pages; this bounds what one answer may hold.
LEGACY_PAGE = 100_000


@dataclass(frozen=True)
class Contexts:
    """Makes contexts out of the services of one application."""

    passwords: Passwords
    tokens: Tokens
    public_page: int = PUBLIC_PAGE

    def legacy(self, caller: Caller | None, now: datetime) -> Context:
        """The context of a legacy endpoint's document."""
        return Context(
            caller=caller,
            now=now,
            passwords=self.passwords,
            tokens=self.tokens,
            page_limit=LEGACY_PAGE,
            revoke=self.revoking(caller),
        )

    def revoking(self, caller: Caller | None) -> Callable[[], Awaitable[None]]:
        """What makes the caller's credential worthless."""

        async def revoke() -> None:
            if caller is not None:
                await revocations.revoke(caller.credential, caller.expires)

        return revoke
