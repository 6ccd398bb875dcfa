"""Metrics for Prometheus: how many requests came, how they were answered, and how long it took."""

import time
from collections.abc import Callable

from prometheus_client import (
    CollectorRegistry,
    Counter,
    GCCollector,
    Histogram,
    PlatformCollector,
    ProcessCollector,
)
from prometheus_client.exposition import choose_encoder
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from server.middleware import is_stream

METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
NONE = "none"
OTHER = "other"
# A contract of a thousand operations on two doors; whatever comes beyond is counted together.
MOST_LABELS = 2_000
# From a read in memory to the longest time a request may take.
BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)

Labels = tuple[str, str, str]


class Metrics:
    """The metrics of one application, in a registry of their own."""

    def __init__(self, *, enabled: bool = True) -> None:
        self.enabled = enabled
        self.registry = CollectorRegistry()
        self.requests = Counter(
            "http_requests",
            "Requests that were answered.",
            ("surface", "operation", "method", "status", "door"),
            registry=self.registry,
        )
        self.duration = Histogram(
            "http_request_duration_seconds",
            "Time from a request to the end of its answer, or to its start where the answer is a stream.",
            ("surface", "operation", "door"),
            buckets=BUCKETS,
            registry=self.registry,
        )
        self.seen: set[Labels] = set()
        ProcessCollector(registry=self.registry)
        PlatformCollector(registry=self.registry)
        GCCollector(registry=self.registry)

    def observe(self, scope: Scope, status: str, seconds: float) -> None:
        """Counts one request under the labels that its scope's state names."""
        surface, operation, door = self.labels(scope)
        method = scope["method"] if scope["method"] in METHODS else OTHER
        self.requests.labels(surface, operation, method, status, door).inc()
        self.duration.labels(surface, operation, door).observe(seconds)

    def labels(self, scope: Scope) -> Labels:
        """Surface, operation and door, of which there never are more than a bounded number."""
        state = scope.get("state", {})
        names: Labels = (named(state, "surface"), named(state, "operation"), named(state, "door"))
        if names not in self.seen:
            if len(self.seen) >= MOST_LABELS:
                return (OTHER, OTHER, OTHER)
            self.seen.add(names)
        return names

    async def endpoint(self, request: Request) -> Response:
        """The metrics in the form that the caller asks for; 404 where they are switched off."""
        if not self.enabled:
            return PlainTextResponse("Not Found", status_code=404)
        encode, content_type = encoder(request.headers.get("accept", ""))
        headers = {"Content-Type": content_type, "Cache-Control": "no-store"}
        return Response(encode(self.registry), headers=headers)


def encoder(accept: str) -> tuple[Callable[[CollectorRegistry], bytes], str]:
    """How to write a registry, and the media type of what is written."""
    return choose_encoder(accept)


def named(state: dict[str, object], name: str) -> str:
    """A label's value; what nobody named is none."""
    value = state.get(name)
    return value if isinstance(value, str) and value else NONE


class Measure:
    """Counts each request and takes its time."""

    def __init__(self, app: ASGIApp, *, metrics: Metrics) -> None:
        self.app = app
        self.metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not self.metrics.enabled:
            return await self.app(scope, receive, send)
        begin = time.perf_counter()
        status = NONE
        end: float | None = None

        async def watched(message: Message) -> None:
            nonlocal status, end
            if message["type"] == "http.response.start":
                status = str(message["status"])
                if is_stream(message):
                    end = time.perf_counter()
            await send(message)

        try:
            await self.app(scope, receive, watched)
        except Exception:
            # The server answers so where the application did not.
            status = "500" if status == NONE else status
            raise
        finally:
            self.metrics.observe(scope, status, (end or time.perf_counter()) - begin)
