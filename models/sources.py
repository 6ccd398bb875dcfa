"""Sources: where it is written what a tree tells."""

from collections.abc import Sequence
from typing import Any, Required, TypedDict

from beanie import Document, PydanticObjectId
from bson import ObjectId
from pydantic import Field
from pymongo import IndexModel

from models import records
from models.family_errors import SourceNotFound
from models.keys import Key, new_uuid
from models.lanes import Members, Pages
from models.moments import Moment, StoredMoment
from models.people import Person


class Source(Document):
    """A book, a register, a letter or an address on the web, and whom it tells of."""

    id: PydanticObjectId = Field(default_factory=PydanticObjectId)
    uuid: str = Field(default_factory=new_uuid)
    tree_id: PydanticObjectId
    title: str
    author: str | None = None
    url: str | None = None
    citation: str | None = None
    people: list[PydanticObjectId] = []
    created_by: str | None = None
    created_at: Moment
    updated_at: Moment
    revision: int = 0

    class Settings:
        name = "sources"
        indexes = [
            IndexModel("uuid", unique=True),
            IndexModel([("tree_id", 1), ("_id", 1)]),
            IndexModel("people"),
        ]


class StoredSource(TypedDict, total=False):
    """A source as it is stored."""

    _id: Required[ObjectId]
    uuid: str
    tree_id: ObjectId
    title: str
    author: str | None
    url: str | None
    citation: str | None
    people: list[ObjectId]
    created_by: str | None
    created_at: StoredMoment
    updated_at: StoredMoment
    revision: int


class SourceFields(TypedDict, total=False):
    """What somebody says of a source; a missing key says nothing."""

    title: str
    author: str | None
    url: str | None
    citation: str | None
    people: Sequence[Key | None]


OF_TREE: Pages[StoredSource] = Pages(Source, "tree_id", wanted=lambda tree_id: {"tree_id": tree_id})
# What tells of somebody.
OF_PERSON: Members[StoredSource] = Members(Source, "people", order=("created_at.at", "_id"))


async def said(fields: SourceFields, tree_id: ObjectId) -> dict[str, Any]:
    """What of the fields is to be stored; the people have to be in the tree."""
    update = records.texts(fields, "title", "author", "url", "citation")
    if "people" in fields:
        update["people"] = await records.within(Person, fields["people"], tree_id, "people")
    return update


SOURCES: records.Records[StoredSource, SourceFields] = records.Records(
    Source, SourceNotFound, said, needed="title"
)
get, add, change, delete = SOURCES.get, SOURCES.add, SOURCES.change, SOURCES.delete
