"""Files as the graph shows them."""

from datetime import datetime
from typing import Annotated, Any

import strawberry

from models import blobs
from models.file_writes import HOUR, Handed
from models.moments import Moment
from models.stored_files import StoredFileRow
from schema.context import Info
from schema.file_kinds import Category, FilePrivacy, FileStatus
from schema.projection import needing
from schema.scalars import JSON, Number

UNITS = ("Bytes", "KB", "MB", "GB", "TB")
# What the old server called a file by the first word of its type.
KINDS = ("image", "video", "audio")


@strawberry.type(description="A smaller picture of a picture, as JPEG.")
class Thumbnail:
    """A smaller picture of a picture."""

    name: str = strawberry.field(description="thumb, small, medium or large.")
    width: int
    height: int
    size: int

    @strawberry.field(description="Where it can be read for an hour; null while the store is not set up.")
    @needing("key")
    def url(root: dict[str, Any], info: Info) -> str | None:
        """Where it can be read."""
        if not blobs.is_connected():
            return None
        seconds, name = int(HOUR.total_seconds()), f"{root['name']}.jpg"
        return blobs.signed(root["key"], seconds, name, "image/jpeg", now=info.context.now)


@strawberry.type(description="What a file says of itself.")
class FileMetadata:
    """What a file says of itself."""

    width: int | None
    height: int | None
    format: str | None
    duration: Number | None = strawberry.field(description="In seconds.")
    exif: JSON | None = strawberry.field(description="What the camera wrote: texts by their names.")


@strawberry.type(name="File", description="A file; for its owner.")
class StoredFile:
    """A file."""

    id: strawberry.ID
    uuid: strawberry.ID
    owner: strawberry.ID = strawberry.field(name="ownerId", description="The account that keeps it.")
    name: str = strawberry.field(description="What its sender called it; no path, and nothing unseen in it.")
    filename: str = strawberry.field(description="What it is called in the store.")
    media_type: str = strawberry.field(description="What it is, by its content.")
    size: Number = strawberry.field(description="In bytes.")
    sha256: str | None = strawberry.field(description="Of the content; null for files of old servers.")
    key: str = strawberry.field(description="Where it lies in the store.")
    bucket: str
    url: str = strawberry.field(description="Its address in the store, which asks for credentials.")
    category: Category
    tags: list[str]
    description: str | None
    privacy: FilePrivacy
    metadata: FileMetadata | None = strawberry.field(
        description="Null until a job has looked, and for most kinds."
    )
    thumbnails: list[Thumbnail] = strawberry.field(
        description="Smallest first; empty until a job has made them."
    )
    problem: str | None = strawberry.field(description="Why there are no metadata or thumbnails.")
    status: FileStatus
    tree: str | None = strawberry.field(name="treeId", description="In the words of whoever sent it.")
    people: list[str] = strawberry.field(description="Ids of people whom it is about.")
    events: list[str] = strawberry.field(description="Ids of events that it belongs to.")
    downloads: int = strawberry.field(description="How often its address was handed out.")
    uploaded_at: Moment
    accessed_at: Moment
    created_at: Moment
    updated_at: Moment
    revision: int

    @strawberry.field(description="Whether everybody may know of it.")
    @needing("privacy")
    def is_public(root: StoredFileRow) -> bool:
        """Whether everybody may know of it."""
        return root["privacy"] == FilePrivacy.PUBLIC

    @strawberry.field(description="image, video, audio, document or other, as old clients call it.")
    @needing("media_type")
    def legacy_kind(root: StoredFileRow) -> str:
        """What old clients call it."""
        media_type = root["media_type"]
        kind = media_type.partition("/")[0]
        if kind in KINDS:
            return kind
        is_document = any(word in media_type for word in ("pdf", "word", "document", "sheet", "excel"))
        return "document" if is_document else "other"

    @strawberry.field(description="The size in words, as old clients show it: 20 KB.")
    @needing("size")
    def legacy_size(root: StoredFileRow) -> str:
        """The size in words."""
        return in_words(root["size"])


@strawberry.type(description="Some of the caller's files, by numbered pages.")
class FilePage:
    """Some of the caller's files."""

    files: list[StoredFile]
    page: int
    limit: int
    total: int
    pages: int


@strawberry.type(description="A tag, and how many of the caller's files have it.")
class FileTag:
    """A tag, and how many files have it."""

    tag: str
    files: int


@strawberry.type(description="How much room the caller's files take, in bytes.")
class StorageUsage:
    """How much room files take."""

    files: int
    used: Number
    quota: Number
    largest_file: Number = strawberry.field(description="The largest file that is taken.")


@strawberry.type(description="Where a file can be read without credentials, also in parts, and until when.")
class FileDownload:
    """Where a file can be read."""

    url: str
    expires_at: Moment


@strawberry.type(description="One file came in.")
class FileKept:
    """One file came in."""

    file: StoredFile
    total_files: int
    total_size: Number


@strawberry.type(description="Several files came in.")
class FilesKept:
    """Several files came in."""

    files: list[StoredFile]
    total_files: int
    total_size: Number


KeptFiles = Annotated[FileKept | FilesKept, strawberry.union("KeptFiles", description="What came in.")]


@strawberry.type(description="A file of several came in.")
class MediaKept:
    """A file of several came in."""

    file: StoredFile


@strawberry.type(description="A file of several was refused; the others were not.")
class MediaRefused:
    """A file of several was refused."""

    name: str
    code: str
    message: str


Media = Annotated[MediaKept | MediaRefused, strawberry.union("Media", description="What became of a file.")]


def download_of(handed: Handed) -> dict[str, Any]:
    """The source of a download."""
    return {"url": handed.url, "expires_at": moment(handed.expires)}


def moment(at: datetime) -> dict[str, Any]:
    """An instant as it is stored."""
    return Moment.of(at).model_dump()


def in_words(size: int) -> str:
    """A size as old clients show it."""
    unit = 0
    while size >= 1024 ** (unit + 1) and unit < len(UNITS) - 1:
        unit += 1
    number = round(size / 1024**unit, 2)
    return f"{number:g} {UNITS[unit]}" if number < 1e5 else f"{number:.0f} {UNITS[unit]}"
