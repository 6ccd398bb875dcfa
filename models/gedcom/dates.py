"""Dates: how GEDCOM writes a day, and for what day its many other ways of telling one stand."""

import re
from datetime import date, datetime
from functools import lru_cache
from typing import Any, NamedTuple

from ged4py.date import DateValue, DateValueTypes

from models.gedcom.structures import Structure, leaf
from models.moments import Moment

MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
# A day as nearly all files tell one; anything else is for the library.
DAY = re.compile(r"(ABT )?(\d{1,2}) ([A-Z]{3}) (\d{3,4})", re.IGNORECASE)
CALENDAR = re.compile(r"\b(JULIAN|FRENCH_R) ", re.IGNORECASE)
# Characters of a date; what is longer is no date, and would be costly to look into.
LONGEST = 200
# Day 0 of Python's calendar among the days that astronomers count.
FIRST = 1721424.5


class Day(NamedTuple):
    """A day, and whether it is only about then."""

    day: date
    estimated: bool


@lru_cache(maxsize=50_000)
def day_of(text: str) -> Day | None:
    """The day that a date stands for, the first one of a span; None where it names none that has a number."""
    found = DAY.fullmatch(text.strip())
    month = found and found[3].upper()
    if found and month in MONTHS:
        try:
            day = date(int(found[4]), MONTHS.index(month) + 1, int(found[2]))
        except ValueError:
            return None
        return Day(day, bool(found[1]))
    return by_library(text)


def by_library(text: str) -> Day | None:
    """A date in all its forms: months and years alone, spans, guesses, other calendars."""
    old = CALENDAR.sub(lambda said: f"@#D{said[1].upper().replace('_', ' ')}@ ", text).replace("BCE", "B.C.")
    # The library begins the Hebrew year half a year late.
    if "HEBREW" in old.upper():
        return None
    try:
        value: Any = DateValue.parse(old.upper())
        if value is None or value.kind is DateValueTypes.PHRASE:
            return None
        first = value.date1 if hasattr(value, "date1") else value.date
        if getattr(first, "bc", False):
            return None
        year = getattr(first, "dual_year", None) or first.year
        whole = type(first)(year, first.month or first.months()[0], first.day or 1)
        return Day(date.fromordinal(int(whole.key()[0] - FIRST)), True)
    except (ValueError, OverflowError, ArithmeticError, TypeError, AttributeError, LookupError):
        # The library counts in calendars that have no such day or year.
        return None


def written(at: datetime, *, estimated: bool = False) -> str:
    """A day as GEDCOM writes it."""
    return f"{'ABT ' if estimated else ''}{at.day:02} {MONTHS[at.month - 1]} {at.year:04}"


def dated(tag: str, moment: Any, *, estimated: bool = False) -> Structure | None:
    """The structure of a stored moment, or None for none."""
    return leaf(tag, written(moment["at"], estimated=estimated)) if moment else None


def moment_of(structure: Structure | None) -> tuple[dict[str, Any] | None, bool]:
    """The moment to store for a DATE, and whether it is only about then."""
    text = structure.value if structure else None
    found = day_of(text) if text and len(text) <= LONGEST else None
    if found is None:
        return None, False
    at = datetime(found.day.year, found.day.month, found.day.day)
    return Moment.of(at).model_dump(), found.estimated
