"""Who calls: the schemes in their order, and why nobody does."""

import asyncio
import time
import warnings
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import jwt
import pytest

from compat_rest.contract.surfaces import Scheme
from compat_rest.endpoint import is_somebody
from compat_rest.http import Reply
from compat_rest.identity.chain import Identity
from compat_rest.identity.flask_session import Session, SessionCookie
from compat_rest.identity.verified import LONGEST, Verified
from compat_rest.refusal import Refusal
from models.errors import Unfit
from schema.context import Caller
from schema.tokens import Tokens
from tests.compat_rest.contracts import Remembered

KEY = "a-secret-for-tests-that-is-long-enough-" * 2
BEARER = Scheme("bearer", "bearer", KEY, ("sub", "id"), algorithms=("HS256",))
COOKIE = Scheme("session", "flask", "cookie-secret", ("user_id",), cookie="session")
NOW = datetime.now(UTC)
DECODE = jwt.decode


def token(key: str = KEY, algorithm: str = "HS256", **claims: Any) -> str:
    return "Bearer " + jwt.encode({"sub": "7", **claims}, key, algorithm=algorithm)


def identity(*schemes: Scheme) -> Identity:
    return Identity(schemes or (BEARER, COOKIE), Remembered())


def cookies(**claims: Any) -> list[str]:
    return [f"session={SessionCookie(COOKIE).sign(claims)}"]


async def subject(authorization: str | None, cookie: list[str]) -> object:
    chain = identity()
    return (await chain.caller(authorization, chain.open(cookie))).subject


async def code(chain: Identity, authorization: str | None, cookie: list[str]) -> str:
    with pytest.raises(Refusal) as refusal:
        await chain.caller(authorization, chain.open(cookie))
    return refusal.value.code


async def test_the_first_valid_credential_decides() -> None:
    assert await subject(token(), cookies(user_id=3)) == "7"
    assert await subject(None, cookies(user_id=3)) == 3
    assert await subject("Bearer broken", cookies(user_id=3)) == 3
    assert await subject(token(), ["session=broken"]) == "7"
    assert await subject("Bearer " + jwt.encode({"id": 5}, KEY), []) == 5


async def test_a_null_subject_is_still_somebody_who_signed_in() -> None:
    assert await subject(None, cookies(user_id=None)) is None


@pytest.mark.parametrize(
    ("authorization", "expected"),
    [
        (None, "TOKEN_MISSING"),
        ("", "TOKEN_MISSING"),
        ("Bearer", "TOKEN_MALFORMED"),
        ("Basic YTpi", "TOKEN_MALFORMED"),
        ("Bearer abc", "TOKEN_INVALID"),
        (token(key="another-secret-that-is-long-enough-too" * 2), "TOKEN_INVALID"),
        (token(algorithm="HS512"), "TOKEN_INVALID"),
        (token(exp=NOW - timedelta(seconds=5)), "TOKEN_EXPIRED"),
        (token(nbf=NOW + timedelta(hours=1)), "TOKEN_EARLY"),
        ("Bearer " + jwt.encode({"name": "x"}, KEY), "TOKEN_WITHOUT_USER"),
        ("Bearer " + jwt.encode({"sub": "7"}, "", algorithm="none"), "TOKEN_INVALID"),
        (token(type="refresh"), "TOKEN_INVALID"),
    ],
    # The tokens themselves are others in every process that collects.
    ids=[
        "none",
        "empty",
        "no token",
        "another scheme",
        "no JWT",
        "another key",
        "another algorithm",
        "expired",
        "early",
        "no user",
        "unsigned",
        "only for new ones",
    ],
)
async def test_it_is_said_why_nobody_calls(authorization: str | None, expected: str) -> None:
    assert await code(identity(), authorization, []) == expected


async def test_a_session_without_a_user_is_nobody() -> None:
    assert await code(identity(), None, cookies(email="ada@example.test")) == "TOKEN_MISSING"


async def test_a_revoked_credential_is_no_credential() -> None:
    chain = Identity([BEARER, COOKIE], Remembered("*"))
    assert await code(chain, token(), []) == "TOKEN_INVALID"
    session = chain.open(cookies(user_id=3))
    with pytest.raises(Refusal, match="TOKEN_INVALID"):
        await chain.caller(None, session)
    assert session.contents == {}


async def test_a_token_ends_when_it_says() -> None:
    ends = NOW.replace(microsecond=0) + timedelta(minutes=30)
    chain = identity()
    assert (await chain.caller(token(exp=ends), chain.open([]))).expires == ends
    assert (await chain.caller(token(), chain.open([]))).expires > NOW + timedelta(days=3000)


async def test_a_surface_without_cookies_keeps_no_session() -> None:
    chain, reply = identity(BEARER), Reply(200)
    session = chain.open(["session=anything"])
    await chain.start(session, {"id": 1})
    await chain.save(session, reply)
    assert reply.headers == []


def test_a_header_is_named_once_in_vary() -> None:
    reply = Reply(200, [("Vary", "Accept")])
    reply.add_vary("Cookie")
    reply.add_vary("cookie")
    assert reply.headers == [("Vary", "Accept, Cookie")]


