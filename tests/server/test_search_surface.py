"""The old search service's clients, from the first document to the analytics, over HTTP."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import jwt
import pytest
from pymongo.asynchronous.database import AsyncDatabase
from redis.asyncio import Redis

from models import raw
from models.search.log import SearchLog
from server.embedded import Services
from tests.models.search.searching import SECONDS, add_person, add_tree
from tests.serving import served, settings_for

Database = AsyncDatabase[dict[str, Any]]
SECRET = "a secret of the old servers, long enough"
ENTRY = {
    "id": "d1",
    "type": "person",
    "title": "Tendai Moyo",
    "content": "Taught mathematics in Gweru.",
    "metadata": {
        "firstName": "Tendai",
        "lastName": "Moyo",
        "birthPlace": "Harare",
        "birthDate": "1950-03-02",
    },
    "privacy": "private",
}


def bearer(**claims: Any) -> dict[str, str]:
    """The header of a caller."""
    return {"Host": "search.test", "Authorization": f"Bearer {jwt.encode(claims, SECRET, algorithm='HS256')}"}


ANN, BOB, ADMIN = bearer(userId="ann"), bearer(id="bob"), bearer(id="eve", role="admin")


@pytest.fixture
async def http(services: Services, database: Database, tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    """A client of a server with an index of its own."""
    async with Redis.from_url(services.redis_url) as valkey:
        counted = [key async for key in valkey.scan_iter(f"lockstep:{database.name}:*")]
        await valkey.delete(*counted or ["none"])
    settings = settings_for(services, database.name, search="embedded", data=tmp_path)
    environ = {**settings.environ, "JWT_SECRET": SECRET}
    settings = settings_for(services, database.name, search="embedded", data=tmp_path, environ=environ)
    async with served(settings) as address, httpx.AsyncClient(base_url=address, timeout=30) as client:
        yield client


async def post(
    http: httpx.AsyncClient, path: str, body: Any, headers: dict[str, str] = ANN
) -> httpx.Response:
    return await http.post(path, json=body, headers=headers)


async def found(http: httpx.AsyncClient, total: int, body: Any, headers: dict[str, str] = ANN) -> Any:
    """What a search gives, once it gives so much."""
    last = asyncio.get_running_loop().time() + SECONDS
    while True:
        answer = await post(http, "/api/search", body, headers)
        assert answer.status_code == 200, answer.text
        if answer.json()["data"]["total"] == total:
            return answer.json()
        assert asyncio.get_running_loop().time() < last, answer.text
        await asyncio.sleep(0.05)


async def test_a_document_is_handed_in_found_changed_and_taken_back(http: httpx.AsyncClient) -> None:
    answer = await post(http, "/api/search/index", ENTRY)
    assert (answer.status_code, answer.json()) == (
        201,
        {"success": True, "message": "Document indexed successfully"},
    )
    said = await found(http, 1, {"query": " tendia harare ", "page": 1})
    (hit,) = said["data"]["hits"]
    times = [hit["source"].pop(name) for name in ("created", "updated")]
    assert all(abs(datetime.now(UTC) - datetime.fromisoformat(time)).seconds < 60 for time in times)
    assert hit["source"] == {**ENTRY, "userId": "ann"}
    assert list(hit) == ["id", "score", "source", "highlight"]
    assert hit["highlight"] == {
        "title": ["<em>Tendai</em> Moyo"],
        "metadata.firstName": ["<em>Tendai</em>"],
        "metadata.birthPlace": ["<em>Harare</em>"],
    }
    year = datetime.now(UTC).year
    buckets = said["data"]["aggregations"]["created_date"]["buckets"]
    assert [(each["key_as_string"], each["doc_count"]) for each in buckets] == [
        (f"{year}-01-01T00:00:00.000Z", 1)
    ]
    bare = {"doc_count_error_upper_bound": 0, "sum_other_doc_count": 0}
    assert said["data"]["aggregations"]["types"] == {**bare, "buckets": [{"key": "person", "doc_count": 1}]}
    assert said["meta"] == {"query": "tendia harare", "page": 1, "size": 20}

    answer = await http.put("/api/search/index/d1", json={"metadata": {"birthPlace": "Mutare"}}, headers=ANN)
    assert (answer.status_code, answer.json()["message"]) == (200, "Document updated successfully")
    await found(http, 1, {"query": "tendai mutare"})
    await found(http, 0, {"query": "tendai harare"})
    answer = await http.delete("/api/search/index/d1", headers=ANN)
    assert (answer.status_code, answer.json()["message"]) == (200, "Document removed from index successfully")
    await found(http, 0, {"query": "tendai"})


async def test_another_s_document_is_neither_seen_changed_nor_removed(http: httpx.AsyncClient) -> None:
    await post(http, "/api/search/index", ENTRY)
    await found(http, 1, {"query": "tendai"})
    await found(http, 0, {"query": "tendai"}, BOB)
    answer = await http.put("/api/search/index/d1", json={"title": "Bob's"}, headers=BOB)
    assert (answer.status_code, answer.json()["error"]) == (500, "Update failed")
    answer = await http.delete("/api/search/index/d1", headers=BOB)
    assert (answer.status_code, answer.json()["error"]) == (500, "Delete failed")
    assert (await found(http, 1, {"query": "tendai"}))["data"]["hits"][0]["source"]["title"] == "Tendai Moyo"


async def test_people_of_trees_are_found_beside_documents(http: httpx.AsyncClient) -> None:
    tree = await add_tree("ann")
    await add_person(tree, "Tendai", "Ncube", birth_place="Gweru")
    await post(http, "/api/search/index", {**ENTRY, "privacy": "public"})
    await found(http, 2, {"query": "tendai"})
    await found(http, 1, {"query": "tendai"}, BOB)
    said = await found(http, 1, {"query": "tendai", "familyTreeId": str(tree.id)})
    assert said["data"]["hits"][0]["source"]["metadata"] == {
        "firstName": "Tendai",
        "lastName": "Ncube",
        "gender": "UNKNOWN",
        "birthPlace": "Gweru",
    }
    asked = {"firstName": "Tendia", "birthDate": "1950-03-02", "deathPlace": "Rome", "fuzzyMatch": True}
    answer = await post(http, "/api/search/person", asked)
    assert answer.status_code == 200, answer.text
    assert [hit["source"]["title"] for hit in answer.json()["data"]["hits"]] == ["Tendai Moyo"]
    assert answer.json()["meta"] == {"searchParams": asked, "fuzzyMatch": True}
    answer = await http.get("/api/search/suggestions", params={"q": "tend"}, headers=ANN)
    assert (answer.json()["success"], set(answer.json()["data"])) == (True, {"Tendai Moyo", "Tendai Ncube"})


async def test_filters_sort_and_pages(http: httpx.AsyncClient) -> None:
    for number in range(3):
        kind = "document" if number else "record"
        await post(
            http, "/api/search/index", {**ENTRY, "id": f"d{number}", "type": kind, "title": f"Moyo {number}"}
        )
    await found(http, 3, {"query": "moyo"})
    said = await found(http, 3, {"sort": {"field": "title", "order": "desc"}, "page": 2, "size": 2})
    assert [hit["source"]["title"] for hit in said["data"]["hits"]] == ["Moyo 0"]
    assert said["meta"] == {"page": 2, "size": 2}
    await found(http, 2, {"type": ["document"]})
    await found(http, 0, {"privacy": ["public"]})
    await found(http, 3, {"dateRange": {"field": "metadata.birthDate", "from": "1950", "to": "1950-03-02"}})
    await found(http, 0, {"dateRange": {"field": "birthDate", "from": "1950-03-03"}})
    await found(http, 3, {"location": {"field": "birthPlace", "value": "harare", "radius": "50km"}})


async def test_searches_are_counted_for_their_own_and_for_administrators(http: httpx.AsyncClient) -> None:
    await post(http, "/api/search/index", ENTRY)
    await found(http, 1, {"query": "Tendai"})
    await raw.collection(SearchLog).delete_many({})
    for query in ("Tendai", "tendai ", "nobody"):
        await post(http, "/api/search", {"query": query})
    await post(http, "/api/search/person", {"lastName": "moyo"}, BOB)

    async def asked(path: str, headers: dict[str, str] = ANN) -> Any:
        answer = await http.get(f"/api/analytics/{path}", headers=headers)
        assert answer.status_code == 200, answer.text
        return answer.json()

    said = await asked("popular-searches?limit=1")
    assert said["data"] == [{"query": "tendai", "count": 2, "percentage": 66.6667}]
    assert said["meta"] == {"limit": 1, "days": 30, "totalSearches": 3}
    said = await asked("search-trends?interval=month")
    assert [each["count"] for each in said["data"]] == [3]
    assert said["meta"] == {"days": 30, "interval": "month", "totalDataPoints": 1}
    said = await asked("search-performance")
    assert said["data"] == {
        "avgResults": 0.67,
        "totalSearches": 3,
        "searchTypes": {"general": 3},
        "performance": {"avgResultsPerSearch": 0.67, "searchesWithResults": 67},
    }
    assert (await asked("search-performance", BOB))["data"]["searchTypes"] == {"person": 1}
    own, everybody = await asked("search"), await asked("search?global=true", ADMIN)
    assert own["data"]["types"]["buckets"] == [{"key": "general", "doc_count": 3}]
    assert everybody["data"]["types"]["buckets"] == [
        {"key": "general", "doc_count": 3},
        {"key": "person", "doc_count": 1},
    ]
    assert (own["meta"], everybody["meta"]) == ({"userId": "ann", "global": False}, {"global": True})
    answer = await http.get("/api/analytics/search?global=true", headers=ANN)
    assert answer.status_code == 403


async def test_too_many_requests_are_told_in_plain_text(
    services: Services, database: Database, tmp_path: Path
) -> None:
    settings = settings_for(services, database.name)
    environ = {**settings.environ, "JWT_SECRET": SECRET, "SEARCH_RATE_LIMIT": "1"}
    async with served(settings_for(services, database.name, environ=environ)) as address:
        async with httpx.AsyncClient(base_url=address, headers={"Host": "search.test"}) as client:
            await client.get("/health")
            answer = await client.get("/health")
    assert (answer.status_code, answer.text) == (
        429,
        "Too many requests from this IP, please try again later.",
    )
    assert answer.headers["content-type"] == "text/html; charset=utf-8"


async def test_a_path_that_cannot_be_read_is_refused_once_it_is_clear_who_calls(
    http: httpx.AsyncClient,
) -> None:
    answer = await http.get("/api/search/%E0%A4%A", headers=ANN)
    assert (answer.status_code, answer.headers["content-type"]) == (400, "text/html; charset=utf-8")
    answer = await http.get("/api/search/%E0%A4%A", headers={"Host": "search.test"})
    assert (answer.status_code, answer.json()) == (401, {"error": "Access denied. No token provided."})
    answer = await http.get("/api/search/x%20y?z", headers=ANN)
    assert (answer.status_code, answer.json()["message"]) == (404, "Route /api/search/x%20y?z not found")
