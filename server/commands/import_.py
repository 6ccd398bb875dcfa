"""`lockstep import`: rows of an old database into this one, and back out again."""

import json
from collections.abc import Awaitable, Callable
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

import click
from rich.console import Console
from rich.table import Table

from models import connect, migrations
from models.files import BadFile, pairs
from models.import_records import Import
from models.imports import SURFACES, Summary, import_rows
from models.imports.undo import Undone, forget, undo
from server.commands.bars import Bars
from server.commands.moving import Database, with_database

# Bad rows shown in the terminal; --json has them all.
SHOWN = 50
# Instead of a surface: what is done with imports that have been made.
AFTER = ("forget", "list", "undo")

Result = TypeVar("Result")


@click.command("import")
@click.argument("surface", type=click.Choice([*sorted(SURFACES), *AFTER]))
@click.argument("source", required=False)
@click.option("--state", help="Which start state of the file, where it holds several.")
@click.option("--skip-bad", is_flag=True, help="Import the good rows and leave the bad ones out.")
@click.option(
    "--same-people",
    "same",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A file of lines UUID,ObjectId: the same tree or person on two servers.",
)
@click.option("--force", is_flag=True, help="Undo also what has been changed since.")
@click.option("--json", "as_json", is_flag=True, help="Print the summary as JSON.")
def command(
    surface: str,
    source: str | None,
    state: str | None,
    skip_bad: bool,
    same: Path | None,
    force: bool,
    as_json: bool,
) -> None:
    """Load the rows of an old server into the documents of this one.

    SOURCE is postgresql://user:password@host/database, mongodb://host/database, a folder with a file
    TABLE.csv or TABLE.ndjson for each table, one such CSV file, NDJSON (.ndjson, .jsonl) with one
    {"table": …, "row": {…}} a line, or a JSON file with fixtures.<state>.tables.<table>,
    .collections.<collection> or .users. All rows are checked before the first is written; running it again
    changes nothing, and goes on where it was cut off. A running server may stay up.

    `lockstep import list` shows the imports, `lockstep import undo ID` takes one back, and
    `lockstep import forget ID` drops what that would need.
    """
    console = Console(stderr=True, highlight=False)
    if surface == "list":
        return show(connected(lambda: Import.find_all().sort("started_at").to_list()), as_json)
    if source is None:
        raise click.UsageError(
            "Missing argument 'SOURCE'." if surface in SURFACES else "Missing argument 'ID'."
        )
    with closing(Bars(console)) as bars:
        if surface == "forget":
            number = connected(lambda: forget(source))
            click.echo(json.dumps({"forgotten": number}) if as_json else f"{number} entries are forgotten.")
            return
        if surface == "undo":
            undone = connected(lambda: undo(source, force=force, progress=bars))
            return report_undone(undone, console, as_json)
        known = readable(same) if same else None
        summary = connected(
            lambda: import_rows(
                surface, source, state, progress=bars, reading=bars, skip_bad=skip_bad, same=known
            )
        )
    if as_json:
        click.echo(json.dumps(summary.as_json(), ensure_ascii=False))
    report(summary, console, quiet=as_json)
    if summary.bad:
        raise SystemExit(1)


def connected(work: Callable[[], Awaitable[Result]]) -> Result:
    """What some work gives, done with models that are connected."""

    async def done(database: Database) -> Result:
        await migrations.stamp(database, datetime.now(UTC))
        await connect(database)
        return await work()

    return with_database(done)


def readable(same: Path) -> dict[str, Any]:
    """The pairs of a file."""
    try:
        return dict(pairs(same))
    except BadFile as error:
        raise click.ClickException(str(error)) from error


def report(summary: Summary, console: Console, *, quiet: bool) -> None:
    """Says to a person what happened."""
    for note in summary.notes:
        console.print(note, markup=False)
    for bad in summary.bad[:SHOWN]:
        console.print(f"{summary.file}:{bad.line}: {bad.table} {bad.pointer}: {bad.reason}.", markup=False)
    if summary.bad_rows > SHOWN:
        console.print(f"… and {summary.bad_rows - SHOWN} more; --json lists them all.")
    for table, columns in summary.ignored_columns.items():
        console.print(f"{table}: columns not imported: {', '.join(columns)}.", markup=False)
    if not summary.written:
        console.print(f"{summary.bad_rows} bad rows, nothing was imported. --skip-bad imports the others.")
        return
    for sentence in sentences(summary):
        console.print(sentence, markup=False)
    if not quiet:
        written = Table("table", "rows")
        for name, count in summary.written.items():
            written.add_row(name, str(count))
        stored = Table("collection", "before", "after", "checksum")
        for name in summary.before | summary.after:
            before, after = summary.before.get(name, 0), summary.after.get(name, 0)
            stored.add_row(name, str(before), str(after), summary.checksums_after.get(name, "")[:12])
        output = Console(highlight=False)
        output.print(written)
        output.print(stored)


def sentences(summary: Summary) -> list[str]:
    """What is worth saying about an import that was made."""
    said = []
    if summary.resumed:
        said.append("The import went on where it was cut off.")
    if summary.demo_replaced:
        said.append("The demo data made way.")
    if summary.foreign:
        said.append(f"{summary.foreign} mentions of people who are in no tree: they lead nowhere.")
    if summary.others:
        said.append(f"Somebody else has written meanwhile: {', '.join(summary.others)}.")
    if summary.id is None:
        said.append("Nothing has changed.")
    else:
        said.append(
            f"Nothing else has changed. `lockstep import undo {summary.id}` takes it back."
            if not summary.others
            else f"`lockstep import undo {summary.id}` takes it back."
        )
    return said


def report_undone(undone: Undone, console: Console, as_json: bool) -> None:
    """Says what became of an import that was to be taken back; ends with 1 where it stands."""
    if as_json:
        click.echo(json.dumps(undone.as_json(), ensure_ascii=False))
    for each in undone.meanwhile:
        console.print(f"{each.collection} {each.key}: {each.reason}.", markup=False)
    if undone.meanwhile_count > len(undone.meanwhile):
        console.print(f"… and {undone.meanwhile_count - len(undone.meanwhile)} more.")
    if undone.meanwhile and not undone.removed + undone.restored:
        console.print("Nothing was undone. --force undoes it all the same.")
        raise SystemExit(1)
    console.print(f"{undone.removed} documents are gone, {undone.restored} are what they were.")
    if undone.others:
        console.print(f"Somebody else has written meanwhile: {', '.join(undone.others)}.", markup=False)


def show(records: list[Import], as_json: bool) -> None:
    """Lists the imports."""
    if as_json:
        shown = [record.model_dump(mode="json", exclude={"before", "after", "reached"}) for record in records]
        return click.echo(json.dumps(shown, ensure_ascii=False))
    table = Table("id", "surface", "source", "state", "status", "started", "rows")
    for record in records:
        rows = sum(each.number for each in record.reached.values())
        table.add_row(
            record.id,
            record.surface,
            record.source,
            record.state or "",
            record.status,
            f"{record.started_at:%Y-%m-%d %H:%M:%S}",
            str(rows),
        )
    Console(highlight=False).print(table)
