"""Signing in with a provider, held against a real one in a process of its own."""

from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from models import sign_ins
from models.errors import DomainError, SignInRefused
from models.sign_ins import Identity, SignIn
from server.openid import OpenID
from server.providers import providers_from
from tests.old_servers.processes import running
from tests.openid_provider import SECRET

CALLBACK = "http://localhost:8000/social/google/callback"
NOW = datetime.now(UTC)


@pytest.fixture(scope="module")
def issuer() -> Iterator[str]:
    with running("tests.openid_provider") as server:
        yield f"http://127.0.0.1:{server.port}"


@pytest.fixture
async def browser() -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(trust_env=False) as client:
        yield client


@dataclass
class Door:
    """The provider as this server knows it, and a person's way there and back."""

    provider: OpenID
    browser: httpx.AsyncClient

    async def gone(self, person: str = "ada") -> tuple[dict[str, str], str]:
        """What the provider sends a browser back with, and what the browser kept."""
        begun = await sign_ins.begin(self.provider, NOW)
        answer = await self.browser.get(f"{begun.location}&login_hint={person}")
        assert answer.status_code == 302, answer.text
        back = answer.headers["location"]
        assert back.startswith(f"{CALLBACK}?")
        return {name: values[0] for name, values in parse_qs(urlsplit(back).query).items()}, begun.binding

    async def identity(self, person: str = "ada") -> Identity:
        back, binding = await self.gone(person)
        return await sign_ins.finish(self.provider, back.get("code"), back["state"], binding, NOW)


@pytest.fixture
async def door(database: object, issuer: str, browser: httpx.AsyncClient) -> AsyncIterator[Door]:
    provider = OpenID("google", issuer, "client", SECRET, CALLBACK)
    yield Door(provider, browser)
    await provider.close()


@contextmanager
def refused(code: str = "SIGN_IN_REFUSED") -> Iterator[None]:
    with pytest.raises(DomainError) as error:
        yield
    assert error.value.code == code


async def test_a_provider_says_who_somebody_is(door: Door) -> None:
    assert await door.identity() == Identity(
        "google", "subject of ada", "ada@example.test", verified=True, first="Ada", last="Lovelace"
    )


async def test_nothing_that_is_kept_lets_anybody_back_in(door: Door) -> None:
    back, binding = await door.gone()
    (kept,) = await SignIn.find_all().to_list()
    assert back["state"] not in repr(kept) and binding not in repr(kept)
    assert kept.expires <= NOW + timedelta(minutes=10)


async def test_a_way_back_is_good_once(door: Door) -> None:
    back, binding = await door.gone()
    await sign_ins.finish(door.provider, back["code"], back["state"], binding, NOW)
    with refused():
        await sign_ins.finish(door.provider, back["code"], back["state"], binding, NOW)


async def test_a_way_back_is_good_in_the_browser_that_went(door: Door) -> None:
    back, _ = await door.gone()
    _, other = await door.gone("mallory")
    with refused():
        await sign_ins.finish(door.provider, back["code"], back["state"], other, NOW)


async def test_a_way_back_is_good_for_ten_minutes(door: Door) -> None:
    back, binding = await door.gone()
    with refused():
        late = NOW + timedelta(minutes=10)
        await sign_ins.finish(door.provider, back["code"], back["state"], binding, late)


async def test_a_way_back_belongs_to_one_provider(door: Door, issuer: str) -> None:
    back, binding = await door.gone()
    other = OpenID("facebook", issuer, "client", SECRET, CALLBACK)
    with refused():
        await sign_ins.finish(other, back["code"], back["state"], binding, NOW)
    await other.close()


@pytest.mark.parametrize("code", [None, "", 5, "x" * 5000, "not given out"])
async def test_a_code_that_was_never_given_out(door: Door, code: object) -> None:
    back, binding = await door.gone()
    with refused():
        await sign_ins.finish(door.provider, code, back["state"], binding, NOW)


