"""Events: what happened to people, and which sources tell of it."""

from collections.abc import Sequence
from typing import Any, Required, TypedDict

from beanie import Document, PydanticObjectId
from bson import ObjectId
from pydantic import Field
from pymongo import IndexModel

from models import records
from models.family_errors import EventNotFound
from models.keys import Key, new_uuid
from models.lanes import Members, Pages
from models.moments import Moment, StoredMoment
from models.people import Person
from models.sources import Source


class Event(Document):
    """Something that happened in the life of one or several people of a tree."""

    id: PydanticObjectId = Field(default_factory=PydanticObjectId)
    uuid: str = Field(default_factory=new_uuid)
    tree_id: PydanticObjectId
    kind: str
    date: Moment | None = None
    place: str | None = None
    description: str | None = None
    people: list[PydanticObjectId] = []
    sources: list[PydanticObjectId] = []
    created_by: str | None = None
    created_at: Moment
    updated_at: Moment
    revision: int = 0

    class Settings:
        name = "events"
        indexes = [
            IndexModel("uuid", unique=True),
            IndexModel([("tree_id", 1), ("_id", 1)]),
            IndexModel("people"),
            IndexModel("sources"),
        ]


class StoredEvent(TypedDict, total=False):
    """An event as it is stored."""

    _id: Required[ObjectId]
    uuid: str
    tree_id: ObjectId
    kind: str
    date: StoredMoment | None
    place: str | None
    description: str | None
    people: list[ObjectId]
    sources: list[ObjectId]
    created_by: str | None
    created_at: StoredMoment
    updated_at: StoredMoment
    revision: int


class EventFields(TypedDict, total=False):
    """What somebody says of an event; a missing key says nothing."""

    kind: str
    date: Moment | None
    place: str | None
    description: str | None
    people: Sequence[Key | None]
    sources: Sequence[Key | None]


ORDER = ("date.at", "created_at.at", "_id")
OF_TREE: Pages[StoredEvent] = Pages(Event, "tree_id", wanted=lambda tree_id: {"tree_id": tree_id})
# What happened to somebody, and what a source tells of, in the order of time.
OF_PERSON: Members[StoredEvent] = Members(Event, "people", order=ORDER)
OF_SOURCE: Members[StoredEvent] = Members(Event, "sources", order=ORDER)


async def said(fields: EventFields, tree_id: ObjectId) -> dict[str, Any]:
    """What of the fields is to be stored; people and sources have to be in the tree."""
    update = records.texts(fields, "kind", "place", "description")
    if "date" in fields:
        update["date"] = fields["date"] and fields["date"].model_dump()
    if "people" in fields:
        update["people"] = await records.within(Person, fields["people"], tree_id, "people")
    if "sources" in fields:
        update["sources"] = await records.within(Source, fields["sources"], tree_id, "sources")
    return update


EVENTS: records.Records[StoredEvent, EventFields] = records.Records(Event, EventNotFound, said, needed="kind")
get, add, change, delete = EVENTS.get, EVENTS.add, EVENTS.change, EVENTS.delete
