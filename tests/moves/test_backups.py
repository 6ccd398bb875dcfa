"""A backup is one moment of a database, comes back as it was, and is refused where a byte has changed."""

import asyncio
import gzip
import tarfile
import tracemalloc
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from pymongo import MongoClient
from pymongo.asynchronous.database import AsyncDatabase

from models import archives, backups, checksums, demo
from models.backups import Damaged, NotEmpty, NotEqual, backup, restore
from models.characters import Character
from models.courses import Course
from models.imports import import_rows
from models.leases import MOVES, Taken, held
from models.passwords import Passwords
from server.embedded import Services
from tests.moves.packed import members, pack, rewritten, told_anew

Database = AsyncDatabase[dict[str, Any]]
LEASES = backups.WITHOUT


@pytest.fixture
async def lived_in(database: Database, recordings: Path, passwords: Passwords, now: datetime) -> Database:
    """The demo data and a family beside it."""
    await demo.load_once(now, passwords)
    await import_rows("mandarin", recordings / "mandarin" / "fixtures.json", "base")
    await import_rows("gateway", recordings / "fixtures.json", "gw-tree")
    return database


@pytest.fixture
async def file(lived_in: Database, tmp_path: Path, now: datetime) -> Path:
    return (await backup(lived_in, tmp_path, now)).path


async def indexes(database: Database) -> dict[str, Any]:
    return {
        name: sorted((await database[name].index_information()).items())
        for name in await checksums.names(database, LEASES)
    }


async def options(database: Database) -> dict[str, Any]:
    found = await (await database.list_collections()).to_list()
    return {each["name"]: each["options"] for each in found if each["name"] not in LEASES}


async def test_what_comes_back_is_what_was(lived_in: Database, file: Path, other: Database) -> None:
    assert file.name == f"lockstep-{lived_in.name}-20260101-093000.tar.gz"
    assert file.stat().st_mode & 0o777 == 0o600
    restored = await restore(other, file)
    before = await checksums.of(lived_in, without=LEASES)
    assert {name: each for name, each in restored.collections.items() if each.count} == before
    assert await checksums.of(other, without=LEASES) == before
    assert (await indexes(other), await options(other)) == (await indexes(lived_in), await options(lived_in))
    for name in before:
        every = [await each[name].find().sort("_id").to_list() for each in (lived_in, other)]
        assert every[0] == every[1]


async def test_a_backup_is_one_moment_however_much_is_written_meanwhile(
    database: Database, other: Database, tmp_path: Path, now: datetime
) -> None:
    await Course.insert_many([Course(id=id, title="C", published=True) for id in range(1, 5_001)])

    async def write() -> None:
        for id in range(10_000, 20_000):
            # What is read later is written first: a torn backup would have the one and not the other.
            await Course.insert(Course(id=id, title="later", published=True))
            await Character.insert(Character(id=id, hanzi="后"))

    writing = asyncio.create_task(write())
    try:
        while await Character.find_one({"_id": 10_002}) is None:
            await asyncio.sleep(0)
        saved = await backup(database, tmp_path / "one.tar.gz", now)
    finally:
        writing.cancel()
    courses, characters = saved.collections["courses"].count - 5_000, saved.collections["characters"].count
    assert courses - characters in (0, 1) and characters >= 3
    await restore(other, saved.path)


