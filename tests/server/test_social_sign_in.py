"""Signing in with a provider through the old routes, from a browser's first click to its last page."""

from collections.abc import AsyncIterator, Iterator
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from pymongo.asynchronous.database import AsyncDatabase

from models.users import External, User
from server.embedded import Services
from tests.old_servers.processes import running
from tests.openid_provider import SECRET
from tests.serving import JWT_SECRET_KEY, SECRET_KEY, served, settings_for

Database = AsyncDatabase[dict[str, Any]]
HOST = {"Host": "auth.test"}


@pytest.fixture(scope="module")
def issuer() -> Iterator[str]:
    with running("tests.openid_provider") as server:
        yield f"http://127.0.0.1:{server.port}"


class Browser:
    """A person at the old pages and at the provider."""

    def __init__(self, http: httpx.AsyncClient) -> None:
        self.http = http

    async def out(self) -> httpx.Response:
        return await self.http.get("/social/google", headers=HOST)

    async def at_the_provider(self, answer: httpx.Response, person: str = "ada") -> str:
        """Where the provider sends a person to, below this server's address."""
        redirect = await self.http.get(f"{answer.headers['location']}&login_hint={person}")
        back = urlsplit(redirect.headers["location"])
        assert f"{back.scheme}://{back.netloc}" == "http://auth.test"
        return f"{back.path}?{back.query}"

    async def back(self, path: str, cookie: str | None) -> httpx.Response:
        # The client's own jar would send along what a test leaves out.
        self.http.cookies.clear()
        headers = {**HOST, **({"Cookie": cookie} if cookie else {})}
        return await self.http.get(path, headers=headers)


@pytest.fixture(scope="module")
async def address(services: Services, scratch: Database, issuer: str) -> AsyncIterator[str]:
    """The whole server, with one provider set up."""
    environ = {
        "SECRET_KEY": SECRET_KEY,
        "JWT_SECRET_KEY": JWT_SECRET_KEY,
        "JWT_SECRET": JWT_SECRET_KEY,
        "PUBLIC_URL": "http://auth.test",
        "GOOGLE_ISSUER": issuer,
        "GOOGLE_CLIENT_ID": "client",
        "GOOGLE_CLIENT_SECRET": SECRET,
    }
    async with served(settings_for(services, scratch.name, environ=environ)) as address:
        yield address


@pytest.fixture
async def browser(address: str, database: Database) -> AsyncIterator[Browser]:
    async with httpx.AsyncClient(base_url=address, trust_env=False) as http:
        yield Browser(http)


def cookie_of(answer: httpx.Response) -> str:
    set_cookie = answer.headers["set-cookie"]
    assert "HttpOnly" in set_cookie and "SameSite=Lax" in set_cookie
    return str(set_cookie).partition(";")[0]


async def test_somebody_new_gets_an_account_and_no_token_in_any_address(browser: Browser) -> None:
    answer = await browser.out()
    assert answer.status_code == 302
    path = await browser.at_the_provider(answer)
    home = await browser.back(path, cookie_of(answer))
    assert (home.status_code, home.headers["location"]) == (302, "/")
    (user,) = await User.find_all().to_list()
    assert (user.email, user.email_verified, user.first_name) == ("ada@example.test", True, "Ada")
    assert user.external == [External(provider="google", subject="subject of ada")]
    assert user.password_hash is None


async def test_the_same_person_comes_back_to_the_same_account(browser: Browser) -> None:
    for _ in range(2):
        answer = await browser.out()
        await browser.back(await browser.at_the_provider(answer), cookie_of(answer))
    assert await User.find_all().count() == 1


@pytest.mark.parametrize(("verified", "accounts"), [(True, 1), (False, 0)])
async def test_an_account_is_shared_only_where_its_address_was_verified(
    browser: Browser, verified: bool, accounts: int
) -> None:
    await User(id=1, email="ada@example.test", email_verified=verified).insert()
    answer = await browser.out()
    page = await browser.back(await browser.at_the_provider(answer), cookie_of(answer))
    assert page.headers["location"] == ("/" if verified else "/login")
    (user,) = await User.find_all().to_list()
    assert len(user.external) == accounts


async def test_without_the_cookie_of_the_way_out_there_is_no_way_in(browser: Browser) -> None:
    answer = await browser.out()
    path = await browser.at_the_provider(answer)
    refused = await browser.back(path, None)
    assert (refused.status_code, refused.headers["location"]) == (302, "/login")
    assert await User.find_all().count() == 0


@pytest.mark.parametrize(
    "query", ["", "?code=x", "?code=x&state=y", "?code[]=x&state[$ne]=y", "?error=access_denied"]
)
async def test_a_way_back_that_nobody_went_out_for(browser: Browser, query: str) -> None:
    refused = await browser.back(f"/social/google/callback{query}", "oauth=" + "x" * 43)
    assert refused.status_code in (302, 500)
    assert refused.headers.get("location", "/login") == "/login"
    assert await User.find_all().count() == 0


async def test_a_provider_that_is_not_set_up_fails_as_before(browser: Browser) -> None:
    for path in ("/social/facebook", "/social/facebook/callback?code=x&state=y"):
        answer = await browser.http.get(path, headers=HOST)
        assert (answer.status_code, answer.json()) == (
            500,
            {"error": "Error", "message": "Internal Server Error"},
        )
