"""Files that a request brings: in the store already, and nobody's until a verb takes them."""

import asyncio
from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from uuid import uuid4

from models import blobs, media_types
from models.errors import DomainError, Overloaded, Unfit
from models.text import SURROGATE

# All that requests bring lies below this, by whose it is and the month in which it came.
FOLDER = "files"
# So much of a file tells what it is.
HEAD = 65_536
# What a request has waiting in memory instead of being stored and deleted again.
SMALL = 2**20
# Files beyond that come into one process at once, each with two parts in memory; others wait so many seconds.
AT_ONCE, PATIENCE = 16, 30.0
_places = asyncio.Semaphore(AT_ONCE)
NAME_LENGTH = 255
# What joins letters and pictures into one. Nothing else stays that is not printable: no mark that turns the
# direction of writing.
JOINERS = frozenset("\u200c\u200d")


@dataclass(frozen=True)
class FileLimits:
    """How large one file may be, how much room all files of an owner have, and how many come at once."""

    # What the old server took.
    file: int = 100 * 2**20
    quota: int = 5 * 2**30
    files: int = 10


@dataclass
class Upload:
    """A file that came in. The door deletes it again unless a verb has `taken` it.

    A small one waits here until the rest of the request was found good; then it is stored, before any verb.
    """

    name: str
    # What its sender calls its kind; what counts is `media_type`, which its content tells.
    declared: str
    media_type: str
    size: int
    sha256: str
    key: str
    taken: bool = False
    waiting: blobs.Writer | None = field(default=None, repr=False)

    async def settle(self) -> None:
        """Stores a file that has waited; raises StorageAway."""
        if self.waiting is not None:
            await self.waiting.close()
            self.waiting = None


class Incoming:
    """A file while it comes in; without `close` nothing is left of it after `abort`.

    One of the two has to be called. `beside` are the files that came before it in the same request.
    """

    def __init__(self, name: str, declared: str, limit: int, beside: Iterable[Upload] = ()) -> None:
        self.name = plain_name(name)
        self.declared = declared
        self.head = bytearray()
        self.writer = blobs.Writer(new_key(datetime.now(UTC)), limit=limit, name=self.name)
        self.room = SMALL - sum(upload.size for upload in beside if upload.waiting is not None)
        self.placed = False

    async def write(self, data: bytes) -> None:
        """Takes more of the file; raises FileTooLarge, StorageAway, and Overloaded where many others come."""
        if not self.placed and self.writer.size + len(data) > self.room:
            await self._enter()
        if len(self.head) < HEAD:
            self.head += data[: HEAD - len(self.head)]
            if len(self.head) == HEAD:
                # Once, however small the pieces are: this is before the first part of a large file leaves.
                self.writer.attributes["Content-Type"] = self.media_type
        await self.writer.write(data)

    async def close(self) -> Upload:
        """The file, which is in the store now, or waits; raises StorageAway."""
        media_type = self.writer.attributes["Content-Type"] = self.media_type
        waiting = self.writer if not self.placed else None
        stored = self.writer.stored if waiting else await self.writer.close()
        self._leave()
        return Upload(
            self.name, self.declared, media_type, stored.size, stored.sha256, self.writer.key, waiting=waiting
        )

    async def abort(self) -> None:
        """Takes back what came in."""
        try:
            await self.writer.abort()
        finally:
            self._leave()

    async def _enter(self) -> None:
        try:
            async with asyncio.timeout(PATIENCE):
                await _places.acquire()
        except TimeoutError:
            raise Overloaded from None
        self.placed = True

    def _leave(self) -> None:
        if self.placed:
            self.placed = False
            _places.release()

    @property
    def media_type(self) -> str:
        """What the file is, as far as it is here."""
        return media_types.of_content(bytes(self.head), self.declared)


async def receive(name: str, declared: str, chunks: AsyncIterator[bytes], limit: int) -> Upload:
    """A file out of its chunks; raises FileTooLarge, StorageAway, and what the chunks raise."""
    incoming = Incoming(name, declared, limit)
    try:
        async for chunk in chunks:
            await incoming.write(chunk)
        upload = await incoming.close()
        await upload.settle()
        return upload
    except BaseException:
        await incoming.abort()
        raise


async def discard(uploads: Iterable[Upload]) -> None:
    """Deletes what nobody has taken; raises StorageAway."""
    left = [upload.key for upload in uploads if not upload.taken and upload.waiting is None]
    if left:
        await blobs.delete(left)


@contextmanager
def taking(uploads: Sequence[Upload]) -> Iterator[None]:
    """The block keeps files for good; raises Unfit for one that stands in several places.

    After a DomainError they are nobody's as before. After any other error nobody knows whether they are kept,
    so nobody deletes them but the clean-up of orphans, which looks.
    """
    if any(upload.taken for upload in uploads) or len({each.key for each in uploads}) < len(uploads):
        raise Unfit("file", "it stands in several places of the request, and is taken once")
    for upload in uploads:
        upload.taken = True
    try:
        yield
    except DomainError:
        for upload in uploads:
            upload.taken = False
        raise


def folder() -> str:
    """Below which all lies that requests bring to this server; raises StorageAway."""
    return f"{FOLDER}/{blobs.connected().place.folder}"


def new_key(now: datetime) -> str:
    """Where a new file lies: nothing that a client says stands in it. Raises StorageAway."""
    return f"{folder()}/{now:%Y/%m}/{uuid4()}"


def plain_name(name: str) -> str:
    """The last part of a path as a name that does no harm: without control characters, and not too long."""
    last = name.replace("\\", "/").rpartition("/")[2]
    clean = "".join(each for each in last if each.isprintable() or each in JOINERS)
    clean = SURROGATE.sub("", clean).strip(" .")
    if len(clean) > NAME_LENGTH:
        stem, dot, ending = clean.rpartition(".")
        ending = dot + ending if dot and len(ending) <= 16 else ""
        clean = clean[: NAME_LENGTH - len(ending)] + ending if stem else clean[:NAME_LENGTH]
    return clean or "file"
