"""Logs: one JSON line for each thing that happened, or text for a person at a terminal."""

import json
import logging
import re
import sys
import time
from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from json.encoder import encode_basestring_ascii
from typing import IO, Any

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

from server.exchange import Exchange
from server.lines import Lines

REDACTED = "[redacted]"
SECRET_NAMES = re.compile(
    r"passw|secret|token|authorization|cookie|credential|api[-_]?key|jwt", re.IGNORECASE
)
# Credentials that stand inside a text: those of an address, and those of an Authorization header.
SECRET_TEXTS = re.compile(r"(?<=://)[^/\s@]+(?=@)|(?<=\bbearer )\S+|(?<=\bbasic )\S+", re.IGNORECASE)
PROBES = frozenset({"/health", "/health/live", "/health/ready", "/metrics"})
LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")
LOGGER = "server.requests"
EVENT = "request"
NAMES = {logging.DEBUG: "debug", logging.INFO: "info", logging.WARNING: "warning"}


class JsonLines(Lines):
    """Lines of JSON, into which a request's line may be written as it is."""


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
    handler = Lines(out) if out.isatty() else JsonLines(out)
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


def to_json(event: object, **options: Any) -> str:
    """An event, or a part of one, as ASCII, in which a lone surrogate does no harm."""
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

    def __init__(self, *, probes: Collection[str] = PROBES) -> None:
        self.probes = probes
        self.logger = structlog.get_logger(LOGGER)
        self.levels = logging.getLogger(LOGGER)

    def ended(self, exchange: Exchange) -> None:
        """Writes the line; probes that went well are of interest only while debugging."""
        scope, status = exchange.scope, exchange.status
        level = logging.INFO
        if scope["type"] == "http" and (status is None or status >= 500):
            level = logging.WARNING
        elif scope["path"] in self.probes:
            level = logging.DEBUG
        if not self.levels.isEnabledFor(level):
            return
        handlers = logging.root.handlers
        if len(handlers) == 1 and isinstance(handlers[0], JsonLines):
            line = request_line(exchange, level, utc(time.time_ns()))
            handlers[0].add(line, urgent=level >= logging.WARNING)
        else:
            self.logger.log(level, EVENT, **fields(exchange))


def fields(exchange: Exchange) -> dict[str, object]:
    """What a request's line says, in its order."""
    scope = exchange.scope
    state = scope.get("state", {})
    client = scope.get("client")
    return {
        "method": scope.get("method", "WEBSOCKET"),
        "path": scope["path"],
        "status": exchange.status,
        "duration_ms": round(exchange.seconds * 1000, 2),
        "surface": state.get("surface"),
        "operation": state.get("operation"),
        "door": state.get("door"),
        "client": client[0] if client else None,
    }


def request_line(exchange: Exchange, level: int, timestamp: str) -> str:
    """The line as structlog would write it, byte for byte, in a twentieth of the time."""
    scope = exchange.scope
    state = scope["state"]
    client = scope.get("client")
    status = "null" if exchange.status is None else exchange.status
    return (
        f'{{"method": {quoted(scope.get("method", "WEBSOCKET"))}, "path": {quoted(scope["path"])}, '
        f'"status": {status}, "duration_ms": {round(exchange.seconds * 1000, 2)!r}, '
        f'"surface": {quoted(state.get("surface"))}, "operation": {quoted(state.get("operation"))}, '
        f'"door": {quoted(state.get("door"))}, "client": {quoted(client[0] if client else None)}, '
        f'"event": "{EVENT}", "request_id": "{exchange.request_id}", "level": "{NAMES[level]}", '
        f'"logger": "{LOGGER}", "timestamp": "{timestamp}"}}\n'
    )


def quoted(value: object) -> str:
    """A text without its secrets, or nothing, as the lines hold it."""
    if not isinstance(value, str):
        return to_json(redacted("", value))
    # Both are in whatever could be a secret within a text.
    if "@" in value or " " in value:
        value = SECRET_TEXTS.sub(REDACTED, value)
    return encode_basestring_ascii(value)


def utc(nanoseconds: int) -> str:
    """A time as structlog writes it: ISO 8601 in UTC, microseconds where there are any."""
    seconds, rest = divmod(nanoseconds, 1_000_000_000)
    microseconds = rest // 1000
    return f"{second(seconds)}.{microseconds:06d}Z" if microseconds else f"{second(seconds)}Z"


@lru_cache(maxsize=4)
def second(seconds: int) -> str:
    """A whole second since 1970, without its zone."""
    return datetime.fromtimestamp(seconds, UTC).isoformat()[:-6]
