"""Answers that arrive late, twice or at once count once, in the order in which they were given."""

import asyncio
from datetime import datetime, timedelta

import pytest

from models import answers, reviews
from models.answers import Answer, Outcome, ReviewAnswer
from models.errors import Invalid
from models.reviews import Review

pytestmark = pytest.mark.usefixtures("database")


def given(id: str, at: datetime, *, review: int | None = 1, quality: object = 4) -> Answer:
    return Answer(id, review, quality, at)


async def card(id: int = 1, user_id: int = 1) -> None:
    await Review(id=id, user_id=user_id).insert()


async def stored(id: int = 1) -> Review:
    found = await Review.get(id)
    assert found is not None
    return found


async def test_answers_count_in_the_order_they_were_given(now: datetime) -> None:
    await card()
    first, second = now - timedelta(days=9), now - timedelta(days=2)
    outcomes = await answers.sync(1, [given("second", second), given("first", first)], now)
    assert [(each.id, each.outcome) for each in outcomes] == [("second", "STORED"), ("first", "STORED")]
    review = await stored()
    assert (review.repetition, review.revision) == (2, 2)
    assert review.last_review is not None and review.last_review.instant == second
    assert review.next_review is not None and review.next_review.instant == second + timedelta(days=6)


async def test_an_answer_that_comes_again_changes_nothing(now: datetime) -> None:
    await card()
    answer = given("once", now - timedelta(hours=1))
    (before,) = await answers.sync(1, [answer], now)
    (again,) = await answers.sync(1, [answer], now + timedelta(days=3))
    assert (before.outcome, again.outcome) == (Outcome.STORED, Outcome.REPEATED)
    assert before.review is not None and again.review == {**before.review, "revision": 1}
    assert await ReviewAnswer.count() == 1


async def test_the_same_answers_from_many_places_at_once_count_once(now: datetime) -> None:
    for id in range(1, 6):
        await card(id)
    queue = [given(f"answer-{id}", now - timedelta(minutes=id), review=id) for id in range(1, 6)]
    results = await asyncio.gather(*(answers.sync(1, queue, now) for _ in range(6)))
    outcomes = [each.outcome for result in results for each in result]
    assert outcomes.count(Outcome.STORED) == 5
    assert outcomes.count(Outcome.REPEATED) == 25
    assert await ReviewAnswer.count() == 5
    assert [(await stored(id)).revision for id in range(1, 6)] == [1] * 5


async def test_an_answer_older_than_the_latest_is_kept_and_changes_nothing(now: datetime) -> None:
    await card()
    await reviews.submit(1, 1, 5, now - timedelta(hours=1))
    before = await stored()
    (outcome,) = await answers.sync(1, [given("older", now - timedelta(hours=2))], now)
    assert outcome.outcome == Outcome.LATE
    assert await stored() == before
    assert await ReviewAnswer.count() == 1


async def test_a_clock_that_is_ahead_is_not_believed(now: datetime) -> None:
    await card()
    await answers.sync(1, [given("ahead", now + timedelta(days=400))], now)
    review = await stored()
    assert review.last_review is not None and review.last_review.instant == now


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"review": 2}, "REVIEW_NOT_FOUND"),
        ({"review": 99}, "REVIEW_NOT_FOUND"),
        ({"review": None}, "REVIEW_NOT_FOUND"),
        ({"quality": "4"}, "UNFIT"),
        ({"quality": 10**400}, "UNFIT"),
        ({"at": -366}, "UNFIT"),
    ],
)
async def test_a_refused_answer_leaves_nothing_and_holds_up_no_other(
    now: datetime, change: dict[str, object], code: str
) -> None:
    await card()
    await card(2, user_id=2)
    days = change.pop("at", -1)
    assert isinstance(days, int)
    bad = given("refused", now + timedelta(days=days), **change)  # type: ignore[arg-type]  # wrong on purpose
    outcomes = await answers.sync(1, [bad, given("accepted", now)], now)
    assert [(each.outcome, each.code) for each in outcomes] == [("REFUSED", code), ("STORED", None)]
    assert [each.id async for each in ReviewAnswer.find_all()] == ["1:accepted"]


async def test_two_people_may_choose_the_same_id(now: datetime) -> None:
    await card()
    await card(2, user_id=2)
    (mine,) = await answers.sync(1, [given("answer-1", now)], now)
    (yours,) = await answers.sync(2, [given("answer-1", now, review=2)], now)
    assert mine.outcome == yours.outcome == Outcome.STORED


async def test_too_many_at_once_are_refused_whole(now: datetime) -> None:
    await card()
    with pytest.raises(Invalid):
        await answers.sync(1, [given(f"answer-{n}", now) for n in range(501)], now)
    assert await ReviewAnswer.count() == 0
