"""Relationships: what ties two people of a tree."""

from typing import Required, TypedDict, cast

from beanie import Document, PydanticObjectId
from bson import ObjectId
from pydantic import Field
from pymongo import IndexModel

from models import trees
from models.embedded import Embedded
from models.family_errors import RelationshipNotFound
from models.joins import Load, Reads
from models.keys import Key, new_uuid
from models.kinds import Kind, Need, ParentRole, UnionStatus
from models.lanes import Counted, Group, Members, Unique
from models.moments import Moment, StoredMoment
from models.raw import Fields
from models.trees import CREATION


class RelationshipEvent(Embedded):
    """Something that happened between two people, in their own words."""

    kind: str | None = None
    date: Moment | None = None
    place: str | None = None
    description: str | None = None


class Relationship(Document):
    """Two people and what they are to each other; of a parent and a child, the parent is the first."""

    id: PydanticObjectId = Field(default_factory=PydanticObjectId)
    uuid: str = Field(default_factory=new_uuid)
    tree_id: PydanticObjectId
    from_id: PydanticObjectId
    to_id: PydanticObjectId
    # Both ends, so that one index finds what ties somebody.
    people: list[PydanticObjectId]
    kind: Kind
    role: ParentRole | None = None
    status: UnionStatus | None = None
    started: Moment | None = None
    ended: Moment | None = None
    notes: str | None = None
    events: list[RelationshipEvent] = []
    # Whether people show it: of two that make siblings of the same two people, only the newer one is shown.
    # The old service lost the older one from its lists, also once the newer one was deleted.
    listed: bool = True
    # What no other relationship may claim.
    claims: list[str] = []
    created_by: str | None = None
    created_at: Moment
    updated_at: Moment
    revision: int = 0

    class Settings:
        name = "relationships"
        indexes = [
            IndexModel("uuid", unique=True),
            IndexModel([("tree_id", 1), ("_id", 1)]),
            IndexModel("people"),
            IndexModel([("from_id", 1), ("to_id", 1), ("kind", 1)]),
            IndexModel([("to_id", 1), ("kind", 1)]),
            IndexModel("claims", unique=True, partialFilterExpression={"claims.0": {"$exists": True}}),
        ]


class StoredRelationshipEvent(TypedDict):
    """Something that happened, as it is stored."""

    _id: ObjectId
    kind: str | None
    date: StoredMoment | None
    place: str | None
    description: str | None


class StoredRelationship(TypedDict, total=False):
    """A relationship as it is stored."""

    _id: Required[ObjectId]
    uuid: str
    tree_id: ObjectId
    from_id: ObjectId
    to_id: ObjectId
    people: list[ObjectId]
    kind: str
    role: str | None
    status: str | None
    started: StoredMoment | None
    ended: StoredMoment | None
    notes: str | None
    events: list[StoredRelationshipEvent]
    listed: bool
    created_by: str | None
    created_at: StoredMoment
    updated_at: StoredMoment
    revision: int


BY_ID: Unique[StoredRelationship] = Unique(Relationship)
BY_UUID: Unique[StoredRelationship] = Unique(Relationship, "uuid")
OF_TREE: Group[StoredRelationship] = Group(Relationship, "tree_id", order=CREATION)
# What ties somebody, whichever end they are.
OF_PERSON: Members[StoredRelationship] = Members(Relationship, "people", order=CREATION)
COUNT_OF_TREE = Counted(Relationship, "tree_id")


def find(key: Key, fields: Fields = None, reads: Reads | None = None) -> Load[StoredRelationship | None]:
    """The relationship with this key, or None; asks nobody's leave."""
    lane = BY_ID if isinstance(key, ObjectId) else BY_UUID
    return lane.load(key, fields, reads)


async def get(
    key: Key | None,
    account: str | None,
    need: Need = Need.VIEW,
    tree: Key | None = None,
    fields: Fields = None,
    reads: Reads | None = None,
) -> StoredRelationship:
    """The relationship with this key, whose tree may be used so; raises RelationshipNotFound, TreeForbidden.

    With a tree, that one is asked for first, which raises TreeNotFound too, and holds the relationship.
    """
    found = await trees.held(find, RelationshipNotFound, key, account, need, tree, fields, reads)
    return cast(StoredRelationship, found)
