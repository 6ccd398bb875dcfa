"""The steps of `x-sanitize`: what a value becomes before or after its rules run."""

import json
import re
from collections.abc import Callable, Sequence
from typing import Any

from compat_rest.refusal import Refusal

Step = Callable[[Any], Any]

BIGINT = range(-(2**63), 2**63)
_INTEGER = re.compile(r"[ \t\n\r\f\v]*[+-]?[0-9]{1,40}[ \t\n\r\f\v]*", re.ASCII)


def python_text(value: Any) -> Any:
    """A value as Python's str() writes it, which is how the old server's client put it into a filter."""
    return value if value is None or isinstance(value, str) else str(value)


def json_text(value: Any) -> Any:
    """A value as JSON text, as PostgreSQL kept it in a text column just as sent; text stays as it is."""
    if value is None or isinstance(value, str):
        return value
    try:
        return json.dumps(value, allow_nan=False)
    except ValueError:
        # JSON has no text for NaN and infinity; where the value is stored, a NUL is refused.
        return "\0"


def integer(value: Any) -> Any:
    """Text as PostgreSQL casts it to a bigint: blanks around, a sign, digits; anything else is UNFIT."""
    if value is None:
        return None
    if not isinstance(value, str) or not _INTEGER.fullmatch(value) or int(value) not in BIGINT:
        raise Refusal("UNFIT")
    return int(value)


STEPS: dict[str, Step] = {"text": python_text, "json": json_text, "int": integer}

# The JSON type that a step leaves behind.
LEAVES = {"text": "string", "json": "string", "int": "integer"}


def split(words: Sequence[str]) -> tuple[list[str], list[str]]:
    """The steps before and after the rules; without the mark `rules` they all run before."""
    if "rules" not in words:
        return list(words), []
    at = list(words).index("rules")
    return list(words[:at]), list(words[at + 1 :])


def run(steps: Sequence[Step], value: Any) -> Any:
    """A value after every step."""
    try:
        for step in steps:
            value = step(value)
    except RecursionError:
        # A value may nest just deep enough to be parsed and too deep to be written again.
        raise Refusal("UNFIT") from None
    return value
