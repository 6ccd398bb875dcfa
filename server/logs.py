"""Logs: one JSON line for each thing that happened, or text for a person at a terminal."""

import json
import logging
import re
import sys
import time
from collections.abc import Collection, Mapping, Sequence
from typing import IO, Any

import structlog
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from structlog.typing import EventDict, Processor, WrappedLogger

REDACTED = "[redacted]"
SECRET_NAMES = re.compile(
    r"passw|secret|token|authorization|cookie|credential|api[-_]?key|jwt", re.IGNORECASE
)
# Credentials that stand inside a text: those of an address, and those of an Authorization header.
SECRET_TEXTS = re.compile(r"(?<=://)[^/\s@]+(?=@)|(?<=\bbearer )\S+|(?<=\bbasic )\S+", re.IGNORECASE)
PROBES = frozenset({"/health", "/health/live", "/health/ready", "/metrics"})
LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")


def configure(level: str = "INFO", *, stream: IO[str] | None = None) -> None:
    """Sends every log, also those of uvicorn, to one stream; raises ValueError for an unknown level."""
    if level not in LEVELS:
        raise ValueError(f"LOG_LEVEL: {level!r} is none of {', '.join(LEVELS)}.")
    out = stream or sys.stdout
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *COMMON,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
    )
    handler = logging.StreamHandler(out)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[*COMMON, structlog.stdlib.ExtraAdder()],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *ending(out.isatty())],
        )
    )
    logging.root.handlers = [handler]
    logging.root.setLevel(level)
    for name in ("uvicorn", "uvicorn.error", "uvicorn.access"):
        logging.getLogger(name).handlers = []
        logging.getLogger(name).propagate = True
    # A request has its own line here, with more in it.
    logging.getLogger("uvicorn.access").disabled = True


def ending(terminal: bool) -> list[Processor]:
    """The steps that make a line of an event."""
    line: Processor = structlog.processors.JSONRenderer(serializer=to_json)
    if terminal:
        line = structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)
    # A traceback is text before secrets are looked for.
    return [structlog.processors.format_exc_info, drop_colors, redact, line]


def drop_colors(logger: WrappedLogger, method: str, event: EventDict) -> EventDict:
    """The event without uvicorn's second copy of it, which is for terminals."""
    event.pop("color_message", None)
    return event


def to_json(event: EventDict, **options: Any) -> str:
    """The event as ASCII, in which a lone surrogate does no harm."""
    return json.dumps(event, default=repr)


def redact(logger: WrappedLogger, method: str, event: EventDict) -> EventDict:
    """The event without its secrets: values under telling names, and credentials within texts."""
    return {name: redacted(name, value) for name, value in event.items()}


def redacted(name: str, value: object) -> object:
    """A value of an event, without what must not be written down."""
    if SECRET_NAMES.search(name):
        return REDACTED
    if isinstance(value, str):
        return SECRET_TEXTS.sub(REDACTED, value)
    if isinstance(value, Mapping):
        return {key: redacted(str(key), inner) for key, inner in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, bytes):
        # A pair may be a header.
        key = value[0] if len(value) == 2 and isinstance(value[0], str | bytes) else name
        name = key.decode("latin-1") if isinstance(key, bytes) else key
        return [redacted(name, inner) for inner in value]
    return value


COMMON: tuple[Processor, ...] = (
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.stdlib.PositionalArgumentsFormatter(),
    structlog.processors.StackInfoRenderer(),
    structlog.processors.TimeStamper(fmt="iso", utc=True),
)


class RequestLog:
    """Writes one line for each request when it has ended; its path, never the values of its query."""

    def __init__(self, app: ASGIApp, *, probes: Collection[str] = PROBES) -> None:
        self.app = app
        self.probes = probes
        self.logger = structlog.get_logger("server.requests")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            return await self.app(scope, receive, send)
        begin = time.perf_counter()
        status: int | None = None

        async def watched(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            elif message["type"] == "websocket.close":
                status = message.get("code", 1000)
            await send(message)

        try:
            await self.app(scope, receive, watched)
        except Exception:
            status = status or 500
            raise
        finally:
            self.write(scope, status, time.perf_counter() - begin)

    def write(self, scope: Scope, status: int | None, seconds: float) -> None:
        """The line itself; probes that went well are of interest only while debugging."""
        state = scope.get("state", {})
        client = scope.get("client")
        level = logging.INFO
        if scope["type"] == "http" and (status is None or status >= 500):
            level = logging.WARNING
        elif scope["path"] in self.probes:
            level = logging.DEBUG
        self.logger.log(
            level,
            "request",
            method=scope.get("method", "WEBSOCKET"),
            path=scope["path"],
            status=status,
            duration_ms=round(seconds * 1000, 2),
            surface=state.get("surface"),
            operation=state.get("operation"),
            door=state.get("door"),
            client=client[0] if client else None,
        )
