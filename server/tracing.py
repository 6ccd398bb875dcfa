"""Traces: a span for each request, named by what was asked for, with its database commands below it.

Nothing is instrumented until a Tracing is made, which happens only where a collector is named.
"""

from typing import cast

from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.instrumentation.asgi import OpenTelemetryMiddleware
from opentelemetry.instrumentation.pymongo import PymongoInstrumentor
from opentelemetry.instrumentation.redis import RedisInstrumentor
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import Span, get_current_span
from starlette.types import ASGIApp, Message, Receive, Scope, Send

SERVICE = "lockstep"
ORIGINAL = "lockstep.scope"
# What a span needs of a request; the others may carry credentials.
HEADERS = frozenset({b"host", b"user-agent", b"content-length", b"traceparent", b"tracestate", b"baggage"})
LABELS = ("surface", "operation", "door", "request_id")


class Tracing:
    """Traces everything of this process to one provider, from its making until it is closed."""

    def __init__(self, provider: TracerProvider) -> None:
        self.provider = provider
        # MongoDB clients ask for listeners when they are made, so this comes before them.
        PymongoInstrumentor().instrument(tracer_provider=provider)
        RedisInstrumentor().instrument(tracer_provider=provider)

    @classmethod
    def to_collector(cls, endpoint: str, *, service: str = SERVICE) -> "Tracing":
        """Traces to an OTLP collector over HTTP, such as `http://127.0.0.1:4318`."""
        provider = TracerProvider(resource=Resource.create({"service.name": service}))
        exporter = OTLPSpanExporter(f"{endpoint.rstrip('/')}/v1/traces")
        provider.add_span_processor(BatchSpanProcessor(exporter))
        return cls(provider)

    def around(self, app: ASGIApp) -> ASGIApp:
        """The application with a span around each request."""
        return Traced(app, self.provider)

    def close(self) -> None:
        """Sends what is left and lets go of the drivers."""
        PymongoInstrumentor().uninstrument()
        RedisInstrumentor().uninstrument()
        self.provider.shutdown()


class Traced:
    """Puts a span around each request, which holds neither its query nor its credentials."""

    def __init__(self, app: ASGIApp, provider: TracerProvider) -> None:
        self.app = app
        self.outer = cast(
            ASGIApp,
            OpenTelemetryMiddleware(
                self.inner,
                default_span_details=lambda scope: (scope["type"], {}),
                tracer_provider=provider,
                exclude_spans=["receive", "send"],
            ),
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            return await self.app(scope, receive, send)
        headers = [(name, value) for name, value in scope["headers"] if name in HEADERS]
        seen = {**scope, "query_string": b"", "headers": headers, ORIGINAL: scope}
        await self.outer(seen, receive, send)

    async def inner(self, seen: Scope, receive: Receive, send: Send) -> None:
        scope: Scope = seen[ORIGINAL]
        span = get_current_span()

        async def naming(message: Message) -> None:
            if message["type"] in ("http.response.start", "websocket.close"):
                name(span, scope)
            await send(message)

        try:
            await self.app(scope, receive, naming)
        except Exception:
            name(span, scope)
            raise


def name(span: Span, scope: Scope) -> None:
    """Names a span by surface and operation, of which there are few, and not by its path."""
    state = scope.get("state", {})
    known = {label: str(state[label]) for label in LABELS if state.get(label)}
    parts = [known[label] for label in ("surface", "operation") if label in known]
    if parts:
        span.update_name("/".join(parts))
    span.set_attributes({f"lockstep.{label}": value for label, value in known.items()})
