"""What a source and the database know each other by: UUIDs, ObjectIds, and which belong together."""

from collections.abc import Iterable, Mapping
from typing import Any, cast

import bson
from beanie import Document, PydanticObjectId
from bson import ObjectId

from models import raw
from models.imports.stage import Documents, Stage
from models.imports.summary import BATCH, chunks
from models.imports.values import derived, derived_uuid
from models.keys import Key
from models.moments import Moment
from models.people import Person
from models.rows import BadValue


class Known:
    """The ids of the things of a source, with those that the database has given them already."""

    def __init__(self, stage: Stage, same: Mapping[str, ObjectId]) -> None:
        # UUIDs of one server and ObjectIds of another that name the same thing.
        self.same = same
        self.same_ids = {id: uuid for uuid, id in same.items()}
        self.sql = stage.sql
        self.people: Documents = stage.documents(Person)
        self.sql.execute(
            "CREATE TABLE names (kind TEXT, uuid TEXT, id BLOB, stored INTEGER, met INTEGER, tree BLOB, "
            "UNIQUE (kind, uuid))"
        )
        self.sql.execute("CREATE INDEX names_by_id ON names (kind, id)")

    async def learn(self, kind: type[Document], keys: Iterable[Key]) -> None:
        """Asks the database for things with these keys."""
        for some in chunks(dict.fromkeys(keys), BATCH):
            wanted: dict[str, Any] = {"$or": [{"_id": {"$in": some}}, {"uuid": {"$in": some}}]}
            async for found in raw.collection(kind).find(wanted, {"uuid": True, "tree_id": True}):
                tree = found.get("tree_id")
                self.sql.execute(
                    "INSERT INTO names VALUES (?, ?, ?, 1, 0, ?) ON CONFLICT DO UPDATE "
                    "SET id = excluded.id, stored = 1, tree = excluded.tree",
                    (kind.__name__, found["uuid"], found["_id"].binary, tree and tree.binary),
                )

    def meet(self, kind: type[Document], key: Key, made: Moment | None) -> None:
        """Notes a thing of the source; what it lacks follows from what it has."""
        uuid = self._uuid(kind, key) if isinstance(key, ObjectId) else key
        if uuid is None and isinstance(key, ObjectId):
            uuid = self.same_ids.get(key) or derived_uuid(key)
        id = key if isinstance(key, ObjectId) else self.same.get(key) or derived(key, made)
        self.sql.execute(
            "INSERT INTO names VALUES (?, ?, ?, 0, 1, NULL) ON CONFLICT DO UPDATE SET met = 1",
            (kind.__name__, uuid, id.binary),
        )

    def find(self, kind: type[Document], uuid: str) -> PydanticObjectId | None:
        """The ObjectId of a thing that a row names by its UUID, or None."""
        found = self.sql.execute("SELECT id FROM names WHERE kind = ? AND uuid = ?", (kind.__name__, uuid))
        row = found.fetchone()
        return PydanticObjectId(row[0]) if row else None

    def id(self, kind: type[Document], uuid: str, column: str) -> PydanticObjectId:
        """The ObjectId of a thing that a row names by its UUID; raises BadValue."""
        found = self.find(kind, uuid)
        if found is None:
            raise BadValue(column, f"is {uuid}, and {kind.get_collection_name()} has no such id")
        return found

    def uuid(self, kind: type[Document], id: ObjectId) -> str:
        """The UUID of a thing of the source."""
        return cast(str, self._uuid(kind, id))

    def _uuid(self, kind: type[Document], id: ObjectId) -> str | None:
        found = self.sql.execute(
            "SELECT uuid FROM names WHERE kind = ? AND id = ?", (kind.__name__, id.binary)
        )
        row = found.fetchone()
        return str(row[0]) if row else None

    def named(self, kind: type[Document], id: ObjectId) -> bool:
        """Whether a row of the source is about this thing."""
        question = "SELECT 1 FROM names WHERE kind = ? AND id = ? AND met"
        return self.sql.execute(question, (kind.__name__, id.binary)).fetchone() is not None

    def stored(self, kind: type[Document], ids: Iterable[ObjectId]) -> set[ObjectId]:
        """Those of the ids that the database holds, and will go on to hold."""
        question = "SELECT 1 FROM names WHERE kind = ? AND id = ? AND stored"
        return {id for id in ids if self.sql.execute(question, (kind.__name__, id.binary)).fetchone()}

    def tree_of(self, person_id: ObjectId, column: str) -> PydanticObjectId:
        """The tree of somebody in the source or the database; raises BadValue."""
        if kept := self.people.get(person_id):
            return PydanticObjectId(bson.decode(kept.form)["tree_id"])
        question = "SELECT tree FROM names WHERE kind = ? AND id = ?"
        row = self.sql.execute(question, (Person.__name__, person_id.binary)).fetchone()
        if row is None or row[0] is None:
            raise BadValue(column, f"is {person_id}, and people has no such id")
        return PydanticObjectId(row[0])
