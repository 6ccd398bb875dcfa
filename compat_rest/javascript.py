"""What JavaScript makes of JSON values: texts, numbers and dates, as the old servers' libraries saw them."""

import math
import re
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from compat_rest.refusal import Refusal


class Undefined:
    """A value that was not sent."""

    def __repr__(self) -> str:
        return "undefined"


UNDEFINED: Final = Undefined()
# The characters of JavaScript's \s, which String.trim takes away too.
BLANKS = (
    "\t\n\v\f\r \u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a"
    "\u2028\u2029\u202f\u205f\u3000\ufeff"
)
# The dates that both ISO 8601 and V8 know. After a blank, and with a sign before the year, V8 reads them with
# its older parser: that takes a zone without minutes, and two digits for a year of this or the last century.
_DATE = re.compile(
    rf"([+-]?)(\d{{4}})(?:-(\d\d)(?:-(\d\d))?)?"
    rf"(?:([T{BLANKS}])(?:(\d\d):(\d\d)(?::(\d\d)(?:\.(\d+))?)?([zZ]|[+-]\d\d(?::?\d\d)?)?)?)?",
    re.ASCII,
)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
# Above this JavaScript prints exponents, and no double has a fraction any more.
_EXPONENTS = 1e21


def number(value: int | float) -> str:
    """A number as JavaScript prints it."""
    try:
        double = float(value)
    except OverflowError:
        return "Infinity" if value > 0 else "-Infinity"
    if math.isnan(double):
        return "NaN"
    if math.isinf(double):
        return "Infinity" if double > 0 else "-Infinity"
    if double.is_integer() and abs(double) < _EXPONENTS:
        return _whole(double)
    mantissa, _, exponent = repr(double).partition("e")
    if not exponent:
        # Python prints exponents below 1e-4, JavaScript below 1e-6.
        return mantissa
    power = int(exponent)
    if -7 < power < 0:
        sign, digits = ("-", mantissa[1:]) if mantissa[0] == "-" else ("", mantissa)
        return f"{sign}0.{'0' * (-power - 1)}{digits.replace('.', '')}"
    return f"{mantissa.removesuffix('.0')}e{power:+d}"


def _whole(double: float) -> str:
    if double == 0:
        return "0"
    # The shortest digits that make this double, filled up with zeros.
    mantissa, _, exponent = repr(double).partition("e")
    if not exponent:
        return mantissa.removesuffix(".0")
    head, _, tail = mantissa.partition(".")
    return head + tail.ljust(int(exponent), "0")


def string(value: Any) -> str:
    """A value as String() writes it."""
    if isinstance(value, str):
        return value
    if value is None:
        return "null"
    if value is UNDEFINED:
        return "undefined"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return number(value)
    if isinstance(value, list):
        return ",".join("" if item is None or item is UNDEFINED else string(item) for item in value)
    return "[object Object]"


def to_text(value: Any) -> str:
    """A value as express-validator makes a text of it before it judges or changes it."""
    if value is None or value is UNDEFINED or (isinstance(value, float) and math.isnan(value)):
        return ""
    if isinstance(value, dict) and "toString" in value and not truthy(value["toString"]):
        # An object without a way to become a text: the old server stumbled over it.
        raise Refusal("UNFIT")
    return string(value)


def truthy(value: Any) -> bool:
    """Whether a value counts as true; empty lists and objects do."""
    return isinstance(value, list | dict) or (value is not UNDEFINED and bool(value) and value == value)


def date(value: Any) -> str | None:
    """An instant as the Date constructor reads it, in ISO form; None where it reads none, or no such year."""
    instant = _of_number(value) if isinstance(value, int | float) else _of_text(value)
    return None if instant is None else instant.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _of_number(value: int | float) -> datetime | None:
    if isinstance(value, bool):
        return None
    try:
        return _EPOCH + timedelta(milliseconds=int(value))
    except (OverflowError, ValueError):
        return None


def _of_text(value: Any) -> datetime | None:
    match = _DATE.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        return None
    sign, year, month, day, separator, hour, minute, second, fraction, zone = match.groups()
    old = bool(sign) or separator not in (None, "T")
    if separator == "T" and (sign or hour is None or (zone and len(zone) == 3)):
        return None
    number = _year(int(year)) if old else int(year)
    clock = (int(hour or 0), int(minute or 0), int(second or 0))
    if (
        number is None
        or not _is_clock(clock)
        or not (1 <= int(month or 1) <= 12 and 1 <= int(day or 1) <= 31)
    ):
        return None
    milliseconds = int((fraction or "0")[:3].ljust(3, "0"))
    span = timedelta(hours=clock[0], minutes=clock[1], seconds=clock[2], milliseconds=milliseconds)
    try:
        # V8 lets the days run over: the 30th of February is the 2nd of March.
        start = datetime(number, int(month or 1), 1, tzinfo=UTC) + timedelta(days=int(day or 1) - 1)
        return start + span - _offset(zone)
    except (OverflowError, ValueError):
        return None


def _year(year: int) -> int | None:
    if 1 <= year <= 31:
        # It could as well be a day.
        return None
    return year if year >= 100 else year + (2000 if year < 50 else 1900)


def _is_clock(clock: tuple[int, int, int]) -> bool:
    return clock == (24, 0, 0) or (clock[0] < 24 and clock[1] < 60 and clock[2] < 60)


def _offset(zone: str | None) -> timedelta:
    if zone is None or zone in "zZ":
        return timedelta()
    span = timedelta(hours=int(zone[1:3]), minutes=int(zone[3:].removeprefix(":") or 0))
    return -span if zone[0] == "-" else span
