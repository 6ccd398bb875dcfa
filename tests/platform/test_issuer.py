"""Tokens of an issuer that publishes its keys: what is believed, what is not, and while it is away."""

import asyncio
import base64
import hashlib
import hmac
import json
import logging
import time
from collections.abc import AsyncIterator
from typing import Any

import httpx
import jwt
import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from pymongo.asynchronous.database import AsyncDatabase
from websockets import Subprotocol
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

from compat_rest.identity import jwks
from models.roles import Role
from models.users import External, User
from server.embedded import Services
from tests.platform.conftest import ENVIRON
from tests.platform.people import UUIDS, Client, bearer, plant, refusal
from tests.serving import served, settings_for

Keys = dict[str, Any]
NOTHING: dict[str, Any] = {}
ME = "{ said: membership { account permissions method } }"


class Issuer:
    """The issuer, seen from a test."""

    def __init__(self, http: httpx.AsyncClient, address: str) -> None:
        self.http = http
        self.address = address
        self.keys: Keys = {}

    async def publish(self, **shown: Any) -> dict[str, int]:
        """Has it show some keys from now on; how often it was asked until now."""
        answer = (await self.http.post(f"{self.address}/publish", json={"names": [], **shown})).json()
        self.keys = answer.pop("keys")
        asked: dict[str, int] = answer
        return asked

    async def token(
        self,
        claims: dict[str, Any] = NOTHING,
        headers: dict[str, Any] = NOTHING,
        key: str = "first",
        algorithm: str = "RS256",
    ) -> str:
        asked = {"claims": claims, "headers": headers, "key": key, "algorithm": algorithm}
        return (await self.http.post(f"{self.address}/mint", json=asked)).text

    async def asked(self) -> int:
        """How often it was asked for its keys."""
        shown = await self.publish(names=["first"])
        return shown["jwks"]


@pytest.fixture
async def at(issuer: str) -> AsyncIterator[Issuer]:
    async with httpx.AsyncClient(trust_env=False) as http:
        found = Issuer(http, issuer)
        await found.publish(names=["first"])
        yield found


@pytest.fixture
async def fresh(
    services: Services, database: AsyncDatabase[dict[str, Any]], contract: Any, issuer: str
) -> AsyncIterator[Client]:
    """A client of a server that has not asked the issuer yet."""
    await plant()
    environ = {**ENVIRON, "AUTH0_DOMAIN": issuer, "AUTH0_CLIENT_ID": "api"}
    settings = settings_for(services, database.name, contract=contract, environ=environ)
    async with served(settings) as address:
        async with httpx.AsyncClient(base_url=address, trust_env=False) as http:
            yield Client(http)


def with_token(client: Client, token: str) -> Client:
    return client.like({"Authorization": f"Bearer {token}"})


async def status(client: Client, token: str) -> int:
    """How the platform answers somebody with a token."""
    return (await with_token(client, token).get("/auth/profile")).status_code


async def test_a_token_of_the_issuer_says_who_calls_through_both_doors(client: Client, at: Issuer) -> None:
    claims = {
        "email": "ada@example.test",
        "given_name": "Ada",
        "permissions": ["read:resource", "unknown:thing"],
        "scope": "openid resource.write",
        "https://api.example/permissions": ["resources:delete"],
    }
    ada = with_token(client, await at.token(claims))
    profile = (await ada.get("/auth/profile")).json()
    assert (profile["user_id"], profile["profile"]["name"]) == ("auth0|ada", "Ada")
    assert profile["session_info"]["auth_method"] == "jwks"
    allowed = ["resource.read", "resource.write", "resource.delete"]
    assert await ada.graph(ME) == {"account": "auth0|ada", "permissions": allowed, "method": "jwks"}
    made = await ada.made()
    assert made["owner"] == "auth0|ada"
    assert (await ada.ask("DELETE", f"/api/resource/{made['id']}")).status_code == 204
    plain = with_token(client, await at.token())
    assert refusal(await plain.ask("POST", "/api/resource", {"name": "x"})) == (403, "Forbidden")


async def test_a_token_is_ended_by_logging_out(client: Client, at: Issuer) -> None:
    ada = with_token(client, await at.token({"jti": "one"}))
    assert (await ada.ask("POST", "/auth/logout")).status_code == 200
    assert refusal(await ada.get("/auth/profile")) == (401, "Unauthorized")
    assert refusal(await ada.ask("POST", "/auth/logout")) == (401, "Unauthorized")


