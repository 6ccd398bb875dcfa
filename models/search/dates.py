"""Days, months and years as people write them, as times."""

import re
from datetime import UTC, datetime, timedelta

from models.errors import Unfit

ISO = re.compile(r"(\d{4})(?:-?(\d\d)(?:-?(\d\d))?)?", re.ASCII)
LAST = timedelta(milliseconds=1)


def bounds(text: str, name: str) -> tuple[datetime, datetime]:
    """The first and the last instant of a year, a month or a day, or an instant twice; raises Unfit.

    What follows a day is a time, as ISO 8601 has it.
    """
    text = text.strip()
    match = ISO.fullmatch(text)
    try:
        if match is None:
            at = utc(datetime.fromisoformat(text))
            return at, at
        year, month, day = (int(part) if part else None for part in match.groups())
        begin = datetime(year or 0, month or 1, day or 1, tzinfo=UTC)
        if day:
            after = begin + timedelta(days=1)
        elif month:
            after = begin.replace(month=month % 12 + 1, year=begin.year + month // 12)
        else:
            after = begin.replace(year=begin.year + 1)
        return begin, after - LAST
    except (ValueError, OverflowError):
        raise Unfit(name, "it is no date of the calendar, such as 1950, 1950-03 or 1950-03-02") from None


def utc(at: datetime) -> datetime:
    """The instant in UTC; without a zone it is that already."""
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
