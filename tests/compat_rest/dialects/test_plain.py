"""The dialect without a framework: routes to the letter, refusals by rows, and what every answer says."""

import json
from pathlib import Path
from typing import Any

import pytest

from compat_rest.door import SurfaceDoor
from tests.compat_rest.contracts import Remembered
from tests.compat_rest.toys import Said, context_for, contract, engine, operation, problems

DOCUMENTS = {"box": "query box($name: String!) { text(name: $name) }", "boxes": "{ text }"}
BODY = {
    "type": "object",
    "required": ["said"],
    "properties": {"said": {"type": "string", "x-graph": "/text"}},
}
TEXT = {"description": "It.", "content": {"application/json": {"schema": BODY}}}
TAGGED = {**TEXT, "headers": {"ETag": {"schema": {"const": '"1"'}}}}
NOT_FOUND = {"status": 404, "body": {"error": "Not Found", "at": "$now.python"}}
SURFACE: dict[str, Any] = {
    "dialect": "plain",
    "before": [],
    "stages": ["body", "validate"],
    "values": {"aliases": {"/v1/": "/"}, "headers": {"X-Always": "1"}, "depth": 3},
    "errors": {
        "PATH_UNKNOWN": NOT_FOUND,
        "COURSE_NOT_FOUND": NOT_FOUND,
        "METHOD_UNKNOWN": {
            "status": 405,
            "body": {"error": "{$method}"},
            "headers": {"Allow": "$error.allow"},
        },
        "UNSUPPORTED_TYPE": {"status": 415, "body": {"error": "type"}},
        "*": {"status": 400, "body": {"error": "bad"}},
    },
}
OTHERS = {
    status: {"description": "No.", "content": {"application/json": {}}} for status in ("404", "405", "415")
}
NAME = {"name": "name", "in": "path", "required": True, "schema": {"type": "string"}}


@pytest.fixture
def boxes(tmp_path: Path) -> Path:
    """A contract on the small graph."""
    named = {"type": "object", "required": ["name"], "properties": {"name": {"type": "string"}, "more": {}}}
    sent = {"content": {"application/json": {"schema": named}}}
    paths = {
        "/toy/boxes": {"get": operation("boxes", {"200": TAGGED, **OTHERS})},
        "/toy/boxes/{name}": {"parameters": [NAME], "get": operation("box", {"200": TEXT, **OTHERS})},
        "/toy/put": {"put": operation("box_of_body", {"200": TEXT, **OTHERS}, requestBody=sent)},
    }
    path = contract(tmp_path, paths, {**DOCUMENTS, "box_of_body": DOCUMENTS["box"]}, SURFACE)
    assert problems(path) == []
    return path


async def ask(
    path: Path, method: str, target: str, sent: Any = None, headers: dict[str, str] | None = None
) -> Said:
    """What the whole door says."""
    door = SurfaceDoor(
        engine(path).surfaces["toy"],
        revocations=Remembered(),
        context_for=context_for,
        max_body_bytes=10_000,
        timeout=5,
    )
    content = b"" if sent is None else json.dumps(sent).encode()
    said = {"host": "toy.test", **({} if sent is None else {"content-type": "application/json"})}
    said |= {"content-length": str(len(content))} if content else {}
    scope: dict[str, Any] = {
        "type": "http",
        "scheme": "http",
        "method": method,
        "path": target,
        "raw_path": target.encode(),
        "query_string": b"",
        "headers": [(k.lower().encode(), v.encode()) for k, v in {**said, **(headers or {})}.items()],
        "client": ("127.0.0.1", 5),
    }
    messages: list[Any] = []

    async def receive() -> Any:
        return {"type": "http.request", "body": content}

    async def send(message: Any) -> None:
        messages.append(message)

    await door(scope, receive, send)
    start, body = messages
    told = {name.decode().lower(): value.decode() for name, value in start["headers"]}
    return Said(start["status"], told, body["body"])


async def test_paths_are_taken_to_the_letter(boxes: Path) -> None:
    assert (await ask(boxes, "GET", "/boxes/red")).json == {"said": "<red>"}
    assert (await ask(boxes, "GET", "/v1/boxes/red")).json == {"said": "<red>"}
    for path in ("/boxes/", "/boxes//", "/Boxes", "/boxes/red/", "/v1", "/v1/v1/boxes", "/"):
        refused = await ask(boxes, "GET", path)
        assert (refused.status, refused.json["error"]) == (404, "Not Found"), path
        assert len(refused.json["at"]) >= 19


