"""Documents made to hurt are refused in bounded time, and a flood of new ones takes nobody the answers."""

import asyncio
import itertools
import json
import re
import secrets
import subprocess
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from pymongo import AsyncMongoClient

from schema.execution.cache import SAVED, SHARE
from server.embedded import Services
from tests.serving import Process, process

JSON = {"Content-Type": "application/json"}
# What the worst of them takes is some 40 ms of the processor; the rest is a generous share of a busy machine.
LONGEST = 1.5
# Kilobytes; the largest body that is read has 1,000, and a tree of it has some times as many.
MOST_MEMORY = 60_000
MEGABYTE = 990_000

# A flood: so many new documents a second, each sent so many times, for so many seconds.
NEW_A_SECOND = 20
TIMES = 3
SECONDS = 4.0
# What a busy machine may add to a time that is a few milliseconds otherwise.
PATIENCE = 0.5


@pytest.fixture
async def server(services: Services, tmp_path: Path) -> AsyncIterator[Process]:
    """A server process of its own, whose time and memory are not the tests'."""
    name = f"lockstep_flood_{secrets.token_hex(4)}"
    environ = {
        "LOCKSTEP_DATA": str(tmp_path / "data"),
        "MONGODB_URI": services.mongodb_uri,
        "MONGODB_DATABASE": name,
        "REDIS_URL": services.redis_url,
        "LOCKSTEP_GRAPHQL_RATE": "100000/minute",
        "LOCKSTEP_EXECUTION": "compiled",
    }
    with process(environ, tmp_path / "log") as running:
        yield running
    async with AsyncMongoClient[dict[str, Any]](services.mongodb_uri) as client:
        await client.drop_database(name)


def fragments(count: int, inside: Callable[[int], str]) -> str:
    return " ".join(f"fragment F{number} on Query {{ {inside(number)} }}" for number in range(count))


HURTFUL: dict[str, tuple[str, Any]] = {
    "10,000 fields": ("{" + " __typename" * 10_000 + "}", None),
    "1,900 fields": ("{" + " __typename" * 1_900 + "}", None),
    "1,900 unknown fields": ("{" + " nothing" * 1_900 + "}", None),
    "490 fields that may conflict": ("{" + "me{id}" * 490 + "}", None),
    "190 connections that may conflict": ("{" + "courses{edges{node{id}}}" * 190 + "}", None),
    "2,000 aliases": ("{" + " ".join(f"a{number}:__typename" for number in range(2_000)) + "}", None),
    "600 aliases": ("{" + " ".join(f"a{number}:__typename" for number in range(600)) + "}", None),
    "1,000 fragments in a circle": ("{...F0}" + fragments(1_000, lambda n: f"...F{(n + 1) % 1_000}"), None),
    "200 fragments in a circle": ("{...F0}" + fragments(200, lambda n: f"...F{(n + 1) % 200}"), None),
    "28 fragments, each with all others": (
        "{...F0}" + fragments(28, lambda n: " ".join(f"...F{other}" for other in range(30) if other != n)),
        None,
    ),
    "2 to the power of 150 aliases": (
        "{...F0}"
        + fragments(150, lambda n: f"...F{n + 1} ...F{n + 1}")
        + "fragment F150 on Query { a: __typename }",
        None,
    ),
    "nesting of 400": ("{" + "...{" * 400 + "__typename" + "}" * 400 + "}", None),
    "a costly page": (
        "query($n: Int) { courses(first: $n) { edges { node { content { course { content { id } } } } } } }",
        {"n": 2_000},
    ),
    "a list 60 deep as a variable": (
        "query($n: " + "[" * 60 + "Int" + "]" * 60 + ") { courses(first: $n) { totalCount } }",
        {"n": json.loads("[" * 60 + "]" * 60)},
    ),
    "a list where an id belongs": ("query($n: ID!) { course(id: $n) { id } }", {"n": [1] * 200_000}),
    "1 MB as a variable": ("query($n: Int!) { courses(first: $n) { totalCount } }", {"n": "9" * MEGABYTE}),
    "1 MB of text": ('{ course(id: "' + "a" * MEGABYTE + '") { id } }', None),
    "1 MB of text in a block": ('{ course(id: """' + "a" * MEGABYTE + '""") { id } }', None),
    "1 MB of digits": ("{ courses(first: " + "1" * MEGABYTE + ") { totalCount } }", None),
    "1 MB of a name": ("{ " + "a" * MEGABYTE + " }", None),
    "1 MB of a comment": ("{ __typename } #" + "a" * MEGABYTE, None),
    "1 MB of blanks": ("{ nothing" + " " * MEGABYTE + "}", None),
}


