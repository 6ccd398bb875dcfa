"""The door of a surface, with its dialect: from an ASGI request to the bytes of the answer."""

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from pymongo.asynchronous.database import AsyncDatabase
from werkzeug.exceptions import default_exceptions

from compat_rest.dialects import flask
from compat_rest.dialects.flask import FlaskDialect
from compat_rest.door import SurfaceDoor
from compat_rest.endpoint import fits
from compat_rest.nulls import PromiseBroken
from compat_rest.stats import statistics
from models import counters, revocations, users
from models.courses import Course
from models.errors import Overloaded
from models.invitations import Invitation
from models.moments import Moment
from models.passwords import Passwords
from models.users import User
from schema.context import Caller, Context
from schema.tokens import Tokens
from tests.compat_rest.contracts import ENVIRON, ROOT, Remembered, compiled, planted

ENGINE = compiled(ROOT / "openapi.yaml")
NOW = datetime(2026, 1, 1, tzinfo=UTC)
Database = AsyncDatabase[dict[str, Any]]


def page(status: int) -> str:
    """Werkzeug's own page."""
    return str(default_exceptions[status]().get_body())


@pytest.fixture
def passwords() -> Any:
    made = Passwords("werkzeug")
    yield made
    made.close()


def context_for(passwords: Passwords) -> Any:
    def make(caller: Caller | None, now: datetime) -> Context:
        async def revoke() -> None:
            if caller is not None:
                await revocations.revoke(caller.credential, caller.expires)

        return Context(
            caller=caller,
            now=now,
            passwords=passwords,
            tokens=Tokens(ENVIRON["JWT_SECRET_KEY"]),
            page_limit=100_000,
            revoke=revoke,
            strict_codes=True,
        )

    return make


def door(passwords: Passwords, **more: Any) -> SurfaceDoor:
    values: dict[str, Any] = {
        "revocations": revocations,
        "context_for": context_for(passwords),
        "max_body_bytes": 3000,
        "timeout": 5.0,
        **more,
    }
    return SurfaceDoor(ENGINE.surfaces["mandarin"], **values)


def client_of(each: SurfaceDoor) -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=httpx.ASGITransport(app=each), base_url="http://legacy.test")


@pytest.fixture
async def client(database: Database, passwords: Passwords) -> AsyncIterator[httpx.AsyncClient]:
    at = Moment.of(NOW)
    await User(id=1, email="ada@example.test", username="ada", password_hash=None, created_at=at).insert()
    await Course(id=1, title="One", description=None, published=True, created_at=at).insert()
    await Invitation(id=1, code="IN").insert()
    await counters.leave_behind(User, 1)
    async with client_of(door(passwords)) as each:
        yield each


async def test_a_learner_comes_in_and_goes(client: httpx.AsyncClient) -> None:
    form = {"email": "new@example.test", "password": "s3cret", "username": "new", "invitation_code": "IN"}
    answer = await client.post("/api/auth/register", json=form)
    assert answer.status_code == 201
    body = answer.json()
    assert list(body) == ["access_token", "expires_in", "message", "token_type", "user"]
    assert body["user"] == {"email": "new@example.test", "id": 2, "username": "new"}
    me = await client.get("/api/auth/me")
    assert (me.status_code, me.json()["user"]["id"], me.headers["vary"]) == (200, 2, "Cookie")
    token = {"Authorization": f"Bearer {body['access_token']}"}
    enrolled = await client.post("/api/courses/0001/enroll", headers=token)
    assert (enrolled.status_code, enrolled.json()["enrollment"]["course_id"]) == (201, 1)
    again = await client.post("/api/courses/1/enroll")
    assert (again.status_code, again.text) == (400, '{"error":"Already enrolled"}\n')
    cookie = client.cookies["session"]
    assert (await client.post("/api/auth/logout")).text == '{"message":"Logout successful"}\n'
    late = await client.get("/api/auth/me", headers={"Cookie": f"session={cookie}"})
    assert (late.status_code, late.text) == (401, '{"error":"Unauthorized"}\n')
    assert (await client.get("/api/auth/me", headers=token)).status_code == 200


async def test_a_logout_ends_both_credentials_of_a_request(client: httpx.AsyncClient) -> None:
    identity = client._transport.app.identity  # type: ignore[attr-defined]  # the door inside the transport
    token = {"Authorization": f"Bearer {Tokens(ENVIRON['JWT_SECRET_KEY']).issue(1, datetime.now(UTC))}"}
    cookie = {"Cookie": f"session={identity._cookie.sign({'user_id': 1})}"}
    assert (await client.post("/api/auth/logout", headers={**token, **cookie})).status_code == 200
    assert (await client.get("/api/auth/me", headers=token)).status_code == 401
    assert (await client.get("/api/auth/me", headers=cookie)).status_code == 401


