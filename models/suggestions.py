"""Suggestions that two people of a tree are one."""

from typing import Any, Required, TypedDict

from beanie import Document, PydanticObjectId
from bson import ObjectId
from pydantic import Field
from pymongo import IndexModel

from models.keys import new_uuid
from models.kinds import SuggestionStatus
from models.moments import Moment, StoredMoment


class MergeSuggestion(Document):
    """Two people who may be one, and how sure somebody is of it."""

    id: PydanticObjectId = Field(default_factory=PydanticObjectId)
    uuid: str = Field(default_factory=new_uuid)
    tree_id: PydanticObjectId
    new_person_id: PydanticObjectId
    existing_person_id: PydanticObjectId
    confidence: float
    status: SuggestionStatus = SuggestionStatus.PENDING
    created_by: str | None = None
    notified: list[str] = []
    preview: Any | None = None
    created_at: Moment

    class Settings:
        name = "merge_suggestions"
        indexes = [IndexModel("uuid", unique=True), IndexModel("tree_id")]


class StoredSuggestion(TypedDict, total=False):
    """A suggestion as it is stored."""

    _id: Required[ObjectId]
    uuid: str
    tree_id: ObjectId
    new_person_id: ObjectId
    existing_person_id: ObjectId
    confidence: float
    status: str
    created_by: str | None
    notified: list[str]
    created_at: StoredMoment