@pytest.mark.parametrize("odd", [None, "", "short", {"$ne": None}, "x" * 43 + "\n"])
async def test_what_is_no_state_or_binding_asks_nothing(door: Door, odd: object) -> None:
    back, binding = await door.gone()
    with refused():
        await sign_ins.finish(door.provider, back["code"], odd, binding, NOW)
    with refused():
        await sign_ins.finish(door.provider, back["code"], back["state"], odd, NOW)
    # Neither has used the sign-in up.
    assert await sign_ins.finish(door.provider, back["code"], back["state"], binding, NOW)


async def test_somebody_who_said_no_is_nobody(door: Door) -> None:
    back, binding = await door.gone("nobody")
    assert back["error"] == "access_denied"
    with refused():
        await sign_ins.finish(door.provider, back.get("code"), back["state"], binding, NOW)


@pytest.mark.parametrize(
    "fault",
    [
        "late",
        "unsigned",
        "shared-secret",
        "foreign-key",
        "foreign-issuer",
        "foreign-client",
        "foreign-nonce",
        "several-clients",
    ],
)
async def test_a_token_that_is_not_for_us_is_not_believed(
    database: object, issuer: str, browser: httpx.AsyncClient, fault: str
) -> None:
    provider = OpenID("google", issuer, fault, SECRET, CALLBACK)
    with refused():
        await Door(provider, browser).identity()
    await provider.close()


async def test_an_unverified_address_is_told_as_one(
    database: object, issuer: str, browser: httpx.AsyncClient
) -> None:
    provider = OpenID("google", issuer, "unverified", SECRET, CALLBACK)
    assert not (await Door(provider, browser).identity()).verified
    await provider.close()


async def test_a_wrong_secret_gets_nothing(database: object, issuer: str, browser: httpx.AsyncClient) -> None:
    provider = OpenID("google", issuer, "client", "another secret", CALLBACK)
    with refused():
        await Door(provider, browser).identity()
    await provider.close()


async def test_a_provider_that_is_away_is_asked_once_in_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    async def counted(client: httpx.AsyncClient, request: httpx.Request, **options: Any) -> httpx.Response:
        asked.append(str(request.url))
        raise httpx.ConnectError("nobody is there")

    monkeypatch.setattr(httpx.AsyncClient, "send", counted)
    provider = OpenID("google", "http://127.0.0.1:9", "client", SECRET, CALLBACK)
    for _ in range(3):
        with pytest.raises(SignInRefused):
            await provider.authorize("state", "nonce", "challenge")
    assert asked == ["http://127.0.0.1:9/.well-known/openid-configuration"]
    monkeypatch.setattr("server.openid.PAUSE", 0.0)
    with pytest.raises(SignInRefused):
        await provider.authorize("state", "nonce", "challenge")
    assert len(asked) == 2
    await provider.close()


async def test_begun_sign_ins_do_not_fill_the_store(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sign_ins, "MOST", 1)
    await door.gone()
    with refused("TOO_MANY_SIGN_INS"):
        await door.gone()


async def test_new_keys_of_a_provider_are_found(
    database: object, issuer: str, browser: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("server.openid.PAUSE", 0.0)
    provider = OpenID("google", issuer, "client", SECRET, CALLBACK)
    door = Door(provider, browser)
    await door.identity()
    await browser.post(f"{issuer}/rotate")
    assert (await door.identity()).subject == "subject of ada"
    await provider.close()


ENVIRON = {"GOOGLE_CLIENT_ID": "client", "GOOGLE_CLIENT_SECRET": SECRET}


async def test_providers_are_those_that_are_set_up() -> None:
    providers = providers_from({**ENVIRON, "PUBLIC_URL": "https://family.test"})
    assert providers.get("google").name == "google"
    with refused("PROVIDER_MISSING"):
        providers.get("facebook")
    await providers.close()


@pytest.mark.parametrize(
    ("environ", "problem"),
    [
        ({}, "GOOGLE_CALLBACK_URL: '/social/google/callback' is no whole address"),
        (
            {"GOOGLE_ISSUER": "http://elsewhere.test"},
            "GOOGLE_ISSUER: 'http://elsewhere.test' is neither https",
        ),
    ],
)
def test_a_provider_that_cannot_be_trusted_is_not_started_with(environ: dict[str, str], problem: str) -> None:
    with pytest.raises(ValueError, match=problem):
        providers_from({**ENVIRON, **environ})
