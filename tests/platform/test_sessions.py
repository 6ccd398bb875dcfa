"""Sessions of the platform: begun with a password or a token, and gone at once when they are ended."""

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from http.cookies import SimpleCookie
from typing import Any

import pytest
from redis.asyncio import Redis

from models.roles import Role
from models.users import User
from server.embedded import Services
from tests.platform.people import PASSWORD, UUIDS, Client, bearer, refusal

LOGIN = {"email": "user@example.test", "password": PASSWORD}
ME = "{ said: membership { account method } }"


@dataclass(frozen=True)
class Store:
    """The store of the sessions of this run."""

    valkey: Redis
    prefix: str

    async def held(self) -> dict[str, bytes]:
        """What stands in it, by name."""
        names = [name.decode() async for name in self.valkey.scan_iter(f"{self.prefix}*")]
        values = {name: await self.valkey.get(name) for name in names}
        return {name: value for name, value in values.items() if isinstance(value, bytes)}


@pytest.fixture
async def store(services: Services, scratch: Any) -> AsyncIterator[Store]:
    """The store, without any session."""
    redis = Redis.from_url(services.redis_url)
    found = Store(redis, f"lockstep:{scratch.name}:session:")
    for name in await found.held():
        await redis.delete(name)
    yield found
    await redis.aclose()


async def signed_in(client: Client) -> tuple[Client, dict[str, Any]]:
    """Who has signed in with a password, and what they were told."""
    answer = await client.ask("POST", "/auth/login", LOGIN)
    assert answer.status_code == 200, answer.text
    cookie = SimpleCookie(answer.headers["set-cookie"])["flask_session"]
    assert cookie["httponly"] and cookie["samesite"] == "Lax" and cookie["path"] == "/"
    return client.like({"Cookie": f"flask_session={cookie.value}"}), answer.json()


async def test_a_password_begins_a_session_whose_cookie_opens_it(client: Client, store: Store) -> None:
    member, told = await signed_in(client)
    assert told["status"] == "authenticated" and told["token_type"] == "Bearer"
    assert told["user"] == {
        "user_id": UUIDS[Role.USER],
        "email": "user@example.test",
        "name": "User",
        "permissions": ["resource.read"],
    }
    profile = (await member.get("/auth/profile")).json()
    assert (profile["user_id"], profile["profile"]["role"]) == (UUIDS[Role.USER], "user")
    assert profile["session_info"] == {"active": True, "auth_method": "password", "permissions_count": 1}
    assert await member.graph(ME) == {"account": UUIDS[Role.USER], "method": "password"}
    assert (await member.get("/api/resource")).status_code == 200


async def test_a_session_serves_wherever_people_are_counted(client: Client, store: Store) -> None:
    member, _ = await signed_in(client)
    reviews = await member.graph("{ said: dueReviews { totalCount } }")
    assert reviews == {"totalCount": 0}
    assert await member.graph("{ said: me { id uuid } }") == {"id": "1", "uuid": UUIDS[Role.USER]}


async def test_the_tokens_beside_the_cookie_serve_too(client: Client, store: Store) -> None:
    _, told = await signed_in(client)
    token = client.like({"Authorization": f"Bearer {told['access_token']}"})
    assert (await token.get("/auth/profile")).json()["session_info"]["auth_method"] == "token"
    answer = await client.ask("POST", "/auth/refresh", {"refresh_token": told["refresh_token"]})
    assert (answer.status_code, answer.headers["cache-control"]) == (200, "no-store")
    renewed = answer.json()
    assert (renewed["refresh_token"], renewed["token_type"]) == (told["refresh_token"], "Bearer")
    fresh = client.like({"Authorization": f"Bearer {renewed['access_token']}"})
    assert (await fresh.get("/auth/permissions")).json()["permissions"] == ["resource.read"]
    # What only gets new tokens lets nobody in, and what lets in gets none.
    stale = client.like({"Authorization": f"Bearer {told['refresh_token']}"})
    assert refusal(await stale.get("/auth/profile")) == (401, "Unauthorized")
    for wrong in (told["access_token"], "x", "a.b.c"):
        answer = await client.ask("POST", "/auth/refresh", {"refresh_token": wrong})
        assert refusal(answer) == (400, "Bad Request")


async def test_a_bearer_token_begins_a_session_without_a_body(client: Client, store: Store) -> None:
    answer = await client.like(bearer(Role.MANAGER)).ask("POST", "/auth/login")
    assert answer.status_code == 200
    cookie = str(answer.headers["set-cookie"]).partition(";")[0]
    profile = (await client.like({"Cookie": cookie}).get("/auth/profile")).json()
    assert (profile["user_id"], profile["profile"]["role"]) == (UUIDS[Role.MANAGER], "manager")


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (None, 401),
        ({}, 401),
        ({**LOGIN, "password": "wrong"}, 401),
        ({**LOGIN, "email": "nobody@example.test"}, 401),
        ({"email": "user@example.test"}, 400),
        ({"password": "x"}, 400),
        ({"email": 7, "password": "x"}, 400),
        ({"email": "nul\0@x", "password": "x"}, 400),
    ],
)
async def test_who_says_too_little_or_wrong_does_not_come_in(
    client: Client, store: Store, body: object, status: int
) -> None:
    answer = await client.ask("POST", "/auth/login", body)
    assert refusal(answer)[0] == status and "set-cookie" not in answer.headers
    assert await store.held() == {}


