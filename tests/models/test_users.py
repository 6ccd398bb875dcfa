"""Who may come in: an invitation is used once, and nothing half-done stays behind."""

import asyncio
from collections import Counter
from datetime import datetime
from typing import Any

import pytest
from pymongo.asynchronous.database import AsyncDatabase

from models import invitations, users
from models.errors import BadCredentials, DomainError, EmailTaken, InvitationInvalid, Unfit, UserNotFound
from models.invitations import Invitation
from models.moments import Moment
from models.passwords import Passwords
from models.users import User

BCRYPT = "$2b$04$abcdefghijklmnopqrstuukIPMvMTJviSj4tZSaBERVEVDHY8sM3q"
UNIMPORTANT = "scrypt:2:1:1$salt$00"

pytestmark = pytest.mark.usefixtures("database")


async def invite(*codes: str) -> None:
    for id, code in enumerate(codes, 1):
        await Invitation(id=id, code=code).insert()


async def refusal(
    passwords: Passwords, now: datetime, email: str, password: object, username: str, code: str
) -> tuple[str, dict[str, object]]:
    with pytest.raises(DomainError) as caught:
        await users.register(email, password, username, code, now, passwords)
    return caught.value.code, dict(caught.value.details)


async def test_an_invited_person_registers_and_logs_in(passwords: Passwords, now: datetime) -> None:
    await invite("WELCOME")
    user = await users.register("ada@example.test", "s3cret", "ada", "WELCOME", now, passwords)
    assert (user["_id"], user["email"], user["username"]) == (1, "ada@example.test", "ada")
    assert user["created_at"] == Moment.of(now).model_dump()
    assert user.keys().isdisjoint(users.HIDDEN)
    assert user == await users.get(1) == await users.login("ada@example.test", "s3cret", passwords)
    invitation = await Invitation.get(1)
    assert invitation == Invitation(id=1, code="WELCOME", used=True, used_by=1, used_at=Moment.of(now))


async def test_a_code_works_once_and_exactly_as_written(passwords: Passwords, now: datetime) -> None:
    await invite("WELCOME")
    await users.register("ada@example.test", "s3cret", "ada", "WELCOME", now, passwords)
    for code in ("WELCOME", "welcome", "WELCOME ", "", "NEVER"):
        assert await refusal(passwords, now, "bo@example.test", "s3cret", "bo", code) == (
            "INVITATION_INVALID",
            {},
        )
    assert await User.count() == 1


async def test_who_is_refused_leaves_no_trace_and_uses_up_no_id(passwords: Passwords, now: datetime) -> None:
    await invite("ONE", "TWO")
    await users.register("ada@example.test", "s3cret", "ada", "ONE", now, passwords)
    for _ in range(3):
        assert await refusal(passwords, now, "ada@example.test", "s3cret", "ada", "TWO") == (
            "EMAIL_TAKEN",
            {"email": "ada@example.test"},
        )
    assert (await invitations.get_unused("TWO")).used_by is None
    bo = await users.register("Ada@example.test", "s3cret", "bo", "TWO", now, passwords)
    assert bo["_id"] == 2


@pytest.mark.parametrize(
    ("email", "password", "username", "code", "details"),
    [
        ("a", 1, "u", "C", {"name": "password", "reason": "it is not text"}),
        ("a", True, "u", "C", {"name": "password", "reason": "it is not text"}),
        ("a", "p\0", "u", "C", {"name": "password", "reason": "it ends with a NUL character"}),
        ("a", "\ud800", "u", "C", {"name": "password", "reason": "it holds half of a surrogate pair"}),
        ("a\0", "p", "u", "C", {"name": "email", "reason": "it holds a NUL character"}),
        ("\ud800", "p", "u", "C", {"name": "email", "reason": "it holds half of a surrogate pair"}),
        ("a", "p", "\0", "C", {"name": "username", "reason": "it holds a NUL character"}),
        ("a", "p", "u", "a\0b", {"name": "invitationCode", "reason": "it holds a NUL character"}),
    ],
)
async def test_what_cannot_be_stored_is_unfit(
    passwords: Passwords,
    now: datetime,
    email: str,
    password: object,
    username: str,
    code: str,
    details: dict[str, object],
) -> None:
    await invite("C")
    assert await refusal(passwords, now, email, password, username, code) == ("UNFIT", details)
    assert await User.count() == 0
    assert (await invitations.get_unused("C")).id == 1


async def test_the_first_thing_in_the_way_is_told(passwords: Passwords, now: datetime) -> None:
    await invite("C")
    assert (await refusal(passwords, now, "a\0", 1, "\0", "NEVER"))[0] == "INVITATION_INVALID"
    assert (await refusal(passwords, now, "a\0", 1, "\0", "C"))[1]["name"] == "password"
    assert (await refusal(passwords, now, "a\0", "p", "\0", "C"))[1]["name"] == "email"


