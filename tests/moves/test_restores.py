"""A restore that is killed leaves a mark: nothing begins there until the same restore has run to its end."""

import asyncio
import json
import os
import secrets
import shlex
import signal
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import obstore
import pytest
from click.testing import CliRunner, Result
from pymongo import MongoClient
from pymongo.asynchronous.database import AsyncDatabase

import models
from models import blobs, migrations, restores
from models.blobs import Place
from models.imports import import_rows
from models.imports.undo import undo
from models.restores import Unfinished
from server.cli import main
from server.embedded import Services
from tests.moves import made
from tests.serving import free_port, lockstep

Client = MongoClient[dict[str, Any]]

# A restore that is killed when it shows that so much of something is done.
KILLED = """
import os, signal, sys
from server.cli import main
from server.commands.bars import Bars

at, number = sys.argv.pop(1), int(sys.argv.pop(1))

def killed(self, table, done, total):
    if table == at and done >= number:
        os.kill(os.getpid(), signal.SIGKILL)

Bars.__call__ = killed
main()
"""
NO_FILES = Place("nowhere", "nobody", "nobody", endpoint="http://127.0.0.1:9")


@pytest.fixture
def client(services: Services) -> Iterator[Client]:
    with MongoClient[dict[str, Any]](services.mongodb_uri) as found:
        yield found


@pytest.fixture
def name(client: Client) -> Iterator[str]:
    """The name of a database that is gone afterwards, with another one beside it."""
    found = f"lockstep_test_{secrets.token_hex(6)}"
    yield found
    client.drop_database(found)
    client.drop_database(f"{found}_new")


@pytest.fixture
def bucket(place: Place) -> Iterator[Any]:
    """A client of the real S3, in which the bucket is."""
    blobs.connect(place)
    asyncio.run(blobs.make_bucket())
    yield blobs.s3_of(place)
    blobs.connect(None)


def environ(services: Services, name: str, place: Place = NO_FILES) -> dict[str, str]:
    ours = {
        "MONGODB_URI": services.mongodb_uri,
        "REDIS_URL": services.redis_url,
        "MONGODB_DATABASE": name,
        "LOCKSTEP_DEMO": "0",
        "PORT": str(free_port()),
        "AWS_ENDPOINT_URL": place.endpoint or "",
        "AWS_S3_BUCKET": place.bucket,
        "AWS_ACCESS_KEY_ID": place.access_key,
        "AWS_SECRET_ACCESS_KEY": place.secret_key,
    }
    return {**os.environ, **ours}


def run(environ: dict[str, str], *arguments: str) -> Result:
    return CliRunner().invoke(main, arguments, env=environ)


def told(environ: dict[str, str], *arguments: str) -> dict[str, Any]:
    """What a command says in JSON."""
    done = run(environ, *arguments, "--json")
    assert done.exit_code == 0, done.stderr
    return dict(json.loads(done.stdout))


def kill(environ: dict[str, str], at: str, number: int, *arguments: str) -> None:
    """Kills a restore when so much of a collection is written."""
    command = [sys.executable, "-c", KILLED, at, str(number), "restore", *arguments]
    killed = subprocess.run(command, env=environ, capture_output=True, timeout=60)
    assert killed.returncode == -signal.SIGKILL, killed.stderr


def everything(client: Client, name: str) -> dict[str, list[dict[str, Any]]]:
    names = client[name].list_collection_names()
    return {each: list(client[name][each].find().sort("_id")) for each in names if each != "leases"}


def saved(environ: dict[str, str], folder: Path) -> dict[str, Any]:
    """What a backup of some people said."""
    told(environ, "import", "gateway", str(made.lines(folder / "rows.ndjson", 1_200)))
    return told(environ, "backup", str(folder))


@pytest.mark.parametrize("command", ["serve", "serve --workers 2", "worker"])
def test_neither_server_nor_worker_begins_in_half_a_database(
    services: Services, client: Client, name: str, command: str
) -> None:
    client[name]["leases"].insert_one(half(name))
    ended = subprocess.run(
        lockstep(*command.split()), env=environ(services, name), capture_output=True, text=True, timeout=60
    )
    assert ended.returncode != 0
    lines = [json.loads(line) for line in ended.stdout.splitlines()]
    (reason,) = [line["reason"] for line in lines if "reason" in line] or [ended.stderr.strip()]
    reason = reason.removeprefix("lockstep: ")
    assert reason.startswith(
        f"The database {name} holds only a part of a backup: a restore has begun there at "
    )
    assert reason.endswith(
        "UTC (process 7 on there) and has not ended. If it is at work, wait for it; "
        "otherwise run it again: lockstep restore /x/one.tar.gz"
    )
    assert client[name].list_collection_names() == ["leases"]


