"""Whatever is sent, through either door: a documented refusal, no trace in the database, and no 500."""

import json
from base64 import urlsafe_b64encode
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import jwt
import pytest
from bson import encode
from flask import Flask
from flask.sessions import SecureCookieSessionInterface
from pymongo.asynchronous.database import AsyncDatabase

from schema.tokens import Tokens
from tests.doors.seed import PASSWORD, plant
from tests.serving import JWT_SECRET_KEY, SECRET_KEY

JSON = {"Content-Type": "application/json"}
BAD_REQUEST = "<title>400 Bad Request</title>"
BODIES = ("/api/auth/register", "/api/auth/login", "/api/reviews/submit")
REGISTRATION = {
    "email": "new@example.com",
    "password": "pass phrase",
    "username": "newbie",
    "invitation_code": "WELCOME",
}
LOGIN = {"email": "lin@example.com", "password": PASSWORD}
ANSWER = {"review_id": 1, "quality": 4}
DEEP = "[" * 100_000 + "]" * 100_000
TEN_MEGABYTES = 10_000_000
SIGNED_IN_ONLY = (
    ("GET", "/api/auth/me"),
    ("GET", "/api/reviews/due"),
    ("POST", "/api/courses/3/enroll"),
    ("POST", "/api/auth/logout"),
)
OPERATORS: tuple[Any, ...] = ({"$gt": ""}, {"$ne": None}, {"$where": "1"}, {"$regex": ".*"}, [{"$gt": ""}])

Database = AsyncDatabase[dict[str, Any]]


class Client:
    """Asks through both doors, signed in as user 1."""

    def __init__(self, http: httpx.AsyncClient, database: Database) -> None:
        self.http = http
        self.database = database

    async def dump(self) -> dict[str, list[bytes]]:
        """Every document, byte for byte."""
        names = await self.database.list_collection_names()
        return {
            name: [encode(row) async for row in self.database[name].find().sort("_id")]
            for name in sorted(names)
        }

    async def rest(self, method: str, path: str, content: bytes | str = b"", **more: Any) -> httpx.Response:
        """The answer of the old clients' door."""
        headers = {"Host": "legacy.test", **JSON, **bearer(), **more.get("headers", {})}
        return await self.http.request(method, path, content=content, headers=headers)

    async def graphql(self, content: bytes | str, **headers: str) -> httpx.Response:
        """The answer of the graph's door."""
        return await self.http.post("/graphql", content=content, headers={**JSON, **bearer(), **headers})

    async def codes(self, query: str, variables: object = None, **headers: str) -> list[str]:
        """The codes with which the graph refuses a document."""
        answer = await self.graphql(json.dumps({"query": query, "variables": variables}), **headers)
        assert answer.status_code in (200, 400), answer.text
        return [error["extensions"]["code"] for error in answer.json()["errors"]]


def bearer(**claims: Any) -> dict[str, str]:
    """A token of user 1, or one with other claims."""
    if not claims:
        return {"Authorization": f"Bearer {Tokens(JWT_SECRET_KEY).issue(1, datetime.now(UTC))}"}
    return {"Authorization": f"Bearer {jwt.encode(claims, JWT_SECRET_KEY, algorithm='HS256')}"}


@pytest.fixture
async def client(house: str, database: Database) -> AsyncIterator[Client]:
    """A client; when the test has ended, the database is as it was."""
    await plant(datetime.now(UTC))
    async with httpx.AsyncClient(base_url=house, timeout=30) as http:
        asking = Client(http, database)
        before = await asking.dump()
        yield asking
        assert await asking.dump() == before


MALFORMED: tuple[bytes, ...] = (
    b"",
    b"{",
    b'{"email": "a"',
    b'{"email": }',
    b"{'email': 'a'}",
    b'{"email": "\x01"}',
    b'{"email": "\\u12"}',
    b"\xff\xfe\xfd",
    b'"\xed\xa0\x80',
    b"nul",
    b"{} {}",
    b"9" * 5_000,
    DEEP.encode(),
    b'{"email": ' + DEEP.encode() + b"}",
    b'{"a":' * 50_000,
)


@pytest.mark.parametrize("path", BODIES)
async def test_malformed_json_is_a_bad_request(client: Client, path: str) -> None:
    for content in MALFORMED:
        answer = await client.rest("POST", path, content)
        assert answer.status_code == 400, content[:40]
        assert BAD_REQUEST in answer.text


async def test_malformed_json_is_a_bad_request_to_the_graph(client: Client) -> None:
    for content in MALFORMED:
        answer = await client.graphql(content)
        assert answer.status_code == 400, content[:40]


