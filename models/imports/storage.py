"""Documents of the storage service: what is known of files; their contents stay in the store they lie in."""

from models.imports import values
from models.imports.genealogy import own_id
from models.imports.known import Known
from models.imports.sources import Source
from models.imports.values import instant_or_none, text_or_none
from models.rows import BadValue, Row
from models.stored_files import Category, FileMetadata, FilePrivacy, FileStatus, StoredFile, Thumbnail

# No file of an old server was larger than a terabyte.
LARGEST = 2**40
SIZES = {"thumb": 150, "small": 300, "medium": 600, "large": 1200}


def file(row: Row, known: Known) -> StoredFile:
    """A document of files."""
    id = own_id(row)
    uploaded = instant_or_none(row, "uploadedAt") or values.instant(row, "createdAt")
    made = instant_or_none(row, "createdAt") or uploaded
    size = values.whole(row, "size")
    if not 0 <= size <= LARGEST:
        raise BadValue("size", "is no size of a file")
    details = values.inside(row, "metadata")
    return StoredFile(
        id=id,
        uuid=known.uuid(StoredFile, id),
        owner=values.account(row, "userId"),
        name=row.text("originalName"),
        filename=text_or_none(row, "filename") or row.text("originalName"),
        media_type=row.text("mimeType"),
        size=size,
        key=row.text("s3Key"),
        bucket=text_or_none(row, "s3Bucket") or "",
        url=text_or_none(row, "url") or "",
        category=values.word_or_none(row, "category", Category) or Category.OTHER,
        tags=values.texts(row, "tags"),
        description=text_or_none(row, "description"),
        privacy=privacy(row),
        metadata=metadata(details),
        thumbnails=thumbnails(details),
        problem=text_or_none(row, "errorMessage"),
        status=values.word_or_none(row, "status", FileStatus) or FileStatus.READY,
        tree=text_or_none(row, "familyTreeId"),
        people=values.texts(row, "relatedPersons"),
        events=values.texts(row, "relatedEvents"),
        downloads=values.whole(row, "downloadCount"),
        uploaded_at=uploaded,
        accessed_at=instant_or_none(row, "lastAccessedAt") or uploaded,
        created_at=made,
        updated_at=instant_or_none(row, "updatedAt") or made,
        revision=values.whole(row, "__v"),
    )


def privacy(row: Row) -> FilePrivacy:
    """Who may know of a file; old documents only told whether it was public."""
    public = values.truth(row, "isPublic", False)
    said = values.word_or_none(row, "privacy", FilePrivacy)
    return said or (FilePrivacy.PUBLIC if public else FilePrivacy.PRIVATE)


def metadata(row: Row | None) -> FileMetadata | None:
    """What a file says of itself; None where that is nothing."""
    if row is None or not row.values:
        return None
    exif = values.plain(row.take("exif"))
    return FileMetadata(
        width=row.whole_or_none("width"),
        height=row.whole_or_none("height"),
        format=text_or_none(row, "format"),
        duration=row.number_or_none("duration"),
        exif={str(name): str(each) for name, each in exif.items()} if isinstance(exif, dict) else None,
    )


def thumbnails(row: Row | None) -> list[Thumbnail]:
    """The thumbnails of a picture by their names; how large each is, nobody wrote down."""
    found = row and values.inside(row, "thumbnails")
    if not found:
        return []
    keys = {name: text_or_none(found, name) for name in found.values if name in SIZES}
    return [
        Thumbnail(name=name, key=key, width=SIZES[name], height=SIZES[name], size=0)
        for name, key in keys.items()
        if key
    ]


STORAGE = (
    Source(
        "files",
        StoredFile,
        file,
        columns={
            "size": "whole",
            "downloadCount": "whole",
            "__v": "whole",
            "isPublic": "truth",
            "tags": "json",
            "metadata": "json",
            "relatedPersons": "json",
            "relatedEvents": "json",
        },
    ),
)
