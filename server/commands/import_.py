"""`lockstep import`: rows of an old database into this one."""

import asyncio
import json
from contextlib import closing
from pathlib import Path
from typing import Any

import click
from pymongo import AsyncMongoClient
from pymongo.errors import PyMongoError
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn
from rich.table import Table

from models import connect
from models.files import BadFile, pairs
from models.imports import SURFACES, Refused, Summary, import_rows
from server.embedded import services
from server.embedded_programs import CannotStart
from server.settings import BadSetting, Settings

# Bad rows shown in the terminal; --json has them all.
SHOWN = 50


class Bars:
    """A progress bar a table, on the error stream so that the output stays clean."""

    def __init__(self, console: Console) -> None:
        self.progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            console=console,
        )
        self.tasks: dict[str, TaskID] = {}

    def __call__(self, table: str, done: int, total: int) -> None:
        # Not before there is something to show: an empty display is an empty line.
        self.progress.start()
        if table not in self.tasks:
            self.tasks[table] = self.progress.add_task(table, total=total)
        self.progress.update(self.tasks[table], completed=done)

    def close(self) -> None:
        """Leaves the bars as they stand."""
        if self.tasks:
            self.progress.stop()


@click.command("import")
@click.argument("surface", type=click.Choice(sorted(SURFACES)))
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--state", help="Which start state of the file, where it holds several.")
@click.option("--skip-bad", is_flag=True, help="Import the good rows and leave the bad ones out.")
@click.option(
    "--same-people",
    "same",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A file of lines UUID,ObjectId: the same tree or person on two servers.",
)
@click.option("--json", "as_json", is_flag=True, help="Print the summary as JSON.")
def command(
    surface: str, file: Path, state: str | None, skip_bad: bool, same: Path | None, as_json: bool
) -> None:
    """Load the rows of an old server into the documents of this one.

    FILE is a JSON file with fixtures.<state>.tables.<table>, .collections.<collection> or .users, or
    NDJSON (.ndjson, .jsonl) with one {"table": …, "row": {…}} a line. All rows are checked before the first
    is written; running it again changes nothing. A running server may stay up.
    """
    console = Console(stderr=True, highlight=False)
    bars = Bars(console)
    try:
        settings = Settings.from_env()
        with services(settings, exclusive=False) as running, closing(bars):
            uri = running.mongodb_uri
            summary = asyncio.run(
                load(
                    uri,
                    settings.mongodb_database,
                    surface,
                    file,
                    state,
                    skip_bad=skip_bad,
                    same=same,
                    bars=bars,
                )
            )
    except (BadFile, BadSetting, CannotStart, Refused) as error:
        raise click.ClickException(str(error)) from error
    except PyMongoError as error:
        raise click.ClickException(f"MongoDB did not do its part: {error}") from error
    if as_json:
        click.echo(json.dumps(summary.as_json(), ensure_ascii=False))
    report(summary, console, quiet=as_json)
    if summary.bad:
        raise SystemExit(1)


async def load(
    uri: str,
    database: str,
    surface: str,
    file: Path,
    state: str | None,
    *,
    skip_bad: bool,
    same: Path | None,
    bars: Bars,
) -> Summary:
    """The import, with a connection of its own."""
    known = pairs(same) if same else None
    async with AsyncMongoClient[dict[str, Any]](uri, serverSelectionTimeoutMS=5_000) as client:
        await connect(client[database])
        return await import_rows(surface, file, state, progress=bars, skip_bad=skip_bad, same=known)


def report(summary: Summary, console: Console, *, quiet: bool) -> None:
    """Says to a person what happened."""
    for bad in summary.bad[:SHOWN]:
        console.print(f"{summary.file}:{bad.line}: {bad.table} {bad.pointer}: {bad.reason}.", markup=False)
    if len(summary.bad) > SHOWN:
        console.print(f"… and {len(summary.bad) - SHOWN} more; --json lists them all.")
    for table, columns in summary.ignored_columns.items():
        console.print(f"{table}: columns not imported: {', '.join(columns)}.", markup=False)
    if not summary.written:
        console.print(f"{len(summary.bad)} bad rows, nothing was imported. --skip-bad imports the others.")
        return
    if summary.demo_replaced:
        console.print("The demo data made way.")
    if summary.foreign:
        console.print(f"{summary.foreign} mentions of people who are in no tree: they lead nowhere.")
    if not quiet:
        written = Table("table", "rows")
        for name, count in summary.written.items():
            written.add_row(name, str(count))
        stored = Table("collection", "before", "after")
        for name in summary.before | summary.after:
            stored.add_row(name, str(summary.before.get(name, 0)), str(summary.after.get(name, 0)))
        output = Console(highlight=False)
        output.print(written)
        output.print(stored)
