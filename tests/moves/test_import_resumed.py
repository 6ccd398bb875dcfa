"""An import that is killed goes on where it was, and ends as if nobody had killed it."""

import json
import os
import secrets
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from pymongo import MongoClient
from pymongo.asynchronous.database import AsyncDatabase

import models
from models import checksums
from models.import_records import Import
from models.imports import Refused, import_rows
from models.imports.proof import BOOKS
from models.imports.undo import forget, undo
from server.cli import main
from server.embedded import Services
from tests.moves import made


@pytest.fixture
def client(services: Services) -> Iterator[MongoClient[dict[str, Any]]]:
    with MongoClient[dict[str, Any]](services.mongodb_uri) as found:
        yield found


@pytest.fixture
def names(client: MongoClient[dict[str, Any]]) -> Iterator[list[str]]:
    """Two names of databases that are gone afterwards."""
    both = [f"lockstep_test_{secrets.token_hex(6)}" for _ in range(2)]
    yield both
    for name in both:
        client.drop_database(name)


def environ(services: Services, name: str) -> dict[str, str]:
    ours = {
        "MONGODB_URI": services.mongodb_uri,
        "REDIS_URL": services.redis_url,
        "MONGODB_DATABASE": name,
    }
    return {**os.environ, **ours}


def everything(client: MongoClient[dict[str, Any]], name: str) -> dict[str, list[dict[str, Any]]]:
    database = client[name]
    collections = sorted({*database.list_collection_names()} - BOOKS)
    return {each: list(database[each].find().sort("_id")) for each in collections}


# An import that is killed in the middle of its batch of this number, with all written and nothing durable.
KILLED = """
import os, signal, sys
from models.imports import writing
from server.cli import main

left, note = int(sys.argv.pop(1)), writing.note

async def killed(*given):
    global left
    await note(*given)
    left -= 1
    if not left:
        os.kill(os.getpid(), signal.SIGKILL)

writing.note = killed
main()
"""


def kill_within(services: Services, name: str, file: Path, batch: int) -> None:
    """Kills an import in the middle of a batch."""
    command = [sys.executable, "-c", KILLED, str(batch), "import", "gateway", str(file)]
    killed = subprocess.run(command, env=environ(services, name), capture_output=True, timeout=60)
    assert killed.returncode == -signal.SIGKILL, killed.stderr


def test_killed_twice_it_is_as_if_it_had_never_been(
    services: Services, client: MongoClient[dict[str, Any]], names: list[str], tmp_path: Path
) -> None:
    file = made.lines(tmp_path / "rows.ndjson", 1_200)
    # In that of the trees, and after it in the second one of people.
    kill_within(services, names[0], file, 2)
    kill_within(services, names[0], file, 3)
    half = client[names[0]]["people"].count_documents({})
    assert (half, client[names[0]]["family_trees"].count_documents({})) == (500, 120)
    told = []
    for name in names:
        done = CliRunner().invoke(
            main, ["import", "gateway", str(file), "--json"], env=environ(services, name)
        )
        assert done.exit_code == 0, done.stderr
        told.append(json.loads(done.stdout))
    resumed, whole = told
    assert (resumed["resumed"], whole["resumed"]) == (True, False)
    assert resumed["changed"]["people"] == 700 and whole["changed"]["people"] == 1_200
    assert (resumed["others"], resumed["written"]) == ([], whole["written"])
    assert resumed["checksums_after"] == whole["checksums_after"]
    assert everything(client, names[0]) == everything(client, names[1])
    # The journal knows of what was written before the process was killed, too.
    undone = CliRunner().invoke(
        main, ["import", "undo", resumed["id"], "--json"], env=environ(services, names[0])
    )
    assert json.loads(undone.stdout)["removed"] == 120 + 120 + 1_200 + 1_080
    left = everything(client, names[0])
    assert {each for each, rows in left.items() if rows} == {"counters"}


class Stopped(Exception):
    """What ends an import or its undoing in the middle."""


def stop_at(table: str) -> Callable[[str, int, int], None]:
    """Stops once the first rows of a table are written."""

    def progress(name: str, done: int, total: int) -> None:
        if name == table:
            raise Stopped

    return progress


async def held(database: AsyncDatabase[Any]) -> dict[str, checksums.Checksum]:
    return await checksums.of(database, without=BOOKS)


async def test_a_source_that_has_changed_meanwhile_comes_in_as_it_is_now(
    tmp_path: Path, database: AsyncDatabase[Any], other: AsyncDatabase[Any]
) -> None:
    file = made.lines(tmp_path / "rows.ndjson", 1_200)
    with pytest.raises(Stopped):
        await import_rows("gateway", file, progress=stop_at("family_members"))
    assert (await held(database))["people"].count == 500
    file.write_text(
        file.read_text().replace('"Person 7"', '"Another 7"').replace('"Person 900"', '"Another"')
    )
    summary = await import_rows("gateway", file)
    # One of those that were written is written again; only what it was before the import would come back.
    assert (summary.resumed, summary.changed["people"], summary.others) == (True, 701, [])
    after = await held(database)
    await models.connect(other)
    await import_rows("gateway", file)
    assert await held(other) == after


async def test_another_source_is_another_import(tmp_path: Path, database: AsyncDatabase[Any]) -> None:
    first, second = (made.lines(tmp_path / f"{name}.ndjson", 20) for name in "ab")
    with pytest.raises(Stopped):
        await import_rows("gateway", first, progress=stop_at("family_trees"))
    summary = await import_rows("gateway", second)
    assert (summary.resumed, summary.others) == (False, [])
    assert summary.changed == {"people": 20, "relationships": 18}


async def test_an_undoing_that_is_cut_off_goes_on(tmp_path: Path, database: AsyncDatabase[Any]) -> None:
    await import_rows("gateway", made.lines(tmp_path / "few.ndjson", 10))
    before = await held(database)
    summary = await import_rows("gateway", made.lines(tmp_path / "many.ndjson", 1_200))
    with pytest.raises(Stopped):
        await undo(str(summary.id), progress=stop_at("undo"))
    half = await held(database)
    assert before["relationships"].count < half["relationships"].count < 1_080
    assert not (await undo(str(summary.id))).others
    assert {**await held(database), "counters": None} == {**before, "counters": None}


async def test_one_that_is_cut_off_can_be_undone(tmp_path: Path, database: AsyncDatabase[Any]) -> None:
    with pytest.raises(Stopped):
        await import_rows(
            "gateway", made.lines(tmp_path / "rows.ndjson", 1_200), progress=stop_at("family_members")
        )
    record = await Import.find_one({})
    assert record is not None and record.status == "RUNNING"
    with pytest.raises(Refused, match="is not finished: let it go on, or undo it"):
        await forget(record.id)
    assert (await undo(record.id)).removed == 120 + 120 + 500
    assert (await held(database)).keys() == {"counters"}
