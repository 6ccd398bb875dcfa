"""Relationships: what ties two people of a tree, as the graph shows it."""

import strawberry

from models.moments import Moment
from schema.kin import TREE_UUID, People, Uuids
from schema.kinds import Kind, ParentRole, UnionStatus
from schema.people import Person
from schema.relations import following


@strawberry.type(description="Something that happened between two people, in their own words.")
class RelationshipEvent:
    """Something that happened between two people."""

    id: strawberry.ID
    kind: str | None
    date: Moment | None
    place: str | None
    description: str | None


@strawberry.type(description="Two people and what they are to each other; a parent is the first of the two.")
class Relationship:
    """Two people and what they are to each other."""

    id: strawberry.ID
    uuid: strawberry.ID
    tree_id: strawberry.ID
    tree_uuid: strawberry.ID = strawberry.field(resolver=following(TREE_UUID))
    kind: Kind
    role: ParentRole | None = strawberry.field(description="What a parent or guardian is to the child.")
    status: UnionStatus | None = strawberry.field(description="Where two spouses stand.")
    from_id: strawberry.ID
    to_id: strawberry.ID
    from_uuid: strawberry.ID | None = strawberry.field(
        description="Null once this person is gone.", resolver=following(Uuids("from_id"))
    )
    to_uuid: strawberry.ID | None = strawberry.field(
        description="Null once this person is gone.", resolver=following(Uuids("to_id"))
    )
    from_person: Person | None = strawberry.field(name="from", resolver=following(People("from_id")))
    to_person: Person | None = strawberry.field(name="to", resolver=following(People("to_id")))
    started: Moment | None
    ended: Moment | None
    notes: str | None
    events: list[RelationshipEvent]
    created_by: strawberry.ID | None
    created_at: Moment
    updated_at: Moment
    revision: int
