"""The steps of `x-sanitize`: what a value becomes before or after its rules run."""

import json
import math
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from compat_rest import javascript
from compat_rest.formats import is_uuid, normalised_email
from compat_rest.javascript import UNDEFINED, to_text
from compat_rest.refusal import Refusal

Step = Callable[[Any], Any]

BIGINT = range(-(2**63), 2**63)
_INTEGER = re.compile(r"[ \t\n\r\f\v]*[+-]?[0-9]{1,40}[ \t\n\r\f\v]*", re.ASCII)
_LEADING = re.compile(r"[+-]?[0-9]+", re.ASCII)
_ESCAPES = str.maketrans({
    "&": "&amp;", '"': "&quot;", "'": "&#x27;", "<": "&lt;",
    ">": "&gt;", "/": "&#x2F;", "\\": "&#x5C;", "`": "&#96;",
})  # fmt: skip


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


def each(convert: Callable[[str], Any]) -> Step:
    """A step on the text of a value, of a list on the text of each item, as express-validator works."""

    def step(value: Any) -> Any:
        if isinstance(value, list):
            return [convert(to_text(item)) for item in value]
        return convert(to_text(value))

    return step


def trimmed(text: str) -> str:
    """A text without what JavaScript takes for blanks around it."""
    return text.strip(javascript.BLANKS)


def truth(text: str) -> bool:
    """What a text says of being true: everything does but three texts."""
    return text not in ("0", "false", "")


def parsed(text: str) -> int | float:
    """The whole number that a text begins with, NaN where it begins with none."""
    match = _LEADING.match(text.lstrip(javascript.BLANKS))
    if match is None:
        return math.nan
    # A double holds no more digits.
    return int(float(match[0])) if len(match[0]) < 300 else float(f"{match[0][:1].strip('0123456789')}inf")


def escaped(text: str) -> str:
    """A text that means nothing in HTML."""
    return text.translate(_ESCAPES)


def js_text(value: Any) -> Any:
    """A value as JavaScript's String() writes it, null and nothing untouched."""
    return value if value is None or value is UNDEFINED else javascript.string(value)


def blank(value: Any) -> Any:
    """Null for an empty text."""
    return None if value == "" else value


def first(value: Any) -> Any:
    """The first item of a list."""
    if not isinstance(value, list):
        return value
    return value[0] if value else None


def lower(value: Any) -> Any:
    """A text in lower case."""
    return value.lower() if isinstance(value, str) else value


def no_list(value: Any) -> Any:
    """Anything but a list, which is UNFIT."""
    if isinstance(value, list):
        raise Refusal("UNFIT")
    return value


def js_date(value: Any) -> Any:
    """An instant as JavaScript's Date reads it, as ISO text; what it cannot read is UNFIT."""
    if value is None or value is UNDEFINED:
        return value
    text = javascript.date(value)
    if text is None:
        raise Refusal("UNFIT")
    return text


def formed(fits: Callable[[str], bool]) -> Step:
    """A step that lets a text of one form through, and null; anything else is UNFIT."""

    def step(value: Any) -> Any:
        if value is None or value is UNDEFINED or (isinstance(value, str) and fits(value)):
            return value
        raise Refusal("UNFIT")

    return step


_OBJECT_ID = re.compile("[0-9a-fA-F]{24}")
FORMS: Mapping[str, Step] = {
    "uuid": formed(is_uuid),
    "objectid": formed(lambda text: _OBJECT_ID.fullmatch(text) is not None),
}
JS: Mapping[str, Step] = {
    **FORMS,
    "trim": each(trimmed),
    "email": each(lambda text: normalised_email(text) or ""),
    "boolean": each(truth),
    "int": each(parsed),
    "escape": each(escaped),
    "text": js_text,
    "blank": blank,
    "first": first,
    "lower": lower,
    "none": no_list,
    "jsdate": js_date,
}


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
