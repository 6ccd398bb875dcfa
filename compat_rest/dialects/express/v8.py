"""JSON.parse as V8 does it: the values that JavaScript reads, and its messages where it cannot."""

import json
import math
import re
from typing import Any

import orjson

from compat_rest.dialects.express.faults import expecting_value, message

# Numbers and names that JavaScript keeps otherwise than Python.
UNLIKE = re.compile(rb'\d[.eE]|\d{16}|-0|"\d+"\s*:')
LONGEST_SAFE = 15
CONSTANTS = re.compile(r'"(?:[^"\\]|\\.)*"|(-?Infinity|NaN)', re.DOTALL)


class BadJson(ValueError):
    """A text that is no JSON; the message is V8's."""


class Constant(Exception):
    """NaN or Infinity, which Python would read."""


def parse(raw: bytes, text: str) -> Any:
    """The value of a text as JavaScript has it, with its bytes in UTF-8; raises BadJson."""
    try:
        value = orjson.loads(raw)
    except ValueError:
        # Not only what is wrong: also numbers beyond 64 bits, and halves of characters.
        value = read(text)
    return kept(value) if UNLIKE.search(raw) else value


def read(text: str) -> Any:
    """The value of a text; raises BadJson."""
    try:
        return DECODER.decode(text)
    except Constant:
        place = next(found.start(1) for found in CONSTANTS.finditer(text) if found[1])
        raise BadJson(expecting_value(text, place)) from None
    except json.JSONDecodeError as error:
        raise BadJson(message(text, error.msg, error.pos)) from None


def integer(digits: str) -> int | float:
    """A number without a fraction; Python reads no more than some thousand digits as one."""
    return int(digits) if len(digits) <= LONGEST_SAFE else float(digits)


def constant(name: str) -> Any:
    raise Constant


DECODER = json.JSONDecoder(parse_int=integer, parse_constant=constant)


def kept(value: Any) -> Any:
    """A value as JavaScript keeps it: all numbers are doubles, and keys that are indexes come first."""
    if isinstance(value, (float, int)) and not isinstance(value, bool):
        return number(value)
    if isinstance(value, list):
        return [kept(item) for item in value]
    if isinstance(value, dict):
        return ordered({key: kept(item) for key, item in value.items()})
    return value


def number(value: float) -> int | float:
    """A double, as an integer where it is one that every reader of JSON reads alike."""
    double = float(value)
    return int(double) if math.isfinite(double) and double.is_integer() and abs(double) < 1e16 else double


def ordered(members: dict[str, Any]) -> dict[str, Any]:
    """The members of an object in JavaScript's order."""
    indexes = [key for key in members if is_index(key)]
    if not indexes:
        return members
    first = {key: members[key] for key in sorted(indexes, key=int)}
    return {**first, **members}


def is_index(key: str) -> bool:
    """Whether a key is the index of an array."""
    return (
        key.isascii() and key.isdecimal() and (key == "0" or key[0] != "0")
        and len(key) <= 10 and int(key) < 2**32 - 1
    )  # fmt: skip
