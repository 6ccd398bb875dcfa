"""The search index of a server: opened with it, and fed by one process of each machine."""

import asyncio
import fcntl
import logging
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from importlib import import_module
from pathlib import Path
from typing import Any

from pymongo.asynchronous.database import AsyncDatabase
from pymongo.errors import PyMongoError

from models.leases import Taken, held
from models.search import finding
from models.search.engine import Engine
from models.search.feeder import Feeder
from models.search.stored import InStore
from server.settings import OFF, Settings

logger = logging.getLogger(__name__)

# Seconds after which it is asked again whether the one that feeds is gone, or the folder is there by now.
AGAIN, LATER = 2.0, 15.0
# What a database may be called and a folder may not.
ODD = re.compile(r"[^A-Za-z0-9_-]")


@asynccontextmanager
async def searching(
    settings: Settings, database: AsyncDatabase[dict[str, Any]]
) -> AsyncIterator[Feeder | None]:
    """Has this process search, and feed the index unless another one does; needs connected models."""
    if settings.search == OFF:
        finding.use(None)
        yield None
        return
    folder = folder_of(settings)
    engine = engine_of(settings, folder, database)
    feeder = Feeder(database, engine)
    finding.use(engine)
    feeding = asyncio.create_task(feed(feeder, folder), name="search-feeder")
    try:
        yield feeder
    finally:
        finding.use(None)
        feeding.cancel()
        with suppress(asyncio.CancelledError):
            await feeding
        await engine.close()


def engine_of(settings: Settings, folder: Path, database: AsyncDatabase[dict[str, Any]]) -> Engine:
    """The index that the settings name; the embedded one is loaded only now, since it is not small."""
    if settings.search == "mongodb":
        return InStore(database)
    engine: Engine = import_module("models.search.embedded").Embedded(folder)
    return engine


def folder_of(settings: Settings) -> Path:
    """Where the index of a database lies: every process of a machine that serves it has the same one."""
    return settings.data / "search" / ODD.sub("_", settings.mongodb_database)


async def feed(feeder: Feeder, folder: Path) -> None:
    """Feeds an index whenever nobody else does; what stands in the way is waited for."""
    while True:
        pause = AGAIN
        try:
            async with turn(feeder, folder):
                await feeder.run()
        except (BlockingIOError, Taken):
            pass
        except (OSError, PyMongoError) as error:
            logger.warning("The search index cannot be fed: %s", error)
            pause = LATER
        await asyncio.sleep(pause)


@asynccontextmanager
async def turn(feeder: Feeder, folder: Path) -> AsyncIterator[None]:
    """Being the one who feeds: of a machine, or of all where there is one index for all of them.

    Raises BlockingIOError or Taken where somebody else is. What says so goes with the process.
    """
    if isinstance(feeder.engine, InStore):
        async with held(feeder.database, "search", "The search index"):
            yield
        return
    await asyncio.to_thread(folder.mkdir, mode=0o700, parents=True, exist_ok=True)
    with open(folder / "lock", "a+") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