async def test_of_100_registrations_at_once_one_gets_the_invitation(
    passwords: Passwords, now: datetime
) -> None:
    await invite("ONLY")
    outcomes = await asyncio.gather(
        *(users.register(f"p{n}@example.test", "pw", "p", "ONLY", now, passwords) for n in range(100)),
        return_exceptions=True,
    )
    assert Counter(type(outcome) for outcome in outcomes) == {dict: 1, InvitationInvalid: 99}
    (winner,) = [outcome for outcome in outcomes if isinstance(outcome, dict)]
    assert await User.count() == 1
    assert await users.get(winner["_id"]) == winner
    invitation = await Invitation.get(1)
    assert invitation is not None
    assert (winner["_id"], invitation.used_by) == (1, 1)


async def test_of_registrations_at_once_one_gets_the_address(passwords: Passwords, now: datetime) -> None:
    codes = [f"CODE-{n}" for n in range(10)]
    await invite(*codes)
    outcomes = await asyncio.gather(
        *(users.register("same@example.test", "pw", "p", code, now, passwords) for code in codes),
        return_exceptions=True,
    )
    assert Counter(type(outcome) for outcome in outcomes) == {dict: 1, EmailTaken: 9}
    assert await User.count() == 1
    assert await Invitation.find({"used": True}).count() == 1


async def test_registrations_at_once_with_codes_of_their_own_all_succeed(
    passwords: Passwords, now: datetime
) -> None:
    codes = [f"CODE-{n}" for n in range(20)]
    await invite(*codes)
    made = await asyncio.gather(
        *(users.register(f"{code}@example.test", "pw", "p", code, now, passwords) for code in codes)
    )
    assert sorted(user["_id"] for user in made) == list(range(1, 21))


async def test_unknown_people_and_wrong_passwords_get_one_answer(passwords: Passwords) -> None:
    await User(id=1, email="ada", username="ada", password_hash=await passwords.hash("right")).insert()
    for email, password in [("nobody", "right"), ("ADA", "right"), ("ada", "wrong"), ("ada", "right\0")]:
        with pytest.raises(BadCredentials):
            await users.login(email, password, passwords)
    with pytest.raises(BadCredentials):
        await users.login("nobody", 1, passwords)


@pytest.mark.parametrize(
    ("stored", "password", "error"),
    [
        (BCRYPT, "bcrypt-secret", None),
        (BCRYPT, 1, Unfit),
        (UNIMPORTANT, 1, Unfit),
        (UNIMPORTANT, "\ud800", Unfit),
        ("md5$salt$00", "x", BadCredentials),
        ("md5$salt$00", ["x"], Unfit),
        # The old server saw no hash here and never looked at the password.
        ("hunter2", 1, BadCredentials),
        ("", "\ud800", BadCredentials),
        (None, "x", BadCredentials),
    ],
)
async def test_a_login_depends_on_what_is_stored(
    passwords: Passwords, stored: str | None, password: object, error: type[DomainError] | None
) -> None:
    await User(id=1, email="ada", username="ada", password_hash=stored).insert()
    if error is None:
        assert await users.login("ada", password, passwords) == await users.get(1)
    else:
        with pytest.raises(error):
            await users.login("ada", password, passwords)


@pytest.mark.parametrize("email", ["a\0", "\ud800"])
async def test_an_address_that_cannot_be_stored_is_unfit_at_login(passwords: Passwords, email: str) -> None:
    with pytest.raises(Unfit):
        await users.login(email, "x", passwords)


@pytest.mark.parametrize("user_id", [1, -1, 2**63, -(2**63) - 1])
async def test_nobody_has_an_unknown_id(user_id: int) -> None:
    with pytest.raises(UserNotFound):
        await users.get(user_id)


@pytest.mark.parametrize(
    "wanted",
    [
        {"uuid": "a"},
        {"uuid": {"$in": ["a", "b"]}},
        {"external.provider": "google", "external": {"$elemMatch": {"provider": "google", "subject": "1"}}},
        {"verification.digest": "a"},
        {"email": "a"},
    ],
)
async def test_users_are_found_by_an_index(
    database: AsyncDatabase[dict[str, Any]], wanted: dict[str, Any]
) -> None:
    told = await database.command("explain", {"find": "users", "filter": wanted})
    plan = told["queryPlanner"]["winningPlan"]
    while "inputStage" in plan:
        plan = plan["inputStage"]
    assert plan["stage"] == "IXSCAN"
