"""JSON.stringify: characters as they are, keys in their order, numbers as JavaScript prints them."""

import json
import math
import re
from typing import Any

import orjson

STRICT = orjson.OPT_PASSTHROUGH_DATACLASS | orjson.OPT_PASSTHROUGH_DATETIME | orjson.OPT_PASSTHROUGH_SUBCLASS
HALF = re.compile("[\ud800-\udfff]")
EXPONENT = re.compile(r"e([+-])0*(\d)")


class Stringify:
    """Writes the answers of one operation."""

    def __call__(self, value: Any, plain: bool) -> bytes:
        """The text of a value; of a plain one every JSON writer spells the numbers alike."""
        if plain or is_alike(value):
            try:
                return orjson.dumps(value, None, STRICT)
            except TypeError:
                # Numbers beyond 64 bits, halves of characters, deep nesting; or no JSON at all.
                pass
        return written(value).encode()


def is_alike(value: Any) -> bool:
    """Whether JavaScript spells the numbers of a value as orjson does."""
    if isinstance(value, float):
        return 1e-4 <= abs(value) < 1e16 and not value.is_integer()
    if isinstance(value, int):
        return abs(value) <= 2**53
    if isinstance(value, dict):
        return all(map(is_alike, value.values()))
    if isinstance(value, list):
        return all(map(is_alike, value))
    return True


def written(value: Any) -> str:
    """The text of any JSON value; raises TypeError for what is none."""
    if isinstance(value, str):
        return string(value)
    if value is None or isinstance(value, bool):
        return "null" if value is None else "true" if value else "false"
    if isinstance(value, (int, float)):
        return number(value)
    if isinstance(value, (list, tuple)):
        return f"[{','.join(map(written, value))}]"
    if isinstance(value, dict):
        return f"{{{','.join(f'{string(key)}:{written(item)}' for key, item in value.items())}}}"
    raise TypeError(f"{type(value).__name__} is no JSON.")


def string(text: str) -> str:
    """A text in quotes; halves of characters are escaped, since UTF-8 has none."""
    return HALF.sub(lambda half: f"\\u{ord(half[0]):04x}", json.dumps(text, ensure_ascii=False))


def number(value: float) -> str:
    """A number as JavaScript prints it; what is none is null."""
    double = float(value)
    if not math.isfinite(double):
        return "null"
    if double == 0:
        return "0"
    if abs(double) >= 1e21:
        return EXPONENT.sub(r"e\1\2", repr(double)).replace(".0e", "e")
    if double.is_integer():
        return str(int(double)) if abs(double) < 2**53 else digits_of(double)
    if abs(double) >= 1e-6:
        return small(double) if "e" in repr(double) else repr(double)
    return EXPONENT.sub(r"e\1\2", repr(double))


def digits_of(double: float) -> str:
    """A whole number by its significant digits, filled up with zeros."""
    mantissa, _, exponent = f"{double!r}".partition("e")
    whole, _, fraction = mantissa.partition(".")
    if not exponent:
        return whole
    return whole + fraction.rstrip("0").ljust(int(exponent), "0")


def small(double: float) -> str:
    """A number below one ten-thousandth without an exponent."""
    mantissa, _, exponent = repr(abs(double)).partition("e")
    digits = mantissa.replace(".", "")
    if mantissa.endswith(".0"):
        digits = digits[:-1]
    sign = "-" if double < 0 else ""
    return f"{sign}0.{'0' * (-int(exponent) - 1)}{digits}"