def half(name: str) -> dict[str, Any]:
    """The mark of a restore that was killed."""
    mark = {"_id": restores.MARK, "what": "lockstep restore /x/one.tar.gz", "host": "there", "process": 7}
    return {**mark, "token": "t", "since": datetime.now(UTC), "until": datetime.now(UTC)}


def test_what_was_killed_is_told_refused_and_finished(
    services: Services, client: Client, name: str, tmp_path: Path
) -> None:
    places = environ(services, name)
    backup = saved(places, tmp_path)
    whole = everything(client, name)
    # While it reads the file nothing is marked, and nothing is gone.
    kill(places, "bytes of the file", 1, backup["file"], "--force")
    assert everything(client, name) == whole and client[name]["leases"].find_one({"_id": "restore"}) is None
    kill(places, "people", 1_000, backup["file"], "--force")
    left = everything(client, name)
    assert len(left["people"]) == 1_000 and "users" not in left
    for arguments in (
        ["import", "gateway", str(tmp_path / "rows.ndjson")],
        ["import", "list"],
        ["migrate", "up"],
        ["migrate", "down"],
        ["migrate", "status"],
        ["backup", str(tmp_path / "half.tar.gz")],
        ["jobs", "list"],
        ["roles", "list"],
        ["search", "rebuild"],
    ):
        refused = run(places, *arguments)
        assert refused.exit_code == 1, arguments
        assert f"The database {name} holds only a part of a backup" in refused.stderr + refused.stdout
    assert everything(client, name) == left and not (tmp_path / "half.tar.gz").exists()
    # The words to say are in the message; whoever is killed saying them says them again.
    again = shlex.split(refusal(places).partition("run it again: lockstep restore ")[2])
    assert again == [backup["file"]]
    kill(places, "users", 1, *again)
    restored = told(places, "restore", *again)
    assert restored["collections"] == backup["collections"]
    assert everything(client, name) == whole
    assert client[name]["leases"].count_documents({}) == 0
    assert run(places, "migrate", "status").exit_code == 0


def refusal(environ: dict[str, str]) -> str:
    """What a command says that does not begin."""
    return run(environ, "migrate", "status").stderr


def test_into_a_new_database_it_goes_on_too(
    services: Services, client: Client, name: str, tmp_path: Path
) -> None:
    places, new = environ(services, name), f"{name}_new"
    backup = saved(places, tmp_path)
    kill(places, "people", 1_000, backup["file"], "--into-new", new)
    assert f"The database {new} holds only a part" in refusal({**places, "MONGODB_DATABASE": new})
    # Only the one database is marked.
    assert run(places, "migrate", "status").exit_code == 0
    assert told(places, "restore", backup["file"], "--into-new", new)["database"] == new
    assert everything(client, new) == everything(client, name)


def test_killed_among_the_files_it_says_that_they_are_missing(
    services: Services, client: Client, name: str, tmp_path: Path, place: Place, bucket: Any
) -> None:
    places = environ(services, name, place)
    assert run(places, "migrate", "status").exit_code == 0
    keys = [f"{name}/{number}" for number in range(3)]
    for key in keys:
        client[name]["files"].insert_one({"key": key, "uuid": key, "thumbnails": []})
        obstore.put(bucket, key, key.encode() * 3_000)
    backup = told(places, "backup", str(tmp_path), "--files")
    assert backup["files"] == backup["contents"]["count"] == 3
    for key in keys:
        obstore.put(bucket, key, b"something else")
    kill(places, "contents of files", 1, backup["file"], "--force", "--files")
    again = shlex.split(refusal(places).partition("run it again: lockstep restore ")[2])
    assert again == [backup["file"], "--files"]
    assert told(places, "restore", *again)["contents"] == backup["contents"]
    for key in keys:
        assert bytes(obstore.get(bucket, key).bytes()) == key.encode() * 3_000
    shown = run(places, "restore", *again, "--force")
    assert "│ contents of files │ 3" in shown.stdout


async def test_nothing_that_writes_begins_beside_the_mark(
    database: AsyncDatabase[Any], tmp_path: Path
) -> None:
    file = made.lines(tmp_path / "rows.ndjson", 10)
    summary = await import_rows("gateway", file)
    token = await restores.begun(database, tmp_path / "one file.tar.gz", files=True)
    for begin in (
        lambda: import_rows("gateway", file),
        lambda: undo(str(summary.id)),
        lambda: migrations.up(database),
        lambda: migrations.down(database),
        lambda: models.connect(database),
    ):
        with pytest.raises(Unfinished, match="run it again: lockstep restore '/.*/one file.tar.gz' --files$"):
            await begin()
    # Another restore that has begun since is not over with this one.
    another = await restores.begun(database, tmp_path / "two.tar.gz", files=False)
    await restores.ended(database, token)
    assert await restores.is_unfinished(database)
    await restores.ended(database, another)
    await undo(str(summary.id))
