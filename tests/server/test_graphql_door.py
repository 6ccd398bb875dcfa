"""The graph's door: HTTP and WebSocket, who may ask, and how much."""

import asyncio
import json
import logging
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from pymongo.asynchronous.database import AsyncDatabase
from websockets import Subprotocol
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from schema.tokens import Tokens
from server.embedded import Services
from tests.doors.seed import PASSWORD, plant
from tests.serving import JWT_SECRET_KEY, served, settings_for

Database = AsyncDatabase[dict[str, Any]]

ME = "{ me { id } }"
LOGGED_OUT = {"data": {"logout": True}}
PROTOCOL = Subprotocol("graphql-transport-ws")


@pytest.fixture
async def http(house: str, database: Database) -> AsyncIterator[httpx.AsyncClient]:
    await plant(datetime.now(UTC))
    async with httpx.AsyncClient(base_url=house) as client:
        yield client


def bearer(user: int = 1) -> dict[str, str]:
    return {"Authorization": f"Bearer {Tokens(JWT_SECRET_KEY).issue(user, datetime.now(UTC))}"}


async def cookie(http: httpx.AsyncClient) -> dict[str, str]:
    """The session cookie that the old clients' door hands out."""
    body = {"email": "lin@example.com", "password": PASSWORD}
    answer = await http.post("/api/auth/login", json=body, headers={"Host": "legacy.test"})
    session = answer.cookies["session"]
    http.cookies.clear()
    return {"Cookie": f"session={session}"}


async def ask(http: httpx.AsyncClient, query: str, headers: dict[str, str] | None = None) -> Any:
    answer = await http.post("/graphql", json={"query": query}, headers=headers)
    assert answer.status_code == 200
    return answer.json()


async def codes(http: httpx.AsyncClient, query: str, headers: dict[str, str] | None = None) -> list[str]:
    said = await ask(http, query, headers)
    return [error["extensions"]["code"] for error in said.get("errors", ())]


async def test_a_query_comes_by_post_and_by_get(http: httpx.AsyncClient) -> None:
    query = "query($id: ID!) { course(id: $id) { title content { sequence } } }"
    expected = {"data": {"course": {"title": "First words", "content": [{"sequence": 1}, {"sequence": 2}]}}}
    posted = await http.post("/graphql", json={"query": query, "variables": {"id": "1"}})
    assert (posted.json(), posted.headers["content-type"]) == (expected, "application/json")
    params = {"query": query, "variables": json.dumps({"id": "1"})}
    assert (await http.get("/graphql", params=params)).json() == expected


async def test_a_get_changes_nothing(http: httpx.AsyncClient, database: Database) -> None:
    query = "mutation { enroll(courseId: 3) { id } }"
    answer = await http.get("/graphql", params={"query": query}, headers=bearer())
    assert answer.status_code == 400
    assert answer.json() == {
        "errors": [{"message": "mutations are not allowed when using GET", "extensions": {"code": "INVALID"}}]
    }
    assert await database.enrollments.count_documents({}) == 1


async def test_what_is_no_graphql_request_is_refused_in_graphqls_form(http: httpx.AsyncClient) -> None:
    for content in (b"{", b"\xff\xfe\xfd", b"9" * 5_000, b"[" * 65 + b"]" * 65, b'{"query": 7}', b"{}"):
        answer = await http.post("/graphql", content=content, headers={"Content-Type": "application/json"})
        (error,) = answer.json()["errors"]
        assert (answer.status_code, error["extensions"]) == (400, {"code": "INVALID"}), content
    refused = await http.put("/graphql", json={"query": ME})
    assert (refused.status_code, refused.headers["allow"]) == (405, "GET, POST")


async def test_json_may_nest_as_deep_as_documents_need(http: httpx.AsyncClient) -> None:
    for depth, status in ((62, 200), (63, 400)):
        nested = "[" * depth + "]" * depth
        content = f'{{"query": "{{ courses {{ totalCount }} }}", "variables": {{"a": {nested}}}}}'
        answer = await http.post("/graphql", content=content, headers={"Content-Type": "application/json"})
        assert answer.status_code == status


