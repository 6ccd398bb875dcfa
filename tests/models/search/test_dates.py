"""Dates as people write them: years, months, days and instants, of the calendar only."""

from datetime import UTC, datetime

import pytest

from models.errors import Unfit
from models.search.dates import bounds


@pytest.mark.parametrize(
    ("text", "since", "until"),
    [
        ("1950", "1950-01-01T00:00:00.000", "1950-12-31T23:59:59.999"),
        ("1950-12", "1950-12-01T00:00:00.000", "1950-12-31T23:59:59.999"),
        ("1952-02", "1952-02-01T00:00:00.000", "1952-02-29T23:59:59.999"),
        (" 1950-03-02 ", "1950-03-02T00:00:00.000", "1950-03-02T23:59:59.999"),
        ("19500302", "1950-03-02T00:00:00.000", "1950-03-02T23:59:59.999"),
        ("1950-03-02T10:00:00+02:00", "1950-03-02T08:00:00.000", "1950-03-02T08:00:00.000"),
        ("0001", "0001-01-01T00:00:00.000", "0001-12-31T23:59:59.999"),
    ],
)
def test_a_date_is_the_time_that_it_names(text: str, since: str, until: str) -> None:
    assert bounds(text, "birth") == tuple(
        datetime.fromisoformat(each).replace(tzinfo=UTC) for each in (since, until)
    )


@pytest.mark.parametrize(
    "text",
    [
        "1950-02-30",
        "1900-02-29",
        "1950-13",
        "0000",
        "-500",
        "+1950",
        "9999",
        "yesterday",
        "",
        "9" * 10_000,
        "１９５０",
    ],
)
def test_what_the_calendar_does_not_have_is_refused(text: str) -> None:
    with pytest.raises(Unfit):
        bounds(text, "birth")
