"""One at a time: a lease in the store, which ends by itself where its holder has died."""

import asyncio
import os
import secrets
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import datetime
from typing import Any

from beanie import Document
from pymongo import ReturnDocument
from pymongo.asynchronous.database import AsyncDatabase
from pymongo.errors import OperationFailure, PyMongoError

SECONDS = 30
# What only one process of a database may do at a time: import, undo, migrate or restore.
MOVES = "moves"
# How often a holder says that it is still there.
RENEW = 8.0


class Taken(Exception):
    """Somebody else is at it; the message says who and since when."""


class Lease(Document):
    """Who does something that only one may do."""

    id: str  # type: ignore[assignment]  # Beanie's is an ObjectId
    what: str
    host: str
    process: int
    token: str
    since: datetime
    until: datetime

    class Settings:
        name = "leases"


@asynccontextmanager
async def held(database: AsyncDatabase[Any], name: str, what: str) -> AsyncIterator[None]:
    """The lease of this name for as long as the block runs; raises Taken.

    The store's clock counts. A holder of this machine whose process is gone need not be waited for. Who
    is given up for dead and comes back ends with Taken before doing more.
    """
    token = secrets.token_hex(8)
    collection = database[Lease.Settings.name]
    await _take(collection, name, what, token)
    holder: Any = asyncio.current_task()
    renewing = asyncio.create_task(_renew(collection, name, token, holder))
    try:
        yield
    except asyncio.CancelledError:
        if renewing.done() and not renewing.cancelled():
            holder.uncancel()
            raise Taken(
                f"{what} was given up for dead, since nothing was heard of it. Run it again."
            ) from None
        raise
    finally:
        renewing.cancel()
        with suppress(asyncio.CancelledError):
            await renewing
        with suppress(PyMongoError):
            # Whoever cannot say that they have finished is waited for.
            await collection.delete_one({"_id": name, "token": token})


async def _take(collection: Any, name: str, what: str, token: str) -> None:
    before = await collection.find_one({"_id": name})
    gone_for_good = [before["token"]] if before is not None and gone(before) else []
    mine = {"_id": name, "what": what, "host": socket.gethostname(), "process": os.getpid(), "token": token}
    free = {"$or": [{"$lt": ["$until", "$$NOW"]}, {"$in": ["$token", gone_for_good]}]}
    taken = {"$mergeObjects": [{"$literal": mine}, {"since": "$$NOW", "until": _later()}]}
    holder = await collection.find_one_and_update(
        {"_id": name},
        [{"$replaceWith": {"$cond": [free, taken, "$$ROOT"]}}],
        upsert=True,
        return_document=ReturnDocument.AFTER,
    )
    if holder["token"] != token:
        raise Taken(
            f"{holder['what']} is at work in this database (process {holder['process']} on "
            f"{holder['host']}). Wait for it; if it has died, its place is free after {SECONDS} seconds."
        )
    if before is not None:
        await _end(collection.database, application(before["host"], before["process"]))


def application(host: str = "", process: int = 0) -> str:
    """What a process that takes such leases calls itself to the store; without arguments this one."""
    return f"lockstep moves {host or socket.gethostname()} {process or os.getpid()}"[:128]


async def _end(database: AsyncDatabase[Any], name: str) -> None:
    """Ends transactions that a process has left open; they would stand in the way for a minute or more."""
    left: list[dict[str, Any]] = [
        {"$currentOp": {"idleSessions": True}},
        {"$match": {"appName": name, "transaction": {"$exists": True}}},
    ]
    # Who may not ask waits until the store ends them itself.
    with suppress(OperationFailure):
        async with await database.client.admin.aggregate(left) as found:
            sessions = [{"id": each["lsid"]["id"]} async for each in found]
        if sessions:
            await database.command({"killSessions": sessions})


def _later() -> dict[str, Any]:
    return {"$dateAdd": {"startDate": "$$NOW", "unit": "second", "amount": SECONDS}}


def gone(holder: dict[str, Any]) -> bool:
    """Whether a holder was a process of this machine that has ended."""
    if holder["host"] != socket.gethostname():
        return False
    try:
        os.kill(holder["process"], 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        return False
    return False


async def _renew(collection: Any, name: str, token: str, holder: asyncio.Task[Any]) -> None:
    is_ours = True
    while is_ours:
        await asyncio.sleep(RENEW)
        with suppress(PyMongoError):
            update = [{"$set": {"until": _later()}}]
            renewed = await collection.update_one({"_id": name, "token": token}, update)
            is_ours = bool(renewed.matched_count)
    holder.cancel()
