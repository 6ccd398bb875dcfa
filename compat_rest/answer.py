"""A documented success, ready to be written."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from compat_rest.contract.expressions import Evaluate, Scope
from compat_rest.dialects.base import Dialect, Texts
from compat_rest.http import Headers, Reply
from compat_rest.outward import Write
from compat_rest.refusal import Refusal


@dataclass(frozen=True)
class Answer:
    """A documented success: its status, its writer, and what it does to the session."""

    status: int
    write: Write
    text: Texts
    # Whether no constant of it is a number that JSON writers spell differently.
    plain: bool = True
    start: str | None = None
    ends: bool = False
    headers: tuple[tuple[str, Evaluate], ...] = ()
    # Another media type than JSON; EMPTY for none at all, HOUSE for a reply that is sent as it is.
    media: str | None = None

    def other(self, written: Any, dialect: Dialect) -> Reply:
        """The reply where the answer is no JSON."""
        if self.media == HOUSE:
            reply: Reply = written
            return reply
        if self.media is None or self.media == EMPTY:
            return Reply(self.status)
        return dialect.send(self.status, self.media, str(written).encode("utf-8", "replace"))

    def head(self, scope: Scope) -> Headers:
        """The headers that the contract gives a value; raises Refusal UNFIT for what is no header."""
        said = [(name, str(evaluate(scope))) for name, evaluate in self.headers]
        if any(not is_header(value) for _, value in said):
            raise Refusal("UNFIT")
        return said


# The answer of one request, where several are documented.
Choose = Callable[[Any, Scope], Answer]
EMPTY, HOUSE = "", "house"
_NO_HEADER = re.compile(r"[^\t\x20-\x7e\x80-\xff]")


def is_header(value: str) -> bool:
    """Whether a text can be sent as the value of a header."""
    return _NO_HEADER.search(value) is None