async def test_five_wrong_passwords_lock_the_account(client: Client, store: Store) -> None:
    for _ in range(5):
        assert refusal(await client.ask("POST", "/auth/login", {**LOGIN, "password": "wrong"}))[0] == 401
    assert refusal(await client.ask("POST", "/auth/login", LOGIN)) == (423, "Locked")


async def test_an_ended_session_is_gone_at_once_through_both_doors(client: Client, store: Store) -> None:
    member, _ = await signed_in(client)
    other, _ = await signed_in(client)
    answer = await member.ask("POST", "/auth/logout")
    assert answer.json() == {"status": "logged_out", "message": "Session terminated successfully"}
    assert "Max-Age=0" in answer.headers["set-cookie"]
    # A logout that is sent again ends nobody else's session.
    assert refusal(await member.ask("POST", "/auth/logout")) == (401, "Unauthorized")
    assert refusal(await member.get("/auth/profile")) == (401, "Unauthorized")
    assert await member.graph(ME) == "NOT_SIGNED_IN"
    assert (await other.get("/auth/profile")).status_code == 200


async def test_a_session_that_comes_back_into_the_store_stays_ended(client: Client, store: Store) -> None:
    member, _ = await signed_in(client)
    copy = await store.held()
    await member.ask("POST", "/auth/logout")
    assert await store.held() == {}
    for name, value in copy.items():
        await store.valkey.set(name, value)
    assert refusal(await member.get("/auth/profile")) == (401, "Unauthorized")


async def test_a_token_is_ended_too(client: Client) -> None:
    member = client.like(bearer(Role.EDITOR))
    assert (await member.ask("POST", "/auth/logout")).status_code == 200
    assert refusal(await member.get("/api/resource")) == (401, "Unauthorized")
    assert refusal(await member.ask("POST", "/auth/logout")) == (401, "Unauthorized")


async def test_the_store_tells_nobody_who_has_signed_in(client: Client, store: Store) -> None:
    member, told = await signed_in(client)
    ((name, sealed),) = (await store.held()).items()
    cookie = member.headers["Cookie"].partition("=")[2]
    for secret in (UUIDS[Role.USER].encode(), b"user@example.test", b"password"):
        assert secret not in sealed and secret not in name.encode()
    assert cookie not in name and told["session"]["session_id"].encode() not in cookie.encode()
    assert 0 < await store.valkey.ttl(name) <= 86_400


async def test_a_forged_cookie_opens_nothing(client: Client, store: Store) -> None:
    member, told = await signed_in(client)
    cookie = member.headers["Cookie"].partition("=")[2]
    payload, stamp, signature = cookie.split(".")
    name = next(iter(await store.held())).rpartition(":")[2]
    forged = [
        f"{payload}.{stamp}.{signature[:-2]}AA",
        f"{payload}.{stamp}.",
        f"{payload}..{signature}",
        f"{payload[:-1]}.{stamp}.{signature}",
        name,
        told["session"]["session_id"],
        json.dumps(name),
        "x" * 5_000,
        "../../session",
        "",
    ]
    for value in forged:
        answer = await client.like({"Cookie": f"flask_session={value}"}).get("/auth/profile")
        assert refusal(answer) == (401, "Unauthorized"), value
    assert (await member.get("/auth/profile")).status_code == 200


async def test_contents_that_were_tampered_with_or_put_elsewhere_open_nothing(
    client: Client, store: Store
) -> None:
    member, _ = await signed_in(client)
    other, _ = await signed_in(client.like(bearer(Role.ADMIN)))
    (first, one), (second, two) = (await store.held()).items()
    for name, value in ((first, two), (second, one), (first, one[:-1] + bytes([one[-1] ^ 1])), (second, b"")):
        await store.valkey.set(name, value)
    for each in (member, other):
        assert refusal(await each.get("/auth/profile")) == (401, "Unauthorized")
    await store.valkey.set(first, one)
    await store.valkey.set(second, two)
    for each in (member, other):
        assert (await each.get("/auth/profile")).status_code == 200


async def test_an_account_that_was_switched_off_has_no_session(client: Client, store: Store) -> None:
    member, _ = await signed_in(client)
    await User.get_pymongo_collection().update_one({"_id": 1}, {"$set": {"is_active": False}})
    assert refusal(await member.get("/api/resource")) == (401, "Unauthorized")
    assert await member.graph(ME) == "ACCOUNT_GONE"


async def test_graphql_begins_sessions_for_its_clients(client: Client, store: Store) -> None:
    opened = await client.graph(
        "mutation($email: String!, $password: Secret!)"
        " { said: openSession(email: $email, password: $password)"
        " { cookie member { account permissions } tokens { access refresh } } }",
        **LOGIN,
    )
    assert opened["member"] == {"account": UUIDS[Role.USER], "permissions": ["resource.read"]}
    member = client.like({"Cookie": opened["cookie"].partition(";")[0]})
    assert (await member.get("/auth/profile")).status_code == 200
    assert await member.graph("mutation { said: signOut }") is True
    assert refusal(await member.get("/auth/profile")) == (401, "Unauthorized")
