"""Tokens that this server issues, and what it takes back."""

import warnings
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
import pytest

from models.errors import DomainError
from models.users import StoredUser
from schema.tokens import Issue, Tokens

NOW = datetime(2026, 11, 20, 12, 0, 0, 999_999, tzinfo=UTC)
SECOND = int(NOW.timestamp())
UUID = "00000000-0000-4000-8000-000000000002"
USER: StoredUser = {"_id": 7, "uuid": UUID, "email": "ada@example.test", "username": "ada", "is_admin": False}
ACCESS, REFRESH = "the secret of access tokens, 32 long", "the secret of refresh tokens, 32 long"
TOKENS = Tokens(Issue(ACCESS, timedelta(hours=24)), Issue(REFRESH, timedelta(days=7)))


def read(token: str, secret: str) -> dict[str, Any]:
    options: Any = {"verify_exp": False, "verify_iat": False, "verify_aud": False}
    return jwt.decode(token, secret, algorithms=["HS256"], options=options)


def test_a_token_of_the_house_tells_an_id_and_nothing_else() -> None:
    claims = read(Tokens(ACCESS).issue(7, NOW), ACCESS)
    assert claims.pop("jti")
    assert claims == {"sub": "7", "iat": SECOND, "exp": SECOND + 1800}
    assert Tokens(ACCESS).lifetime == 1800


def test_an_access_token_has_what_every_old_server_looks_for() -> None:
    claims = read(TOKENS.access(USER, NOW), ACCESS)
    assert claims.pop("jti")
    assert claims == {
        "sub": "7", "userId": UUID, "id": UUID, "email": "ada@example.test",
        "role": "user", "roles": ["user"], "iat": SECOND, "exp": SECOND + 86_400,
    }  # fmt: skip
    assert TOKENS.lifetime == 86_400


def test_a_renewed_token_tells_the_name_too() -> None:
    assert read(TOKENS.access(USER, NOW, refreshed=True), ACCESS)["username"] == "ada"
    admin: StoredUser = {**USER, "username": None, "is_admin": True}
    claims = read(TOKENS.access(admin, NOW, refreshed=True), ACCESS)
    assert (claims["username"], claims["roles"]) == (None, ["admin"])


def test_two_tokens_of_one_second_are_two() -> None:
    assert TOKENS.access(USER, NOW) != TOKENS.access(USER, NOW)
    assert TOKENS.refresh(USER, NOW) == TOKENS.refresh(USER, NOW)


def test_a_refresh_token_names_its_user_for_a_week() -> None:
    token = TOKENS.refresh(USER, NOW)
    assert token is not None
    assert read(token, REFRESH) == {
        "userId": UUID, "id": UUID, "type": "refresh", "iat": SECOND, "exp": SECOND + 7 * 86_400,
    }  # fmt: skip
    assert Tokens(ACCESS).refresh(USER, NOW) is None


def made(secret: str = REFRESH, algorithm: str = "HS256", **claims: Any) -> str:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return jwt.encode({"userId": UUID, "type": "refresh", **claims}, secret, algorithm=algorithm)


FUTURE = 4_102_444_800


@pytest.mark.parametrize("algorithm", ["HS256", "HS384", "HS512"])
def test_a_refresh_token_is_read(algorithm: str) -> None:
    assert TOKENS.read_refresh(made(algorithm=algorithm))["userId"] == UUID
    assert TOKENS.read_refresh(made(exp=FUTURE, iat=FUTURE, sub=1))["userId"] == UUID


@pytest.mark.parametrize(
    ("token", "code"),
    [
        (None, "REFRESH_MISSING"),
        ("", "REFRESH_MISSING"),
        (0, "REFRESH_MISSING"),
        (False, "REFRESH_MISSING"),
        (12345, "REFRESH_INVALID"),
        ({"a": 1}, "REFRESH_INVALID"),
        ({}, "REFRESH_INVALID"),
        ([], "REFRESH_INVALID"),
        ("garbage", "REFRESH_INVALID"),
        ("a.b.c", "REFRESH_INVALID"),
        ("\ud83d", "REFRESH_INVALID"),
        (made(secret=ACCESS), "REFRESH_INVALID"),
        (made(secret="", algorithm="none"), "REFRESH_INVALID"),
        (made(exp=1_500_000_000), "REFRESH_INVALID"),
        (made(nbf=FUTURE), "REFRESH_INVALID"),
        (made(exp="soon"), "REFRESH_INVALID"),
        (made(type="access"), "REFRESH_KIND"),
        (made(type=None), "REFRESH_KIND"),
    ],
    ids=[
        "null", "empty", "zero", "false", "number", "object", "empty object", "list", "garbage",
        "three parts", "half a character",
        "another secret", "unsigned", "expired", "early", "odd end", "access", "no type",
    ],
)  # fmt: skip
def test_what_is_no_refresh_token(token: object, code: str) -> None:
    with pytest.raises(DomainError) as refused:
        TOKENS.read_refresh(token)
    assert refused.value.code == code


def test_a_server_without_refresh_tokens_takes_none() -> None:
    with pytest.raises(DomainError) as refused:
        Tokens(REFRESH).read_refresh(made())
    assert refused.value.code == "REFRESH_INVALID"


def test_no_text_of_the_issuer_tells_a_secret() -> None:
    assert ACCESS not in repr(Issue(ACCESS, timedelta(1)))