async def test_who_has_an_account_here_is_that_account(client: Client, at: Issuer) -> None:
    external = External(provider="auth0", subject="auth0|eve").model_dump()
    await User.get_pymongo_collection().update_one({"_id": 3}, {"$set": {"external": [external]}})
    profile = (await with_token(client, await at.token({"sub": "auth0|eve"})).get("/auth/profile")).json()
    assert (profile["user_id"], profile["profile"]["role"]) == (UUIDS[Role.MANAGER], "manager")


async def test_signing_in_ties_a_verified_address_to_its_account_and_no_other(
    client: Client, at: Issuer
) -> None:
    unverified = await at.token({"sub": "auth0|mallory", "email": "admin@example.test"})
    answer = await with_token(client, unverified).ask("POST", "/auth/login")
    assert answer.json()["user"]["user_id"] == "auth0|mallory"
    assert "access_token" not in answer.json()
    verified = await at.token({"sub": "auth0|bea", "email": "editor@example.test", "email_verified": True})
    answer = await with_token(client, verified).ask("POST", "/auth/login")
    assert answer.json()["user"]["user_id"] == UUIDS[Role.EDITOR]
    cookie = client.like({"Cookie": str(answer.headers["set-cookie"]).partition(";")[0]})
    assert (await cookie.get("/auth/profile")).json()["profile"]["role"] == "editor"
    assert (await with_token(client, verified).get("/auth/profile")).json()["user_id"] == UUIDS[Role.EDITOR]


async def test_a_name_of_the_issuer_is_never_an_account_of_this_server(client: Client, at: Issuer) -> None:
    for subject in (UUIDS[Role.ADMIN], "4", "4 "):
        answer = await with_token(client, await at.token({"sub": subject})).get("/auth/profile")
        assert answer.json()["user_id"] == f"auth0|{subject}"
        assert answer.json()["permissions"] == ["resource.read"]


async def test_a_role_may_be_given_to_who_has_no_account_here(client: Client, at: Issuer) -> None:
    admin = client.like(bearer(Role.ADMIN))
    assign = 'mutation($role: MemberRole!) { said: assignRole(account: "auth0|ada", role: $role) }'
    assert await admin.graph(assign, role="MANAGER") == "MANAGER"
    assert (await with_token(client, await at.token()).get("/auth/permissions")).json()["role"] == "manager"


@pytest.mark.parametrize(
    "claims",
    [
        {"iss": "https://elsewhere.test/"},
        {"iss": None},
        {"aud": "another"},
        {"aud": None},
        {"aud": []},
        {"exp": 1},
        {"exp": None},
        {"iat": None},
        {"iat": 4_000_000_000, "nbf": 4_000_000_000},
        {"sub": None},
        {"sub": ""},
        {"sub": "x" * 600},
        {"sub": "nul\0"},
    ],
    ids=str,
)
async def test_a_token_with_a_wrong_claim_is_none(client: Client, at: Issuer, claims: dict[str, Any]) -> None:
    assert await status(client, await at.token(claims)) == 401


@pytest.mark.parametrize(
    "headers",
    [
        {"kid": ""},
        {"kid": "First"},
        {"kid": "../../../../dev/null"},
        {"kid": "first' OR '1'='1"},
        {"kid": "x" * 5_000},
        {"kid": "first\0"},
        {"crit": ["b64"], "b64": False},
    ],
    ids=str,
)
async def test_a_key_is_only_ever_found_by_its_very_name(
    client: Client, at: Issuer, headers: dict[str, Any]
) -> None:
    assert await status(client, await at.token()) == 200
    assert await status(client, await at.token(headers=headers)) == 401


async def test_where_a_token_says_its_key_is_nobody_looks(client: Client, at: Issuer) -> None:
    before = await at.asked()
    own = {"jku": f"{at.address}/keys", "x5u": f"{at.address}/keys", "jwk": at.keys["foreign"]}
    assert await status(client, await at.token(headers={**own, "kid": "first"}, key="foreign")) == 401
    assert await status(client, await at.token(headers=own, key="foreign")) == 401
    assert await at.asked() <= before + 1


def forged(token: str, header: dict[str, Any], secret: bytes | None) -> str:
    """A token with another header, signed with a shared secret or not at all."""
    head = base64.urlsafe_b64encode(json.dumps(header).encode()).rstrip(b"=")
    signed = head + b"." + token.split(".")[1].encode()
    signature = b"" if secret is None else hmac.new(secret, signed, hashlib.sha256).digest()
    return (signed + b"." + base64.urlsafe_b64encode(signature).rstrip(b"=")).decode()


