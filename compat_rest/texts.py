"""How instants and numbers are printed: the forms that `x-text` names."""

from collections.abc import Callable
from datetime import UTC, timedelta
from typing import Any

from models.moments import StoredMoment

Printer = Callable[[Any], Any]


def python_instant(moment: StoredMoment) -> str:
    """Python's naive ISO text: microseconds, none when zero."""
    at, us = moment["at"], moment["us"]
    text = at.isoformat()
    if not us:
        return text
    # The store keeps milliseconds; the microseconds below are simply the last three digits.
    return f"{text[:-3]}{us:03d}" if at.microsecond else f"{text}.000{us:03d}"


def js_instant(moment: StoredMoment) -> str:
    """JavaScript's toISOString: milliseconds and Z."""
    return moment["at"].isoformat(timespec="milliseconds") + "Z"


def rfc3339_instant(moment: StoredMoment) -> str:
    """RFC 3339 with Z, microseconds when there are any."""
    return python_instant(moment) + "Z"


def date_instant(moment: StoredMoment) -> str:
    """The UTC calendar date."""
    return moment["at"].date().isoformat()


def midnight_instant(moment: StoredMoment) -> str:
    """A date as JavaScript prints it: midnight UTC."""
    return date_instant(moment) + "T00:00:00.000Z"


def epoch_instant(moment: StoredMoment) -> int:
    """Whole seconds since 1970."""
    return int((moment["at"].replace(tzinfo=UTC) + timedelta(microseconds=moment["us"])).timestamp())


INSTANTS: dict[str, Printer] = {
    "python": python_instant,
    "js": js_instant,
    "rfc3339": rfc3339_instant,
    "date": date_instant,
    "midnight": midnight_instant,
    "epoch": epoch_instant,
}


def js_number(number: float) -> int | float:
    """A number as JavaScript prints it: no fraction where there is none."""
    # Above 2**53 a double has no fraction either, but JavaScript prints exponents from 1e21 on.
    return int(number) if isinstance(number, float) and number.is_integer() and abs(number) < 1e21 else number


def python_number(number: float) -> int | float:
    """A number as Python prints it: 15.0 stays 15.0."""
    return number


NUMBERS: dict[str, Printer] = {"js": js_number, "python": python_number}


class Exponent(float):
    """A number that JSON writers spell differently: orjson refuses it, Python's own writes it as wanted."""


def spelt(printer: Printer) -> Printer:
    """The printer, with numbers marked that not every JSON writer spells alike."""

    def printed(number: float) -> int | float:
        value: int | float = printer(number)
        return value if type(value) is int or is_plain(value) else Exponent(value)

    return printed


def instant_printer(word: str) -> Printer | None:
    """The printer for an `x-text` word of an instant, as in `js` or `stored, python`; None if unknown."""
    first, separator, after = (part.strip() for part in word.partition(","))
    if first != "stored":
        return INSTANTS.get(first) if not separator else None
    form = INSTANTS.get(after or "python")
    if form is None or form is epoch_instant:
        return None
    return lambda moment: form(moment) if moment["text"] is None else moment["text"]


def is_plain(value: Any) -> bool:
    """Whether every JSON writer spells the numbers of a value alike; with an exponent they do not."""
    if isinstance(value, float):
        return 1e-4 <= value < 1e16 or -1e16 < value <= -1e-4 or value == 0
    if isinstance(value, dict):
        return all(map(is_plain, value.values()))
    if isinstance(value, list):
        return all(map(is_plain, value))
    return True
