"""Rate limits: slowapi's decorators and rules, with the counts in Valkey, beside the event loop.

slowapi's own storage is synchronous, so one stalled Valkey would stop every request; its middleware breaks
answers that stream, and sees neither mounted routes nor routes whose endpoint is an application. So here
slowapi only keeps which limits there are, and the counting is done beside the event loop.
"""

import math
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import cast

import structlog
from limits import RateLimitItem, parse
from slowapi import Limiter
from slowapi.wrappers import Limit, LimitGroup
from starlette.requests import HTTPConnection, Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from compat_rest.contract.before import Limit as SurfaceRate
from compat_rest.limits import Verdict as Told
from compat_rest.limits import uncounted
from server.counts import Away, Counts
from server.middleware import problem

WARN_EVERY = 5.0
# Where a request carries its verdict that was counted further out.
COUNTED = "counted"
logger = structlog.get_logger(__name__)
rule = lru_cache(maxsize=256)(parse)


@dataclass(slots=True)
class Verdict:
    """Whether a request may pass, and what its client should know; what is unknown is None."""

    name: str
    limit: int
    window: int
    allowed: bool = True
    remaining: int | None = None
    reset: int | None = None

    def headers(self) -> dict[str, str]:
        """The RateLimit fields of the IETF draft, and Retry-After for who has to wait."""
        if self.remaining is None:
            return {}
        wait = f";t={self.reset}" if self.reset is not None else ""
        fields = {
            "RateLimit-Policy": f'"{self.name}";q={self.limit};w={self.window}',
            "RateLimit": f'"{self.name}";r={self.remaining}{wait}',
        }
        return fields if self.allowed else {**fields, "Retry-After": str(self.reset)}


def client_address(connection: HTTPConnection) -> str:
    """The address of the client, which is what is limited where nothing else is said."""
    client = connection.scope.get("client")
    return str(client[0]) if client else "unknown"


def too_many(verdict: Verdict) -> ASGIApp:
    """The answer to a request too many, as RFC 9457 words it."""
    detail = f"Too many requests; try again in {verdict.reset} seconds."
    return problem(429, "Too Many Requests", detail, verdict.headers())


