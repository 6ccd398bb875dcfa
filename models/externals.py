"""Whom this server knows of those that others name."""

from typing import Any, NamedTuple

from models import raw
from models.text import unstorable
from models.users import External, User

# No provider's names are longer.
LONGEST = 180


class Account(NamedTuple):
    """An account of this server: its name, and its number."""

    uuid: str
    number: int


async def account_of(provider: str, subject: str) -> Account | None:
    """The account of somebody whom a provider names; None for who has none here, or never could."""
    if not 0 < len(subject) <= LONGEST or unstorable(subject):
        return None
    external = External(provider=provider, subject=subject)
    found: Any = await raw.collection(User).find_one(
        {"external": {"$elemMatch": external.model_dump()}}, {"uuid": True}
    )
    return None if found is None else Account(str(found["uuid"]), found["_id"])
