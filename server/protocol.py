"""uvicorn's HTTP protocol with a bound on the head of a request, which httptools itself does not have."""

import structlog
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

# Larger than any sane request line and headers, smaller than any attack.
MAX_HEAD_BYTES = 65_536
logger = structlog.get_logger(__name__)


class BoundedProtocol(HttpToolsProtocol):
    """Refuses a request whose line and headers are too large, and closes the connection.

    Counting each header costs too much; so bytes are counted as they come, in pieces within the bound, and
    headers only where the pieces that a head came in are together larger.
    """

    reading_head = True
    # What has come in since the head began, with what stood before it in the same piece; and that piece.
    received = 0
    piece = 0

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
        super().data_received(data)
        if self.reading_head and self.received > MAX_HEAD_BYTES and not self.transport.is_closing():
            logger.warning("the head of a request is too large")
            self.send_400_response("The head of the request is too large.")

    def on_message_begin(self) -> None:
        """A request begins."""
        self.reading_head, self.received = True, self.piece
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        """The head is there; raises ValueError beyond the bound, which becomes the answer 400."""
        self.reading_head = False
        if self.received > MAX_HEAD_BYTES and self.size() > MAX_HEAD_BYTES:
            raise ValueError("The head of the request is too large.")
        super().on_headers_complete()

    def size(self) -> int:
        """How large the target and the headers are together."""
        return len(self.url) + sum(len(name) + len(value) for name, value in self.headers)