class AsyncLimiter(Limiter):
    """Counts requests in Valkey. While Valkey is away every request passes, and a warning says so."""

    def __init__(
        self,
        url: str,
        *,
        key_func: Callable[..., str] = client_address,
        default_limits: list[str | Callable[..., str]] | None = None,
        prefix: str = "lockstep",
        timeout: float = 0.25,
        rest: float = 1.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__(
            key_func,
            default_limits=default_limits or [],
            storage_uri="memory://",
            auto_check=False,
            key_style="endpoint",
        )
        self.prefix = prefix
        self.counts = Counts(url, timeout=timeout)
        self.rest = rest
        self.clock = clock
        self.failing = False
        self.resting_until = -math.inf
        self.warned = -math.inf

    async def close(self) -> None:
        """Gives the connections back."""
        await self.counts.close()

    def register(self, name: str, rates: str, *, key_func: Callable[..., str] | None = None) -> None:
        """Limits a name as the decorator limits a function, with rates such as `600/minute; 20/second`.

        Raises ValueError for rates that cannot be read.
        """
        key = key_func or self._key_func
        group = LimitGroup(rates, key, None, False, None, None, None, 1, True)
        self._route_limits.setdefault(name, []).extend(group)

    async def check(self, name: str, key: str, rate: str, *, cost: int = 1) -> Verdict:
        """Counts one request of a key under a name; raises ValueError for a rate that cannot be read."""
        return await self.hit(name, rule(rate), [key, name], cost)

    async def check_request(self, name: str, connection: HTTPConnection) -> Verdict | None:
        """Counts a request against every limit of a name: the first that refuses, else the tightest."""
        tightest: Verdict | None = None
        for limit in self.applying(name, connection):
            scope = limit.scope or name
            if limit.per_method:
                scope += f":{connection.scope.get('method')}"
            cost = limit.cost(connection) if callable(limit.cost) else limit.cost
            verdict = await self.hit(name, limit.limit, [limit.key_func(connection), scope], cost)
            if not verdict.allowed:
                return verdict
            if tightest is None or (verdict.remaining or 0) < (tightest.remaining or 0):
                tightest = verdict
        return tightest

    def applying(self, name: str, connection: HTTPConnection) -> list[Limit]:
        """The limits of a name that apply to this request, by the rules of slowapi."""
        if not self.enabled or name in self._exempt_routes:
            return []
        own = list(self._route_limits.get(name, ()))
        for group in self._dynamic_route_limits.get(name, ()):
            own += group.with_request(connection)  # type: ignore[no-untyped-call]  # slowapi is untyped
        found = [limit for group in self._application_limits for limit in group] + own
        if not any(limit.override_defaults for limit in own):
            found += [limit for group in self._default_limits for limit in group]
        method = connection.scope.get("method", "").lower()
        return [
            limit
            for limit in found
            if (not limit.methods or method in limit.methods)
            # slowapi names the narrower type; nothing of a request is used that a WebSocket has not.
            and not limit.is_exempt(cast(Request, connection))
        ]

    async def hit(self, name: str, item: RateLimitItem, identifiers: list[str], cost: int) -> Verdict:
        """Counts against one limit in bounded time; the request passes if Valkey does not answer."""
        window = item.get_expiry()
        if self.is_resting():
            return Verdict(name, item.amount, window)
        try:
            count, seconds = await self.counts.add(
                f"{self.prefix}:{item.key_for(*identifiers)}", window, cost
            )
        except Away as error:
            self.fail(error)
            return Verdict(name, item.amount, window)
        self.failing, self.resting_until = False, -math.inf
        if count <= item.amount:
            return Verdict(name, item.amount, window, remaining=item.amount - count)
        reset = max(1, math.ceil(seconds))
        return Verdict(name, item.amount, window, allowed=False, remaining=0, reset=reset)

    async def count(self, surface: str, limit: SurfaceRate, key: str) -> Told:
        """Counts a request against a limit of a surface; without Valkey each is told what a first one is."""
        if self.is_resting():
            return await uncounted(surface, limit, key)
        name = f"{self.prefix}:{surface}:{limit.name}:{key}"
        try:
            count, seconds = await self.counts.add(name, limit.window, limit.cost)
        except Away as error:
            self.fail(error)
            return await uncounted(surface, limit, key)
        self.failing, self.resting_until = False, -math.inf
        return Told(max(0, limit.amount - count), seconds, allowed=count <= limit.amount)

    def is_resting(self) -> bool:
        """Whether Valkey is away, and left alone for now."""
        if self.resting_until == -math.inf:
            return False
        now = self.clock()
        if now < self.resting_until:
            return True
        if self.failing:
            # One request finds out whether Valkey is back; the others do not wait for it.
            self.resting_until = now + self.rest
        return False

    def fail(self, error: Away) -> None:
        """Leaves Valkey alone for a while, and says so unless it was just said."""
        now = self.clock()
        self.failing, self.resting_until = True, now + self.rest
        if now - self.warned >= WARN_EVERY:
            self.warned = now
            logger.warning("rate limits are off: Valkey is away", error=str(error))


class SurfaceLimit:
    """Limits one surface, which words its refusals itself."""

    def __init__(self, limiter: AsyncLimiter, name: str) -> None:
        self.limiter = limiter
        self.name = name

    async def __call__(self, scope: Scope) -> Mapping[str, int] | None:
        """Counts a request: None while it may pass, otherwise what the texts of its refusal may tell."""
        verdict = await self.limiter.check_request(self.name, HTTPConnection(scope))
        if verdict is None or verdict.allowed:
            return None
        return {"limit": verdict.limit, "window": verdict.window, "retry_after": verdict.reset or 1}


class RateLimit:
    """Refuses a client that asks too often; stands around an application, or on a route."""

    def __init__(
        self,
        app: ASGIApp,
        *,
        limiter: AsyncLimiter,
        name: str | None = None,
        refusal: Callable[[Verdict], ASGIApp] = too_many,
    ) -> None:
        self.app = app
        self.limiter = limiter
        self.name = name
        self.refusal = refusal

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            return await self.app(scope, receive, send)
        name = self.name or endpoint_name(scope)
        state = scope.setdefault("state", {})
        if COUNTED in state:
            verdict = state.pop(COUNTED)
        else:
            verdict = await self.limiter.check_request(name, HTTPConnection(scope))
        if verdict and not verdict.allowed:
            return await self.refuse(verdict, scope, receive, send)
        # slowapi's decorator reads this after the endpoint has answered.
        state["view_rate_limit"] = None

        async def told(message: Message) -> None:
            if verdict and message["type"] == "http.response.start":
                message["headers"] = [*message.get("headers", ()), *raw(verdict.headers())]
            await send(message)

        await self.app(scope, receive, told)

    async def refuse(self, verdict: Verdict, scope: Scope, receive: Receive, send: Send) -> None:
        """The refusal, also to a WebSocket where the server can answer one."""
        if scope["type"] == "websocket" and "websocket.http.response" not in scope.get("extensions", {}):
            return await send({"type": "websocket.close", "code": 1013, "reason": "Too many requests"})
        await self.refusal(verdict)(scope, receive, send)


def raw(headers: Mapping[str, str]) -> list[tuple[bytes, bytes]]:
    """Headers as ASGI has them."""
    return [(name.lower().encode(), value.encode()) for name, value in headers.items()]


def endpoint_name(scope: Scope) -> str:
    """The name under which slowapi's decorators keep the limits of a route's function."""
    endpoint = scope["endpoint"]
    return f"{endpoint.__module__}.{endpoint.__name__}"
