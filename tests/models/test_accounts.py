"""Accounts: who signs in how, and what too many guesses lead to."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pymongo.asynchronous.database import AsyncDatabase

import models
from models import accounts, users
from models.errors import (
    AccountGone,
    AccountLocked,
    BadCredentials,
    DomainError,
    EmailTaken,
    SignInRefused,
    Unfit,
    UserNotFound,
    VerificationInvalid,
)
from models.moments import Moment
from models.passwords import Passwords
from models.raw import stored_form
from models.users import User

pytestmark = pytest.mark.usefixtures("database")
RUDO = "rudo@example.com"


async def outcome(email: str, password: object, now: datetime, passwords: Passwords) -> str:
    try:
        return (await accounts.sign_in(email, password, now, passwords)).user["email"]
    except DomainError as error:
        return error.code


@pytest.fixture
async def rudo(passwords: Passwords, now: datetime) -> users.StoredUser:
    return (await accounts.sign_up(RUDO, "Secret-1!", "Rudo", None, now, passwords)).user


async def test_a_new_account_signs_in_and_hears_when_it_did_before(
    rudo: users.StoredUser, passwords: Passwords, now: datetime
) -> None:
    assert (rudo["_id"], rudo["email"], rudo["first_name"], rudo["language"]) == (1, RUDO, "Rudo", "en")
    assert rudo.keys().isdisjoint(users.HIDDEN)
    first = await accounts.sign_in(RUDO, "Secret-1!", now, passwords)
    assert first.previous is None and first.user["uuid"] == rudo["uuid"]
    later = await accounts.sign_in(RUDO, "Secret-1!", now + timedelta(hours=1), passwords)
    assert later.previous is not None
    assert Moment(**later.previous).instant == now


async def test_an_address_is_taken_once(rudo: users.StoredUser, passwords: Passwords, now: datetime) -> None:
    with pytest.raises(EmailTaken):
        await accounts.sign_up(RUDO, "Secret-1!", None, None, now, passwords)
    for email, password in (("", "Secret-1!"), ("a\0", "Secret-1!"), ("new@example.com", ["x"])):
        with pytest.raises(Unfit):
            await accounts.sign_up(email, password, None, None, now, passwords)
    made = await asyncio.gather(
        *(accounts.sign_up("a@b.co", "pw", None, None, now, passwords) for _ in range(5)),
        return_exceptions=True,
    )
    assert sum(isinstance(each, accounts.SignedUp) for each in made) == 1
    assert await User.count() == 2


async def test_five_wrong_passwords_lock_an_account_for_half_an_hour(
    rudo: users.StoredUser, passwords: Passwords, now: datetime
) -> None:
    for _ in range(5):
        assert await outcome(RUDO, "wrong", now, passwords) == "BAD_CREDENTIALS"
    assert await outcome(RUDO, "Secret-1!", now, passwords) == "ACCOUNT_LOCKED"
    with pytest.raises(AccountLocked):
        await accounts.sign_in(RUDO, "Secret-1!", now + timedelta(minutes=29), passwords)
    later = now + timedelta(minutes=31)
    assert await outcome(RUDO, "wrong", later, passwords) == "BAD_CREDENTIALS"
    assert await outcome(RUDO, "Secret-1!", later, passwords) == "ACCOUNT_LOCKED"
    assert await outcome(RUDO, "Secret-1!", later + timedelta(minutes=31), passwords) == RUDO
    assert await outcome(RUDO, "wrong", later + timedelta(minutes=31), passwords) == "BAD_CREDENTIALS"
    assert await outcome(RUDO, "Secret-1!", later + timedelta(minutes=31), passwords) == RUDO


async def test_guesses_that_come_at_once_all_count(
    rudo: users.StoredUser, passwords: Passwords, now: datetime
) -> None:
    await asyncio.gather(*(outcome(RUDO, "wrong", now, passwords) for _ in range(20)))
    stored = await User.get(1)
    assert stored is not None and stored.failed_sign_ins == 20
    assert await outcome(RUDO, "Secret-1!", now, passwords) == "ACCOUNT_LOCKED"


async def test_who_is_gone_looks_like_who_never_was(
    rudo: users.StoredUser, passwords: Passwords, now: datetime
) -> None:
    await User.find_one({"_id": 1}).update({"$set": {"is_active": False}})
    assert await outcome(RUDO, "Secret-1!", now, passwords) == "BAD_CREDENTIALS"
    assert await outcome(RUDO, ["list"], now, passwords) == "BAD_CREDENTIALS"
    assert await outcome("nobody@example.com", 5, now, passwords) == "BAD_CREDENTIALS"
    for key in (1, rudo["uuid"], 2, "00000000-0000-4000-8000-000000000000"):
        with pytest.raises(AccountGone):
            await accounts.active(key)
    with pytest.raises(Unfit):
        await accounts.active("u-9")


async def test_a_password_that_is_no_text_is_unfit_for_who_exists(
    rudo: users.StoredUser, passwords: Passwords, now: datetime
) -> None:
    for password in (5, ["a"], None, "\ud800"):
        assert await outcome(RUDO, password, now, passwords) == "UNFIT"


async def test_both_ids_lead_to_one_user(rudo: users.StoredUser) -> None:
    assert (await accounts.active(rudo["uuid"].upper()))["_id"] == 1
    assert (await accounts.active(1, ("email",)))["email"] == RUDO
    assert await accounts.uuid_of(1) == rudo["uuid"]
    with pytest.raises(UserNotFound):
        await accounts.uuid_of(9)
    with pytest.raises(AccountGone):
        await accounts.by_uuid("00000000-0000-4000-8000-000000000000")


async def test_users_of_an_older_database_are_given_what_they_lack(
    database: AsyncDatabase[dict[str, Any]],
) -> None:
    await database["users"].insert_many(
        [{"_id": number, "email": f"{number}@b.co", "username": "u", "bio": "b"} for number in (1, 2, 3)]
    )
    await database["users"].update_one({"_id": 3}, {"$set": {"uuid": "known"}})
    uuid = await accounts.uuid_of(2)
    await models.connect(database)
    assert await accounts.name_all() == 0
    stored = await User.find_all().to_list()
    assert len({user.uuid for user in stored}) == 3 and stored[1].uuid == uuid
    assert stored[2].uuid == "known"
    assert [user.bio for user in stored] == ["b"] * 3
    for raw in await database["users"].find().to_list():
        assert raw["is_active"] is True and raw["external"] == [] and raw["email_verified"] is False


async def test_half_a_character_in_a_name_becomes_the_sign_for_one(
    now: datetime, passwords: Passwords
) -> None:
    user = (await accounts.sign_up(RUDO, "Secret-1!", "Ru\ud800do", "\udc00", now, passwords)).user
    assert (user["first_name"], user["last_name"]) == ("Ru\ufffddo", "\ufffd")


async def test_a_start_looks_at_no_user_who_lacks_nothing(database: AsyncDatabase[dict[str, Any]]) -> None:
    whole = [stored_form(User(id=id, email=f"{id}@b.co", bio="b")) for id in range(1, 501)]
    await database["users"].insert_many([*whole, {"_id": 501, "email": "501@b.co"}])
    looked = (await accounts.lacking().explain())["executionStats"]
    assert (looked["totalKeysExamined"], looked["totalDocsExamined"], looked["nReturned"]) == (1, 1, 1)
    assert await accounts.name_all() == 1
    looked = (await accounts.lacking().explain())["executionStats"]
    assert (looked["totalKeysExamined"], looked["totalDocsExamined"]) == (0, 0)


def test_whoever_is_made_now_lacks_nothing() -> None:
    form = stored_form(User(id=1, email="a@b.co"))
    required = {name for name, value in form.items() if value is not None} - {"_id", "email"}
    # What may be null may be missing as well.
    assert set(users.WHOLE) == required - {"language", "timezone"}


async def test_an_address_is_verified_once_and_in_time(
    rudo: users.StoredUser, passwords: Passwords, now: datetime
) -> None:
    first = await accounts.request_verification(1, now)
    token = await accounts.request_verification(1, now)
    for wrong, when in ((first, now), ("x", now), (token, now + timedelta(hours=25))):
        with pytest.raises(VerificationInvalid):
            await accounts.verify_email(wrong, when)
    assert (await accounts.verify_email(token, now))["email_verified"] is True
    with pytest.raises(VerificationInvalid):
        await accounts.verify_email(token, now)
    with pytest.raises(UserNotFound):
        await accounts.request_verification(7, now)


async def test_a_provider_leads_to_one_account(now: datetime) -> None:
    first = await accounts.of_provider("google", "1", "g@example.com", True, "G", None, now)
    again = await accounts.of_provider("google", "1", "other@example.com", False, "H", None, now)
    assert first["_id"] == again["_id"] and again["email"] == "g@example.com"
    other = await accounts.of_provider("facebook", "1", "g@example.com", True, "G", None, now)
    assert other["_id"] == first["_id"]
    with pytest.raises(SignInRefused):
        await accounts.of_provider("google", "2", None, False, None, None, now)


async def test_nobody_comes_to_an_account_by_an_address_that_is_not_proven(
    rudo: users.StoredUser, passwords: Passwords, now: datetime
) -> None:
    for verified in (True, False):
        with pytest.raises(SignInRefused):
            await accounts.of_provider("google", "1", RUDO, verified, None, None, now)
    await User.find_one({"_id": 1}).update({"$set": {"email_verified": True}})
    with pytest.raises(SignInRefused):
        await accounts.of_provider("google", "1", RUDO, False, None, None, now)
    assert (await accounts.of_provider("google", "1", RUDO, True, None, None, now))["_id"] == 1
    with pytest.raises(BadCredentials):
        await accounts.sign_in(RUDO, "wrong", now.astimezone(UTC), passwords)
