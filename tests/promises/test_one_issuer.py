"""A token of one surface is good at every surface and in the graph, and only a token to come in with is."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from pymongo.asynchronous.database import AsyncDatabase

from models.users import User
from server.embedded import Services
from tests.serving import SECRET_KEY, served, settings_for

Database = AsyncDatabase[dict[str, Any]]
# With one secret for everything nothing but the claims tells the kinds of tokens apart.
SECRETS = [
    {
        "JWT_SECRET": "the secret of access tokens, 32 long",
        "JWT_REFRESH_SECRET": "the secret of refresh tokens",
    },
    {
        "JWT_SECRET": "one secret of at least thirty-two bytes",
        "JWT_SECRET_KEY": "one secret of at least thirty-two bytes",
    },
]
ADA = {"email": "ada@example.test", "password": "Abcdef1!", "firstName": "Ada", "lastName": "Moyo"}
ME = {"query": "{ account }"}


@pytest.fixture(params=SECRETS, ids=["a secret each", "one secret"], scope="module")
async def address(
    request: pytest.FixtureRequest, services: Services, scratch: Database
) -> AsyncIterator[str]:
    environ = {
        "SECRET_KEY": SECRET_KEY,
        "JWT_SECRET_KEY": "the secret of the house, 32 bytes long",
        **request.param,
    }
    async with served(settings_for(services, scratch.name, environ=environ)) as address:
        yield address


@pytest.fixture
async def http(address: str, database: Database) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=address, trust_env=False) as client:
        yield client


async def signed_up(http: httpx.AsyncClient) -> dict[str, str]:
    answer = await http.post("/gateway/api/auth/register", json=ADA)
    assert answer.status_code == 201, answer.text
    # A name is what the learners' surface asks of everybody.
    await User.find_one(User.email == ADA["email"]).update({"$set": {"username": "ada"}})
    tokens: dict[str, str] = answer.json()["tokens"]
    return tokens


async def statuses(http: httpx.AsyncClient, token: str) -> dict[str, int]:
    """What each surface answers to somebody with this token."""
    asked = {
        "gateway": ("GET", "/gateway/api/auth/me"),
        "genealogy": ("GET", "/genealogy/api/family-trees"),
        "mandarin": ("GET", "/mandarin/api/auth/me"),
        # The last one, since it gives the token back.
        "auth": ("POST", "/auth-service/auth/logout"),
    }
    found = {}
    for surface, (method, path) in asked.items():
        headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        content = b"{}" if method == "POST" else b""
        found[surface] = (await http.request(method, path, headers=headers, content=content)).status_code
    return found


async def in_the_graph(http: httpx.AsyncClient, token: str) -> str | None:
    answer = await http.post("/graphql", json=ME, headers={"Authorization": f"Bearer {token}"})
    account: str | None = answer.json()["data"]["account"]
    return account


async def test_a_token_of_one_surface_is_good_everywhere(http: httpx.AsyncClient) -> None:
    token = (await signed_up(http))["accessToken"]
    assert await in_the_graph(http, token) is not None
    found = await statuses(http, token)
    assert {surface: status for surface, status in found.items() if status != 200} == {}


async def test_a_refresh_token_is_good_nowhere(http: httpx.AsyncClient) -> None:
    token = (await signed_up(http))["refreshToken"]
    assert await in_the_graph(http, token) is None
    assert set((await statuses(http, token)).values()) == {401}


async def test_a_renewed_token_is_as_good_as_the_first(http: httpx.AsyncClient) -> None:
    sent = {"refreshToken": (await signed_up(http))["refreshToken"]}
    answer = await http.post("/gateway/api/auth/refresh", json=sent)
    assert answer.status_code == 200, answer.text
    assert await in_the_graph(http, answer.json()["tokens"]["accessToken"]) is not None


async def test_signing_out_gives_both_tokens_back(http: httpx.AsyncClient) -> None:
    tokens = await signed_up(http)
    headers = {"Authorization": f"Bearer {tokens['accessToken']}"}
    sent = {"refreshToken": tokens["refreshToken"]}
    assert (await http.post("/auth-service/auth/logout", json=sent, headers=headers)).status_code == 200
    assert await in_the_graph(http, tokens["accessToken"]) is None
    answer = await http.post("/gateway/api/auth/refresh", json=sent)
    assert answer.json()["message"] == "Invalid refresh token"
