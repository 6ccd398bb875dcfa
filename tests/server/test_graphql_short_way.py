"""The graph's door has a short way for the usual request; its answers are Strawberry's, byte for byte."""

import asyncio
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import strawberry
from cross_web import HTTPException
from starlette.requests import ClientDisconnect, HTTPConnection, Request
from starlette.types import Message, Scope
from strawberry.schema.config import StrawberryConfig

from compat_rest.identity.chain import Identity
from compat_rest.identity.flask_session import Session
from compat_rest.refusal import Refusal
from models.passwords import Passwords
from schema.context import Caller, Info
from schema.execution.seams import Schema
from schema.scalars import Number, scalars
from schema.tokens import Tokens
from server.contexts import Contexts
from server.graphql import GraphQLDoor, refusal
from server.limits import AsyncLimiter, RateLimit, Verdict
from server.pages.assets import Assets
from server.short import ShortWay

JSON = (b"content-type", b"application/json")


@strawberry.type
class Query:
    @strawberry.field
    def echo(self, text: str = "好 ☃ \U0001f600 </script>") -> str:
        return text

    @strawberry.field
    def broken(self) -> str | None:
        raise RuntimeError

    @strawberry.field
    def number(self, of: Number) -> Number:
        return of

    @strawberry.field
    def caller(self, info: Info) -> str | None:
        return info.context.caller.credential if info.context.caller else None

    @strawberry.field
    def extensions(self, info: Info) -> str:
        return json.dumps(info.input_extensions)


@strawberry.type
class Mutation:
    @strawberry.mutation
    def change(self) -> bool:
        return True


class Named(Identity):
    """Takes who calls from the text of the credential."""

    def __init__(self) -> None:
        super().__init__([], revocations=None)  # type: ignore[arg-type]  # never asked

    def open(self, cookies: list[str]) -> Session:
        return Session({"cookies": cookies} if any(cookies) else {})

    async def caller(self, authorization: str | None, session: Session) -> Caller:
        if authorization is None and not session.contents:
            raise Refusal("TOKEN_MISSING")
        return Caller("1", f"{authorization} {session.contents}", datetime.now(UTC) + timedelta(hours=1))


@pytest.fixture(scope="module")
def door() -> Any:
    passwords = Passwords("werkzeug")
    schema = Schema(Query, Mutation, execution="eager", config=StrawberryConfig(scalar_map=scalars("wire")))
    contexts = Contexts(passwords, Tokens("a secret of at least 32 characters"))
    yield GraphQLDoor(schema, identities=[Named()], contexts=contexts, assets=Assets())
    passwords.close()


Answer = tuple[int, list[tuple[bytes, bytes]], bytes]


def scope_of(method: str = "POST", *headers: tuple[bytes, bytes], query: str = "") -> Scope:
    content_type = [] if any(key == b"content-type" for key, _ in headers) else [JSON]
    return {
        "type": "http",
        "method": method,
        "path": "/graphql",
        "query_string": query.encode(),
        "headers": [*content_type, *headers],
    }


class Wire:
    """A client's side of one request, whose body comes in the given parts."""

    def __init__(self, *parts: bytes) -> None:
        last = len(parts) - 1
        self.parts: list[Message] = [
            {"type": "http.request", "body": part, "more_body": index < last}
            for index, part in enumerate(parts)
        ]
        self.said: list[Message] = []

    async def receive(self) -> Message:
        return self.parts.pop(0) if self.parts else {"type": "http.disconnect"}

    async def send(self, message: Message) -> None:
        self.said.append(message)

    @property
    def answer(self) -> Answer:
        start, body = self.said
        return start["status"], start["headers"], body["body"]


class Counter(AsyncLimiter):
    """Lets everybody pass, and counts how often it was asked."""

    asked = 0

    def __init__(self) -> None:
        super().__init__("redis://127.0.0.1:1/0")

    async def check_request(self, name: str, connection: HTTPConnection) -> Verdict | None:
        self.asked += 1
        return None


