"""Reports: what came of a GEDCOM file that somebody brought, for as long as its tree is there."""

from datetime import datetime
from enum import StrEnum
from typing import Any, Required, TypedDict, cast

from beanie import Document, PydanticObjectId
from bson import ObjectId
from pydantic import BaseModel, Field
from pymongo import IndexModel

from models import raw, trees
from models.family_errors import ImportNotFound
from models.gedcom.taking import Taken
from models.keys import Key
from models.kinds import Need
from models.lanes import Unique
from models.moments import Moment, StoredMoment
from models.transactions import Session


class ImportState(StrEnum):
    """Where an import stands: what was refused or cancelled has left nothing in the tree."""

    WAITING = "WAITING"
    RUNNING = "RUNNING"
    DONE = "DONE"
    REFUSED = "REFUSED"
    CANCELLED = "CANCELLED"


GOING = (ImportState.WAITING, ImportState.RUNNING)


class ImportProblem(BaseModel):
    """What was wrong with a line, and what became of it."""

    line: int
    message: str


class GedcomImport(Document):
    """One file that was brought into a tree. `line` is how far it is stored."""

    id: PydanticObjectId = Field(default_factory=PydanticObjectId)
    tree_id: PydanticObjectId
    account: str
    name: str
    size: int
    state: ImportState = ImportState.WAITING
    job_id: PydanticObjectId | None = None
    line: int = 0
    version: str | None = None
    encoding: str | None = None
    people: int = 0
    families: int = 0
    relationships: int = 0
    events: int = 0
    sources: int = 0
    media: int = 0
    problems: list[ImportProblem] = []
    problem_count: int = 0
    error: str | None = None
    created_at: Moment
    finished_at: Moment | None = None

    class Settings:
        name = "gedcom_imports"
        indexes = [IndexModel([("tree_id", 1), ("_id", 1)]), IndexModel("state")]


class StoredImport(TypedDict, total=False):
    """An import as it is stored."""

    _id: Required[ObjectId]
    tree_id: ObjectId
    account: str
    name: str
    size: int
    state: str
    job_id: ObjectId | None
    line: int
    version: str | None
    encoding: str | None
    people: int
    families: int
    relationships: int
    events: int
    sources: int
    media: int
    problems: list[dict[str, Any]]
    problem_count: int
    error: str | None
    created_at: StoredMoment
    finished_at: StoredMoment | None


BY_ID: Unique[StoredImport] = Unique(GedcomImport)


async def get(key: Key | None, account: str) -> StoredImport:
    """The import with this id, for whoever may edit its tree; raises ImportNotFound and TreeForbidden."""
    found: Any = await BY_ID.load(key) if isinstance(key, ObjectId) else None
    if found is None:
        raise ImportNotFound
    await trees.get(found["tree_id"], account, Need.EDIT, ())
    return cast(StoredImport, found)


def told(taken: Taken) -> dict[str, Any]:
    """What a report says of a file that was taken in."""
    outline, problems = taken.outline, taken.outline.problems
    return {
        "version": outline.version,
        "encoding": outline.encoding,
        "people": taken.counts["people"],
        "families": len(outline.houses),
        "relationships": taken.counts["relationships"],
        "events": taken.counts["events"],
        "sources": taken.counts["sources"],
        "media": outline.media,
        "problems": [problem._asdict() for problem in sorted(problems.told)],
        "problem_count": problems.count,
    }


async def note(id: ObjectId, update: dict[str, Any], session: Session | None = None) -> None:
    """Writes into a report."""
    await raw.collection(GedcomImport).update_one({"_id": id}, {"$set": update}, session=session)


async def reached(id: ObjectId, line: int) -> None:
    """Notes up to which line a file is stored, unless its report is over: who is late changes nothing."""
    going = {"_id": id, "state": {"$in": [state.value for state in GOING]}}
    update = {"$set": {"state": ImportState.RUNNING.value}, "$max": {"line": line}}
    await raw.collection(GedcomImport).update_one(going, update)


def over(state: ImportState, now: datetime, **more: Any) -> dict[str, Any]:
    """What a report says at the end."""
    return {"state": state.value, "finished_at": Moment.of(now).model_dump(), **more}
