"""Accounts: how people sign up and in, by password or through a provider, and prove their addresses."""

from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any, NamedTuple
from uuid import uuid4

from pymongo import ReturnDocument
from pymongo.asynchronous.cursor import AsyncCursor
from pymongo.errors import DuplicateKeyError

from models import raw, users
from models.counters import next_id
from models.errors import (
    AccountGone,
    AccountLocked,
    BadCredentials,
    EmailTaken,
    SignInRefused,
    Unfit,
    UserNotFound,
    VerificationInvalid,
)
from models.joins import Load, Reads
from models.keys import UUID, new_uuid
from models.moments import Moment, StoredMoment
from models.passwords import Passwords
from models.raw import Fields, stored_form
from models.text import storable, well_formed
from models.users import (
    BY_ID,
    BY_LACK,
    BY_UUID,
    LACKING,
    External,
    StoredUser,
    User,
    Verification,
    shown,
)

# Wrong passwords before an account is locked, and for how long; signing in alone forgets them.
GUESSES, LOCKED = 5, timedelta(minutes=30)
VERIFIABLE = timedelta(hours=24)
# What an unknown account is verified against, so that its answer takes as long as a known one's.
NOBODY = "$2b$12$R9h/cIPz0gi.URNNX3kh2OPST9/PgBkqquzi.Ss7KIUgO2t0jWMUW"  # nosec B105  # fits nobody


class SignedIn(NamedTuple):
    """Who has signed in, and when they did so before."""

    user: StoredUser
    previous: StoredMoment | None


class SignedUp(NamedTuple):
    """Who has signed up, and the token that verifies their address."""

    user: StoredUser
    verification: str


async def sign_in(email: str, password: object, now: datetime, passwords: Passwords) -> SignedIn:
    """Who e-mail address and password name; raises BadCredentials, AccountLocked and Unfit.

    Five wrong passwords lock an account for half an hour. Passwords count until the right one comes:
    after the half hour, one more wrong one locks it again.
    """
    user = await users.with_email(storable(email, "email"))
    if user is None or not user.get("is_active", True):
        if isinstance(password, str):
            await passwords.verify(password, NOBODY)
        raise BadCredentials
    if is_locked(user, now):
        raise AccountLocked(until=user["locked_until"])
    if not await passwords.verify(users.hashable(password), user.get("password_hash") or NOBODY):
        await count_guess(user["_id"], now)
        raise BadCredentials
    return await let_in(user, now)


def is_locked(user: dict[str, Any], now: datetime) -> bool:
    """Whether an account is locked."""
    until = user.get("locked_until")
    return until is not None and until.replace(tzinfo=UTC) > now


async def count_guess(user_id: int, now: datetime) -> None:
    """Notes a wrong password; guesses that come at once all count."""
    more: dict[str, Any] = {"$add": [{"$ifNull": ["$failed_sign_ins", 0]}, 1]}
    locked = {"$cond": [{"$gte": ["$failed_sign_ins", GUESSES]}, now + LOCKED, "$locked_until"]}
    update = [{"$set": {"failed_sign_ins": more}}, {"$set": {"locked_until": locked}}]
    await raw.collection(User).update_one({"_id": user_id}, update)


async def let_in(user: dict[str, Any], now: datetime) -> SignedIn:
    """Forgets the wrong passwords, unless they have locked the account meanwhile: raises AccountLocked."""
    before: Any = await raw.collection(User).find_one_and_update(
        {"_id": user["_id"], "$or": [{"locked_until": None}, {"locked_until": {"$lte": now}}]},
        {"$set": {"failed_sign_ins": 0, "locked_until": None, "last_sign_in": Moment.of(now).model_dump()}},
        return_document=ReturnDocument.BEFORE,
    )
    if before is None:
        raise AccountLocked
    after = {**before, "last_sign_in": Moment.of(now).model_dump()}
    return SignedIn(shown(after), before.get("last_sign_in"))


async def sign_up(
    email: str,
    password: object,
    first_name: str | None,
    last_name: str | None,
    now: datetime,
    passwords: Passwords,
    language: str | None = None,
) -> SignedUp:
    """A new account; raises EmailTaken, and Unfit for what cannot be kept."""
    secret = users.hashable(password)
    if not storable(email, "email"):
        raise Unfit("email", "it is empty")
    if await users.with_email(email) is not None:
        raise EmailTaken(email=email)
    token = str(uuid4())
    user = User(
        id=0,
        email=email,
        password_hash=await passwords.hash(secret),
        first_name=first_name and storable(well_formed(first_name), "first_name"),
        last_name=last_name and storable(well_formed(last_name), "last_name"),
        language=language or "en",
        created_at=Moment.of(now),
        verification=Verification(digest=digest(token), expires=now + VERIFIABLE),
    )
    return SignedUp(await added(user), token)


async def added(user: User) -> StoredUser:
    """The account as it is stored now, with the next id; raises EmailTaken."""
    # Only here, so that those who are refused use up no id.
    user.id = await next_id(User)
    try:
        await user.insert()
    except DuplicateKeyError as error:
        raise EmailTaken(email=user.email) from error
    return shown(stored_form(user))


