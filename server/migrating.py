"""Migrations at a start: told where they are pending, and run only where that was asked for."""

import asyncio
from datetime import datetime

import structlog

from models import migrations
from models.leases import Taken
from models.migrations import Database, Failed
from models.restores import Unfinished
from server.settings import BadSetting

# Seconds between two looks at what another process of this database is doing.
PAUSE = 0.5
logger = structlog.get_logger(__name__)


async def settle(database: Database, *, run: bool, now: datetime) -> None:
    """Says which migrations a database lacks, or runs them; a new database needs none. Raises BadSetting.

    Before the documents are connected: what a migration gives is kept for the way back.
    """
    try:
        if await migrations.stamp(database, now):
            return
        lacking = await migrations.pending(database)
        while lacking and run:
            lacking = await ran(database, lacking)
    except (Failed, Unfinished) as error:
        # In a line of its own: what a start raises stands at the end of a long traceback.
        logger.error("the server does not start", reason=str(error), database=database.name)
        raise BadSetting(str(error)) from error
    if lacking:
        logger.warning(
            f"{len(lacking)} migrations are pending; `lockstep migrate up` runs them",
            migrations=migrations.shown(lacking),
            database=database.name,
        )


async def ran(database: Database, lacking: list[str]) -> list[str]:
    """What is still pending after the migrations were run, here or by another server that starts."""
    try:
        done = await migrations.up(database)
        logger.info("migrations were run", migrations=migrations.shown(done), database=database.name)
    except Taken:
        await asyncio.sleep(PAUSE)
    return await migrations.pending(database)
