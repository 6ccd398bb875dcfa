"""Sending: a whole tree as a GEDCOM file among the files of whoever asked, made by a job."""

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import islice

from bson import ObjectId

from models import blobs, file_writes, jobs, raw, trees, usage
from models.blobs import Stored, Writer
from models.errors import DomainError
from models.file_writes import About
from models.gedcom import file_name
from models.gedcom.exporting import exported
from models.gedcom.gathering import gathered
from models.gedcom.versions import GedcomVersion
from models.job_errors import JobLost
from models.job_kinds import Running, kind
from models.jobs import Job
from models.keys import Key
from models.kinds import Need
from models.raw import stored_form
from models.stored_files import Category, StoredFile
from models.transactions import Session
from models.uploads import FileLimits, Upload, new_key

EXPORT = "export_gedcom"
MEDIA_TYPE = "application/x-gedcom"
# Lines that are made at a time, beside the loop.
LINES = 5_000
# Bytes of a file, which is many times what any tree has been.
MOST = 2**30


async def ask(
    tree: Key | None, version: GedcomVersion, account: str, now: datetime, limits: FileLimits
) -> Job:
    """The job that writes a tree, which the account manages: a file hides nothing."""
    home = await trees.get(tree, account, Need.MANAGE, ())
    arguments = {
        "tree": str(home["_id"]),
        "version": version.value,
        "quota": limits.quota,
    }
    return await jobs.ask(EXPORT, arguments, owner=account, now=now)


@kind(EXPORT, attempts=5, timeout=1800)
async def run(job: Running) -> None:
    """Writes the file, and ends with it among the files of its owner."""
    account, now = str(job.owner), datetime.now(UTC)
    # Of this attempt alone: an earlier one may still write, or clear away what it wrote.
    key = new_key(now)
    tree = await trees.get(ObjectId(job.arguments["tree"]), account, Need.MANAGE)
    name = f"{file_name(tree['name'])}.ged"
    lines = exported(await gathered(tree), GedcomVersion(job.arguments["version"]))
    stored = await written(job, lines, Writer(key, limit=MOST, media_type=MEDIA_TYPE, name=name))
    upload = Upload(name, MEDIA_TYPE, MEDIA_TYPE, stored.size, stored.sha256, key)
    file = file_writes.document(upload, About(Category.DOCUMENT, tree=str(tree["_id"])), account, now)
    await usage.begin(account, now)

    async def settle(session: Session) -> dict[str, object]:
        await usage.take(account, 1, file.size, int(job.arguments["quota"]), session)
        await raw.collection(StoredFile).insert_one(stored_form(file), session=session)
        return {"file": str(file.id), "name": file.name, "size": file.size}

    try:
        await job.settle(settle)
    except (DomainError, JobLost):
        # After another error nobody knows whether the file is kept; the clean-up of orphans finds out.
        await blobs.delete([key])
        raise


async def written(job: Running, lines: Iterator[str], writer: Writer) -> Stored:
    """The blob of a file, which is written as its lines are made."""
    done = 0
    try:
        while some := await asyncio.to_thread(lambda: list(islice(lines, LINES))):
            await writer.write(("\n".join(some) + "\n").encode())
            done += len(some)
            await job.progress(done, None, "Lines are being written.")
        return await writer.close()
    except BaseException:
        await writer.abort()
        raise
