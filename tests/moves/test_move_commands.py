"""`lockstep import undo`, `migrate`, `backup` and `restore`, as a person or a script calls them."""

import json
import os
import secrets
import subprocess
from collections.abc import AsyncIterator, Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from pymongo import AsyncMongoClient, MongoClient
from structlog.testing import capture_logs

from models import migrations
from server.cli import main
from server.embedded import Services
from server.migrating import settle
from server.settings import BadSetting
from tests.moves import made
from tests.serving import lockstep

Run = Callable[..., Result]


@pytest.fixture
def name(services: Services) -> Iterator[str]:
    """The name of a database that is gone afterwards, with another one beside it."""
    found = f"lockstep_test_{secrets.token_hex(6)}"
    yield found
    with MongoClient[dict[str, object]](services.mongodb_uri) as client:
        client.drop_database(found)
        client.drop_database(f"{found}_new")


@pytest.fixture
def run(services: Services, name: str) -> Run:
    """Calls a command beside the services of the test."""
    environ = {
        "MONGODB_URI": services.mongodb_uri,
        "REDIS_URL": services.redis_url,
        "MONGODB_DATABASE": name,
    }

    def call(*arguments: str, **changes: str) -> Result:
        return CliRunner().invoke(main, arguments, env={**environ, **changes})

    return call


@pytest.fixture
def imported(run: Run, tmp_path: Path) -> dict[str, Any]:
    """What an import of twenty people said."""
    told = run("import", "gateway", str(made.lines(tmp_path / "rows.ndjson", 20)), "--json")
    assert told.exit_code == 0, told.stderr
    return dict(json.loads(told.stdout))


def test_an_import_is_listed_undone_and_forgotten(run: Run, imported: dict[str, Any]) -> None:
    id = imported["id"]
    (listed,) = json.loads(run("import", "list", "--json").stdout)
    assert (listed["id"], listed["surface"], listed["status"]) == (id, "gateway", "DONE")
    assert id in run("import", "list").stdout
    undone = run("import", "undo", id)
    assert undone.exit_code == 0 and "42 documents are gone, 0 are what they were." in undone.stderr
    again = run("import", "undo", id)
    assert again.exit_code == 1 and f"The import {id} has been undone already." in again.stderr
    assert run("import", "forget", id).stdout == "0 entries are forgotten.\n"
    assert json.loads(run("import", "list", "--json").stdout) == []
    for verb in ("undo", "forget"):
        assert run("import", verb).exit_code == 2
        assert "There is no import 'x'" in run("import", verb, "x").stderr


def test_what_has_changed_since_keeps_an_import(
    run: Run, imported: dict[str, Any], services: Services, name: str
) -> None:
    with MongoClient[dict[str, object]](services.mongodb_uri) as client:
        client[name].people.update_many({}, {"$set": {"notes": "mine"}})
    refused = run("import", "undo", imported["id"])
    assert refused.exit_code == 1
    assert "it has changed since." in refused.stderr and "--force undoes it all the same." in refused.stderr
    assert json.loads(run("import", "undo", imported["id"], "--json").stdout)["meanwhile_count"] == 20
    forced = run("import", "undo", imported["id"], "--force", "--json")
    assert forced.exit_code == 0 and json.loads(forced.stdout)["removed"] == 42


def test_a_mongodb_that_is_away_is_told_without_its_password(services: Services, name: str) -> None:
    # In a process of its own: the driver leaves its last socket to the collector of garbage.
    url = "mongodb://nobody:secret@127.0.0.1:1/x?serverSelectionTimeoutMS=50"
    places = {"MONGODB_URI": services.mongodb_uri, "REDIS_URL": services.redis_url, "MONGODB_DATABASE": name}
    told = subprocess.run(
        lockstep("import", "gateway", url), env={**os.environ, **places}, capture_output=True, text=True
    )
    assert told.returncode == 1 and "secret" not in told.stderr
    assert told.stderr.startswith("Error: mongodb://127.0.0.1:1/x cannot be read: ")


def test_an_import_says_what_it_proved(run: Run, tmp_path: Path) -> None:
    told = run("import", "gateway", str(made.folder_of_cells(tmp_path / "cells", 20)))
    assert told.exit_code == 0, told.stderr
    assert "Nothing else has changed. `lockstep import undo " in told.stderr
    again = run("import", "gateway", str(tmp_path / "cells"))
    assert "Nothing has changed." in again.stderr


