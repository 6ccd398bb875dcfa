"""The whole application: its pages, and which door a request goes through."""

import asyncio
import re
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from pymongo.asynchronous.database import AsyncDatabase
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from compat_rest.contract.findings import ContractError
from server.app import create
from server.embedded import Services
from server.scratch import listening
from server.settings import BadSetting, Settings
from tests.compat_rest.contracts import planted
from tests.doors.seed import plant
from tests.serving import process, served, settings_for

Database = AsyncDatabase[dict[str, Any]]

COURSES = "/api/courses/"
TITLES = ["First words", "汉字"]


@pytest.fixture
async def http(house: str, database: Database) -> AsyncIterator[httpx.AsyncClient]:
    await plant(datetime.now(UTC))
    async with httpx.AsyncClient(base_url=house) as client:
        yield client


def titles(answer: httpx.Response) -> list[str]:
    assert answer.status_code == 200
    return sorted(course["title"] for course in answer.json()["courses"])


@pytest.mark.parametrize(
    ("path", "media_type"),
    [
        ("/", "text/html; charset=utf-8"),
        ("/docs", "text/html; charset=utf-8"),
        ("/redoc", "text/html; charset=utf-8"),
        ("/openapi.json", "application/json"),
        ("/health", "application/json"),
        ("/health/live", "application/json"),
        ("/health/ready", "application/json"),
        ("/metrics", "text/plain; version=0.0.4; charset=utf-8"),
    ],
)
async def test_the_house_has_its_pages(http: httpx.AsyncClient, path: str, media_type: str) -> None:
    answer = await http.get(path)
    assert (answer.status_code, answer.headers["content-type"]) == (200, media_type)
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["x-request-id"]


async def test_graphiql_is_for_browsers(http: httpx.AsyncClient) -> None:
    page = await http.get("/graphql", headers={"Accept": "text/html"})
    assert page.status_code == 200
    assert '<div id="graphiql"' in page.text


async def test_the_contract_is_handed_out(http: httpx.AsyncClient) -> None:
    contract = (await http.get("/openapi.json")).json()
    assert contract["openapi"] == "3.1.0"
    operations = [operation for item in contract["paths"].values() for operation in item.values()]
    surfaces = Counter(each["operationId"].partition(".")[0] for each in operations if isinstance(each, dict))
    known = {"mandarin", "gateway", "auth", "genealogy", "storage", "search", "platform"}
    assert set(surfaces) == set(contract["x-surfaces"]) == known
    assert surfaces["mandarin"] == 12


async def test_a_page_that_is_not_there_is_the_houses_own(http: httpx.AsyncClient) -> None:
    assert (await http.get("/nothing")).status_code == 404
    assert (await http.get(COURSES)).status_code == 404
    assert (await http.get("/mandarin")).status_code == 404


async def test_a_surface_is_found_by_host_and_by_prefix(http: httpx.AsyncClient) -> None:
    for host in ("legacy.test", "LEGACY.test", "legacy.test:8000"):
        assert titles(await http.get(COURSES, headers={"Host": host})) == TITLES
    assert titles(await http.get(f"/mandarin{COURSES}")) == TITLES
    redirect = await http.get("/mandarin/api/courses")
    assert redirect.status_code == 308
    assert redirect.headers["location"].endswith("/mandarin/api/courses/")


async def test_a_surface_answers_in_its_own_words_alone(http: httpx.AsyncClient) -> None:
    answer = await http.get(COURSES, headers={"Host": "legacy.test"})
    assert [name for name in ("x-request-id", "x-content-type-options") if name in answer.headers] == []
    nothing = await http.get("/health", headers={"Host": "legacy.test"})
    assert (nothing.status_code, "<h1>Not Found</h1>" in nothing.text) == (404, True)


async def test_the_graph_is_on_a_surfaces_host_too(http: httpx.AsyncClient) -> None:
    query = {"query": "{ courses { totalCount } }"}
    for host in ("legacy.test", "localhost", "[::1]:8000"):
        answer = await http.post("/graphql", json=query, headers={"Host": host})
        assert answer.json() == {"data": {"courses": {"totalCount": 2}}}


async def test_requests_are_measured_by_surface_and_door(http: httpx.AsyncClient) -> None:
    await http.get(COURSES, headers={"Host": "legacy.test"})
    await http.post("/graphql", json={"query": "{ courses { totalCount } }"})
    text = (await http.get("/metrics")).text
    labels = 'door="rest",method="GET",operation="mandarin.courses",status="200",surface="mandarin"'
    assert f"http_requests_total{{{labels}}}" in text
    assert 'door="graphql",method="POST",operation="none",status="200",surface="house"' in text


async def test_hosts_come_from_the_settings_too(services: Services, database: Database) -> None:
    settings = settings_for(services, database.name, hosts={"api.old.example": "mandarin"})
    async with served(settings) as address, httpx.AsyncClient(base_url=address) as http:
        await plant(datetime.now(UTC))
        for host in ("api.old.example", "legacy.test"):
            assert titles(await http.get(COURSES, headers={"Host": host})) == TITLES


async def test_a_server_without_metrics_does_not_name_them(services: Services, scratch: Database) -> None:
    settings = settings_for(services, scratch.name, metrics_enabled=False)
    async with served(settings) as address, httpx.AsyncClient(base_url=address) as http:
        for prefix in ("", "/auth-service", "/gateway", "/genealogy", "/storage", "/search", "/platform"):
            assert (await http.get(f"{prefix}/metrics")).status_code == 404, prefix
        assert "/metrics" not in (await http.get("/")).text