async def test_a_signature_is_verified_once_and_its_time_is_asked_each_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    chain, begin = identity(), datetime.now(UTC)
    sent = token(exp=begin + timedelta(minutes=1), nbf=begin - timedelta(minutes=1))
    verified: list[str] = []

    def counted(text: str, *arguments: Any, **options: Any) -> Any:
        verified.append(text)
        return DECODE(text, *arguments, **options)

    monkeypatch.setattr(jwt, "decode", counted)
    for _ in range(3):
        assert (await chain.caller(sent, chain.open([]))).subject == "7"
    assert len(verified) == 1
    now = begin.timestamp()
    monkeypatch.setattr(time, "time", lambda: now + 59)
    assert (await chain.caller(sent, chain.open([]))).subject == "7"
    # PyJWT has a clock of its own, so outside of the token's time only whether it is asked is seen.
    for moment in (now + 61, now - 61):
        monkeypatch.setattr(time, "time", lambda moment=moment: moment)
        await chain.caller(sent, chain.open([]))
    assert len(verified) == 3


async def test_a_token_that_has_expired_since_is_refused() -> None:
    chain = identity()
    sent = token(exp=datetime.now(UTC).timestamp() + 1.2)
    assert (await chain.caller(sent, chain.open([]))).subject == "7"
    await asyncio.sleep(1.3)
    assert await code(chain, sent, []) == "TOKEN_EXPIRED"
    assert await code(chain, sent, []) == "TOKEN_EXPIRED"


async def test_a_token_that_was_given_back_since_is_refused() -> None:
    given_back = Remembered()
    chain = Identity([BEARER, COOKIE], given_back)
    sent = token()
    caller = await chain.caller(sent, chain.open([]))
    await given_back.revoke(caller.credential, caller.expires)
    assert await code(chain, sent, []) == "TOKEN_INVALID"


async def test_a_token_that_resembles_a_known_one_is_verified() -> None:
    chain = identity()
    sent = token()
    await chain.caller(sent, chain.open([]))
    head, payload, signature = sent.split(".")
    swapped = "B" if signature[0] == "A" else "A"
    for forged in (f"{head}.{payload}.{swapped}{signature[1:]}", f"{head}.{payload}.", f"{sent}A", sent[:-4]):
        assert await code(chain, forged, []) == "TOKEN_INVALID"


async def test_a_token_that_another_secret_signed_is_unknown_to_a_chain_beside() -> None:
    sent = token()
    await identity().caller(sent, identity().open([]))
    other = Identity([replace(BEARER, secret="another-secret-that-is-long-enough-too")], Remembered())
    assert await code(other, sent, []) == "TOKEN_INVALID"


async def test_tokens_beyond_any_number_are_judged_as_ever() -> None:
    for sent in (token(exp=10**400), token(iat=-(10**400)), token(exp=10**20)):
        chain = identity()
        for _ in range(2):
            caller = await chain.caller(sent, chain.open([]))
            assert caller.subject == "7"
    assert await code(identity(), token(exp="soon"), []) == "TOKEN_INVALID"


def test_what_is_remembered_is_bounded_and_the_latest_stays() -> None:
    kept: Verified[int] = Verified(most=3)
    for number, text in enumerate("abc"):
        kept.keep(text, number)
    assert kept.find("a") == 0
    kept.keep("d", 3)
    assert [kept.find(text) for text in "abcd"] == [0, None, 2, 3]
    kept.forget("a")
    kept.forget("a")
    kept.keep("x" * (LONGEST + 1), 9)
    assert [kept.find("a"), kept.find("x" * (LONGEST + 1))] == [None, None]


EXPRESS = Scheme(
    "token",
    "bearer",
    "short-secret",
    ("userId",),
    algorithms=("HS256", "HS384", "HS512"),
    prefix="Bearer ",
    refuse={"type": ("refresh",)},
    iat="ignored",
)
FOREIGN = replace(EXPRESS, user=("id",), nobody=True)
LATER = datetime(2100, 1, 1, tzinfo=UTC)


def express(algorithm: str = "HS256", secret: str = "short-secret", **claims: Any) -> str:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return "Bearer " + jwt.encode({"exp": LATER, **claims}, secret, algorithm=algorithm)


@pytest.mark.parametrize(
    ("authorization", "expected"),
    [
        (None, "TOKEN_MISSING"),
        ("Bearer", "TOKEN_MISSING"),
        # The blank at the end of a header is nobody's.
        ("Bearer ", "TOKEN_MISSING"),
        ("bearer " + express(userId="u")[7:], "TOKEN_MISSING"),
        ("Token " + express(userId="u")[7:], "TOKEN_MISSING"),
        ("Bearer  " + express(userId="u")[7:], "TOKEN_MALFORMED"),
        ("Bearer Bearer", "TOKEN_INVALID"),
        ("Bearer \xe4\xf6", "TOKEN_INVALID"),
        (express(userId="u", secret="another"), "TOKEN_INVALID"),
        (express(userId="u", exp=NOW - timedelta(seconds=5)), "TOKEN_EXPIRED"),
        (express(userId="u", nbf=LATER), "TOKEN_EARLY"),
        (express(userId="u", type="refresh"), "TOKEN_INVALID"),
        (express(email="x"), "TOKEN_WITHOUT_USER"),
    ],
    ids=[
        "none", "no blank", "no token", "small letters", "another word", "two blanks", "no JWT", "no ASCII",
        "another key", "expired", "early", "a refresh token", "no user",
    ],
)  # fmt: skip
async def test_a_prefix_stands_there_to_the_letter(authorization: str | None, expected: str) -> None:
    assert await code(identity(EXPRESS), authorization, []) == expected


