"""Documents on their way into their collections, with a journal of what each batch did."""

from collections.abc import Iterable
from typing import Any, NamedTuple, cast

import bson
from beanie import Document
from bson.raw_bson import RawBSONDocument
from pymongo import InsertOne, ReplaceOne
from pymongo.asynchronous.database import AsyncDatabase

from models import raw, transactions
from models.checksums import AS_BYTES, Checksum, digest
from models.import_records import Import, ImportBatch, Reached
from models.imports.stage import Documents, Kept
from models.imports.summary import Progress, Summary

Session = transactions.Session
# A document as the database holds it.
Form = dict[str, Any]

# Bytes of one entry of the journal; a document may have sixteen million.
ENTRY = 6_000_000
# Seconds for one batch: longer than the store waits for somebody who was killed within theirs.
SECONDS = 120


class Part:
    """The documents of one table, and what is done to them on their way."""

    def __init__(self, name: str, kind: type[Document], documents: Documents) -> None:
        self.name = name
        self.kind = kind
        self.documents = documents

    async def begin(self) -> None:
        """Does what has to be done before the first of them is written."""

    async def settle(self, forms: list[Form], session: Session) -> list[Form]:
        """The documents of a batch as they are to be, whatever stands in their place now."""
        return forms


class Written(NamedTuple):
    """A document that a batch wrote: its key, its form then, and the form before."""

    key: Any
    after: bytes | None
    before: bytes | None

    @property
    def entry(self) -> dict[str, Any]:
        """What the journal keeps of it."""
        return {
            "key": self.key,
            "digest": None if self.after is None else digest(self.after),
            "before": self.before,
        }


class Writer:
    """Writes the parts of one import; what it was killed in has not happened."""

    def __init__(self, record: Import, summary: Summary, progress: Progress | None) -> None:
        self.record = record
        self.summary = summary
        self.progress = progress

    async def write(self, part: Part) -> None:
        """Writes a part; a document with the same id is replaced, one that is the same is left alone."""
        checksum = part.documents.checksum().as_json()["sum"]
        before = self.record.reached.get(part.name)
        # Where the source is what it was, what has been written need not be looked at again.
        after = before.number if before is not None and before.checksum == checksum else 0
        await part.begin()
        done = part.documents.before(after)
        for some in part.documents.batches(after):
            await self.write_batch(part, some, checksum)
            done += len(some)
            if self.progress:
                self.progress(part.name, done, part.documents.count)
        self.summary.written[part.name] = done

    async def write_batch(self, part: Part, some: list[Kept], checksum: str) -> None:
        """Writes some documents, notes what was there before and how far the import is: all or nothing."""
        reached = Reached(number=some[-1].number, key=some[-1].key, checksum=checksum)

        async def write(session: Session) -> int:
            forms = await part.settle([bson.decode(each.form) for each in some], session)
            changed = await changes(part.kind, forms, session)
            if changed:
                await put(part.kind, changed, session)
                await note(self.record.id, part.kind.get_collection_name(), changed, session)
                await raw.collection(Import).update_one(
                    {"_id": self.record.id},
                    {"$set": {f"reached.{part.name}": reached.model_dump()}},
                    session=session,
                )
            return len(changed)

        number = await transactions.together(part.kind, write, SECONDS)
        if number:
            name = part.kind.get_collection_name()
            self.summary.changed[name] = self.summary.changed.get(name, 0) + number


async def changes(kind: type[Document], forms: list[Form], session: Session) -> list[Written]:
    """Those documents that are not stored in just this form."""
    collection = raw.collection(kind).with_options(codec_options=cast(Any, AS_BYTES))
    ids = [form["_id"] for form in forms]
    stored = {
        each["_id"]: bytes(cast(Any, each).raw)
        async for each in collection.find({"_id": {"$in": ids}}, session=session, batch_size=len(ids) + 1)
    }
    found = []
    for form in forms:
        after, before = bson.encode(form), stored.get(form["_id"])
        if before is None or digest(before) != digest(after):
            found.append(Written(form["_id"], after, before))
    return found


async def put(kind: type[Document], changed: Iterable[Written], session: Session) -> None:
    """Writes documents in place of those that were read in the same transaction."""
    requests: list[Any] = []
    for each in changed:
        form = RawBSONDocument(each.after or b"")
        requests.append(InsertOne(form) if each.before is None else ReplaceOne({"_id": each.key}, form))
    await kind.get_pymongo_collection().bulk_write(requests, session=session)


async def note(import_id: str, collection: str, changed: list[Written], session: Session | None) -> None:
    """Enters into the journal what was written, in entries that the store can take."""
    journal = raw.collection(ImportBatch)
    last: Any = await journal.find_one(
        {"import_id": import_id}, {"number": True}, sort=[("number", -1)], session=session
    )
    number = last["number"] if last else 0
    entries: list[Form] = []
    room = 0
    for each in changed:
        size = len(each.before or b"") + 64
        if not entries or room < size:
            number += 1
            room = ENTRY
            entries.append(
                {"import_id": import_id, "number": number, "collection": collection, "changes": []}
            )
        room -= size
        entries[-1]["changes"].append(each.entry)
    await journal.insert_many(entries, session=session)


async def balance(database: AsyncDatabase[Any], import_id: str) -> dict[str, Checksum]:
    """By how much the checksum of each collection has to differ after an import."""
    totals: dict[str, Checksum] = {}
    journal = database[ImportBatch.Settings.name]
    async for batch in journal.find({"import_id": import_id}, sort=[("number", 1)], batch_size=20):
        changes = batch["changes"]
        added = Checksum.over(each["digest"] for each in changes if each["digest"] is not None)
        gone = Checksum.over(digest(each["before"]) for each in changes if each["before"] is not None)
        name = batch["collection"]
        totals[name] = totals.get(name, Checksum()).plus(added).minus(gone)
    return totals
