"""Documents of the old storage service come over as they are; what is wrong with a row is told."""

import json
from pathlib import Path
from typing import Any

from pymongo.asynchronous.database import AsyncDatabase

from models import usage
from models.imports import import_rows
from models.stored_files import StoredFile
from tests.models.filed import NOW

WILL = {
    "_id": {"$oid": "685bc8000000000000007001"},
    "userId": "u1",
    "originalName": "will.pdf",
    "filename": "abc.pdf",
    "mimeType": "application/pdf",
    "size": 20480,
    "s3Key": "users/u1/document/2025/06/1.bin",
    "s3Bucket": "old-bucket",
    "url": "https://old-bucket.test/1.bin",
    "category": "document",
    "tags": ["legal"],
    "isPublic": False,
    "metadata": {},
    "uploadedAt": {"$date": "2025-06-11T10:00:00.000Z"},
    "lastAccessedAt": {"$date": "2025-06-12T10:00:00.000Z"},
    "downloadCount": 3,
    "status": "ready",
    "relatedPersons": ["p1"],
    "relatedEvents": [],
    "createdAt": {"$date": "2025-06-11T10:00:00.000Z"},
    "updatedAt": {"$date": "2025-06-11T10:00:00.000Z"},
    "__v": 2,
    "familyTreeId": "t1",
    "description": "Last will",
}
PHOTO = {
    **WILL,
    "_id": {"$oid": "685bc8000000000000007002"},
    "s3Key": "users/u1/image/2025/06/2.bin",
    "category": "image",
    "isPublic": True,
    "size": 10,
    "metadata": {
        "width": 800,
        "height": 600,
        "exif": {"Make": "Agfa", "ISO": 100},
        "thumbnails": {"small": "thumbs/2-small.jpg", "other": "x"},
    },
    "status": "error",
    "errorMessage": "broken",
}


def fixtures(folder: Path, *rows: dict[str, Any]) -> Path:
    path = folder / "fixtures.json"
    path.write_text(json.dumps({"fixtures": {"one": {"collections": {"files": list(rows)}}}}))
    return path


async def test_files_come_over_with_all_that_is_known(
    database: AsyncDatabase[dict[str, Any]], tmp_path: Path
) -> None:
    summary = await import_rows("storage", fixtures(tmp_path, WILL, PHOTO), "one")
    assert (summary.bad, summary.written["files"]) == ([], 2)
    will, photo = await StoredFile.find().sort("_id").to_list()
    assert (will.owner, will.name, will.media_type, will.size) == ("u1", "will.pdf", "application/pdf", 20480)
    assert (will.key, will.bucket, will.tree) == ("users/u1/document/2025/06/1.bin", "old-bucket", "t1")
    assert (will.metadata, will.thumbnails, will.privacy, will.downloads) == (None, [], "PRIVATE", 3)
    assert (photo.category, photo.privacy, photo.status, photo.problem) == (
        "IMAGE",
        "PUBLIC",
        "ERROR",
        "broken",
    )
    assert photo.metadata is not None
    assert (photo.metadata.width, photo.metadata.exif) == (800, {"Make": "Agfa", "ISO": "100"})
    assert [(each.name, each.key) for each in photo.thumbnails] == [("small", "thumbs/2-small.jpg")]
    assert (await usage.of("u1", NOW))["bytes"] == 20490


async def test_rows_that_are_wrong_are_told(database: AsyncDatabase[dict[str, Any]], tmp_path: Path) -> None:
    wrong = [
        {**WILL, "size": -1},
        {**WILL, "category": "zip"},
        {**WILL, "userId": None},
        {**WILL, "s3Key": 5},
    ]
    for row, column in zip(wrong, ("size", "category", "userId", "s3Key"), strict=True):
        summary = await import_rows("storage", fixtures(tmp_path, row), "one")
        assert [bad.pointer.rpartition("/")[2] for bad in summary.bad] == [column]
    assert await StoredFile.count() == 0
