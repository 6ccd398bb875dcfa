"""Blobs that a process began to write in parts before it was ended: the store keeps the parts until told."""

import re
from datetime import UTC, datetime
from html import unescape

from models import blobs
from models.asking import ask
from models.file_errors import StorageAway

UPLOAD = re.compile(r"<Upload>(.*?)</Upload>", re.DOTALL)
SECONDS = 60


async def abort(folder: str, before: datetime) -> int:
    """Has the store forget what was begun in a folder before an instant and never ended; how many.

    Raises StorageAway.
    """
    place = blobs.connected().place
    if place.volatile:
        return 0
    aborted = 0
    for key, upload, begun in told(await text(place.url(), {"uploads": "", "prefix": f"{folder}/"})):
        if begun < before and key.startswith(f"{folder}/"):
            await text(place.url(key), {"uploadId": upload}, "DELETE")
            aborted += 1
    return aborted


async def text(url: str, query: dict[str, str], method: str = "GET") -> str:
    """What the store answers; raises StorageAway where it refuses."""
    signer = blobs.connected().place.signer
    with blobs.answering():
        status, said = await ask(method, signer.address(method, url, SECONDS, datetime.now(UTC), query))
    if status >= 400 and status != 404:
        raise StorageAway
    return said


def told(listing: str) -> list[tuple[str, str, datetime]]:
    """Key, upload and beginning of each unfinished blob in a listing."""
    found = []
    for each in UPLOAD.findall(listing):
        key, upload, begun = (inner(each, name) for name in ("Key", "UploadId", "Initiated"))
        if key and upload:
            at = datetime.fromisoformat(begun) if begun else datetime.now(UTC)
            found.append((key, upload, at if at.tzinfo else at.replace(tzinfo=UTC)))
    return found


def inner(listing: str, name: str) -> str:
    """The text of the first element of a name."""
    match = re.search(f"<{name}>(.*?)</{name}>", listing, re.DOTALL)
    return unescape(match[1]) if match else ""
