"""Health tells what is missing, and nothing else."""

import socket
from typing import Any

import httpx
import pytest
from pymongo import AsyncMongoClient
from pymongo.asynchronous.database import AsyncDatabase
from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from starlette.applications import Starlette

from server.embedded import Services
from server.health import Health


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port: int = taken.getsockname()[1]
        return port


async def ask(path: str, *, mongodb_uri: str, redis_url: str) -> httpx.Response:
    client: AsyncMongoClient[dict[str, Any]] = AsyncMongoClient(mongodb_uri)
    valkey = Redis.from_url(redis_url, retry=Retry(NoBackoff(), 0))
    database: AsyncDatabase[dict[str, Any]] = client["lockstep_health"]
    app = Starlette(routes=[*Health(mongodb=database, valkey=valkey, version="1.2", timeout=0.3).routes()])
    try:
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://house.test") as http:
            return await http.get(path)
    finally:
        await valkey.aclose()
        await client.close()


@pytest.fixture
def nowhere() -> str:
    return f"127.0.0.1:{free_port()}"


@pytest.mark.parametrize("path", ["/health", "/health/ready"])
async def test_all_is_well(services: Services, path: str) -> None:
    answer = await ask(path, mongodb_uri=services.mongodb_uri, redis_url=services.redis_url)
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-store"
    content = answer.json()
    assert content["status"] == "ok"
    assert [content["checks"][name].pop("milliseconds") > 0 for name in ("mongodb", "valkey")] == [True, True]
    assert content["checks"] == {"mongodb": {"status": "ok"}, "valkey": {"status": "ok"}}
    assert content.get("version") == ("1.2" if path == "/health" else None)


async def test_without_valkey_it_serves_on(services: Services, nowhere: str) -> None:
    answer = await ask("/health/ready", mongodb_uri=services.mongodb_uri, redis_url=f"redis://{nowhere}")
    assert answer.status_code == 200
    assert answer.json()["status"] == "degraded"
    assert answer.json()["checks"]["valkey"] == {"status": "away"}


async def test_without_mongodb_it_cannot_serve(services: Services, nowhere: str) -> None:
    uri = f"mongodb://someone:hidden@{nowhere}/?directConnection=true"
    answer = await ask("/health/ready", mongodb_uri=uri, redis_url=services.redis_url)
    assert answer.status_code == 503
    assert answer.json()["status"] == "unavailable"
    assert answer.json()["checks"]["mongodb"] == {"status": "away"}
    assert "hidden" not in answer.text and nowhere not in answer.text


async def test_living_needs_nobody(nowhere: str) -> None:
    answer = await ask("/health/live", mongodb_uri=f"mongodb://{nowhere}", redis_url=f"redis://{nowhere}")
    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})
