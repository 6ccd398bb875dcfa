"""Traces name what was asked for, hold the commands below it, and no secrets."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import SpanKind, StatusCode
from pymongo import AsyncMongoClient
from redis.asyncio import Redis
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from server.embedded import Services
from server.tracing import Traced, Tracing


@pytest.fixture
def exporter() -> InMemorySpanExporter:
    return InMemorySpanExporter()


@pytest.fixture
def provider(exporter: InMemorySpanExporter) -> TracerProvider:
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    return provider


@pytest.fixture
def tracing(provider: TracerProvider) -> Iterator[Tracing]:
    tracing = Tracing(provider)
    yield tracing
    tracing.close()


async def get(app: ASGIApp, url: str, headers: dict[str, str] | None = None) -> None:
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://house.test") as http:
        await http.get(url, headers=headers)


def attributes(span: ReadableSpan) -> dict[str, Any]:
    return dict(span.attributes or {})


async def test_a_request_holds_its_commands(
    services: Services, tracing: Tracing, exporter: InMemorySpanExporter
) -> None:
    mongodb: AsyncMongoClient[dict[str, Any]] = AsyncMongoClient(services.mongodb_uri)
    valkey = Redis.from_url(services.redis_url)
    queries: list[bytes] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        queries.append(scope["query_string"])
        scope.setdefault("state", {}).update(surface="mandarin", operation="listCourses", door="rest")
        await mongodb["lockstep_tracing"]["courses"].find_one({"title": "hidden"})
        await valkey.get("hidden")
        await PlainTextResponse("ok")(scope, receive, send)

    trace = "0af7651916cd43dd8448eb211c80319c"
    headers = {"traceparent": f"00-{trace}-b7ad6b7169203331-01", "Cookie": "hidden", "X-Token": "hidden"}
    try:
        await get(tracing.around(app), "/api/courses?token=hidden", headers)
    finally:
        await valkey.aclose()
        await mongodb.close()
    assert queries == [b"token=hidden"]
    spans = exporter.get_finished_spans()
    (server,) = [span for span in spans if span.kind is SpanKind.SERVER]
    assert server.name == "mandarin/listCourses"
    assert attributes(server)["lockstep.door"] == "rest"
    assert attributes(server)["http.status_code"] == 200
    assert server.context is not None and format(server.context.trace_id, "032x") == trace
    below = [span for span in spans if span.parent and span.parent.span_id == server.context.span_id]
    assert {"lockstep_tracing.find", "GET"} <= {span.name for span in below}
    assert all("hidden" not in span.to_json() for span in spans)


async def test_what_nobody_named_keeps_a_plain_name(tracing: Tracing, exporter: InMemorySpanExporter) -> None:
    await get(tracing.around(PlainTextResponse("no", 404)), "/a/7?%ff")
    (span,) = exporter.get_finished_spans()
    assert span.name == "http"
    assert attributes(span)["http.target"] == "/a/7"


async def test_a_crash_is_named_too(tracing: Tracing, exporter: InMemorySpanExporter) -> None:
    async def failing(scope: Scope, receive: Receive, send: Send) -> None:
        scope.setdefault("state", {})["surface"] = "mandarin"
        raise RuntimeError("broken")

    await get(tracing.around(failing), "/")
    (span,) = exporter.get_finished_spans()
    assert (span.name, span.status.status_code) == ("mandarin", StatusCode.ERROR)


async def test_the_lifespan_is_not_traced(provider: TracerProvider, exporter: InMemorySpanExporter) -> None:
    async def idle(scope: Scope, receive: Receive, send: Send) -> None:
        assert scope["type"] == "lifespan"

    async def receive() -> Message:
        raise AssertionError("nothing is read")

    async def send(message: Message) -> None:
        raise AssertionError("nothing is sent")

    await Traced(idle, provider)({"type": "lifespan"}, receive, send)
    assert exporter.get_finished_spans() == ()


def test_a_collector_is_named_by_its_address() -> None:
    tracing = Tracing.to_collector("http://127.0.0.1:4318/", service="test")
    assert tracing.provider.resource.attributes["service.name"] == "test"
    tracing.close()


async def test_nothing_is_traced_once_it_is_closed(
    services: Services, provider: TracerProvider, exporter: InMemorySpanExporter
) -> None:
    Tracing(provider).close()
    mongodb: AsyncMongoClient[dict[str, Any]] = AsyncMongoClient(services.mongodb_uri)
    valkey = Redis.from_url(services.redis_url)
    try:
        await mongodb["lockstep_tracing"]["courses"].find_one({})
        await valkey.ping()
    finally:
        await valkey.aclose()
        await mongodb.close()
    assert exporter.get_finished_spans() == ()
