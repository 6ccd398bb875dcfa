"""The `lockstep` command."""

import gc
from importlib import import_module

import click

# Name to module, each loaded when it is used: a server should not carry the tables and bars of the others.
COMMANDS = {
    "serve": "serve",
    "worker": "worker",
    "jobs": "jobs",
    "roles": "roles",
    "search": "search",
    "check": "check",
    "import": "import_",
    "migrate": "migrate",
    "backup": "backup",
    "restore": "restore",
    "replay": "replay",
}


class Commands(click.Group):
    """The commands of the table."""

    def list_commands(self, context: click.Context) -> list[str]:
        """The names in the order of the table."""
        return list(COMMANDS)

    def get_command(self, context: click.Context, name: str) -> click.Command | None:
        """The command of a name, loaded now; None where there is none."""
        if name not in COMMANDS:
            return None
        # What is imported stays; searching it for garbage again and again is a tenth of the time to start.
        gc.disable()
        command: click.Command = import_module(f"server.commands.{COMMANDS[name]}").command
        gc.freeze()
        gc.enable()
        return command


@click.group(cls=Commands)
@click.version_option(package_name="lockstep")
def main() -> None:
    """Replace the backend, keep every client."""
