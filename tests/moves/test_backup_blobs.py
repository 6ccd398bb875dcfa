"""The contents of files come back as they were, and are read again before anybody says so."""

import secrets
import tracemalloc
from collections.abc import AsyncIterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from pymongo.asynchronous.database import AsyncDatabase

from models import archives, backup_blobs, blobs, checksums, restores
from models.backups import Damaged, NotEqual, backup, restore
from models.blobs import Place, Stored
from tests.moves.packed import rewritten

Database = AsyncDatabase[dict[str, Any]]


async def chunks(content: bytes) -> AsyncIterator[bytes]:
    for start in range(0, len(content), 2**20):
        yield content[start : start + 2**20]


async def stored(database: Database, content: bytes) -> str:
    """The key of a file whose content is in the store, and of a thumbnail beside it."""
    key = f"u1/{len(content)}"
    await blobs.put(key, chunks(content), limit=10**9)
    await blobs.put(f"{key}.small", chunks(content), limit=10**9)
    thumbnail = {"name": "small", "key": f"{key}.small", "width": 1, "height": 1, "size": len(content)}
    file = {"key": key, "uuid": key, "media_type": "text/plain", "filename": "a.txt"}
    await database["files"].insert_one({**file, "thumbnails": [thumbnail]})
    return key


async def emptied() -> None:
    async for some in blobs.listed(""):
        await blobs.delete(key for key, _ in some)


async def test_files_come_along_where_asked(
    database: Database,
    other: Database,
    store: Place,
    tmp_path: Path,
    now: datetime,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(backup_blobs, "PART", 100_000)
    contents = {size: secrets.token_bytes(size) for size in (1, 250_000)}
    keys = {await stored(database, content): content for content in contents.values()}
    await database["files"].insert_one({"key": "u1/gone", "uuid": "gone", "thumbnails": []})
    saved = await backup(database, tmp_path / "files.tar.gz", now, files=True)
    assert saved.blobs.count == 4
    await emptied()
    assert (await restore(other, saved.path)).blobs == checksums.Checksum()
    with pytest.raises(FileNotFoundError):
        await blobs.whole("u1/1", 9)
    assert (await restore(other, saved.path, force=True, files=True)).blobs == saved.blobs
    for key, content in keys.items():
        assert await blobs.whole(key, 10**6) == await blobs.whole(f"{key}.small", 10**6) == content


@pytest.mark.parametrize(
    ("somebody", "words"),
    [
        (b"somebody else's", "The content of the file u1/9 is not what was written: 15 bytes .* of 9 with"),
        (b"nine bite", "The content of the file u1/9 is not what was written: 9 bytes .* of 9 with"),
        (None, "The content of the file u1/9 was written and is not in its store"),
    ],
)
async def test_a_file_that_is_another_one_once_it_is_written_is_named(
    database: Database,
    other: Database,
    store: Place,
    tmp_path: Path,
    now: datetime,
    monkeypatch: pytest.MonkeyPatch,
    somebody: bytes | None,
    words: str,
) -> None:
    await stored(database, b"nine byte")
    saved = await backup(database, tmp_path / "files.tar.gz", now, files=True)
    put = blobs.put

    async def put_and_changed(key: str, content: AsyncIterator[bytes], **how: Any) -> Stored:
        """The real store, to which somebody else writes too."""
        told = await put(key, content, **how)
        if somebody is None:
            await blobs.delete([key])
        else:
            await put(key, chunks(somebody), limit=10**9)
        return told

    monkeypatch.setattr(blobs, "put", put_and_changed)
    with pytest.raises(NotEqual, match=words):
        await restore(other, saved.path, files=True)
    # Nothing begins there before a restore has come to its end.
    assert await restores.is_unfinished(other)
    monkeypatch.setattr(blobs, "put", put)
    assert (await restore(other, saved.path, files=True)).blobs == saved.blobs
    assert not await restores.is_unfinished(other)


async def test_a_large_file_is_never_whole_in_memory(
    database: Database, other: Database, store: Place, tmp_path: Path, now: datetime
) -> None:
    size = 100_000_000
    await blobs.put("u1/large", chunks(bytes(size)), limit=10**9)
    await database["files"].insert_one({"key": "u1/large", "uuid": "large", "thumbnails": []})
    tracemalloc.start()
    try:
        saved = await backup(database, tmp_path / "files.tar.gz", now, files=True)
        assert (await restore(other, saved.path, files=True)).blobs == saved.blobs
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert most < 60_000_000


async def test_files_are_proven_by_one_checksum_however_many_there_are(
    database: Database, other: Database, store: Place, tmp_path: Path, now: datetime
) -> None:
    for number in range(1, 21):
        await stored(database, b"x" * number)
    path = (await backup(database, tmp_path / "files.tar.gz", now, files=True)).path
    manifest = archives.verified(path)
    assert manifest.blobs.count == 40 and not [name for name in manifest.members if "blobs" in name]
    for change in (other_content, other_key, left_out, twice):
        (tmp_path / "changed.tar.gz").write_bytes(path.read_bytes())
        rewritten(tmp_path / "changed.tar.gz", change)
        with pytest.raises(Damaged, match="the contents of files are not what they were"):
            await restore(other, tmp_path / "changed.tar.gz", force=True, files=True)
    assert await other.list_collection_names() == []


def other_content(name: str, content: bytes) -> list[tuple[str, bytes]]:
    return [(name, b"y" if name == "blobs/u1%2F1/000001" else content)]


def other_key(name: str, content: bytes) -> list[tuple[str, bytes]]:
    return [(name.replace("u1%2F1/", "u1%2F99/"), content)]


def left_out(name: str, content: bytes) -> list[tuple[str, bytes]]:
    return [] if name == "blobs/u1%2F1/000001" else [(name, content)]


def twice(name: str, content: bytes) -> list[tuple[str, bytes]]:
    return [(name, content)] * (2 if name == "blobs/u1%2F1/000001" else 1)
