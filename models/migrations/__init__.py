"""Changes of what is stored, each in both directions, in the order of their file names.

They run on Beanie's migrations. Every step goes in batches, each a transaction of its own, and may be cut off
and run again; servers may stay up, those of the release before too.
"""

from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

from beanie.migrations.database import DBHandler
from beanie.migrations.models import RunningDirections, RunningMode
from beanie.migrations.runner import MigrationNode
from pymongo.asynchronous.database import AsyncDatabase

from models.leases import MOVES, held
from models.restores import refuse_unfinished
from models.transactions import DURABLE

Database = AsyncDatabase[Any]

FOLDER = Path(__file__).parent
LOG = "migrations_log"
# What Beanie notes where every migration was taken back.
ROOT = "root"
# Collections that a database has which anybody has used.
USED = ("users", "family_trees")
FORWARD, BACKWARD = RunningDirections.FORWARD, RunningDirections.BACKWARD


class Failed(Exception):
    """Migrations that cannot be run; the message says what to do."""


class Step(NamedTuple):
    """A migration, and whether the database has it."""

    name: str
    done: bool


def names() -> list[str]:
    """The migrations of this release, in their order."""
    return sorted(path.name for path in FOLDER.glob("[!_]*.py"))


async def status(database: Database) -> list[Step]:
    """Every migration; raises Failed for a database of a newer release."""
    known, now = names(), await current(database)
    if now is not None and now not in known:
        raise Failed(
            f"The database {database.name} has the migration {now}, which this release does not know: "
            "take it back with the release that has it, or use that one."
        )
    return [Step(name, now is not None and name <= now) for name in known]


async def current(database: Database) -> str | None:
    """The last migration that the database has."""
    found = await database[LOG].find_one({"is_current": True})
    return str(found["name"]) if found and found["name"] != ROOT else None


async def pending(database: Database) -> list[str]:
    """The migrations that the database lacks; raises Failed."""
    return [step.name for step in await status(database) if not step.done]


async def taken_back(database: Database, name: str) -> bool:
    """Whether a migration was run here once, and taken back."""
    if await database[LOG].find_one({"name": name}, {"_id": True}) is None:
        return False
    now = await current(database)
    return now is None or now < name


async def stamp(database: Database, now: datetime) -> bool:
    """Whether the database is a new one just now: what will be written to it needs no migration.

    Raises Unfinished.
    """
    await refuse_unfinished(database)
    if await database[LOG].find_one({}, {"_id": True}) is not None:
        return False
    for name in USED:
        if await database[name].find_one({}, {"_id": True}) is not None:
            return False
    await durable(database)[LOG].insert_one({"ts": now, "name": names()[-1], "is_current": True})
    return True


async def up(database: Database, steps: int = 0) -> list[str]:
    """The migrations that were run just now: so many, or all that are pending.

    Raises Failed, Taken and Unfinished.
    """
    return await run(database, FORWARD, steps)


async def down(database: Database, steps: int = 1) -> list[str]:
    """The migrations that were taken back just now, the last one first.

    Raises Failed, Taken and Unfinished.
    """
    return await run(database, BACKWARD, steps)


async def run(database: Database, direction: RunningDirections, steps: int) -> list[str]:
    """The migrations that were run in a direction; one at a time in a database."""
    done: list[str] = []
    async with held(database, MOVES, "A migration"):
        await refuse_unfinished(database)
        # Beanie would open a client of its own, which waits for no majority.
        handler: Any = DBHandler
        handler.client, handler.database = database.client, durable(database)
        await status(database)
        while not steps or len(done) < steps:
            node = await MigrationNode.build(FOLDER)
            step = node.next_migration if direction is FORWARD else node
            if step is None or step.prev_migration is None:
                break
            mode = RunningMode(direction=direction, distance=1)
            await node.run(mode, allow_index_dropping=False, use_transaction=False)
            done.append(step.name)
    return done


def durable(database: Database) -> Database:
    """The same database, whose writes are answered once they are durable."""
    return database.with_options(write_concern=DURABLE)


def shown(steps: Iterable[str]) -> str:
    """Migrations as people name them."""
    return ", ".join(step.removesuffix(".py") for step in steps)
