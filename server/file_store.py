"""The store of files of a server: connected while it serves, with its bucket made where it is missing."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import replace

import structlog

from models import blobs
from models.blobs import Place
from models.file_errors import StorageAway

# An S3 that starts beside the server takes some seconds.
PAUSES = (0.2, 0.5, 1, 2, 2, 4, 8, 16, 30)
logger = structlog.get_logger(__name__)


@asynccontextmanager
async def keeping(place: Place | None, database: str) -> AsyncIterator[None]:
    """Blobs of a database are at this place while the block runs; nobody waits for it to answer."""
    blobs.connect(place and replace(place, folder=database))
    making = asyncio.create_task(made()) if place is not None else None
    try:
        yield
    finally:
        if making is not None:
            making.cancel()
            with suppress(asyncio.CancelledError):
                await making


async def made() -> bool:
    """Whether the bucket is there; tries for a minute."""
    for pause in PAUSES:
        try:
            await blobs.make_bucket()
            return True
        except StorageAway:
            await asyncio.sleep(pause)
    logger.warning("the store of files does not answer")
    return False
