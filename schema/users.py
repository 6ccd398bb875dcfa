"""Users, and how they come in and out."""

from typing import Self

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
from models.moments import Moment
from schema.context import Context, Info
from schema.directives import INTEGER_ID, raises
from schema.permissions import SignedIn
from schema.scalars import Secret


@strawberry.type(description="Somebody who can sign in.")
class User:
    """Somebody who can sign in."""

    id: strawberry.ID = strawberry.field(directives=[INTEGER_ID])
    email: str
    username: str
    created_at: Moment | None

    @classmethod
    def of(cls, user: users.User) -> Self:
        """The type that shows a user."""
        return cls(
            id=strawberry.ID(str(user.id)),
            email=user.email,
            username=user.username,
            created_at=user.created_at,
        )


@strawberry.type(description="A user who has just come in, and the token to come again with.")
class Session:
    """A user who has just come in."""

    user: User
    access_token: str
    token_type: str = strawberry.field(description='Always "bearer".')
    expires_in: int = strawberry.field(description="How many seconds the token is good for.")

    @classmethod
    def start(cls, user: users.User, context: Context) -> Self:
        """A session with a new token."""
        return cls(
            user=User.of(user),
            access_token=context.tokens.issue(user.id, context.now),
            token_type="bearer",  # nosec B106  # a kind of token, not a secret
            expires_in=context.tokens.lifetime,
        )


async def user_by_id(user_id: int, info: Info) -> User | None:
    """The user at the other end of an edge."""
    user = await info.context.loaders.users.load(user_id)
    return User.of(user) if user else None


@strawberry.type
class UserQueries:
    """What can be asked about users."""

    @strawberry.field(
        description="The caller.",
        permission_classes=[SignedIn],
        directives=[raises(NotSignedIn, TokenWithoutUser, UserNotFound)],
    )
    async def me(self, info: Info) -> User:
        """The caller."""
        return User.of(await users.get(info.context.user_id))


@strawberry.type
class UserMutations:
    """Coming in and going out."""

    @strawberry.mutation(
        description="Makes a user, whose invitation is used up, and signs them in.",
        directives=[raises(InvitationInvalid, EmailTaken, Unfit)],
    )
    async def register(
        self, info: Info, email: str, password: Secret, username: str, invitation_code: str
    ) -> Session:
        """A new user's session."""
        context = info.context
        user = await users.register(
            email, password, username, invitation_code, context.now, context.passwords
        )
        return Session.start(user, context)

    @strawberry.mutation(
        description="Signs in with e-mail address and password.", directives=[raises(BadCredentials, Unfit)]
    )
    async def login(self, info: Info, email: str, password: Secret) -> Session:
        """A known user's session."""
        user = await users.login(email, password, info.context.passwords)
        return Session.start(user, info.context)

    @strawberry.mutation(
        description="Makes the credential of this request worthless; always true.",
        permission_classes=[SignedIn],
        directives=[raises(NotSignedIn)],
    )
    async def logout(self, info: Info) -> bool:
        """The end of a session."""
        await info.context.revoke()
        return True
