"""`lockstep jobs`: dead letters are listed, looked at, and tried again."""

import json
import secrets
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from bson import Binary, ObjectId
from click.testing import CliRunner, Result
from pymongo import MongoClient
from pymongo.database import Database

from server.cli import main
from server.embedded import Services

Run = Callable[..., Result]
NOW = datetime(2026, 1, 1, 9, 30, tzinfo=UTC)


@pytest.fixture
def store(services: Services) -> Iterator[Database[dict[str, Any]]]:
    """A database that is gone afterwards."""
    with MongoClient[dict[str, Any]](services.mongodb_uri) as client:
        database = client[f"lockstep_test_{secrets.token_hex(6)}"]
        yield database
        client.drop_database(database.name)


@pytest.fixture
def run(services: Services, store: Database[dict[str, Any]]) -> Run:
    """Calls the command beside the services of the test."""
    environ = {
        "MONGODB_URI": services.mongodb_uri,
        "REDIS_URL": services.redis_url,
        "MONGODB_DATABASE": store.name,
        "COLUMNS": "200",
    }

    def call(*arguments: str) -> Result:
        return CliRunner().invoke(main, ["jobs", *arguments], env=environ)

    return call


def planted(store: Database[dict[str, Any]], state: str, kind: str = "tell", **more: Any) -> str:
    """The id of a job in a state."""
    job = {
        "_id": ObjectId(),
        "kind": kind,
        "arguments": {"word": "an argument"},
        "owner": None,
        "key": secrets.token_hex(4),
        "state": state,
        "progress": {"done": 0, "total": None, "message": None},
        "result": None,
        "error": "Something unexpected happened." if state == "DEAD" else None,
        "code": None,
        "attempts": 5,
        "run_after": NOW,
        "created_at": {"at": NOW, "us": 0, "text": None},
        "started_at": None,
        "finished_at": None,
        "lease": None,
        "expires": None,
        **more,
    }
    store["jobs"].insert_one(job)
    return str(job["_id"])


def test_dead_letters_are_listed_without_their_data(run: Run, store: Database[dict[str, Any]]) -> None:
    dead, done = planted(store, "DEAD"), planted(store, "DONE", "other")
    told = run("list", "--dead")
    assert told.exit_code == 0, told.output
    assert dead in told.output and done not in told.output and "an argument" not in told.output
    assert "Something unexpected happened." in told.output
    assert "0 queued, 0 running, 0 failed, 1 dead" in told.output
    for arguments in (["--state", "done"], ["--kind", "other"], ["--limit", "1"]):
        (line,) = run("list", "--json", *arguments).output.splitlines()
        found = json.loads(line)
        assert (found["id"], found["state"], found["created_at"]) == (
            done,
            "DONE",
            "2026-01-01T09:30:00.000Z",
        )
        assert "arguments" not in found


def test_one_job_is_shown_whole(run: Run, store: Database[dict[str, Any]]) -> None:
    dead = planted(store, "DEAD")
    told = run("show", dead)
    assert told.exit_code == 0 and '{"word": "an argument"}' in told.output
    shown = json.loads(run("show", dead, "--json").output)
    assert (shown["id"], shown["arguments"], shown["attempts"]) == (dead, {"word": "an argument"}, 5)
    missing = run("show", "0" * 24)
    assert (missing.exit_code, missing.stderr) == (1, "Error: You have no job with this id.\n")


def test_a_job_that_runs_is_shown_with_its_lease(run: Run, store: Database[dict[str, Any]]) -> None:
    session = {"id": Binary.from_uuid(UUID(int=1))}
    lease = {"until": NOW, "worker": "me", "token": ObjectId(), "session": session, "writes": 0}
    job = planted(store, "RUNNING", lease=lease)
    for arguments in (["show", job, "--json"], ["list", "--json"]):
        told = run(*arguments)
        assert told.exit_code == 0, told.output
        shown = json.loads(told.output)["lease"]
        assert (shown["worker"], shown["session"]) == ("me", {"id": "0" * 31 + "1"})


def test_dead_jobs_are_tried_again(run: Run, store: Database[dict[str, Any]]) -> None:
    one, two, three = planted(store, "DEAD"), planted(store, "DEAD", "other"), planted(store, "DONE")
    assert run("requeue", one).output == "1 jobs are tried again.\n"
    assert run("requeue", "--dead", "--kind", "tell").output == "0 jobs are tried again.\n"
    assert run("requeue", "--dead").output == "1 jobs are tried again.\n"
    states = {str(job["_id"]): (job["state"], job["attempts"]) for job in store["jobs"].find()}
    assert states == {one: ("QUEUED", 0), two: ("QUEUED", 0), three: ("DONE", 5)}
    refused = run("requeue", three)
    assert refused.exit_code == 1 and "neither dead nor cancelled" in refused.stderr


@pytest.mark.parametrize("arguments", [[], ["--dead", "0" * 24], ["--kind", "tell"], ["no-id"]])
def test_what_to_try_again_has_to_be_said(run: Run, arguments: list[str]) -> None:
    assert run("requeue", *arguments).exit_code == 2


def test_a_job_is_cancelled_once(run: Run, store: Database[dict[str, Any]]) -> None:
    job = planted(store, "QUEUED")
    assert run("cancel", job).output == "The job is cancelled.\n"
    again = run("cancel", job)
    assert again.exit_code == 1 and "ended already" in again.stderr
    found = store["jobs"].find_one({"_id": ObjectId(job)})
    assert found is not None and found["state"] == "CANCELLED"
