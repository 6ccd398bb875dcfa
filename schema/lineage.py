"""Lineage: who comes before and after a person, and what is odd about them."""

from collections.abc import Awaitable, Callable
from typing import Any

import strawberry

from models import history, kin, warnings
from models.errors import Invalid
from models.kin import GENERATIONS, Kin
from models.people import StoredPerson
from models.raw import Fields
from models.warnings import WarningCode
from schema import sight
from schema.context import Info
from schema.cost import LISTED
from schema.directives import raises
from schema.kin import own_id
from schema.projection import keys, needing

# How long a list of kin is taken to be, and how far one usually looks.
LENGTH = {LISTED: 100}
USUAL = 4
VERSION = ("version", "change", "changed_by", "at")
RAISES = raises(Invalid)

strawberry.enum(WarningCode, description="What is odd about somebody.")


@strawberry.type(description="Something that cannot well be true.")
class Warning:
    """Something that cannot well be true."""

    code: WarningCode
    message: str
    person_ids: list[strawberry.ID]


def with_id(person: StoredPerson) -> StoredPerson:
    """The person with their id as it is stored."""
    return {**person, "_id": own_id(person["_id"])}


async def kin_of(
    root: StoredPerson,
    info: Info,
    generations: int,
    read: Callable[[StoredPerson, int, Fields], Awaitable[list[Kin]]],
) -> list[dict[str, Any]]:
    """The kin of a person, as the caller may see them; raises Invalid."""
    if not 1 <= generations <= GENERATIONS:
        raise Invalid(f"generations is {generations}, and must be 1 to {GENERATIONS}.", name="generations")
    context, fields = info.context, keys(info, "person")
    # They are all of one tree, so that one look at its rights is enough.
    everything = sight.sees_all(context, root["tree_id"])
    found = await read(with_id(root), generations, fields if everything else sight.wanted(fields))
    for each in found:
        # Ids in their printed form let a list be written at once.
        each.person["_id"] = str(each.person["_id"])  # type: ignore[typeddict-item]  # as the graph shows it
    return [
        {
            "person": each.person if everything else sight.shown(context, each.person),
            "generation": each.generation,
        }
        for each in found
    ]


@needing("_id", "tree_id")
async def ancestors(root: StoredPerson, info: Info, generations: int = USUAL) -> Any:
    """Who comes before a person."""
    return await kin_of(root, info, generations, kin.ancestors)


@needing("_id", "tree_id")
async def descendants(root: StoredPerson, info: Info, generations: int = USUAL) -> Any:
    """Who comes after a person."""
    return await kin_of(root, info, generations, kin.descendants)


@needing("_id", "tree_id", "name", "first_name", "last_name", "birth", "death", "living", "parents")
async def warnings_of(root: StoredPerson, info: Info) -> Any:
    """What is odd about a person, for those who have a part in the tree."""
    if info.context.seen[root["tree_id"]].role is None:
        return []
    return await warnings.of_person(with_id(root), info.context.now)


@needing("_id", "tree_id")
async def versions(root: StoredPerson, info: Info, first: int | None = 50) -> Any:
    """What a person was before, for those who have a part in the tree."""
    limit = info.context.page_limit
    size = min(50, limit) if first is None else first
    if not 0 <= size <= limit:
        raise Invalid(f"first is {size}, and must be 0 to {limit}.", name="first")
    if info.context.seen[root["tree_id"]].role is None:
        return []
    return await history.OF_PERSON.load(
        (own_id(root["_id"]), None, size), ("version", "change", "changed_by", "at")
    )