async def test_a_document_has_limits(http: httpx.AsyncClient) -> None:
    deep = "{ courses { edges { node { " + "content { course { " * 6 + "id" + " } }" * 6 + " } } } }"
    assert await codes(http, deep) == ["INVALID"]
    for aliases, expected in ((30, []), (31, ["INVALID"])):
        fields = " ".join(f"a{number}: __typename" for number in range(aliases))
        assert await codes(http, f"{{ {fields} }}") == expected
    assert await codes(http, "{ " + "__typename " * 2_000 + "}") == ["INVALID"]


async def test_a_costly_page_is_refused(http: httpx.AsyncClient) -> None:
    inner = "content { course { content { course { content { id } } } } }"
    query = f"query($n: Int) {{ courses(first: $n) {{ edges {{ node {{ {inner} }} }} }} }}"
    for first, expected in ((10, []), (100, ["INVALID"])):
        answer = await http.post("/graphql", json={"query": query, "variables": {"n": first}})
        errors = answer.json().get("errors", [])
        assert [error["extensions"]["code"] for error in errors] == expected
    assert errors[0]["extensions"]["details"] == {"cost": 122_202, "limit": 100_000}


async def test_a_bearer_token_and_a_cookie_say_who_asks(http: httpx.AsyncClient) -> None:
    session = await cookie(http)
    assert await codes(http, ME) == ["NOT_SIGNED_IN"]
    assert await ask(http, ME, bearer(2)) == {"data": {"me": {"id": "2"}}}
    assert await ask(http, ME, session) == {"data": {"me": {"id": "1"}}}
    assert await ask(http, ME, {**session, **bearer(2)}) == {"data": {"me": {"id": "2"}}}


async def test_a_bad_token_beside_a_good_cookie_does_no_harm(http: httpx.AsyncClient) -> None:
    session = await cookie(http)
    for bad in ("Bearer nonsense", "Bearer", "Basic bGluOng=", bearer(2)["Authorization"][:-4]):
        assert await ask(http, ME, {**session, "Authorization": bad}) == {"data": {"me": {"id": "1"}}}
        assert await codes(http, ME, {"Authorization": bad}) == ["NOT_SIGNED_IN"]


async def test_logging_out_takes_back_the_credential_that_was_used(http: httpx.AsyncClient) -> None:
    session, token, other = await cookie(http), bearer(), bearer()
    assert await ask(http, "mutation { logout }", token) == LOGGED_OUT
    assert await codes(http, ME, token) == ["NOT_SIGNED_IN"]
    assert await codes(http, ME, other) == []
    assert await ask(http, "mutation { logout }", session) == LOGGED_OUT
    assert await codes(http, ME, session) == ["NOT_SIGNED_IN"]
    legacy = {"Host": "legacy.test"}
    assert (await http.get("/api/auth/me", headers={**legacy, **session})).status_code == 401
    assert (await http.get("/api/auth/me", headers={**legacy, **token})).status_code == 401
    assert (await http.get("/api/auth/me", headers={**legacy, **other})).status_code == 200


async def test_who_asks_too_often_has_to_wait(services: Services, database: Database) -> None:
    settings = settings_for(services, database.name, graphql_rate="3/minute")
    address = {"X-Test": secrets.token_hex(4)}
    async with served(settings) as house, httpx.AsyncClient(base_url=house, headers=address) as http:
        answers = [await http.post("/graphql", json={"query": "{ __typename }"}) for _ in range(4)]
        legacy = await http.get("/api/courses/", headers={"Host": "legacy.test"})
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    assert answers[0].headers["ratelimit-policy"] == '"graphql";q=3;w=60'
    assert answers[3].json()["title"] == "Too Many Requests"
    assert 1 <= int(answers[3].headers["retry-after"]) <= 60
    assert legacy.status_code == 200