def digest(token: str) -> str:
    """What is stored of a token: nothing that could be used."""
    return sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def by_uuid(uuid: str, fields: Fields = None, reads: Reads | None = None) -> Load[StoredUser]:
    """The user with this UUID; raises AccountGone to whoever waits."""
    return BY_UUID.get(uuid.lower(), AccountGone, fields, reads)


async def active(key: int | str, fields: Fields = None, reads: Reads | None = None) -> StoredUser:
    """The user with this id or UUID; raises AccountGone, and Unfit for text that is no UUID."""
    wanted = None if fields is None else (*fields, "is_active")
    if isinstance(key, int):
        user = await BY_ID.load(key, wanted, reads)
    elif UUID.fullmatch(key):
        user = await BY_UUID.load(key.lower(), wanted, reads)
    else:
        raise Unfit("id", "it is no UUID")
    if user is None or not user.get("is_active", True):
        raise AccountGone
    return user


async def uuid_of(user_id: int, reads: Reads | None = None) -> str:
    """The UUID of the user with this id; raises UserNotFound."""
    user = await users.get(user_id, ("uuid",), reads)
    return user.get("uuid") or await named(user_id)


async def named(user_id: int) -> str:
    """The UUID of a user who was stored without one, given now."""
    collection = raw.collection(User)
    await completed(user_id)
    user: Any = await collection.find_one({"_id": user_id}, {"uuid": True})
    if user is None:
        raise UserNotFound
    return str(user["uuid"])


async def completed(user_id: int) -> bool:
    """Whether a user of an older database was given just now what users have had since."""
    whole = {"$mergeObjects": [{"$literal": {**since(), "uuid": new_uuid()}}, "$$ROOT"]}
    result = await raw.collection(User).update_one({"_id": user_id, **LACKING}, [{"$replaceWith": whole}])
    return result.modified_count == 1


def since() -> dict[str, Any]:
    """What a user has of whom nothing is known but who they are."""
    form = stored_form(User(id=0, email=""))
    return {name: value for name, value in form.items() if name not in ("_id", "uuid", "email")}


async def request_verification(user_id: int, now: datetime) -> str:
    """A new token that verifies the user's address for a day; the one before is worth nothing now."""
    token = str(uuid4())
    verification = Verification(digest=digest(token), expires=now + VERIFIABLE)
    result = await raw.collection(User).update_one(
        {"_id": user_id}, {"$set": {"verification": verification.model_dump()}}
    )
    if not result.matched_count:
        raise UserNotFound
    return token


async def verify_email(token: str, now: datetime) -> StoredUser:
    """The user whose address a token verifies, once; raises VerificationInvalid."""
    user: Any = await raw.collection(User).find_one_and_update(
        {"verification.digest": digest(token), "verification.expires": {"$gt": now}},
        {"$set": {"email_verified": True, "verification": None}},
        return_document=ReturnDocument.AFTER,
    )
    if user is None:
        raise VerificationInvalid
    return shown(user)


async def of_provider(
    provider: str,
    subject: str,
    email: str | None,
    verified: bool,
    first_name: str | None,
    last_name: str | None,
    now: datetime,
) -> StoredUser:
    """The account of somebody whom a provider names, new if there is none; raises SignInRefused.

    An address leads to an account only where the provider and this server have both verified it: else
    whoever registers somebody's address first would share their account.
    """
    collection = raw.collection(User)
    external = External(provider=provider, subject=subject)
    # The first line is for the index, which does not know that the second one says as much.
    wanted = {
        "external.provider": provider,
        "external": {"$elemMatch": external.model_dump()},
    }
    known: Any = await collection.find_one(wanted)
    if known is None and email:
        found = await users.with_email(storable(email, "email"))
        if found is not None and not (verified and found.get("email_verified")):
            raise SignInRefused
        known = found and await collection.find_one_and_update(
            {"_id": found["_id"]},
            {"$addToSet": {"external": external.model_dump()}},
            return_document=ReturnDocument.AFTER,
        )
    if known is not None:
        if not known.get("is_active", True):
            raise SignInRefused
        return shown(known)
    if not email:
        raise SignInRefused
    user = User(
        id=0,
        email=email,
        first_name=first_name and storable(first_name, "first_name"),
        last_name=last_name and storable(last_name, "last_name"),
        email_verified=verified,
        external=[external],
        created_at=Moment.of(now),
    )
    try:
        return await added(user)
    except EmailTaken as error:
        # Somebody came in between, perhaps the same person twice: they begin again.
        raise SignInRefused from error


async def name_all() -> int:
    """How many users of an older database were given what users have had since: a UUID, and defaults."""
    return sum([await completed(user["_id"]) async for user in lacking()])


def lacking() -> AsyncCursor[dict[str, Any]]:
    """The users of older databases, who lack something."""
    return raw.collection(User).find(LACKING, {"_id": True}, hint=BY_LACK)
