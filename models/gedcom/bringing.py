"""Bringing: a GEDCOM file for a tree. A small one is in it when the answer comes; a large one is a job."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, cast

from bson import ObjectId

from models import blobs, jobs, raw, transactions, tree_writes, trees
from models.errors import DomainError, Overloaded, Unfit
from models.family_errors import FileMissing, TreeNotFound
from models.gedcom import reports
from models.gedcom.documents import Batch
from models.gedcom.ending import FAILED, ended, forget, taken_back
from models.gedcom.outline import Outline
from models.gedcom.packages import unpacked
from models.gedcom.reports import GOING, GedcomImport, ImportState, StoredImport, over, told
from models.gedcom.taking import Order, few, take, take_at_once
from models.job_errors import JobLost
from models.job_kinds import Running, kind
from models.keys import Key
from models.kinds import Need
from models.moments import Moment
from models.raw import stored_form
from models.transactions import Session
from models.uploads import Upload, taking

IMPORT = "import_gedcom"
ATTEMPTS = 8
# Bytes of a file that is taken in before it is answered: some hundred people, and within a second.
AT_ONCE = 256 * 1024
# Characters of a text that is sent instead of a file.
TEXT = AT_ONCE
# Documents that it becomes at most; a line of seven letters may become one.
FEW = 5_000
NAME = "text.ged"


async def bring(
    tree: Key | None, account: str, now: datetime, upload: Upload | None = None, text: str | None = None
) -> StoredImport:
    """The report of a file that is brought into a tree which the account may edit.

    A small one is in the tree now, or refused: raises GedcomRefused. For a large one a job is asked.
    """
    home = await trees.get(tree, account, Need.EDIT, ())
    if upload is None and text is None:
        raise FileMissing
    if upload is None and len(text or "") > TEXT:
        raise Unfit("text", f"it is longer than {TEXT} characters; send it as a file")
    content = (text or "").encode("utf-8", "replace")
    size = len(content) if upload is None else upload.size
    report = GedcomImport(
        tree_id=cast(Any, home["_id"]),
        account=account,
        name=NAME if upload is None else upload.name,
        size=size,
        created_at=Moment.of(now),
    )
    if size > AT_ONCE and upload is not None:
        return await later(report, upload, account, now)
    async with folder() as path:
        if upload is None:
            await asyncio.to_thread(path.write_bytes, content)
        else:
            await fetch(upload.key, path)
        order = await ordered(report.id, path, report.tree_id, account, now)
        # A small package may hold a large file.
        is_small = order.path.stat().st_size <= AT_ONCE
        found = await asyncio.to_thread(few, order, FEW) if is_small else None
    if found is not None:
        return await at_once(report, *found, now)
    if upload is None:
        raise Unfit("text", f"it tells of more than {FEW} things; send it as a file")
    return await later(report, upload, account, now)


async def at_once(report: GedcomImport, outline: Outline, batch: Batch, now: datetime) -> StoredImport:
    """The report of a file that is in the tree with all it holds; raises TreeNotFound."""

    async def write(session: Session) -> StoredImport:
        taken = await take_at_once(outline, batch, session)
        form = {**stored_form(report), **told(taken), **over(ImportState.DONE, now)}
        await raw.collection(GedcomImport).insert_one(form, session=session)
        await stir(report.tree_id, now, session)
        return cast(StoredImport, form)

    return await transactions.together(GedcomImport, write)


async def stir(tree_id: ObjectId, now: datetime, session: Session) -> None:
    """Notes that somebody came; raises TreeNotFound for a tree that was deleted meanwhile.

    A write: whoever deletes the tree at this moment comes before or after, and misses nobody.
    """
    if not await tree_writes.stirred(tree_id, now, session):
        raise TreeNotFound


async def later(report: GedcomImport, upload: Upload, account: str, now: datetime) -> StoredImport:
    """The report of a file that a job takes in; the file is kept until then."""

    async def write(session: Session) -> StoredImport:
        arguments = {"import": str(report.id), "key": upload.key}
        job = await jobs.ask(IMPORT, arguments, owner=account, key=str(report.id), session=session, now=now)
        form = {**stored_form(report), "job_id": job.id}
        await raw.collection(GedcomImport).insert_one(form, session=session)
        return cast(StoredImport, form)

    with taking([upload]):
        return await transactions.together(GedcomImport, write)


@kind(IMPORT, attempts=ATTEMPTS, timeout=3600)
async def run(job: Running) -> None:
    """Takes a large file in, from where an earlier attempt was cut off."""
    id, key = ObjectId(job.arguments["import"]), str(job.arguments["key"])
    report: Any = await raw.collection(GedcomImport).find_one({"_id": id})
    if report is None or report["state"] not in GOING:
        return
    now = datetime.now(UTC)
    try:
        await trees.get(report["tree_id"], report["account"], Need.EDIT, ())
        async with folder() as path:
            await fetch(key, path)
            await attempted(job, report, path, now)
    except JobLost:
        await ended(id, job.id, now)
        raise
    except Exception as error:
        is_refusal = isinstance(error, DomainError) and not isinstance(error, Overloaded)
        if is_refusal or job.attempt >= ATTEMPTS:
            why = error.message if isinstance(error, DomainError) else FAILED
            await taken_back(id, key, over(ImportState.REFUSED, now, error=why))
        raise
    await forget(key)


async def attempted(job: Running, report: StoredImport, path: Path, now: datetime) -> None:
    """One attempt: goes on behind the last line that is stored, and ends the job with the report."""
    id = report["_id"]
    at = report["created_at"]["at"].replace(tzinfo=UTC)
    order = await ordered(id, path, report["tree_id"], report["account"], at)

    async def progress(line: int, done: int, total: int) -> None:
        if line > report["line"]:
            await reports.reached(id, line)
        await job.progress(done, total, "Records are being taken in.")

    taken = await take(order, progress, report["line"])

    async def settle(session: Session) -> dict[str, Any]:
        # A tree that was deleted meanwhile has taken with it what was stored before, and not what came after.
        await stir(order.tree_id, now, session)
        update = told(taken)
        await reports.note(id, {**update, **over(ImportState.DONE, now)}, session)
        return {"import": str(id), **{name: update[name] for name in COUNTS}}

    await job.settle(settle)


# What the result of the job tells.
COUNTS = ("people", "families", "relationships", "events", "sources", "problem_count")


async def ordered(id: ObjectId, path: Path, tree_id: ObjectId, account: str, now: datetime) -> Order:
    """What is to be taken in; of a package its GEDCOM file."""
    return Order(id, await asyncio.to_thread(unpacked, path), tree_id, account, now)


@asynccontextmanager
async def folder() -> AsyncIterator[Path]:
    """A file that is gone afterwards, whatever happens."""
    with TemporaryDirectory(prefix="gedcom-") as name:
        yield Path(name) / "file.ged"


async def fetch(key: str, path: Path) -> None:
    """Writes a blob into a file."""
    with path.open("wb") as file:
        async for chunk in blobs.read(key):
            await asyncio.to_thread(file.write, chunk)
