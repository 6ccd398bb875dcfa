"""Naming: the ids of what comes of a file, the same however often one import begins again."""

from hashlib import sha256
from uuid import NAMESPACE_OID, uuid5

from bson import ObjectId


class Names:
    """Ids by what a thing is and the line that tells of it: in the order of the file, and nobody else's."""

    def __init__(self, import_id: ObjectId) -> None:
        self.import_id = import_id
        self._prefixes: dict[str, bytes] = {}

    def id(self, space: str, line: int) -> ObjectId:
        """The id of what a line tells of."""
        prefix = self._prefixes.get(space)
        if prefix is None:
            prefix = self._prefixes[space] = self.prefix(space)
        return ObjectId(prefix + line.to_bytes(3, "big"))

    def prefix(self, space: str) -> bytes:
        """What the ids of a space begin with: the time of the import, as every id, then what is its own."""
        return self.import_id.binary[:4] + sha256(self.import_id.binary + space.encode()).digest()[:5]

    def span(self, space: str) -> tuple[ObjectId, ObjectId]:
        """The first and the last id that a space can have."""
        prefix = self.prefix(space)
        return ObjectId(prefix + b"\x00\x00\x00"), ObjectId(prefix + b"\xff\xff\xff")


def uuid_of(id: ObjectId) -> str:
    """The UUID that belongs to an id."""
    return str(uuid5(NAMESPACE_OID, str(id)))
