"""Who calls, as verbs and permissions see it, and how refresh tokens come and go."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
import pytest

from models.errors import DomainError
from models.passwords import Passwords
from models.users import User
from schema.context import NO_MAIL, Caller, Context
from schema.tokens import Issue, Tokens

UUID, GONE = "00000000-0000-4000-8000-00000000000a", "00000000-0000-4000-8000-00000000000b"
NOW = datetime.now(UTC)
REFRESH = "the secret of refresh tokens, 32 long"
TOKENS = Tokens(
    Issue("the secret of access tokens, 32 long", timedelta(hours=1)), Issue(REFRESH, timedelta(days=7))
)
NOBODY: Any = object()
Calling = Callable[[object], Context]


async def revoke() -> None:
    """Nothing to give back."""


@pytest.fixture
async def calling(database: object, passwords: Passwords) -> Calling:
    """The context of somebody's request."""
    await User(id=7, uuid=UUID, email="ada@example.test", username="ada").insert()
    await User(id=8, uuid=GONE, email="bo@example.test", is_active=False).insert()

    def made(subject: object) -> Context:
        caller = None if subject is NOBODY else Caller(subject, "credential", NOW + timedelta(hours=1))
        return Context(caller, NOW, passwords, TOKENS, 100, revoke)

    return made


@pytest.mark.parametrize(
    ("subject", "account"),
    [("7", UUID), (7, UUID), (UUID.upper(), UUID), ("u-9", "u-9"), ("685bc8", "685bc8")],
)
async def test_an_account_is_a_uuid_or_what_another_server_says(
    calling: Calling, subject: object, account: str
) -> None:
    context = calling(subject)
    assert await context.account() == account
    assert context.account_or_none() == account


async def test_an_account_is_looked_up_once(calling: Calling) -> None:
    context = calling(7)
    assert context.account_or_none() is None
    await context.account()
    await User.find_all().delete()
    assert await context.account() == UUID


@pytest.mark.parametrize(
    ("subject", "code"),
    [
        (NOBODY, "NOT_SIGNED_IN"),
        (None, "TOKEN_WITHOUT_USER"),
        ("", "TOKEN_WITHOUT_USER"),
        (99, "USER_NOT_FOUND"),
        (2**70, "TOKEN_WITHOUT_USER"),
        ("x" * 201, "UNFIT"),
        ("a\0b", "UNFIT"),
        ("\ud83d", "UNFIT"),
    ],
)
async def test_who_has_no_account(calling: Calling, subject: object, code: str) -> None:
    with pytest.raises(DomainError) as refused:
        await calling(subject).account()
    assert refused.value.code == code


@pytest.mark.parametrize("subject", [7, "7", UUID, UUID.upper()])
async def test_a_number_and_a_uuid_name_the_same_user(calling: Calling, subject: object) -> None:
    assert (await calling(subject).user())["_id"] == 7


@pytest.mark.parametrize(
    ("subject", "code"),
    [
        (NOBODY, "NOT_SIGNED_IN"),
        (None, "TOKEN_WITHOUT_USER"),
        (GONE, "ACCOUNT_GONE"),
        (8, "ACCOUNT_GONE"),
        ("00000000-0000-4000-8000-000000000404", "ACCOUNT_GONE"),
        ("not-a-uuid", "UNFIT"),
        ({"$ne": None}, "UNFIT"),
    ],
)
async def test_who_is_no_user(calling: Calling, subject: object, code: str) -> None:
    with pytest.raises(DomainError) as refused:
        await calling(subject).user()
    assert refused.value.code == code


async def token(calling: Calling) -> str:
    made = TOKENS.refresh(await calling(7).user(), NOW)
    assert made is not None
    return made


async def test_a_refresh_token_names_its_user_any_number_of_times(calling: Calling) -> None:
    sent = await token(calling)
    for _ in range(2):
        assert (await calling(NOBODY).renewing(sent))["_id"] == 7


@pytest.mark.parametrize(
    ("claims", "code"),
    [
        ({}, "ACCOUNT_GONE"),
        ({"userId": ""}, "ACCOUNT_GONE"),
        ({"userId": GONE}, "ACCOUNT_GONE"),
        ({"userId": "not-a-uuid"}, "UNFIT"),
        ({"userId": 7}, "UNFIT"),
    ],
)
async def test_a_refresh_token_that_names_nobody(calling: Calling, claims: dict[str, Any], code: str) -> None:
    sent = jwt.encode({"type": "refresh", **claims}, REFRESH, algorithm="HS256")
    with pytest.raises(DomainError) as refused:
        await calling(NOBODY).renewing(sent)
    assert refused.value.code == code


@pytest.mark.parametrize("ends", [{}, {"exp": 4_102_444_800}, {"exp": 10**20}])
async def test_a_refresh_token_that_was_given_back(calling: Calling, ends: dict[str, Any]) -> None:
    sent = jwt.encode({"type": "refresh", "userId": UUID, **ends}, REFRESH, algorithm="HS256")
    await calling(7).give_back(sent)
    with pytest.raises(DomainError) as refused:
        await calling(NOBODY).renewing(sent)
    assert refused.value.code == "REFRESH_INVALID"


@pytest.mark.parametrize("sent", [None, "garbage", 5])
async def test_what_is_no_refresh_token_is_given_back_in_peace(calling: Calling, sent: object) -> None:
    await calling(7).give_back(sent)


async def test_without_letters_nothing_is_told(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level("INFO"):
        await NO_MAIL.verification("ada@example.test", "a token")
    assert "no mail is set up" in caplog.text
    assert "ada" not in caplog.text and "a token" not in caplog.text
