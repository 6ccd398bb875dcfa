"""Rows: all documents of a kind that a tree has, read some at a time and held in little memory."""

from datetime import datetime
from sys import intern
from typing import Any

from beanie import Document
from bson import ObjectId

from models import raw
from models.lanes import arrange
from models.raw import Fields
from models.trees import CREATION

# The field by which rows are put in order.
CREATED = "created_at"
# Documents that come at once: some milliseconds of work for the loop.
SOME = 200
# Texts up to so many characters are likely to be there again: names, places, words.
SHORT = 40


class Rows:
    """Reads the documents of one tree; whatever is said in many of them is held once.

    As the driver makes them, they take four times as much: each has names of fields of its own.
    """

    def __init__(self, tree_id: ObjectId) -> None:
        self.tree_id = tree_id
        self._known: dict[Any, Any] = {}

    async def created(self, kind: type[Document], fields: Fields = None) -> list[Any]:
        """All of a kind, oldest first; of `fields` those, or else all but when they were made."""
        rows = await self.all(kind, fields and (*fields, CREATED))
        arrange(rows, CREATION)
        for row in rows:
            del row[CREATED]
        return rows

    async def all(self, kind: type[Document], fields: Fields = None) -> list[Any]:
        """All of a kind, by id."""
        shown = dict.fromkeys(fields, True) if fields else None
        rows: list[Any] = []
        async with raw.collection(kind).find(
            {"tree_id": self.tree_id}, shown, sort=[("_id", 1)], batch_size=SOME
        ) as found:
            while some := await found.to_list(SOME):
                rows += map(self._held, some)
        return rows

    def _held(self, value: Any) -> Any:
        kind = type(value)
        if kind is dict:
            # Most of what a document could say, it does not say.
            return {
                intern(name): self._held(each) if each is not None else None for name, each in value.items()
            }
        if kind is ObjectId or kind is datetime or (kind is str and len(value) <= SHORT):
            return self._known.setdefault(value, value)
        if kind is list:
            return [self._held(each) for each in value]
        return value