async def test_the_limits_are_those_of_the_settings(services: Services, scratch: Database) -> None:
    settings = settings_for(services, scratch.name, max_body_bytes=100)
    async with served(settings) as address, httpx.AsyncClient(base_url=address) as http:
        large = {"query": "{ courses { totalCount } }" + " " * 100}
        assert (await http.post("/graphql", json=large)).status_code == 413
        assert (await http.post("/mandarin/api/auth/login", json=large)).status_code == 413


async def test_demo_data_is_loaded_once(services: Services, scratch: Database) -> None:
    settings = settings_for(services, f"{scratch.name}_demo", demo=True)
    try:
        for _ in range(2):
            async with served(settings) as address, httpx.AsyncClient(base_url=address) as http:
                answer = await http.post("/graphql", json={"query": "{ courses { totalCount } }"})
                assert answer.json() == {"data": {"courses": {"totalCount": 4}}}
    finally:
        await scratch.client.drop_database(settings.mongodb_database)


async def test_traces_go_where_the_settings_say(
    services: Services, scratch: Database, tmp_path: Path
) -> None:
    received: list[bytes] = []

    async def take(request: Request) -> Response:
        received.append(await request.body())
        return Response()

    collector = Starlette(routes=[Route("/v1/traces", take, methods=["POST"])])
    async with listening(collector) as (host, port):
        environ = {
            "LOCKSTEP_DATA": str(tmp_path),
            "LOCKSTEP_DEMO": "0",
            "MONGODB_URI": services.mongodb_uri,
            "MONGODB_DATABASE": scratch.name,
            "REDIS_URL": services.redis_url,
            "OTEL_EXPORTER_OTLP_ENDPOINT": f"http://{host}:{port}",
        }
        # A process of its own: the drivers of one process report to the first tracer only.
        with process(environ, tmp_path / "log") as server:
            async with httpx.AsyncClient(base_url=server.address) as http:
                await http.get(COURSES, headers={"Host": "legacy.test"})
            await asyncio.to_thread(server.stop)
    assert b"mandarin/mandarin.courses" in b"".join(received)
    assert f"{scratch.name}.find".encode() in b"".join(received)


def test_without_its_services_it_refuses_to_start(services: Services) -> None:
    settings = settings_for(services, "unused")
    for lacking in (replace(settings, mongodb_uri=None), replace(settings, redis_url=None)):
        with pytest.raises(BadSetting, match="MONGODB_URI and REDIS_URL are not set"):
            create(lacking)


def test_a_host_of_an_unknown_surface_is_refused(services: Services) -> None:
    message = "LOCKSTEP_HOSTS: old.test names the surface 'dzinza'; known are mandarin, gateway,"
    with pytest.raises(ValueError, match=re.escape(message)):
        create(settings_for(services, "unused", hosts={"old.test": "dzinza"}))


def test_a_contract_that_does_not_agree_is_refused(services: Services, tmp_path: Path) -> None:
    mistake = {"operations/mandarin/me.graphql": lambda text: text.replace("username", "userName")}
    settings: Settings = settings_for(services, "unused", contract=planted(tmp_path, mistake))
    with pytest.raises(ContractError) as refused:
        create(settings)
    (finding,) = refused.value.findings
    assert (finding.file, finding.operation) == ("operations/mandarin/me.graphql", "mandarin.me")


async def test_refusals_of_both_doors_and_commands_are_measured(
    http: httpx.AsyncClient,
) -> None:
    assert (await http.get("/mandarin/api/auth/me")).status_code == 401
    asked = await http.post("/graphql", json={"query": "{ dueReviews { totalCount } }"})
    assert asked.json()["errors"][0]["extensions"]["code"] == "NOT_SIGNED_IN"
    text = (await http.get("/metrics")).text
    assert 'lockstep_refusals_total{code="NOT_SIGNED_IN",door="graphql",surface="house"}' in text
    assert 'lockstep_refusals_total{code="TOKEN_MISSING",door="rest",surface="mandarin"}' in text
    assert "mongodb_command_duration_seconds_bucket" in text
    assert re.search(r"^mongodb_pool_connections [1-9]", text, re.MULTILINE)


async def test_public_courses_are_for_caches_and_published(http: httpx.AsyncClient) -> None:
    listed = await http.get("/mandarin/api/public/courses")
    assert titles(listed) == TITLES
    assert listed.headers["cache-control"] == "public, max-age=300, stale-while-revalidate=86400"
    assert "vary" not in listed.headers and "set-cookie" not in listed.headers
    known = {course["id"] for course in listed.json()["courses"]}
    every = range(1, 10)
    one = {id: (await http.get(f"/mandarin/api/public/courses/{id}")).status_code for id in every}
    assert {id for id, status in one.items() if status == 200} == known
    assert set(one.values()) == {200, 404}


async def test_the_review_page_is_on_the_hosts_that_show_it(http: httpx.AsyncClient) -> None:
    for host, api in (("house.test", "/mandarin"), ("legacy.test", "")):
        page = await http.get("/review/", headers={"Host": host})
        assert page.status_code == 200 and f'data-api="{api}"' in page.text
        worker = await http.get("/review/worker.js", headers={"Host": host})
        assert worker.headers["content-type"].startswith("text/javascript")
        for path in re.findall(r'"(/[^"]+)"', worker.text.partition("const VERSION")[0]):
            assert (await http.get(path, headers={"Host": host})).status_code == 200, path
    assert (await http.get("/review/", headers={"Host": "gateway.test"})).status_code == 404
