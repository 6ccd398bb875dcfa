"""The contents of files, in an S3: written and read as streams, and handed out by signed addresses.

A blob is there wholly or not at all. What is written in parts shows only when the last part is there, and is
taken back when it does not come.
"""

import asyncio
import hashlib
from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.client import HTTPException
from typing import Any
from urllib.parse import quote

import obstore
from obstore.exceptions import BaseError
from obstore.store import MemoryStore, S3Store

from models.asking import ask
from models.file_errors import FileTooLarge, StorageAway
from models.pipes import Pipe
from models.signing import Signer

# The least that S3 takes as a part; a smaller blob is written in one request.
PART = 5 * 2**20
# How many parts are on their way at once: each is in memory until the store has it.
PARTS = 1
PIECE = 2**18
OCTETS = "application/octet-stream"


@dataclass(frozen=True)
class Place:
    """An S3, a bucket in it, and the keys to both; without an endpoint Amazon's own."""

    bucket: str
    access_key: str
    secret_key: str = field(repr=False)
    region: str = "us-east-1"
    endpoint: str | None = None
    # Where clients reach the same S3, if that is another address.
    public: str | None = None
    # Whose blobs are whose, where servers share a bucket: the name of their database.
    folder: str = "lockstep"
    # Kept in the memory of this process only, for a server that lives as long as one recording.
    volatile: bool = False

    @property
    def signer(self) -> Signer:
        """Signs for this place."""
        return Signer(self.access_key, self.secret_key, self.region)

    def url(self, key: str = "", *, public: bool = False) -> str:
        """The address of a blob, or of the bucket."""
        endpoint = (self.public if public else None) or self.endpoint
        key = quote(key, safe="/-_.~")
        if endpoint is None:
            return f"https://{self.bucket}.s3.{self.region}.amazonaws.com/{key}"
        return f"{endpoint.rstrip('/')}/{self.bucket}/{key}".rstrip("/")


@dataclass(frozen=True)
class Stored:
    """What is in the store now."""

    size: int
    sha256: str


class Store:
    """One bucket, ready to be used."""

    def __init__(self, place: Place) -> None:
        self.place = place
        self.s3: Any = MemoryStore() if place.volatile else s3_of(place)


def s3_of(place: Place) -> S3Store:
    """The client of an S3."""
    given: Any = {"endpoint": place.endpoint} if place.endpoint else {}
    return S3Store(
        place.bucket,
        access_key_id=place.access_key,
        secret_access_key=place.secret_key,
        region=place.region,
        **given,
        virtual_hosted_style_request=False,
        client_options={"allow_http": True, "timeout": "60s", "connect_timeout": "3s"},
        retry_config={"max_retries": 4, "retry_timeout": timedelta(seconds=30)},
    )


_connected: Store | None = None


def connect(place: Place | None) -> None:
    """Makes a place the one where blobs are, or none."""
    global _connected
    _connected = None if place is None else Store(place)


def connected() -> Store:
    """Where blobs are; raises StorageAway where nobody has said it."""
    if _connected is None:
        raise StorageAway
    return _connected


def is_connected() -> bool:
    """Whether somebody has said where blobs are."""
    return _connected is not None


class Writer:
    """Writes one blob as its bytes come in; after `abort`, or without `close`, there is none."""

    def __init__(self, key: str, *, limit: int, media_type: str = OCTETS, name: str = "") -> None:
        self.store = connected()
        self.key = key
        self.limit = limit
        self.name = name
        self.attributes = {"Content-Type": media_type}
        self.size = 0
        self._digest = hashlib.sha256()
        # What came before it was clear that one request is not enough.
        self._first: list[bytes] = []
        self._pipe: Pipe | None = None
        self._writing: asyncio.Future[Any] | None = None

    async def write(self, data: bytes) -> None:
        """Takes more of the blob; raises FileTooLarge and StorageAway, and waits while much is on its way."""
        self.size += len(data)
        if self.size > self.limit:
            raise FileTooLarge(name=self.name, limit=self.limit)
        self._digest.update(data)
        if self._pipe is None:
            self._first.append(data)
            if self.size < PART:
                return
            self._begin()
            pieces, self._first = self._first, []
        else:
            pieces = [data]
        assert self._pipe is not None and self._writing is not None  # nosec B101  # begun above
        with answering():
            for piece in pieces:
                await self._pipe.put(piece, self._writing)

    async def close(self) -> Stored:
        """Ends the blob, which is there from now on; raises StorageAway."""
        with answering():
            if self._pipe is None or self._writing is None:
                first, self._first = b"".join(self._first), []
                await obstore.put_async(self.store.s3, self.key, first, attributes=self.attributes)
            else:
                self._pipe.end()
                await asyncio.shield(self._writing)
        self._writing = None
        return self.stored

    @property
    def stored(self) -> Stored:
        """What was written, or is about to be."""
        return Stored(self.size, self._digest.hexdigest())

    async def abort(self) -> None:
        """Takes back what was written; once it is closed, deletes nothing."""
        self._first = []
        if self._pipe is None or self._writing is None:
            return
        self._pipe.fail(Cut())
        # The store gives its parts back when it meets the end that is none.
        with suppress(Exception):
            await asyncio.shield(self._writing)
        self._writing = None

    def _begin(self) -> None:
        self._pipe = Pipe(PIECE)
        self._writing = asyncio.ensure_future(
            obstore.put_async(
                self.store.s3,
                self.key,
                self._pipe,
                attributes=self.attributes,
                chunk_size=PART,
                max_concurrency=PARTS,
            )
        )


