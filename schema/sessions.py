"""Sessions that the server keeps: what one holds, and who begins and ends them."""

from datetime import datetime
from typing import NamedTuple, Protocol

from models.platform_errors import SessionsAway


class Held(NamedTuple):
    """What a session holds: whose it is, what the token granted it was begun with, and how and when."""

    account: str
    number: int | None
    granted: tuple[str, ...]
    method: str
    since: datetime
    # When the token ends that granted this, and the grant with it.
    until: datetime | None = None


class Begun(NamedTuple):
    """A session that has begun: its name for people, the cookie that opens it, and when it ends."""

    name: str
    cookie: str
    expires: datetime


class Sessions(Protocol):
    """Where sessions are kept."""

    async def start(self, held: Held, now: datetime) -> Begun:
        """A new session; raises SessionsAway."""

    async def end(self, session: str) -> None:
        """Forgets a session at once; raises SessionsAway."""


class NoSessions:
    """Where nobody keeps any."""

    async def start(self, held: Held, now: datetime) -> Begun:
        """Refuses."""
        raise SessionsAway

    async def end(self, session: str) -> None:
        """There is none that could go on."""


NO_SESSIONS = NoSessions()
