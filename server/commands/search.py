"""`lockstep search`: whether the search index is equal to what is stored, and having it made anew."""

import asyncio
import json
import sys
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

import click
from pymongo import AsyncMongoClient
from pymongo.asynchronous.database import AsyncDatabase
from pymongo.errors import PyMongoError

import models
from models.restores import Unfinished
from models.search.errors import SearchAway
from models.search.feeder import forget
from models.search.proof import difference
from server.embedded import services
from server.embedded_programs import CannotStart
from server.search_feeder import engine_of, folder_of
from server.settings import OFF, BadSetting, Settings

Result = TypeVar("Result")
Database = AsyncDatabase[dict[str, Any]]
# Of each kind so many ids are printed.
SHOWN = 20


@click.group("search")
def command() -> None:
    """Compare the search index with what is stored, and have it made anew."""


@command.command("check")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def check(as_json: bool) -> None:
    """Compare the index of this machine with what is stored; exit 1 where they differ.

    What was written in the last second may not be there yet.
    """

    async def compare(settings: Settings, database: Database) -> dict[str, list[str]]:
        engine = engine_of(settings, folder_of(settings), database)
        try:
            return (await difference(engine))._asdict()
        finally:
            await engine.close()

    found = done(compare)
    if as_json:
        click.echo(json.dumps(found))
    for word, ids in found.items() if not as_json else ():
        more = f" and {len(ids) - SHOWN} more" if len(ids) > SHOWN else ""
        click.echo(f"{word}: {len(ids)}" + (f" ({', '.join(ids[:SHOWN])}{more})" if ids else ""))
    sys.exit(1 if any(found.values()) else 0)


@command.command("rebuild")
def rebuild() -> None:
    """Have every machine make its index anew; the old ones answer until then."""

    async def forgotten(settings: Settings, database: Database) -> None:
        await forget()

    done(forgotten)
    click.echo("Every server makes its index anew now, or when it starts.")


def done(work: Callable[[Settings, Database], Awaitable[Result]]) -> Result:
    """What some work on the database of the settings gives; ends with a sentence where it cannot be done."""
    try:
        settings = Settings.from_env()
        if settings.search == OFF:
            sys.exit("lockstep: search is switched off (LOCKSTEP_SEARCH).")
        with services(settings, exclusive=False) as running:
            return asyncio.run(within(running.mongodb_uri, settings, work))
    except SearchAway:
        sys.exit(f"lockstep: there is no index in {settings.data} yet; a server that runs makes one.")
    except (BadSetting, CannotStart, PyMongoError, Unfinished, ValueError) as error:
        sys.exit(f"lockstep: {error}")


async def within(
    uri: str, settings: Settings, work: Callable[[Settings, Database], Awaitable[Result]]
) -> Result:
    """The work, with the models tied to the database."""
    client: AsyncMongoClient[dict[str, Any]] = AsyncMongoClient(uri, serverSelectionTimeoutMS=5_000)
    try:
        database = client[settings.mongodb_database]
        await models.connect(database)
        return await work(settings, database)
    finally:
        await client.close()
