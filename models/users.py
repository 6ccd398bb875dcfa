"""Users, and how they come in."""

from datetime import datetime
from typing import Any, Required, Self, TypedDict, cast

from pydantic import BaseModel, Field
from pymongo import IndexModel
from pymongo.errors import DuplicateKeyError

from models import invitations, raw, transactions
from models.counters import Numbered, next_id
from models.errors import BadCredentials, EmailTaken, InvitationInvalid, Unfit, UserNotFound
from models.joins import Load, Reads
from models.keys import new_uuid
from models.lanes import Unique
from models.moments import Moment, StoredMoment
from models.passwords import Passwords
from models.raw import Fields, stored_form
from models.rows import Row
from models.text import BIGINT, storable, unstorable

# What every user has: who lacks some of it was stored by an older server.
WHOLE = (
    "uuid",
    "email_verified",
    "two_factor_enabled",
    "subscription_tier",
    "is_admin",
    "is_active",
    "failed_sign_ins",
    "external",
)
LACKING: dict[str, Any] = {"$or": [{name: None} for name in WHOLE]}
# An index of those alone, which is empty mostly: to look for them must not take a walk through everybody.
BY_LACK = "lacking"


# Every text but the empty one.
TEXT = {"$gt": ""}


class Verification(BaseModel):
    """A token that verifies an e-mail address, as its digest, and when it expires."""

    digest: str
    expires: datetime


class External(BaseModel):
    """Who somebody is to a provider through which they sign in."""

    provider: str
    subject: str


class User(Numbered):
    """Somebody who can sign in.

    `id` names them on the surfaces that count, `uuid` on the others. Only learners need a username.
    """

    uuid: str = Field(default_factory=new_uuid)
    email: str
    username: str | None = None
    password_hash: str | None = Field(default=None, repr=False)
    created_at: Moment | None = None
    first_name: str | None = None
    last_name: str | None = None
    phone: str | None = None
    date_of_birth: Moment | None = None
    gender: str | None = None
    profile_picture_url: str | None = None
    bio: str | None = None
    location: Any | None = None
    language: str | None = "en"
    timezone: str | None = "UTC"
    email_verified: bool = False
    two_factor_enabled: bool = False
    subscription_tier: str = "free"
    is_admin: bool = False
    is_active: bool = True
    failed_sign_ins: int = 0
    locked_until: datetime | None = None
    last_sign_in: Moment | None = None
    verification: Verification | None = Field(default=None, repr=False)
    external: list[External] = []

    class Settings:
        name = "users"
        indexes = [
            IndexModel("email", unique=True),
            # Users of older databases have none until the server names them all. The filter is no type: a
            # question about a text does not say that it is one, and the index would lie idle.
            IndexModel("uuid", name="uuid_text", unique=True, partialFilterExpression={"uuid": TEXT}),
            # Not by uuid alone: of two indexes with the same keys Beanie makes only the last.
            IndexModel([("uuid", 1), ("_id", 1)], name=BY_LACK, partialFilterExpression=LACKING),
            IndexModel(
                [("external.provider", 1), ("external.subject", 1)],
                name="external_text",
                unique=True,
                partialFilterExpression={"external.provider": TEXT},
            ),
            IndexModel(
                "verification.digest",
                name="verification_text",
                partialFilterExpression={"verification.digest": TEXT},
            ),
        ]

    @classmethod
    def from_row(cls, row: Row) -> Self:
        """The user in a legacy row; raises BadValue."""
        return cls(
            id=row.whole("id"),
            email=row.text("email"),
            username=row.text("username"),
            password_hash=row.text_or_none("password_hash"),
            created_at=row.moment_or_none("created_at"),
        )


class StoredUser(TypedDict, total=False):
    """A user as they are stored, without what no verb hands out: see HIDDEN."""

    _id: Required[int]
    uuid: str
    email: str
    username: str | None
    created_at: StoredMoment | None
    first_name: str | None
    last_name: str | None
    phone: str | None
    date_of_birth: StoredMoment | None
    gender: str | None
    profile_picture_url: str | None
    bio: str | None
    location: Any
    language: str | None
    timezone: str | None
    email_verified: bool
    two_factor_enabled: bool
    subscription_tier: str
    is_admin: bool
    is_active: bool
    last_sign_in: StoredMoment | None


HIDDEN = ("password_hash", "verification", "external", "failed_sign_ins", "locked_until")
BY_ID: Unique[StoredUser] = Unique(User, hidden=HIDDEN)
BY_UUID: Unique[StoredUser] = Unique(User, "uuid", hidden=HIDDEN)


def get(user_id: int, fields: Fields = None, reads: Reads | None = None) -> Load[StoredUser]:
    """The user with this id; raises UserNotFound."""
    if user_id not in BIGINT:
        raise UserNotFound
    return BY_ID.get(user_id, UserNotFound, fields, reads)


async def register(
    email: str, password: object, username: str, invitation_code: str, now: datetime, passwords: Passwords
) -> StoredUser:
    """The new user, whose invitation is used up in the same transaction; who is refused leaves no trace."""
    await invitations.get_unused(invitation_code)
    secret = hashable(password)
    storable(email, "email")
    storable(username, "username")
    if await with_email(email) is not None:
        raise EmailTaken(email=email)
    password_hash = await passwords.hash(fit_to_keep(secret))

    async def write(session: transactions.Session) -> StoredUser:
        if not await invitations.claim(invitation_code, now, session):
            raise InvitationInvalid
        if await with_email(email, session) is not None:
            raise EmailTaken(email=email)
        # Only now, so that those who lose the race for the invitation use up no id.
        user = User(
            id=await next_id(User),
            email=email,
            username=username,
            password_hash=password_hash,
            created_at=Moment.of(now),
        )
        await user.insert(session=session)
        await invitations.assign(invitation_code, user.id, session)
        return shown(stored_form(user))

    try:
        return await transactions.together(User, write)
    except DuplicateKeyError as error:
        raise EmailTaken(email=email) from error


def hashable(password: object) -> str:
    """A password that can be hashed; raises Unfit."""
    if not isinstance(password, str):
        raise Unfit("password", "it is not text")
    return encodable(password)


def fit_to_keep(password: str) -> str:
    """A password that will be the only one that fits; raises Unfit."""
    # HMAC fills up with NUL, so that a password would also fit with one more of them.
    if password.endswith("\0"):
        raise Unfit("password", "it ends with a NUL character")
    return password


def encodable(password: str) -> str:
    """The password itself; raises Unfit when it has no bytes to hash."""
    reason = unstorable(password.replace("\0", ""))
    if reason:
        raise Unfit("password", reason)
    return password


async def with_email(email: str, session: transactions.Session | None = None) -> dict[str, Any] | None:
    """All that is stored of the user with this address, or None."""
    return await raw.collection(User).find_one({"email": email}, session=session)


def shown(user: dict[str, Any]) -> StoredUser:
    """What is stored of a user and may be handed out."""
    return cast(StoredUser, {name: value for name, value in user.items() if name not in HIDDEN})


async def login(email: str, password: object, passwords: Passwords) -> StoredUser:
    """The user whom e-mail address and password name; raises BadCredentials."""
    user = await with_email(storable(email, "email"))
    if user is None or not looks_hashed(user.get("password_hash")):
        raise BadCredentials
    secret = hashable(password)
    if secret.endswith("\0") or not await passwords.verify(secret, user.get("password_hash")):
        raise BadCredentials
    return shown(user)


def looks_hashed(stored: str | None) -> bool:
    """Whether the old server would have looked at the password at all."""
    return stored is not None and stored.count("$") >= 2
