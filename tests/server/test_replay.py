"""`lockstep replay` judges this server by recorded traffic, and says by its exit code what came of it."""

import asyncio
import json
import logging
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from pymongo import MongoClient
from werkzeug.security import generate_password_hash

from compat_rest.parity.cookies import flask_json, sign
from compat_rest.parity.har import read
from compat_rest.parity.messages import Answer
from compat_rest.parity.patterns import page
from compat_rest.parity.replay import load_environ
from server.cli import main
from server.embedded import Services
from server.scratch import BadState, Scratch, listening
from server.settings import Settings
from tests.compat_rest.parity.stories import BEGAN, answer, entry, request, write
from tests.serving import served, settings_for

SECRET, PASSWORD = "the secret of the old server", "correct horse"
COURSE = {
    "id": 1,
    "title": "HSK 1",
    "description": None,
    "published": True,
    "created_at": "2026-01-01T00:00:00+00:00",
}
COOKIE = sign(flask_json({"email": "ada@old.test", "user_id": 1}), SECRET, int(BEGAN.timestamp()))


@pytest.fixture
def environ(services: Services, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The services of the session, and afterwards the logging of before."""
    monkeypatch.setenv("MONGODB_URI", services.mongodb_uri)
    monkeypatch.setenv("REDIS_URL", services.redis_url)
    monkeypatch.setenv("LOCKSTEP_HOSTS", "old.test=mandarin")
    root = logging.getLogger()
    handlers, level = root.handlers, root.level
    yield
    root.handlers, root.level = handlers, level


@pytest.fixture
def fixtures(tmp_path: Path) -> Path:
    """A user, a course, and the secret of the old server."""
    user = {
        "id": 1,
        "email": "ada@old.test",
        "username": "ada",
        "password_hash": generate_password_hash(PASSWORD, "pbkdf2:sha256:1"),
        "created_at": "2026-01-05T08:30:00.123456",
    }
    tables = {"users": [user], "courses": [COURSE]}
    states = {"base": {"tables": tables}, "bad": {"tables": {"users": [{"id": "x"}]}}}
    path = tmp_path / "fixtures.json"
    path.write_text(json.dumps({"application": {"secret_key": SECRET}, "fixtures": states}))
    return path


def story(folder: Path, title: str = "HSK 1", **log: Any) -> Path:
    """Courses, a login, the profile by its cookie, and a body that crashed the old server."""
    me = {
        "user": {
            "created_at": "2026-01-05T08:30:00.123456",
            "email": "ada@old.test",
            "id": 1,
            "username": "ada",
        }
    }
    signed_in = {"message": "Login successful", "user": {"email": "ada@old.test", "id": 1, "username": "ada"}}
    as_json, vary = ("Content-Type", "application/json"), ("Vary", "Cookie")
    crash = Answer(500, (("Content-Type", "text/html; charset=utf-8"), ("Content-Length", "265")), page(500))
    body = json.dumps({"email": "ada@old.test", "password": PASSWORD})
    steps = [
        entry(request("GET /api/courses/"), answer(200, {"courses": [{**COURSE, "title": title}]})),
        entry(
            request("POST /api/auth/login", as_json, body=body),
            answer(200, signed_in, vary, ("Set-Cookie", f"session={COOKIE}; HttpOnly; Path=/")),
        ),
        entry(
            request("GET /api/auth/me", ("Cookie", f"session={COOKIE}")),
            answer(200, me, vary),
            _cookie={"kind": "issued", "issuedBy": 1},
        ),
        entry(request("POST /api/auth/login", as_json, body="null"), crash),
    ]
    return write(folder / "01-story.a.har", steps, **{"_fixture": "base", **log})


def run(*arguments: object) -> Result:
    return CliRunner().invoke(main, ["replay", *map(str, arguments)])


def scratch_databases(services: Services) -> list[str]:
    with MongoClient[dict[str, Any]](services.mongodb_uri) as client:
        return [name for name in client.list_database_names() if name.startswith("lockstep_replay_")]


def test_equal_and_explained_answers_end_in_success(
    environ: None, services: Services, fixtures: Path, tmp_path: Path
) -> None:
    before = scratch_databases(services)
    files = {name: tmp_path / f"report.{name}" for name in ("xml", "json", "html")}
    options = ("--junit", files["xml"], "--json", files["json"], "--html", files["html"])
    result = run(story(tmp_path), "--import", fixtures, *options)
    assert "1 recordings, 4 steps: 3 equal, 1 explained, 0 different." in result.stdout
    assert result.exit_code == 0
    said = json.loads(files["json"].read_text())
    assert said["deviations"]["body-not-object"] == 1
    assert ElementTree.parse(files["xml"]).getroot()[0].get("tests") == "4"
    assert files["html"].read_text().startswith("<!doctype html>")
    assert PASSWORD not in result.output + "".join(path.read_text() for path in files.values())
    assert scratch_databases(services) == before


def test_a_difference_ends_in_1_and_is_shown(environ: None, fixtures: Path, tmp_path: Path) -> None:
    result = run(story(tmp_path, title="HSK 2"), "--import", fixtures, "--json", "-")
    assert result.exit_code == 1
    said = json.loads(result.stdout)
    assert said["recordings"][0]["differences"][0]["places"] == [
        {"pointer": "/body/courses/0/title", "old": '"HSK 2"', "new": '"HSK 1"', "note": "another value"}
    ]
    assert '-   "title": "HSK 2"' in result.stderr


def test_without_rules_the_crash_is_a_difference(environ: None, fixtures: Path, tmp_path: Path) -> None:
    table = tmp_path / "none.md"
    head = "| id | kind | operations | recordings | when | pointer | old | new | reason |"
    table.write_text(f"{head}\n|{'---|' * 9}\n")
    result = run(story(tmp_path), "--import", fixtures, "--deviations", table)
    assert (result.exit_code, result.stderr.strip()) == (1, "")
    assert "/status: 500 -> 400" in result.stdout


def test_the_projects_folder_need_not_be_the_current_one(
    environ: None, fixtures: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    contract = Path("openapi.yaml").resolve()
    monkeypatch.setenv("LOCKSTEP_CONTRACT", str(contract))
    monkeypatch.chdir(tmp_path)
    result = run(story(tmp_path), "--import", fixtures)
    # No table of rules is here, so nothing explains the crash.
    assert result.exit_code == 1


def test_input_that_cannot_be_used_ends_in_2(environ: None, fixtures: Path, tmp_path: Path) -> None:
    def made(name: str) -> Path:
        (tmp_path / name).mkdir()
        return tmp_path / name

    good = story(tmp_path)
    malformed = tmp_path / "malformed.har"
    malformed.write_text('{"log": {"entries": [{}]}}')
    other_host = write(tmp_path / "host.har", [entry(request("GET /"), answer(200, {}))])
    other_host.write_text(other_host.read_text().replace("old.test", "unknown.test"))
    table = tmp_path / "table.md"
    table.write_text("# No table\n")
    broken = tmp_path / "broken.json"
    broken.write_text("{")
    for arguments, complaint in [
        ((good,), "--import FILE is needed"),
        ((), "Missing argument 'HAR...'"),
        ((malformed, "--import", fixtures), f"{malformed}: /log/entries/0/request is missing."),
        (
            (other_host, "--import", fixtures),
            "no surface has the host 'unknown.test'; surfaces are mandarin, ",
        ),
        ((good, "--import", fixtures, "--surface", "latin"), "There is no surface 'latin'"),
        ((good, "--import", fixtures, "--deviations", table), "has 0 tables with the columns"),
        ((good, "--import", broken), "Expecting property name"),
        ((good, "--import", tmp_path / "none.json"), "No such file"),
        ((story(made("none"), _fixture="none"), "--import", fixtures), "'none'"),
        ((story(made("bad"), _fixture="bad"), "--import", fixtures), "users /"),
        ((good, "--against", "ftp://x"), "is not an address such as http://127.0.0.1:8000"),
    ]:
        result = run(*arguments)
        assert complaint in result.stderr, arguments
        assert result.exit_code == 2, arguments


def test_the_folder_names_the_surface_where_it_is_called_like_one(
    environ: None, fixtures: Path, tmp_path: Path
) -> None:
    for name, code in (("old-mandarin", 0), ("mandarin", 0), ("mandarin-old", 2), ("old.mandarin", 2)):
        folder = tmp_path / name
        folder.mkdir()
        path = story(folder)
        path.write_text(path.read_text().replace("http://old.test", "http://unknown.test"))
        assert run(path, "--import", fixtures).exit_code == code, name


def test_the_fixtures_name_the_secrets_of_tokens(tmp_path: Path) -> None:
    path = tmp_path / "fixtures.json"
    path.write_text(json.dumps({"jwt": {"JWT_SECRET": "one", "JWT_REFRESH_SECRET": "two", "rounds": 12}}))
    assert load_environ(path) == {"JWT_SECRET": "one", "JWT_REFRESH_SECRET": "two"}
    path.write_text("{}")
    assert load_environ(path) == {}


def test_a_contract_that_cannot_be_served_ends_in_2(
    environ: None, fixtures: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = tmp_path / "openapi.yaml"
    broken.write_text("openapi: 3.1.0\n")
    monkeypatch.setenv("LOCKSTEP_CONTRACT", str(broken))
    result = run(story(tmp_path), "--import", fixtures)
    assert (result.exit_code, "The contract names no surface." in result.stderr) == (2, True)


async def test_a_server_that_runs_already_is_judged_too(
    environ: None, services: Services, tmp_path: Path
) -> None:
    settings = settings_for(services, "lockstep_test_replay_against", hosts={"old.test": "mandarin"})
    path = write(tmp_path / "x.har", [entry(request("GET /api/courses/"), answer(200, {"courses": []}))])
    async with served(settings) as address:
        result = await asyncio.to_thread(run, path, "--against", address)
    with MongoClient[dict[str, Any]](services.mongodb_uri) as client:
        client.drop_database(settings.mongodb_database)
    assert (result.exit_code, "1 equal" in result.stdout) == (0, True)
    closed = await asyncio.to_thread(run, path, "--against", address)
    assert (closed.exit_code, "ConnectionRefusedError" in closed.stdout) == (1, True)


async def test_a_server_that_cannot_start_says_so() -> None:
    async def app(scope: dict[str, Any], receive: Any, send: Any) -> None:
        await receive()
        await send({"type": "lifespan.startup.failed", "message": "no"})

    with pytest.raises(BadState, match="the server stopped while it started"):
        async with listening(app):  # type: ignore[arg-type]  # no ASGI type
            pass


async def test_a_scratch_database_goes_away_with_a_state_that_is_missing(
    services: Services, fixtures: Path, tmp_path: Path
) -> None:
    before = scratch_databases(services)
    recording = read(story(tmp_path, _fixture="bad"))
    settings = Settings(mongodb_uri=services.mongodb_uri, redis_url=services.redis_url)
    with pytest.raises(BadState, match=r"fixtures\.json:1: users /"):
        async with Scratch(settings, fixtures, {recording.path: "mandarin"}).started(recording):
            pass
    assert scratch_databases(services) == before


def test_every_recording_of_the_old_server_is_equal_or_explained(environ: None, recordings: Path) -> None:
    """The promise of this project, on the traffic of the old Flask server."""
    folder = recordings / "mandarin"
    paths = sorted(folder.glob("*.a.har"))
    result = run(*paths, "--import", folder / "fixtures.json", "--json", "-")
    said = json.loads(result.stdout)
    assert [one["differences"] for one in said["recordings"] if one["different"]] == []
    assert (said["steps"], said["different"], result.exit_code) == (429, 0, 0)
