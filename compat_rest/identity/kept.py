"""Sessions that the server keeps: the cookie only names one, and what it holds stays here."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from typing import Protocol

from compat_rest.identity.flask_session import Session
from compat_rest.refusal import Refusal
from schema.context import Caller
from schema.sessions import Held
from schema.vouched import Vouched


@dataclass(frozen=True)
class Opened:
    """A session that goes on: what it holds, and when it ends at the latest."""

    held: Held
    expires: datetime


class Keeper(Protocol):
    """Where sessions are kept."""

    def named(self, cookies: Sequence[str]) -> str:
        """The session that the cookies of a request name and this server has signed; empty for none."""

    async def open(self, session: str) -> Opened | None:
        """A session by its name, None where it is over; raises SessionsAway."""


class KeptSessions:
    """Recognises the sessions of one keeper."""

    def __init__(self, keeper: Keeper) -> None:
        self.named = keeper.named
        self._keeper = keeper

    async def caller(self, authorization: str | None, session: Session) -> Caller | None:
        """Whose session it is; raises Refusal for one that is over, and SessionsAway."""
        if not session.kept:
            return None
        opened = await self._keeper.open(session.kept)
        if opened is None:
            raise Refusal("TOKEN_INVALID")
        held = opened.held
        lasting = held.until is None or datetime.now(UTC) < held.until
        return Vouched(
            held.account,
            credential_of(session.kept),
            opened.expires,
            granted=held.granted if lasting else (),
            granted_until=held.until,
            number=held.number,
            method=held.method,
            since=held.since,
            session=session.kept,
        )


def credential_of(session: str) -> str:
    """What a session is called among the revocations."""
    return "kept:" + sha256(session.encode()).hexdigest()
