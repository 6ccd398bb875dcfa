"""`lockstep backup`: the whole database in one file."""

import json
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table

from models.backup_blobs import SHOWN
from models.backups import Saved, backup
from server.commands.bars import Bars
from server.commands.moving import with_database


@click.command("backup")
@click.argument("target", type=click.Path(path_type=Path))
@click.option("--files", is_flag=True, help="Save the contents of stored files too.")
@click.option("--json", "as_json", is_flag=True, help="Print what was saved as JSON.")
def command(target: Path, files: bool, as_json: bool) -> None:
    """Save every collection, with its indexes, as it is at one moment.

    TARGET is a file, or a folder in which the file is named after the database and the time. A running
    server may stay up. The file is there once it is whole, and only its owner may read it: it holds
    everything that the database holds, password hashes too.
    """
    if not (target.is_dir() or target.parent.is_dir()):
        raise click.ClickException(f"There is no folder {target.parent}.")
    with closing(Bars(Console(stderr=True, highlight=False))) as bars:
        now = datetime.now(UTC)
        saved = with_database(
            lambda database: backup(database, target, now, files=files, progress=bars), files=files
        )
    if as_json:
        click.echo(json.dumps(told(saved), ensure_ascii=False))
        return
    table = Table("collection", "documents", "checksum")
    for name, checksum in saved.collections.items():
        table.add_row(name, str(checksum.count), checksum.as_json()["sum"][:12])
    if files:
        table.add_row(SHOWN, str(saved.blobs.count), saved.blobs.as_json()["sum"][:12])
    Console(highlight=False).print(table)
    click.echo(f"{saved.path}: {saved.size} bytes{f', {saved.blobs.count} files' if files else ''}")


def told(saved: Saved) -> dict[str, object]:
    """What was saved, in values that JSON has."""
    return {
        "file": str(saved.path),
        "bytes": saved.size,
        "files": saved.blobs.count,
        "contents": saved.blobs.as_json(),
        "collections": {name: each.as_json() for name, each in saved.collections.items()},
    }
