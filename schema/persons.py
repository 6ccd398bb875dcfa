"""People: how they are found, entered, changed and taken out."""

import strawberry

from models import people, person_writes
from models.errors import Invalid
from models.family_errors import (
    NameMissing,
    NothingToChange,
    ParentNotFound,
    PersonNotFound,
    ReferenceTaken,
    TreeNotFound,
)
from models.keys import Key, key
from models.kinds import Need
from models.people import StoredPerson
from schema import inputs, sight
from schema.context import Context, Info
from schema.directives import raises
from schema.people import Person
from schema.permissions import SignedIn
from schema.person_inputs import LegacyParents, NewPerson, PersonChanges, person_fields
from schema.projection import keys
from schema.trees import ACCOUNT, CALLER, TREE, caller


def tree_key(id: strawberry.ID | None) -> Key | None:
    """The key of a tree, None where none is given; raises TreeNotFound."""
    if id is None:
        return None
    found = key(id)
    if found is None:
        raise TreeNotFound
    return found


async def entered(context: Context, person: StoredPerson) -> StoredPerson | None:
    """A person who was written, as the caller may see them."""
    return (await sight.seen(context, [person]))[0]


@strawberry.type
class PersonQueries:
    """What can be asked about people."""

    @strawberry.field(
        graphql_type=Person,
        description="One person, of whichever tree or of this one.",
        directives=[raises(*TREE, *ACCOUNT, PersonNotFound)],
    )
    async def person(
        self, info: Info, id: strawberry.ID, tree_id: strawberry.ID | None = None
    ) -> StoredPerson | None:
        """One person."""
        context = info.context
        account = await sight.viewer(context)
        fields = sight.wanted(keys(info))
        found = await people.get(key(id), account, Need.VIEW, tree_key(tree_id), fields, context.reads)
        return await entered(context, found)


@strawberry.type
class PersonMutations:
    """Entering people, changing them and taking them out."""

    @strawberry.mutation(
        graphql_type=Person,
        description="Enters a person into a tree, or into the one that `openTree` gives.",
        permission_classes=[SignedIn],
        directives=[raises(*CALLER, *TREE, Invalid, NameMissing, ParentNotFound, ReferenceTaken)],
    )
    async def add_person(
        self,
        info: Info,
        input: NewPerson,
        tree_id: strawberry.ID | None = None,
        require_name: bool = False,
        legacy_parents: LegacyParents | None = None,
        legacy_unfit: inputs.LegacyUnfit = None,
    ) -> StoredPerson | None:
        """The new person."""
        context, account = info.context, await caller(info.context)
        fields = person_fields(input)
        checked = inputs.without_nulls(inputs.said(legacy_parents)) if legacy_parents else {}
        named = {name: key(id) for name, id in checked.items()}
        with context.reads.written():
            person = await person_writes.add(
                tree_key(tree_id),
                fields,
                account,
                context.now,
                require_name=require_name,
                checked=named,
                unfit=inputs.names(legacy_unfit),
            )
        return await entered(context, person)

    @strawberry.mutation(
        graphql_type=Person,
        description="Changes a person.",
        permission_classes=[SignedIn],
        directives=[raises(*CALLER, *TREE, Invalid, PersonNotFound, NothingToChange, ParentNotFound)],
    )
    async def change_person(
        self,
        info: Info,
        id: strawberry.ID,
        input: PersonChanges,
        tree_id: strawberry.ID | None = None,
        require_change: bool = False,
        legacy_unfit: inputs.LegacyUnfit = None,
    ) -> StoredPerson | None:
        """The person after the change."""
        context, account = info.context, await caller(info.context)
        fields, tree = person_fields(input), tree_key(tree_id)
        with context.reads.written():
            person = await person_writes.change(
                key(id),
                fields,
                account,
                context.now,
                tree,
                require_change=require_change,
                unfit=inputs.names(legacy_unfit),
            )
        return await entered(context, person)

    @strawberry.mutation(
        description="Takes a person out of their tree, with whatever ties them to others. Always true.",
        permission_classes=[SignedIn],
        directives=[raises(*CALLER, *TREE, PersonNotFound)],
    )
    async def delete_person(
        self, info: Info, id: strawberry.ID, tree_id: strawberry.ID | None = None
    ) -> bool:
        """The end of an entry."""
        context, account = info.context, await caller(info.context)
        tree = tree_key(tree_id)
        with context.reads.written():
            await person_writes.delete(key(id), account, context.now, tree)
        return True
