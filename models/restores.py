"""The mark of a restore: it is in a database from before the first write until the comparison has succeeded.

Where it stands, the database holds a part of something and nobody knows which; so nothing but a restore
begins there.
"""

import os
import secrets
import shlex
import socket
from pathlib import Path
from typing import Any

from pymongo.asynchronous.database import AsyncDatabase

from models.leases import Lease
from models.transactions import DURABLE

Database = AsyncDatabase[Any]

# Its place beside the leases, which no backup holds and no restore throws away.
MARK = "restore"


class Unfinished(Exception):
    """A database in which a restore has not ended; the message says what to run."""


async def begun(database: Database, path: Path, *, files: bool) -> str:
    """Marks a database as holding a part only, durably; gives the word with which the mark is taken away."""
    token = secrets.token_hex(8)
    command = f"lockstep restore {shlex.quote(str(path.resolve()))}{' --files' if files else ''}"
    mine = {"what": command, "host": socket.gethostname(), "process": os.getpid(), "token": token}
    mark = {"$mergeObjects": [{"$literal": {"_id": MARK, **mine}}, {"since": "$$NOW", "until": "$$NOW"}]}
    await marks(database).update_one({"_id": MARK}, [{"$replaceWith": mark}], upsert=True)
    return token


async def ended(database: Database, token: str) -> None:
    """Takes the mark away, unless another restore has begun since."""
    await marks(database).delete_one({"_id": MARK, "token": token})


async def is_unfinished(database: Database) -> bool:
    """Whether a restore has begun and not ended."""
    return await marks(database).find_one({"_id": MARK}, {"_id": True}) is not None


async def refuse_unfinished(database: Database) -> None:
    """Raises Unfinished where a restore has begun and not ended."""
    mark = await marks(database).find_one({"_id": MARK})
    if mark is not None:
        raise Unfinished(
            f"The database {database.name} holds only a part of a backup: a restore has begun there at "
            f"{mark['since']:%Y-%m-%d %H:%M:%S} UTC (process {mark['process']} on {mark['host']}) and "
            f"has not ended. If it is at work, wait for it; otherwise run it again: {mark['what']}"
        )


def marks(database: Database) -> Any:
    """Where the mark stands; writing it is answered once it is durable."""
    return database.get_collection(Lease.Settings.name, write_concern=DURABLE)