def way(door: GraphQLDoor, limiter: AsyncLimiter | None = None, *, seconds: float = 30.0) -> ShortWay:
    """The short way to a door, without the house's own headers."""
    limiter = limiter or Counter()
    app = RateLimit(door, limiter=limiter, name="graphql")
    return ShortWay(
        app, door=door, limiter=limiter, name="graphql", limit=100_000, seconds=seconds, policies={}
    )


async def short(door: GraphQLDoor, scope: Scope, *parts: bytes) -> Answer:
    """The answer by the short way; each request is counted once."""
    wire, limiter = Wire(*parts), Counter()
    scope["headers"].append((b"content-length", b"%d" % (len(b"".join(parts)) or 1)))
    await way(door, limiter)(scope, wire.receive, wire.send)
    assert limiter.asked == 1
    return wire.answer


async def long(door: GraphQLDoor, scope: Scope, *parts: bytes) -> Answer:
    """The answer of Strawberry's view."""
    wire = Wire(*parts)
    try:
        response = await door.run(Request(scope, wire.receive))
    except HTTPException as refused:
        response = refusal(refused)
    await response(scope, wire.receive, wire.send)
    return wire.answer


def body(query: object, **others: Any) -> bytes:
    return json.dumps({"query": query, **others}).encode()


ECHO = "query Echo($text: String!) { echo(text: $text) }"
BODIES = [
    body("{ echo }"),
    body("{ a: echo b: caller }"),
    body(ECHO, variables={"text": '"<&\u2028\0'}),
    body(ECHO, variables={"text": "half \ud800"}),
    body(ECHO, variables={"text": 7}),
    body(ECHO, variables={}),
    body(ECHO, variables=None, operationName="Echo"),
    body("{ broken echo }"),
    body("{ number(of: 15.0) }"),
    body("query($n: Number!) { number(of: $n) }", variables={"n": 10**30}),
    body("query($n: Number!) { number(of: $n) }", variables={"n": 1e400}),
    body("mutation { change }"),
    body("{"),
    body("{ nothing }"),
    body("{ extensions }", extensions={"clientLibrary": {"name": "a"}}),
    body("{ extensions }", extensions={}),
    body("query A { a: echo } query B { b: echo }", operationName="B"),
    # Below are requests that the view is left to judge.
    body("query A { echo }", operationName="C"),
    body("query A { echo }", operationName=7),
    body("query A { echo }", operationName=["A"]),
    body(""),
    body(None),
    body(7),
    body(["{ echo }"]),
    body("{ echo }", variables=[]),
    body("{ echo }", variables="x"),
    body("{ echo }", extensions=[]),
    body("subscription { nothing }"),
    b"{}",
    b"[]",
    b"[" + body("{ echo }") + b"]",
    b"",
    b"{",
    b"\xff",
    b'{"query": ' + b"[" * 70 + b"]" * 70 + b"}",
    b'{"query": "{ echo }", "variables": {"n": ' + b"9" * 5_000 + b"}}",
    b'{"query": "{ echo }", "query": "{ caller }"}',
]


@pytest.mark.parametrize("content", BODIES, ids=range(len(BODIES)))
async def test_both_ways_give_the_same_answer(door: GraphQLDoor, content: bytes) -> None:
    assert await short(door, scope_of(), content) == await long(door, scope_of(), content)


@pytest.mark.parametrize(
    "headers",
    [
        [(b"authorization", b"Bearer a")],
        [(b"authorization", b"Bearer a"), (b"authorization", b"Bearer b")],
        [(b"cookie", b"a=1"), (b"cookie", b"b=2")],
        [(b"cookie", b"")],
        [(b"authorization", b"")],
        [(b"authorization", b"\xe9")],
        [(b"content-type", b"application/json; charset=utf-8")],
        [(b"content-type", b"Application/JSON")],
        [(b"content-type", b"text/plain")],
        [(b"content-type", b"application/json"), (b"content-type", b"text/plain")],
        [(b"content-type", b"")],
        [(b"accept", b"multipart/mixed;subscriptionSpec=1.0, application/json")],
        [(b"accept", b"text/event-stream")],
    ],
)
async def test_both_ways_read_the_same_headers(door: GraphQLDoor, headers: list[tuple[bytes, bytes]]) -> None:
    content = body("{ caller }")
    scope = scope_of("POST", *headers)
    assert await short(door, scope, content) == await long(door, scope, content)


