"""Whatever is sent to the old Node surfaces: an answer in their words, soon, and no trace in the database."""

import asyncio
import gzip
import json
import time
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from bson import encode
from pymongo.asynchronous.database import AsyncDatabase
from redis.asyncio import Redis

from server.embedded import Services
from tests.serving import served, settings_for

Database = AsyncDatabase[dict[str, Any]]
JSON = {"Content-Type": "application/json"}
GATEWAY, AUTH, GENEALOGY = ("gateway.test", "auth.test", "genealogy.test")
PATHS = {GATEWAY: "/api/auth/login", AUTH: "/auth/refresh", GENEALOGY: "/api/family-trees"}
WRONG = {"status": "error", "message": "Something went wrong!"}
DEEP = b"[" * 100_000 + b"]" * 100_000
# So large that reading it, or finding out what is wrong with it, takes a while.
LARGE = b'{"a":[' + b"1.5," * 2_000_000 + b"]}"
BOMB = gzip.compress(b" " * 200_000_000)
# Nobody may keep the server from answering others for longer.
PATIENCE = 2.0


@pytest.fixture
async def address(services: Services, scratch: Database) -> AsyncIterator[str]:
    settings = settings_for(services, scratch.name)
    secrets = {"JWT_SECRET": "a secret of the old servers, long enough", "API_RATE_LIMIT": "1000"}
    environ = {**settings.environ, **secrets}
    async with Redis.from_url(services.redis_url) as valkey:
        # Each test begins with nobody counted.
        counted = [key async for key in valkey.scan_iter(f"lockstep:{scratch.name}:*")]
        await valkey.delete(*counted or ["none"])
    async with served(settings_for(services, scratch.name, environ=environ)) as each:
        yield each


@pytest.fixture
async def http(address: str) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=address, timeout=30) as each:
        yield each


async def dump(database: Database) -> dict[str, list[bytes]]:
    """Every document, byte for byte."""
    names = await database.list_collection_names()
    return {name: [encode(row) async for row in database[name].find().sort("_id")] for name in sorted(names)}


async def sent(http: httpx.AsyncClient, host: str, content: bytes, **headers: str) -> httpx.Response:
    return await http.post(PATHS[host], content=content, headers={**JSON, "Host": host, **headers})


def told(host: str, status: int, message: str, name: str) -> tuple[int, Any]:
    """What a surface says of a body that it does not take."""
    if host == GATEWAY:
        return 500, WRONG
    if host == AUTH:
        return 500, {"error": name, "message": "Internal Server Error"}
    return status, {"success": False, "error": message}


@pytest.mark.parametrize("host", PATHS)
async def test_a_body_that_is_none_is_refused_in_the_words_of_the_surface(
    http: httpx.AsyncClient, scratch: Database, host: str
) -> None:
    before = await dump(scratch)
    cases: tuple[tuple[bytes, dict[str, str], int, str, str], ...] = (
        (b"{", {}, 400, "Expected property name or '}' in JSON at position 1", "SyntaxError"),
        (DEEP, {}, 400, "JSON is nested deeper than 1000 levels", "RangeError"),
        (
            b"\xff\xfe",
            {},
            400,
            "Unexpected token '\ufffd', \"\ufffd\ufffd\" is not valid JSON",
            "SyntaxError",
        ),
        (b"{}", {"Content-Encoding": "gzip"}, 400, "incorrect header check", "Error"),
        (BOMB, {"Content-Encoding": "gzip"}, 413, "request entity too large", "PayloadTooLargeError"),
        (b" " * 11_000_000, {}, 413, "request entity too large", "PayloadTooLargeError"),
        (
            b"{}",
            {"Content-Encoding": "x"},
            415,
            'unsupported content encoding "x"',
            "UnsupportedMediaTypeError",
        ),
    )
    for content, headers, status, message, name in cases:
        answer = await sent(http, host, content, **headers)
        assert (answer.status_code, answer.json()) == told(host, status, message, name), message
    assert await dump(scratch) == before


@pytest.mark.parametrize(
    "email",
    [
        {"$gt": ""},
        {"$ne": None},
        ["a@b.co", {"$gt": ""}],
        "\0",
        "\ud800@b.co",
        "x" * 100_000,
        {"__proto__": {}},
    ],
)
async def test_no_operator_signs_anybody_in(http: httpx.AsyncClient, scratch: Database, email: Any) -> None:
    before = await dump(scratch)
    content = json.dumps({"email": email, "password": {"$ne": ""}}).encode()
    for host, path in ((GATEWAY, "/api/auth/login"), (AUTH, "/auth/login")):
        answer = await http.post(path, content=content, headers={**JSON, "Host": host})
        assert answer.status_code in (400, 401, 500)
        assert "Traceback" not in answer.text and "accessToken" not in answer.text
    assert await dump(scratch) == before


async def test_others_are_answered_while_a_large_body_is_read(http: httpx.AsyncClient) -> None:
    longest = 0.0
    sending = [asyncio.create_task(sent(http, GATEWAY, LARGE)) for _ in range(3)]
    while not all(task.done() for task in sending):
        begin = time.perf_counter()
        answer = await http.get("/api/genealogy/test", headers={"Host": GATEWAY})
        longest = max(longest, time.perf_counter() - begin)
        assert answer.status_code == 200
    assert {task.result().status_code for task in sending} == {500}
    assert longest < PATIENCE


@pytest.mark.parametrize(
    "target", ["/%", "/api/%zz", "/api/" + "a/" * 3000, "/?" + "a[b]" * 5000, "/?" + "&" * 9000]
)
async def test_odd_targets_are_answered(http: httpx.AsyncClient, target: str) -> None:
    for host in PATHS:
        answer = await http.get(target, headers={"Host": host})
        assert answer.status_code in (401, 404, 500, 501)
        assert "Traceback" not in answer.text
