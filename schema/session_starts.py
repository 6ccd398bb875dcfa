"""Beginning a session: with a password, or with a token that somebody else has signed."""

from typing import Any

import strawberry

from models import accounts
from models.errors import (
    AccountGone,
    AccountLocked,
    BadCredentials,
    SignInRefused,
    TokenWithoutUser,
    Unfit,
    UserNotFound,
)
from models.moments import Moment
from models.platform_errors import SessionsAway
from models.users import StoredUser
from schema.accounts import Issued, Tokens, issued
from schema.context import Context, Info
from schema.directives import raises
from schema.roles import TOKEN, Membership, member_of, shown, user_of
from schema.scalars import Secret
from schema.sessions import Held
from schema.vouched import Vouched

PASSWORD = "password"  # nosec B105  # a word of answers


@strawberry.type(description="A session that has begun.")
class OpenedSession:
    """A session that has begun."""

    name: str = strawberry.field(description="What it is called; who knows the name cannot come in with it.")
    cookie: str = strawberry.field(description="The Set-Cookie whose value opens it.")
    expires_at: Moment
    member: Membership
    tokens: Tokens | None = strawberry.field(
        description="Bearer tokens beside the cookie; null for who has an account with somebody else only."
    )


async def arrived(context: Context, email: str | None, password: object) -> tuple[Held, StoredUser | None]:
    """What the session holds that somebody begins, and their user, where they have an account here."""
    if email is not None:
        with context.reads.written():
            user = (await accounts.sign_in(email, password, context.now, context.passwords)).user
        return Held(user["uuid"], user["_id"], (), PASSWORD, context.now), user
    caller = context.caller
    if caller is None:
        raise BadCredentials
    vouched = caller if isinstance(caller, Vouched) else None
    identity = vouched.identity if vouched else None
    if identity is not None and identity.email and identity.verified:
        with context.reads.written():
            user = await accounts.of_provider(*identity_of(identity), context.now)
        account: str = user["uuid"]
    else:
        account = await context.account()
    found = await user_of(context, account)
    number = None if found is None else found["_id"]
    if vouched is None:
        return Held(account, number, (), TOKEN, context.now), found
    granted, until = vouched.granted, vouched.granted_until
    return Held(account, number, granted, vouched.method, context.now, until), found


def identity_of(identity: Any) -> tuple[str, str, str | None, bool, str | None, str | None]:
    """An identity in the order in which accounts are asked for it."""
    return (
        identity.provider,
        identity.subject,
        identity.email,
        identity.verified,
        identity.first,
        identity.last,
    )


@strawberry.type
class SessionMutations:
    """Beginning a session; `signOut` ends it."""

    @strawberry.mutation(
        graphql_type=OpenedSession,
        description="Begins a session, with e-mail address and password or with the token of this request.",
        directives=[
            raises(
                BadCredentials,
                AccountLocked,
                AccountGone,
                UserNotFound,
                TokenWithoutUser,
                SignInRefused,
                SessionsAway,
                Unfit,
            )
        ],
    )
    async def open_session(
        self, info: Info, email: str | None = None, password: Secret | None = None
    ) -> dict[str, Any]:
        """A new session."""
        context = info.context
        held, user = await arrived(context, email, password)
        member = await member_of(context, held.account, user)
        begun = await context.sessions.start(held, context.now)
        tokens: Issued | None = None if user is None else issued(user, context)
        return {
            "name": begun.name,
            "cookie": begun.cookie,
            "expires_at": Moment.of(begun.expires).model_dump(),
            "member": {**shown(member, user, context), "method": held.method},
            "tokens": tokens,
        }