async def test_the_framework_answers_what_no_operation_does(client: httpx.AsyncClient) -> None:
    missing = await client.get("/api/nothing")
    assert (missing.status_code, missing.text) == (404, page(404))
    assert missing.headers["content-type"] == "text/html; charset=utf-8"
    refused = await client.put("/api/auth/login")
    assert (refused.status_code, refused.text) == (405, page(405))
    assert set(refused.headers["allow"].split(", ")) == {"POST", "OPTIONS"}
    moved = await client.get("/api/courses?x=%20")
    assert (moved.status_code, moved.headers["location"]) == (308, "http://legacy.test/api/courses/?x=%20")
    options = await client.options("/api/courses/")
    assert (options.status_code, options.content) == (200, b"")
    assert set(options.headers["allow"].split(", ")) == {"GET", "HEAD", "OPTIONS"}
    head = await client.head("/api/courses/")
    assert (head.status_code, head.content) == (200, b"")
    assert int(head.headers["content-length"]) == len((await client.get("/api/courses/")).content)
    static = await client.get("/static/app.js")
    assert (static.status_code, static.text) == (404, page(404))
    assert (await client.post("/static/app.js")).status_code == 405


async def test_hosts_are_remembered_within_bounds(
    client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    dialect = ENGINE.surfaces["mandarin"].dialect
    assert isinstance(dialect, FlaskDialect)
    monkeypatch.setattr(dialect, "_hosts", set())
    monkeypatch.setattr(flask, "MOST_HOSTS", 2)
    for host in ("a.test", "b" * 300, "b." * 140, "c.test:80", "d.test", "a.test"):
        for path, status in (("/api/courses/1", 200), ("/api/courses/2", 404), ("/api/courses", 308)):
            answer = await client.get(path, headers={"Host": host})
            assert answer.status_code == (400 if host == "b" * 300 else status), (host, path)
    assert dialect._hosts == {("http", "a.test"), ("http", "c.test:80")}


@pytest.mark.parametrize(
    ("content", "media_type", "status"),
    [
        (b"{", "application/json", 400),
        (b"", "application/json", 400),
        (b"null", "application/json", 400),
        (b'{"a":' + b"[" * 950 + b"]" * 950 + b"}", "application/json", 400),
        (b'{"email":1' + b" " * 3000 + b"}", "application/json", 413),
        (b"{}", "text/plain", 415),
        (b"\xff{}", "application/json", 400),
        (b'{"email": "a\\u0000", "password": "x"}', "application/json", 400),
        (b'{"email": "\\ud800", "password": "x"}', "application/json", 400),
    ],
)
async def test_a_body_that_cannot_be_used_gets_the_page(
    client: httpx.AsyncClient, content: bytes, media_type: str, status: int
) -> None:
    answer = await client.post("/api/auth/login", content=content, headers={"Content-Type": media_type})
    assert answer.status_code == status
    assert answer.text.startswith(f"<!doctype html>\n<html lang=en>\n<title>{status} ")


@pytest.mark.parametrize("depth", [10, 300, 850])
async def test_what_nests_within_the_bound_is_read_as_the_old_server_read_it(
    client: httpx.AsyncClient, depth: int
) -> None:
    nested = "[" * depth + "]" * depth
    ignored = await client.post(
        "/api/auth/login", **json_body(f'{{"email":"a","password":"b","x":{nested}}}')
    )
    assert (ignored.status_code, ignored.text) == (401, '{"error":"Invalid credentials"}\n')
    looked_up = await client.post("/api/auth/login", **json_body(f'{{"email":{nested},"password":"b"}}'))
    assert (looked_up.status_code, looked_up.text) == (401, '{"error":"Invalid credentials"}\n')


def json_body(text: str) -> dict[str, Any]:
    return {"content": text.encode(), "headers": {"Content-Type": "application/json"}}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32-le"])
async def test_json_is_read_in_any_unicode_encoding(client: httpx.AsyncClient, encoding: str) -> None:
    body = json.dumps({"email": "nobody", "password": "x"}).encode(encoding)
    answer = await client.post(
        "/api/auth/login", content=body, headers={"Content-Type": "application/vnd.api+json"}
    )
    assert (answer.status_code, answer.text) == (401, '{"error":"Invalid credentials"}\n')


async def test_a_query_that_nothing_reads_is_not_read(client: httpx.AsyncClient) -> None:
    assert (await client.get("/api/courses/?" + "a=1&" * 2000)).status_code == 200


async def test_a_number_beyond_the_column_gets_the_page(client: httpx.AsyncClient) -> None:
    answer = await client.get(f"/api/courses/{2**63}")
    assert (answer.status_code, answer.text) == (400, page(400))


async def test_a_session_that_holds_no_object_gets_the_page_everywhere(client: httpx.AsyncClient) -> None:
    identity = client._transport.app.identity  # type: ignore[attr-defined]  # the door inside the transport
    value = identity._cookie._serializer.dumps([1])
    answer = await client.get("/api/nothing", headers={"Cookie": f"session={value}"})
    assert (answer.status_code, answer.text) == (400, page(400))
    assert "vary" not in answer.headers


async def test_a_failure_of_ours_gets_the_page_and_tells_nothing(
    client: httpx.AsyncClient, passwords: Passwords, caplog: pytest.LogCaptureFixture
) -> None:
    class Broken(Remembered):
        async def is_revoked(self, credential: str) -> bool:
            raise PromiseBroken("the reason")

    async with client_of(door(passwords, revocations=Broken())) as failing:
        identity = failing._transport.app.identity  # type: ignore[attr-defined]  # the door inside the transport
        value = identity._cookie.sign({"user_id": 1})
        answer = await failing.get("/api/auth/me", headers={"Cookie": f"session={value}"})
    assert (answer.status_code, answer.text) == (500, page(500))
    assert "the reason" in caplog.text


async def test_an_answer_that_takes_too_long_is_given_up(passwords: Passwords) -> None:
    class Slow(Remembered):
        async def is_revoked(self, credential: str) -> bool:
            await asyncio.sleep(5)
            return False

    async with client_of(door(passwords, revocations=Slow(), timeout=0.05)) as late:
        identity = late._transport.app.identity  # type: ignore[attr-defined]  # the door inside the transport
        value = identity._cookie.sign({"user_id": 1})
        answer = await late.get("/api/auth/me", headers={"Cookie": f"session={value}"})
    assert (answer.status_code, answer.text) == (503, page(503))


class Failing(Remembered):
    """Revocations that cannot be asked."""

    def __init__(self, error: BaseException) -> None:
        super().__init__()
        self.error = error

    async def is_revoked(self, credential: str) -> bool:
        raise self.error


async def asked_of(passwords: Passwords, error: BaseException) -> httpx.Response:
    """The answer to a caller whose credential cannot be looked up."""
    async with client_of(door(passwords, revocations=Failing(error))) as failing:
        identity = failing._transport.app.identity  # type: ignore[attr-defined]  # the door inside the transport
        value = identity._cookie.sign({"user_id": 1})
        return await failing.get("/api/auth/me", headers={"Cookie": f"session={value}"})


async def test_a_timeout_below_and_a_queue_that_is_full_get_the_page_of_a_timeout(
    passwords: Passwords,
) -> None:
    for error in (TimeoutError("a database's"), Overloaded()):
        answer = await asked_of(passwords, error)
        assert (answer.status_code, answer.text) == (503, page(503))


async def test_a_request_that_is_cancelled_gets_no_answer(passwords: Passwords) -> None:
    with pytest.raises(asyncio.CancelledError):
        await asked_of(passwords, asyncio.CancelledError())


async def test_a_rate_is_asked_before_anything_else(passwords: Passwords) -> None:
    told: list[Any] = [None, {"retry_after": 7}]

    async def limit(scope: Any) -> Any:
        return told.pop(0)

    async with client_of(
        door(passwords, limit=limit, revocations=Failing(KeyError("never asked")))
    ) as limited:
        assert (await limited.get("/api/auth/me")).status_code == 401
        # The landed contract words no refusal of its own, so it gets the page of a failure.
        assert (await limited.get("/api/auth/me", headers={"Cookie": "session=x"})).status_code == 500


async def test_who_need_not_sign_in_may_have_a_bad_credential(
    database: Database, passwords: Passwords, tmp_path: Path
) -> None:
    def looking(text: str) -> str:
        before, name, after = text.partition("operationId: mandarin.courses\n")
        refused = "'401': {$ref: '#/components/responses/Unauthorized'}\n        '400'"
        return before + name + "      x-stages: [identity]\n" + after.replace("'400'", refused, 1)

    open_to_all = compiled(planted(tmp_path, {"openapi.yaml": looking})).surfaces["mandarin"]
    served = SurfaceDoor(
        open_to_all,
        revocations=revocations,
        context_for=context_for(passwords),
        max_body_bytes=1,
        timeout=5.0,
    )
    async with client_of(served) as client:
        for authorization in ("Bearer forged", None):
            headers = {"Authorization": authorization} if authorization else {}
            answer = await client.get("/api/courses/", headers=headers)
            assert (answer.status_code, answer.text) == (200, '{"courses":[]}\n')


async def test_a_user_who_is_gone_is_said_in_the_legacy_words(client: httpx.AsyncClient) -> None:
    identity = client._transport.app.identity  # type: ignore[attr-defined]  # the door inside the transport
    headers = {"Cookie": f"session={identity._cookie.sign({'user_id': 99})}"}
    answer = await client.get("/api/auth/me", headers=headers)
    assert (answer.status_code, answer.text) == (404, '{"error":"User not found"}\n')
    with pytest.raises(Exception, match="does not exist"):
        await users.get(99)


def test_text_that_is_not_unicode_is_judged_all_the_same() -> None:
    from_contract = ENGINE.surfaces["mandarin"].endpoints["mandarin.login"].rules.body
    assert from_contract is not None
    assert fits(from_contract, {"email": "\ud800", "password": ["\ud800", {"\ud800": "x"}]})
    assert not fits(from_contract, {"email": "\ud800", "password": ""})


def test_statistics_count_the_words() -> None:
    counts = statistics(ENGINE)
    assert counts["mandarin"]["operations"] == 12
    assert counts["mandarin"]["Python handlers"] == 0
    assert counts["components"]["x-parity: added"] == 3


def test_the_folder_of_the_contract_is_where_documents_stand() -> None:
    assert ENGINE.contract.folder == Path(ROOT)
