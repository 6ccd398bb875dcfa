"""Patterns of answers, as docs/deviations.md writes them: `500 page`, `401 {"error":"Unauthorized"}`."""

import json
import re
from dataclasses import dataclass
from typing import Self

from werkzeug.exceptions import default_exceptions

from compat_rest.parity.messages import Answer

_SPAN = re.compile(r"`([^`]+)`")
_ALTERNATIVE = re.compile(
    r"(?P<status>\*|no answer|\d(?:\d\d|xx))(?: (?P<body>.+?))??(?: except (?P<free>\*|[\w, -]+))?"
)


NOTHING = "nothing"
# A key that stands for all further ones.
REST = "..."


@dataclass(frozen=True)
class Alternative:
    """One answer that a pattern takes, and the headers that may differ from the old answer's."""

    status: str
    body: str
    free: frozenset[str]
    # What stands at the places that differ: JSON, "nothing", or empty for anything.
    value: str = ""

    def matches(self, answer: Answer, *, head: bool) -> bool:
        return self.takes_status(answer.status) and self.takes_body(answer, head)

    def takes_status(self, status: int) -> bool:
        if self.status == "no answer":
            return status == 0
        return self.status == "*" or re.fullmatch(self.status.replace("x", r"\d"), str(status)) is not None

    def takes_body(self, answer: Answer, head: bool) -> bool:
        kind, _, rest = self.body.partition(" ")
        if self.body in ("", "*"):
            return True
        media = (answer.header("content-type") or "").partition(";")[0]
        if kind == "page":
            return media == "text/html" and (answer.body == page(answer.status) or (head and not answer.body))
        if kind == "text":
            return media == "text/plain" and (
                (head and not answer.body) or _glob(json.loads(rest), _text(answer))
            )
        return media == "application/json" and ((head and not answer.body) or self.takes_json(answer))

    def takes_value(self, raw: str | None, *, whole: bool = False) -> bool:
        """Whether this stands at a place that differs; None is nothing, and a whole body may be text."""
        if not self.value:
            return True
        if raw is None or self.value == NOTHING:
            return raw is None and self.value == NOTHING
        try:
            return fits(json.loads(self.value), json.loads(raw))
        except ValueError:
            return whole and fits(json.loads(self.value), raw)

    def takes_json(self, answer: Answer) -> bool:
        try:
            return fits(json.loads(self.body), json.loads(answer.body))
        except ValueError:
            return False


@dataclass(frozen=True)
class Pattern:
    """One or more answers, any of which will do."""

    alternatives: tuple[Alternative, ...]

    @classmethod
    def parse(cls, cell: str) -> Self:
        """The pattern in a cell: code spans joined by "or"; raises ValueError."""
        spans = _SPAN.findall(cell)
        if not spans or _SPAN.sub("`", cell).replace(" ", "") != "or".join("`" * len(spans)):
            raise ValueError(f"{cell!r} is not one or more answers in backquotes, joined by 'or'")
        return cls(tuple(_alternative(span) for span in spans))

    def match(self, answer: Answer, *, head: bool = False) -> Alternative | None:
        """The first alternative that takes an answer, or None."""
        return next(iter(self.matching(answer, head=head)), None)

    def matching(self, answer: Answer, *, head: bool = False) -> list[Alternative]:
        """Every alternative that takes an answer."""
        return [one for one in self.alternatives if one.matches(answer, head=head)]


def _alternative(span: str) -> Alternative:
    match = _ALTERNATIVE.fullmatch(span)
    if match is None:
        raise ValueError(f"{span!r} does not begin with a status, *, or 'no answer'")
    body, value = _parted(match["body"] or "")
    try:
        if body.startswith("text "):
            json.loads(body.removeprefix("text "))
        elif body not in ("", "*", "page"):
            json.loads(body)
    except ValueError as error:
        raise ValueError(f"{body!r} is neither page, *, text and a JSON text, nor JSON: {error}") from error
    names = (match["free"] or "").split(",")
    free = frozenset(name.strip().lower() for name in names if name.strip())
    return Alternative(match["status"], body, free, value)


def _parted(text: str) -> tuple[str, str]:
    """The body, and what follows `with`."""
    body, found, value = f" {text}".rpartition(" with ")
    if not found:
        return text, ""
    try:
        if value != NOTHING:
            json.loads(value)
    except ValueError:
        # The word stands within the body.
        return text, ""
    return body.strip(), value


def page(status: int) -> bytes:
    """The HTML page that Flask sends for a status nobody handled."""
    known = default_exceptions.get(status)
    return known().get_body().encode() if known else b""


def fits(pattern: object, value: object) -> bool:
    """Whether a JSON value fits a pattern, in which "*" is anything and `*` in a text any text.

    An object with the key `...` may have further ones.
    """
    if pattern == "*":
        return True
    if isinstance(pattern, dict) and isinstance(value, dict):
        if REST in pattern:
            named = pattern.keys() - {REST}
            return named <= value.keys() and all(fits(pattern[key], value[key]) for key in named)
        return pattern.keys() == value.keys() and all(fits(item, value[key]) for key, item in pattern.items())
    if isinstance(pattern, list) and isinstance(value, list):
        return len(pattern) == len(value) and all(map(fits, pattern, value))
    if isinstance(pattern, str) and isinstance(value, str):
        return _glob(pattern, value)
    return type(pattern) is type(value) and pattern == value


def _glob(pattern: str, text: str) -> bool:
    return re.fullmatch(".*".join(map(re.escape, pattern.split("*"))), text, re.DOTALL) is not None


def _text(answer: Answer) -> str:
    return answer.body.decode(errors="replace")
