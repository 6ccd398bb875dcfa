"""What the collections held before an import and after it, and whether anything else came between."""

from collections.abc import Iterable, Mapping
from typing import Any

from beanie import Document
from pymongo.asynchronous.database import AsyncDatabase

from models import checksums as sums
from models.checksums import Checksum
from models.counters import Counter
from models.import_records import Import, ImportBatch
from models.leases import Lease

# What is kept about the moving of data and is none itself.
BOOKS = frozenset(
    {*(kind.Settings.name for kind in (Import, ImportBatch, Lease)), "migrations_log", "migrations_kept"}
)
# Ids that were given out are not taken back, so their counters only rise.
RISING = frozenset({Counter.Settings.name})


async def counts(kinds: Iterable[type[Document]]) -> dict[str, int]:
    """How many documents there are in each collection that has some."""
    numbers = {
        name: await kind.count() for kind in kinds if (name := kind.get_collection_name()) not in BOOKS
    }
    return {name: number for name, number in numbers.items() if number}


async def checksums(database: AsyncDatabase[Any]) -> dict[str, Checksum]:
    """The checksum of each collection that has data."""
    return await sums.of(database, without=BOOKS)


def differing(
    before: Mapping[str, Checksum], after: Mapping[str, Checksum], changes: Mapping[str, Checksum]
) -> list[str]:
    """The collections that are not what they were with the changes; somebody else has written to them."""
    none = Checksum()
    return sorted(
        name
        for name in (before.keys() | after.keys() | changes.keys()) - RISING
        if before.get(name, none).plus(changes.get(name, none)) != after.get(name, none)
    )
