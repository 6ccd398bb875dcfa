"""What a file said that the models do not keep, and the order in which it said it."""

from typing import Required, TypedDict

from beanie import Document, PydanticObjectId
from bson import ObjectId
from pydantic import Field
from pymongo import IndexModel


class GedcomRecord(Document):
    """A record of an imported file: all of it where the models keep nothing or not all, else its place.

    `of` is what it became. Pointers in `text` name what records became, or else the documents of this kind.
    """

    id: PydanticObjectId = Field(default_factory=PydanticObjectId)
    tree_id: PydanticObjectId
    tag: str
    of: PydanticObjectId | None = None
    text: str = ""
    # Of a family.
    husband: PydanticObjectId | None = None
    wife: PydanticObjectId | None = None
    children: list[PydanticObjectId] = []
    union: PydanticObjectId | None = None

    class Settings:
        name = "gedcom_records"
        indexes = [IndexModel([("tree_id", 1), ("_id", 1)]), IndexModel("of")]


class StoredRecord(TypedDict, total=False):
    """A record as it is stored."""

    _id: Required[ObjectId]
    tree_id: ObjectId
    tag: str
    of: ObjectId | None
    text: str
    husband: ObjectId | None
    wife: ObjectId | None
    children: list[ObjectId]
    union: ObjectId | None
