"""Rate limits: counted in Valkey, told to the client, and never a reason to stand still."""

import asyncio
import os
import secrets
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest
from pymongo.asynchronous.database import AsyncDatabase
from redis.asyncio import Redis
from slowapi import Limiter
from slowapi.wrappers import Limit, LimitGroup
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import HTTPConnection, Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Mount, Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from structlog.testing import capture_logs

from server.embedded import Services
from server.embedded import services as run_services
from server.limits import AsyncLimiter, RateLimit, Verdict, client_address
from server.settings import Settings
from tests.compat_rest.contracts import planted
from tests.serving import served, settings_for

Database = AsyncDatabase[dict[str, Any]]
OFF = "rate limits are off: Valkey is away"


@pytest.fixture
async def limiter(services: Services) -> AsyncIterator[AsyncLimiter]:
    limiter = AsyncLimiter(services.redis_url, prefix=f"test{secrets.token_hex(4)}")
    yield limiter
    await limiter.close()


@pytest.fixture
async def valkey(tmp_path: Path) -> AsyncIterator[str]:
    """A Valkey of one test, which may be made to stand still."""
    settings = Settings(data=tmp_path, mongodb_uri="mongodb://not.asked", environ=os.environ)
    with run_services(settings, exclusive=True) as running:
        yield running.redis_url


async def pause(url: str, milliseconds: int) -> None:
    """Keeps a Valkey from answering anyone."""
    async with Redis.from_url(url) as client:
        await client.client_pause(milliseconds)


@asynccontextmanager
async def client(app: ASGIApp) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://house.test") as http:
        yield http


async def hello(request: Request) -> Response:
    return PlainTextResponse("hello")


async def test_a_client_is_refused_once_its_rate_is_spent(limiter: AsyncLimiter) -> None:
    verdicts = [await limiter.check("login", "10.0.0.1", "2/minute") for _ in range(3)]
    assert [verdict.allowed for verdict in verdicts] == [True, True, False]
    assert [verdict.remaining for verdict in verdicts] == [1, 0, 0]
    assert verdicts[2].reset is not None and 58 <= verdicts[2].reset <= 60
    assert (await limiter.check("login", "10.0.0.2", "2/minute")).allowed
    assert (await limiter.check("register", "10.0.0.1", "2/minute")).allowed


async def test_a_costly_request_spends_more(limiter: AsyncLimiter) -> None:
    assert (await limiter.check("graph", "c", "10/minute", cost=7)).remaining == 3
    assert not (await limiter.check("graph", "c", "10/minute", cost=7)).allowed


async def test_simultaneous_requests_are_counted_exactly(limiter: AsyncLimiter) -> None:
    limiter.counts.timeout = 5
    verdicts = await asyncio.gather(*(limiter.check("r", "c", "100/minute") for _ in range(150)))
    assert sum(verdict.allowed for verdict in verdicts) == 100
    assert sorted(v.remaining for v in verdicts if v.allowed and v.remaining is not None) == list(range(100))


