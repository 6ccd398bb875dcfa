"""Invitations: a code lets one person register, once."""

from datetime import datetime
from typing import Self

from pymongo import IndexModel
from pymongo.asynchronous.client_session import AsyncClientSession

from models.counters import Numbered
from models.errors import InvitationInvalid
from models.moments import Moment
from models.rows import Row
from models.text import storable


class Invitation(Numbered):
    """A code, and who has used it."""

    code: str
    used: bool = False
    used_by: int | None = None
    used_at: Moment | None = None

    class Settings:
        name = "invitations"
        indexes = [IndexModel("code", unique=True)]

    @classmethod
    def from_row(cls, row: Row) -> Self:
        """The invitation in a legacy row; raises BadValue."""
        return cls(
            id=row.whole("id"),
            code=row.text("code"),
            used=row.truth("used"),
            used_by=row.whole_or_none("used_by"),
            used_at=row.moment_or_none("used_at"),
        )


async def get_unused(code: str) -> Invitation:
    """The invitation with exactly this code, unless used; raises InvitationInvalid."""
    invitation = await Invitation.find_one({"code": storable(code, "invitationCode"), "used": False})
    if invitation is None:
        raise InvitationInvalid
    return invitation


async def claim(code: str, now: datetime, session: AsyncClientSession) -> bool:
    """Whether this transaction is the one that uses the code."""
    result = await Invitation.get_pymongo_collection().update_one(
        {"code": code, "used": False},
        {"$set": {"used": True, "used_at": Moment.of(now).model_dump()}},
        session=session,
    )
    return result.modified_count == 1


async def assign(code: str, user_id: int, session: AsyncClientSession) -> None:
    """Notes who has used the code that this transaction claimed."""
    await Invitation.get_pymongo_collection().update_one(
        {"code": code}, {"$set": {"used_by": user_id}}, session=session
    )
