"""Dockerfile, docker-compose.yml, Makefile and the lock keep what they promise; what can run here is run."""

import json
import os
import re
import subprocess
import sys
import threading
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import yaml
from packaging.requirements import Requirement
from redis import Redis
from redis.exceptions import AuthenticationError

from server.embedded import Child, free_port, listens, stop_all
from server.embedded_programs import Valkey

REPOSITORY = Path(__file__).resolve().parent.parent
KEPT_RUNNING = {"mongodb", "valkey", "server"}


def instructions() -> list[tuple[str, str]]:
    """The Dockerfile as (INSTRUCTION, rest), with continued lines joined and comments left out."""
    text = re.sub(r"^#.*\n", "", (REPOSITORY / "Dockerfile").read_text(), flags=re.MULTILINE)
    lines = text.replace("\\\n", "").splitlines()
    split = (line.strip().partition(" ") for line in lines if line.strip())
    return [(word, re.sub(r"\s+", " ", rest.strip())) for word, _, rest in split]


def last_stage() -> dict[str, str]:
    found = instructions()
    start = max(index for index, (word, _) in enumerate(found) if word == "FROM")
    return dict(found[start:])


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load((REPOSITORY / "docker-compose.yml").read_text())
    return loaded


def test_both_stages_stand_on_one_pinned_python() -> None:
    stages = [rest.split()[0] for word, rest in instructions() if word == "FROM"]
    assert stages == ["python:3.11-slim-bookworm", "python:3.11-slim-bookworm"]


def test_the_image_runs_as_a_user_without_rights_and_asks_for_its_health() -> None:
    stage = last_stage()
    assert stage["USER"] == "10001"
    assert json.loads(stage["ENTRYPOINT"]) == ["lockstep"]
    assert json.loads(stage["CMD"]) == ["serve"]
    health, command = stage["HEALTHCHECK"].split(" CMD ")
    assert health == "--interval=30s --timeout=10s --start-period=5s --retries=3"
    assert json.loads(command)[:2] == ["python", "-c"]


def test_compose_asks_for_the_same_health_as_the_image(compose: dict[str, Any]) -> None:
    health = dict(compose["services"]["server"]["healthcheck"])
    assert health.pop("test") == ["CMD", *json.loads(last_stage()["HEALTHCHECK"].split(" CMD ")[1])]
    assert health == {"interval": "30s", "timeout": "10s", "start_period": "5s", "retries": 3}


@contextmanager
def answering(status: int) -> Iterator[int]:
    """A server that gives every GET this status; yields its port."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status if self.path == "/health" else 404)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            """Nothing: the test tells what went wrong."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_port
        server.shutdown()


@pytest.mark.parametrize(("status", "healthy"), [(200, True), (503, False), (404, False)])
def test_the_health_command_tells_well_from_ill(status: int, healthy: bool) -> None:
    _, *arguments = json.loads(last_stage()["HEALTHCHECK"].split(" CMD ")[1])
    command = [sys.executable, *arguments]
    with answering(status) as port:
        environ = os.environ | {"PORT": str(port)}
        run = subprocess.run(command, env=environ, capture_output=True, timeout=20, check=False)
    assert (run.returncode == 0) is healthy


def test_the_builder_sees_what_the_image_needs_and_nothing_else() -> None:
    ignored = (REPOSITORY / ".dockerignore").read_text().splitlines()
    rules = [line for line in ignored if line and not line.startswith("#")]
    assert rules[0] == "*"
    allowed = {line[1:] for line in rules if line.startswith("!")}
    assert {"models", "schema", "compat_rest", "server", "operations", "openapi.yaml"} <= allowed
    assert not {name for name in allowed if name.startswith((".", "tests"))}
    copied = " ".join(rest for word, rest in instructions() if word == "COPY" and "--from" not in rest)
    for name in re.findall(r"[\w-]+\.\w+", copied):
        assert name in allowed


def test_what_is_kept_running_comes_back_is_watched_and_is_bounded(compose: dict[str, Any]) -> None:
    services = compose["services"]
    assert set(services) == KEPT_RUNNING | {"mongodb-init"}
    for name in KEPT_RUNNING:
        service = services[name]
        assert service["restart"] == "unless-stopped"
        assert set(service["healthcheck"]) == {"test", "interval", "timeout", "start_period", "retries"}
    for service in services.values():
        assert set(service["deploy"]["resources"]["limits"]) == {"cpus", "memory"}
        assert service["logging"]["options"] == {"max-size": "10m", "max-file": "5"}


def test_the_server_waits_for_a_writable_database_and_a_cache(compose: dict[str, Any]) -> None:
    assert compose["services"]["server"]["depends_on"] == {
        "mongodb-init": {"condition": "service_completed_successfully"},
        "valkey": {"condition": "service_healthy"},
    }
    assert compose["services"]["mongodb-init"]["depends_on"] == {"mongodb": {"condition": "service_healthy"}}


