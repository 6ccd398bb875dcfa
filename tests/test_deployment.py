"""Dockerfile, docker-compose.yml, Makefile and the lock keep what they promise; what can run here is run."""

import json
import os
import re
import shutil
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
KEPT_RUNNING = {"mongodb", "valkey", "s3", "server", "worker"}
WATCHING = {"prometheus", "grafana", "collector"}
OURS = ("server", "worker")


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
    assert set(services) == KEPT_RUNNING | WATCHING | {"mongodb-init"}
    for name in KEPT_RUNNING | WATCHING:
        service = services[name]
        assert service["restart"] == "unless-stopped"
        # The collector's image has nothing that could ask.
        if name != "collector":
            assert set(service["healthcheck"]) == {"test", "interval", "timeout", "start_period", "retries"}
    assert {name for name, service in services.items() if "profiles" in service} == WATCHING
    for service in services.values():
        assert set(service["deploy"]["resources"]["limits"]) == {"cpus", "memory"}
        assert service["logging"]["options"] == {"max-size": "10m", "max-file": "5"}


@pytest.mark.parametrize("name", OURS)
def test_server_and_worker_wait_for_what_they_need(compose: dict[str, Any], name: str) -> None:
    assert compose["services"][name]["depends_on"] == {
        "mongodb-init": {"condition": "service_completed_successfully"},
        "valkey": {"condition": "service_healthy"},
        "s3": {"condition": "service_healthy"},
    }
    assert compose["services"]["mongodb-init"]["depends_on"] == {"mongodb": {"condition": "service_healthy"}}


@pytest.mark.parametrize("name", OURS)
def test_server_and_worker_can_do_little(compose: dict[str, Any], name: str) -> None:
    service = compose["services"][name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert "env_file" not in service


def test_data_lives_in_named_volumes(compose: dict[str, Any]) -> None:
    mounts = [mount for service in compose["services"].values() for mount in service.get("volumes", [])]
    files = [mount for mount in mounts if mount.startswith(".")]
    assert set(compose["volumes"]) == {mount.split(":")[0] for mount in mounts if mount not in files}
    for mount in files:
        source, _, mode = mount.split(":")
        assert (REPOSITORY / source).exists()
        assert mode == "ro"


def test_only_server_and_dashboard_can_be_reached_and_only_from_this_machine(compose: dict[str, Any]) -> None:
    services = compose["services"]
    ports = {name: service["ports"] for name, service in services.items() if "ports" in service}
    assert ports == {
        "server": ["127.0.0.1:${PORT:-8000}:8000"],
        "grafana": ["127.0.0.1:${GRAFANA_PORT:-3000}:3000"],
    }
    assert compose["networks"]["inside"] == {"internal": True}
    outside = {name for name, service in services.items() if "outside" in service["networks"]}
    assert outside == {"server", "worker", "grafana"}


@pytest.fixture(scope="module")
def secrets(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The secrets of a fresh copy of deploy/."""
    folder = tmp_path_factory.mktemp("deploy") / "deploy"
    shutil.copytree(REPOSITORY / "deploy", folder, ignore=shutil.ignore_patterns("secrets"))
    subprocess.run(["bash", str(folder / "secrets.sh")], check=True, capture_output=True)
    return folder / "secrets"


def test_every_secret_is_a_file_that_the_script_makes(compose: dict[str, Any], secrets: Path) -> None:
    named = {name: given["file"] for name, given in compose["secrets"].items()}
    assert named == {name: f"./deploy/secrets/{name}" for name in named}
    assert {path.name for path in secrets.iterdir()} == set(named)
    used = {name for service in compose["services"].values() for name in service.get("secrets", [])}
    assert used == set(named)
    text = (REPOSITORY / "docker-compose.yml").read_text()
    assert not re.search(r"(?i)(password|secret|key)\w*: *\$\{", text)
    assert "/deploy/secrets/" in (REPOSITORY / ".gitignore").read_text().splitlines()


def test_the_script_keeps_what_the_operator_put_there(secrets: Path) -> None:
    for name in ("secret_key", "mongodb_password"):
        (secrets / name).chmod(0o600)
        (secrets / name).write_text(f"chosen-{name}")
    before = {path.name: path.read_text() for path in secrets.iterdir()}
    subprocess.run(["bash", str(secrets.parent / "secrets.sh")], check=True, capture_output=True)
    after = {path.name: path.read_text() for path in secrets.iterdir()}
    assert after.pop("mongodb_uri").startswith("mongodb://lockstep:chosen-mongodb_password@")
    before.pop("mongodb_uri")
    assert after == before
    assert (secrets.stat().st_mode & 0o777) == 0o700


def test_the_cache_of_compose_starts_and_wants_its_password(
    compose: dict[str, Any], secrets: Path, tmp_path: Path
) -> None:
    port = free_port(0)
    _, *arguments = (
        word.replace("/run/secrets", str(secrets)) for word in compose["services"]["valkey"]["command"]
    )
    password = (secrets / "valkey_password").read_text()
    command = [str(Valkey().binary({})), *arguments, "--port", str(port), "--dir", str(tmp_path)]
    child = Child(Valkey(), subprocess.Popen(command, stdout=subprocess.DEVNULL), port)
    try:
        assert listens(child)
        with Redis(port=port, password=password) as known, Redis(port=port) as stranger:
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