async def test_a_client_is_told_how_it_stands(limiter: AsyncLimiter) -> None:
    limiter.register("graphql", "2/minute")
    app = Starlette(
        routes=[Route("/graphql", RateLimit(PlainTextResponse("data"), limiter=limiter, name="graphql"))]
    )
    async with client(app) as http:
        answers = [await http.post("/graphql") for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert answers[0].headers["ratelimit-policy"] == '"graphql";q=2;w=60'
    assert [answer.headers["ratelimit"] for answer in answers[:2]] == ['"graphql";r=1', '"graphql";r=0']
    refused = answers[2]
    wait = int(refused.headers["retry-after"])
    assert 58 <= wait <= 60
    assert refused.headers["ratelimit"] == f'"graphql";r=0;t={wait}'
    assert refused.json() == {
        "type": "about:blank",
        "title": "Too Many Requests",
        "status": 429,
        "detail": f"Too many requests; try again in {wait} seconds.",
    }


async def test_a_surface_words_its_own_refusal(limiter: AsyncLimiter) -> None:
    limiter.register("legacy", "1/minute")

    def refusal(verdict: Verdict) -> ASGIApp:
        return PlainTextResponse(f"no more than {verdict.limit}", 429)

    app = RateLimit(PlainTextResponse("data"), limiter=limiter, name="legacy", refusal=refusal)
    async with client(app) as http:
        await http.get("/")
        assert (await http.get("/")).text == "no more than 1"


async def test_the_decorators_of_slowapi_limit_mounted_routes(limiter: AsyncLimiter) -> None:
    limited = limiter.limit("1/minute")(hello)
    middleware = [Middleware(RateLimit, limiter=limiter)]
    inner = [
        Route("/limited", limited, middleware=middleware),
        Route("/free", limiter.exempt(greet), middleware=middleware),  # type: ignore[no-untyped-call]  # slowapi
    ]
    async with client(Starlette(routes=[Mount("/inner", routes=inner)])) as http:
        assert [(await http.get("/inner/limited")).status_code for _ in range(2)] == [200, 429]
        assert [(await http.get("/inner/free")).status_code for _ in range(2)] == [200, 200]


async def greet(request: Request) -> Response:
    return PlainTextResponse("hello")


def connection(method: str = "GET", kind: str = "http") -> HTTPConnection:
    scope: Scope = {"type": kind, "path": "/", "headers": [], "client": ("10.0.0.9", 1)}
    return HTTPConnection({**scope, "method": method} if kind == "http" else scope)


async def test_the_rules_of_slowapi_hold(services: Services) -> None:
    limiter = AsyncLimiter(
        services.redis_url, default_limits=["5/minute"], prefix=f"test{secrets.token_hex(4)}"
    )

    def rates(name: str, method: str = "GET") -> list[str]:
        return [str(limit.limit) for limit in limiter.applying(name, connection(method))]

    def named(name: str) -> Callable[[Request], Response]:
        def endpoint(request: Request) -> Response:
            return PlainTextResponse(name)

        endpoint.__name__ = name
        return endpoint

    limiter.limit("3/second")(named("own"))
    limiter.limit("3/second", override_defaults=False)(named("beside"))
    limiter.limit("3/second", methods=["POST"])(named("posts"))
    limiter.limit(lambda: "7/hour; 9/day")(named("dynamic"))
    limiter.limit("3/second", exempt_when=lambda: True)(named("excused"))
    limiter.limit("1/hour", per_method=True, cost=lambda request: 1)(named("each"))
    limiter.shared_limit("1/hour", scope="both")(named("one"))
    limiter.shared_limit("1/hour", scope="both")(named("other"))
    limiter.exempt(named("free"))  # type: ignore[no-untyped-call]  # slowapi
    here = f"{__name__}."
    try:
        assert rates("unknown") == ["5 per 1 minute"]
        assert rates(here + "own") == ["3 per 1 second"]
        assert rates(here + "beside") == ["3 per 1 second", "5 per 1 minute"]
        assert (rates(here + "posts"), rates(here + "posts", "POST")) == ([], ["3 per 1 second"])
        assert rates(here + "dynamic") == ["7 per 1 hour", "9 per 1 day"]
        assert rates(here + "excused") == rates(here + "free") == []
        for method in ("GET", "POST"):
            verdict = await limiter.check_request(here + "each", connection(method))
            assert verdict is not None and verdict.allowed
        verdicts = [await limiter.check_request(here + name, connection()) for name in ("one", "other")]
        assert [verdict and verdict.allowed for verdict in verdicts] == [True, False]
        tightest = await limiter.check_request(here + "beside", connection())
        assert tightest is not None and (tightest.limit, tightest.remaining) == (3, 2)
        limiter.enabled = False
        assert rates(here + "own") == []
        assert await limiter.check_request(here + "own", connection()) is None
    finally:
        await limiter.close()


def test_a_rate_that_cannot_be_read_is_refused_at_once(services: Services) -> None:
    limiter = AsyncLimiter(services.redis_url)
    with pytest.raises(ValueError, match="couldn't parse rate limit string 'often'"):
        limiter.register("graphql", "often")


def test_the_private_names_of_slowapi_are_still_there() -> None:
    limiter = Limiter(
        client_address, default_limits=["1/day"], application_limits=["2/day"], auto_check=False
    )
    limiter.limit("3/day")(hello)
    limiter.limit(lambda: "4/day")(greet)
    limiter.exempt(connection)  # type: ignore[no-untyped-call]  # slowapi
    here = f"{__name__}."
    (own,) = limiter._route_limits[f"{here}hello"]
    (group,) = limiter._dynamic_route_limits[f"{here}greet"]
    (default,) = limiter._default_limits
    (whole,) = limiter._application_limits
    assert isinstance(own, Limit) and isinstance(group, LimitGroup)
    assert [str(limit.limit) for limit in [own, *group, *default, *whole]] == [
        "3 per 1 day", "4 per 1 day", "1 per 1 day", "2 per 1 day",
    ]  # fmt: skip
    assert (own.scope, own.per_method, own.cost, own.override_defaults) == ("", False, 1, True)
    assert limiter._exempt_routes == {f"{here}connection"}
    assert limiter._key_func is client_address


async def test_a_websocket_is_refused_before_it_is_opened(limiter: AsyncLimiter) -> None:
    limiter.register("socket", "1/minute")
    sent: list[Message] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "websocket.accept"})

    async def receive() -> Message:
        return {"type": "websocket.connect"}

    async def send(message: Message) -> None:
        sent.append(message)

    guarded = RateLimit(app, limiter=limiter, name="socket")
    scope = dict(connection(kind="websocket").scope)
    able: Scope = {"extensions": {"websocket.http.response": {}}}
    for seen in (scope, scope, {**scope, **able}):
        await guarded(seen, receive, send)
    assert sent[0] == {"type": "websocket.accept"}
    assert sent[1] == {"type": "websocket.close", "code": 1013, "reason": "Too many requests"}
    assert (sent[2]["type"], sent[2]["status"]) == ("websocket.http.response.start", 429)
    await guarded({"type": "lifespan"}, receive, send)
    assert sent[-1] == {"type": "websocket.accept"}


