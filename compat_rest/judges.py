"""The rules that `x-messages` may name, each out of the keywords of its schema."""

import re
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from compat_rest import formats
from compat_rest.contract.findings import Collector
from compat_rest.contract.source import Node
from compat_rest.javascript import UNDEFINED, to_text


class Judge(NamedTuple):
    """One rule: whether it judges the value as it is, or the text of it, of a list the text of each item."""

    whole: bool
    fits: Callable[[Any], bool]


# The step that keeps to the schema's types and its enum.
TYPED = "typed"

Maker = Callable[[Node], Judge]


def _bounds(schema: Node, least: str, most: str) -> tuple[float | None, float | None]:
    return schema.plain(least), schema.plain(most)


def _enum(schema: Node) -> Judge:
    spellings = frozenset(to_text(value) for value in schema.plain("enum") if value is not None)
    return Judge(False, lambda text: text in spellings)


def _format(schema: Node) -> Judge:
    judge = formats.known(schema.plain("format"))
    if judge is None:
        raise ValueError(f"nothing judges the format {schema.plain('format')!r}")
    return Judge(False, judge)


def _pattern(schema: Node) -> Judge:
    return Judge(False, formats.matching(str(schema.plain("pattern"))))


def _length(schema: Node) -> Judge:
    least, most = _bounds(schema, "minLength", "maxLength")
    return Judge(
        False,
        lambda text: (
            (least is None or formats.length(text) >= least)
            and (most is None or formats.length(text) <= most)
        ),
    )


def _range(schema: Node) -> Judge:
    return Judge(False, formats.integer_between(*_bounds(schema, "minimum", "maximum")))


MAKERS: Mapping[str, Maker] = {
    "type": lambda schema: Judge(True, lambda value: isinstance(value, str)),
    "array": lambda schema: Judge(True, lambda value: isinstance(value, list)),
    "object": lambda schema: Judge(True, lambda value: isinstance(value, dict)),
    "boolean": lambda schema: Judge(False, formats.is_boolean),
    "range": _range,
    "enum": _enum,
    "format": _format,
    "pattern": _pattern,
    "length": _length,
    "empty": lambda schema: Judge(False, lambda text: text != ""),
    "absent": lambda schema: Judge(True, lambda value: value is UNDEFINED),
}

# The keywords that each rule stands for; one of them must be there.
KEYWORDS: Mapping[str, tuple[str, ...]] = {
    "type": ("type",),
    "array": ("type",),
    "object": ("type",),
    "boolean": ("type",),
    "range": ("minimum", "maximum", "type"),
    "enum": ("enum",),
    "format": ("format",),
    "pattern": ("pattern",),
    "length": ("minLength", "maxLength"),
    "empty": ("minLength",),
    "absent": ("not",),
}
# The type that the rule judges by, where it is one.
NAMES = {"type": "string", "array": "array", "object": "object", "boolean": "boolean", "range": "integer"}
# Keywords that promise a judgement, and the rules that keep the promise.
PROMISES: Mapping[str, tuple[str, ...]] = {
    "minimum": ("range",),
    "maximum": ("range",),
    "enum": ("enum",),
    "format": ("format",),
    "pattern": ("pattern",),
    "minLength": ("length", "empty"),
    "maxLength": ("length",),
    "not": ("absent",),
}


def judges_of(
    schema: Node, messages: Mapping[str, Any], operation: str, found: Collector
) -> dict[str, Judge]:
    """The rules of a schema by their keys; what messages and keywords disagree on goes to `found`."""
    judges: dict[str, Judge] = {}
    for key in messages:
        if key not in MAKERS:
            found.add(schema, operation, f"x-messages has no {key!r}.", f"Known are {', '.join(MAKERS)}.")
        elif not _is_there(schema, key):
            problem = f"The message for {key!r} has no rule."
            found.add(schema, operation, problem, f"Write {' or '.join(KEYWORDS[key])}, or drop it.")
        else:
            try:
                judges[key] = MAKERS[key](schema)
            except (ValueError, TypeError, re.error) as error:
                found.add(schema, operation, f"The rule {key!r} cannot be kept: {error}.", "Correct it.")
    for keyword, kept_by in PROMISES.items():
        # The store keeps the promise of an enum, where no rule looked at it.
        if keyword == "enum" and TYPED in schema.plain("x-sanitize", ()):
            continue
        if _promises(schema, keyword) and not any(key in messages for key in kept_by):
            problem = f"Nothing judges {keyword!r}, since x-messages does not name it."
            remedy = f"Name `{kept_by[0]}` in `x-messages`, with ~ for the usual text, or drop the keyword."
            found.add(schema, operation, problem, remedy)
    return judges


def _promises(schema: Node, keyword: str) -> bool:
    # A format that only says how to show a value promises nothing.
    return keyword in schema and (keyword != "format" or formats.known(schema.plain("format")) is not None)


def _is_there(schema: Node, key: str) -> bool:
    if key in NAMES:
        kinds = schema.plain("type")
        return NAMES[key] in (kinds if isinstance(kinds, list) else [kinds])
    return any(keyword in schema for keyword in KEYWORDS[key])
