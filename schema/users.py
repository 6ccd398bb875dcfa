"""Users, and how they come in and out."""

from typing import TypedDict

import strawberry

from models import users
from models.errors import (
    BadCredentials,
    EmailTaken,
    InvitationInvalid,
    NotSignedIn,
    TokenWithoutUser,
    Unfit,
    UserNotFound,
)
from models.joins import Load
from models.moments import Moment
from models.users import StoredUser
from schema.context import Context, Info
from schema.directives import INTEGER_ID, raises
from schema.permissions import SignedIn
from schema.projection import keys
from schema.scalars import Secret

# The kind of every token that is issued.
BEARER = "bearer"


@strawberry.type(description="Somebody who can sign in.")
class User:
    """Somebody who can sign in."""

    id: strawberry.ID = strawberry.field(directives=[INTEGER_ID])
    email: str
    username: str
    created_at: Moment | None


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
        return users.get(info.context.user_id, keys(info), info.context.reads)


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
