"""What a file and the database know each other by: UUIDs, ObjectIds, and which belong together."""

from collections.abc import Iterable, Mapping
from typing import Any

from beanie import Document, PydanticObjectId
from bson import ObjectId

from models import raw
from models.imports.summary import BATCH, chunks
from models.imports.values import derived, derived_uuid
from models.keys import Key
from models.moments import Moment
from models.rows import BadValue


class Known:
    """The ids of the things of a file, with those that the database has given them already."""

    def __init__(self, same: Mapping[str, ObjectId]) -> None:
        # UUIDs of one server and ObjectIds of another that name the same thing.
        self.same = same
        self.same_ids = {id: uuid for uuid, id in same.items()}
        self.ids: dict[tuple[type[Document], str], PydanticObjectId] = {}
        self.uuids: dict[tuple[type[Document], ObjectId], str] = {}
        # What the database holds now and will go on to hold.
        self.stored: dict[type[Document], set[ObjectId]] = {}
        # In which tree people are.
        self.trees: dict[ObjectId, PydanticObjectId] = {}

    async def learn(self, kind: type[Document], keys: Iterable[Key]) -> None:
        """Asks the database for things with these keys."""
        stored = self.stored.setdefault(kind, set())
        for some in chunks(dict.fromkeys(keys), BATCH):
            wanted: dict[str, Any] = {"$or": [{"_id": {"$in": some}}, {"uuid": {"$in": some}}]}
            async for found in raw.collection(kind).find(wanted, {"uuid": True, "tree_id": True}):
                stored.add(found["_id"])
                if "tree_id" in found:
                    self.trees[found["_id"]] = PydanticObjectId(found["tree_id"])
                self.pair(kind, found["uuid"], PydanticObjectId(found["_id"]))

    def pair(self, kind: type[Document], uuid: str, id: PydanticObjectId) -> None:
        """Notes that both ids name one thing."""
        self.ids[kind, uuid] = id
        self.uuids[kind, id] = uuid

    def meet(self, kind: type[Document], key: Key, made: Moment | None) -> None:
        """Notes a thing of the file; what it lacks follows from what it has."""
        if isinstance(key, ObjectId):
            if (kind, key) not in self.uuids:
                uuid = self.same_ids.get(key) or derived_uuid(key)
                self.pair(kind, uuid, PydanticObjectId(key))
        elif (kind, key) not in self.ids:
            other = self.same.get(key)
            self.pair(kind, key, PydanticObjectId(other) if other else derived(key, made))

    def id(self, kind: type[Document], uuid: str, column: str) -> PydanticObjectId:
        """The ObjectId of a thing that a row names by its UUID; raises BadValue."""
        found = self.ids.get((kind, uuid))
        if found is None:
            raise BadValue(column, f"is {uuid}, and {kind.get_collection_name()} has no such id")
        return found

    def uuid(self, kind: type[Document], id: ObjectId) -> str:
        """The UUID of a thing of the file."""
        return self.uuids[kind, id]

    def tree_of(self, person_id: ObjectId, column: str) -> PydanticObjectId:
        """The tree of somebody in the file or the database; raises BadValue."""
        found = self.trees.get(person_id)
        if found is None:
            raise BadValue(column, f"is {person_id}, and people has no such id")
        return found