class Cut(Exception):
    """A blob ends before its end."""


@contextmanager
def answering(*, missing: bool = False) -> Iterator[None]:
    """Says in the domain's words that the store does not answer; a `missing` blob is another matter."""
    try:
        yield
    except (BaseError, OSError, HTTPException) as error:
        if missing and isinstance(error, FileNotFoundError):
            raise
        raise StorageAway from error


async def put(
    key: str, chunks: AsyncIterator[bytes], *, limit: int, media_type: str = OCTETS, name: str = ""
) -> Stored:
    """Writes a blob; raises FileTooLarge, StorageAway and what the chunks raise: then nothing is there."""
    writer = Writer(key, limit=limit, media_type=media_type, name=name)
    try:
        async for chunk in chunks:
            await writer.write(chunk)
        return await writer.close()
    except BaseException:
        await writer.abort()
        raise


async def read(key: str, start: int = 0, end: int | None = None) -> AsyncIterator[bytes]:
    """The bytes of a blob from one place to before another; raises FileNotFoundError and StorageAway."""
    options: Any = None
    if end is not None:
        options = {"range": (start, end)}
    elif start:
        options = {"range": {"offset": start}}
    with answering(missing=True):
        found = await obstore.get_async(connected().s3, key, options=options)
        async for chunk in found.stream(min_chunk_size=PIECE):
            yield bytes(chunk)


async def whole(key: str, most: int) -> bytes:
    """All bytes of a small blob; raises FileTooLarge, FileNotFoundError and StorageAway."""
    held = bytearray()
    async for chunk in read(key):
        held += chunk
        if len(held) > most:
            raise FileTooLarge(name=key, limit=most)
    return bytes(held)


async def delete(keys: Iterable[str]) -> None:
    """Deletes blobs; those that are not there are deleted already. Raises StorageAway."""
    with answering():
        for key in keys:
            with suppress(FileNotFoundError):
                await obstore.delete_async(connected().s3, key)


async def listed(prefix: str) -> AsyncIterator[list[tuple[str, datetime]]]:
    """The keys below a prefix, and when each was written; raises StorageAway."""
    with answering():
        async for some in obstore.list(connected().s3, prefix, chunk_size=500):
            yield [(each["path"], each["last_modified"]) for each in some]


def signed(
    key: str, seconds: int, filename: str, media_type: str = "", *, now: datetime | None = None
) -> str:
    """The address from which anybody may read a blob for so long, as a file of this name."""
    place = connected().place
    query = {"response-content-disposition": attachment(filename), "x-id": "GetObject"}
    if media_type:
        query["response-content-type"] = media_type
    url = place.url(key, public=True)
    return place.signer.address("GET", url, seconds, now or datetime.now(UTC), query)


def attachment(filename: str) -> str:
    """What tells a browser to save a file, and never to show it, by a name that cannot do anything else."""
    plain = "".join(
        each if each.isascii() and each.isprintable() and each not in '"\\' else "_" for each in filename
    )
    said = f'attachment; filename="{plain}"'
    return said if plain == filename else f"{said}; filename*=UTF-8''{quote(filename, safe='')}"


async def make_bucket() -> None:
    """Makes the bucket unless it is there; raises StorageAway, also where the keys do not lead to it."""
    place = connected().place
    if place.volatile:
        return
    signer = place.signer
    with answering():
        now = datetime.now(UTC)
        status, _ = await ask("HEAD", signer.address("HEAD", place.url(), 60, now))
        if status == 404:
            status, _ = await ask("PUT", signer.address("PUT", place.url(), 60, now), located(place.region))
        # 409: another process has made it meanwhile.
        if status >= 400 and status != 409:
            raise StorageAway


def located(region: str) -> bytes | None:
    """What Amazon wants to be told of a new bucket anywhere but in its first region."""
    if region == Place.region:
        return None
    said = f"<LocationConstraint>{region}</LocationConstraint>"
    name = "http://s3.amazonaws.com/doc/2006-03-01/"
    return f'<CreateBucketConfiguration xmlns="{name}">{said}</CreateBucketConfiguration>'.encode()
