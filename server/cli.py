"""The `lockstep` command."""

import click

from server.commands.check import check
from server.commands.import_ import command as import_
from server.commands.replay import command as replay
from server.commands.serve import serve


@click.group()
@click.version_option(package_name="lockstep")
def main() -> None:
    """Replace the backend, keep every client."""


for command in (serve, check, import_, replay):
    main.add_command(command)