@pytest.mark.parametrize("path", BODIES)
async def test_json_that_is_no_object_is_a_bad_request(client: Client, path: str) -> None:
    for content in (b"[]", b"7", b'"text"', b"null", b"true", b"[[[]]]"):
        answer = await client.rest("POST", path, content)
        assert answer.status_code == 400, content


@pytest.mark.parametrize("path", BODIES)
async def test_a_body_of_another_type_is_not_read(client: Client, path: str) -> None:
    for media_type in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "", "x"):
        answer = await client.rest("POST", path, b'{"a": 1}', headers={"Content-Type": media_type})
        assert answer.status_code == 415, media_type
        assert "<title>415 Unsupported Media Type</title>" in answer.text


async def test_a_body_of_another_type_is_not_read_by_the_graph(client: Client) -> None:
    for media_type in ("text/plain", "application/x-www-form-urlencoded", "x"):
        answer = await client.graphql(b'{"query": "mutation { logout }"}', **{"Content-Type": media_type})
        assert answer.status_code == 400, media_type


async def test_text_that_is_not_unicode_is_refused(client: Client) -> None:
    for name in ("email", "username", "password", "invitation_code"):
        for text in ("half \ud800", "\udfff", "\ud83d x \ude00"):
            answer = await client.rest("POST", "/api/auth/register", json.dumps({**REGISTRATION, name: text}))
            assert (answer.status_code, BAD_REQUEST in answer.text) == (400, True), name
    answer = await client.rest("POST", "/api/auth/login", json.dumps({**LOGIN, "email": "\ud800"}))
    assert answer.status_code == 400
    answer = await client.rest("POST", "/api/reviews/submit", json.dumps({**ANSWER, "review_id": "\ud800"}))
    assert answer.status_code == 400


async def test_nul_is_refused(client: Client) -> None:
    for name in ("email", "username", "invitation_code"):
        answer = await client.rest("POST", "/api/auth/register", json.dumps({**REGISTRATION, name: "a\0b"}))
        assert (answer.status_code, BAD_REQUEST in answer.text) == (400, True), name
    answer = await client.rest("POST", "/api/auth/login", json.dumps({**LOGIN, "email": "lin\0@example.com"}))
    assert answer.status_code == 400
    answer = await client.rest("POST", "/api/auth/login", json.dumps({**LOGIN, "password": PASSWORD + "\0"}))
    assert (answer.status_code, answer.json()) == (401, {"error": "Invalid credentials"})


async def test_huge_numbers_are_refused(client: Client) -> None:
    for number in ("9" * 400, "1e400", "-1e400", "1e309", str(2**63), "NaN", "Infinity", "-Infinity"):
        content = f'{{"review_id": {number}, "quality": 4}}'
        answer = await client.rest("POST", "/api/reviews/submit", content)
        assert answer.status_code == 400, number
    # Infinity and NaN are answers like any other: the old arithmetic takes them.
    for number in ("9" * 400, "-" + "9" * 400, "9" * 5000):
        content = f'{{"review_id": 1, "quality": {number}}}'
        answer = await client.rest("POST", "/api/reviews/submit", content)
        assert answer.status_code == 400, number
    for path in (f"/api/courses/{2**63}", f"/api/courses/{'9' * 5000}", f"/api/courses/{'9' * 5000}/enroll"):
        method = "POST" if path.endswith("enroll") else "GET"
        answer = await client.rest(method, path)
        assert answer.status_code in (400, 404), path[:40]


async def test_a_body_of_ten_megabytes_is_too_large(client: Client) -> None:
    whole = b'{"email": "' + b"a" * TEN_MEGABYTES + b'"}'

    async def streamed() -> AsyncIterator[bytes]:
        for start in range(0, len(whole), 65_536):
            yield whole[start : start + 65_536]

    for path in BODIES:
        answer = await client.rest("POST", path, whole)
        assert answer.status_code == 413
        assert "<title>413 Request Entity Too Large</title>" in answer.text
    headers = {"Host": "legacy.test", **JSON}
    answer = await client.http.post("/api/auth/login", content=streamed(), headers=headers)
    assert answer.status_code == 413
    answer = await client.graphql(whole)
    assert (answer.status_code, answer.json()["title"]) == (413, "Content Too Large")
    answer = await client.http.post("/graphql", content=streamed(), headers=JSON)
    assert answer.status_code == 413


