"""The dialect express on a small surface: what stands on every answer, and what a request passes first."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import brotli
import httpx
import pytest
import yaml

from compat_rest.contract.before import Limit
from compat_rest.dialects.express.compress import chosen, is_compressible
from compat_rest.dialects.express.headers import tag
from compat_rest.door import SurfaceDoor
from compat_rest.http import Reply, Request
from compat_rest.limits import Verdict
from tests.compat_rest import toys
from tests.compat_rest.contracts import Remembered

CSP = "default-src 'self'"
JSON = "application/json; charset=utf-8"
WHOLE = {"description": "The page."}
LONG = b'{"text":"' + b"x" * 2000 + b'"}'


class Counting:
    """Counts in memory, for tests that need no store."""

    def __init__(self) -> None:
        self.counts: dict[tuple[str, str, str], int] = {}

    async def __call__(self, surface: str, limit: Limit, key: str) -> Verdict:
        name = surface, limit.name, key
        self.counts[name] = count = self.counts.get(name, 0) + limit.cost
        return Verdict(max(0, limit.amount - count), 899.2, allowed=count <= limit.amount)


async def page(request: Request) -> Reply:
    """What the routes of the surface answer."""
    if request.path.endswith("long"):
        return Reply(200, [("Content-Type", JSON)], LONG, tagged=True)
    if request.path.endswith("picture"):
        return Reply(200, [("Content-Type", "image/png")], LONG, tagged=True)
    return Reply(200, [("Content-Type", JSON)], b'{"a":1}', tagged=True)


SURFACE: Mapping[str, Any] = {
    "before": ["cors", "limit:api", "compress", "body"],
    "stages": [],
    "limits": [{"name": "api", "paths": "/api", "rate": "3/15 minutes"}],
    "cors": {"origins": "http://a.test,http://b.test", "headers": ["Content-Type"], "preflight": 200},
    "values": {"csp": CSP, "body": 1000},
    "errors": {
        "UNREADABLE_BODY": {"status": 400, "body": {"error": "$error.message"}},
        "RATE_LIMITED": {"status": 429, "body": {"error": "Slower: {$error.retry_after}"}},
        "*": {"status": 500, "body": {"error": "Failed"}},
    },
}


def doors(folder: Path, **values: Any) -> dict[str, SurfaceDoor]:
    """The doors of a surface with two routes, and of one that is mounted in it."""
    paths: dict[str, Any] = {}
    for place, name in enumerate(("short", "long", "picture", "api/short")):
        paths[f"/toy/{name}"] = {
            "get": toys.operation(f"route{place}", {"200": WHOLE}, **{"x-instead": {"page": "health"}})
        }
    paths["/inner/notes"] = {
        "post": {
            **toys.operation("x", {"200": WHOLE}, **{"x-instead": {"page": "health"}}),
            "operationId": "inner.notes",
        }
    }
    path = toys.contract(folder, paths, surface={**SURFACE, **values})
    whole = yaml.safe_load(path.read_text())
    inner = {
        **SURFACE,
        "prefix": "/inner",
        "dialect": "express",
        "limits": [{"name": "all", "rate": "1000/15 minutes"}],
    }
    inner |= {"before": ["cors", "compress", "body", "limit:all"], "cors": {"origins": "http://c.test"}}
    inner["otherwise"] = [{"status": 404, "body": {"error": "None", "path": "$path"}}]
    whole["x-surfaces"]["inner"] = inner
    whole["x-surfaces"]["toy"]["mounts"] = [{"path": "/api/inner", "surface": "inner"}]
    path.write_text(yaml.safe_dump(whole, sort_keys=False))
    count, made = Counting(), dict[str, SurfaceDoor]()
    for name, served in toys.engine(path).surfaces.items():
        made[name] = SurfaceDoor(
            served,
            revocations=Remembered(),
            context_for=toys.context_for,
            max_body_bytes=10,
            timeout=5.0,
            count=count,
            pages={"health": page},
            inner=made.__getitem__,
        )
    return made


@pytest.fixture
async def client(tmp_path: Path) -> Any:
    transport = httpx.ASGITransport(app=doors(tmp_path)["toy"])
    async with httpx.AsyncClient(transport=transport, base_url="http://toy.test") as each:
        each.headers["Accept-Encoding"] = "identity"
        yield each


async def test_every_answer_is_careful(client: httpx.AsyncClient) -> None:
    answers = [await client.get("/short"), await client.options("/nothing"), await client.get("/nothing")]
    for answer in answers:
        assert answer.headers["x-frame-options"] == "SAMEORIGIN"
        assert answer.headers["strict-transport-security"] == "max-age=31536000; includeSubDomains"
        assert answer.headers["access-control-allow-credentials"] == "true"
    policies = [answer.headers["content-security-policy"] for answer in answers]
    assert policies == [CSP, CSP, "default-src 'none'"]


async def test_a_body_is_named_by_its_tag(client: httpx.AsyncClient) -> None:
    first = await client.get("/short")
    etag = first.headers["etag"]
    assert etag == tag(b'{"a":1}')
    for value in (etag, etag.removeprefix("W/"), f'"x", {etag}', "*"):
        again = await client.get("/short", headers={"If-None-Match": value})
        assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", etag)
        assert {"content-type", "content-length"}.isdisjoint(again.headers)
        assert again.headers["vary"] == "Origin"
    for more in ({"Cache-Control": "no-cache"}, {"If-Modified-Since": "Fri, 20 Nov 2026 00:00:00 GMT"}):
        assert (await client.get("/short", headers={"If-None-Match": etag, **more})).status_code == 200
    assert (await client.get("/short", headers={"If-None-Match": 'W/"7"'})).status_code == 200


def test_tags_are_those_of_node() -> None:
    recorded = b'{"message":"Genealogy service is working"}'
    assert tag(recorded) == 'W/"2a-dloSmZDz86L6K35LTsysdPoYPlc"'
    assert tag(b"") == 'W/"0-2jmj7l5rSw0yVb/vlWAYkK/YBwk"'


async def test_origins_that_are_allowed_are_told_so(client: httpx.AsyncClient) -> None:
    for origin, allowed in (("http://b.test", "http://b.test"), ("http://x.test", None), ("null", None)):
        answer = await client.get("/short", headers={"Origin": origin})
        assert answer.headers.get("access-control-allow-origin") == allowed
        assert answer.headers["vary"] == "Origin, Accept-Encoding"


async def test_every_options_is_a_preflight_and_is_not_counted(client: httpx.AsyncClient) -> None:
    answer = await client.options("/api/nothing", headers={"Origin": "http://a.test"})
    assert (answer.status_code, answer.content) == (200, b"")
    assert answer.headers["access-control-allow-methods"] == "GET,HEAD,PUT,PATCH,POST,DELETE"
    assert answer.headers["access-control-allow-headers"] == "Content-Type"
    assert (answer.headers["content-length"], answer.headers["vary"]) == ("0", "Origin")
    assert {"content-type", "etag", "ratelimit-limit"}.isdisjoint(answer.headers)


async def test_headers_are_reflected_where_none_are_named(tmp_path: Path) -> None:
    door = doors(tmp_path, cors={"origins": "http://a.test"})["toy"]
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app=door), base_url="http://toy.test"
    ) as client:
        asked = await client.options("/", headers={"Access-Control-Request-Headers": "x-a, X-B"})
        bare = await client.options("/")
    assert (asked.status_code, asked.headers["access-control-allow-headers"]) == (204, "x-a, X-B")
    assert asked.headers["vary"] == "Origin, Access-Control-Request-Headers"
    assert "access-control-allow-headers" not in bare.headers


async def test_a_client_is_counted_and_refused_in_the_words_of_the_surface(client: httpx.AsyncClient) -> None:
    answers = [await client.get("/API/short"), await client.get("/api"), await client.get("/apix")]
    assert [answer.headers.get("ratelimit-remaining") for answer in answers] == ["2", "1", None]
    first = answers[0].headers
    assert (first["ratelimit-policy"], first["ratelimit-limit"]) == ("3;w=900", "3")
    assert first["ratelimit-reset"] == "900"
    broken = await client.post("/api/short", content="{", headers={"Content-Type": "application/json"})
    assert (broken.status_code, broken.headers["ratelimit-remaining"]) == (400, "0")
    refused = await client.post("/api/short", content="{", headers={"Content-Type": "application/json"})
    assert (refused.status_code, refused.json()) == (429, {"error": "Slower: 900"})
    assert (refused.headers["retry-after"], refused.headers["ratelimit-remaining"]) == ("900", "0")
    # Compression comes after the limit, and has not been asked.
    assert refused.headers["vary"] == "Origin"


@pytest.mark.parametrize(
    ("accept", "coding"),
    [
        ("gzip", "gzip"),
        ("gzip, deflate, br", "br"),
        ("deflate", "deflate"),
        ("identity", None),
        ("GZIP", "gzip"),
    ],
)
async def test_a_long_answer_is_compressed(
    client: httpx.AsyncClient, accept: str, coding: str | None
) -> None:
    async with client.stream("GET", "/long", headers={"Accept-Encoding": accept}) as answer:
        raw = b"".join([piece async for piece in answer.aiter_raw()])
        assert answer.headers.get("content-encoding") == coding
        assert ("content-length" in answer.headers) is (coding is None)
        assert answer.headers["etag"] == tag(LONG)
        if coding == "br":
            assert brotli.decompress(raw) == LONG


async def test_what_is_short_or_no_text_is_left_as_it_is(client: httpx.AsyncClient) -> None:
    short = await client.get("/short", headers={"Accept-Encoding": "gzip"})
    assert "content-encoding" not in short.headers and short.headers["vary"] == "Origin, Accept-Encoding"
    picture = await client.get("/picture", headers={"Accept-Encoding": "gzip"})
    assert "content-encoding" not in picture.headers and picture.headers["vary"] == "Origin"
    head = await client.head("/long", headers={"Accept-Encoding": "gzip"})
    assert head.headers["content-length"] == str(len(LONG)) and head.content == b""


@pytest.mark.parametrize(
    ("header", "coding"),
    [
        ("", "identity"),
        ("*", "br"),
        ("*;q=0", "identity"),
        ("br;q=0.5, gzip", "gzip"),
        ("identity, gzip;q=0.9", "identity"),
        ("identity;q=0.5, gzip;q=0.5", "gzip"),
        ("br;q=0, *", "gzip"),
        ("br;q=x", "identity"),
        ("zstd", "identity"),
    ],
)
def test_the_coding_is_negotiated(header: str, coding: str) -> None:
    assert chosen(header) == coding


def test_media_types_tell_whether_they_get_smaller() -> None:
    assert all(
        map(is_compressible, ("text/x; a=b", "application/JSON", "image/svg+xml", "application/a+json"))
    )
    assert not any(map(is_compressible, ("", "application/x-gedcom", "image/png")))


async def test_a_mounted_surface_answers_in_its_own_words(client: httpx.AsyncClient) -> None:
    missing = await client.get("/api/inner/x?limit=5", headers={"Origin": "http://a.test"})
    assert (missing.status_code, missing.json()) == (404, {"error": "None", "path": "/x?limit=5"})
    # Its own limit is told, and the allowed origin of the surface around it.
    assert (missing.headers["ratelimit-limit"], missing.headers["ratelimit-remaining"]) == ("1000", "999")
    assert missing.headers["access-control-allow-origin"] == "http://a.test"
    assert missing.headers["vary"] == "Origin, Accept-Encoding"
    bare = await client.get("/API/inner")
    assert bare.json() == {"error": "None", "path": "/"}
    posted = await client.post("/api/inner//notes", json={"a": 1})
    assert (posted.status_code, posted.content) == (200, b'{"a":1}')
    # The surface around it counts too.
    assert (await client.get("/api/inner")).status_code == 429
