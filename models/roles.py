"""Roles on the platform: what each allows, who has which, and what a token may add."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from itertools import islice
from typing import Any

from beanie import Document

from models import raw
from models.errors import Unfit
from models.keys import ACCOUNT_LENGTH
from models.moments import Moment
from models.platform_errors import PermissionMissing
from models.text import storable


class Permission(StrEnum):
    """What somebody may do; one of a resource includes those before it."""

    READ = "resource.read"
    WRITE = "resource.write"
    DELETE = "resource.delete"
    ADMIN = "admin.system"


class Role(StrEnum):
    """What somebody is here; each may what those before it may."""

    USER = "user"
    EDITOR = "editor"
    MANAGER = "manager"
    ADMIN = "admin"


LADDER = tuple(Permission)
ALLOWS: Mapping[Role, frozenset[Permission]] = {
    role: frozenset(LADDER[: number + 1]) for number, role in enumerate(Role)
}
# As other servers spell a permission; spellings of old tokens are in the world.
ALIASES: Mapping[str, Permission] = {
    spelling: permission
    for permission in LADDER
    for kind, action in [permission.value.split(".")]
    for spelling in (permission.value, f"{kind}:{action}", f"{action}:{kind}", f"{kind}s:{action}")
}
# Nobody's token needs more, and a role is found in the first of them.
MOST_NAMES = 200


class Grant(Document):
    """The role that an account was given; who was given none is a user."""

    id: str  # type: ignore[assignment]  # Beanie's is an ObjectId; this is the account
    role: Role
    granted_by: str
    granted_at: Moment

    class Settings:
        name = "grants"


@dataclass(frozen=True)
class Member:
    """An account on the platform, and what it may."""

    account: str
    role: Role
    permissions: frozenset[Permission]

    def needs(self, permission: Permission) -> None:
        """Goes on where the member has a permission; raises PermissionMissing."""
        if permission not in self.permissions:
            raise PermissionMissing(permission=permission.value)

    @property
    def names(self) -> list[str]:
        """The permissions by their names, the smallest first."""
        return [permission.value for permission in LADDER if permission in self.permissions]


def known(names: Iterable[object]) -> frozenset[Permission]:
    """The permissions that names stand for, and those they include; other names mean nothing here."""
    found = {ALIASES[name] for name in islice(names, MOST_NAMES) if isinstance(name, str) and name in ALIASES}
    return frozenset(permission for each in found for permission in LADDER[: LADDER.index(each) + 1])


async def member(account: str, granted: Iterable[object] = (), *, is_admin: bool = False) -> Member:
    """An account as a member: by its role, and by the permissions that a trusted token grants it."""
    role = Role.ADMIN if is_admin else await role_of(account)
    return Member(account, role, ALLOWS[role] | known(granted))


async def role_of(account: str) -> Role:
    """The role of an account; asked of the store each time, so that a role that was taken is gone at once."""
    found: Any = await raw.collection(Grant).find_one({"_id": storable(account, "account")}, {"role": True})
    return Role.USER if found is None else Role(found["role"])


async def given() -> list[tuple[str, Role]]:
    """Every account that was given a role, and the role."""
    found = await raw.collection(Grant).find({}, {"role": True}, sort=[("_id", 1)]).to_list()
    return [(str(each["_id"]), Role(each["role"])) for each in found]


async def assign(account: str, role: Role, by: Member, now: datetime) -> Role:
    """Gives an account a role; raises PermissionMissing, and Unfit for what is no account."""
    by.needs(Permission.ADMIN)
    return await give(account, role, by.account, now)


async def give(account: str, role: Role, by: str, now: datetime) -> Role:
    """Gives an account a role, whoever says so; raises Unfit."""
    if not 0 < len(storable(account, "account")) <= ACCOUNT_LENGTH:
        raise Unfit("account", f"it is empty or longer than {ACCOUNT_LENGTH} characters")
    said = {"role": role.value, "granted_by": by, "granted_at": Moment.of(now).model_dump()}
    await raw.collection(Grant).update_one({"_id": account}, {"$set": said}, upsert=True)
    return role
