"""uvicorn's HTTP protocol with a bound on the head of a request, and made cheaper for each request.

What uvicorn says on the wire, it says too, byte for byte; tests hold the two together.
"""

import contextvars
from collections import deque
from typing import Any
from urllib.parse import unquote

import httptools
import structlog
from uvicorn._types import ASGI3Application
from uvicorn.protocols.http.flow_control import HIGH_WATER_LIMIT, service_unavailable
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from server.cycle import Cycle

# Larger than any sane request line and headers, smaller than any attack.
MAX_HEAD_BYTES = 65_536
# The target that httptools takes apart at most.
MAX_TARGET_BYTES = 65_535
# The clock of the loop counts no less.
CLOCK_SECONDS = 0.001
INVALID = "Invalid HTTP request received."
logger = structlog.get_logger(__name__)


def parts(target: bytes) -> tuple[bytes, bytes]:
    """The path and the query of a target; raises HttpParserInvalidURLError where it has none."""
    # Whole addresses, fragments and `*` are left to httptools.
    if target[:1] == b"/" and b"#" not in target and len(target) <= MAX_TARGET_BYTES:
        path, _, query = target.partition(b"?")
        return path, query
    url = httptools.parse_url(target)
    return url.path, url.query or b""


class BoundedProtocol(HttpToolsProtocol):
    """Refuses a request whose line and headers are too large, and closes the connection.

    Counting each header costs too much; so bytes are counted as they come, in pieces within the bound, and
    headers only where the pieces that a head came in are together larger.

    One timer looks after a connection that is kept: it goes off when the connection can have been idle for
    long enough, and is set anew where it was not.
    """

    cycle: Cycle | None  # type: ignore[assignment]  # ours stands for uvicorn's
    pipeline: deque[tuple[Cycle, ASGI3Application]]  # type: ignore[assignment]  # the same
    # The cycle whose answer is on its way; later ones wait in the pipeline.
    answering: Cycle | None = None
    reading_head = True
    # What has come in since the head began, with what stood before it in the same piece; and that piece.
    received = 0
    piece = 0
    is_upgrading = False
    idle_since: float | None = None

    def data_received(self, data: bytes) -> None:
        """Takes bytes; a single header that does not end is bounded too."""
        if len(data) <= MAX_HEAD_BYTES:
            return self.take(data)
        for start in range(0, len(data), MAX_HEAD_BYTES):
            # Also when a piece was refused, or led to another protocol, which takes the rest.
            if self.transport.is_closing() or self.transport.get_protocol() is not self:
                return
            self.take(data[start : start + MAX_HEAD_BYTES])

    def take(self, data: bytes) -> None:
        """Takes bytes that are no more than a head may have."""
        self.piece = len(data)
        if self.reading_head:
            self.received += self.piece
        self.idle_since = None
        try:
            self.parser.feed_data(data)
        except httptools.HttpParserUpgrade:
            if self.is_upgrading:
                self.handle_websocket_upgrade()
            else:
                self._unsupported_upgrade_warning()
        except httptools.HttpParserError:
            self.logger.warning(INVALID)
            self.send_400_response(INVALID)
        if self.reading_head and self.received > MAX_HEAD_BYTES and not self.transport.is_closing():
            logger.warning("the head of a request is too large")
            self.send_400_response("The head of the request is too large.")

    def on_message_begin(self) -> None:
        """A request begins."""
        self.reading_head, self.received = True, self.piece
        self.url = b""
        self.expect_100_continue = False
        self.headers = []

    def on_headers_complete(self) -> None:
        """The application is called; raises ValueError beyond the bound, which becomes the answer 400."""
        self.reading_head = False
        if self.received > MAX_HEAD_BYTES and self.size() > MAX_HEAD_BYTES:
            raise ValueError("The head of the request is too large.")
        parser = self.parser
        version = parser.get_http_version()
        scope: Any = {
            "type": "http",
            "asgi": {"version": self.asgi_version, "spec_version": "2.3"},
            "http_version": version,
            "server": self.server,
            "client": self.client,
            "scheme": self.scheme,
            "root_path": self.root_path,
            "headers": self.headers,
            "state": self.app_state.copy(),
            "method": parser.get_method().decode(),
        }
        self.scope = scope
        self.is_upgrading = parser.should_upgrade() and self._should_upgrade()
        if self.is_upgrading:
            return
        raw_path, scope["query_string"] = parts(self.url)
        if not scope["query_string"] and self.url[-1:] == b"?":
            # ASGI has no word for a query that is there and empty; who quotes the target needs it.
            scope["empty_query"] = True
        path = raw_path.decode("ascii")
        if "%" in path:
            path = unquote(path)
        scope["path"] = self.root_path + path
        scope["raw_path"] = self.root_path.encode("ascii") + raw_path if self.root_path else raw_path
        cycle = Cycle(self, scope, self.expect_100_continue, version != "1.0" and parser.should_keep_alive())
        app = self.app if self.limit_concurrency is None else self.allowed()
        existing, self.cycle = self.cycle, cycle
        if existing is None or existing.response_complete:
            self.begin(cycle, app)
        else:
            self.flow.pause_reading()
            self.pipeline.appendleft((cycle, app))

    def size(self) -> int:
        """How large the target and the headers are together."""
        return len(self.url) + sum(len(name) + len(value) for name, value in self.headers)

    def allowed(self) -> ASGI3Application:
        """The application, or one that says that there is too much to do."""
        limit = self.limit_concurrency or 0
        if len(self.connections) >= limit or len(self.tasks) >= limit:
            self.logger.warning("Exceeded concurrency limit.")
            return service_unavailable
        app: ASGI3Application = self.app
        return app

    def begin(self, cycle: Cycle, app: ASGI3Application) -> None:
        """Calls the application in a task of its own, which the server knows until it ends."""
        self.answering = cycle
        if self.config.reset_contextvars:
            task = self.loop.create_task(cycle.run_asgi(app), context=contextvars.Context())
        else:
            task = self.loop.create_task(cycle.run_asgi(app))
        cycle.task = task
        self.tasks.add(task)

    def on_body(self, body: bytes) -> None:
        """A piece of the body came."""
        cycle = self.cycle
        if self.is_upgrading or cycle is None or cycle.response_complete:
            return
        cycle.take(body)
        if len(cycle.body) > HIGH_WATER_LIMIT:
            self.flow.pause_reading()

    def on_message_complete(self) -> None:
        """The request is there in full."""
        cycle = self.cycle
        if self.is_upgrading or cycle is None or cycle.response_complete:
            return
        cycle.more_body = False
        cycle.has_news = True
        if cycle.waiters is not None:
            cycle.wake()

    def on_response_complete(self) -> None:
        """An answer was written; the next request is answered, or the connection is idle."""
        self.server_state.total_requests += 1
        if self.transport.is_closing():
            return
        if self.flow.read_paused:
            self.flow.resume_reading()
        if self.pipeline:
            self.begin(*self.pipeline.pop())
            return
        self.idle_since = self.loop.time()
        if self.timeout_keep_alive_task is None:
            self.start_timer(self.timeout_keep_alive)

    def connection_lost(self, exc: Exception | None) -> None:
        """Tells everyone who answers that the client is gone."""
        for cycle in (self.answering, self.cycle):
            if cycle is not None:
                cycle.end()
        self.answering = self.cycle = None
        self.pipeline.clear()
        self._unset_keepalive_if_required()
        super().connection_lost(exc)

    def handle_websocket_upgrade(self) -> None:
        """Hands the connection over to another protocol."""
        self._unset_keepalive_if_required()
        super().handle_websocket_upgrade()

    def start_timer(self, seconds: float) -> None:
        """Looks at the connection then."""
        self.timeout_keep_alive_task = self.loop.call_later(seconds, self.timeout_keep_alive_handler)

    def timeout_keep_alive_handler(self) -> None:
        """Closes the connection if it has been idle for long enough."""
        self.timeout_keep_alive_task = None
        if self.idle_since is None:
            return
        left = self.idle_since + self.timeout_keep_alive - self.loop.time()
        if left >= CLOCK_SECONDS:
            self.start_timer(left)
        else:
            self.transport.close()