async def test_a_public_key_is_no_shared_secret(client: Client, at: Issuer) -> None:
    token = await at.token()
    assert await status(client, token) == 200
    public = jwt.PyJWK(at.keys["first"]).key
    pem = public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    modulus = base64.urlsafe_b64decode(at.keys["first"]["n"] + "==")
    for secret in (pem, pem.strip(), modulus, at.keys["first"]["n"].encode(), b"", None):
        for algorithm in ("HS256", "hs256", "none", "None", "RS256", "RS384", "PS256", "ES256"):
            fake = forged(token, {"alg": algorithm, "typ": "JWT", "kid": "first"}, secret)
            assert await status(client, fake) == 401, (algorithm, secret)


async def test_broken_and_oversized_tokens_are_none_and_ask_nobody(client: Client, at: Issuer) -> None:
    token = await at.token()
    before = await at.asked()
    large = await at.token({"padding": "x" * 20_000})
    head, body, signature = token.split(".")
    deep = base64.urlsafe_b64encode(b"[" * 3_000).decode().rstrip("=")
    for text in (
        large, f"{head}.{body}", f"{head}.{body}.{signature}.x", f".{body}.{signature}", "x", "..",
        f"{deep}.{body}.{signature}", f"{head}.{deep}.{signature}", f"{head}.{body}.{signature[:-4]}",
    ):  # fmt: skip
        answer = await client.like({}).ask("GET", "/auth/profile", Authorization=f"Bearer {text}")
        assert refusal(answer) == (401, "Unauthorized"), text[:40]
    assert await at.asked() <= before + 1


async def test_a_new_key_is_learnt_and_an_old_one_forgotten(
    fresh: Client, at: Issuer, monkeypatch: pytest.MonkeyPatch
) -> None:
    old, new = await at.token(), await at.token(key="second")
    assert await status(fresh, old) == 200
    await at.publish(names=["second"])
    # It was asked just now, and is not asked again for every name that somebody makes up.
    asked = (await at.publish(names=["second"]))["jwks"]
    assert [await status(fresh, new) for _ in range(3)] == [401] * 3
    assert await status(fresh, old) == 200
    assert (await at.publish(names=["second"]))["jwks"] == asked
    monkeypatch.setattr(jwks, "PAUSE", 0.0)
    assert await status(fresh, new) == 200
    # The token was found good before, but its key is not the issuer's any more.
    assert await status(fresh, old) == 401


