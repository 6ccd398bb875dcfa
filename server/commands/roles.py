"""`lockstep roles`: who may what on the platform, and the first administrator."""

from datetime import UTC, datetime

import click

from models import roles, users
from models.roles import Role
from server.commands.jobs import run

# Who says so, where nobody has signed in.
OPERATOR = "operator"


@click.group("roles")
def command() -> None:
    """Show and give the roles of the platform."""


@command.command("list")
def list_() -> None:
    """Show every account that was given a role, and the role."""
    for account, role in run(roles.given):
        click.echo(f"{role.value:<8} {account}")


@command.command("give")
@click.argument("account")
@click.argument("role", type=click.Choice([role.value for role in Role]))
def give(account: str, role: str) -> None:
    """Give ACCOUNT, an e-mail address of a user or the name of any account, the role ROLE."""

    async def given() -> str:
        user = await users.with_email(account) if "@" in account else None
        if user is None and "@" in account and "|" not in account:
            raise click.ClickException(f"Nobody has registered with {account}.")
        name = account if user is None else str(user["uuid"])
        await roles.give(name, Role(role), OPERATOR, datetime.now(UTC))
        return name

    click.echo(f"{run(given)} is {role} now.")
