"""`lockstep migrate`: changes of what is stored, and back."""

import json
from datetime import UTC, datetime

import click
from rich.console import Console
from rich.table import Table

from models import migrations
from server.commands.moving import Database, with_database


@click.command("migrate")
@click.argument("direction", type=click.Choice(["up", "down", "status"]))
@click.option(
    "--steps", type=click.IntRange(min=1), help="How many migrations; otherwise all of them up, or one down."
)
@click.option("--json", "as_json", is_flag=True, help="Print what was done as JSON.")
def command(direction: str, steps: int | None, as_json: bool) -> None:
    """Bring the database up to this release, or back to what an earlier one knew.

    Servers may stay up meanwhile. `status` exits with 1 while migrations are pending.
    """
    if direction == "status":
        return show(with_database(known), as_json)
    verb = migrations.up if direction == "up" else migrations.down
    number = steps or (0 if direction == "up" else 1)
    done = with_database(lambda database: verb(database, number))
    if as_json:
        click.echo(json.dumps({direction: done}))
    elif done:
        click.echo(f"{'Done' if direction == 'up' else 'Taken back'}: {migrations.shown(done)}.")
    else:
        click.echo("There is nothing to do.")


async def known(database: Database) -> list[migrations.Step]:
    """Every migration; a database that nobody has used needs none of them."""
    await migrations.stamp(database, datetime.now(UTC))
    return await migrations.status(database)


def show(steps: list[migrations.Step], as_json: bool) -> None:
    """Lists the migrations; ends with 1 where some are pending."""
    if as_json:
        click.echo(json.dumps([step._asdict() for step in steps]))
    else:
        table = Table("migration", "")
        for step in steps:
            table.add_row(step.name.removesuffix(".py"), "done" if step.done else "pending")
        Console(highlight=False).print(table)
    if not all(step.done for step in steps):
        raise SystemExit(1)
