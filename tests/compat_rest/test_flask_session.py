"""Flask's session cookie: ours is read by the real Flask, and Flask's by us."""

import time
from base64 import urlsafe_b64encode
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from flask.sessions import SecureCookieSessionInterface
from itsdangerous import TimestampSigner
from markupsafe import Markup

from compat_rest.contract.surfaces import Scheme
from compat_rest.http import Reply
from compat_rest.identity.chain import Identity
from compat_rest.identity.flask_session import (
    LIFETIME_SECONDS,
    Session,
    SessionCookie,
    Unreadable,
    key_of,
    tag,
    untag,
)
from compat_rest.refusal import Refusal
from tests.compat_rest.contracts import Remembered

SECRET = "test-only-key"
SCHEME = Scheme(
    "flaskSession",
    "flask",
    SECRET,
    ("user_id",),
    cookie="session",
    session={"user_id": "/id", "email": "/email"},
)
COOKIE = SessionCookie(SCHEME)
USER = {"user_id": 1, "email": "ada@example.test"}


def flask_serializer() -> Any:
    app = Flask("old")
    app.secret_key = SECRET
    return SecureCookieSessionInterface().get_signing_serializer(app)


def flask_signed(payload: Any) -> str:
    with Flask("old").app_context():
        return str(flask_serializer().dumps(payload))


def raw_signed(payload: bytes) -> str:
    signer = TimestampSigner(SECRET, salt="cookie-session", key_derivation="hmac")
    return signer.sign(urlsafe_b64encode(payload).rstrip(b"=")).decode()


def opened(value: str) -> Session:
    return COOKIE.open([f"session={value}"])


def test_the_real_flask_reads_our_cookie() -> None:
    assert flask_serializer().loads(COOKIE.sign(USER)) == USER


def test_we_read_the_cookie_of_the_real_flask() -> None:
    session = opened(flask_signed(USER))
    assert session.contents == USER
    assert session.signed is not None and datetime.now(UTC) - session.signed < timedelta(seconds=5)
    assert opened(flask_signed({**USER, "pad": "a" * 300})).contents["user_id"] == 1


def test_the_bytes_of_a_cookie_are_those_of_flask() -> None:
    # The vector of the contract's facts: secret test-only-key, signed at 1767225600.
    value = "eyJlbWFpbCI6ImFAYi5jIiwidXNlcl9pZCI6MX0.aVW5AA.envdd3SqUU9_6o7AUeNyR1TULBc"
    payload = COOKIE.sign({"user_id": 1, "email": "a@b.c"}).split(".")[0]
    assert payload == value.split(".")[0]


@pytest.mark.parametrize(
    "damage",
    [
        lambda value: "",
        lambda value: "abc",
        lambda value: "abc.def.ghi",
        lambda value: value[:-4],
        lambda value: value.rpartition(".")[0],
        lambda value: "ÿþ",
    ],
    ids=["empty", "one part", "three parts", "cut", "unsigned", "not ASCII"],
)
def test_a_damaged_cookie_is_no_session(damage: Callable[[str], str]) -> None:
    session = opened(damage(flask_signed(USER)))
    assert (session.contents, session.recognised(), session.accessed) == ({}, None, True)


def test_another_spelling_of_the_signature_is_the_same_session() -> None:
    value = flask_signed(USER)
    assert opened(f'"{value}="').contents == USER
    assert opened(f"{value}=").key == opened(value).key == key_of(value)


@pytest.mark.parametrize(
    "payload", [b"not json", b"[1]", b"5", b'"text"', b'{" t": 5}', b'{"a":{" u": "x"}}']
)
def test_a_signed_cookie_that_holds_no_session_is_refused(payload: bytes) -> None:
    with pytest.raises(Refusal, match="UNREADABLE_SESSION"):
        opened(raw_signed(payload))


@pytest.mark.parametrize("payload", [b"null", b"{}", b"[]", b'""', b'{" d":"no date"}'])
def test_a_signed_cookie_that_holds_nothing_is_anonymous(payload: bytes) -> None:
    assert opened(raw_signed(payload)).recognised() is None


@pytest.mark.parametrize(
    ("value", "plain"),
    [
        ({" t": [1, 2]}, (1, 2)),
        ({" b": "YQ=="}, b"a"),
        ({" m": "<b>"}, Markup("<b>")),
        ({" di": {" t__": 1}}, {" t": 1}),
        ({"a": [{" t": []}]}, {"a": [()]}),
        ({"x": 1, " t": [2]}, {"x": 1, " t": [2]}),
    ],
)
def test_tags_are_followed(value: Any, plain: Any) -> None:
    assert untag(value) == plain
    assert tag(plain) == value


def test_values_that_json_has_no_type_for_survive_a_new_signature() -> None:
    held = {
        "when": datetime(2026, 1, 5, 8, 30, tzinfo=UTC),
        "who": UUID(int=7),
        "safe": Markup("<b>"),
        "n": b"x",
    }
    session = opened(flask_signed(held))
    assert session.contents == held
    assert flask_serializer().loads(COOKIE.sign(session.contents)) == held


def test_a_payload_that_is_a_tag_is_what_it_stands_for() -> None:
    assert opened(raw_signed(b'{" t":[["user_id",1]]}')).contents == {"user_id": 1}


