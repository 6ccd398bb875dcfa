"""Runs schemathesis against a real server, with nobody's requests and with signed-in ones."""

import asyncio
import json
import os
import secrets
import subprocess
import sys
import time
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pymongo import AsyncMongoClient, MongoClient

import models
from models.people import Person
from models.raw import stored_form
from models.relationships import Relationship
from models.roles import Role, give
from models.trees import Tree
from models.users import User
from server.embedded import Services
from tests.doors import family
from tests.fuzz.hooks import LEARNERS, OWNER, ROLE, SECRET, VIEWER, uuid_of
from tests.serving import JWT_SECRET_KEY, SECRET_KEY, lockstep, process

ROOT = Path(__file__).parents[2]
# A run that sends every kind of value makes so many requests before it draws any, then about so many for each
# example asked for.
FIXED = 4_600
PER_EXAMPLE = 130
DRAWN = "examples,fuzzing,stateful"
CALLERS: Mapping[str, Mapping[str, str]] = {
    "nobody": {},
    "learners": {SECRET: JWT_SECRET_KEY},
    "owner": {SECRET: JWT_SECRET_KEY, ROLE: str(OWNER)},
    "viewer": {SECRET: JWT_SECRET_KEY, ROLE: str(VIEWER)},
}
# The old servers refuse more than some requests in a quarter of an hour; a run sends more.
LIMITS = (
    "API_RATE",
    "AUTH_RATE",
    "AUTH_ATTEMPTS",
    "AUTH_VERIFY",
    "AUTH_EMAIL",
    "GENEALOGY_RATE",
    "SEARCH_RATE",
    "PLATFORM_RATE",
    "PLATFORM_AUTH",
    "STORAGE_RATE",
    "STORAGE_UPLOAD",
)


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
        "LOCKSTEP_WEED": "",  # files go into a real S3
        "SECRET_KEY": SECRET_KEY,
        "JWT_SECRET_KEY": JWT_SECRET_KEY,
        **{f"{name}_LIMIT": "1000000" for name in LIMITS},
    }
    with MongoClient[dict[str, Any]](services.mongodb_uri) as client:
        try:
            with process(environ, folder / "fuzz.log") as running:
                asyncio.run(plant(services.mongodb_uri, name))
                yield running.address
        finally:
            client.drop_database(name)


async def plant(uri: str, name: str) -> None:
    """The people of a run, and a tree with a family: one of them owns it, another may look at it."""
    accounts = {family.UUIDS["owner"]: uuid_of(OWNER), family.UUIDS["viewer"]: uuid_of(VIEWER)}
    client: AsyncMongoClient[dict[str, Any]] = AsyncMongoClient(uri)
    try:
        await models.connect(client[name])
        numbers = [*LEARNERS, OWNER, VIEWER]
        people = [
            User(id=number, uuid=uuid_of(number), email=f"{number}@example.com", username="fuzz")
            for number in numbers
        ]
        await User.get_pymongo_collection().insert_many([stored_form(each) for each in people])
        # Some of the learners may write resources, the owner may delete them too, and the viewer only reads.
        for number in (OWNER, *LEARNERS[:200]):
            await give(
                uuid_of(number), Role.MANAGER if number == OWNER else Role.EDITOR, "fuzz", datetime.now(UTC)
            )
        for document in family.documents():
            if isinstance(document, Tree | Person | Relationship):
                row = stored_form(document)
                for key in ("owner", "created_by"):
                    if key in row:
                        row[key] = accounts.get(row[key], row[key])
                for guest in row.get("collaborators", ()):
                    guest["account"] = accounts.get(guest["account"], guest["account"])
                await document.get_pymongo_collection().insert_one(row)
    finally:
        await client.close()


def bundle(folder: Path) -> Path:
    """The contract as one file, which tools of OpenAPI can read."""
    path = folder / "openapi.json"
    if not path.exists():
        subprocess.run([*lockstep("check"), "--bundle", str(path)], cwd=ROOT, check=True, capture_output=True)
    return path


def contract(
    address: str,
    folder: Path,
    cases: int,
    seed: int | None = None,
    covering: Collection[str] = tuple(CALLERS),
) -> Figures:
    """At least so many requests by openapi.yaml, a part of them nobody's; all checks.

    covering: the callers who also send every kind of value that the contract takes and refuses.
    """
    total = Figures(0, 0, 0.0, "")
    for name, environ in CALLERS.items():
        mine = Figures(0, 0, 0.0, "")
        fixed, phases = (FIXED, "examples,coverage,fuzzing,stateful") if name in covering else (0, DRAWN)
        while mine.cases < cases // len(CALLERS) and not mine.failed:
            examples = max(3, (cases // len(CALLERS) - mine.cases - fixed) // PER_EXAMPLE + 1)
            arguments = [str(bundle(folder)), "--url", address, "--max-examples", str(examples)]
            arguments += ["--exclude-checks", "no_surprise", "--phases", phases]
            mine += schemathesis(arguments, environ, folder, seed)
        total += mine
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
