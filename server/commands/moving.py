"""What the commands that move data share: a database to work on, and one sentence where it goes wrong."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import ExitStack
from typing import Any, TypeVar

import click
from pymongo import AsyncMongoClient
from pymongo.asynchronous.database import AsyncDatabase
from pymongo.errors import PyMongoError

from models import blobs
from models.backups import Damaged, NotEmpty, NotEqual, TooOld
from models.errors import Overloaded
from models.file_errors import StorageAway
from models.files import BadFile
from models.imports import Refused
from models.leases import Taken, application
from models.migrations import Failed
from models.restores import Unfinished
from server.embedded import services
from server.embedded_files import files as file_store
from server.embedded_programs import CannotStart
from server.file_store import made
from server.settings import BadSetting, Settings

Database = AsyncDatabase[dict[str, Any]]
Result = TypeVar("Result")

# What a person can do something about; each says what.
TOLD = (
    BadFile,
    BadSetting,
    CannotStart,
    Damaged,
    Failed,
    NotEmpty,
    NotEqual,
    Refused,
    Taken,
    TooOld,
    Unfinished,
    OSError,
)


def with_database(
    work: Callable[[Database], Awaitable[Result]], *, name: str | None = None, files: bool = False
) -> Result:
    """What some work on the database of the settings gives, or on another one of the same MongoDB.

    With `files` the store of files answers too.
    """
    try:
        settings = Settings.from_env()
        with ExitStack() as stack:
            running = stack.enter_context(services(settings, exclusive=False))
            place = stack.enter_context(file_store(settings)) if files else None
            if files:
                blobs.connect(place)
            return asyncio.run(on(running.mongodb_uri, name or settings.mongodb_database, work, files))
    except TOLD as error:
        raise click.ClickException(str(error)) from error
    except (StorageAway, Overloaded) as error:
        raise click.ClickException("The store of files does not answer.") from error
    except PyMongoError as error:
        raise click.ClickException(f"MongoDB did not do its part: {error}") from error


async def on(uri: str, name: str, work: Callable[[Database], Awaitable[Result]], files: bool) -> Result:
    """The same, with a connection of its own."""
    if files and not await made():
        raise StorageAway
    options: Any = {"serverSelectionTimeoutMS": 5_000, "appname": application()}
    async with AsyncMongoClient[dict[str, Any]](uri, **options) as client:
        return await work(client[name])
