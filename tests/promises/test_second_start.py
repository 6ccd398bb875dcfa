"""A data folder has one server; a second one says so and leaves it alone, an import works beside it."""

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import httpx
from pymongo.asynchronous.database import AsyncDatabase

from server.embedded import Services
from tests.serving import free_port, lockstep, process

LEARNER = {
    "id": 7,
    "email": "seven@example.com",
    "username": "seven",
    "password_hash": None,
    "created_at": None,
}
COURSE = {"id": 70, "title": "Imported", "description": None, "published": True, "created_at": None}


def run(environ: dict[str, str], *arguments: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        lockstep(*arguments),
        env={**os.environ, **environ},
        capture_output=True,
        text=True,
        timeout=90,
        check=False,
    )


def titles(address: str) -> list[str]:
    said = httpx.get(f"{address}/api/courses/", headers={"Host": "legacy.test"}).json()
    return sorted(course["title"] for course in said["courses"])


def test_a_second_server_says_so_and_an_import_joins_the_first(tmp_path: Path) -> None:
    data = tmp_path / "data"
    environ = {"LOCKSTEP_DATA": str(data), "MONGODB_URI": "", "REDIS_URL": ""}
    with process(environ, tmp_path / "log") as server:
        assert len(titles(server.address)) == 4  # the demo's

        second = run({**environ, "PORT": str(free_port())}, "serve")
        assert second.returncode == 1
        assert second.stderr == (
            f"lockstep: Lockstep already runs with the data folder {data} (process {server.popen.pid}); "
            "stop that process, or set LOCKSTEP_DATA to another folder.\n"
        )
        assert len(titles(server.address)) == 4

        file = tmp_path / "rows.ndjson"
        lines = ({"table": "users", "row": LEARNER}, {"table": "courses", "row": COURSE})
        file.write_text("".join(json.dumps(line) + "\n" for line in lines))
        beside = run(environ, "import", "mandarin", str(file), "--json")
        assert beside.returncode == 0, beside.stderr
        assert json.loads(beside.stdout)["written"]["courses"] == 1
        assert titles(server.address) == ["Imported"]

    with process({**environ, "LOCKSTEP_DEMO": "1"}, tmp_path / "log") as server:
        assert titles(server.address) == ["Imported"]  # and the demo data does not come back


def test_a_port_that_is_taken_is_named(
    services: Services, scratch: AsyncDatabase[dict[str, Any]], tmp_path: Path
) -> None:
    environ = {
        "LOCKSTEP_DATA": str(tmp_path),
        "LOCKSTEP_DEMO": "0",
        "MONGODB_URI": services.mongodb_uri,
        "MONGODB_DATABASE": scratch.name,
        "REDIS_URL": services.redis_url,
    }
    with process(environ, tmp_path / "log") as server:
        second = run({**environ, "PORT": str(server.port)}, "serve")
        assert second.returncode != 0
        assert f"('127.0.0.1', {server.port}): address already in use" in second.stderr + second.stdout
        assert httpx.get(f"{server.address}/health").status_code == 200
