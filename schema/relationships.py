"""Relationships: how they are found, told, changed and taken back."""

from typing import Annotated, Any, cast

import strawberry

from models import relating, relationships
from models.family_errors import (
    BiologicalParentTaken,
    EndNotFound,
    KindFixed,
    NotApplicable,
    PeopleNotFound,
    RelationshipExists,
    RelationshipNotFound,
    RoleMissing,
    SelfRelation,
    SiblingsAlready,
    StatusMissing,
)
from models.keys import key
from models.kinds import Need
from models.moments import Moment
from models.relation_fields import RelationFields
from models.relationships import StoredRelationship
from schema import inputs, sight
from schema.context import Info
from schema.directives import raises
from schema.kinds import Kind, ParentRole, UnionStatus
from schema.permissions import SignedIn
from schema.persons import tree_key
from schema.projection import keys
from schema.relationship_types import Relationship
from schema.trees import ACCOUNT, CALLER, TREE, caller

ENDS = (PeopleNotFound, EndNotFound, SelfRelation)
TAKEN = (RelationshipExists, SiblingsAlready, BiologicalParentTaken)


@strawberry.input(description="Something that happened between two people, in their own words.")
class RelationshipEventInput:
    """Something that happened between two people."""

    kind: str | None = None
    date: Moment | None = None
    place: str | None = None
    description: str | None = None


@strawberry.input
class Told:
    """What can be told of a relationship at any time."""

    role: ParentRole | None = strawberry.UNSET
    status: UnionStatus | None = strawberry.UNSET
    started: Moment | None = strawberry.UNSET
    ended: Moment | None = strawberry.UNSET
    notes: str | None = strawberry.UNSET
    events: list[RelationshipEventInput] | None = strawberry.UNSET


@strawberry.input(description="What two people are to each other, beyond its kind.")
class RelationshipInput(Told):
    """What two people are to each other."""

    legacy_role: str | None = strawberry.field(
        default=strawberry.UNSET,
        description="A role in the word of an old client, dropped where none belongs.",
    )
    legacy_status: str | None = strawberry.field(
        default=strawberry.UNSET, description="A status in the same way."
    )


@strawberry.input(description="What to change of a relationship: what is left out stays.")
class RelationshipChanges(Told):
    """What to change of a relationship."""

    kind: Kind | None = strawberry.field(
        default=strawberry.UNSET, description="The one that it has; a kind does not change."
    )


@strawberry.type
class RelationshipQueries:
    """What can be asked about relationships."""

    @strawberry.field(
        graphql_type=Relationship,
        description="One relationship, of whichever tree or of this one.",
        directives=[raises(*TREE, *ACCOUNT, RelationshipNotFound)],
    )
    async def relationship(
        self, info: Info, id: strawberry.ID, tree_id: strawberry.ID | None = None
    ) -> StoredRelationship:
        """One relationship."""
        context = info.context
        account = await sight.viewer(context)
        tree = tree_key(tree_id)
        return await relationships.get(key(id), account, Need.VIEW, tree, keys(info), context.reads)


@strawberry.type
class RelationshipMutations:
    """Telling, changing and taking back."""

    @strawberry.mutation(
        graphql_type=Relationship,
        description="Tells that two people are related; without a tree, in that of the first.",
        permission_classes=[SignedIn],
        directives=[raises(*CALLER, *TREE, *ENDS, *TAKEN, RoleMissing, StatusMissing)],
    )
    async def relate(
        self,
        info: Info,
        from_: Annotated[strawberry.ID, strawberry.argument(name="from")],
        to: strawberry.ID,
        kind: Kind,
        tree_id: strawberry.ID | None = None,
        input: RelationshipInput | None = None,
        strict: bool = True,
        legacy_unfit: inputs.LegacyUnfit = None,
    ) -> StoredRelationship:
        """The new relationship."""
        context, account = info.context, await caller(info.context)
        values = inputs.said(input) if input else {}
        unfit = [*inputs.names(legacy_unfit), *inputs.legacy_words(values, kind)]
        fields, tree = told(values), tree_key(tree_id)
        with context.reads.written():
            return await relating.link(
                key(from_), key(to), kind, fields, account, context.now, tree, strict=strict, unfit=unfit
            )

    @strawberry.mutation(
        graphql_type=Relationship,
        description="Changes a relationship.",
        permission_classes=[SignedIn],
        directives=[raises(*CALLER, *TREE, RelationshipNotFound, KindFixed, NotApplicable, *TAKEN)],
    )
    async def change_relationship(
        self,
        info: Info,
        id: strawberry.ID,
        input: RelationshipChanges,
        tree_id: strawberry.ID | None = None,
        legacy_unfit: inputs.LegacyUnfit = None,
    ) -> StoredRelationship:
        """The relationship after the change."""
        context, account = info.context, await caller(info.context)
        fields, tree, unfit = told(inputs.said(input)), tree_key(tree_id), inputs.names(legacy_unfit)
        with context.reads.written():
            return await relating.change(key(id), fields, account, context.now, tree, unfit=unfit)

    @strawberry.mutation(
        description="Takes back that two people are related. Always true.",
        permission_classes=[SignedIn],
        directives=[raises(*CALLER, *TREE, RelationshipNotFound)],
    )
    async def delete_relationship(
        self, info: Info, id: strawberry.ID, tree_id: strawberry.ID | None = None
    ) -> bool:
        """The end of a relationship."""
        context, account = info.context, await caller(info.context)
        tree = tree_key(tree_id)
        with context.reads.written():
            await relating.unlink(key(id), account, context.now, tree)
        return True


def told(values: dict[str, Any]) -> RelationFields:
    """What was told of a relationship; null where something is always there says nothing."""
    return cast(RelationFields, inputs.without_nulls(values, "kind", "events"))
