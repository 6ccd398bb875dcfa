"""Users of the first release get what accounts have had since: a UUID, and what is so where nothing is known.

Expand: only fields are added, which the first release does not read. Its users need nothing else.
"""

from typing import Any
from uuid import uuid4

from models.migrations._steps import Change, down, migration, up

# As they were when accounts came; what later releases add is the matter of later migrations.
SINCE: dict[str, Any] = {
    "username": None,
    "password_hash": None,  # nosec B105  # there is none
    "created_at": None,
    "first_name": None,
    "last_name": None,
    "phone": None,
    "date_of_birth": None,
    "gender": None,
    "profile_picture_url": None,
    "bio": None,
    "location": None,
    "language": "en",
    "timezone": "UTC",
    "email_verified": False,
    "two_factor_enabled": False,
    "subscription_tier": "free",
    "is_admin": False,
    "is_active": True,
    "failed_sign_ins": 0,
    "locked_until": None,
    "last_sign_in": None,
    "verification": None,
    "external": [],
}


def given(user: dict[str, Any]) -> dict[str, Any]:
    """What a user lacks."""
    fields = {**SINCE, "uuid": str(uuid4())}
    return {name: value for name, value in fields.items() if name not in user}


CHANGE = Change(
    migration="m0001_accounts",
    collection="users",
    lacking={"$or": [{name: {"$exists": False}} for name in ("uuid", *SINCE)]},
    forward=given,
)


class Forward:
    """Adds the fields."""

    @migration
    async def accounts(self, session: Any) -> None:
        """Gives every user what they lack."""
        await up(CHANGE)


class Backward:
    """Takes the fields away again."""

    @migration
    async def accounts(self, session: Any) -> None:
        """Takes from every user what they were given, and keeps it."""
        await down(CHANGE)