@pytest.mark.parametrize("value", [{" di": 5}, {" di": {}}, {" u": 1}])
def test_a_bad_tag_is_unreadable(value: Any) -> None:
    with pytest.raises(Unreadable):
        untag(value)


async def test_a_sign_in_sets_the_cookie_and_keeps_what_was_there() -> None:
    identity, reply = Identity([SCHEME], Remembered()), Reply(200)
    session = identity.open([f"session={flask_signed({'theme': 'dark', 'user_id': 9})}"])
    await identity.start(session, {"id": 1, "email": "ada@example.test", "username": "ada"})
    await identity.save(session, reply)
    assert [name for name, _ in reply.headers] == ["Vary", "Set-Cookie"]
    cookie = dict(reply.headers)["Set-Cookie"]
    assert cookie.endswith("; HttpOnly; Path=/")
    assert opened(cookie.removeprefix("session=").partition(";")[0]).contents == {**USER, "theme": "dark"}


async def test_a_sign_out_deletes_the_cookie() -> None:
    identity, reply = Identity([SCHEME], Remembered()), Reply(200)
    session = identity.open([f"session={flask_signed(USER)}"])
    await identity.end(session)
    await identity.save(session, reply)
    deletion = "session=; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Max-Age=0; HttpOnly; Path=/"
    assert reply.headers == [("Vary", "Cookie"), ("Set-Cookie", deletion)]


async def test_a_permanent_session_is_signed_anew_with_every_answer() -> None:
    identity, reply = Identity([SCHEME], Remembered()), Reply(404)
    await identity.save(identity.open([f"session={flask_signed({**USER, '_permanent': True})}"]), reply)
    assert "; Expires=" in dict(reply.headers)["Set-Cookie"]
    assert dict(reply.headers)["Vary"] == "Cookie"


async def test_an_ordinary_session_that_nobody_looked_at_leaves_no_trace() -> None:
    identity, reply = Identity([SCHEME], Remembered()), Reply(200)
    await identity.save(identity.open([f"session={flask_signed(USER)}"]), reply)
    assert reply.headers == []


async def test_a_revoked_session_is_neither_signed_anew_nor_kept_at_a_sign_in() -> None:
    value = flask_signed({**USER, "_permanent": True, "theme": "dark"})
    identity, reply = Identity([SCHEME], Remembered(key_of(value))), Reply(200)
    await identity.save(identity.open([f"session={value}"]), reply)
    assert reply.headers == []
    session = identity.open([f"session={value}"])
    await identity.start(session, {"id": 2, "email": "bo@example.test"})
    assert session.contents == {"user_id": 2, "email": "bo@example.test"}


async def test_a_cookie_of_the_second_of_its_revocation_waits_for_the_next() -> None:
    remembered = Remembered(key_of(COOKIE.sign(USER)))
    identity = Identity([SCHEME], remembered)
    session, reply = identity.open([]), Reply(200)
    await identity.start(session, {"id": 1, "email": "ada@example.test"})
    await identity.save(session, reply)
    value = dict(reply.headers)["Set-Cookie"].removeprefix("session=").partition(";")[0]
    assert key_of(value) not in remembered.revoked
    assert opened(value).contents == USER


def test_a_signature_is_verified_once_and_its_age_is_asked_each_time(monkeypatch: pytest.MonkeyPatch) -> None:
    cookie = SessionCookie(SCHEME)
    value = cookie.sign(USER)
    monkeypatch.setattr(cookie, "_verify", count_of(cookie))
    now = time.time()
    for ahead, verified in ((0, 1), (1, 1), (LIFETIME_SECONDS - 2, 1), (LIFETIME_SECONDS + 2, 2), (-3, 3)):
        monkeypatch.setattr(time, "time", lambda ahead=ahead: now + ahead)
        cookie.open([f"session={value}"])
        assert len(VERIFIED) == verified, ahead
    # Beyond its age it is no session, and is not remembered as one.
    monkeypatch.setattr(time, "time", lambda: now + LIFETIME_SECONDS + 2)
    assert cookie.open([f"session={value}"]).contents == {}


VERIFIED: list[str] = []


def count_of(cookie: SessionCookie) -> Callable[[str], Any]:
    verify = cookie._verify
    VERIFIED.clear()

    def counted(value: str) -> Any:
        VERIFIED.append(value)
        return verify(value)

    return counted


def test_requests_with_one_cookie_do_not_share_what_they_change() -> None:
    value = COOKIE.sign({"user_id": 1, "list": [1]})
    first, second = opened(value), opened(value)
    first.contents["user_id"] = 2
    first.start({"email": "other@example.test"})
    assert second.contents == opened(value).contents == {"user_id": 1, "list": [1]}


def test_a_cookie_header_without_the_name_is_not_taken_apart() -> None:
    value = COOKIE.sign(USER)
    assert COOKIE.open(["theme=dark; sessio=1"]).contents == {}
    assert COOKIE.open([f"theme=session; session={value}"]).contents == USER
    assert COOKIE.open(["theme=dark", f"session={value}"]).contents == USER
    assert COOKIE.open([f"session=; session={value}"]).contents == {}