async def test_operators_are_only_values(client: Client) -> None:
    for operator in OPERATORS:
        answer = await client.rest("POST", "/api/auth/login", json.dumps({**LOGIN, "email": operator}))
        assert (answer.status_code, answer.json()) == (401, {"error": "Invalid credentials"})
        answer = await client.rest("POST", "/api/auth/login", json.dumps({**LOGIN, "password": operator}))
        assert answer.status_code == 400
        body = json.dumps({**REGISTRATION, "invitation_code": operator})
        answer = await client.rest("POST", "/api/auth/register", body)
        assert (answer.status_code, answer.json()) == (400, {"error": "Invalid or used invitation code"})
        body = json.dumps({**REGISTRATION, "password": operator})
        assert (await client.rest("POST", "/api/auth/register", body)).status_code == 400
        for key in ANSWER:
            answer = await client.rest("POST", "/api/reviews/submit", json.dumps({**ANSWER, key: operator}))
            assert (answer.status_code, BAD_REQUEST in answer.text) == (400, True)


LOG_IN = """mutation($email: String!, $password: Secret!) {
  login(email: $email, password: $password) { expiresIn }
}"""
SUBMIT = "mutation($id: ID!, $quality: Quality!) { submitReview(id: $id, quality: $quality) { id } }"


async def test_operators_are_only_values_to_the_graph(client: Client) -> None:
    for operator in OPERATORS:
        assert await client.codes(LOG_IN, {**LOGIN, "email": operator}) == ["INVALID"]
        assert await client.codes(LOG_IN, {**LOGIN, "password": operator}) == ["UNFIT"]
        assert await client.codes(SUBMIT, {"id": operator, "quality": 4}) == ["INVALID"]
        assert await client.codes(SUBMIT, {"id": "1", "quality": operator}) == ["UNFIT"]
        assert await client.codes(SUBMIT, operator) in (["INVALID"], ["INVALID", "INVALID"])


async def test_the_graph_refuses_what_it_cannot_take(client: Client) -> None:
    assert await client.codes('{ course(id: "\\u0000") { id } }') == ["COURSE_NOT_FOUND"]
    assert await client.codes("query($id: ID!) { course(id: $id) { id } }", {"id": "\ud800"}) == [
        "COURSE_NOT_FOUND"
    ]
    for huge in (2**63, 10**400, str(2**63), "9" * 5000):
        assert await client.codes("query($id: ID!) { course(id: $id) { id } }", {"id": huge}) == ["UNFIT"]
    assert await client.codes("{ courses(first: 99999999999) { totalCount } }") == ["INVALID"]
    assert await client.codes("{ courses(first: -1) { totalCount } }") == ["INVALID"]
    assert await client.codes('{ courses(after: "\\ud800") { totalCount } }') == ["INVALID"]
    assert await client.codes('{ courses(after: "%$&") { totalCount } }') == ["INVALID"]
    assert await client.codes(LOG_IN, {**LOGIN, "email": "\ud800"}) == ["UNFIT"]
    assert await client.codes(LOG_IN, {**LOGIN, "email": "\0"}) == ["UNFIT"]
    deep = "{ courses { edges { node " + "{ content { course " * 300 + "{ id }" + " } }" * 300 + " } } }"
    for query in (
        "",
        "{",
        "{ nothing }",
        "\ud800",
        "\0",
        "mutation { logout",
        "{ me { ...F } } fragment F on User { ...F }",
        deep,
        "{a" * 900 + "}" * 900,
        "{ courses(first: " + "[" * 900 + "]" * 900 + ") { totalCount } }",
        "{ courses(first: " + "9" * 5_000 + ") { totalCount } }",
        "query($a: " + "[" * 900 + "ID" + "]" * 900 + ") { me { id } }",
    ):
        assert set(await client.codes(query)) == {"INVALID"}, query


async def test_forged_sessions_are_nobodys(client: Client) -> None:
    good = flask_session(SECRET_KEY, {"user_id": 1, "email": "lin@example.com"})
    other = flask_session(SECRET_KEY, {"user_id": 2, "email": "mo@example.com"})
    payload, stamp, signature = good.split(".")
    forged = (
        flask_session("another application's secret", {"user_id": 1}),
        f"{payload}.{stamp}.{signature[:-2]}AA",
        f"{payload}.{stamp}",
        f"{payload}..{signature}",
        f"{other.partition('.')[0]}.{stamp}.{signature}",
        f"{payload}.AAAAAA.{signature}",
        "x" * 4000,
        "..",
        ".",
        "%00",
    )
    signed_in = await client.rest("GET", "/api/auth/me", headers={**nobody(), "Cookie": f"session={good}"})
    assert signed_in.status_code == 200
    for value in forged:
        headers = {**nobody(), "Cookie": f"session={value}"}
        for method, path in SIGNED_IN_ONLY:
            answer = await client.rest(method, path, headers=headers)
            assert (answer.status_code, answer.json()) == (401, {"error": "Unauthorized"}), value
        assert await client.codes("mutation { enroll(courseId: 3) { id } }", **headers) == ["NOT_SIGNED_IN"]


