"""Metrics count what was answered, under few labels."""

import asyncio
from collections.abc import AsyncIterator, Mapping

import httpx
import pytest
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse, StreamingResponse
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from server import metrics as module
from server.exchange import Observed
from server.metrics import Metrics


def client(app: ASGIApp) -> httpx.AsyncClient:
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    return httpx.AsyncClient(transport=transport, base_url="http://house.test")


def measured(app: ASGIApp, metrics: Metrics) -> ASGIApp:
    return Observed(app, observers=[metrics])


def naming(state: Mapping[str, object], answer: ASGIApp) -> ASGIApp:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        scope.setdefault("state", {}).update(state)
        await answer(scope, receive, send)

    return app


def count(metrics: Metrics, **labels: str) -> float | None:
    return metrics.registry.get_sample_value("http_requests_total", labels)


LABELS = {"surface": "mandarin", "operation": "listCourses", "door": "rest"}


async def test_a_request_is_counted_where_it_belongs() -> None:
    metrics = Metrics()
    async with client(measured(naming(LABELS, PlainTextResponse("ok", 201)), metrics)) as http:
        await http.post("/x")
        await http.post("/y")
    assert count(metrics, **LABELS, method="POST", status="201") == 2.0
    assert metrics.registry.get_sample_value("http_request_duration_seconds_count", LABELS) == 2.0


async def test_an_error_code_is_counted_without_its_case(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_LABELS", 2)
    metrics = Metrics()
    for code in ("TOKEN_EXPIRED", "INVALID:name", "INVALID:email", "ODD", "TOKEN_EXPIRED"):
        state = {"surface": "mandarin", "door": "rest", "code": code}
        async with client(measured(naming(state, PlainTextResponse("no", 401)), metrics)) as http:
            await http.get("/")

    def refusals(surface: str, door: str, code: str) -> float | None:
        labels = {"surface": surface, "door": door, "code": code}
        return metrics.registry.get_sample_value("lockstep_refusals_total", labels)

    assert refusals("mandarin", "rest", "TOKEN_EXPIRED") == 2
    assert refusals("mandarin", "rest", "INVALID") == 2
    assert refusals("other", "other", "other") == 1


async def test_what_nobody_named_is_counted_together() -> None:
    metrics = Metrics()
    async with client(measured(naming({"operation": 7}, PlainTextResponse("ok")), metrics)) as http:
        await http.request("FROB", "/x")
    none = {"surface": "none", "operation": "none", "door": "none"}
    assert count(metrics, **none, method="other", status="200") == 1.0


async def test_labels_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_LABELS", 2)
    metrics = Metrics()
    for operation in ("a", "b", "c", "d", "a"):
        app = measured(naming({"operation": operation}, PlainTextResponse("ok")), metrics)
        async with client(app) as http:
            await http.get("/")
    other = {"surface": "other", "operation": "other", "door": "other"}
    assert count(metrics, **other, method="GET", status="200") == 2.0
    assert count(metrics, surface="none", operation="a", door="none", method="GET", status="200") == 2.0


async def test_a_crash_counts_as_the_answer_that_the_server_gives() -> None:
    async def failing(scope: Scope, receive: Receive, send: Send) -> None:
        raise RuntimeError("broken")

    async def halfway(scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        raise RuntimeError("broken")

    async def silent(scope: Scope, receive: Receive, send: Send) -> None:
        pass

    metrics = Metrics()

    async def ask(app: ASGIApp) -> None:
        async def receive() -> Message:
            raise AssertionError("nothing is read")

        async def send(message: Message) -> None:
            pass

        try:
            await measured(app, metrics)({"type": "http", "method": "GET"}, receive, send)
        except RuntimeError as error:
            assert str(error) == "broken"

    for app in (failing, halfway, silent):
        await ask(app)
    none = {"surface": "none", "operation": "none", "door": "none", "method": "GET"}
    assert [count(metrics, **none, status=status) for status in ("500", "200", "none")] == [1.0, 1.0, 1.0]


async def test_a_stream_is_timed_to_its_start() -> None:
    async def events() -> AsyncIterator[str]:
        await asyncio.sleep(1)
        yield "data: 1\n\n"

    metrics = Metrics()
    stream = StreamingResponse(events(), media_type="text/event-stream")
    await measured(stream, metrics)({"type": "http", "method": "GET"}, disconnect, swallow)
    none = {"surface": "none", "operation": "none", "door": "none"}
    seconds = metrics.registry.get_sample_value("http_request_duration_seconds_sum", none)
    assert seconds is not None and 0 < seconds < 1


async def disconnect() -> Message:
    return {"type": "http.disconnect"}


async def swallow(message: Message) -> None:
    pass


async def test_the_page_is_prometheus_text() -> None:
    metrics = Metrics()
    async with client(Starlette(routes=[Route("/metrics", metrics.endpoint)])) as http:
        answer = await http.get("/metrics")
        openmetrics = await http.get("/metrics", headers={"Accept": "application/openmetrics-text"})
    assert answer.headers["content-type"].startswith("text/plain; version=")
    assert answer.headers["cache-control"] == "no-store"
    assert "# TYPE http_requests_total counter" in answer.text
    assert "process_cpu_seconds_total" in answer.text and "python_info" in answer.text
    assert openmetrics.headers["content-type"].startswith("application/openmetrics-text")
    assert openmetrics.text.endswith("# EOF\n")


async def test_two_applications_count_apart_and_one_may_not_count() -> None:
    counting, idle = Metrics(), Metrics(enabled=False)
    routes = [Route("/metrics", idle.endpoint)]
    async with client(measured(Starlette(routes=routes), idle)) as http:
        assert (await http.get("/metrics")).status_code == 404
    none = {"surface": "none", "operation": "none", "door": "none"}
    assert count(idle, **none, method="GET", status="404") is None
    assert counting.seen == set()
