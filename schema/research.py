"""Research: how people hang together, who is in a tree twice, and what they were before."""

from typing import Annotated, Any

import strawberry

from models import kin, merges, people, reverts
from models.errors import Invalid
from models.family_errors import PersonNotFound, VersionNotFound, VersionUnreadable
from models.keys import key
from models.kin import Tie
from models.kinds import Need
from models.people import StoredPerson
from schema import sight
from schema.connections import PAGE, Page
from schema.context import Info
from schema.cost import LISTED
from schema.directives import raises
from schema.kin import people_of
from schema.people import Person
from schema.permissions import SignedIn
from schema.persons import entered
from schema.projection import keys
from schema.scalars import Number
from schema.trees import ACCOUNT, CALLER, TREE, caller

# Steps between two people that are looked for at most.
STEPS = 50

strawberry.enum(Tie, name="Step", description="What leads from one person to the next.")


@strawberry.type(description="People in a row, and what leads from each to the next.")
class KinPath:
    """People in a row."""

    people: list[Person]
    steps: list[Tie]


@strawberry.type(description="Two people who may be one.")
class Duplicate:
    """Two people who may be one."""

    one: Person
    other: Person
    score: Number = strawberry.field(description="How sure that is, up to 1.")


@strawberry.type
class ResearchQueries:
    """What can be found out about people."""

    @strawberry.field(
        graphql_type=list[KinPath],
        description="The shortest ways from one person to another of the same tree, ten at most.",
        directives=[raises(*ACCOUNT, *TREE, PersonNotFound, Invalid)],
        metadata={LISTED: 10},
    )
    async def kinship(
        self,
        info: Info,
        from_: Annotated[strawberry.ID, strawberry.argument(name="from")],
        to: strawberry.ID,
        most: int = 12,
    ) -> list[dict[str, Any]]:
        """The shortest ways."""
        context = info.context
        if not 1 <= most <= STEPS:
            raise Invalid(f"most is {most}, and must be 1 to {STEPS}.", name="most")
        account = await sight.viewer(context)
        one, other = [
            await people.get(key(id), account, Need.VIEW, None, ("tree_id",), context.reads)
            for id in (from_, to)
        ]
        if one["tree_id"] != other["tree_id"]:
            return []
        ways = await kin.kinship(one, other, most)
        fields = sight.wanted(keys(info, "people"))
        everybody = await people_of(context, [id for way in ways for id in way.people], fields)
        by_id = {each["_id"]: each for each in everybody}
        return [{"people": [by_id[id] for id in way.people], "steps": way.ties} for way in ways]

    @strawberry.field(
        graphql_type=list[Duplicate],
        description="Who may be in a tree twice, the surest first.",
        permission_classes=[SignedIn],
        directives=[raises(*CALLER, *TREE, Invalid)],
    )
    async def duplicates(
        self, info: Info, tree_id: strawberry.ID, first: int | None = PAGE
    ) -> list[dict[str, Any]]:
        """Who may be in a tree twice."""
        context, account = info.context, await caller(info.context)
        page = Page.wanted(first, None, context.page_limit)
        found = await merges.duplicates(key(tree_id), account, page.first)
        both = [person for each in found for person in (each.one, each.other)]
        shown = await sight.seen(context, both)
        pairs = zip(shown[::2], shown[1::2], found, strict=True)
        return [{"one": one, "other": other, "score": each.score} for one, other, each in pairs]


@strawberry.type
class ResearchMutations:
    """Putting right what is told of people."""

    @strawberry.mutation(
        graphql_type=Person,
        description="Makes two people of a tree one: who stays has all that was known of both.",
        permission_classes=[SignedIn],
        directives=[raises(*CALLER, *TREE, PersonNotFound, Invalid)],
    )
    async def merge_people(self, info: Info, keep: strawberry.ID, drop: strawberry.ID) -> StoredPerson | None:
        """Who stays."""
        context, account = info.context, await caller(info.context)
        with context.reads.written():
            person = await merges.merge(key(keep), key(drop), account, context.now)
        return await entered(context, person)

    @strawberry.mutation(
        graphql_type=Person,
        description="Makes of a person again what they were; the versions in between stay.",
        permission_classes=[SignedIn],
        directives=[raises(*CALLER, *TREE, PersonNotFound, VersionNotFound, VersionUnreadable)],
    )
    async def revert_person(
        self,
        info: Info,
        id: strawberry.ID,
        version: int,
        version_id: Annotated[
            strawberry.ID | None,
            strawberry.argument(description="Which one, where an import brought another with this number."),
        ] = None,
    ) -> StoredPerson | None:
        """The person as they were."""
        context, account = info.context, await caller(info.context)
        which = None if version_id is None else key(version_id)
        if version_id is not None and which is None:
            raise VersionNotFound(version=version)
        with context.reads.written():
            person = await reverts.revert(key(id), version, account, context.now, which)
        return await entered(context, person)
