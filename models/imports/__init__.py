"""Rows of old databases, turned into documents: all are checked before the first is written."""

import secrets
from collections.abc import Callable, Mapping
from contextlib import closing
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

from bson import ObjectId
from pymongo.asynchronous.database import AsyncDatabase

from models import DOCUMENTS, demo
from models.checksums import Checksum
from models.files import BadFile, Found
from models.import_records import Import, ImportBatch, State
from models.imports import named, numbered, writing
from models.imports.clearing import clear, clear_noted
from models.imports.origins import Origin, origin_of
from models.imports.proof import BOOKS, checksums, counts, differing
from models.imports.search import SEARCH
from models.imports.sources import GATEWAY, GENEALOGY
from models.imports.stage import Row, Stage, is_deep
from models.imports.storage import STORAGE
from models.imports.summary import DEEPEST, Progress, Refused, Summary
from models.leases import MOVES, Taken, held
from models.restores import refuse_unfinished
from models.users import User

__all__ = ["SURFACES", "Refused", "Summary", "Taken", "clear", "import_rows"]

Batch = numbered.Batch | named.Batch

# How the rows of a surface are checked and written; those whom genealogy knows stay as other surfaces told.
SURFACES: Mapping[str, Callable[..., Batch]] = {
    "mandarin": partial(numbered.Batch, numbered.LEARNING),
    "gateway": partial(named.Batch, GATEWAY, new_users=False),
    "auth": partial(named.Batch, GATEWAY, new_users=False),
    "genealogy": partial(named.Batch, GENEALOGY, new_users=True),
    "storage": partial(named.Batch, STORAGE, new_users=True),
    "search": partial(named.Batch, SEARCH, new_users=True),
}


async def import_rows(
    surface: str,
    source: Path | str,
    state: str | None = None,
    *,
    progress: Progress | None = None,
    reading: Progress | None = None,
    skip_bad: bool = False,
    same: Mapping[str, ObjectId] | None = None,
    now: datetime | None = None,
) -> Summary:
    """What an import of a file or a database did; with a bad row and without `skip_bad`, nothing.

    `source` is a path, or the URL of a PostgreSQL or MongoDB. An import that was cut off goes on where it
    was. `same` tells which UUIDs and ObjectIds of two servers name one thing; nobody guesses that. Needs
    connected models. Raises BadFile, Taken, Unfinished, and Refused where demo data is in use.
    """
    if surface not in SURFACES:
        raise BadFile(f"There is no surface {surface!r} to import; there are: {', '.join(SURFACES)}.")
    if same and surface == "mandarin":
        raise BadFile("The things of mandarin are named by numbers; none of them can be named twice.")
    origin = origin_of(source, state)
    database = User.get_pymongo_collection().database
    with closing(Stage()) as stage:
        async with held(database, MOVES, f"An import of {surface}"):
            await refuse_unfinished(database)
            moving = Moving(surface, origin, stage, Summary(surface, origin.name, state))
            return await moving.run(progress, reading, skip_bad, same, now or datetime.now(UTC))


class Moving:
    """One import, from its first row to its proof."""

    def __init__(self, surface: str, origin: Origin, stage: Stage, summary: Summary) -> None:
        self.surface = surface
        self.origin = origin
        self.stage = stage
        self.summary = summary
        self.database: AsyncDatabase[Any] = User.get_pymongo_collection().database

    async def run(
        self,
        progress: Progress | None,
        reading: Progress | None,
        skip_bad: bool,
        same: Mapping[str, ObjectId] | None,
        now: datetime,
    ) -> Summary:
        """Reads, judges and writes, in this order."""
        summary = self.summary
        alone = await demo.untouched()
        if alone is False:
            raise Refused(
                "People have registered beside the demo data in this database. Import into another one: "
                "set MONGODB_DATABASE or LOCKSTEP_DATA, and LOCKSTEP_DEMO=0."
            )
        known = {"same": same} if same else {}
        batch = SURFACES[self.surface](summary=summary, stored=alone is None, stage=self.stage, **known)
        await self.read(batch, reading)
        await batch.judge()
        summary.bad.sort(key=lambda bad: bad.line)
        if summary.bad and not skip_bad:
            return summary
        summary.before = await counts(DOCUMENTS)
        record = await self.record(now)
        if alone:
            await clear_noted(DOCUMENTS, record)
            summary.demo_replaced = True
        writer = writing.Writer(record, summary, progress)
        for part in batch.parts():
            await writer.write(part)
        await self.finish(record)
        return summary

    async def read(self, batch: Batch, reading: Progress | None) -> None:
        """Takes every row of the source; raises BadFile where one of them is cut off."""
        columns = batch.columns
        read: dict[str, int] = {}
        async for rows in self.origin.rows(columns):
            self.stage.put(self.shallow(rows))
            for row in rows:
                read[row.table] = read.get(row.table, 0) + 1
            if reading and rows:
                reading(f"read {rows[-1].table}", read[rows[-1].table], 0)
        self.summary.notes += self.origin.notes
        for table in self.stage.tables:
            if table not in columns:
                for rows_of in self.stage.rows(table):
                    for found in rows_of:
                        self.summary.refuse(found, "", f"the table is not one of {', '.join(columns)}")

    def shallow(self, rows: list[Row]) -> list[Row]:
        """The rows without those in which values stand too deep inside of each other."""
        deep = [row for row in rows if is_deep(row.text)]
        for row in deep:
            found = Found(row.table, row.line, row.pointer, {})
            self.summary.refuse(found, "", f"its values are nested more than {DEEPEST} deep")
        return [row for row in rows if row not in deep] if deep else rows

    async def record(self, now: datetime) -> Import:
        """The record of this import: that of one that was cut off, or a new one."""
        known = {"surface": self.surface, "source": self.origin.place, "state": self.summary.state}
        found = await Import.find_one({**known, "status": State.RUNNING})
        self.summary.resumed = found is not None
        if found is None:
            before = await checksums(self.database)
            found = Import(
                id=secrets.token_hex(4),
                **known,
                started_at=now,
                before={name: each.as_json() for name, each in before.items()},
            )
            await found.insert()
        return found

    async def finish(self, record: Import) -> None:
        """Proves what was done; an import that changed nothing leaves no trace."""
        summary = self.summary
        summary.after = await counts(DOCUMENTS)
        before = {name: Checksum.of_json(each) for name, each in record.before.items()}
        after = await checksums(self.database)
        summary.others = differing(before, after, await writing.balance(self.database, record.id))
        summary.checksums_before = {name: each.as_json()["sum"] for name, each in before.items()}
        summary.checksums_after = {name: each.as_json()["sum"] for name, each in after.items()}
        summary.demo_replaced |= record.demo_replaced
        if await ImportBatch.find_one({"import_id": record.id}) is None:
            await record.delete()
            return
        summary.id = record.id
        changed = {"status": State.DONE, "finished_at": datetime.now(UTC)}
        shown = {name: each.as_json() for name, each in after.items() if name not in BOOKS}
        await Import.get_pymongo_collection().update_one(
            {"_id": record.id}, {"$set": {**changed, "after": shown}}
        )
