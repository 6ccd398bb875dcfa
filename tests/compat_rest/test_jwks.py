"""An issuer's keys: which of them are taken, and how often, how long and whom this server believes."""

import asyncio
import base64
import json
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from compat_rest.identity.jwks import (
    BELIEVED,
    FAILURES,
    FRESH,
    OPEN,
    PAUSE,
    RETRY,
    BadKeys,
    Keys,
    key_of,
    keys_of,
)
from models.platform_errors import IssuerAway

PRIVATE = {name: rsa.generate_private_key(65537, 2048) for name in ("one", "two")}


def number(value: int) -> str:
    return base64.urlsafe_b64encode(value.to_bytes((value.bit_length() + 7) // 8, "big")).decode().rstrip("=")


def shown(name: str, **others: Any) -> dict[str, Any]:
    """A key as an issuer shows it; None leaves a member out."""
    public = PRIVATE[name].public_key().public_numbers()
    said = {
        "kty": "RSA",
        "use": "sig",
        "alg": "RS256",
        "kid": name,
        "n": number(public.n),
        "e": number(public.e),
    }
    return {key: value for key, value in {**said, **others}.items() if value is not None}


class Issuer:
    """Answers with some keys, or not at all, at a time that a test sets."""

    def __init__(self, *names: str) -> None:
        self.names: tuple[str, ...] | None = names
        self.asked = 0
        self.now = 1_000_000.0
        self.keys = Keys(self.ask, lambda: self.now)
        self.gate = asyncio.Event()
        self.gate.set()

    async def ask(self) -> bytes:
        self.asked += 1
        await self.gate.wait()
        if self.names is None:
            raise OSError
        return json.dumps({"keys": [shown(name) for name in self.names]}).encode()

    async def known(self, kid: str | None) -> bool:
        """Whether a name is a key's now, and after how many questions."""
        return bool(await self.keys.find(kid))


@pytest.mark.parametrize(
    "others",
    [
        {"kty": "oct"},
        {"kty": None},
        {"use": "enc"},
        {"alg": "RS512"},
        {"alg": "HS256"},
        {"key_ops": ["encrypt"]},
        {"key_ops": "verify"},
        {"d": "AQAB"},
        {"n": None},
        {"n": 7},
        {"n": "!"},
        {"n": number(2**1023 + 1)},
        {"n": number(2**9000 + 1)},
        {"e": number(1)},
        {"e": number(2**40 + 1)},
    ],
    ids=str,
)
def test_a_key_of_another_kind_or_a_weak_one_is_none(others: dict[str, Any]) -> None:
    assert key_of(shown("one", **others)) is None
    with pytest.raises(BadKeys):
        keys_of(json.dumps({"keys": [shown("one", **others)]}).encode())
    text = json.dumps({"keys": [shown("one", **others), shown("two")]}).encode()
    assert list(keys_of(text)) == ["two"]


def test_what_a_key_need_not_say_may_be_missing() -> None:
    assert key_of(shown("one", use=None, alg=None)) == PRIVATE["one"].public_key()
    assert key_of(shown("one", key_ops=["verify"])) is not None


@pytest.mark.parametrize(
    "text",
    [b"", b"x", b"[]", b"{}", b'{"keys": {}}', b'{"keys": []}', b"\xff", b"[" * 100_000, b" " * 200_001],
)
def test_an_answer_without_keys_is_none(text: bytes) -> None:
    with pytest.raises(BadKeys):
        keys_of(text)


def test_namesakes_are_all_kept_and_the_same_key_once() -> None:
    both = [shown("one"), shown("one"), shown("two", kid="one"), shown("two", kid=None), shown("two", kid=7)]
    found = keys_of(json.dumps({"keys": both}).encode())
    one, two = (PRIVATE[name].public_key() for name in ("one", "two"))
    assert found == {"one": [one, two], None: [two]}


async def test_keys_are_asked_for_once_while_they_are_fresh() -> None:
    issuer = Issuer("one")
    for _ in range(5):
        assert await issuer.known("one")
        issuer.now += FRESH / 5
    assert issuer.asked == 1
    issuer.now += 1
    assert await issuer.known("one")
    assert issuer.asked == 2


async def test_an_unknown_name_is_asked_for_as_often_as_the_pause_allows() -> None:
    issuer = Issuer("one")
    assert await issuer.known("one")
    for _ in range(100):
        assert not await issuer.known("made up")
    assert issuer.asked == 1
    issuer.now += PAUSE
    issuer.names = ("two",)
    assert await issuer.known("two") and not await issuer.known("one")
    assert issuer.asked == 2


async def test_many_who_come_at_once_ask_once() -> None:
    issuer = Issuer("one")
    issuer.gate.clear()
    asking = [asyncio.create_task(issuer.known("one")) for _ in range(50)]
    await asyncio.sleep(0.01)
    issuer.gate.set()
    assert all(await asyncio.gather(*asking)) and issuer.asked == 1


async def test_nobody_waits_for_new_keys_while_the_old_ones_will_do() -> None:
    issuer = Issuer("one")
    assert await issuer.known("one")
    issuer.now += FRESH + 1
    issuer.gate.clear()
    first = asyncio.create_task(issuer.known("one"))
    await asyncio.sleep(0.01)
    assert await asyncio.wait_for(issuer.known("one"), 1)
    issuer.gate.set()
    assert await first


async def test_who_comes_with_a_new_key_waits_for_the_question_that_is_asked_already() -> None:
    issuer = Issuer("one")
    assert await issuer.known("one")
    issuer.now += PAUSE
    issuer.names = ("one", "two")
    issuer.gate.clear()
    asking = [asyncio.create_task(issuer.known("two")) for _ in range(5)]
    await asyncio.sleep(0.01)
    assert await asyncio.wait_for(issuer.known("one"), 1)
    issuer.gate.set()
    assert all(await asyncio.gather(*asking)) and issuer.asked == 2


@pytest.mark.parametrize("kid", ["one", None])
async def test_keys_that_are_doubted_are_asked_for_as_often_as_the_pause_allows(kid: str | None) -> None:
    issuer = Issuer("one")
    assert await issuer.known(kid)
    for _ in range(5):
        assert await issuer.keys.find(kid, doubted=True)
    assert issuer.asked == 1
    issuer.now += PAUSE
    issuer.names = ()
    assert await issuer.keys.find(kid, doubted=True) and issuer.asked == 2


async def test_old_keys_are_believed_for_a_day_while_the_issuer_is_away() -> None:
    issuer = Issuer("one")
    assert await issuer.known("one")
    issuer.names = None
    issuer.now += FRESH + 1
    assert await issuer.known("one")
    # Whether another key is the issuer's nobody can tell now.
    with pytest.raises(IssuerAway):
        await issuer.known("two")
    issuer.now += BELIEVED - FRESH - 2
    assert await issuer.known("one")
    issuer.now += 2
    with pytest.raises(IssuerAway):
        await issuer.known("one")


async def test_who_fails_again_and_again_is_left_alone_for_a_while() -> None:
    issuer = Issuer()
    issuer.names = None
    for number in range(1, FAILURES + 1):
        assert issuer.keys.state == "closed"
        with pytest.raises(IssuerAway):
            await issuer.known("one")
        with pytest.raises(IssuerAway):
            await issuer.known("one")
        assert issuer.asked == number
        issuer.now += RETRY
    issuer.names = ("one",)
    assert issuer.keys.state == "open"
    issuer.now += OPEN - RETRY - 1
    with pytest.raises(IssuerAway):
        await issuer.known("one")
    assert issuer.asked == FAILURES
    issuer.now += 1
    assert await issuer.known("one") and issuer.keys.state == "closed"


async def test_one_more_failure_after_the_while_is_enough() -> None:
    issuer = Issuer()
    issuer.names = None
    for _ in range(FAILURES):
        with pytest.raises(IssuerAway):
            await issuer.known("one")
        issuer.now += RETRY
    issuer.now += OPEN
    with pytest.raises(IssuerAway):
        await issuer.known("one")
    assert (issuer.keys.state, issuer.asked) == ("open", FAILURES + 1)