async def test_forged_tokens_are_nobodys(client: Client) -> None:
    now = datetime.now(UTC)
    later, before = now + timedelta(hours=1), now - timedelta(seconds=2)
    claims = {"sub": "1", "exp": later}
    forged = (
        jwt.encode(claims, "", algorithm="none"),
        with_header('{"alg":"None","typ":"JWT"}'),
        with_header('{"alg":["HS256"]}'),
        with_header('{"alg":' + DEEP[:40_000] + "}"),
        with_header("9" * 5_000),
        jwt.encode(claims, "another secret of thirty-two bytes and more", algorithm="HS256"),
        jwt.encode(claims, JWT_SECRET_KEY * 2, algorithm="HS512"),
        jwt.encode({**claims, "exp": before}, JWT_SECRET_KEY, algorithm="HS256"),
        jwt.encode({**claims, "nbf": later}, JWT_SECRET_KEY, algorithm="HS256"),
        jwt.encode(claims, JWT_SECRET_KEY, algorithm="HS256")[:-3],
        jwt.encode(claims, JWT_SECRET_KEY, algorithm="HS256").rpartition(".")[0] + ".",
        "a.b.c",
        "x",
    )
    for token in forged:
        headers = {"Authorization": f"Bearer {token}"}
        for method, path in SIGNED_IN_ONLY:
            answer = await client.rest(method, path, headers=headers)
            assert (answer.status_code, answer.json()) == (401, {"error": "Unauthorized"}), token
        assert await client.codes("mutation { enroll(courseId: 3) { id } }", **headers) == ["NOT_SIGNED_IN"]


async def test_tokens_that_name_nobody_possible_are_refused(client: Client) -> None:
    later = datetime.now(UTC) + timedelta(hours=1)
    for subject in ("abc", "", "1; drop table", str(2**63), "1e0", "\0", "٣"):
        headers = bearer(sub=subject, exp=later)
        answer = await client.rest("POST", "/api/courses/3/enroll", headers=headers)
        assert answer.status_code in (400, 401), subject
        (code,) = await client.codes("mutation { enroll(courseId: 3) { id } }", **headers)
        assert code in ("TOKEN_WITHOUT_USER", "NOT_SIGNED_IN")
    impossible: tuple[object, ...] = ("soon", [], {}, 1e400, -1, "0", True)
    for end in impossible:
        answer = await client.rest("POST", "/api/courses/3/enroll", headers=bearer(sub="1", exp=end))
        assert answer.status_code == 401, end
    distant: tuple[object, ...] = (10**400, 10**15, "9999999999999", 4e9 + 0.5)
    for end in distant:
        answer = await client.rest("GET", "/api/auth/me", headers=bearer(sub="1", exp=end))
        assert answer.status_code == 200, end


async def test_odd_credentials_are_nobodys(client: Client) -> None:
    for value in ("Bearer", "Basic bGluOng=", "Bearer a b", "\xff", "Bearer \xe9", "é" * 500):
        answer = await client.rest("POST", "/api/courses/3/enroll", headers={"Authorization": value.encode()})
        assert answer.status_code == 401, value
    for cookie in ("session", "session=", ";;;=;", "session=\xe9", 'session="', "=x", "a" * 8000):
        headers = {**nobody(), "Cookie": cookie.encode()}
        answer = await client.rest("POST", "/api/courses/3/enroll", headers=headers)
        assert answer.status_code == 401, cookie


async def test_odd_addresses_are_not_found(client: Client) -> None:
    for path in (
        "/api/courses/%00",
        "/api/courses/%ff%fe",
        "/api/courses/1%2f..%2f2",
        "/api/courses/..%2f..%2fetc/passwd",
        "/api/courses/-1",
        "/api/courses/+1",
        "/api/courses/1.0",
        "/api/courses/%F0%9F%90%BC",
        "/api/courses/{course_id}",
        "/%ed%a0%80",
        "/" + "a" * 8000,
    ):
        answer = await client.rest("GET", path)
        assert answer.status_code == 404, path
        assert "<title>404 Not Found</title>" in answer.text


def with_header(header: str) -> str:
    """A token that says it is of user 1 under a header of its own, with no signature."""
    claims = '{"sub":"1","exp":4102444800}'
    return ".".join(urlsafe_b64encode(part.encode()).decode().rstrip("=") for part in (header, claims, ""))


def nobody() -> dict[str, str]:
    return {"Authorization": ""}


def flask_session(secret: str, values: dict[str, Any]) -> str:
    """A session cookie as Flask itself signs it."""
    app = Flask(__name__)
    app.secret_key = secret
    serializer = SecureCookieSessionInterface().get_signing_serializer(app)
    assert serializer is not None
    return str(serializer.dumps(values))
