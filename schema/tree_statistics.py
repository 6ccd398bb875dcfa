"""What can be counted in a tree, as far as the caller may see it."""

from typing import Any

import strawberry

from models import people, relationships, statistics
from models.moments import Moment
from models.trees import StoredTree
from schema import sight
from schema.context import Info
from schema.kin import Count, own_id
from schema.kinds import Gender
from schema.projection import keys, needing
from schema.relations import following


@strawberry.type(description="How many people of a tree are known as something.")
class GenderCount:
    """How many people are known as something."""

    gender: Gender
    count: int


@strawberry.type(description="What can be counted in a tree.")
class TreeStatistics:
    """What can be counted in a tree."""

    person_count: int = strawberry.field(resolver=following(Count("_id", people.COUNT_OF_TREE)))
    relationship_count: int = strawberry.field(resolver=following(Count("_id", relationships.COUNT_OF_TREE)))
    genders: list[GenderCount] = strawberry.field(description="One for each gender, also where nobody is.")
    living: int
    deceased: int
    with_birth: int = strawberry.field(description="Those of whose birth the caller may know the date.")
    earliest_birth: Moment | None = strawberry.field(description="Of the births that the caller may see.")
    latest_birth: Moment | None = strawberry.field(description="Of the births that the caller may see.")
    with_photo: int = strawberry.field(description="Those whose photo the caller may see.")

    @strawberry.field(description="How many people stand in the longest row from parent to child.")
    @needing("_id")
    async def generations(root: StoredTree) -> int:
        """How long the longest row is."""
        return await statistics.generations(own_id(root["_id"]))


# What takes no look at all people.
EASY = frozenset({"_id"})


@needing("_id")
async def of_tree(root: StoredTree, info: Info) -> Any:
    """What can be counted in a tree."""
    context, tree_id = info.context, own_id(root["_id"])
    wanted = keys(info)
    if wanted is not None and EASY.issuperset(wanted):
        return {"_id": tree_id}
    births, photos = (sight.open_to(context, tree_id, part) for part in ("birth", "profile"))
    return {"_id": tree_id, **await statistics.of_tree(tree_id, births, photos)}
