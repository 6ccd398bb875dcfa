"""Files that people keep: what is known of each; the contents lie in the store of blobs."""

from enum import StrEnum
from typing import Any, Required, TypedDict

from beanie import Document, PydanticObjectId
from bson import ObjectId
from pydantic import BaseModel, Field
from pymongo import IndexModel

from models import raw, trees
from models.file_errors import FileNotFound
from models.joins import Load, Reads
from models.keys import Key, new_uuid
from models.keys import key as tree_key
from models.lanes import Pages, Unique
from models.moments import Moment, StoredMoment
from models.raw import Fields


class Category(StrEnum):
    """What sort of thing a file is. The old server called a picture IMAGE, and its clients PHOTO."""

    PHOTO = "PHOTO"
    IMAGE = "IMAGE"
    DOCUMENT = "DOCUMENT"
    AUDIO = "AUDIO"
    VIDEO = "VIDEO"
    OTHER = "OTHER"


class FilePrivacy(StrEnum):
    """Who may know of a file beside its owner."""

    PUBLIC = "PUBLIC"
    FAMILY = "FAMILY"
    PRIVATE = "PRIVATE"


class FileStatus(StrEnum):
    """Where a file stands."""

    UPLOADING = "UPLOADING"
    PROCESSING = "PROCESSING"
    READY = "READY"
    ERROR = "ERROR"
    DELETED = "DELETED"


class Thumbnail(BaseModel):
    """A smaller picture of a picture, as JPEG."""

    name: str
    key: str
    width: int
    height: int
    size: int


class FileMetadata(BaseModel):
    """What a file says of itself."""

    width: int | None = None
    height: int | None = None
    format: str | None = None
    # Of sound and films in seconds; only what old servers knew.
    duration: float | None = None
    # When the picture was taken, with what, and the like, as the camera wrote it.
    exif: dict[str, str] | None = None


class StoredFile(Document):
    """A file of an owner, who alone may see it unless its privacy says otherwise."""

    id: PydanticObjectId = Field(default_factory=PydanticObjectId)
    uuid: str = Field(default_factory=new_uuid)
    owner: str
    # What its sender called it, and what it is called in the store.
    name: str
    filename: str
    media_type: str
    size: int
    sha256: str | None = None
    key: str
    bucket: str
    url: str
    category: Category = Category.OTHER
    tags: list[str] = []
    description: str | None = None
    privacy: FilePrivacy = FilePrivacy.PRIVATE
    metadata: FileMetadata | None = None
    thumbnails: list[Thumbnail] = []
    # Why no metadata or thumbnails could be made.
    problem: str | None = None
    status: FileStatus = FileStatus.READY
    # The tree that it belongs to, in the words of whoever sent it.
    tree: str | None = None
    people: list[str] = []
    events: list[str] = []
    downloads: int = 0
    uploaded_at: Moment
    accessed_at: Moment
    created_at: Moment
    updated_at: Moment
    revision: int = 0

    class Settings:
        name = "files"
        indexes = [
            IndexModel("uuid", unique=True),
            IndexModel("key", unique=True),
            IndexModel([("owner", 1), ("_id", 1)]),
            IndexModel([("owner", 1), ("uploaded_at.at", -1)]),
            IndexModel([("owner", 1), ("tags", 1)]),
            IndexModel("tree"),
            IndexModel("thumbnails.key"),
        ]


class StoredFileRow(TypedDict, total=False):
    """A file as it is stored."""

    _id: Required[ObjectId]
    uuid: str
    owner: str
    name: str
    filename: str
    media_type: str
    size: int
    sha256: str | None
    key: str
    bucket: str
    url: str
    category: str
    tags: list[str]
    description: str | None
    privacy: str
    metadata: dict[str, Any] | None
    thumbnails: list[dict[str, Any]]
    problem: str | None
    status: str
    tree: str | None
    people: list[str]
    events: list[str]
    downloads: int
    uploaded_at: StoredMoment
    accessed_at: StoredMoment
    created_at: StoredMoment
    updated_at: StoredMoment
    revision: int


# What tells who may see it.
RIGHTS = ("owner", "privacy", "tree")
BY_ID: Unique[StoredFileRow] = Unique(StoredFile)
BY_UUID: Unique[StoredFileRow] = Unique(StoredFile, "uuid")
OF_OWNER: Pages[StoredFileRow] = Pages(StoredFile, "owner", wanted=lambda owner: {"owner": owner})


def find(key: Key, fields: Fields = None, reads: Reads | None = None) -> Load[StoredFileRow | None]:
    """The file with this key, or None; asks nobody's leave."""
    lane = BY_ID if isinstance(key, ObjectId) else BY_UUID
    return lane.load(key, fields, reads)


async def get(
    key: Key | None, account: str, fields: Fields = None, reads: Reads | None = None
) -> StoredFileRow:
    """A file that the account may see; raises FileNotFound, also for one that it may not."""
    if key is None:
        raise FileNotFound
    wanted = None if fields is None else tuple(dict.fromkeys((*fields, *RIGHTS)))
    found = await find(key, wanted, reads)
    if found is None or not await visible(found, account, reads):
        raise FileNotFound
    return found


async def visible(file: StoredFileRow, account: str, reads: Reads | None = None) -> bool:
    """Whether an account may see a file: its own, a public one, or that of a family it is in."""
    if file["owner"] == account or file["privacy"] == FilePrivacy.PUBLIC:
        return True
    named = tree_key(file["tree"] or "") if file["privacy"] == FilePrivacy.FAMILY else None
    tree = None if named is None else await trees.find(named, trees.RIGHTS, reads)
    return tree is not None and trees.role_of(tree, account) is not None


def of_tree(id: str, uuid: str, members: tuple[str, ...], account: str, part: bool) -> dict[str, Any]:
    """A filter for the files that the members of a tree keep for it, as an account may see them.

    `part` says whether it has one in the tree.
    """
    seen: list[dict[str, Any]] = [{"owner": account}, {"privacy": FilePrivacy.PUBLIC}]
    if part:
        seen.append({"privacy": FilePrivacy.FAMILY})
    return {"tree": {"$in": [id, uuid]}, "owner": {"$in": list(members)}, "$or": seen}


OF_TREE: Pages[StoredFileRow] = Pages(StoredFile, "id", "uuid", "members", "account", "part", wanted=of_tree)


async def count(owner: str) -> int:
    """How many files an owner has."""
    return await raw.collection(StoredFile).count_documents({"owner": owner})
