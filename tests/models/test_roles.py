"""Roles: what each allows, and what tokens add to it."""

from datetime import UTC, datetime
from typing import Any

import pytest

from models import roles
from models.errors import Unfit
from models.platform_errors import PermissionMissing
from models.roles import ALLOWS, Member, Permission, Role, known, member

NOW = datetime(2026, 11, 20, tzinfo=UTC)
EVERYTHING = frozenset(Permission)


def test_each_role_may_what_those_before_it_may() -> None:
    assert [sorted(ALLOWS[role]) for role in Role] == [
        ["resource.read"],
        ["resource.read", "resource.write"],
        ["resource.delete", "resource.read", "resource.write"],
        ["admin.system", "resource.delete", "resource.read", "resource.write"],
    ]


@pytest.mark.parametrize("name", ["resource.write", "resource:write", "write:resource", "resources:write"])
def test_permissions_are_known_in_every_spelling_with_those_they_include(name: str) -> None:
    assert known([name]) == {Permission.READ, Permission.WRITE}


def test_other_names_mean_nothing() -> None:
    assert (
        known(["", "resource", "write", "RESOURCE.WRITE", "resource.write ", 7, None, ["admin.system"]])
        == set()
    )
    assert known(["x"] * 200 + ["admin.system"]) == set()


async def test_who_was_given_no_role_is_a_user(database: Any) -> None:
    found = await member("auth0|ada")
    assert (found.role, found.names) == (Role.USER, ["resource.read"])
    assert (await member("auth0|ada", ["resource.delete"])).names[-1] == "resource.delete"
    assert (await member("auth0|ada", is_admin=True)).permissions == EVERYTHING


async def test_administrators_give_roles_and_nobody_else(database: Any) -> None:
    admin = Member("root", Role.ADMIN, EVERYTHING)
    for role in (Role.EDITOR, Role.USER, Role.MANAGER):
        assert await roles.assign("ada", role, admin, NOW) is role
        assert await roles.role_of("ada") is role
    with pytest.raises(PermissionMissing):
        await roles.assign("ada", Role.ADMIN, await member("ada"), NOW)
    assert await roles.role_of("ada") is Role.MANAGER


@pytest.mark.parametrize("account", ["", "x" * 201, "nul \0"])
async def test_what_can_be_no_account_has_no_role(database: Any, account: str) -> None:
    with pytest.raises(Unfit):
        await roles.give(account, Role.ADMIN, "tests", NOW)