async def test_documents_made_to_hurt_are_refused_in_bounded_time(
    server: Process, record_property: Callable[[str, object], None]
) -> None:
    took: dict[str, float] = {}
    async with httpx.AsyncClient(base_url=server.address, timeout=30) as http:
        await http.post("/graphql", json={"query": "{ __typename }"})
        before = memory(server)
        for name, (query, variables) in HURTFUL.items():
            content = json.dumps({"query": query, "variables": variables}).encode()
            # As often as it takes to be kept and compiled.
            for _ in range(TIMES):
                begin = time.perf_counter()
                answer = await http.post("/graphql", content=content, headers=JSON)
                took[name] = max(took.get(name, 0), time.perf_counter() - begin)
                assert answer.status_code == 200, name
                codes = {error["extensions"]["code"] for error in answer.json().get("errors", ())}
                assert codes == {"INVALID"}, name
        grown = memory(server) - before
    slowest = max(took, key=lambda name: took[name])
    record_property(
        "figure",
        f"Documents made to hurt: {len(took)}; the slowest, {slowest}, took {took[slowest] * 1000:.0f} ms;"
        f" the server grew by {grown / 1000:.0f} MB",
    )
    assert took[slowest] < LONGEST
    assert grown < MOST_MEMORY


async def test_a_flood_of_new_documents_leaves_the_old_clients_their_answers(
    server: Process, record_property: Callable[[str, object], None]
) -> None:
    before = await visit(server.address, time.monotonic() + SECONDS)
    end = time.monotonic() + SECONDS
    during, sent = await asyncio.gather(visit(server.address, end), flood(server.address, end))
    told = httpx.get(f"{server.address}/metrics").text
    seconds, plans = (
        float(re.findall(rf"^lockstep_graphql_compile_seconds_{what} (\S+)$", told, re.MULTILINE)[0])
        for what in ("sum", "count")
    )
    record_property(
        "figure",
        f"A flood of {sent} new documents in {SECONDS:.0f} s, each sent {TIMES} times, {plans:.0f} compiled"
        f" in {seconds * 1000:.0f} ms: p99 of GET /api/courses/ was {p99(before) * 1000:.1f} ms before it"
        f" and {p99(during) * 1000:.1f} ms meanwhile",
    )
    assert sent > SECONDS
    assert plans > 0
    assert seconds < SAVED + SHARE * SECONDS + PATIENCE
    assert p99(during) < p99(before) + PATIENCE


async def visit(address: str, end: float) -> list[float]:
    """Old clients that list the courses, one after the other until the end; how long each waited."""
    waits = []
    async with httpx.AsyncClient(base_url=address, headers={"Host": "legacy.test"}) as http:
        while time.monotonic() < end:
            begin = time.perf_counter()
            assert (await http.get("/api/courses/")).status_code == 200
            waits.append(time.perf_counter() - begin)
            await asyncio.sleep(0.005)
    return waits


async def flood(address: str, end: float) -> int:
    """New documents at a steady pace until the end, each several times; how many."""
    async with httpx.AsyncClient(base_url=address) as http:
        for number in itertools.count():
            begin = time.monotonic()
            if begin >= end:
                return number
            node = "id title description published createdAt content { id title body course { id title } }"
            query = (
                f"{{ a{number}: courses(first: {number % 50}) {{ edges {{ cursor node {{ {node} }} }} }} }}"
            )
            for _ in range(TIMES):
                answer = await http.post("/graphql", json={"query": query})
                assert "errors" not in answer.json()
            await asyncio.sleep(max(0, begin + 1 / NEW_A_SECOND - time.monotonic()))
    raise AssertionError("counting has no end")


def p99(waits: list[float]) -> float:
    return sorted(waits)[int(len(waits) * 0.99)]


def memory(server: Process) -> int:
    """The memory of a server, in kilobytes."""
    told = subprocess.run(["ps", "-o", "rss=", "-p", str(server.popen.pid)], capture_output=True, check=True)
    return int(told.stdout)