async def test_without_a_rate_nothing_is_counted(services: Services, database: Database) -> None:
    settings = settings_for(services, database.name, graphql_rate="off")
    async with served(settings) as house, httpx.AsyncClient(base_url=house) as http:
        answer = await http.post("/graphql", json={"query": "{ __typename }"})
        page = await http.get("/graphql", headers={"Accept": "text/html"})
    assert (answer.status_code, page.status_code) == (200, 200)
    assert not [name for name in (*answer.headers, *page.headers) if name.startswith("ratelimit")]


@asynccontextmanager
async def socket(
    http: httpx.AsyncClient, params: dict[str, str] | None = None, **options: Any
) -> AsyncIterator[ClientConnection]:
    """A WebSocket whose connection was acknowledged."""
    address = str(http.base_url).replace("http://", "ws://").rstrip("/") + "/graphql"
    async with connect(address, subprotocols=[PROTOCOL], **options) as opened:
        await opened.send(json.dumps({"type": "connection_init", "payload": params or {}}))
        assert (await said(opened))["type"] == "connection_ack"
        yield opened


async def said(opened: ClientConnection) -> Any:
    return json.loads(await asyncio.wait_for(opened.recv(), 10))


async def subscribe(opened: ClientConnection, query: str) -> None:
    await opened.send(json.dumps({"id": "1", "type": "subscribe", "payload": {"query": query}}))


async def next_enrollment(opened: ClientConnection, http: httpx.AsyncClient, course: int) -> Any:
    """What a subscription says after the caller has enrolled in a course."""
    waiting = asyncio.create_task(said(opened))
    # Nothing says when the subscription has begun to listen.
    await asyncio.sleep(0.5)
    assert await codes(http, f"mutation {{ enroll(courseId: {course}) {{ id }} }}", bearer()) == []
    return await waiting


ENROLLED = "subscription { enrolled { courseId userId course { title } } }"


async def test_enrollments_are_followed_with_a_bearer_token(http: httpx.AsyncClient) -> None:
    async with socket(http, bearer()) as opened:
        await subscribe(opened, ENROLLED)
        news = await next_enrollment(opened, http, 3)
        enrolled = {"courseId": "3", "userId": "1", "course": {"title": "汉字"}}
        assert news == {"id": "1", "type": "next", "payload": {"data": {"enrolled": enrolled}}}
        # Somebody else's is not told.
        assert await codes(http, "mutation { enroll(courseId: 3) { id } }", bearer(2)) == []
        assert await codes(http, "mutation { enroll(courseId: 2) { id } }", bearer()) == []
        assert (await said(opened))["payload"]["data"]["enrolled"]["courseId"] == "2"
        await opened.send(json.dumps({"id": "1", "type": "complete"}))


async def test_enrollments_are_followed_with_a_cookie(http: httpx.AsyncClient) -> None:
    async with socket(http, additional_headers=await cookie(http)) as opened:
        await subscribe(opened, ENROLLED)
        news = await next_enrollment(opened, http, 2)
        assert news["payload"]["data"]["enrolled"]["courseId"] == "2"


async def test_a_stranger_follows_nothing(http: httpx.AsyncClient) -> None:
    async with socket(http) as opened:
        await subscribe(opened, ENROLLED)
        news = await said(opened)
        (error,) = news["payload"]["errors"] if news["type"] == "next" else news["payload"]
        assert error["extensions"]["code"] == "NOT_SIGNED_IN"


async def test_queries_and_mutations_work_over_a_websocket(http: httpx.AsyncClient) -> None:
    async with socket(http, {"authorization": bearer()["Authorization"]}) as opened:
        await subscribe(opened, ME)
        assert (await said(opened))["payload"] == {"data": {"me": {"id": "1"}}}
        assert await said(opened) == {"id": "1", "type": "complete"}
        await subscribe(opened, "mutation { logout }")
        assert (await said(opened))["payload"] == LOGGED_OUT


