"""Taking an import back: what it wrote goes, what it replaced or removed comes again, and nothing else."""

import sqlite3
from collections.abc import AsyncIterator, Iterator
from contextlib import closing
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from typing import Any, NamedTuple

import bson
from bson.raw_bson import RawBSONDocument
from pymongo import DeleteOne, ReplaceOne

from models import DOCUMENTS, raw, transactions
from models.checksums import AS_BYTES, Checksum, digest
from models.import_records import Import, ImportBatch, State
from models.imports.proof import checksums, differing
from models.imports.references import references
from models.imports.stage import cell
from models.imports.summary import Progress, Refused, chunks
from models.imports.writing import SECONDS, Session, balance
from models.leases import MOVES, held
from models.restores import refuse_unfinished
from models.users import User

# Documents of somebody else that are told one by one.
TOLD = 20
SEEN = "SELECT 1 FROM own WHERE collection = ? AND key = ?"


class Meanwhile(NamedTuple):
    """Something that came after the import and speaks against taking it back."""

    collection: str
    key: str
    reason: str


@dataclass
class Undone:
    """What became of an import that was to be taken back; `others` as in its summary."""

    id: str
    removed: int = 0
    restored: int = 0
    meanwhile: list[Meanwhile] = field(default_factory=list)
    meanwhile_count: int = 0
    others: list[str] = field(default_factory=list)

    def note(self, collection: str, key: Any, reason: str) -> None:
        """Notes what speaks against it."""
        self.meanwhile_count += 1
        if len(self.meanwhile) < TOLD:
            self.meanwhile.append(Meanwhile(collection, str(key), reason))

    def as_json(self) -> dict[str, Any]:
        """The same in values that JSON has."""
        return {**asdict(self), "meanwhile": [each._asdict() for each in self.meanwhile]}


async def undo(import_id: str, *, force: bool = False, progress: Progress | None = None) -> Undone:
    """Takes an import back; nothing happens where something has changed since, unless forced.

    What was cut off goes on when it is called again. Ids that were given out are not given out again.
    Raises Refused for an import that is not there, or is undone already, Taken and Unfinished.
    """
    database = User.get_pymongo_collection().database
    async with held(database, MOVES, f"The undoing of import {import_id}"):
        await refuse_unfinished(database)
        record = await Import.get(import_id)
        if record is None:
            raise Refused(f"There is no import {import_id!r}; `lockstep import list` shows them.")
        if record.status is State.UNDONE:
            raise Refused(f"The import {import_id} has been undone already.")
        undone = Undone(import_id)
        await look(record, undone)
        if undone.meanwhile and not force:
            return undone
        before = await checksums(database)
        changes = await balance(database, import_id)
        await take_back(record, undone, progress)
        back = {name: Checksum().minus(change) for name, change in changes.items()}
        undone.others = [] if force else differing(before, await checksums(database), back)
        changed = {"status": State.UNDONE, "finished_at": datetime.now(UTC)}
        await raw.collection(Import).update_one({"_id": import_id}, {"$set": changed})
        return undone


async def look(record: Import, undone: Undone) -> None:
    """Notes what has changed since, and what others have tied to what would go."""
    with closing(sqlite3.connect("", isolation_level=None)) as own:
        own.execute(
            "CREATE TABLE own (collection TEXT, key, new INTEGER, PRIMARY KEY (collection, key)) "
            "WITHOUT ROWID"
        )
        own.execute("BEGIN")
        new: set[str] = set()
        async for batch in backwards(record.id):
            name = batch["collection"]
            stored = await stored_now(name, batch["changes"])
            for change in batch["changes"]:
                form = stored.get(change["key"])
                now = None if form is None else digest(form)
                mine = (name, cell(change["key"]))
                # What was removed and then written under the same key is as the last of both left it.
                last = own.execute(SEEN, mine).fetchone() is None
                if last and now != change["digest"]:
                    undone.note(name, change["key"], "it has gone" if now is None else "it has changed since")
                is_new = change["before"] is None
                new |= {name} if is_new else set()
                own.execute("INSERT OR REPLACE INTO own VALUES (?, ?, ?)", (*mine, is_new))
        for collection, field_name, target in references():
            if target in new:
                await look_at(collection, field_name, target, own, undone)


async def look_at(
    collection: str, field_name: str, target: str, own: sqlite3.Connection, undone: Undone
) -> None:
    """Notes documents of others that refer to what would go."""
    asked = own.execute("SELECT key FROM own WHERE collection = ? AND new", (target,))
    for some in chunks((row[0] for row in asked), 1_000):
        keys = [bson.ObjectId(key) if isinstance(key, bytes) else key for key in some]
        async for other in of_name(collection).find({field_name: {"$in": keys}}, {"_id": True}):
            if own.execute(SEEN, (collection, cell(other["_id"]))).fetchone() is None:
                undone.note(collection, other["_id"], f"its {field_name} leads to what would go")


async def take_back(record: Import, undone: Undone, progress: Progress | None) -> None:
    """Undoes batch after batch, the last one first; each goes with its entry in the journal."""
    journal = raw.collection(ImportBatch)
    total = await journal.count_documents({"import_id": record.id})
    done = 0
    async for batch in backwards(record.id):
        requests = list(back(batch["changes"]))
        name = batch["collection"]

        async def write(
            session: Session, batch: Any = batch, requests: Any = requests, name: str = name
        ) -> None:
            await of_name(name).bulk_write(requests, session=session)
            await journal.delete_one({"_id": batch["_id"]}, session=session)

        await transactions.together(ImportBatch, write, SECONDS)
        restored = sum(change["before"] is not None for change in batch["changes"])
        undone.restored += restored
        undone.removed += len(requests) - restored
        done += 1
        if progress:
            progress("undo", done, total)


def back(changes: list[dict[str, Any]]) -> Iterator[Any]:
    """What makes each document what it was."""
    for change in changes:
        wanted = {"_id": change["key"]}
        if change["before"] is None:
            yield DeleteOne(wanted)
        else:
            yield ReplaceOne(wanted, RawBSONDocument(change["before"]), upsert=True)


async def backwards(import_id: str) -> AsyncIterator[dict[str, Any]]:
    """The entries of the journal, the last one first; also while they go."""
    journal = raw.collection(ImportBatch)
    wanted: dict[str, Any] = {"import_id": import_id}
    while batch := await journal.find_one(wanted, sort=[("number", -1)]):
        yield batch
        wanted["number"] = {"$lt": batch["number"]}


async def stored_now(name: str, changes: list[dict[str, Any]]) -> dict[Any, bytes]:
    """The documents of some changes as they are stored now."""
    collection = of_name(name).with_options(codec_options=AS_BYTES)
    keys = [change["key"] for change in changes]
    return {each["_id"]: bytes(each.raw) async for each in collection.find({"_id": {"$in": keys}})}


def of_name(name: str) -> Any:
    """The collection of a name."""
    kinds = {kind.get_collection_name(): kind for kind in DOCUMENTS}
    return raw.collection(kinds[name])


async def forget(import_id: str) -> int:
    """How many entries the journal of an import had: it cannot be undone any more. Raises Refused."""
    record = await Import.get(import_id)
    if record is None:
        raise Refused(f"There is no import {import_id!r}; `lockstep import list` shows them.")
    if record.status is State.RUNNING:
        raise Refused(f"The import {import_id} is not finished: let it go on, or undo it.")
    gone = await raw.collection(ImportBatch).delete_many({"import_id": import_id})
    await record.delete()
    return gone.deleted_count