@pytest.mark.parametrize("algorithm", ["HS256", "HS384", "HS512"])
async def test_every_algorithm_of_the_old_library_is_taken(algorithm: str) -> None:
    sent = express(algorithm, userId="u-1", iat=LATER, sub=5, jti=6)
    assert (await identity(EXPRESS).caller(sent, Session({}))).name == "u-1"


async def test_a_token_of_the_future_is_verified_once(monkeypatch: pytest.MonkeyPatch) -> None:
    chain, sent = identity(EXPRESS), express(userId="u", iat=LATER)
    await chain.caller(sent, Session({}))
    # Nothing decodes any more, and nothing has to.
    monkeypatch.setattr(jwt, "decode", None)
    assert (await chain.caller(sent, Session({}))).name == "u"


async def test_a_surface_refuses_what_it_says() -> None:
    chain = identity(replace(EXPRESS, refuse={"scope": ("mail", "print")}))
    assert (await chain.caller(express(userId="u", scope="all"), Session({}))).name == "u"
    for _ in range(2):
        assert await code(chain, express(userId="u", scope="print"), []) == "TOKEN_INVALID"


async def test_a_token_may_end_at_the_next_blank() -> None:
    sent = express(userId="u") + " extra"
    assert await code(identity(EXPRESS), sent, []) == "TOKEN_INVALID"
    assert (await identity(replace(EXPRESS, word=True)).caller(sent, Session({}))).name == "u"


async def test_a_token_may_name_nobody_where_the_old_server_did_not_mind() -> None:
    caller = await identity(FOREIGN).caller(express(userId="u"), Session({}))
    assert (caller.subject, caller.name) == (None, None)
    assert (await identity(FOREIGN).caller(express(id="u-9"), Session({}))).name == "u-9"


@pytest.mark.parametrize("subject", ["x", 7, "7", ["a"]])
async def test_a_surface_may_know_people_by_uuids_only(subject: object) -> None:
    chain = identity(replace(BEARER, user=("id",), form="uuid"))
    caller = await chain.caller(token(id=subject), chain.open([]))
    with pytest.raises(Unfit):
        _ = caller.name
    assert is_somebody(caller)
    known = str(UUID(int=5)).upper()
    assert (await chain.caller(token(id=known), chain.open([]))).name == known.lower()
    nobody = await chain.caller(token(id=""), chain.open([]))
    assert nobody.name is None


async def test_tokens_of_the_house_are_good_everywhere() -> None:
    chain = identity(EXPRESS, replace(BEARER, user=("userId", "sub")))
    issued = Tokens(KEY).issue(7, NOW)
    assert (await chain.caller(f"Bearer {issued}", Session({}))).user_id == 7
    assert await code(chain, "Bearer garbage", []) == "TOKEN_INVALID"


@pytest.mark.parametrize(
    ("subject", "name"),
    [
        ("u-9", "u-9"),
        ("00000000-0000-4000-8000-00000000000A", "00000000-0000-4000-8000-00000000000a"),
        ("7", 7),
        (7, 7),
        ("", None),
        (0, None),
        (None, None),
        (True, None),
        ([1], "[1]"),
        ({"a": 1}, "{'a': 1}"),
        (1.5, "1.5"),
        (UUID(int=0), None),
        (b"7", None),
    ],
)
def test_whom_a_credential_names(subject: object, name: int | str | None) -> None:
    assert Caller(subject, "credential", NOW).name == name


@pytest.mark.parametrize(
    ("value", "name"),
    [
        (7, 7),
        ("7", 7),
        ("00000000-0000-4000-8000-00000000000a", None),
        (UUID(int=0), None),
        ("abc", None),
        (None, None),
        (2**70, None),
    ],
)
async def test_a_session_knows_people_by_numbers_only(value: object, name: int | None) -> None:
    chain = identity()
    caller = await chain.caller(None, chain.open(cookies(user_id=value)))
    assert caller.name == name


async def test_the_first_claim_that_is_a_text_is_the_role() -> None:
    chain = identity(replace(BEARER, role=("role", "part")))
    cases: list[tuple[dict[str, Any], str | None]] = [
        ({"role": "admin"}, "admin"),
        ({"role": ["admin"], "part": "editor"}, "editor"),
        ({"role": None}, None),
        ({}, None),
    ]
    for claims, role in cases:
        assert (await chain.caller(token(**claims), Session({}))).role == role
    # Nobody has a part by a claim that the scheme does not name.
    assert (await identity().caller(token(role="admin"), Session({}))).role is None