async def test_each_operation_of_a_websocket_reads_for_itself_at_its_own_time(
    http: httpx.AsyncClient, database: Database
) -> None:
    query = "{ dueReviews { totalCount } course(id: 1) { title } }"
    async with socket(http, bearer()) as opened:
        await subscribe(opened, query)
        expected = {"dueReviews": {"totalCount": 5}, "course": {"title": "First words"}}
        assert (await said(opened))["payload"] == {"data": expected}
        assert (await said(opened))["type"] == "complete"
        await database.courses.update_one({"_id": 1}, {"$set": {"title": "Last words"}})
        await database.reviews.update_one({"_id": 6}, {"$set": {"next_review.at": datetime.now(UTC)}})
        await subscribe(opened, query)
        expected = {"dueReviews": {"totalCount": 6}, "course": {"title": "Last words"}}
        assert (await said(opened))["payload"] == {"data": expected}


async def test_a_bad_token_is_refused_when_connecting(http: httpx.AsyncClient) -> None:
    address = str(http.base_url).replace("http://", "ws://").rstrip("/") + "/graphql"
    for value in ("Bearer nonsense", 7, {"$gt": ""}):
        payload = {"Authorization": value}
        async with connect(address, subprotocols=[PROTOCOL]) as opened:
            await opened.send(json.dumps({"type": "connection_init", "payload": payload}))
            with pytest.raises(ConnectionClosed):
                await said(opened)
            assert opened.close_code == 4403


async def test_a_page_of_another_origin_cannot_connect(http: httpx.AsyncClient) -> None:
    address = str(http.base_url).replace("http://", "ws://").rstrip("/") + "/graphql"
    with pytest.raises(InvalidStatus) as refused:
        # The library has types of its own for both texts.
        async with connect(address, subprotocols=[PROTOCOL], origin="https://elsewhere.example"):  # type: ignore[arg-type]  # any text
            pass
    assert refused.value.response.status_code == 403
    own = str(http.base_url).rstrip("/")
    async with socket(http, origin=own) as opened:
        await subscribe(opened, "{ __typename }")
        assert (await said(opened))["payload"] == {"data": {"__typename": "Query"}}


async def test_messages_that_are_no_json_end_the_connection(http: httpx.AsyncClient) -> None:
    for message in ("{", "[" * 100 + "]" * 100, "9" * 5_000):
        async with socket(http) as opened:
            await opened.send(message)
            with pytest.raises(ConnectionClosed):
                await said(opened)
            assert opened.close_code == 4400


@pytest.mark.parametrize(
    "message",
    [
        7,
        None,
        [],
        {},
        {"type": ["subscribe"]},
        {"type": "complete", "id": ["1"]},
        {"type": "subscribe", "id": 1, "payload": {"query": ME}},
        {"type": "subscribe", "id": "1", "payload": ME},
        {"type": "subscribe", "id": "1", "payload": {"query": [ME]}},
        {"type": "subscribe", "id": "1", "payload": {"query": ME, "variables": ["a"]}},
        {"type": "subscribe", "id": "1", "payload": {"query": ME, "operationName": ["a"]}},
    ],
)
async def test_messages_of_another_shape_end_the_connection(
    http: httpx.AsyncClient, message: object, caplog: pytest.LogCaptureFixture
) -> None:
    async with socket(http) as opened:
        await opened.send(json.dumps(message))
        with pytest.raises(ConnectionClosed):
            await said(opened)
        assert opened.close_code == 4400
    assert [record for record in caplog.records if record.levelno >= logging.WARNING] == []


async def test_the_old_protocol_is_not_spoken(http: httpx.AsyncClient) -> None:
    address = str(http.base_url).replace("http://", "ws://").rstrip("/") + "/graphql"
    async with connect(address, subprotocols=[Subprotocol("graphql-ws")]) as opened:
        with pytest.raises(ConnectionClosed):
            await said(opened)
        assert opened.close_code == 4406
