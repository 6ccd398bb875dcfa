"""The whole database in one file, as it was at one moment, and back again."""

from datetime import datetime
from itertools import groupby
from operator import attrgetter
from pathlib import Path
from typing import Any, NamedTuple

import bson
from bson import json_util
from pymongo.asynchronous.client_session import AsyncClientSession
from pymongo.asynchronous.database import AsyncDatabase
from pymongo.errors import OperationFailure

from models import archives, backup_blobs, checksums, restores
from models.archives import COLLECTIONS, METADATA, PART, Damaged, Manifest, NotEqual, Progress
from models.checksums import AS_BYTES, Checksum, digest
from models.imports.summary import chunks
from models.leases import MOVES, Lease, held
from models.transactions import DURABLE

__all__ = ["Damaged", "NotEmpty", "NotEqual", "Restored", "Saved", "backup", "restore"]

Database = AsyncDatabase[Any]

# Who does what now is no part of what was.
WITHOUT = frozenset({Lease.Settings.name})
BATCH = 1_000
# The store no longer has the moment from which it is asked to read.
TOO_OLD = frozenset({239, 246})


class NotEmpty(Exception):
    """A database into which nothing is restored, because it holds something; the message says what to do."""


class TooOld(Exception):
    """A database that forgot a moment before it could be read; the message says what to set."""


class Saved(NamedTuple):
    """A backup: its file, how large that is, and what it holds."""

    path: Path
    size: int
    collections: dict[str, Checksum]
    blobs: Checksum


class Restored(NamedTuple):
    """What came back, proven equal to what was saved."""

    database: str
    collections: dict[str, Checksum]
    blobs: Checksum


def file_in(path: Path, database: str, now: datetime) -> Path:
    """The path itself, or in a folder the name of a backup of now."""
    return path / f"lockstep-{database}-{now:%Y%m%d-%H%M%S}.tar.gz" if path.is_dir() else path


async def backup(
    database: Database,
    path: Path,
    now: datetime,
    *,
    files: bool = False,
    progress: Progress | None = None,
) -> Saved:
    """Saves every collection as it was at one moment, while others go on writing.

    With `files` the contents of stored files come along; those that are deleted meanwhile are missing.
    Raises TooOld and Unfinished.
    """
    await restores.refuse_unfinished(database)
    path = file_in(path, database.name, now)
    manifest = Manifest(database.name, now.isoformat())
    found = {each["name"]: each for each in await (await database.list_collections()).to_list()}
    names = await checksums.names(database, WITHOUT)
    with archives.written(path, manifest) as archive:
        try:
            async with database.client.start_session(snapshot=True) as session:
                for name in names:
                    indexes = await (await database[name].list_indexes()).to_list()
                    told = {"options": found[name]["options"], "indexes": indexes}
                    archive.put(COLLECTIONS, name, METADATA, json_util.dumps(told).encode())
                    manifest.collections[name] = await save(archive, database, name, session, progress)
                if files:
                    manifest.blobs = await backup_blobs.save(archive, database, session, progress)
        except OperationFailure as error:
            if error.code not in TOO_OLD:
                raise
            raise TooOld(
                "The database no longer knows the moment at which the backup began. Let it remember longer: "
                "db.adminCommand({setParameter: 1, minSnapshotHistoryWindowInSeconds: 3600})."
            ) from error
    return Saved(path, path.stat().st_size, manifest.collections, manifest.blobs)


