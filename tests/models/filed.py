"""Files for tests: kept by the verbs themselves."""

import io
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

from PIL import Image

from models import blobs, file_writes, raw, uploads
from models.file_writes import About
from models.stored_files import StoredFile, StoredFileRow
from models.uploads import FileLimits, Upload

NOW = datetime(2026, 11, 20, 8, 30, tzinfo=UTC)
ROOM = FileLimits(file=10**8, quota=10**9)


async def one(content: bytes) -> AsyncIterator[bytes]:
    yield content


async def came(content: bytes = b"hello", name: str = "a.txt") -> Upload:
    """A file that a request brought."""
    return await uploads.receive(name, "", one(content), ROOM.file)


async def kept(
    content: bytes = b"hello", owner: str = "ada", about: About | None = None, **others: Any
) -> StoredFileRow:
    """A file that somebody keeps."""
    upload = await came(content, **others)
    return (await file_writes.keep([upload], about or About(), owner, NOW, ROOM))[0]


async def stored(row: StoredFileRow) -> Any:
    """What is stored of a file now."""
    return await raw.collection(StoredFile).find_one({"_id": row["_id"]})


async def keys() -> set[str]:
    """The keys of all contents."""
    return {key async for some in blobs.listed("") for key, _ in some}


def picture(width: int, height: int, form: str = "JPEG", mode: str = "RGB", **options: Any) -> bytes:
    """A picture of a size."""
    written = io.BytesIO()
    Image.new(mode, (width, height), "red" if mode == "RGB" else 0).save(written, form, **options)
    return written.getvalue()
