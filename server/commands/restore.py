"""`lockstep restore`: a backup into an empty database, proven by comparing."""

import json
from contextlib import closing
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table

from models.backup_blobs import SHOWN
from models.backups import Restored, restore
from server.commands.bars import Bars
from server.commands.moving import with_database


@click.command("restore")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--into-new", "name", metavar="NAME", help="Restore into another database, which is empty.")
@click.option("--force", is_flag=True, help="Throw away whatever the database holds.")
@click.option("--files", is_flag=True, help="Bring the contents of stored files back too.")
@click.option("--json", "as_json", is_flag=True, help="Print what came back as JSON.")
def command(file: Path, name: str | None, force: bool, files: bool, as_json: bool) -> None:
    """Bring a backup back, and compare every collection, and with --files every file, with what was saved.

    The whole FILE is checked before anything is written. Stop the servers of the database first; start them
    with MONGODB_DATABASE=NAME to use a new one. Until all is compared nothing else begins in the database;
    what was cut off is run again, without --force.
    """
    if name and force:
        raise click.UsageError("--into-new never throws anything away; leave --force out.")
    with closing(Bars(Console(stderr=True, highlight=False))) as bars:
        restored = with_database(
            lambda database: restore(database, file, force=force, files=files, progress=bars),
            name=name,
            files=files,
        )
    if as_json:
        click.echo(json.dumps(told(restored), ensure_ascii=False))
        return
    table = Table("collection", "documents", "checksum")
    for each, checksum in restored.collections.items():
        table.add_row(each, str(checksum.count), checksum.as_json()["sum"][:12])
    if files:
        table.add_row(SHOWN, str(restored.blobs.count), restored.blobs.as_json()["sum"][:12])
    Console(highlight=False).print(table)
    click.echo(f"The database {restored.database} holds what was saved: every checksum is equal.")


def told(restored: Restored) -> dict[str, object]:
    """What came back, in values that JSON has."""
    return {
        "database": restored.database,
        "files": restored.blobs.count,
        "contents": restored.blobs.as_json(),
        "collections": {name: each.as_json() for name, each in restored.collections.items()},
    }
