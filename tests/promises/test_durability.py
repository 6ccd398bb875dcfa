"""What the server has said is done is still done after it, and its database, were killed."""

import asyncio
import json
import os
import secrets
import signal
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from pymongo import MongoClient

from schema.tokens import Tokens
from server.embedded import Services
from server.embedded import services as run_services
from server.settings import Settings
from tests.serving import JWT_SECRET_KEY, SECRET_KEY, process

LEARNERS = 4
COURSES = 45
# Killed as soon as so many are acknowledged, with the next ones on their way.
ENOUGH = 50


@dataclass
class Stream:
    """Learners who enrol in one course after the other, and what they were told."""

    address: str
    acknowledged: set[tuple[int, int]] = field(default_factory=set)
    refused: list[tuple[int, str]] = field(default_factory=list)

    async def run(self) -> None:
        """Enrols every learner in every course, or as far as the server lives."""
        await asyncio.gather(*(self.learner(user) for user in range(1, LEARNERS + 1)))

    async def learner(self, user: int) -> None:
        async with httpx.AsyncClient(base_url=self.address, headers=headers(user)) as http:
            for course in range(1, COURSES + 1):
                try:
                    answer = await http.post(f"/api/courses/{course}/enroll")
                except httpx.TransportError:
                    return
                if answer.status_code == 201:
                    self.acknowledged.add((user, course))
                else:
                    self.refused.append((answer.status_code, answer.text))

    async def run_until_killed(self, pids: list[int]) -> None:
        """Kills the processes in the middle of the stream."""
        learners = asyncio.create_task(self.run())
        patience = time.monotonic() + 30
        while len(self.acknowledged) < ENOUGH and time.monotonic() < patience:
            await asyncio.sleep(0.001)
        for pid in pids:
            os.kill(pid, signal.SIGKILL)
        await learners


def headers(user: int) -> dict[str, str]:
    token = Tokens(JWT_SECRET_KEY).issue(user, datetime.now(UTC))
    return {"Host": "legacy.test", "Authorization": f"Bearer {token}"}


def fill(uri: str, name: str) -> None:
    """Learners and courses, in a database of their own."""
    with MongoClient[dict[str, Any]](uri) as client:
        learners = range(1, LEARNERS + 1)
        client[name].users.insert_many(
            [{"_id": user, "email": f"{user}@example.com", "username": "learner"} for user in learners]
        )
        courses = range(1, COURSES + 1)
        client[name].courses.insert_many([{"_id": course, "published": True} for course in courses])


def pids_of(data: Path) -> list[int]:
    """The processes of embedded services."""
    return [row["pid"] for row in json.loads((data / "services.json").read_text()).values()]


@pytest.fixture
def environ(tmp_path: Path) -> dict[str, str]:
    return {
        "LOCKSTEP_DATA": str(tmp_path / "data"),
        "LOCKSTEP_DEMO": "0",
        "MONGODB_DATABASE": f"lockstep_durable_{secrets.token_hex(4)}",
        "SECRET_KEY": SECRET_KEY,
        "JWT_SECRET_KEY": JWT_SECRET_KEY,
    }


@pytest.fixture
def beside(environ: dict[str, str], services: Services) -> Iterator[dict[str, str]]:
    """A server beside the services of this session."""
    fill(services.mongodb_uri, environ["MONGODB_DATABASE"])
    yield {**environ, "MONGODB_URI": services.mongodb_uri, "REDIS_URL": services.redis_url}
    with MongoClient[dict[str, Any]](services.mongodb_uri) as client:
        client.drop_database(environ["MONGODB_DATABASE"])


@pytest.fixture
def alone(environ: dict[str, str], tmp_path: Path) -> dict[str, str]:
    """A server with embedded services in a folder of its own."""
    with run_services(Settings(data=tmp_path / "data"), exclusive=True) as running:
        fill(running.mongodb_uri, environ["MONGODB_DATABASE"])
    return {**environ, "MONGODB_URI": "", "REDIS_URL": ""}


async def enrolled(address: str, user: int) -> set[tuple[int, int]]:
    """The courses that a learner takes, as the server tells it."""
    query = "{ myEnrollments(first: 100) { edges { node { userId courseId progress enrolledAt } } } }"
    async with httpx.AsyncClient(base_url=address, headers=headers(user)) as http:
        answer = await http.post("/graphql", json={"query": query}, headers={"Host": "localhost"})
    edges = answer.json()["data"]["myEnrollments"]["edges"]
    return {(int(edge["node"]["userId"]), int(edge["node"]["courseId"])) for edge in edges}


async def stream_and_look(environ: dict[str, str], log: Path, data: Path | None) -> None:
    """The story itself: a stream, a kill, a restart, and the same stream again."""
    with process(environ, log) as server:
        stream = Stream(server.address)
        await stream.run_until_killed([server.popen.pid, *(pids_of(data) if data else ())])
    assert stream.refused == []
    assert ENOUGH <= len(stream.acknowledged) < LEARNERS * COURSES
    with process(environ, log) as server:
        found = set()
        for user in range(1, LEARNERS + 1):
            found |= await enrolled(server.address, user)
        assert stream.acknowledged - found == set()
        # At most the request that each learner was waiting for was done without being acknowledged.
        assert len(found) <= len(stream.acknowledged) + LEARNERS
        again = Stream(server.address)
        await again.run()
        assert len(again.acknowledged) == LEARNERS * COURSES - len(found)
        assert again.refused == [(400, '{"error":"Already enrolled"}\n')] * len(found)


async def test_what_is_acknowledged_outlives_the_server(beside: dict[str, str], tmp_path: Path) -> None:
    await stream_and_look(beside, tmp_path / "log", None)


async def test_what_is_acknowledged_outlives_server_and_database(
    alone: dict[str, str], tmp_path: Path
) -> None:
    await stream_and_look(alone, tmp_path / "log", tmp_path / "data")