def test_a_backup_goes_into_another_database(
    run: Run, imported: dict[str, Any], tmp_path: Path, name: str
) -> None:
    saved = json.loads(run("backup", str(tmp_path), "--json").stdout)
    assert (
        saved["collections"]["people"]["count"] == 20 and Path(saved["file"]).stat().st_size == saved["bytes"]
    )
    full = run("restore", saved["file"])
    assert full.exit_code == 1 and f"The database {name} is not empty" in full.stderr
    new = json.loads(run("restore", saved["file"], "--into-new", f"{name}_new", "--json").stdout)
    assert (new["database"], new["collections"]) == (f"{name}_new", saved["collections"])
    forced = run("restore", saved["file"], "--force")
    assert forced.exit_code == 0 and "every checksum is equal" in forced.stdout
    assert run("restore", saved["file"], "--force", "--into-new", "x").exit_code == 2


def test_a_backup_is_told_to_people(run: Run, imported: dict[str, Any], tmp_path: Path) -> None:
    told = run("backup", str(tmp_path / "one.tar.gz"))
    assert told.exit_code == 0 and "│ people " in told.stdout and "one.tar.gz: " in told.stdout
    nowhere = run("backup", str(tmp_path / "no" / "one.tar.gz"))
    assert nowhere.exit_code == 1 and "There is no folder" in nowhere.stderr
    (tmp_path / "one.tar.gz").write_bytes(b"x")
    damaged = run("restore", str(tmp_path / "one.tar.gz"), "--force")
    assert damaged.exit_code == 1 and "cannot be read to its end" in damaged.stderr


def test_migrations_are_run_and_taken_back(run: Run, services: Services, name: str) -> None:
    with MongoClient[dict[str, object]](services.mongodb_uri) as client:
        client[name].users.insert_one({"_id": 1, "email": "a", "username": "a"})
    status = run("migrate", "status")
    assert status.exit_code == 1 and status.stdout.count("pending") == 4
    done = run("migrate", "up")
    assert done.stdout == "Done: m0001_accounts, m0002_revisions, m0003_moments, m0004_indexes.\n"
    assert run("migrate", "up").stdout == "There is nothing to do.\n"
    assert all(step["done"] for step in json.loads(run("migrate", "status", "--json").stdout))
    assert run("migrate", "down").stdout == "Taken back: m0004_indexes.\n"
    down = json.loads(run("migrate", "down", "--steps", "3", "--json").stdout)
    assert down == {"down": ["m0003_moments.py", "m0002_revisions.py", "m0001_accounts.py"]}
    with MongoClient[dict[str, object]](services.mongodb_uri) as client:
        assert client[name].users.find_one({}) == {"_id": 1, "email": "a", "username": "a"}


def test_a_new_database_has_nothing_pending(run: Run) -> None:
    assert run("migrate", "status").exit_code == 0


@pytest.fixture
async def old(services: Services, name: str) -> AsyncIterator[Any]:
    """A database with a user of the first release."""
    async with AsyncMongoClient[dict[str, Any]](services.mongodb_uri) as client:
        await client[name].users.insert_one({"_id": 1, "email": "a", "username": "a"})
        yield client[name]


async def test_a_start_tells_of_migrations_and_runs_them_only_where_asked(old: Any, now: datetime) -> None:
    with capture_logs() as logs:
        await settle(old, run=False, now=now)
    (line,) = logs
    assert line["log_level"] == "warning" and line["database"] == old.name
    assert line["event"] == "4 migrations are pending; `lockstep migrate up` runs them"
    assert line["migrations"] == "m0001_accounts, m0002_revisions, m0003_moments, m0004_indexes"
    assert await old.users.find_one({}) == {"_id": 1, "email": "a", "username": "a"}
    with capture_logs() as logs:
        await settle(old, run=True, now=now)
        await settle(old, run=False, now=now)
    assert [line["event"] for line in logs] == ["migrations were run"]
    assert (await old.users.find_one({}))["is_active"] is True


async def test_a_start_on_a_newer_database_is_refused(old: Any, now: datetime) -> None:
    await old[migrations.LOG].insert_one({"ts": now, "name": "m9999_later.py", "is_current": True})
    with pytest.raises(BadSetting, match="which this release does not know"):
        await settle(old, run=False, now=datetime.now(UTC))