def test_data_lives_in_named_volumes(compose: dict[str, Any]) -> None:
    mounts = {name: service.get("volumes", []) for name, service in compose["services"].items()}
    assert mounts == {
        "mongodb": ["mongodb-data:/data/db", "mongodb-config:/data/configdb"],
        "mongodb-init": [],
        "valkey": ["valkey-data:/data"],
        "server": ["server-data:/data"],
    }
    assert set(compose["volumes"]) == {
        mount.split(":")[0] for mounted in mounts.values() for mount in mounted
    }


def test_only_the_server_can_be_reached_and_only_from_this_machine(compose: dict[str, Any]) -> None:
    services = compose["services"]
    ports = {name: service["ports"] for name, service in services.items() if "ports" in service}
    assert ports == {"server": ["127.0.0.1:${PORT:-8000}:${PORT:-8000}"]}
    assert compose["networks"]["inside"] == {"internal": True}
    assert all(services[name]["networks"] == ["inside"] for name in set(services) - {"server"})


def test_secrets_come_from_the_environment_file_and_have_no_default(compose: dict[str, Any]) -> None:
    text = (REPOSITORY / "docker-compose.yml").read_text()
    asked = set(re.findall(r"(?<!\$)\$\{(\w+):\?set it in \.env\}", text))
    assert asked == {"MONGODB_ROOT_PASSWORD", "MONGODB_PASSWORD", "MONGODB_KEY", "VALKEY_PASSWORD"}
    example = dict(
        line.split("=", 1)
        for line in (REPOSITORY / ".env.example").read_text().splitlines()
        if line and not line.startswith("#")
    )
    assert {name: value for name, value in example.items() if value} == {"LOG_LEVEL": "INFO", "PORT": "8000"}
    assert asked | {"SECRET_KEY", "JWT_SECRET_KEY", "LOCKSTEP_HOSTS"} <= set(example)
    assert compose["services"]["server"]["env_file"] == [".env"]
    assert ".env" in (REPOSITORY / ".gitignore").read_text().splitlines()


def test_the_cache_of_compose_starts_and_wants_its_password(compose: dict[str, Any], tmp_path: Path) -> None:
    port = free_port(0)
    _, *arguments = (
        re.sub(r"\$\{VALKEY_PASSWORD:.*\}", "open-sesame", word)
        for word in compose["services"]["valkey"]["command"]
    )
    command = [str(Valkey().binary({})), *arguments, "--port", str(port), "--dir", str(tmp_path)]
    child = Child(Valkey(), subprocess.Popen(command, stdout=subprocess.DEVNULL), port)
    try:
        assert listens(child)
        with Redis(port=port, password="open-sesame") as known, Redis(port=port) as stranger:
            assert known.config_get("maxmemory") == {"maxmemory": str(256 * 2**20)}
            assert known.config_get("maxmemory-policy") == {"maxmemory-policy": "volatile-lru"}
            assert known.config_get("appendonly") == {"appendonly": "yes"}
            with pytest.raises(AuthenticationError):
                stranger.ping()
    finally:
        stop_all([child])


def locked() -> dict[str, str]:
    text = (REPOSITORY / "requirements.lock").read_text()
    return {name.lower(): version for name, version in re.findall(r"^([\w.-]+)==([\w.+!-]+)", text, re.M)}


def test_the_lock_fits_what_the_project_asks_for() -> None:
    project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text())["project"]
    asked = [
        *project["dependencies"],
        *(line for lines in project["optional-dependencies"].values() for line in lines),
    ]
    versions = locked()
    unfit = [line for line in asked if not fits(Requirement(line), versions)]
    assert unfit == [], "make lock brings the lock up to date"


def fits(asked: Requirement, versions: dict[str, str]) -> bool:
    return asked.name.lower() in versions and versions[asked.name.lower()] in asked.specifier


def test_every_locked_package_has_its_hash_and_no_address() -> None:
    text = (REPOSITORY / "requirements.lock").read_text()
    entries = re.split(r"^(?=[\w.-]+==)", text, flags=re.MULTILINE)[1:]
    assert [entry.split()[0] for entry in entries if "--hash=sha256:" not in entry] == []
    assert "://" not in text


def test_image_and_makefile_install_with_the_same_uv() -> None:
    made = re.search(r"^UV_VERSION := (\S+)$", (REPOSITORY / "Makefile").read_text(), re.MULTILINE)
    built = re.search(r"pip install uv==(\S+)", (REPOSITORY / "Dockerfile").read_text())
    assert made is not None and built is not None
    assert made[1] == built[1]
