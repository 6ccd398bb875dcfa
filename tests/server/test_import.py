"""`lockstep import`, as a person or a script calls it."""

import json
import secrets
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from pymongo import MongoClient

from server.cli import main
from server.embedded import Services

Run = Callable[..., Result]

ADA = {"id": 1, "email": "ada", "username": "ada", "password_hash": None, "created_at": None}


@pytest.fixture
def database_name(services: Services) -> Iterator[str]:
    """The name of a database that is gone afterwards."""
    name = f"lockstep_test_{secrets.token_hex(6)}"
    yield name
    with MongoClient[dict[str, object]](services.mongodb_uri) as client:
        client.drop_database(name)


@pytest.fixture
def run(services: Services, database_name: str) -> Run:
    """Calls the command beside the services of the test."""
    environ = {
        "MONGODB_URI": services.mongodb_uri,
        "REDIS_URL": services.redis_url,
        "MONGODB_DATABASE": database_name,
    }

    def call(*arguments: str, **changes: str) -> Result:
        return CliRunner().invoke(main, ["import", *arguments], env={**environ, **changes})

    return call


def fixtures(folder: Path, *users: object) -> str:
    """A file with these users."""
    path = folder / "fixtures.json"
    path.write_text(json.dumps({"fixtures": {"base": {"tables": {"users": users}}}}))
    return str(path)


def test_rows_are_counted_for_people_and_for_scripts(run: Run, tmp_path: Path) -> None:
    path = fixtures(tmp_path, {**ADA, "shoe_size": 38})
    told = run("mandarin", path)
    assert told.exit_code == 0, told.output
    assert "users" in told.stdout and "│ 1 " in told.stdout
    assert "users: columns not imported: shoe_size." in told.stderr
    summary = json.loads(run("mandarin", path, "--json", "--state", "base").stdout)
    assert summary["written"]["users"] == 1
    assert summary["bad"] == []
    assert summary["before"] == summary["after"] == {"users": 1, "counters": 1}


def test_a_state_of_another_server_comes_in(run: Run, recordings: Path) -> None:
    told = run("gateway", str(recordings / "fixtures.json"), "--state", "gw-tree")
    assert told.exit_code == 0, told.output
    for line in ("│ family_members │ 6 │", "│ relationships │ 0 │ 9 │"):
        assert line in " ".join(told.stdout.split())
    again = json.loads(
        run("gateway", str(recordings / "fixtures.json"), "--state", "gw-tree", "--json").stdout
    )
    assert again["before"] == again["after"] and again["after"]["people"] == 6


def test_bad_rows_are_told_with_their_lines_and_nothing_is_written(run: Run, tmp_path: Path) -> None:
    path = fixtures(tmp_path, ADA, *({**ADA, "id": f"[{number}]"} for number in range(60)))
    refused = run("mandarin", path)
    assert refused.exit_code == 1
    flat = refused.stderr.replace("\n", "")
    assert "/tables/users/1/id: id is text, and must be a whole number." in flat
    assert "… and 10 more; --json lists them all." in flat
    assert "60 bad rows, nothing was imported. --skip-bad imports the others." in flat
    skipped = run("mandarin", path, "--skip-bad", "--json")
    assert skipped.exit_code == 1
    summary = json.loads(skipped.stdout)
    assert (summary["written"]["users"], len(summary["bad"])) == (1, 60)


def test_what_stands_in_the_way_is_one_sentence(run: Run, tmp_path: Path) -> None:
    path = fixtures(tmp_path, ADA)
    for call, words in [
        (run("mandarin", path, "--state", "x"), "has no state 'x'; it has: base."),
        (run("mandarin", path, PORT="x"), "PORT"),
        (run("mandarin", path, MONGODB_URI="mongodb://"), "MongoDB"),
    ]:
        assert call.exit_code == 1
        assert call.stderr.startswith("Error: ") and words in call.stderr
    unknown = run("nowhere", path)
    assert unknown.exit_code == 2 and "'nowhere' is not one of 'auth', 'gateway'" in unknown.stderr


def test_demo_data_makes_way_in_one_line(
    run: Run, tmp_path: Path, services: Services, database_name: str
) -> None:
    with MongoClient[dict[str, object]](services.mongodb_uri) as client:
        client[database_name].demo_data.insert_one({"_id": "demo", "highest": {"users": 1}})
    path = fixtures(tmp_path, ADA)
    assert "The demo data made way." in run("mandarin", path).stderr
    assert "The demo data made way." not in run("mandarin", path).stderr