@pytest.mark.parametrize("kid", [None, "first"])
async def test_another_key_in_the_place_of_the_known_one_is_learnt(
    fresh: Client, at: Issuer, kid: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    await at.publish(names=[], more=[{**at.keys["first"], "kid": kid}])
    assert await status(fresh, await at.token(headers={"kid": kid})) == 200
    await at.publish(names=[], more=[{**at.keys["second"], "kid": kid}])
    new = await at.token(key="second", headers={"kid": kid})
    assert await status(fresh, new) == 401
    monkeypatch.setattr(jwks, "PAUSE", 0.0)
    assert await status(fresh, new) == 200
    assert await status(fresh, await at.token(headers={"kid": kid})) == 401


async def test_what_a_token_grants_ends_with_it_in_a_session_too(client: Client, at: Issuer) -> None:
    ends = int(time.time()) - 5
    claims = {"permissions": ["resource.delete"]}
    for exp, held in (
        (ends + 300, ["resource.read", "resource.write", "resource.delete"]),
        (ends, ["resource.read"]),
    ):
        # For some seconds after its end a token is good still, since clocks differ.
        answer = await with_token(client, await at.token({**claims, "exp": exp})).ask("POST", "/auth/login")
        assert answer.json()["user"]["permissions"][-1] == "resource.delete"
        member = client.like({"Cookie": str(answer.headers["set-cookie"]).partition(";")[0]})
        assert (await member.get("/auth/permissions")).json()["permissions"] == held
        # A session that begins with this one grants it no longer.
        cookie = await member.graph("mutation { said: openSession { cookie } }")
        again = client.like({"Cookie": str(cookie["cookie"]).partition(";")[0]})
        assert (await again.get("/auth/permissions")).json()["permissions"] == held


@pytest.mark.parametrize(
    "shown",
    [
        {"names": ["second", "first", "first"]},
        {"names": ["first"], "more": [{"kty": "oct", "kid": "first", "k": "c2VjcmV0"}]},
        {"names": ["first"], "more": [7, None, {}, {"kty": "RSA"}, {"kty": "RSA", "n": "AQ", "e": "AQAB"}]},
        {"names": ["first"], "more": [{"kty": "EC", "kid": "first", "crv": "P-256", "x": "", "y": ""}]},
    ],
    ids=["twice", "shared secret", "junk", "another kind"],
)
async def test_keys_that_cannot_be_used_stand_in_nobody_s_way(
    fresh: Client, at: Issuer, shown: dict[str, Any]
) -> None:
    await at.publish(**shown)
    assert await status(fresh, await at.token()) == 200
    assert await status(fresh, forged(await at.token(), {"alg": "HS256", "kid": "first"}, b"secret")) == 401


async def test_of_two_keys_with_one_name_either_signs(fresh: Client, at: Issuer) -> None:
    await at.publish(names=["second"], more=[{**at.keys["first"], "kid": "second"}])
    assert await status(fresh, await at.token(key="second")) == 200
    assert await status(fresh, await at.token(key="first", headers={"kid": "second"})) == 200
    assert await status(fresh, await at.token(key="foreign", headers={"kid": "second"})) == 401


async def test_a_token_without_a_name_is_nobody_s_where_there_are_two_keys(fresh: Client, at: Issuer) -> None:
    await at.publish(names=["first", "second"])
    assert await status(fresh, await at.token(headers={"kid": None})) == 401
    assert await status(fresh, await at.token()) == 200


async def test_the_one_key_needs_no_name(fresh: Client, at: Issuer) -> None:
    assert await status(fresh, await at.token(headers={"kid": None})) == 200
    assert await status(fresh, await at.token(headers={"kid": None}, key="foreign")) == 401


@pytest.mark.parametrize(
    "shown",
    [
        {"names": []},
        {"body": "<html>"},
        {"body": "[" * 1_000, "times": 100},
        {"body": "{}", "status": 500},
        {"body": "x" * 1_000, "times": 1_000},
        {"names": ["first"], "status": 302},
        {"names": ["first"], "seconds": 30},
    ],
    ids=["none", "no JSON", "deep", "failing", "huge", "elsewhere", "slow"],
)
async def test_an_issuer_that_says_nothing_of_use_is_away(
    fresh: Client, at: Issuer, shown: dict[str, Any]
) -> None:
    await at.publish(**shown)
    token = await at.token()
    begin = time.monotonic()
    answer = await with_token(fresh, token).get("/auth/profile")
    assert refusal(answer) == (503, "Service Unavailable")
    assert await with_token(fresh, token).graph(ME) == "ISSUER_AWAY"
    assert time.monotonic() - begin < 8
    # Others are served all the while.
    assert (await fresh.like(bearer(Role.USER)).get("/auth/profile")).status_code == 200


@pytest.mark.parametrize("place", ["header", "payload"])
async def test_a_websocket_is_closed_until_the_issuer_is_back(
    fresh: Client, at: Issuer, place: str, caplog: pytest.LogCaptureFixture
) -> None:
    await at.publish(names=[], status=503)
    said = {"Authorization": f"Bearer {await at.token()}"}
    address = str(fresh.http.base_url).replace("http://", "ws://").rstrip("/") + "/graphql"
    async with connect(
        address,
        subprotocols=[Subprotocol("graphql-transport-ws")],
        additional_headers=said if place == "header" else {},
    ) as opened:
        with pytest.raises(ConnectionClosed):
            await opened.send(
                json.dumps({"type": "connection_init", "payload": said if place == "payload" else {}})
            )
            await asyncio.wait_for(opened.recv(), 5)
        # The code of the protocol for whoever may try again.
        assert (opened.close_code, opened.close_reason) == (1013, "ISSUER_AWAY")
    assert [record for record in caplog.records if record.levelno >= logging.ERROR] == []


async def test_after_five_failures_nobody_asks_any_more(
    fresh: Client, at: Issuer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jwks, "RETRY", 0.0)
    await at.publish(names=[], status=503)
    ada = with_token(fresh, await at.token())

    async def circuit() -> str:
        issuers = (await fresh.get("/health/dependencies")).json()["dependencies"]["issuers"]
        return str(issuers[0]["circuit"])

    for _ in range(jwks.FAILURES):
        assert await circuit() == "closed"
        assert refusal(await ada.get("/auth/profile")) == (503, "Service Unavailable")
    assert await circuit() == "open"
    asked = (await at.publish(names=["first"]))["jwks"]
    assert refusal(await ada.get("/auth/profile")) == (503, "Service Unavailable")
    assert await at.asked() == asked
