"""What stands inside a document and has an id of its own, as documents have."""

from beanie import PydanticObjectId
from pydantic import AliasChoices, BaseModel, Field


class Embedded(BaseModel):
    """A part of a document with an id, kept as `_id`."""

    id: PydanticObjectId = Field(
        default_factory=PydanticObjectId,
        validation_alias=AliasChoices("id", "_id"),
        serialization_alias="_id",
    )
