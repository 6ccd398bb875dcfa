"""`lockstep jobs`: what workers do and could not do, and having it tried again."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime
from typing import Any, TypeVar

import click
from bson import ObjectId
from pymongo import AsyncMongoClient
from pymongo.errors import PyMongoError
from rich.console import Console
from rich.table import Table

import models
from models import job_desk, jobs
from models.errors import DomainError
from models.jobs import JobState
from models.restores import Unfinished
from server.embedded import services
from server.embedded_programs import CannotStart
from server.settings import BadSetting, Settings

Result = TypeVar("Result")
SHOWN = ("kind", "state", "attempts", "error")
as_json = click.option("--json", "as_json", is_flag=True, help="Print JSON, one job a line.")


class Id(click.ParamType[ObjectId]):
    """The id of a job."""

    name = "id"

    def convert(self, value: Any, param: click.Parameter | None, context: click.Context | None) -> ObjectId:
        """The id that a text stands for."""
        if not ObjectId.is_valid(value):
            self.fail(f"{value!r} is no id of a job: 24 hexadecimal digits.", param, context)
        return ObjectId(value)


@click.group("jobs")
def command() -> None:
    """List background jobs, and have dead ones tried again."""


@command.command("list")
@click.option("--dead", is_flag=True, help="Only those that are not tried any more.")
@click.option(
    "--state",
    "states",
    multiple=True,
    type=click.Choice([state.value for state in JobState], case_sensitive=False),
    help="Only those in this state; may be given several times.",
)
@click.option("--kind", help="Only those of this kind.")
@click.option("--limit", default=100, show_default=True, type=click.IntRange(1, 10_000))
@as_json
def list_(dead: bool, states: tuple[str, ...], kind: str | None, limit: int, as_json: bool) -> None:
    """Show jobs, the newest first, and how many there are in each state that is not simply over."""
    wanted = [JobState(state.upper()) for state in states] + [JobState.DEAD] * dead

    async def ask() -> tuple[list[dict[str, Any]], dict[str, int]]:
        return await job_desk.listed(wanted, kind, limit), await job_desk.numbers()

    found, numbers = run(ask)
    if as_json:
        for job in found:
            click.echo(json.dumps(told(job)))
        return
    table = Table("id", *SHOWN, "asked for")
    for job in found:
        texts = ["" if job[name] is None else str(job[name]) for name in SHOWN]
        table.add_row(str(job["_id"]), *texts, f"{job['created_at']['at']:%Y-%m-%d %H:%M:%S}")
    console = Console(highlight=False)
    console.print(table)
    console.print(", ".join(f"{number} {state.lower()}" for state, number in numbers.items()))


@command.command("show")
@click.argument("id", type=Id())
@as_json
def show(id: ObjectId, as_json: bool) -> None:
    """Show everything that is stored of a job, also what was asked for and what came of it."""
    job = run(lambda: jobs.get(id, None, anybodys=True))
    stored = told(job.model_dump(by_alias=True))
    if as_json:
        click.echo(json.dumps(stored))
        return
    for name, value in stored.items():
        click.echo(f"{name:<12} {value if isinstance(value, str) else json.dumps(value)}")


@command.command("requeue")
@click.argument("ids", nargs=-1, type=Id())
@click.option("--dead", is_flag=True, help="All dead ones.")
@click.option("--kind", help="With --dead: only those of this kind.")
def requeue(ids: tuple[ObjectId, ...], dead: bool, kind: str | None) -> None:
    """Have dead or cancelled jobs tried again from the first attempt: these, or with --dead all dead ones."""
    if bool(ids) == dead or (kind is not None and not dead):
        raise click.UsageError("Name the jobs, or say --dead, with or without --kind.")
    number = run(lambda: job_desk.requeue(ids, kind, datetime.now(UTC)))
    click.echo(f"{number} jobs are tried again.")
    if number < len(ids):
        raise click.ClickException("Some of these are not there, or are neither dead nor cancelled.")


@command.command("cancel")
@click.argument("id", type=Id())
def cancel(id: ObjectId) -> None:
    """Have a job not done any more; a worker that is at it stops."""
    run(lambda: jobs.cancel(id, None, datetime.now(UTC), anybodys=True))
    click.echo("The job is cancelled.")


def told(job: Mapping[str, Any]) -> dict[str, Any]:
    """A stored job as JSON tells it."""
    return {("id" if name == "_id" else name): plain(value) for name, value in job.items()}


def plain(value: Any) -> Any:
    """A stored value as JSON has it; moments are text."""
    if isinstance(value, Mapping):
        if value.keys() >= {"at", "us"}:
            return plain(value["at"])
        return {name: plain(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [plain(inner) for inner in value]
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%dT%H:%M:%S}.{value.microsecond // 1000:03d}Z"
    if isinstance(value, bytes):
        # The session of a lease.
        return value.hex()
    return str(value) if isinstance(value, ObjectId) else value


def run(ask: Callable[[], Awaitable[Result]]) -> Result:
    """The answer to a question, asked of the database of the settings."""

    async def asked(uri: str, name: str) -> Result:
        async with AsyncMongoClient[dict[str, Any]](uri, serverSelectionTimeoutMS=5_000) as client:
            await models.connect(client[name])
            return await ask()

    try:
        settings = Settings.from_env()
        with services(settings, exclusive=False) as running:
            return asyncio.run(asked(running.mongodb_uri, settings.mongodb_database))
    except (BadSetting, CannotStart, DomainError, Unfinished) as error:
        raise click.ClickException(str(error)) from error
    except PyMongoError as error:
        raise click.ClickException(f"MongoDB did not do its part: {error}") from error
