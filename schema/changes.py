"""Changes of a tree, followed as they are made."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from typing import Any, TypedDict, TypeVar

import strawberry
from bson import ObjectId

from models import changes, relationships, trees
from models.changes import Changed, Edit, TreeChange
from models.errors import DomainError, Invalid
from models.family_errors import FollowedTooSlowly
from models.keys import key
from models.kinds import Need
from models.trees import StoredTree
from schema import sight
from schema.context import Context, Info
from schema.directives import raises
from schema.kin import People
from schema.people import Person
from schema.permissions import SignedIn
from schema.relations import edge, following
from schema.relationship_types import Relationship
from schema.trees import CALLER, TREE, caller

# Seconds after which it is asked again whether the caller may still follow.
AGAIN = 15.0

Brought = TypeVar("Brought")

strawberry.enum(Changed, description="What has changed.")
strawberry.enum(Edit, name="TreeEdit", description="How it has changed.")


@strawberry.type(name="TreeChange", description="One change of a tree.")
class Told:
    """One change of a tree."""

    cursor: str = strawberry.field(description="The place; give it as `after` to follow on from here.")
    kind: Changed
    change: Edit
    id: strawberry.ID
    person: Person | None = strawberry.field(
        description="The person who has changed; null once they are gone.",
        resolver=following(People("person_id")),
    )
    relationship: Relationship | None = strawberry.field(
        description="The relationship that has changed; null once it is gone.",
        resolver=edge("relationship_id", relationships.BY_ID),
    )


class Source(TypedDict):
    """The source of a change."""

    _id: ObjectId
    cursor: str
    kind: Changed
    change: Edit
    person_id: ObjectId | None
    relationship_id: ObjectId | None


def told(change: TreeChange) -> Source:
    """A change as the graph shows it."""
    there = change.change is not Edit.REMOVED
    return {
        "_id": change.id,
        "cursor": change.cursor,
        "kind": change.kind,
        "change": change.change,
        "person_id": change.id if there and change.kind is Changed.PERSON else None,
        "relationship_id": change.id if there and change.kind is Changed.RELATIONSHIP else None,
    }


async def seen(context: Context, tree_id: strawberry.ID) -> StoredTree:
    """The tree, which the caller may see now; raises what stands in the way."""
    account = await caller(context)
    tree = await trees.get(key(tree_id), account, Need.VIEW, trees.RIGHTS)
    sight.noted(context, tree)
    return tree


async def still_seen(context: Context, tree_id: strawberry.ID) -> bool:
    """Whether the caller is still signed in and may still see the tree."""
    if not await context.still_signed_in():
        return False
    try:
        await seen(context, tree_id)
    except DomainError:
        return False
    return True


async def ticking(stream: AsyncIterator[Brought], seconds: float) -> AsyncGenerator[Brought | None, None]:
    """What a stream brings, and None whenever it has brought nothing for so long."""
    waiting: asyncio.Future[Brought] | None = None
    try:
        while True:
            if waiting is None:
                waiting = asyncio.ensure_future(anext(stream))
            done, _ = await asyncio.wait({waiting}, timeout=seconds)
            if not done:
                yield None
                continue
            try:
                change = waiting.result()
            except StopAsyncIteration:
                return
            finally:
                waiting = None
            yield change
    finally:
        if waiting is not None:
            # The driver may take the first word to stop for a broken connection.
            while not waiting.done():
                waiting.cancel()
                await asyncio.wait({waiting}, timeout=seconds)


@strawberry.type
class ChangeSubscriptions:
    """What happens to trees."""

    @strawberry.subscription(
        graphql_type=Told,
        description="The changes of a tree, until the caller may not see it any more.",
        permission_classes=[SignedIn],
        directives=[raises(*CALLER, *TREE, Invalid, FollowedTooSlowly)],
    )
    async def tree_changes(
        self, info: Info, tree_id: strawberry.ID, after: str | None = None
    ) -> AsyncGenerator[Any, None]:
        """The changes of a tree from now on."""
        context = info.context
        tree = await seen(context, tree_id)
        stream = changes.follow(tree["_id"], after)
        loop = asyncio.get_running_loop()
        asked = loop.time()
        async with aclosing(stream), aclosing(ticking(stream, AGAIN)) as ticks:
            async for change in ticks:
                context.reads.forget()
                is_due = loop.time() - asked >= AGAIN
                if change is None or is_due or change.kind is Changed.TREE:
                    asked = loop.time()
                    if not await still_seen(context, tree_id):
                        return
                if change is not None:
                    yield told(change)
