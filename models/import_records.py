"""What the store knows of an import: how far it is, and what it wrote, so that it can go on and be undone."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from beanie import Document
from pydantic import BaseModel, Field
from pymongo import IndexModel


class State(StrEnum):
    """What has become of an import."""

    RUNNING = "RUNNING"
    DONE = "DONE"
    UNDONE = "UNDONE"


class Reached(BaseModel):
    """How far a table is: `number` and `key` of the last row that was written, of the rows of `checksum`."""

    number: int
    key: Any
    checksum: str


class Import(Document):
    """An import that wrote something, or is about to; it names its source without a password."""

    id: str  # type: ignore[assignment]  # Beanie's is an ObjectId
    surface: str
    source: str
    state: str | None = None
    status: State = State.RUNNING
    started_at: datetime
    finished_at: datetime | None = None
    reached: dict[str, Reached] = {}
    # Checksums of every collection before the first document was written, and after the last one.
    before: dict[str, dict[str, Any]] = {}
    after: dict[str, dict[str, Any]] = {}
    demo_replaced: bool = False

    class Settings:
        name = "imports"
        indexes = [IndexModel([("surface", 1), ("source", 1), ("status", 1)])]


class Change(BaseModel):
    """A document that an import wrote: its key, the digest that it had then, and what it was before.

    Without a digest it was removed, without `before` it was new.
    """

    key: Any
    digest: bytes | None = None
    before: bytes | None = Field(default=None, repr=False)


class ImportBatch(Document):
    """What one transaction of an import wrote into one collection."""

    import_id: str
    number: int
    collection: str
    changes: list[Change]

    class Settings:
        name = "import_journal"
        indexes = [IndexModel([("import_id", 1), ("number", 1)])]
