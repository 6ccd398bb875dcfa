"""uvicorn's HTTP protocol with a bound on the head of a request, which httptools itself does not have."""

import structlog
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

# Larger than any sane request line and headers, smaller than any attack.
MAX_HEAD_BYTES = 65_536
logger = structlog.get_logger(__name__)


class BoundedProtocol(HttpToolsProtocol):
    """Refuses a request whose line and headers are too large, and closes the connection."""

    reading_head = True
    # What the parser has handed over, and what has come in since the head began; a head is within both.
    parsed = 0
    received = 0

    def on_message_begin(self) -> None:
        """A request begins."""
        self.reading_head, self.parsed, self.received = True, 0, 0
        super().on_message_begin()

    def on_header(self, name: bytes, value: bytes) -> None:
        """A header is there; raises ValueError beyond the bound, which becomes the answer 400."""
        self.count(len(name) + len(value))
        super().on_header(name, value)

    def on_url(self, url: bytes) -> None:
        """A piece of the request target is there; raises ValueError beyond the bound."""
        self.count(len(url))
        super().on_url(url)

    def on_headers_complete(self) -> None:
        """The head is there."""
        self.reading_head = False
        super().on_headers_complete()

    def count(self, size: int) -> None:
        """Adds to the head; raises ValueError beyond the bound."""
        self.parsed += size
        if self.parsed > MAX_HEAD_BYTES:
            raise ValueError("The head of the request is too large.")

    def data_received(self, data: bytes) -> None:
        """Takes bytes; a single header that does not end is bounded too."""
        super().data_received(data)
        if self.reading_head and not self.transport.is_closing():
            self.received += len(data)
            if self.received > MAX_HEAD_BYTES:
                logger.warning("the head of a request is too large")
                self.send_400_response("The head of the request is too large.")
