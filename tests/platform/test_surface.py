"""What every answer of the platform has: one shape of refusals, the same headers, limits, probes."""

import json
from pathlib import Path
from typing import Any

import httpx
import pytest

from models.roles import Role
from server.embedded import Services
from tests.platform.conftest import ENVIRON
from tests.platform.people import HOST, Client, bearer, refusal
from tests.serving import served, settings_for

JSON_TYPE = {"Content-Type": "application/json"}
POLICIES = {
    "content-security-policy": (
        "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "strict-transport-security": "max-age=31536000; includeSubDomains; preload",
    "referrer-policy": "strict-origin-when-cross-origin",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
}


async def sent(client: Client, content: bytes, **headers: str) -> httpx.Response:
    """The answer to a body as it is."""
    said = {**client.headers, **JSON_TYPE, **headers, "Host": HOST}
    return await client.http.post("/api/resource", content=content, headers=said)


@pytest.mark.parametrize(
    ("content", "headers", "refused"),
    [
        (b"{", {}, (400, "Bad Request")),
        (b'{"name": NaN}', {}, (400, "Bad Request")),
        (b'{"name": "\xff"}', {}, (400, "Bad Request")),
        (b'{"name": "\\ud800"}', {}, (400, "Bad Request")),
        (b'{"name": "x", "data": {"a": "\\ud800"}}', {}, (400, "Bad Request")),
        (b'{"name": "x", "data": {"n": ' + b"9" * 5_000 + b"}}", {}, (400, "Bad Request")),
        (b'{"name": "x", "data": ' + b'{"a":' * 70 + b"1" + b"}" * 71, {}, (400, "Bad Request")),
        (b'{"name": "x", "data": ' + b'{"a":' * 40 + b"1" + b"}" * 41, {}, (400, "Bad Request")),
        (b'{"name": "x"}', {"Content-Type": "text/plain"}, (415, "Unsupported Media Type")),
        (b"name=x", {"Content-Type": "application/x-www-form-urlencoded"}, (415, "Unsupported Media Type")),
        (b'{"name": "' + b"x" * 1_000_000 + b'"}', {}, (413, "Payload Too Large")),
    ],
    ids=range(11),
)
async def test_a_body_that_cannot_be_read_is_refused_in_the_one_shape(
    client: Client, content: bytes, headers: dict[str, str], refused: tuple[int, str]
) -> None:
    assert refusal(await sent(client.like(bearer(Role.EDITOR)), content, **headers)) == refused


async def test_who_calls_is_asked_before_anything_else_is_looked_at(client: Client) -> None:
    assert refusal(await sent(client, b"{")) == (401, "Unauthorized")


async def test_metrics_that_are_off_are_no_path(services: Services, database: Any, contract: Path) -> None:
    settings = settings_for(
        services, database.name, contract=contract, environ=ENVIRON, metrics_enabled=False
    )
    async with served(settings) as address, httpx.AsyncClient(base_url=address, trust_env=False) as http:
        answer = await Client(http).get("/metrics")
    assert refusal(answer) == (404, "Not Found")
    assert "x-request-id" in answer.headers


async def test_there_is_no_other_path_and_no_other_method(client: Client) -> None:
    for path in (
        "/",
        "/api/resource/",
        "/api/resource/a/b",
        "/api/v2/resource",
        "/API/resource",
        "//api/resource",
    ):
        assert refusal(await client.get(path)) == (404, "Not Found"), path
    answer = await client.ask("PATCH", "/api/resource")
    assert refusal(answer) == (405, "Method Not Allowed")
    assert answer.json()["message"] == "The PATCH method is not allowed for this resource"
    assert answer.headers["allow"] == "GET, HEAD, OPTIONS, POST"
    options = await client.ask("OPTIONS", "/api/v1/resource/x")
    assert (options.status_code, options.headers["allow"]) == (204, "DELETE, GET, HEAD, OPTIONS, PUT")
    assert refusal(await client.ask("TRACE", "/health"))[0] == 405


async def test_head_says_what_get_would(client: Client) -> None:
    member = client.like(bearer(Role.USER))
    get, head = await member.get("/api/resource"), await member.ask("HEAD", "/api/resource")
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["content-length"] == get.headers["content-length"]


async def test_every_answer_has_the_same_headers(client: Client) -> None:
    member = client.like(bearer(Role.USER))
    for path in ("/health", "/nowhere", "/api/resource", "/api/resource/x"):
        answer = await member.get(path, X_Request_ID="named-by-me")
        assert {name: answer.headers[name] for name in POLICIES} == POLICIES
        assert answer.headers["x-request-id"] == "named-by-me"
        assert float(answer.headers["x-response-time"]) >= 0
        assert answer.headers["vary"].startswith("Authorization, Cookie")
        assert answer.headers["cache-control"] == ("no-store" if answer.is_error else "private, no-cache")
        assert answer.headers["content-type"] == "application/json"


async def test_json_is_written_as_it_is_in_the_order_of_the_contract(client: Client) -> None:
    made = await client.like(bearer(Role.EDITOR)).ask("POST", "/api/resource", {"name": "Ägypten 🌍"})
    assert made.text.startswith('{"data":{"id":') and '"name":"Ägypten 🌍"' in made.text
    assert json.loads(made.content) == made.json()


async def test_only_known_origins_may_call_from_elsewhere(client: Client) -> None:
    known, unknown = "http://localhost:3000", "http://elsewhere.test"
    asked = {"Access_Control_Request_Method": "PUT"}
    answer = await client.ask("OPTIONS", "/api/resource/x", Origin=known, **asked)
    assert (answer.status_code, answer.headers["access-control-allow-origin"]) == (204, known)
    assert "PUT" in answer.headers["access-control-allow-methods"]
    assert "If-Match" in answer.headers["access-control-allow-headers"]
    for origin, allowed in ((known, known), (unknown, None)):
        answer = await client.get("/health/live", Origin=origin)
        assert answer.headers.get("access-control-allow-origin") == allowed


async def test_probes_and_measurements_need_nobody(client: Client) -> None:
    health = (await client.get("/health")).json()
    assert (health["status"], health["summary"]["unhealthy_dependencies"]) == ("healthy", 0)
    assert health["application"]["name"] == "lockstep"
    ready = (await client.get("/health/ready")).json()
    assert (ready["status"], ready["ready"], ready["probe_type"]) == ("ready", True, "readiness")
    live = (await client.get("/health/live")).json()
    assert (live["status"], live["probe_type"]) == ("healthy", "liveness")
    told = (await client.get("/health/dependencies")).json()["dependencies"]
    assert told["database"]["ready"] and told["cache"]["ready"]
    assert told["issuers"] == [{"name": "auth0", "circuit": "closed"}]
    metrics = await client.get("/metrics")
    assert metrics.status_code == 200 and "http_requests_total" in metrics.text


async def test_who_asks_too_often_is_told_when_to_come_again(
    services: Services, database: Any, contract: Path
) -> None:
    environ = {**ENVIRON, "PLATFORM_RATE_LIMIT": "3", "PLATFORM_AUTH_LIMIT": "2"}
    settings = settings_for(services, f"{database.name}_limits", contract=contract, environ=environ)
    async with (
        served(settings) as address,
        httpx.AsyncClient(base_url=address, trust_env=False) as http,
    ):
        client = Client(http)
        logins = [await client.ask("POST", "/auth/login", {}) for _ in range(3)]
        assert [answer.status_code for answer in logins] == [401, 401, 429]
        assert refusal(logins[-1]) == (429, "Too Many Requests")
        assert 0 < logins[-1].json()["retry_after"] <= 60
        assert logins[-1].headers["retry-after"] == str(logins[-1].json()["retry_after"])
        assert logins[-1].headers["x-ratelimit-remaining"] == "0"
        assert refusal(await client.get("/api/resource")) == (429, "Too Many Requests")
        assert (await client.get("/health")).status_code == 200
    await database.client.drop_database(f"{database.name}_limits")
