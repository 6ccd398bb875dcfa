"""One request and its answer on a connection: the ASGI interface that an application is called with.

On the wire it says what uvicorn's own RequestResponseCycle says, and costs less: the head of an answer waits
for the first message with the body, and both are written at once.
"""

import asyncio
from collections.abc import Iterable
from typing import Any

from uvicorn._types import ASGI3Application
from uvicorn.protocols.http.httptools_impl import HEADER_RE, HEADER_VALUE_RE, STATUS_LINE, HttpToolsProtocol
from uvicorn.protocols.utils import get_client_addr, get_path_with_query_string

# A larger body is written apart, which costs less than a copy.
COPIED_BYTES = 65_536
# What a value may hold. Without it, nothing is left of a head but the ends of its lines.
VALUE_BYTES = bytes(byte for byte in range(256) if not HEADER_VALUE_RE.match(bytes([byte])))
# A line has its end before it, where the next one begins.
STATUS = {status: line.removesuffix(b"\r\n") for status, line in STATUS_LINE.items()}
# How a line begins by its name, for names that were found right and tell the connection nothing.
BEGINNINGS: dict[bytes, bytes] = {}
# Applications have few names; one that makes them up is not to fill the memory.
MAX_BEGINNINGS = 1_000
TELLING = {b"content-length", b"transfer-encoding", b"connection"}


