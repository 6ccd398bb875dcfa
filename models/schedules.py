"""Jobs that nobody has to ask for: at which times which kind is done."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import Any

from models import jobs

# A time that passed while no worker ran is made up for within a day; what was due before is let go.
LATE = timedelta(days=1)
MINUTE = timedelta(minutes=1)
# The five fields of a cron line, with their smallest and largest number; Sunday is 0, and 7 too.
FIELDS = (("minute", 0, 59), ("hour", 0, 23), ("day", 1, 31), ("month", 1, 12), ("weekday", 0, 7))


@dataclass(frozen=True)
class Schedule:
    """A kind of job and its times, in UTC: every so often, or as a cron line says."""

    kind: str
    every: timedelta | None = None
    cron: str | None = None
    arguments: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if (self.every is None) == (self.cron is None):
            raise ValueError(f"{self.kind}: a schedule has either every or cron.")
        if self.every is not None and self.every < timedelta(seconds=1):
            raise ValueError(f"{self.kind}: every is less than a second.")
        if self.cron is not None:
            parse(self.cron)

    @property
    def times(self) -> str:
        """Its times in words, which tell two schedules of one kind apart."""
        return self.cron or f"every {self.every}"

    @cached_property
    def _fields(self) -> list[frozenset[int]]:
        return parse(self.cron or "")

    def slot(self, now: datetime) -> datetime | None:
        """The last time at or before `now` that the job is for, within a day; None where there was none."""
        if self.every is not None:
            passed = (now - datetime.fromtimestamp(0, UTC)) // self.every
            slot = datetime.fromtimestamp(0, UTC) + passed * self.every
            return slot if now - slot < LATE else None
        minute = now.astimezone(UTC).replace(second=0, microsecond=0)
        for back in range(LATE // MINUTE):
            if self.fits(minute - back * MINUTE):
                return minute - back * MINUTE
        return None

    def fits(self, minute: datetime) -> bool:
        """Whether a minute is one that the cron line means; day and weekday together mean either."""
        minutes, hours, days, months, weekdays = self._fields
        if minute.minute not in minutes or minute.hour not in hours or minute.month not in months:
            return False
        by_day = minute.day in days
        by_weekday = minute.isoweekday() % 7 in weekdays
        if len(days) == 31 or len(weekdays) == 7:
            return by_day and by_weekday
        return by_day or by_weekday


def parse(cron: str) -> list[frozenset[int]]:
    """The numbers that each field of a cron line stands for; raises ValueError for what is no such line."""
    texts = cron.split()
    if len(texts) != len(FIELDS):
        raise ValueError(f"{cron!r} has {len(texts)} fields, and a cron line has five.")
    numbers = [
        numbers_of(text, name, low, high) for text, (name, low, high) in zip(texts, FIELDS, strict=True)
    ]
    return [*numbers[:4], frozenset(number % 7 for number in numbers[4])]


def numbers_of(text: str, name: str, low: int, high: int) -> frozenset[int]:
    """What one field stands for: `*`, `5`, `1-5`, `*/15`, `1-9/2`, and several of these with commas."""
    found: set[int] = set()
    for part in text.split(","):
        span, _, step = part.partition("/")
        first, dash, last = span.partition("-")
        try:
            begin = low if span == "*" else int(first)
            end = high if span == "*" else int(last) if dash else begin
            every = int(step) if step else 1
        except ValueError:
            raise ValueError(f"{text!r} is no {name} of a cron line.") from None
        if not low <= begin <= end <= high or every < 1:
            raise ValueError(f"{text!r} is no {name} of a cron line: {low} to {high}.")
        found.update(range(begin, end + 1, every))
    return frozenset(found)


# Whatever is done without being asked for.
SCHEDULES: list[Schedule] = [
    Schedule("remove_orphans", cron="0 2 * * *"),
    Schedule("recount_usage", cron="0 3 * * 0"),
    Schedule("end_gedcom_imports", cron="30 * * * *"),
]


class Clock:
    """Asks for what is due; any number of workers may, and each time is asked for once."""

    def __init__(self, schedules: Iterable[Schedule]) -> None:
        self.schedules = list(schedules)
        self.asked: dict[int, datetime | None] = {}

    async def tick(self, now: datetime) -> int:
        """Asks for the jobs whose time has come; returns how many this clock had not asked for yet."""
        new = 0
        for number, schedule in enumerate(self.schedules):
            slot = schedule.slot(now)
            if slot is None or self.asked.get(number) == slot:
                continue
            key = f"schedule {schedule.times} {slot.isoformat()}"
            await jobs.ask(schedule.kind, schedule.arguments, key=key, now=now)
            self.asked[number] = slot
            new += 1
        return new
