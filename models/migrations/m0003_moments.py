"""Dates that stand where a moment belongs become moments: rows that other programs have loaded have them so.

Move: the field has another form afterwards. No release could read the old one, so none is in the way.
"""

from datetime import datetime
from typing import Any

from models.migrations._steps import Change, down, migration, up

FIELDS = {
    "users": ("created_at", "date_of_birth", "last_sign_in"),
    "courses": ("created_at",),
    "invitations": ("used_at",),
    "enrollments": ("enrolled_at",),
    "reviews": ("next_review", "last_review"),
}


def moments(*names: str) -> Any:
    """What makes moments of the dates in these fields."""

    def made(form: dict[str, Any]) -> dict[str, Any]:
        return {
            name: {"at": form[name], "us": 0, "text": None}
            for name in names
            if isinstance(form.get(name), datetime)
        }

    return made


def date(moment: Any) -> Any:
    """The date of a moment."""
    return moment["at"] if isinstance(moment, dict) else moment


def same(moment: dict[str, Any], parked: Any) -> bool:
    """Whether a moment that was kept is still the one that its date tells."""
    return isinstance(parked, dict) and moment["at"] == parked.get("at")


CHANGES = [
    Change(
        "m0003_moments",
        collection,
        lacking={"$or": [{name: {"$type": "date"}} for name in names]},
        forward=moments(*names),
        backward=date,
        agrees=same,
    )
    for collection, names in FIELDS.items()
]


class Forward:
    """Makes moments of dates."""

    @migration
    async def moments(self, session: Any) -> None:
        """Gives every such date the form of a moment."""
        for change in CHANGES:
            await up(change)


class Backward:
    """Makes dates of moments."""

    @migration
    async def moments(self, session: Any) -> None:
        """Gives back the dates, of moments that have changed since too."""
        for change in CHANGES:
            await down(change)