async def test_methods_are_told(boxes: Path) -> None:
    refused = await ask(boxes, "DELETE", "/boxes/red")
    assert (refused.status, refused.json, refused.headers["allow"]) == (
        405,
        {"error": "DELETE"},
        "GET, HEAD, OPTIONS",
    )
    told = await ask(boxes, "OPTIONS", "/put")
    assert (told.status, told.headers["allow"], told.body) == (204, "OPTIONS, PUT", b"")
    assert (await ask(boxes, "HEAD", "/boxes/red")).status == 200


async def test_what_the_client_has_is_not_sent_again(boxes: Path) -> None:
    assert (await ask(boxes, "GET", "/boxes")).headers["etag"] == '"1"'
    for tags in ('"1"', 'W/"1"', '"0", "1"', "*"):
        again = await ask(boxes, "GET", "/boxes", headers={"If-None-Match": tags})
        assert (again.status, again.body, again.headers["etag"]) == (304, b"", '"1"')
        assert "content-type" not in again.headers
    assert (await ask(boxes, "GET", "/boxes", headers={"If-None-Match": '"2"'})).status == 200


async def test_answers_say_how_long_they_may_be_kept(boxes: Path) -> None:
    for path, said in (("/boxes", "private, no-cache"), ("/nowhere", "no-store")):
        answer = await ask(boxes, "GET", path)
        assert answer.headers["cache-control"] == said
        assert float(answer.headers["x-response-time"]) >= 0


@pytest.mark.parametrize(
    ("sent", "headers", "status"),
    [
        ({"name": "red"}, {}, 200),
        ({"name": "red"}, {"content-type": "application/problem+json; charset=utf-8"}, 200),
        ({"name": "red"}, {"content-type": "text/json"}, 415),
        ({"name": "red", "more": [[1]]}, {}, 200),
        ({"name": "red", "more": [[[1]]]}, {}, 400),
        ([], {}, 400),
        (None, {}, 400),
        (None, {"content-type": "application/json"}, 400),
        (None, {"content-length": "00"}, 400),
        (None, {"transfer-encoding": "chunked"}, 415),
    ],
)
async def test_bodies_are_json_objects(boxes: Path, sent: Any, headers: dict[str, str], status: int) -> None:
    assert (await ask(boxes, "PUT", "/put", sent, headers)).status == status


def identity(**values: Any) -> dict[str, Any]:
    """A surface with one way to know people."""
    return {"identity": [{"scheme": "issued", "algorithms": ["RS256"], **values}]}


ISSUED = {
    "components": {
        "securitySchemes": {"issued": {"type": "http", "scheme": "bearer", "x-style": "jwks"}},
    }
}


@pytest.mark.parametrize(
    ("values", "problem"),
    [
        ({"issuer": ""}, None),
        ({"issuer": "tenant.example", "audience": ["", "api"]}, None),
        ({"issuer": "tenant.example"}, "The tokens of 'issued' would be taken from every application."),
        (
            {"issuer": "tenant.example", "audience": [""]},
            "The tokens of 'issued' would be taken from every application.",
        ),
        ({"algorithms": ["HS256"]}, "The scheme 'issued' is for RS256 alone."),
        ({"algorithms": ["RS256", "HS256"]}, "The scheme 'issued' is for RS256 alone."),
        ({"algorithms": []}, "The scheme 'issued' is for RS256 alone."),
    ],
)
def test_an_issuer_is_said_with_whom_its_tokens_are_for(
    tmp_path: Path, values: dict[str, Any], problem: str | None
) -> None:
    path = contract(tmp_path, {}, None, identity(**values), **ISSUED)
    assert problems(path) == ([] if problem is None else [problem])


def test_a_style_that_nobody_knows_is_refused(tmp_path: Path) -> None:
    schemes = {"securitySchemes": {"issued": {"type": "http", "scheme": "bearer", "x-style": "magic"}}}
    path = contract(tmp_path, {}, None, identity(), components=schemes)
    assert problems(path) == ["The scheme 'issued' has no known style."]


@pytest.mark.parametrize(
    ("surface", "problem"),
    [
        ({"before": ["body"]}, "The dialect has no step 'body'; known are cors and limit:<name>."),
        ({"values": {"csp": "x"}}, "The dialect has no value 'csp'"),
        (
            {"errors": {"*": {"status": 400, "body": {"at": "$now.late"}}}},
            "An instant has no text form 'late'",
        ),
    ],
)
def test_what_the_dialect_does_not_know_is_refused(
    tmp_path: Path, surface: dict[str, Any], problem: str
) -> None:
    found = problems(contract(tmp_path, {}, None, {"dialect": "plain", "before": [], **surface}))
    assert any(each.startswith(problem) for each in found), found