async def test_without_valkey_every_request_passes_and_few_warnings_say_so() -> None:
    now = 100.0
    limiter = AsyncLimiter("redis://127.0.0.1:1", clock=lambda: now)
    with capture_logs() as logs:
        verdicts = [await limiter.check("r", "c", "1/minute") for _ in range(3)]
        now += 4.9
        await limiter.check("r", "c", "1/minute")
        assert [(line["event"], line["error"]) for line in logs] == [(OFF, "ConnectionError")]
        now += 5
        await limiter.check("r", "c", "1/minute")
    assert [line["event"] for line in logs] == [OFF, OFF]
    assert [verdict.allowed for verdict in verdicts] == [True, True, True]
    assert verdicts[0].headers() == {}
    await limiter.close()


async def test_a_paused_valkey_delays_nobody_for_long(valkey: str) -> None:
    """The promise: while Valkey stands still for two seconds, every request is answered at once."""
    limiter = AsyncLimiter(valkey)
    limiter.register("graphql", "1000/minute")
    guarded = RateLimit(PlainTextResponse("data"), limiter=limiter, name="graphql")
    app = Starlette(routes=[Route("/limited", guarded), Route("/free", hello)])
    longest = {"/limited": 0.0, "/free": 0.0, "loop": 0.0}
    slow: list[float] = []

    async def ask(http: httpx.AsyncClient, path: str) -> None:
        while time.monotonic() < end:
            begin = time.monotonic()
            assert (await http.get(path)).status_code == 200
            took = time.monotonic() - begin
            longest[path] = max(longest[path], took)
            if path == "/limited" and took > 0.2:
                slow.append(took)
            await asyncio.sleep(0.005)

    async def tick() -> None:
        while time.monotonic() < end:
            begin = time.monotonic()
            await asyncio.sleep(0.001)
            longest["loop"] = max(longest["loop"], time.monotonic() - begin)

    async with client(app) as http:
        assert (await http.get("/limited")).headers["ratelimit"] == '"graphql";r=999'
        with capture_logs() as logs:
            end = time.monotonic() + 2
            await pause(valkey, 2000)
            await asyncio.gather(ask(http, "/free"), *(ask(http, "/limited") for _ in range(4)), tick())
    print({name: f"{seconds * 1000:.0f} ms" for name, seconds in longest.items()}, f"{len(slow)} delayed")
    # Far above what is usual, because the machine may have other work, and below the pause.
    assert max(longest.values()) < 1.5
    # Four that were under way when it began, then one a second that asks whether Valkey is back.
    assert len(slow) < 12
    assert [line["event"] for line in logs] == [OFF]
    await limiter.close()


