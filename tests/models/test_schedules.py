"""Schedules: each time is asked for once, by however many clocks, also after nobody was there for a while."""

from datetime import UTC, datetime, timedelta

import pytest

from models.jobs import Job
from models.schedules import Clock, Schedule

pytestmark = pytest.mark.usefixtures("database")
# A Thursday.
NOW = datetime(2026, 1, 1, 9, 30, 20, tzinfo=UTC)
HOUR = timedelta(hours=1)


def slot(cron: str, now: datetime = NOW) -> str | None:
    found = Schedule("clean", cron=cron).slot(now)
    return None if found is None else f"{found:%d %H:%M:%S}"


@pytest.mark.parametrize(
    ("cron", "last"),
    [
        ("* * * * *", "01 09:30:00"),
        ("*/15 * * * *", "01 09:30:00"),
        ("*/20 * * * *", "01 09:20:00"),
        ("0 2 * * *", "01 02:00:00"),
        ("45 9 * * *", "31 09:45:00"),
        ("0 */6 * * *", "01 06:00:00"),
        ("10-20/5,50 9 * * *", "01 09:20:00"),
        ("0 8 1 1 *", "01 08:00:00"),
        ("0 8 * * 4", "01 08:00:00"),
        ("0 8 * * 5", None),
        ("0 8 2 * *", None),
        # A day and a weekday mean either.
        ("0 8 2 * 4", "01 08:00:00"),
        ("0 8 1 * 5", "01 08:00:00"),
    ],
)
def test_the_last_time_of_a_cron_line(cron: str, last: str | None) -> None:
    assert slot(cron) == last


def test_sunday_is_0_and_7() -> None:
    sunday = NOW + timedelta(days=3)
    assert slot("0 8 * * 0", sunday) == slot("0 8 * * 7", sunday) == "04 08:00:00"


@pytest.mark.parametrize(
    "cron",
    ["", "* * * *", "60 * * * *", "* 24 * * *", "* * 0 * *", "a * * * *", "5-1 * * * *", "*/0 * * * *"],
)
def test_what_is_no_cron_line_is_refused(cron: str) -> None:
    with pytest.raises(ValueError, match="cron line"):
        Schedule("clean", cron=cron)


def test_a_schedule_has_one_sort_of_times() -> None:
    with pytest.raises(ValueError, match="either every or cron"):
        Schedule("clean")
    with pytest.raises(ValueError, match="either every or cron"):
        Schedule("clean", every=HOUR, cron="* * * * *")
    with pytest.raises(ValueError, match="less than a second"):
        Schedule("clean", every=timedelta(0))


async def test_each_time_is_asked_for_once() -> None:
    schedules = [
        Schedule("clean", every=HOUR, arguments={"deep": True}),
        Schedule("clean", cron="30 9 * * *"),
    ]
    one, other = Clock(schedules), Clock(schedules)
    assert [await one.tick(NOW), await one.tick(NOW + timedelta(minutes=1)), await other.tick(NOW)] == [
        2,
        0,
        2,
    ]
    assert [job.arguments for job in await Job.find_all().sort("_id").to_list()] == [{"deep": True}, {}]
    assert await one.tick(NOW + HOUR) == 1
    assert await Job.count() == 3


async def test_of_many_times_that_nobody_saw_the_last_is_made_up_for() -> None:
    clock = Clock([Schedule("clean", every=HOUR), Schedule("clean", cron="0 9 1 1 *")])
    await clock.tick(NOW)
    assert await Job.count() == 2
    # Two days later that one time is long past.
    fresh = Clock(clock.schedules)
    await fresh.tick(NOW + timedelta(days=2))
    assert await Job.count() == 3
