"""Whatever is asked of search, at either door: a clear answer, soon, and nothing stored of it."""

import json
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from pymongo.asynchronous.database import AsyncDatabase

from models.search.entries import SearchEntry
from server.embedded import Services
from tests.server.test_search_surface import ANN, BOB, ENTRY, SECRET
from tests.serving import served, settings_for

PATIENCE = 2.0
OPERATORS: Any = {"$gt": ""}
DEEP: Any = "x"
for _ in range(40):
    DEEP = {"a": DEEP}


@pytest.fixture
async def http(
    services: Services, database: AsyncDatabase[dict[str, Any]], tmp_path: Path
) -> AsyncIterator[httpx.AsyncClient]:
    """A client of a server with an index."""
    settings = settings_for(services, database.name, search="embedded", data=tmp_path)
    environ = {**settings.environ, "JWT_SECRET": SECRET, "SEARCH_RATE_LIMIT": "10000"}
    settings = settings_for(services, database.name, search="embedded", data=tmp_path, environ=environ)
    async with served(settings) as address, httpx.AsyncClient(base_url=address, timeout=30) as client:
        yield client


async def sent(http: httpx.AsyncClient, path: str, body: Any) -> httpx.Response:
    """What is answered to a body, be it Unicode or not."""
    headers = {**ANN, "Content-Type": "application/json"}
    return await http.post(path, content=json.dumps(body), headers=headers)


SEARCHES: list[tuple[dict[str, Any], int]] = [
    ({"query": OPERATORS}, 400),
    ({"query": ["a"]}, 400),
    ({"query": "x" * 10_000}, 400),
    ({"query": "\0"}, 400),
    ({"query": "\ud800"}, 400),
    ({"query": "(a+)+$"}, 200),
    ({"query": ".*" * 400}, 200),
    ({"query": "type:person AND *:* OR scope:public"}, 200),
    ({"query": "/" * 999}, 200),
    ({"query": "a " * 500}, 200),
    ({"query": " ".join("abcdefgh"[: n % 7 + 2] * 8 for n in range(90))[:1000]}, 200),
    ({"query": "z" * 1000}, 200),
    ({"page": 10**9}, 400),
    ({"page": 501, "size": 20}, 400),
    ({"page": 0}, 400),
    ({"size": 101}, 400),
    ({"size": OPERATORS}, 400),
    ({"type": ["person", "user"]}, 400),
    ({"type": OPERATORS}, 400),
    ({"privacy": [OPERATORS]}, 400),
    ({"familyTreeId": OPERATORS}, 400),
    ({"familyTreeId": "x" * 10_000}, 400),
    ({"dateRange": {"field": "created", "from": "2025-02-30"}}, 400),
    ({"dateRange": {"field": "created", "from": OPERATORS}}, 400),
    ({"dateRange": {"field": "$where", "from": "2025"}}, 400),
    ({"dateRange": {"field": "created", "from": "9" * 5_000}}, 400),
    ({"dateRange": "2025"}, 400),
    ({"location": {"value": OPERATORS}}, 400),
    ({"sort": {"field": "_script"}}, 400),
    ({"sort": ["created"]}, 400),
]


async def test_a_search_is_bounded_and_clear(http: httpx.AsyncClient) -> None:
    await sent(http, "/api/search", {})
    for body, status in SEARCHES:
        begun = time.monotonic()
        answer = await sent(http, "/api/search", body)
        assert answer.status_code == status, (str(body)[:80], answer.text)
        assert time.monotonic() - begun < PATIENCE
        if status == 400:
            assert answer.json()["error"] == "Validation failed"


ENTRIES: list[dict[str, Any]] = [
    {"metadata": DEEP},
    {"metadata": {"a": ["x"] * 5_000}},
    {"metadata": {"a": "x" * 200_000}},
    {"metadata": {"a\0": 1}},
    {"metadata": {"a": "\ud800"}},
    {"title": "t" * 501},
    {"title": "\0"},
    {"content": "c" * 2_000_000},
    {"id": "i" * 1_000},
    {"id": OPERATORS},
    {"type": "user"},
    {"familyTreeId": OPERATORS},
]


async def test_an_entry_that_cannot_be_kept_leaves_nothing(http: httpx.AsyncClient) -> None:
    for more in ENTRIES:
        answer = await sent(http, "/api/search/index", {**ENTRY, **more})
        assert answer.status_code in (400, 413), (str(more)[:80], answer.text)
        assert await SearchEntry.count() == 0


async def test_names_of_operators_are_names(http: httpx.AsyncClient) -> None:
    metadata = {"$where": "1", "a.b": {"$gt": [1, None, 1.5, True]}, "": ""}
    answer = await http.post("/api/search/index", json={**ENTRY, "metadata": metadata}, headers=ANN)
    assert answer.status_code == 201, answer.text
    entry = await SearchEntry.get_pymongo_collection().find_one({})
    assert entry is not None and entry["metadata"] == metadata
    answer = await http.put(
        "/api/search/index/d1", json={"metadata": {"$set": {"owner": "bob"}}}, headers=ANN
    )
    assert answer.status_code == 200, answer.text
    entry = await SearchEntry.get_pymongo_collection().find_one({})
    assert entry is not None and (entry["owner"], entry["metadata"]["$set"]) == ("ann", {"owner": "bob"})


FIELDS: list[tuple[str, str]] = [
    ('search(words: "%s") { total }' % ("x" * 10_000), "UNFIT"),
    ("search(page: 1000000) { total }", "UNFIT"),
    ("search(first: 1000) { total }", "UNFIT"),
    ("search(first: 0) { total }", "UNFIT"),
    ('search(span: {dated: BIRTH, since: "1900-02-29"}) { total }', "UNFIT"),
    ('searchPeople(birth: "yesterday") { total }', "UNFIT"),
    ('searchPeople(firstName: "%s") { total }' % ("x" * 201), "UNFIT"),
    ("popularSearches(limit: 51) { total }", "INVALID"),
    ("searchTrends(days: 0) { number }", "INVALID"),
    ('searchAnalytics(since: "2025-13-01") { account }', "UNFIT"),
    ("searchAnalytics(everybody: true) { account }", "NOT_ADMINISTRATOR"),
]


async def test_the_graph_says_what_is_wrong(http: httpx.AsyncClient) -> None:
    headers = {"Authorization": BOB["Authorization"]}
    for field, code in FIELDS:
        answer = await http.post("/graphql", json={"query": f"{{ {field} }}"}, headers=headers)
        (error,) = answer.json()["errors"]
        assert error["extensions"]["code"] == code, error
