"""What every request's context is made of, whichever door it comes through."""

from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from compat_rest.contract.surfaces import Surface
from models import revocations
from models.passwords import Passwords
from models.platform_errors import SessionsAway
from models.sign_ins import NOBODY, Providers
from models.uploads import FileLimits
from schema.context import NO_MAIL, Caller, Context, Mailer
from schema.sessions import NO_SESSIONS, Sessions
from schema.tokens import Issue, Tokens
from schema.vouched import Vouched

PUBLIC_PAGE = 100
# Legacy lists had no pages; this bounds what one answer may hold.
LEGACY_PAGE = 100_000


Kind = TypeVar("Kind", bound=Context)


@dataclass(frozen=True)
class Contexts:
    """Makes contexts out of the services of one application."""

    passwords: Passwords
    tokens: Tokens
    providers: Providers = NOBODY
    mail: Mailer = NO_MAIL
    sessions: Sessions = NO_SESSIONS
    file_limits: FileLimits = FileLimits()

    def of(self, surface: Surface) -> Callable[[Caller | None, datetime], Context]:
        """What makes the context of a document of one old API, with the tokens that it issues."""
        tokens = tokens_of(surface) or self.tokens
        name, passwords, providers, mail = surface.name, self.passwords, self.providers, self.mail
        sessions, file_limits = self.sessions, self.file_limits
        revoking = self.revoking

        def made(caller: Caller | None, now: datetime) -> Context:
            return Context(
                caller=caller,
                now=now,
                passwords=passwords,
                tokens=tokens,
                page_limit=LEGACY_PAGE,
                revoke=revoking(caller),
                surface=name,
                legacy=True,
                providers=providers,
                mail=mail,
                sessions=sessions,
                file_limits=file_limits,
            )

        return made

    def made(self, kind: type[Kind], caller: Caller | None, now: datetime, page_limit: int) -> Kind:
        """A context of a kind for one request."""
        return kind(
            caller=caller,
            now=now,
            passwords=self.passwords,
            tokens=self.tokens,
            page_limit=page_limit,
            revoke=self.revoking(caller),
            providers=self.providers,
            mail=self.mail,
            sessions=self.sessions,
            file_limits=self.file_limits,
        )

    def revoking(self, caller: Caller | None) -> Callable[[], Awaitable[None]]:
        """What makes the caller's credential worthless."""

        async def revoke() -> None:
            if caller is not None:
                await revocations.revoke(caller.credential, caller.expires)
                if isinstance(caller, Vouched) and caller.session:
                    # It is worthless already; while Valkey is away it stays there until it expires.
                    with suppress(SessionsAway):
                        await self.sessions.end(caller.session)

        return revoke


def tokens_of(surface: Surface) -> Tokens | None:
    """The issuer of a surface; None where it says nothing of tokens, and the house's serve it."""
    values = surface.tokens
    if values is None:
        return None
    refresh = values.refresh
    return Tokens(
        Issue(values.access.secret, values.access.lifetime),
        Issue(refresh.secret, refresh.lifetime) if refresh is not None else None,
    )
