"""The contents of stored files in a backup, and back in their store, each read again once it is written."""

import sys
from collections.abc import AsyncIterator, Iterable
from contextlib import suppress
from hashlib import sha256
from itertools import groupby
from operator import attrgetter
from pathlib import Path
from typing import Any

from pymongo.asynchronous.client_session import AsyncClientSession
from pymongo.asynchronous.database import AsyncDatabase

from models import archives, blobs
from models.archives import BLOBS, PART, NotEqual, Part, Progress, file_digest
from models.blobs import Stored
from models.checksums import Checksum
from models.stored_files import StoredFile

Database = AsyncDatabase[Any]

# What thumbnails are; other files say it themselves.
THUMBNAIL = "image/jpeg"
SHOWN = "contents of files"


async def save(
    archive: archives.Archive, database: Database, session: AsyncClientSession, progress: Progress | None
) -> Checksum:
    """The checksum of the files whose contents are in the archive now."""
    total = Checksum()
    async for key in keys(database, session):
        part, piece, size, content = bytearray(), 0, 0, sha256()
        with suppress(FileNotFoundError):
            async for some in blobs.read(key):
                part += some
                size += len(some)
                content.update(some)
                if len(part) >= PART:
                    piece += 1
                    archive.put(BLOBS, key, f"{piece:06}", bytes(part))
                    part.clear()
            archive.put(BLOBS, key, f"{piece + 1:06}", bytes(part))
            total = total.plus(Checksum.over([file_digest(key, size, content.hexdigest())]))
        if progress:
            progress(SHOWN, total.count, 0)
    return total


async def keys(database: Database, session: AsyncClientSession | None = None) -> AsyncIterator[str]:
    """The keys of all files that documents name, and of their thumbnails."""
    shown = {"key": True, "thumbnails.key": True}
    async for file in database[StoredFile.Settings.name].find({}, shown, session=session):
        for each in (file, *file.get("thumbnails", ())):
            yield str(each["key"])


async def load(database: Database, path: Path, wanted: Checksum, progress: Progress | None) -> Checksum:
    """The checksum of the files whose contents are back in their store; raises NotEqual."""
    total = Checksum()
    files = database[StoredFile.Settings.name]
    for key, group in groupby(archives.of_kind(path, BLOBS), key=attrgetter("name")):
        file = await files.find_one({"key": key}, {"media_type": True, "filename": True}) or {}
        written = await blobs.put(
            key,
            contents(group),
            limit=sys.maxsize,
            media_type=file.get("media_type", THUMBNAIL),
            name=file.get("filename", ""),
        )
        await compare(key, written)
        total = total.plus(Checksum.over([file_digest(key, written.size, written.sha256)]))
        if progress:
            progress(SHOWN, total.count, wanted.count)
    if total != wanted:
        raise NotEqual(f"{path} has changed while it was read: other contents of files came. Restore again.")
    return total


async def contents(group: Iterable[Part]) -> AsyncIterator[bytes]:
    """The content of a file, piece by piece."""
    for part in group:
        yield part.content


async def compare(key: str, written: Stored) -> None:
    """Reads a file back; raises NotEqual where it is not what was written."""
    size, content = 0, sha256()
    try:
        async for some in blobs.read(key):
            size += len(some)
            content.update(some)
    except FileNotFoundError:
        raise NotEqual(f"The content of the file {key} was written and is not in its store.") from None
    found = Stored(size, content.hexdigest())
    if found != written:
        raise NotEqual(
            f"The content of the file {key} is not what was written: {found.size} bytes with the SHA-256 "
            f"{found.sha256[:12]}… came back of {written.size} with {written.sha256[:12]}…. Restore again."
        )
