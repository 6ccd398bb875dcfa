"""Metrics for Prometheus: how many requests came, how they were answered, and how long it took."""

import os
from collections.abc import Callable, Mapping

from prometheus_client import (
    CollectorRegistry,
    Counter,
    GCCollector,
    Histogram,
    PlatformCollector,
    ProcessCollector,
)
from prometheus_client.exposition import choose_encoder
from prometheus_client.multiprocess import MultiProcessCollector
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from server.exchange import Exchange

# The folder that the workers of one server share; prometheus_client looks for it when it is imported.
SHARED = "PROMETHEUS_MULTIPROC_DIR"
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
        self.refusals = Counter(
            "lockstep_refusals",
            "Requests that were answered with an error code of the contract or the graph.",
            ("surface", "door", "code"),
            registry=self.registry,
        )
        self.seen: set[Labels] = set()
        self.codes: set[Labels] = set()
        self.counted: dict[tuple[object, ...], tuple[Counter, Histogram]] = {}
        ProcessCollector(registry=self.registry)
        PlatformCollector(registry=self.registry)
        GCCollector(registry=self.registry)

    def ended(self, exchange: Exchange) -> None:
        """Counts one HTTP request under the labels that its scope's state names, and takes its time."""
        scope = exchange.scope
        if scope["type"] != "http" or not self.enabled:
            return
        state = scope["state"]
        method, status = scope["method"], exchange.status
        key = (state.get("surface"), state.get("operation"), state.get("door"), method, status)
        counted = self.counted.get(key)
        if counted is None:
            surface, operation, door = self.labels(state)
            named_status = NONE if status is None else str(status)
            counted = (
                self.requests.labels(
                    surface, operation, method if method in METHODS else OTHER, named_status, door
                ),
                self.duration.labels(surface, operation, door),
            )
            # Looking labels up costs more than counting; what is beyond the bound does it each time.
            if surface != OTHER and method in METHODS:
                self.counted[key] = counted
        requests, duration = counted
        requests.inc()
        if "code" in state:
            self.refused(state)
        after = exchange.streaming_after
        duration.observe(exchange.seconds if after is None else after)

    def refused(self, state: Mapping[str, object]) -> None:
        """Counts the error code of an answer."""
        # A code may name its case after a colon.
        code = named(state, "code").partition(":")[0]
        labels: Labels = (named(state, "surface"), named(state, "door"), code)
        if labels not in self.codes and len(self.codes) >= MOST_LABELS:
            labels = (OTHER, OTHER, OTHER)
        self.codes.add(labels)
        self.refusals.labels(*labels).inc()

    def labels(self, state: Mapping[str, object]) -> Labels:
        """Surface, operation and door, of which there never are more than a bounded number."""
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
        content, content_type = self.text(request.headers.get("accept", ""))
        return Response(content, headers={"Content-Type": content_type, "Cache-Control": "no-store"})

    def text(self, accept: str) -> tuple[bytes, str]:
        """The metrics in the form that is accepted, and its media type."""
        encode, content_type = encoder(accept)
        return encode(self.told()), content_type

    def told(self) -> CollectorRegistry:
        """What is told: this process's own metrics, or where it is one of several workers those of all."""
        if SHARED not in os.environ:
            return self.registry
        shared = CollectorRegistry()
        MultiProcessCollector(shared)  # type: ignore[no-untyped-call]  # its constructor has no types
        return shared


def encoder(accept: str) -> tuple[Callable[[CollectorRegistry], bytes], str]:
    """How to write a registry, and the media type of what is written."""
    return choose_encoder(accept)


def named(state: Mapping[str, object], name: str) -> str:
    """A label's value; what nobody named is none."""
    value = state.get(name)
    return value if isinstance(value, str) and value else NONE