async def test_counting_goes_on_where_it_stopped(valkey: str) -> None:
    """A reply that comes too late for its request is never taken for the reply to another."""
    # Long enough for a busy machine to answer in, short enough to run out within the pause.
    limiter = AsyncLimiter(valkey, timeout=0.5, rest=0.0)
    async with AsyncExitStack() as closing:
        closing.push_async_callback(limiter.close)
        await limiter.check("a", "c", "100/minute")
        await pause(valkey, 1200)
        begin = time.monotonic()
        while (await limiter.check("a", "c", "100/minute", cost=10)).remaining is None:
            assert time.monotonic() - begin < 5
        limiter.counts.timeout = 5
        verdicts = await asyncio.gather(
            *(limiter.check("b", str(key), "9/minute", cost=key) for key in range(1, 9))
        )
        assert [verdict.remaining for verdict in verdicts] == [8, 7, 6, 5, 4, 3, 2, 1]
        assert limiter.failing is False


def test_who_has_no_address_is_limited_together() -> None:
    assert client_address(connection()) == "10.0.0.9"
    assert client_address(HTTPConnection({"type": "http", "client": None})) == "unknown"


RATED = """x-surfaces:
  mandarin:
    rate: '$env.MANDARIN_RATE:'
"""
ROW = """    errors:
      RATE_LIMITED:
        status: 429
        body: {error: 'At most {$error.limit} in {$error.window} s.'}
        headers: {Retry-After: $error.retry_after}
"""


@pytest.fixture
def rated(tmp_path: Path) -> Path:
    """The landed contract with a rate for its surface."""

    def change(text: str) -> str:
        text = text.replace("x-surfaces:\n  mandarin:\n", RATED).replace("    errors:\n", ROW, 1)
        return text.replace(
            "        '503': {$ref: '#/components/responses/Page'}\n",
            "        '503': {$ref: '#/components/responses/Page'}\n"
            "        '429': {$ref: '#/components/responses/Error'}\n",
        )

    return planted(tmp_path, {"openapi.yaml": change})


async def test_a_surface_with_a_rate_refuses_in_its_own_words(
    services: Services, scratch: Database, rated: Path
) -> None:
    settings = settings_for(services, scratch.name, contract=rated)
    environ = {**settings.environ, "MANDARIN_RATE": "3/minute"}
    async with served(replace(settings, environ=environ)) as address:
        async with httpx.AsyncClient(base_url=address, headers={"Host": "legacy.test"}) as http:
            async with Redis.from_url(services.redis_url) as valkey:
                await valkey.delete(
                    *[key async for key in valkey.scan_iter("lockstep:*mandarin*")] or ["none"]
                )
            answers = [await http.get(path) for path in ("/api/auth/me", "/api/nothing", "/api/auth/me")]
            refused = await http.get("/api/auth/me")
            page = await http.get("/api/nothing")
            graph = await http.post("/graphql", json={"query": "{ courses { totalCount } }"})
    assert [answer.status_code for answer in answers] == [401, 404, 401]
    assert "ratelimit" not in answers[0].headers and "retry-after" not in answers[0].headers
    assert (refused.status_code, refused.text) == (429, '{"error":"At most 3 in 60 s."}\n')
    assert 1 <= int(refused.headers["retry-after"]) <= 60
    assert sorted(refused.headers) == ["content-length", "content-type", "date", "retry-after"]
    assert (page.status_code, page.text) == (429, refused.text)
    assert graph.status_code == 200


async def test_a_surface_without_a_rate_is_not_counted(
    services: Services, scratch: Database, rated: Path
) -> None:
    settings = settings_for(services, scratch.name, contract=rated)
    async with served(settings) as address, httpx.AsyncClient(base_url=address) as http:
        statuses = [(await http.get("/mandarin/api/auth/me")).status_code for _ in range(5)]
    assert statuses == [401] * 5


async def test_a_surface_with_a_rate_answers_while_valkey_is_away(
    services: Services, scratch: Database, rated: Path
) -> None:
    settings = settings_for(services, scratch.name, contract=rated, redis_url="redis://127.0.0.1:1")
    environ = {**settings.environ, "MANDARIN_RATE": "1/minute"}
    async with served(replace(settings, environ=environ)) as address:
        async with httpx.AsyncClient(base_url=address) as http:
            statuses = [(await http.get("/mandarin/api/auth/me")).status_code for _ in range(5)]
    assert statuses == [401] * 5
