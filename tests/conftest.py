"""What the tests stand on: a real MongoDB and Valkey, an empty database, and the recordings."""

import asyncio
import os
import secrets
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from beanie.exceptions import CollectionWasNotInitialized
from pymongo import AsyncMongoClient
from pymongo.asynchronous.database import AsyncDatabase
from pymongo.write_concern import WriteConcern

import models
from models import blobs
from models.blobs import Place
from server import embedded_files
from server.embedded import Services
from server.embedded import services as run_services
from server.settings import Settings
from tests.serving import served, settings_for

REPOSITORY = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def services(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Services]:
    """MongoDB and Valkey: those of MONGODB_URI and REDIS_URL where set, otherwise embedded ones."""
    settings = Settings(
        data=tmp_path_factory.mktemp("data"),
        mongodb_uri=os.environ.get("MONGODB_URI") or None,
        redis_url=os.environ.get("REDIS_URL") or None,
        environ=os.environ,
    )
    with run_services(settings, exclusive=True) as running:
        yield replace(running, mongodb_uri=polled(running.mongodb_uri))


def polled(uri: str) -> str:
    """An address whose clients ask how the server is only now and then.

    The loop of the session stands still while a test without one runs. A client that listens for news all the
    time takes that for a broken connection, and cancels what the next test has just begun.
    """
    return f"{uri}{'&' if '?' in uri else '/?'}serverMonitoringMode=poll"


@pytest.fixture(scope="session")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """A real S3 for the session, which answers."""
    settings = Settings(data=tmp_path_factory.mktemp("files"), environ=os.environ)
    with embedded_files.files(settings) as running:
        assert running is not None, "no S3 can be started"
        embedded_files.SeaweedFS().prepare(int(str(running.endpoint).rpartition(":")[2]))
        yield running


@pytest.fixture
async def store(place: Place) -> AsyncIterator[Place]:
    """The real S3, connected and with an empty bucket."""
    blobs.connect(place)
    await blobs.make_bucket()
    async for some in blobs.listed(""):
        await blobs.delete(key for key, _ in some)
    yield place
    blobs.connect(None)


@pytest.fixture(scope="session")
async def scratch(services: Services) -> AsyncIterator[AsyncDatabase[dict[str, Any]]]:
    """A database of this session only, dropped at its end."""
    client: AsyncMongoClient[dict[str, Any]] = AsyncMongoClient(services.mongodb_uri, tz_aware=True)
    database = client[f"lockstep_test_{secrets.token_hex(6)}"]
    try:
        yield database
        await client.drop_database(database.name)
    finally:
        await client.close()


def is_connected(database: AsyncDatabase[dict[str, Any]]) -> bool:
    """Whether the models are tied to this database, and not to that of a server that a test ran."""
    try:
        bound: AsyncDatabase[dict[str, Any]] = models.DOCUMENTS[0].get_pymongo_collection().database
    except CollectionWasNotInitialized:
        return False
    # Clients of one address are equal, although one of them may be closed.
    return bound.client is database.client and bound.name == database.name


@pytest.fixture
async def database(scratch: AsyncDatabase[dict[str, Any]]) -> AsyncDatabase[dict[str, Any]]:
    """An empty database with every model connected to it."""
    if not is_connected(scratch):
        await models.connect(scratch)
    names = await scratch.list_collection_names(filter={"name": {"$not": {"$regex": "^system\\."}}})
    # Nothing here has to outlive a power cut, so emptying does not wait for the disk.
    hasty = WriteConcern(w=1)
    await asyncio.gather(
        *(scratch.get_collection(name, write_concern=hasty).delete_many({}) for name in names)
    )
    return scratch


@pytest.fixture(scope="session")
async def house(services: Services, scratch: AsyncDatabase[dict[str, Any]]) -> AsyncIterator[str]:
    """The address of the whole server in this process, on the scratch database."""
    async with served(settings_for(services, scratch.name)) as address:
        yield address


@pytest.fixture(scope="session")
def recordings() -> Path:
    """The folder of the recorded traffic; LOCKSTEP_RECORDINGS, or its usual place beside the project."""
    folder = Path(os.environ.get("LOCKSTEP_RECORDINGS") or REPOSITORY.parent / "shared" / "recordings")
    if not folder.is_dir():
        pytest.skip(f"the recordings are not there: {folder} (LOCKSTEP_RECORDINGS names another folder)")
    return folder


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Shows the figures that tests measured."""
    for report in terminalreporter.stats.get("passed", ()):
        for name, value in report.user_properties:
            if name == "figure":
                terminalreporter.write_line(str(value))
