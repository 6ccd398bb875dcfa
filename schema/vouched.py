"""Callers of whom more is known than their names: somebody vouches for them, or a session does."""

from dataclasses import dataclass, field
from datetime import datetime

from models.sign_ins import Identity
from schema.context import Caller


@dataclass(frozen=True)
class Vouched(Caller):
    """Who a trusted issuer or a session of this server says is calling."""

    # The permissions that the issuer's token grants, in its own spelling.
    granted: tuple[str, ...] = ()
    # When these end, with that token; None where nothing was granted or for ever.
    granted_until: datetime | None = None
    # What they are called where people are counted; None for who has no account here.
    number: int | None = None
    # How they came in.
    method: str = ""
    since: datetime | None = None
    # Who they are to the issuer; None for somebody whom this server knows itself.
    identity: Identity | None = field(default=None, repr=False)
    # The session that has to end with the credential.
    session: str = field(default="", repr=False)

    @property
    def user_id(self) -> int:
        """The number of the account; raises TokenWithoutUser where there is none."""
        return super().user_id if self.number is None else self.number
