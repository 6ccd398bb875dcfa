"""Users, and how they come in and out."""

from typing import TypedDict

import strawberry

from models import users
from models.errors import (
    AccountGone,
    BadCredentials,
    EmailTaken,
    InvitationInvalid,
    NotSignedIn,
    TokenWithoutUser,
    Unfit,
    UserNotFound,
)
from models.joins import Load
from models.keys import UUID
from models.moments import Moment
from models.users import StoredUser
from schema.context import Context, Info
from schema.directives import INTEGER_ID, raises
from schema.permissions import SignedIn
from schema.projection import keys
from schema.scalars import JSON, Secret

# The kind of every token that is issued.
BEARER = "bearer"


@strawberry.type(description="Somebody who can sign in.")
class User:
    """Somebody who can sign in."""

    id: strawberry.ID = strawberry.field(directives=[INTEGER_ID])
    uuid: strawberry.ID
    email: str
    username: str | None = strawberry.field(description="Learners have one; other people need none.")
    created_at: Moment | None
    first_name: str | None
    last_name: str | None
    phone: str | None
    date_of_birth: Moment | None
    gender: str | None
    profile_picture_url: str | None
    bio: str | None
    location: JSON | None
    language: str | None
    timezone: str | None
    email_verified: bool
    two_factor_enabled: bool
    subscription_tier: str
    last_sign_in: Moment | None


@strawberry.type(description="A user who has just come in, and the token to come again with.")
class Session:
    """A user who has just come in."""

    user: User
    access_token: str
    token_type: str = strawberry.field(description='Always "bearer".')
    expires_in: int = strawberry.field(description="How many seconds the token is good for.")


class Started(TypedDict):
    """The source of a session."""

    user: StoredUser
    access_token: str
    token_type: str
    expires_in: int


def start(user: StoredUser, context: Context) -> Started:
    """A session with a new token."""
    return {
        "user": user,
        "access_token": context.tokens.issue(user["_id"], context.now),
        "token_type": BEARER,
        "expires_in": context.tokens.lifetime,
    }


@strawberry.type
class UserQueries:
    """What can be asked about users."""

    @strawberry.field(
        graphql_type=User,
        description="The caller.",
        permission_classes=[SignedIn],
        directives=[raises(NotSignedIn, TokenWithoutUser, UserNotFound)],
    )
    def me(self, info: Info) -> Load[StoredUser]:
        """The caller."""
        context = info.context
        uuid = context.caller and context.caller.name
        if isinstance(uuid, str) and UUID.fullmatch(uuid):
            return users.BY_UUID.get(uuid, UserNotFound, keys(info), context.reads)
        return users.get(context.user_id, keys(info), context.reads)

    @strawberry.field(
        graphql_type=User,
        description="The caller, whose account is switched on.",
        permission_classes=[SignedIn],
        directives=[raises(NotSignedIn, TokenWithoutUser, AccountGone, Unfit)],
    )
    async def my_account(self, info: Info) -> StoredUser:
        """The caller."""
        return await info.context.user()


@strawberry.type
class UserMutations:
    """Coming in and going out."""

    @strawberry.mutation(
        graphql_type=Session,
        description="Makes a user, whose invitation is used up, and signs them in.",
        directives=[raises(InvitationInvalid, EmailTaken, Unfit)],
    )
    async def register(
        self, info: Info, email: str, password: Secret, username: str, invitation_code: str
    ) -> Started:
        """A new user's session."""
        context = info.context
        with context.reads.written():
            user = await users.register(
                email, password, username, invitation_code, context.now, context.passwords
            )
        return start(user, context)

    @strawberry.mutation(
        graphql_type=Session,
        description="Signs in with e-mail address and password.",
        directives=[raises(BadCredentials, Unfit)],
    )
    async def login(self, info: Info, email: str, password: Secret) -> Started:
        """A known user's session."""
        return start(await users.login(email, password, info.context.passwords), info.context)

    @strawberry.mutation(
        description="Makes the credential of this request worthless; always true.",
        permission_classes=[SignedIn],
        directives=[raises(NotSignedIn)],
    )
    async def logout(self, info: Info) -> bool:
        """The end of a session."""
        with info.context.reads.written():
            await info.context.revoke()
        return True
