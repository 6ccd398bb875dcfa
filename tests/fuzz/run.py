"""Runs schemathesis against a real server, with nobody's requests and with signed-in ones."""

import json
import os
import secrets
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pymongo import MongoClient

from server.embedded import Services
from tests.fuzz.hooks import LEARNERS, SECRET
from tests.serving import JWT_SECRET_KEY, SECRET_KEY, process

ROOT = Path(__file__).parents[2]
# A run makes some two hundred requests before it draws any, then about thirteen for each example asked for.
FIXED = 200
PER_EXAMPLE = 13
CALLERS: Mapping[str, Mapping[str, str]] = {"nobody": {}, "learners": {SECRET: JWT_SECRET_KEY}}


@dataclass(frozen=True)
class Figures:
    """What a run did: how many cases, how many of them failed, and how long it took."""

    cases: int
    failed: int
    seconds: float
    output: str

    def __add__(self, other: "Figures") -> "Figures":
        return Figures(
            self.cases + other.cases,
            self.failed + other.failed,
            self.seconds + other.seconds,
            self.output + other.output,
        )

    def __str__(self) -> str:
        return f"{self.cases} cases, {self.failed} failed, {self.seconds:.0f} s"


@contextmanager
def server(services: Services, folder: Path) -> Iterator[str]:
    """The address of a server with demo data and many learners, on a database of its own."""
    name = f"lockstep_fuzz_{secrets.token_hex(4)}"
    environ = {
        "MONGODB_URI": services.mongodb_uri,
        "REDIS_URL": services.redis_url,
        "MONGODB_DATABASE": name,
        "LOCKSTEP_DATA": str(folder),
        "LOCKSTEP_DEMO": "1",
        "LOCKSTEP_GRAPHQL_RATE": "1000000/minute",
        "LOG_LEVEL": "WARNING",
        "SECRET_KEY": SECRET_KEY,
        "JWT_SECRET_KEY": JWT_SECRET_KEY,
    }
    with MongoClient[dict[str, Any]](services.mongodb_uri) as client:
        try:
            with process(environ, folder / "fuzz.log") as running:
                client[name].users.insert_many(
                    [{"_id": id, "email": f"{id}@example.com", "username": "fuzz"} for id in LEARNERS]
                )
                yield running.address
        finally:
            client.drop_database(name)


def contract(address: str, folder: Path, cases: int, seed: int | None = None) -> Figures:
    """At least so many requests by openapi.yaml, half of them nobody's; all phases, all checks."""
    total = Figures(0, 0, 0.0, "")
    for count, environ in enumerate(CALLERS.values(), 1):
        goal = cases * count // len(CALLERS)
        while total.cases < goal and not total.failed:
            examples = max(10, (goal - total.cases - FIXED) // PER_EXAMPLE + 1)
            arguments = ["openapi.yaml", "--url", address, "--max-examples", str(examples)]
            arguments += ["--exclude-checks", "no_surprise"]
            total += schemathesis(arguments, environ, folder, seed)
    return total


def graph(address: str, folder: Path, seconds: int, seed: int | None = None) -> Figures:
    """Documents by the schema for so long, as learners; only surprises count as failures."""
    arguments = [f"{address}/graphql", "--max-time", str(seconds), "--checks", "no_surprise"]
    return schemathesis(arguments, CALLERS["learners"], folder, seed)


def schemathesis(arguments: list[str], environ: Mapping[str, str], folder: Path, seed: int | None) -> Figures:
    """One run of schemathesis, with the settings of schemathesis.toml."""
    report = folder / "report.json"
    report.unlink(missing_ok=True)
    command = [
        *(sys.executable, "-c", "from schemathesis.cli import schemathesis; schemathesis()", "run"),
        *arguments,
        *("--no-color", "--report-json-path", str(report)),
        *(("--seed", str(seed)) if seed is not None else ()),
    ]
    begin = time.monotonic()
    done = subprocess.run(
        command,
        cwd=ROOT,
        env={**os.environ, "SCHEMATHESIS_HOOKS": "tests.fuzz.hooks", **environ},
        capture_output=True,
        text=True,
        check=False,
    )
    seconds = time.monotonic() - begin
    if not report.exists():
        raise AssertionError(f"schemathesis made no report:\n{done.stdout}{done.stderr}")
    found = json.loads(report.read_text())
    counts = found["test_cases"]
    failed = max(counts["with_failures"], counts["errored"], len(found["errors"]), int(done.returncode != 0))
    return Figures(counts["generated"], failed, seconds, done.stdout if failed else "")
