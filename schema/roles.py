"""Membership: who the caller is on the platform, and what they may."""

from datetime import datetime
from typing import Any

import strawberry

from models import accounts, roles
from models.errors import (
    AccountGone,
    DomainError,
    NotSignedIn,
    TokenWithoutUser,
    Unfit,
    UserNotFound,
)
from models.keys import UUID
from models.moments import Moment
from models.platform_errors import PermissionMissing
from models.roles import Member, Role
from models.users import StoredUser
from schema.context import Context, Info
from schema.directives import raises
from schema.permissions import SignedIn
from schema.users import User
from schema.vouched import Vouched

# What may be wrong with who calls.
MEMBER: tuple[type[DomainError], ...] = (NotSignedIn, TokenWithoutUser, AccountGone, UserNotFound, Unfit)
# How somebody comes in whose token this server signed.
TOKEN = "token"  # nosec B105  # a word of answers

strawberry.enum(Role, name="MemberRole", description="What somebody is on the platform.")


@strawberry.type(description="One thing that a member may do.")
class Allowed:
    """One thing that a member may do."""

    name: str
    kind: str = strawberry.field(description="What it is done to.")
    action: str


@strawberry.type(description="Somebody on the platform, and what they may.")
class Membership:
    """Somebody on the platform."""

    account: strawberry.ID
    role: Role
    permissions: list[str] = strawberry.field(description="By name, the smallest first.")
    allowed: list[Allowed] = strawberry.field(description="The permissions, taken apart.")
    count: int = strawberry.field(description="How many permissions.")
    email: str | None
    name: str | None = strawberry.field(description="As people call them.")
    user: User | None = strawberry.field(description="Null for who has an account with somebody else only.")
    method: str = strawberry.field(description="How the caller came in: token, password, jwks or session.")
    since: Moment = strawberry.field(description="When the caller came in, or now where nobody knows.")


async def user_of(context: Context, account: str) -> StoredUser | None:
    """The user of an account, who is active; None where another server keeps it. Raises AccountGone."""
    return await accounts.active(account, reads=context.reads) if UUID.fullmatch(account) else None


async def member(context: Context) -> Member:
    """The caller as a member; raises what MEMBER names."""
    account = await context.account()
    return await member_of(context, account, await user_of(context, account))


async def member_of(context: Context, account: str, user: StoredUser | None) -> Member:
    """An account that calls, as a member."""
    caller = context.caller
    granted = caller.granted if isinstance(caller, Vouched) else ()
    return await roles.member(account, granted, is_admin=bool(user and user.get("is_admin")))


def shown(member: Member, user: StoredUser | None, context: Context) -> dict[str, Any]:
    """The source of a membership."""
    caller = context.caller
    vouched = caller if isinstance(caller, Vouched) else None
    identity = vouched.identity if vouched else None
    since: datetime = vouched.since or context.now if vouched else context.now
    if user is not None:
        email, names = user.get("email"), (user.get("first_name"), user.get("last_name"))
        name = " ".join(filter(None, names)) or user.get("username")
    elif identity is not None:
        email, name = identity.email, " ".join(filter(None, (identity.first, identity.last))) or None
    else:
        email = name = None
    return {
        "account": member.account,
        "role": member.role,
        "permissions": member.names,
        "allowed": [taken_apart(each) for each in member.names],
        "count": len(member.permissions),
        "email": email,
        "name": name,
        "user": user,
        "method": vouched.method if vouched else TOKEN,
        "since": Moment.of(since).model_dump(),
    }


def taken_apart(name: str) -> dict[str, str]:
    """The source of one permission."""
    kind, _, action = name.partition(".")
    return {"name": name, "kind": kind, "action": action}


@strawberry.type
class RoleQueries:
    """Who one is."""

    @strawberry.field(
        graphql_type=Membership,
        description="The caller on the platform.",
        permission_classes=[SignedIn],
        directives=[raises(*MEMBER)],
    )
    async def membership(self, info: Info) -> dict[str, Any]:
        """The caller."""
        context = info.context
        account = await context.account()
        user = await user_of(context, account)
        return shown(await member_of(context, account, user), user, context)


@strawberry.type
class RoleMutations:
    """Giving roles."""

    @strawberry.mutation(
        graphql_type=Role,
        description="Gives an account a role; for administrators.",
        permission_classes=[SignedIn],
        directives=[raises(*MEMBER, PermissionMissing)],
    )
    async def assign_role(self, info: Info, account: strawberry.ID, role: Role) -> Role:
        """The role."""
        context, by = info.context, await member(info.context)
        with context.reads.written():
            return await roles.assign(str(account), role, by, context.now)
