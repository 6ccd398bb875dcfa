"""What the stories about the moving of data begin with."""

import json
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from pymongo import AsyncMongoClient
from pymongo.asynchronous.database import AsyncDatabase

import models
from models.passwords import Passwords
from server.embedded import Services
from tests import postgres

Database = AsyncDatabase[dict[str, Any]]
Load = Callable[[str], Awaitable[str]]


@pytest.fixture
def now() -> datetime:
    """A moment on a quiet morning."""
    return datetime(2026, 1, 1, 9, 30, 0, 123456, UTC)


@pytest.fixture(scope="session")
def passwords() -> Iterator[Passwords]:
    """Hashes as the old server wrote them."""
    hashing = Passwords("werkzeug")
    yield hashing
    hashing.close()


@pytest.fixture(scope="session")
def postgresql() -> Iterator[str]:
    """The address of a PostgreSQL."""
    running = postgres.running()
    try:
        url = running.__enter__()
    except LookupError as error:
        pytest.skip(str(error))
    yield url
    running.__exit__(None, None, None)


@pytest.fixture
def fixtures(recordings: Path) -> dict[str, Any]:
    """The start states of the recordings."""
    return dict(json.loads((recordings / "fixtures.json").read_text())["fixtures"])


@pytest.fixture
def loaded(postgresql: str, fixtures: dict[str, Any]) -> Load:
    """Loads a start state of the gateway into a database of PostgreSQL, and gives its address."""

    async def load(state: str) -> str:
        users = [user["row"] for user in fixtures[state]["users"]]
        name = f"old_{secrets.token_hex(4)}"
        return await postgres.load(postgresql, name, users, fixtures[state]["tables"])

    return load


@pytest.fixture
async def other(services: Services, database: Database) -> AsyncIterator[Database]:
    """Another empty database, to which the models are connected in turn."""
    async with AsyncMongoClient[dict[str, Any]](services.mongodb_uri, tz_aware=True) as client:
        found = client[f"lockstep_other_{secrets.token_hex(6)}"]
        yield found
        await client.drop_database(found.name)
    await models.connect(database)
