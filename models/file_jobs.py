"""What is done with files later: pictures are looked at, contents go away, and orphans are found."""

import asyncio
import json
import signal
import sys
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from bson import ObjectId

from models import blobs, pictures, raw, unfinished, uploads, usage
from models.file_writes import BLOBS, PICTURE
from models.job_kinds import Running, kind
from models.jobs import OVER, Job
from models.stored_files import StoredFile
from models.transactions import Session

THUMBNAILS = "thumbnails"
SECONDS = pictures.SECONDS + 10
# How many pictures this process has looked at at once, whatever else it does: each may take a gigabyte.
LOOKS = 2
_looks = asyncio.Semaphore(LOOKS)
# What nobody has taken may still be on its way to somebody for so long.
GRACE_HOURS = 24


class Broken(Exception):
    """The process that looks at pictures ended without a word, for no reason that lies in the picture."""


@kind(PICTURE, attempts=5, timeout=8 * SECONDS)
async def picture(job: Running) -> Any:
    """Notes what a picture says of itself, and makes its thumbnails."""
    id = ObjectId(job.arguments["file"])
    file: Any = await raw.collection(StoredFile).find_one({"_id": id}, {"key": True})
    if file is None:
        return {"skipped": "the file is gone"}
    with TemporaryDirectory(prefix="lockstep-") as name:
        folder = Path(name)
        # The picture too lies in memory, where a container keeps its temporary files there.
        async with _looks:
            await fetch(file["key"], folder / "picture")
            told = await looked_at(folder, thumbnails=bool(job.arguments.get("thumbnails", True)))
            (folder / "picture").unlink()
        found = [{**each, "key": key_of(file["key"], each["name"])} for each in told.get("thumbnails", ())]
        for each in found:
            content = (folder / f"{each['name']}.jpg").read_bytes()
            await blobs.put(each["key"], one(content), limit=len(content), media_type="image/jpeg")
    noted = {"thumbnails": found, "problem": told.get("problem"), "metadata": None}
    if "width" in told:
        said = {name: told[name] or None for name in ("width", "height", "format", "exif")}
        noted["metadata"] = {"duration": None, **said}

    async def work(session: Session) -> Any:
        done = await raw.collection(StoredFile).update_one({"_id": id}, {"$set": noted}, session=session)
        return {
            "thumbnails": [each["name"] for each in found],
            "problem": told.get("problem"),
            "kept": done.matched_count,
        }

    await job.settle(work)
    if not await raw.collection(StoredFile).count_documents({"_id": id}, limit=1):
        # It was deleted meanwhile, by somebody who did not know of these.
        await blobs.delete(each["key"] for each in found)
    return None


async def fetch(key: str, path: Path) -> None:
    """The contents of a blob as a file; an empty one where there is no blob."""
    with path.open("wb") as file:
        try:
            async for chunk in blobs.read(key):
                await asyncio.to_thread(file.write, chunk)
        except FileNotFoundError:
            return


async def looked_at(folder: Path, *, thumbnails: bool) -> dict[str, Any]:
    """What the picture in a folder says of itself; raises Broken."""
    what = "thumbnails" if thumbnails else "metadata"
    # -I: nothing of the folder that this was started in counts.
    command = [sys.executable, "-I", str(Path(pictures.__file__)), str(folder / "picture"), str(folder), what]
    process = await asyncio.create_subprocess_exec(
        *command,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        async with asyncio.timeout(SECONDS):
            said, _ = await process.communicate()
    except TimeoutError:
        return {"problem": "The picture takes longer than it may."}
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    if process.returncode == -signal.SIGKILL:
        # Not its own limits: the machine had no room. The picture may be as good as any.
        raise Broken
    if process.returncode and process.returncode < 0:
        # It was ended: by its own limits, or since its decoder broke.
        return {"problem": "The picture breaks whoever looks at it."}
    if process.returncode or not said:
        raise Broken
    told: dict[str, Any] = json.loads(said)
    return told


def key_of(key: str, name: str) -> str:
    """Where the thumbnail of a file lies: always the same place."""
    return f"{THUMBNAILS}/{key}/{name}.jpg"


async def one(content: bytes) -> AsyncIterator[bytes]:
    """A blob of one chunk."""
    yield content


@kind(BLOBS, attempts=10, timeout=120)
async def delete_blobs(job: Running) -> Any:
    """Deletes contents that no file has any more."""
    keys = [str(key) for key in job.arguments["keys"]]
    await blobs.delete(keys)
    return {"deleted": len(keys)}


@kind("remove_orphans", attempts=3, timeout=3600)
async def remove_orphans(job: Running) -> Any:
    """Deletes contents that no file and no job knows, and parts of what nobody ended, after a day.

    What servers of other databases keep in the same bucket is theirs.
    """
    before = datetime.now(UTC) - timedelta(hours=float(job.arguments.get("hours", GRACE_HOURS)))
    own = uploads.folder()
    seen, deleted, aborted = 0, 0, await unfinished.abort(own, before)
    for below in (own, f"{THUMBNAILS}/{own}"):
        async for some in blobs.listed(below):
            seen += len(some)
            old = [key for key, written in some if written < before]
            left = await unknown(old)
            await blobs.delete(left)
            deleted += len(left)
            await job.progress(seen)
    return {"seen": seen, "deleted": deleted, "aborted": aborted}


async def unknown(keys: list[str]) -> list[str]:
    """Those of some keys that no file and no unfinished job names."""
    if not keys:
        return []
    wanted: dict[str, Any] = {"$or": [{"key": {"$in": keys}}, {"thumbnails.key": {"$in": keys}}]}
    known: set[str] = set()
    async for file in raw.collection(StoredFile).find(wanted, {"key": True, "thumbnails.key": True}):
        known |= {file["key"], *(each["key"] for each in file["thumbnails"])}
    waiting = {"arguments.key": {"$in": keys}, "state": {"$nin": list(OVER)}}
    async for asked in raw.collection(Job).find(waiting, {"arguments.key": True}):
        known.add(asked["arguments"]["key"])
    return [key for key in keys if key not in known]


@kind("recount_usage", attempts=3, timeout=3600)
async def recount_usage(job: Running) -> Any:
    """Counts anew how much room everybody's files take."""
    wrong = done = 0
    async for found in raw.collection(usage.StorageUsage).find({}, {"owner": True}):
        wrong += await usage.recount(found["owner"], datetime.now(UTC))
        done += 1
        await job.progress(done)
    return {"owners": done, "corrected": wrong}
