"""An instant keeps its microseconds through the store, and the text it came with."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from models.moments import Moment
from models.users import User


def test_microseconds_below_the_millisecond_stand_beside_it() -> None:
    moment = Moment.of(datetime(2026, 1, 5, 8, 30, 0, 123456, UTC))
    assert (moment.at, moment.us, moment.text) == (datetime(2026, 1, 5, 8, 30, 0, 123000, UTC), 456, None)
    assert moment.instant == datetime(2026, 1, 5, 8, 30, 0, 123456, UTC)


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("2026-01-05T08:30:00", datetime(2026, 1, 5, 8, 30, tzinfo=UTC)),
        ("2026-01-05T08:30:00.5", datetime(2026, 1, 5, 8, 30, 0, 500000, UTC)),
        ("2026-01-05T08:30:00.789+00:00", datetime(2026, 1, 5, 8, 30, 0, 789000, UTC)),
        ("2026-01-05T08:30:00.000001", datetime(2026, 1, 5, 8, 30, 0, 1, UTC)),
        ("2026-01-05T08:30:00.1234569", datetime(2026, 1, 5, 8, 30, 0, 123456, UTC)),
        ("2026-01-05 08:30:00+02", datetime(2026, 1, 5, 6, 30, tzinfo=UTC)),
        ("2026-01-05T08:30:00-05:30", datetime(2026, 1, 5, 14, 0, tzinfo=UTC)),
        ("2026-01-05T08:30:00z", datetime(2026, 1, 5, 8, 30, tzinfo=UTC)),
        ("9999-12-31T23:59:59.999999", datetime(9999, 12, 31, 23, 59, 59, 999999, UTC)),
        ("0001-01-01T00:00:00", datetime(1, 1, 1, tzinfo=UTC)),
    ],
)
def test_a_text_is_read_and_kept(text: str, instant: datetime) -> None:
    moment = Moment.from_text(text)
    assert (moment.instant, moment.text) == (instant, text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "yesterday",
        "2026-01-05",
        "2026-W01-1T00:00:00",
        "2026-02-30T00:00:00",
        "2026-01-05T25:00:00",
        "2026-01-05T08:30:00 ",
        "٢٠٢٦-01-05T08:30:00",
        "0001-01-01T00:00:00+05:00",
        "9999-12-31T23:59:59-05:00",
    ],
)
def test_other_text_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        Moment.from_text(text)


def test_other_zones_become_utc_and_naive_is_utc() -> None:
    east = timezone(timedelta(hours=2))
    assert Moment.of(datetime(2026, 1, 1, 2, tzinfo=east)) == Moment.of(datetime(2026, 1, 1))
    assert Moment(at=datetime(2026, 1, 1)) == Moment.of(datetime(2026, 1, 1))
    assert Moment.model_validate({"at": "2026-01-01T00:00:00Z"}) == Moment.of(datetime(2026, 1, 1))


async def test_the_store_keeps_all_of_it(database: object) -> None:
    moment = Moment.from_text("9999-12-31T23:59:59.999999+00:00")
    await User(id=1, email="a", username="a", created_at=moment).insert()
    read = await User.get(1)
    assert read is not None
    assert read.created_at == moment
