"""Sessions in a real Valkey: rotation of their keys, how long they last, and what happens at the edges."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from secrets import token_hex

import pytest
from redis.asyncio import Redis

from models.platform_errors import SessionsAway
from schema.sessions import Held
from server import sessions
from server.embedded import Services
from server.sessions import IDLE, LONGEST, RENEWED, Keyring, ValkeySessions, secrets_of

NOW = datetime.now(UTC).replace(microsecond=0)
HELD = Held("auth0|ada", None, ("resource.read",), "password", NOW)
# Others may use the same Valkey.
PREFIX = f"test:{token_hex(8)}:"
OLD, NEW = "the old secret of the sessions here", "the new secret of the sessions here"


@pytest.fixture
async def valkey(services: Services) -> AsyncIterator[Redis]:
    redis = Redis.from_url(services.redis_url)
    yield redis
    async for name in redis.scan_iter(f"{PREFIX}session:*"):
        await redis.delete(name)
    await redis.aclose()


def kept(valkey: Redis, *keys: str, secure: bool = False) -> ValkeySessions:
    return ValkeySessions(valkey, keys, prefix=PREFIX, cookie="sid", secure=secure)


def cookies(cookie: str) -> list[str]:
    return [cookie.partition(";")[0]]


async def sealed(valkey: Redis) -> bytes:
    """What stands in the store for the one session there is."""
    (name,) = [name async for name in valkey.scan_iter(f"{PREFIX}session:*")]
    value = await valkey.get(name)
    assert isinstance(value, bytes)
    return value


async def test_what_was_put_in_comes_out(valkey: Redis) -> None:
    store = kept(valkey, NEW)
    begun = await store.start(HELD, NOW)
    name = store.named(["other=1", *cookies(begun.cookie)])
    opened = await store.open(name)
    assert opened is not None and opened.held == HELD
    assert opened.expires == begun.expires == NOW + timedelta(seconds=LONGEST)
    await store.end(name)
    assert await store.open(name) is None


async def test_a_cookie_goes_over_tls_alone_where_that_is_asked(valkey: Redis) -> None:
    assert "Secure" in (await kept(valkey, NEW, secure=True).start(HELD, NOW)).cookie
    assert "Secure" not in (await kept(valkey, NEW).start(HELD, NOW)).cookie


async def test_sessions_of_the_key_before_go_on_and_are_written_with_the_new_one(valkey: Redis) -> None:
    begun = await kept(valkey, OLD).start(HELD, NOW)
    before = await sealed(valkey)
    rotated = kept(valkey, NEW, OLD)
    name = rotated.named(cookies(begun.cookie))
    assert (await rotated.open(name)) is not None
    after = await sealed(valkey)
    assert after != before
    # Once it was used, what it holds needs the old key no more; its cookie does until it ends.
    alone = kept(valkey, NEW)
    assert (await alone.open(name)) is not None
    assert alone.named(cookies(begun.cookie)) == ""
    assert await kept(valkey, OLD).open(name) is None


async def test_a_session_of_unknown_keys_is_none(valkey: Redis) -> None:
    begun = await kept(valkey, OLD).start(HELD, NOW)
    stranger = kept(valkey, NEW)
    assert stranger.named(cookies(begun.cookie)) == ""
    assert await stranger.open(kept(valkey, OLD).named(cookies(begun.cookie))) is None


async def test_who_uses_a_session_keeps_it_but_not_for_ever(
    valkey: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = kept(valkey, NEW)
    name = store.named(cookies((await store.start(HELD, NOW)).cookie))
    (stored,) = [each async for each in valkey.scan_iter(f"{PREFIX}session:*")]
    clock = NOW.timestamp()
    monkeypatch.setattr("time.time", lambda: clock)
    await valkey.expire(stored, 100)
    clock += RENEWED
    assert await store.open(name) is not None and await valkey.ttl(stored) <= 100
    clock += 1
    assert await store.open(name) is not None and await valkey.ttl(stored) > IDLE - 5
    clock = NOW.timestamp() + LONGEST - 50
    assert await store.open(name) is not None and await valkey.ttl(stored) <= 50
    clock += 50
    assert await store.open(name) is None


async def test_who_logs_out_while_the_session_is_kept_anew_has_logged_out(valkey: Redis) -> None:
    begun = await kept(valkey, OLD).start(HELD, NOW)
    rotated = kept(valkey, NEW, OLD)
    name = rotated.named(cookies(begun.cookie))
    for _ in range(20):
        await asyncio.gather(rotated.open(name), rotated.end(name), rotated.open(name))
        assert await rotated.open(name) is None


async def test_an_old_cookie_names_nothing(valkey: Redis, monkeypatch: pytest.MonkeyPatch) -> None:
    store = kept(valkey, NEW)
    cookie = (await store.start(HELD, NOW)).cookie
    monkeypatch.setattr(sessions, "LONGEST", -1)
    assert store.named(cookies(cookie)) == ""


async def test_a_store_that_is_away_is_said(services: Services) -> None:
    nobody = Redis.from_url("redis://127.0.0.1:1", socket_connect_timeout=0.2)
    store = kept(nobody, NEW)
    for question in (store.start(HELD, NOW), store.open("x"), store.end("x")):
        with pytest.raises(SessionsAway):
            await question
    await nobody.aclose()


def test_nothing_is_encrypted_twice_alike_and_only_for_what_it_is_about() -> None:
    keys = Keyring([NEW])
    one, two = keys.encrypt(b"plain", b"a"), keys.encrypt(b"plain", b"a")
    assert one != two and b"plain" not in one
    assert keys.decrypt(one, b"a") == b"plain"
    assert keys.decrypt(one, b"b") is None
    for cut in range(len(one)):
        assert keys.decrypt(one[:cut], b"a") is None
        assert keys.decrypt(one[:cut] + bytes([one[cut] ^ 1]) + one[cut + 1 :], b"a") is None


def test_contents_of_another_version_are_none() -> None:
    for text in (
        b"",
        b"[]",
        b"{}",
        b"null",
        b'["a", 1, ["b"], "c", "d", 1, 2]',
        b'["a", 1, 7, "c", 1, 1, 2]',
    ):
        assert sessions.contents_of(text) is None


def test_secrets_are_chosen_or_derived_and_never_short() -> None:
    assert secrets_of({"SECRET_KEY": "x"}) == ["x"]
    assert secrets_of({"SECRET_KEY": "x", "SESSION_KEYS": f"{NEW}, {OLD},"}) == [NEW, OLD]
    with pytest.raises(ValueError, match="SESSION_KEYS: key 2 is shorter"):
        secrets_of({"SESSION_KEYS": f"{NEW},short"})
