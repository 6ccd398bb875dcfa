"""How instants and numbers are printed: the forms that `x-text` names."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, Protocol


class Instant(Protocol):
    """A moment of the graph: an instant, and the text it was imported with."""

    @property
    def instant(self) -> datetime:
        """The instant, aware, to the microsecond."""

    @property
    def text(self) -> str | None:
        """The imported text, None for what was written here."""


Printer = Callable[[Any], Any]


def python_instant(moment: Instant) -> str:
    """Python's naive ISO text: microseconds, none when zero."""
    return moment.instant.astimezone(UTC).replace(tzinfo=None).isoformat()


def js_instant(moment: Instant) -> str:
    """JavaScript's toISOString: milliseconds and Z."""
    return moment.instant.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="milliseconds") + "Z"


def rfc3339_instant(moment: Instant) -> str:
    """RFC 3339 with Z, microseconds when there are any."""
    return python_instant(moment) + "Z"


def date_instant(moment: Instant) -> str:
    """The UTC calendar date."""
    return moment.instant.astimezone(UTC).date().isoformat()


def midnight_instant(moment: Instant) -> str:
    """A date as JavaScript prints it: midnight UTC."""
    return date_instant(moment) + "T00:00:00.000Z"


def epoch_instant(moment: Instant) -> int:
    """Whole seconds since 1970."""
    return int(moment.instant.timestamp())


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


def instant_printer(word: str) -> Printer | None:
    """The printer for an `x-text` word of an instant, as in `js` or `stored, python`; None if unknown."""
    first, separator, after = (part.strip() for part in word.partition(","))
    if first != "stored":
        return INSTANTS.get(first) if not separator else None
    form = INSTANTS.get(after or "python")
    if form is None or form is epoch_instant:
        return None
    return lambda moment: moment.text if moment.text is not None else form(moment)
