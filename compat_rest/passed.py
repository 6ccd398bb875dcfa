"""What a request passed before its route was looked for, where a surface has such steps."""

from collections.abc import Callable
from typing import Any


class Passed:
    """The state of one request between the steps of its surface and the end of its answer."""

    __slots__ = ("count", "headers", "body", "sent", "compressed")

    def __init__(self, count: Callable[..., Any]) -> None:
        self.count = count
        # What the steps say on the answer, whatever it will be; a later word on the same name counts.
        self.headers: dict[str, str] = {}
        # The body as it was read, and its bytes for whoever reads them again.
        self.body: Any = {}
        self.sent: bytes | None = None
        # Whether the answer may be compressed.
        self.compressed = False
