"""Lists of files: by what is said of them, by pages, and the pictures and films of a gallery."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, NamedTuple, cast

from pymongo.errors import OperationFailure

from models import raw
from models.family_errors import PatternInvalid
from models.lanes import Pages, matching
from models.resources import Direction
from models.stored_files import Category, FilePrivacy, FileStatus, StoredFile, StoredFileRow
from models.text import storable
from models.tree_pages import harmless

# How long the store may look for a pattern, and for anything else.
PATTERN_MS, USUAL_MS = 200, 10_000
SEEN = (Category.PHOTO, Category.IMAGE, Category.VIDEO)


class FileOrder(StrEnum):
    """What a list of files is sorted by."""

    UPLOADED_AT = "UPLOADED_AT"
    NAME = "NAME"
    SIZE = "SIZE"


ORDERS = {
    FileOrder.UPLOADED_AT: ("uploaded_at.at", "uploaded_at.us"),
    FileOrder.NAME: ("name",),
    FileOrder.SIZE: ("size",),
}


@dataclass(frozen=True)
class Wanted:
    """Which files of an owner are wanted; what is None does not matter."""

    tree: str | None = None
    category: Category | None = None
    privacy: FilePrivacy | None = None
    # Files with any of them.
    tags: Sequence[str] = ()
    event: str | None = None
    # A text in the name or the description, or a regular expression that fits there.
    search: str | None = None
    pattern: bool = False

    def filter(self, owner: str) -> dict[str, Any]:
        """The filter; raises PatternInvalid and Unfit."""
        wanted: dict[str, Any] = {"owner": owner}
        if self.tree:
            wanted["tree"] = storable(self.tree, "tree")
        if self.category is not None:
            wanted["category"] = self.category
        if self.privacy is not None:
            wanted["privacy"] = self.privacy
        if self.tags:
            wanted["tags"] = {"$in": [storable(tag.strip(), "tags") for tag in self.tags]}
        if self.event:
            wanted["events"] = storable(self.event, "event")
        if self.search:
            wanted["$or"] = [self._holds("name", self.search), self._holds("description", self.search)]
        return wanted

    def _holds(self, name: str, search: str) -> dict[str, Any]:
        if self.pattern:
            return {name: {"$regex": harmless(search), "$options": "i"}}
        return matching(name, storable(search, "search"))


class FilePage(NamedTuple):
    """Some files, and which page of how many they are."""

    files: list[StoredFileRow]
    page: int
    limit: int
    total: int
    pages: int


async def page(
    owner: str, wanted: Wanted, page: int, limit: int, order: FileOrder, direction: Direction
) -> FilePage:
    """A page of the files of an owner; raises PatternInvalid and Unfit."""
    filter, way = wanted.filter(owner), 1 if direction is Direction.ASC else -1
    most = PATTERN_MS if wanted.pattern and wanted.search else USUAL_MS
    collection = raw.collection(StoredFile)
    sort = [(name, way) for name in (*ORDERS[order], "_id")]
    try:
        total = await collection.count_documents(filter, maxTimeMS=most)
        found = collection.find(filter, sort=sort, skip=(page - 1) * limit, limit=limit)
        files = await found.max_time_ms(most).to_list()
    except OperationFailure as error:
        raise PatternInvalid(reason=str(error.details and error.details.get("codeName"))) from error
    return FilePage(cast(list[StoredFileRow], files), page, limit, total, -(-total // limit))


def shown(owner: str) -> dict[str, Any]:
    """A filter for the gallery of an owner: pictures and films that are ready."""
    return {"owner": owner, "status": FileStatus.READY, "category": {"$in": list(SEEN)}}


GALLERY: Pages[StoredFileRow] = Pages(StoredFile, "owner", wanted=shown)


async def newest_shown(owner: str, most: int) -> list[StoredFileRow]:
    """The newest of a gallery."""
    newest = [("uploaded_at.at", -1), ("uploaded_at.us", -1), ("_id", -1)]
    found = await raw.collection(StoredFile).find(shown(owner), sort=newest, limit=most).to_list()
    return cast(list[StoredFileRow], found)


async def tags(owner: str, most: int) -> list[dict[str, Any]]:
    """The tags of an owner's files and how many files have each, the most used first."""
    stages: list[dict[str, Any]] = [
        {"$match": {"owner": owner}},
        {"$unwind": "$tags"},
        {"$group": {"_id": "$tags", "files": {"$sum": 1}}},
        {"$sort": {"files": -1, "_id": 1}},
        {"$limit": most},
        {"$project": {"_id": False, "tag": "$_id", "files": True}},
    ]
    return await (await raw.collection(StoredFile).aggregate(stages)).to_list()
