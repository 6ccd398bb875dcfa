"""Accounts: signing up, in and out, and proving an address."""

from typing import TypedDict

import strawberry

from models import accounts
from models.accounts import SignedIn as Arrival
from models.errors import (
    AccountGone,
    AccountLocked,
    BadCredentials,
    EmailTaken,
    NotSignedIn,
    RefreshInvalid,
    RefreshKind,
    RefreshMissing,
    TokenWithoutUser,
    Unfit,
    UserNotFound,
    VerificationInvalid,
)
from models.moments import Moment, StoredMoment
from models.users import StoredUser
from schema.context import Context, Info
from schema.directives import raises
from schema.permissions import SignedIn
from schema.scalars import Secret
from schema.users import User


@strawberry.type(description="What to come again with.")
class Tokens:
    """What to come again with."""

    access: str = strawberry.field(description="A bearer token.")
    refresh: str | None = strawberry.field(
        description="What gets the next access token; null where the server gives out none."
    )
    expires_in: int = strawberry.field(description="How many seconds the access token is good for.")


@strawberry.type(description="Somebody who has just come in.")
class SignIn:
    """Somebody who has just come in."""

    user: User
    previous_sign_in: Moment | None
    tokens: Tokens


class Issued(TypedDict):
    """The source of tokens."""

    access: str
    refresh: str | None
    expires_in: int


class Started(TypedDict):
    """The source of a sign-in."""

    user: StoredUser
    previous_sign_in: StoredMoment | None
    tokens: Issued


def issued(user: StoredUser, context: Context) -> Issued:
    """New tokens of a user."""
    tokens = context.tokens
    return {
        "access": tokens.access(user, context.now),
        "refresh": tokens.refresh(user, context.now),
        "expires_in": tokens.lifetime,
    }


def started(arrival: Arrival, context: Context) -> Started:
    """A sign-in with new tokens."""
    return {
        "user": arrival.user,
        "previous_sign_in": arrival.previous,
        "tokens": issued(arrival.user, context),
    }


@strawberry.type
class AccountMutations:
    """Signing up, in and out."""

    @strawberry.mutation(
        graphql_type=SignIn,
        description="Makes an account, and signs it in.",
        directives=[raises(EmailTaken, Unfit)],
    )
    async def sign_up(
        self,
        info: Info,
        email: str,
        password: Secret,
        first_name: str | None = None,
        last_name: str | None = None,
        language: str | None = None,
    ) -> Started:
        """A new account's first sign-in."""
        context = info.context
        with context.reads.written():
            made = await accounts.sign_up(
                email, password, first_name, last_name, context.now, context.passwords, language
            )
        await context.mail.verification(email, made.verification)
        return started(Arrival(made.user, None), context)

    @strawberry.mutation(
        graphql_type=SignIn,
        description="Signs in with e-mail address and password; five wrong ones lock the account.",
        directives=[raises(BadCredentials, AccountLocked, Unfit)],
    )
    async def sign_in(self, info: Info, email: str, password: Secret) -> Started:
        """A known account's sign-in."""
        context = info.context
        with context.reads.written():
            arrival = await accounts.sign_in(email, password, context.now, context.passwords)
        return started(arrival, context)

    @strawberry.mutation(
        graphql_type=Tokens,
        description="A new access token for a refresh token, which stays good.",
        directives=[raises(RefreshMissing, RefreshInvalid, RefreshKind, AccountGone, Unfit)],
    )
    async def refresh_tokens(self, info: Info, refresh_token: Secret | None = None) -> Issued:
        """A new access token."""
        context = info.context
        user = await context.renewing(refresh_token)
        access = context.tokens.access(user, context.now, refreshed=True)
        return {"access": access, "refresh": None, "expires_in": context.tokens.lifetime}

    @strawberry.mutation(
        description="Makes the credential of this request worthless, and a refresh token too. Always true.",
        permission_classes=[SignedIn],
        directives=[raises(NotSignedIn)],
    )
    async def sign_out(self, info: Info, refresh_token: Secret | None = None) -> bool:
        """The end of a session."""
        context = info.context
        with context.reads.written():
            await context.revoke()
            if refresh_token is not None:
                await context.give_back(refresh_token)
        return True

    @strawberry.mutation(
        description="Sends the caller a new token that proves their address. Always true.",
        permission_classes=[SignedIn],
        directives=[raises(NotSignedIn, TokenWithoutUser, AccountGone, UserNotFound, Unfit)],
    )
    async def request_verification(self, info: Info) -> bool:
        """A new token on its way."""
        context = info.context
        user = await context.user()
        with context.reads.written():
            token = await accounts.request_verification(user["_id"], context.now)
        await context.mail.verification(user["email"], token)
        return True

    @strawberry.mutation(
        description="Proves an address by the token that was sent there. Always true.",
        directives=[raises(VerificationInvalid)],
    )
    async def verify_email(self, info: Info, token: Secret) -> bool:
        """An address that is proven."""
        context = info.context
        if not isinstance(token, str):
            raise VerificationInvalid
        with context.reads.written():
            await accounts.verify_email(token, context.now)
        return True