async def save(
    archive: archives.Archive,
    database: Database,
    name: str,
    session: AsyncClientSession,
    progress: Progress | None,
) -> Checksum:
    """The checksum of a collection whose documents are in the archive now."""
    collection = database.get_collection(name, codec_options=AS_BYTES)
    total = await collection.estimated_document_count()
    checksum, part, piece = Checksum(), bytearray(), 0
    # As they come in: a thousand documents may be 16 GB, one answer is 16 MB at most.
    async with collection.find_raw_batches(
        {}, sort=[("_id", 1)], session=session, batch_size=BATCH
    ) as cursor:
        async for some in cursor:
            digests = []
            for each in bson.decode_iter(some, AS_BYTES):
                digests.append(digest(bytes(each.raw)))
                part += each.raw
                if len(part) >= PART:
                    piece += 1
                    archive.put(COLLECTIONS, name, f"{piece:06}.bson", bytes(part))
                    part.clear()
            checksum = checksum.plus(Checksum.over(digests))
            if progress:
                progress(name, checksum.count, max(total, checksum.count))
    if part:
        archive.put(COLLECTIONS, name, f"{piece + 1:06}.bson", bytes(part))
    return checksum


async def restore(
    database: Database,
    path: Path,
    *,
    force: bool = False,
    files: bool = False,
    progress: Progress | None = None,
) -> Restored:
    """Brings a backup into an empty database, and compares; nothing happens where the file is damaged.

    With `force` whatever the database holds goes first, as does without it what a restore has left that did
    not end; with `files` the contents of files come back too. Until all is compared the database is marked,
    and nothing else begins there. Raises Damaged, NotEmpty, Taken and NotEqual.
    """
    manifest = archives.verified(path, progress)
    async with held(database, MOVES, f"A restore from {path.name}"):
        there = await checksums.names(database, WITHOUT)
        full = [name for name in there if await database[name].find_one({}, {"_id": True}) is not None]
        if full and not force and not await restores.is_unfinished(database):
            raise NotEmpty(
                f"The database {database.name} is not empty ({', '.join(full[:5])}"
                f"{', …' if len(full) > 5 else ''}). Choose another one with --into-new NAME, or --force."
            )
        token = await restores.begun(database, path, files=files)
        for name in there:
            await database.drop_collection(name)
        metadata = await load(database, path, manifest, progress)
        sums = await compared(database, manifest)
        # Only now, because some of them delete what is out of date.
        for name, told in metadata.items():
            await make_indexes(database, name, told["indexes"])
        blobs = Checksum()
        if files:
            blobs = await backup_blobs.load(database, path, manifest.blobs, progress)
        await restores.ended(database, token)
        return Restored(database.name, sums, blobs)


async def load(
    database: Database, path: Path, manifest: Manifest, progress: Progress | None
) -> dict[str, dict[str, Any]]:
    """The options and indexes of all collections, whose documents are written now."""
    metadata: dict[str, dict[str, Any]] = {}
    for name, group in groupby(archives.of_kind(path, COLLECTIONS), key=attrgetter("name")):
        done = 0
        for part in group:
            if part.piece == METADATA:
                metadata[name] = told = json_util.loads(part.content.decode())
                await database.create_collection(name, **told["options"])
                continue
            for some in chunks(bson.decode_iter(part.content, AS_BYTES), BATCH):
                collection = database.get_collection(name, write_concern=DURABLE)
                await collection.insert_many(some, ordered=False)
                done += len(some)
                if progress:
                    progress(name, done, manifest.collections[name].count)
    return metadata


async def compared(database: Database, manifest: Manifest) -> dict[str, Checksum]:
    """The checksums of what has come back; raises NotEqual."""
    wanted = manifest.collections
    found = {name: await checksums.of_collection(database, name) for name in wanted}
    if wrong := [name for name in wanted if wanted[name] != found[name]]:
        raise NotEqual(
            f"{', '.join(wrong)} in the database {database.name} are not what the backup holds. Somebody "
            "may have written meanwhile: stop the servers of this database, and restore again."
        )
    return found


async def make_indexes(database: Database, name: str, indexes: list[dict[str, Any]]) -> None:
    """Makes the indexes that a collection had."""
    wanted = [
        {option: value for option, value in each.items() if option not in ("v", "ns")}
        for each in indexes
        if each["name"] != "_id_"
    ]
    if wanted:
        await database.command("createIndexes", name, indexes=wanted)
