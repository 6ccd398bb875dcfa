"""Whether an index is equal to what is stored."""

from collections.abc import Mapping
from typing import NamedTuple

from models.search.engine import Engine, digest
from models.search.portions import findables, portions
from models.search.sources import SOURCES


class Difference(NamedTuple):
    """What an index lacks, what it holds though it is gone, and what it holds in another state."""

    missing: list[str]
    surplus: list[str]
    stale: list[str]

    def __bool__(self) -> bool:
        return any(self)


async def stored() -> Mapping[str, str]:
    """The digest of everything that can be found, by id, as it is stored now."""
    found: dict[str, str] = {}
    for source in SOURCES:
        async for some in portions(source, {}):
            found |= {each.id: digest(each) for each in await findables(source, some)}
    return found


async def difference(engine: Engine) -> Difference:
    """What an index and the store do not have in common; raises SearchAway."""
    here, there = await engine.held(), await stored()
    return Difference(
        missing=sorted(there.keys() - here.keys()),
        surplus=sorted(here.keys() - there.keys()),
        stale=sorted(id for id in here.keys() & there.keys() if here[id] != there[id]),
    )
