"""Documents that are changed by comparing count their changes, those too that were loaded without a count.

Expand: one field is added. Servers of earlier releases leave it alone or count with it.
"""

from typing import Any

from models.migrations._steps import Change, down, migration, up

COLLECTIONS = (
    "reviews",
    "family_trees",
    "people",
    "relationships",
    "events",
    "sources",
    "notifications",
)


def first(form: dict[str, Any]) -> dict[str, Any]:
    """The count of a document that nobody has changed."""
    return {"revision": 0}


CHANGES = [
    Change("m0002_revisions", name, lacking={"revision": {"$exists": False}}, forward=first)
    for name in COLLECTIONS
]


class Forward:
    """Begins to count."""

    @migration
    async def revisions(self, session: Any) -> None:
        """Gives every document a count."""
        for change in CHANGES:
            await up(change)


class Backward:
    """Stops counting."""

    @migration
    async def revisions(self, session: Any) -> None:
        """Takes the counts away that were given, and keeps them."""
        for change in CHANGES:
            await down(change)