@pytest.mark.parametrize("method", ["GET", "PUT", "HEAD"])
async def test_other_methods_go_strawberrys_way(door: GraphQLDoor, method: str) -> None:
    scope = scope_of(method, query="query=%7B+echo+%7D")
    assert await short(door, scope, b"") == await long(door, scope, b"")


async def test_the_usual_request_goes_the_short_way(
    door: GraphQLDoor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(door, "run", None)
    status, headers, answer = await short(door, scope_of(), body(ECHO, variables={"text": "好"}))
    assert (status, answer.decode()) == (200, '{"data":{"echo":"好"}}')
    assert headers == [(b"content-length", b"23"), (b"content-type", b"application/json")]


async def test_a_body_may_come_in_parts(door: GraphQLDoor) -> None:
    content = body("{ caller }")
    parts = content[:5], b"", content[5:]
    assert await short(door, scope_of(), *parts) == await long(door, scope_of(), content)
    # What the view is to judge is handed on whole.
    assert (await short(door, scope_of(), b"[", b"]"))[0] == 400


async def test_a_client_that_leaves_ends_the_request(door: GraphQLDoor) -> None:
    wire = Wire()
    with pytest.raises(ClientDisconnect):
        await way(door)(scope_of("POST", (b"content-length", b"9")), wire.receive, wire.send)
    assert wire.answer[0] == 500


async def test_what_nobody_expected_is_told_and_raised(
    door: GraphQLDoor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(door, "usual", None)
    wire = Wire(body("{ echo }"))
    with pytest.raises(TypeError):
        await way(door)(scope_of("POST", (b"content-length", b"9")), wire.receive, wire.send)
    assert (wire.answer[0], wire.answer[2]) == (500, b"Internal Server Error")


async def test_a_request_that_takes_too_long_is_ended(
    door: GraphQLDoor, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def endless(*_: object) -> None:
        await asyncio.sleep(60)

    monkeypatch.setattr(door, "usual", endless)
    wire = Wire(body("{ echo }"))
    scope = {**scope_of("POST", (b"content-length", b"9")), "state": {"surface": "house"}}
    await asyncio.ensure_future(way(door, seconds=0.05)(scope, wire.receive, wire.send))
    assert wire.answer[0] == 503
    assert dict(wire.answer[1])[b"content-security-policy"]


async def test_who_cancels_is_not_taken_for_the_deadline(
    door: GraphQLDoor, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def endless(*_: object) -> None:
        await asyncio.sleep(60)

    monkeypatch.setattr(door, "usual", endless)
    wire = Wire(body("{ echo }"))
    running = way(door)(scope_of("POST", (b"content-length", b"9")), wire.receive, wire.send)
    task = asyncio.ensure_future(running)
    await asyncio.sleep(0.01)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert wire.said == []


@pytest.mark.parametrize("length", [b"", b"0", b"100001", b"x", b"9" * 5_000])
async def test_a_body_of_another_size_goes_the_long_way(door: GraphQLDoor, length: bytes) -> None:
    scope = scope_of("POST", (b"content-length", length))
    assert not way(door).is_usual(scope)
    assert not way(door).is_usual(scope_of())


@pytest.mark.parametrize("content", [b"7", b'"text"', b"null", b"true"])
async def test_json_that_is_no_request_is_refused(door: GraphQLDoor, content: bytes) -> None:
    status, _, answer = await short(door, scope_of(), content)
    assert (status, json.loads(answer)["errors"][0]["extensions"]) == (400, {"code": "INVALID"})
