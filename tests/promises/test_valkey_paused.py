"""A Valkey that stops answering delays nobody for long: limits fail open, everything else does not ask it."""

import asyncio
import json
import os
import secrets
import signal
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from pymongo import AsyncMongoClient

from models.demo import EMAIL, PASSWORD
from server.embedded import Services
from tests.serving import Process, process

PAUSE = 2.0
# One wait for Valkey, 0.25 s, and a generous share of a busy machine; without the bound it would be 2 s.
LONGEST = 1.5
LISTING = {"query": "{ courses { edges { node { title content { title } } } } }"}


@pytest.fixture
async def server(services: Services, tmp_path: Path) -> AsyncIterator[Process]:
    """A server process beside the session's MongoDB, with a Valkey of its own."""
    name = f"lockstep_paused_{secrets.token_hex(4)}"
    environ = {
        "LOCKSTEP_DATA": str(tmp_path / "data"),
        "MONGODB_URI": services.mongodb_uri,
        "MONGODB_DATABASE": name,
        "REDIS_URL": "",
        "LOCKSTEP_GRAPHQL_RATE": "100000/minute",
    }
    with process(environ, tmp_path / "log") as running:
        yield running
    async with AsyncMongoClient[dict[str, Any]](services.mongodb_uri) as client:
        await client.drop_database(name)


@asynccontextmanager
async def paused(pid: int) -> AsyncIterator[None]:
    """Stops a process for the length of the block."""
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)


async def timed(http: httpx.AsyncClient, method: str, path: str, **options: Any) -> tuple[int, float]:
    begin = time.perf_counter()
    answer = await http.request(method, path, **options)
    return answer.status_code, time.perf_counter() - begin


async def visit(address: str, end: float, seen: dict[str, list[float]]) -> None:
    """A client that uses every door, over and over, until the end."""
    legacy = {"Host": "legacy.test"}
    async with httpx.AsyncClient(base_url=address, timeout=30) as http:
        while time.monotonic() < end:
            for name, call in {
                "REST list": timed(http, "GET", "/api/courses/", headers=legacy),
                "REST profile": timed(http, "GET", "/api/auth/me", headers=legacy),
                "GraphQL": timed(http, "POST", "/graphql", json=LISTING),
                "health": timed(http, "GET", "/health/live"),
            }.items():
                status, seconds = await call
                assert status == (401 if name == "REST profile" else 200), name
                seen.setdefault(name, []).append(seconds)


async def test_others_are_served_while_valkey_is_paused(
    server: Process, tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    pid = json.loads((tmp_path / "data" / "services.json").read_text())["valkey"]["pid"]
    seen: dict[str, list[float]] = {}
    async with paused(pid):
        end = time.monotonic() + PAUSE
        await asyncio.gather(*(visit(server.address, end, seen) for _ in range(8)))
    answers = sum(map(len, seen.values()))
    longest = {name: max(seconds) for name, seconds in seen.items()}
    told = ", ".join(f"{name} {seconds * 1000:.0f} ms" for name, seconds in longest.items())
    record_property(
        "figure", f"Valkey paused {PAUSE:.0f} s: {answers} answers meanwhile; the longest took: {told}"
    )
    assert min(map(len, seen.values())) >= 8
    assert max(longest.values()) < LONGEST


async def test_a_revoked_session_stays_revoked_while_valkey_is_paused(
    server: Process, tmp_path: Path
) -> None:
    pid = json.loads((tmp_path / "data" / "services.json").read_text())["valkey"]["pid"]
    async with httpx.AsyncClient(base_url=server.address, headers={"Host": "legacy.test"}) as http:
        signed_in = await http.post("/api/auth/login", json={"email": EMAIL, "password": PASSWORD})
        session = {"Cookie": f"session={signed_in.cookies['session']}"}
        http.cookies.clear()
        async with paused(pid):
            statuses = [
                (await timed(http, method, path, headers=session))[0]
                for method, path in (
                    ("GET", "/api/auth/me"),
                    ("POST", "/api/auth/logout"),
                    ("GET", "/api/auth/me"),
                )
            ]
        assert statuses == [200, 200, 401]
        assert (await timed(http, "GET", "/api/auth/me", headers=session))[0] == 401
