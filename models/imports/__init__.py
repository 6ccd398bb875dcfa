"""Rows of old databases, turned into documents: all are checked before the first is written."""

from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from bson import ObjectId
from pymongo.asynchronous.database import AsyncDatabase

from models import DOCUMENTS, demo
from models.files import BadFile, read
from models.imports import named, numbered
from models.imports.sources import GATEWAY, GENEALOGY
from models.imports.summary import Progress, Refused, Summary
from models.users import User

__all__ = ["SURFACES", "Refused", "Summary", "clear", "import_rows"]

# How the rows of a surface are checked and written; those whom genealogy knows stay as other surfaces told.
SURFACES: Mapping[str, Callable[..., numbered.Batch | named.Batch]] = {
    "mandarin": partial(numbered.Batch, numbered.LEARNING),
    "gateway": partial(named.Batch, GATEWAY, new_users=False),
    "auth": partial(named.Batch, GATEWAY, new_users=False),
    "genealogy": partial(named.Batch, GENEALOGY, new_users=True),
}


async def import_rows(
    surface: str,
    path: Path,
    state: str | None = None,
    *,
    progress: Progress | None = None,
    skip_bad: bool = False,
    same: Mapping[str, ObjectId] | None = None,
) -> Summary:
    """What an import of a file did; with a bad row and without `skip_bad`, nothing.

    `same` tells which UUIDs and ObjectIds of two servers name one thing; nobody guesses that. Needs
    connected models. Raises BadFile, and Refused where demo data is in use.
    """
    if surface not in SURFACES:
        raise BadFile(f"There is no surface {surface!r} to import; there are: {', '.join(SURFACES)}.")
    if same and surface == "mandarin":
        raise BadFile("The things of mandarin are named by numbers; none of them can be named twice.")
    summary = Summary(surface, str(path), state)
    alone = await demo.untouched()
    if alone is False:
        raise Refused(
            "People have registered beside the demo data in this database. Import into another one: "
            "set MONGODB_DATABASE or LOCKSTEP_DATA, and LOCKSTEP_DEMO=0."
        )
    known = {"same": same} if same else {}
    batch = SURFACES[surface](summary=summary, stored=alone is None, **known)
    await batch.take(read(path, state))
    if summary.bad and not skip_bad:
        return summary
    summary.before = await counts()
    if alone:
        await clear(User.get_pymongo_collection().database)
        await demo.give_way()
        summary.demo_replaced = True
    await batch.write(progress)
    summary.after = await counts()
    return summary


async def counts() -> dict[str, int]:
    """How many documents there are in each collection that has some."""
    numbers = {kind.get_collection_name(): await kind.count() for kind in DOCUMENTS}
    return {name: number for name, number in numbers.items() if number}


async def clear(database: AsyncDatabase[dict[str, Any]]) -> None:
    """Empties every collection of the models; their indexes stay."""
    for kind in DOCUMENTS:
        await database[kind.get_collection_name()].delete_many({})