async def test_parts_are_many_where_documents_are(
    database: Database, other: Database, tmp_path: Path, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(backups, "PART", 10_000)
    await Course.insert_many([Course(id=id, title="x" * 500, published=True) for id in range(1, 201)])
    saved = await backup(database, tmp_path / "many.tar.gz", now)
    pieces = [part.piece for part in archives.parts(saved.path) if part.name == "courses"]
    assert pieces[0] == "metadata.json" and len(pieces) > 10
    assert (await restore(other, saved.path)).collections["courses"] == saved.collections["courses"]


async def test_a_full_database_is_left_alone_unless_forced(
    lived_in: Database, file: Path, other: Database
) -> None:
    await other["courses"].insert_one({"_id": 1})
    with pytest.raises(NotEmpty, match=r"is not empty \(courses\). Choose another one with --into-new NAME"):
        await restore(other, file)
    assert await checksums.names(other, LEASES) == ["courses"]
    await restore(other, file, force=True)
    assert await checksums.of(other, without=LEASES) == await checksums.of(lived_in, without=LEASES)


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def flipped(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)


def emptied(path: Path) -> None:
    path.write_bytes(b"")


def other_documents(path: Path) -> None:
    rewritten(path, lambda name, content: [(name, content[::-1] if name.endswith(".bson") else content)])


def left_out(path: Path) -> None:
    rewritten(path, lambda name, content: [] if name.startswith("collections/people/") else [(name, content)])


def twice(path: Path) -> None:
    rewritten(path, lambda name, content: [(name, content)] * (2 if name.endswith(".bson") else 1))


def behind(path: Path) -> None:
    pack(path, [*members(path), ("collections/x/000001.bson", b"")])


def unfinished(path: Path) -> None:
    pack(path, members(path)[:-1])


def headless(path: Path) -> None:
    pack(path, members(path)[1:])


def other_format(path: Path) -> None:
    rewritten(path, lambda name, content: [(name, content.replace(b'"format": 1', b'"format": 9'))])


def strange(path: Path) -> None:
    pack(path, [("../evil", b"")])


def of_another_kind(path: Path) -> None:
    pack(path, [*members(path)[:-1], ("secrets/one/000001", b""), members(path)[-1]])


def linked(path: Path) -> None:
    with tarfile.open(path, "w:gz") as new:
        link = tarfile.TarInfo("collections/people/000001.bson")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        new.addfile(link)


def of_somebody_else(path: Path) -> None:
    pack(path, [("lockstep-backup.json", b"[]"), ("manifest.json", b"{}")])


def no_manifest(path: Path) -> None:
    told_anew(path, lambda told: {"members": [], "collections": [], "blobs": None})


def other_collections(path: Path) -> None:
    told_anew(path, lambda told: told["collections"].pop("people") and None)


def other_files(path: Path) -> None:
    told_anew(path, lambda told: told["blobs"].update(count=1))


def nonsense(path: Path) -> None:
    path.write_bytes(gzip.compress(b"nothing of the kind" * 1000))


@pytest.mark.parametrize(
    ("damage", "words"),
    [
        (cut, "cannot be read to its end"),
        (flipped, "cannot be read to its end|is not what it was"),
        (emptied, "cannot be read to its end"),
        (other_documents, "is not what it was when it was written"),
        (left_out, "collections/people/000001.bson is not what it was"),
        (unfinished, "has no manifest: it was not written to its end"),
        (other_format, "has the format 9, and this program reads 1"),
        (strange, "../evil is no part of a backup"),
        (of_another_kind, "secrets/one/000001 is no part of a backup"),
        (linked, "cannot be read to its end"),
        (headless, "is no backup: it does not begin like one"),
        (of_somebody_else, "is no backup: what should describe it is none"),
        (no_manifest, "the manifest is not one of a backup"),
        (other_collections, "the manifest names other collections than there are"),
        (other_files, "the contents of files are not what they were"),
        (twice, ".bson is there twice"),
        (behind, "something stands behind the manifest"),
        (nonsense, "cannot be read to its end"),
    ],
)
async def test_damage_is_found_before_anything_is_written(
    file: Path, other: Database, damage: Callable[[Path], None], words: str
) -> None:
    damage(file)
    with pytest.raises(Damaged, match=words):
        await restore(other, file, force=True)
    assert await other.list_collection_names() == []


async def test_somebody_who_writes_meanwhile_is_noticed(
    services: Services, lived_in: Database, file: Path, other: Database
) -> None:
    with MongoClient[dict[str, Any]](services.mongodb_uri) as somebody:

        def progress(name: str, done: int, total: int) -> None:
            if name == "users":
                somebody[other.name]["courses"].insert_one({"title": "not of the backup"})

        with pytest.raises(NotEqual, match="courses in the database"):
            await restore(other, file, progress=progress)


async def test_a_backup_that_fails_leaves_no_file(lived_in: Database, tmp_path: Path, now: datetime) -> None:
    def stop(name: str, done: int, total: int) -> None:
        raise RuntimeError("the disk is full")

    with pytest.raises(RuntimeError):
        await backup(lived_in, tmp_path / "x.tar.gz", now, progress=stop)
    assert list(tmp_path.iterdir()) == []


async def test_one_restores_at_a_time(file: Path, other: Database) -> None:
    async with held(other, MOVES, "Another restore"):
        with pytest.raises(Taken, match="Another restore is at work in this database"):
            await restore(other, file)


async def test_large_documents_are_saved_and_restored_a_few_at_a_time(
    database: Database, other: Database, tmp_path: Path, now: datetime
) -> None:
    for id in range(24):
        await database["courses"].insert_one({"_id": id, "notes": "x" * 6_000_000})
    tracemalloc.start()
    try:
        saved = await backup(database, tmp_path / "large.tar.gz", now)
        await restore(other, saved.path)
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    # 144 MB of documents; one answer of the store has 16 MB, and there are a few copies of it.
    assert saved.collections["courses"].count == 24 and most < 110_000_000


async def test_the_reading_of_the_file_is_shown(file: Path, other: Database) -> None:
    shown: dict[str, list[tuple[int, int]]] = {}

    def progress(name: str, done: int, total: int) -> None:
        shown.setdefault(name, []).append((done, total))

    await restore(other, file, progress=progress)
    first, size = next(iter(shown)), file.stat().st_size
    assert first == "bytes of the file" and shown[first][-1] == (size, size)
    people = await other["people"].count_documents({})
    assert shown["people"][-1] == (people, people)
