"""Cards come back when it is time, and each answer counts."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from models import reviews
from models.errors import ReviewNotFound, Unfit
from models.moments import Moment
from models.reviews import Review

pytestmark = pytest.mark.usefixtures("database")


async def test_the_calendar_example(now: datetime) -> None:
    await Review(id=1, user_id=1, repetition=3, easiness=2.5, interval=15.0).insert()
    start = datetime(2026, 1, 1, tzinfo=UTC)
    review = await reviews.submit(1, 1, 5, start)
    assert (review["repetition"], review["easiness"], review["interval"]) == (4, 2.6, 39.0)
    assert review["next_review"] == Moment.of(datetime(2026, 2, 9, tzinfo=UTC)).model_dump()
    assert review["last_review"] == Moment.of(start).model_dump()
    again = await reviews.submit(1, 1, 5, datetime(2026, 2, 9, tzinfo=UTC))
    assert (again["repetition"], again["easiness"], again["interval"]) == (5, 2.7, 105.30000000000001)
    assert again["next_review"] == Moment.of(datetime(2026, 5, 25, 7, 12, tzinfo=UTC)).model_dump()
    assert await reviews.BY_ID.load(1) == again


async def test_whole_numbers_stay_whole_in_the_store(database: object, now: datetime) -> None:
    await Review(id=2**40, user_id=1, easiness=2, interval=1.0).insert()
    stored = await Review.get(2**40)
    assert stored is not None
    assert [type(value) for value in (stored.id, stored.easiness, stored.interval)] == [int, int, float]
    answered = await reviews.submit(1, 2**40, 4, now)
    assert repr((answered["easiness"], answered["interval"])) == "(2.0, 1)"


async def test_reviews_are_due_to_the_microsecond(now: datetime) -> None:
    times = {
        1: now,
        2: now + timedelta(microseconds=1),
        3: now - timedelta(microseconds=1),
        4: now - timedelta(days=9),
        5: now + timedelta(milliseconds=1),
    }
    for id, at in times.items():
        await Review(id=id, user_id=1, next_review=Moment.of(at)).insert()
    await Review(id=6, user_id=1, next_review=None).insert()
    await Review(id=7, user_id=2, next_review=Moment.of(now)).insert()
    assert [review["_id"] for review in await reviews.due(1, now, None, 10)] == [1, 3, 4]
    assert [review["_id"] for review in await reviews.due(1, now, 1, 1)] == [3]
    assert await reviews.count_due(1, now) == 3
    assert await reviews.due(999, now, None, 10) == []


@pytest.mark.parametrize("quality", ["4", [4], {}, None, 10**400])
async def test_a_quality_that_cannot_be_calculated_with_changes_nothing(
    now: datetime, quality: object
) -> None:
    review = await Review(id=1, user_id=1).insert()
    with pytest.raises(Unfit):
        await reviews.submit(1, 1, quality, now)
    assert await Review.get(1) == review


@pytest.mark.parametrize(("review_id", "user_id"), [(9, 1), (1, 2), (-1, 1)])
async def test_a_review_of_somebody_else_does_not_exist(now: datetime, review_id: int, user_id: int) -> None:
    await Review(id=1, user_id=1).insert()
    with pytest.raises(ReviewNotFound):
        await reviews.submit(user_id, review_id, "x", now)


async def test_an_impossible_id_is_unfit(now: datetime) -> None:
    with pytest.raises(Unfit):
        await reviews.submit(1, 2**63, 5, now)


@pytest.mark.parametrize(
    "nulls", [{"repetition": None}, {"easiness": None}, {"repetition": 5, "interval": None}]
)
async def test_a_card_that_was_never_set_up_is_unfit(now: datetime, nulls: dict[str, int | None]) -> None:
    review = await Review.model_validate({"id": 1, "user_id": 1, **nulls}).insert()
    with pytest.raises(Unfit):
        await reviews.submit(1, 1, 4, now)
    assert await Review.get(1) == review


async def test_a_date_beyond_the_calendar_is_unfit_until_a_failure_resets_it(now: datetime) -> None:
    review = await Review(id=1, user_id=1, repetition=5, interval=900_000_000).insert()
    for _ in range(2):
        with pytest.raises(Unfit):
            await reviews.submit(1, 1, 5, now)
    assert await Review.get(1) == review
    reset = await reviews.submit(1, 1, 0, now)
    tomorrow = Moment.of(now + timedelta(days=1)).model_dump()
    assert (reset["repetition"], reset["interval"], reset["next_review"]) == (0, 1, tomorrow)


async def test_infinite_intervals_are_unfit_too(now: datetime) -> None:
    await Review(id=1, user_id=1, repetition=5, easiness=1e308, interval=1e308).insert()
    with pytest.raises(Unfit):
        await reviews.submit(1, 1, 5, now)
    await Review(id=2, user_id=1, repetition=5, easiness=float("inf"), interval=0).insert()
    with pytest.raises(Unfit):
        await reviews.submit(1, 2, 5, now)


async def test_answers_given_at_once_all_count(now: datetime) -> None:
    await Review(id=1, user_id=1, repetition=0, easiness=2.5, interval=1).insert()
    answered = await asyncio.gather(*(reviews.submit(1, 1, 5, now) for _ in range(8)))
    assert sorted(review["repetition"] or 0 for review in answered) == [1, 2, 3, 4, 5, 6, 7, 8]
    last = await Review.get(1)
    assert last is not None
    assert (last.repetition, last.revision) == (8, 8)
