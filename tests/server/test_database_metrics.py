"""What MongoDB's driver does is counted, and what was asked never shows."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from prometheus_client import CollectorRegistry, generate_latest
from pymongo import AsyncMongoClient
from pymongo.errors import OperationFailure, WaitQueueTimeoutError

from server.database_metrics import DatabaseMetrics
from server.embedded import Services

Watched = tuple[AsyncMongoClient[dict[str, Any]], CollectorRegistry]


@pytest.fixture
async def watched(services: Services) -> AsyncIterator[Watched]:
    registry = CollectorRegistry()
    client: AsyncMongoClient[dict[str, Any]] = AsyncMongoClient(
        services.mongodb_uri,
        event_listeners=[DatabaseMetrics(registry)],
        maxPoolSize=1,
        waitQueueTimeoutMS=50,
    )
    yield client, registry
    await client.close()


async def test_the_time_of_a_command_is_taken_and_its_text_is_not(watched: Watched) -> None:
    client, registry = watched
    for _ in range(3):
        await client.metered.things.find_one({"name": "nobody may read this"})
    count = registry.get_sample_value("mongodb_command_duration_seconds_count", {"command": "find"})
    total = registry.get_sample_value("mongodb_command_duration_seconds_sum", {"command": "find"})
    assert count == 3
    assert total is not None and 0 < total < 10
    assert b"nobody may" not in generate_latest(registry)


async def test_a_command_that_is_refused_is_counted(watched: Watched) -> None:
    client, registry = watched
    with pytest.raises(OperationFailure):
        await client.metered.things.find_one({"$nonsense": 1})
    assert registry.get_sample_value("mongodb_command_failures_total", {"command": "find"}) == 1


async def test_the_pool_is_counted(watched: Watched) -> None:
    client, registry = watched
    await client.metered.things.insert_many([{"n": n} for n in range(3)])
    assert registry.get_sample_value("mongodb_pool_connections") == 1
    assert registry.get_sample_value("mongodb_pool_connections_in_use") == 0
    await client.drop_database("metered")
    await client.close()
    assert registry.get_sample_value("mongodb_pool_connections") == 0


async def test_a_command_without_a_connection_is_counted(watched: Watched) -> None:
    client, registry = watched
    await client.admin.command("ping")
    pool = next(iter(client._topology._servers.values())).pool
    async with pool.checkout():
        with pytest.raises(WaitQueueTimeoutError):
            await client.admin.command("ping")
        assert registry.get_sample_value("mongodb_pool_connections_in_use") == 1
    assert registry.get_sample_value("mongodb_pool_failures_total") == 1
