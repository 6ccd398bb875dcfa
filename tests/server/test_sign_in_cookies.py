"""What a browser keeps on its way to a provider goes over https alone, where this server is reached so."""

from collections.abc import AsyncIterator, Iterator

import httpx
import pytest

from server.embedded import Services
from tests.old_servers.processes import running
from tests.openid_provider import SECRET
from tests.server.test_social_sign_in import HOST, Database
from tests.serving import JWT_SECRET_KEY, SECRET_KEY, served, settings_for

ATTRIBUTES = "; Path=/social; HttpOnly; SameSite=Lax"


@pytest.fixture(scope="module")
def issuer() -> Iterator[str]:
    with running("tests.openid_provider") as server:
        yield f"http://127.0.0.1:{server.port}"


@pytest.fixture(params=["http", "https"])
async def door(
    services: Services, database: Database, issuer: str, request: pytest.FixtureRequest
) -> AsyncIterator[tuple[httpx.AsyncClient, str]]:
    """A server that people reach at an address of either sort, and what its cookies end with."""
    environ = {
        "SECRET_KEY": SECRET_KEY,
        "JWT_SECRET_KEY": JWT_SECRET_KEY,
        "JWT_SECRET": JWT_SECRET_KEY,
        "PUBLIC_URL": f"{request.param}://auth.test",
        "GOOGLE_ISSUER": issuer,
        "GOOGLE_CLIENT_ID": "client",
        "GOOGLE_CLIENT_SECRET": SECRET,
    }
    secure = "; Secure" if request.param == "https" else ""
    async with served(settings_for(services, database.name, environ=environ)) as address:
        async with httpx.AsyncClient(base_url=address, headers=HOST, trust_env=False) as http:
            yield http, ATTRIBUTES + secure


async def test_a_cookie_is_secure_where_people_come_by_https(door: tuple[httpx.AsyncClient, str]) -> None:
    http, attributes = door
    out = await http.get("/social/google")
    value, _, rest = out.headers["set-cookie"].partition("; ")
    assert value.startswith("oauth=") and len(value) == len("oauth=") + 43
    assert f"; {rest}" == f"; Max-Age=600{attributes}"
    back = (await http.get(out.headers["location"])).headers["location"].partition("auth.test")[2]
    home = await http.get(back, headers={"Cookie": value})
    assert home.headers["location"] == "/"
    assert home.headers["set-cookie"] == f"oauth=; Max-Age=0{attributes}"
    again = await http.get(back, headers={"Cookie": value})
    assert again.headers["location"] == "/login"
    assert again.headers["set-cookie"] == f"oauth=; Max-Age=0{attributes}"
