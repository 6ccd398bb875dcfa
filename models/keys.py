"""Ids of trees, people and what ties them: an ObjectId, or the UUID that an old server gave out."""

import re
from uuid import uuid4

from bson import ObjectId

# What names one thing: its `_id`, or the text of its UUID in lower case.
Key = ObjectId | str

OBJECT_ID = re.compile("[0-9a-fA-F]{24}")
UUID = re.compile("[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", re.IGNORECASE)
# Names of people of the world come from tokens of other servers; longer ones are no names.
ACCOUNT_LENGTH = 200


def key(text: object) -> Key | None:
    """The key that a text stands for, or None where it is neither form."""
    if not isinstance(text, str):
        return None
    if OBJECT_ID.fullmatch(text):
        return ObjectId(text)
    return text.lower() if UUID.fullmatch(text) else None


def new_uuid() -> str:
    """A UUID that nothing else has."""
    return str(uuid4())
