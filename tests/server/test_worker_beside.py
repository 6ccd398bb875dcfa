"""`lockstep serve` has a worker beside it, which comes again after a fall and ends with the server."""

import sys
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from bson import ObjectId
from pymongo.asynchronous.database import AsyncDatabase

from models import duplicate_checks, jobs
from models.jobs import Job
from server import worker_beside as worker_beside_module
from server.embedded import Services
from server.worker_beside import Beside, worker_beside
from tests.serving import settings_for
from tests.working import ENVIRON, until


async def asked() -> ObjectId:
    """A job of the house, which finds nothing."""
    job = await jobs.ask(duplicate_checks.CHECK, {"newPersonId": "0" * 24, "createdBy": "ada"})
    return job.id


async def is_done(id: ObjectId) -> bool:
    return await Job.find({"_id": id, "state": "DONE"}).count() == 1


@pytest.fixture
def environ(tmp_path: Path, database: AsyncDatabase[Any], monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {
        **ENVIRON,
        "LOCKSTEP_DATA": str(tmp_path),
        "MONGODB_DATABASE": database.name,
        "MONGODB_URI_FILE": "/nowhere",
    }.items():
        monkeypatch.setenv(name, value)


async def test_a_worker_beside_comes_again_and_ends_with_its_server(
    services: Services, database: AsyncDatabase[Any], environ: None
) -> None:
    beside = Beside(settings_for(services, database.name))
    try:
        assert beside.process is None
        beside.serving.set()
        await until(partial(is_done, await asked()))
        first = beside.process
        assert first is not None
        first.kill()
        await until(partial(is_done, await asked()))
        assert beside.process is not first
    finally:
        beside.close()
    assert beside.process is not None and beside.process.returncode == 0


async def test_a_worker_that_did_well_comes_again_at_once(
    services: Services, database: AsyncDatabase[Any], environ: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker_beside_module, "COMMAND", (sys.executable, "-I", "-S", "-c", ""))
    monkeypatch.setattr(worker_beside_module, "PAUSES", (0.01, 60.0))
    monkeypatch.setattr(worker_beside_module, "WELL", 0.0)
    beside = Beside(settings_for(services, database.name))
    try:
        beside.serving.set()
        await until(lambda: beside.process, 10)
        first = beside.process
        await until(lambda: beside.process is not first, 10)
    finally:
        beside.close()


async def test_nothing_is_begun_where_no_worker_is_wanted_or_nobody_serves(
    services: Services, database: AsyncDatabase[Any], environ: None
) -> None:
    settings = settings_for(services, database.name)
    with worker_beside(settings, False) as serving:
        serving.set()
    beside = Beside(settings)
    beside.close()
    assert beside.process is None