class Cycle:
    """Hands one request to the application, and writes its answer."""

    # Set in the class, and in the cycle only where it comes to that: a cycle is made for every request.
    task: asyncio.Task[None] | None = None
    disconnected = False
    body: bytes | bytearray = b""
    more_body = True
    # Whether there is something to receive, and who waits for it.
    has_news = False
    waiters: list[asyncio.Future[None]] | None = None
    response_started = False
    response_complete = False
    # The head of the answer until it is written.
    head = b""
    says_close = False
    chunked_encoding: bool | None = None
    expected_content_length = 0

    def __init__(
        self,
        connection: HttpToolsProtocol,
        scope: dict[str, Any],
        expect_100_continue: bool,
        keep_alive: bool,
    ) -> None:
        self.connection = connection
        self.transport = connection.transport
        self.scope = scope
        self.is_head = scope["method"] == "HEAD"
        self.waiting_for_100_continue = expect_100_continue
        self.keep_alive = keep_alive

    async def run_asgi(self, app: ASGI3Application) -> None:
        """Calls the application; where it does not answer in full, the client learns of an error."""
        try:
            # Whatever an application returns, which should be nothing.
            application: Any = app
            result: object = await application(self.scope, self.receive, self.send)
            if result is not None:
                self.connection.logger.error("ASGI callable should return None, but returned '%s'.", result)
                self.give_up()
            elif not self.response_complete and not self.disconnected:
                await self.end_unanswered()
        except BaseException as error:
            self.connection.logger.error("Exception in ASGI application\n", exc_info=error)
            if self.response_started:
                self.give_up()
            else:
                await self.send_500_response()
        finally:
            self.connection.tasks.discard(self.task)
            self.task = None

    async def end_unanswered(self) -> None:
        """Answers for an application that returned too early."""
        if self.response_started:
            self.connection.logger.error("ASGI callable returned without completing response.")
            self.give_up()
        else:
            self.connection.logger.error("ASGI callable returned without starting response.")
            await self.send_500_response()

    def give_up(self) -> None:
        """Closes the connection after what the application has said so far."""
        if not self.disconnected:
            self.write_head()
        self.transport.close()

    async def send_500_response(self) -> None:
        """Answers that something went wrong."""
        headers = [
            (b"content-type", b"text/plain; charset=utf-8"),
            (b"content-length", b"21"),
            (b"connection", b"close"),
        ]
        await self.send({"type": "http.response.start", "status": 500, "headers": headers})
        await self.send({"type": "http.response.body", "body": b"Internal Server Error", "more_body": False})

    async def send(self, message: Any) -> None:
        """Takes a message of the answer; raises RuntimeError where it has no place."""
        if not self.disconnected and self.connection.flow.write_paused:
            await self.connection.flow.drain()
        if self.disconnected:
            return
        kind = message["type"]
        if not self.response_started:
            if kind != "http.response.start":
                raise RuntimeError(f"Expected ASGI message 'http.response.start', but got '{kind}'.")
            self.response_started = True
            self.waiting_for_100_continue = False
            self.head = self.head_of(message["status"], message.get("headers", ()))
        elif not self.response_complete:
            if kind != "http.response.body":
                raise RuntimeError(f"Expected ASGI message 'http.response.body', but got '{kind}'.")
            more_body = message.get("more_body", False)
            self.write(message.get("body", b""), more_body)
            if not more_body:
                self.complete()
        else:
            raise RuntimeError(f"Unexpected ASGI message '{kind}' sent, after response already completed.")

    def head_of(self, status: int, headers: Iterable[tuple[bytes, bytes]]) -> bytes:
        """The head of the answer; raises RuntimeError for a header that would not be one line."""
        if self.connection.access_log:
            self.log(status)
        content = [STATUS[status]]
        for name, value in self.connection.server_state.default_headers + list(headers):
            content.append(BEGINNINGS.get(name) or self.beginning(name, value))
            content.append(value)
        if not self.keep_alive and not self.says_close:
            content += (b"\r\nconnection: ", b"close")
        chunked = self.chunked_encoding is None and not self.is_head and status not in (204, 304)
        if chunked:
            content += (b"\r\ntransfer-encoding: ", b"chunked")
        content.append(b"\r\n\r\n")
        head = b"".join(content)
        # An end for each line, which are two bytes for the two pieces of a header.
        if len(head.translate(None, VALUE_BYTES)) != len(content) + 2:
            raise RuntimeError("Invalid HTTP header value.")
        if chunked:
            self.chunked_encoding = True
        return head

    def beginning(self, name: bytes, value: bytes) -> bytes:
        """How the line of a header begins, and what it tells the connection."""
        if name == b"content-length" and self.chunked_encoding is None:
            self.expected_content_length, self.chunked_encoding = int(value.decode()), False
            return b"\r\ncontent-length: "
        if HEADER_RE.search(name):
            raise RuntimeError("Invalid HTTP header name.")
        lower = name.lower()
        if lower not in TELLING:
            if len(BEGINNINGS) < MAX_BEGINNINGS:
                BEGINNINGS[name] = b"\r\n%s: " % lower
        elif lower == b"content-length" and self.chunked_encoding is None:
            self.expected_content_length, self.chunked_encoding = int(value.decode()), False
        elif lower == b"transfer-encoding" and value.lower() == b"chunked":
            self.expected_content_length, self.chunked_encoding = 0, True
        elif lower == b"connection" and b"close" in [token.strip() for token in value.lower().split(b",")]:
            self.keep_alive, self.says_close = False, True
        return b"\r\n%s: " % lower

    def write(self, body: bytes, more_body: bool) -> None:
        """Writes a piece of the body, after the head before the first; raises RuntimeError for too much."""
        if self.is_head:
            self.expected_content_length = 0
            self.write_head()
        elif self.chunked_encoding:
            content = [self.head, b"%x\r\n" % len(body), body, b"\r\n"] if body else [self.head]
            if not more_body:
                content.append(b"0\r\n\r\n")
            self.write_both(b"".join(content))
        else:
            size = len(body)
            if size > self.expected_content_length:
                raise RuntimeError("Response content longer than Content-Length")
            self.expected_content_length -= size
            if size > COPIED_BYTES or not self.head:
                self.write_head()
                self.transport.write(body)
            else:
                self.write_both(self.head + body)

    def write_both(self, data: bytes) -> None:
        """Writes what begins with the head."""
        self.head = b""
        self.transport.write(data)

    def write_head(self) -> None:
        """Writes the head where it still waits."""
        if self.head:
            self.transport.write(self.head)
            self.head = b""

    def complete(self) -> None:
        """The answer is there; raises RuntimeError where it is less than was said."""
        if self.expected_content_length != 0:
            raise RuntimeError("Response content shorter than Content-Length")
        self.response_complete = self.has_news = True
        if self.waiters is not None:
            self.wake()
        if not self.keep_alive:
            self.transport.close()
        self.connection.on_response_complete()

    async def receive(self) -> Any:
        """The next piece of the body, or the end of the connection."""
        if self.waiting_for_100_continue and not self.transport.is_closing():
            self.transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")
            self.waiting_for_100_continue = False
        if not self.disconnected and not self.response_complete:
            self.connection.flow.resume_reading()
            if not self.has_news:
                await self.wait()
            self.has_news = False
        if self.disconnected or self.response_complete:
            return {"type": "http.disconnect"}
        message = {"type": "http.request", "body": bytes(self.body), "more_body": self.more_body}
        self.body = b""
        return message

    async def wait(self) -> None:
        """Waits until there is something to receive; what was said is not to wait along."""
        self.write_head()
        waiter = self.connection.loop.create_future()
        if self.waiters is None:
            self.waiters = []
        self.waiters.append(waiter)
        try:
            await waiter
        finally:
            self.waiters.remove(waiter)

    def wake(self) -> None:
        """There is something to receive."""
        self.has_news = True
        if self.waiters is not None:
            for waiter in self.waiters:
                if not waiter.done():
                    waiter.set_result(None)

    def take(self, body: bytes) -> None:
        """Takes a piece of the request's body."""
        if not self.body:
            self.body = body
        else:
            if isinstance(self.body, bytes):
                # Many small pieces are not to be copied over and over.
                self.body = bytearray(self.body)
            self.body += body
        self.wake()

    def end(self) -> None:
        """The client is gone."""
        if not self.response_complete:
            self.disconnected = True
        self.wake()

    def log(self, status: int) -> None:
        """Writes the line of uvicorn's own log."""
        scope: Any = self.scope
        self.connection.access_logger.info(
            '%s - "%s %s HTTP/%s" %d',
            get_client_addr(scope),
            scope["method"],
            get_path_with_query_string(scope),
            scope["http_version"],
            status,
        )
