"""The parts of a multipart body, as they come in."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any, Final

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header

# More headers than anybody's parts have, and longer ones.
HEADERS, HEADER_LENGTH = 20, 4096


class Malformed(Exception):
    """A body whose parts cannot be told apart; the message says why."""


@dataclass(frozen=True)
class Part:
    """A part begins: the name of its field, and of its file where it is one."""

    field: str
    filename: str | None
    media_type: str


class Over:
    """A part is over."""


OVER: Final = Over()
Event = Part | bytes | Over


class Parts:
    """Tells the parts of a body apart, piece by piece."""

    def __init__(self, boundary: bytes) -> None:
        self.events: list[Event] = []
        self.ended = False
        self._name = bytearray()
        self._value = bytearray()
        self._headers: dict[bytes, bytes] = {}
        callbacks: Any = {
            "on_part_begin": self._begin,
            "on_header_field": self._on_name,
            "on_header_value": self._on_value,
            "on_header_end": self._on_header,
            "on_headers_finished": self._on_headers,
            "on_part_data": self._on_data,
            "on_part_end": self._on_end,
            "on_end": self._on_last,
        }
        try:
            self._parser = MultipartParser(
                boundary, callbacks, max_header_count=HEADERS, max_header_size=HEADER_LENGTH
            )
        except FormParserError as error:
            raise Malformed("Malformed content type") from error

    def feed(self, data: bytes) -> list[Event]:
        """What a piece of the body brings; raises Malformed."""
        self.events = []
        try:
            self._parser.write(data)
        except FormParserError as error:
            raise Malformed("Malformed part header") from error
        return self.events

    def _begin(self) -> None:
        self._headers = {}

    def _on_name(self, data: bytes, start: int, end: int) -> None:
        self._name += data[start:end]

    def _on_value(self, data: bytes, start: int, end: int) -> None:
        self._value += data[start:end]

    def _on_header(self) -> None:
        self._headers[bytes(self._name).lower()] = bytes(self._value)
        self._name.clear()
        self._value.clear()

    def _on_headers(self) -> None:
        kind, options = parse_options_header(self._headers.get(b"content-disposition"))
        if kind.lower() != b"form-data" or b"name" not in options:
            raise Malformed("Malformed part header")
        filename = options.get(b"filename")
        media_type = self._headers.get(b"content-type", b"text/plain").decode("latin-1")
        named = None if filename is None else text_of(filename)
        self.events.append(Part(text_of(options[b"name"]), named, media_type))

    def _on_data(self, data: bytes, start: int, end: int) -> None:
        self.events.append(data[start:end])

    def _on_end(self) -> None:
        self.events.append(OVER)

    def _on_last(self) -> None:
        self.ended = True


def text_of(raw: bytes) -> str:
    """The text of a header, which browsers write in UTF-8."""
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return raw.decode("latin-1")


async def parts(chunks: AsyncIterator[bytes], boundary: bytes) -> AsyncIterator[Event]:
    """The parts of a body in their order; raises Malformed, also where the last one has no end."""
    told = Parts(boundary)
    async for chunk in chunks:
        for event in told.feed(chunk):
            yield event
        if told.ended:
            # What may follow belongs to nothing.
            return
    raise Malformed("Unexpected end of form")
