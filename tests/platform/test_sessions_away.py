"""Without Valkey who has a session is told so at once; who has a token does not even notice."""

import asyncio
import json
import secrets
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from pymongo import AsyncMongoClient

from models.demo_family import EMAIL, PASSWORD
from server.embedded import Services
from tests.platform.people import HOST, refusal
from tests.promises.test_valkey_paused import paused
from tests.serving import process

# Valkey has half a second to answer, and what counts requests a quarter; the rest is a busy machine.
LONGEST = 2.0
LOGIN = {"email": EMAIL, "password": PASSWORD}


@pytest.fixture
async def http(services: Services, contract: Path, tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    """A client of a server process with a Valkey of its own."""
    name = f"lockstep_away_{secrets.token_hex(4)}"
    environ = {
        "LOCKSTEP_DATA": str(tmp_path / "data"),
        "LOCKSTEP_CONTRACT": str(contract),
        "MONGODB_URI": services.mongodb_uri,
        "MONGODB_DATABASE": name,
        "REDIS_URL": "",
        # Neither is asked for anything here.
        "LOCKSTEP_SEARCH": "off",
        "LOCKSTEP_WEED": "/nowhere",
    }
    with process(environ, tmp_path / "log") as running:
        async with httpx.AsyncClient(base_url=running.address, headers={"Host": HOST}) as http:
            yield http
    async with AsyncMongoClient[dict[str, Any]](services.mongodb_uri) as client:
        await client.drop_database(name)


async def test_a_paused_valkey_is_said_and_not_waited_for(http: httpx.AsyncClient, tmp_path: Path) -> None:
    told = (await http.post("/auth/login", json=LOGIN)).json()
    session = {"Cookie": f"flask_session={http.cookies['flask_session']}"}
    token = {"Authorization": f"Bearer {told['access_token']}"}
    http.cookies.clear()
    pid = json.loads((tmp_path / "data" / "services.json").read_text())["valkey"]["pid"]
    query = {"query": "{ membership { account } }"}
    async with paused(pid):
        begin = time.monotonic()
        away = await http.get("/auth/profile", headers=session)
        assert refusal(away) == (503, "Service Unavailable")
        assert time.monotonic() - begin < LONGEST
        graph = await http.post("/graphql", json=query, headers=session)
        assert (graph.status_code, graph.json()["errors"][0]["extensions"]["code"]) == (503, "SESSIONS_AWAY")
        assert refusal(await http.post("/auth/login", json=LOGIN)) == (503, "Service Unavailable")
        assert (await http.get("/auth/profile", headers=token)).status_code == 200
        paths = ("/health/ready", "/health", "/health/dependencies", "/health/live")
        ready, health, services, live = await asyncio.gather(*(http.get(path) for path in paths))
        assert (ready.status_code, ready.json()["status"]) == (503, "not_ready")
        assert ready.json()["critical_dependencies"]["cache"]["status"] == "unhealthy"
        assert ready.json()["critical_dependencies"]["database"]["status"] == "healthy"
        assert (health.status_code, health.json()["status"]) == (503, "degraded")
        assert (services.status_code, live.status_code) == (200, 200)
    assert (await http.get("/auth/profile", headers=session)).status_code == 200
    assert (await http.get("/health/ready")).status_code == 200
