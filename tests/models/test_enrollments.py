"""A learner takes a course once, however often and fast it is asked for."""

import asyncio
from collections import Counter
from contextlib import aclosing
from datetime import datetime

import pytest

from models import enrollments
from models.courses import Course
from models.enrollments import Enrollment, StoredEnrollment, enroll
from models.errors import AlreadyEnrolled, CourseNotFound, DomainError, Unfit, UserNotFound
from models.moments import Moment
from models.users import User

pytestmark = pytest.mark.usefixtures("database")


async def learner_and_course() -> None:
    await User(id=1, email="ada", username="ada").insert()
    await Course(id=7).insert()


async def test_enrolling_starts_without_progress_even_in_a_draft(now: datetime) -> None:
    await learner_and_course()
    made = await enroll(7, 1, now)
    moment = Moment.of(now).model_dump()
    assert made == {"_id": 1, "user_id": 1, "course_id": 7, "enrolled_at": moment, "progress": 0}
    assert await enrollments.of_user(1, None, 2) == [made]
    stored = Enrollment(id=1, user_id=1, course_id=7, enrolled_at=Moment.of(now), progress=0)
    assert await Enrollment.find_all().to_list() == [stored]


@pytest.mark.parametrize(
    ("user_id", "course_id", "error"),
    [
        (1, 8, CourseNotFound),
        (2, 8, CourseNotFound),
        (2, 7, UserNotFound),
        (1, 2**63, Unfit),
        (2**63, 7, Unfit),
    ],
)
async def test_a_refusal_names_the_first_thing_in_the_way(
    now: datetime, user_id: int, course_id: int, error: type[DomainError]
) -> None:
    await learner_and_course()
    with pytest.raises(error):
        await enroll(course_id, user_id, now)
    assert await Enrollment.count() == 0


async def test_of_20_enrollments_at_once_one_is_made(now: datetime) -> None:
    await learner_and_course()
    outcomes = await asyncio.gather(*(enroll(7, 1, now) for _ in range(20)), return_exceptions=True)
    assert Counter(type(outcome) for outcome in outcomes) == {dict: 1, AlreadyEnrolled: 19}
    assert await Enrollment.count() == 1


async def test_a_second_enrollment_is_refused_and_uses_up_no_id(now: datetime) -> None:
    await learner_and_course()
    await Course(id=8).insert()
    await enroll(7, 1, now)
    with pytest.raises(AlreadyEnrolled):
        await enroll(7, 1, now)
    assert (await enroll(8, 1, now))["_id"] == 2


async def test_a_learner_sees_the_own_enrollments_page_by_page(now: datetime) -> None:
    for id, user_id in [(1, 1), (2, 2), (3, 1), (4, 1)]:
        await Enrollment(id=id, user_id=user_id, course_id=id, enrolled_at=Moment.of(now)).insert()
    assert [enrollment["_id"] for enrollment in await enrollments.of_user(1, None, 2)] == [1, 3]
    assert [enrollment["_id"] for enrollment in await enrollments.of_user(1, 3, 2)] == [4]
    assert await enrollments.count_of_user(1) == 3


async def test_arrivals_are_told_to_whom_they_concern(now: datetime) -> None:
    await learner_and_course()
    await User(id=2, email="bo", username="bo").insert()
    await Course(id=8).insert()
    async with aclosing(enrollments.arrivals(1)) as arrivals:
        first = asyncio.ensure_future(anext(arrivals))
        while not first.done():
            # The stream starts somewhere in here; until then nothing is told.
            await Enrollment.delete_all()
            await enroll(7, 2, now)
            made: StoredEnrollment = await enroll(8, 1, now)
            await asyncio.wait([first], timeout=0.3)
        told = first.result()
    assert (told["user_id"], told["course_id"]) == (1, 8)
    assert told["_id"] <= made["_id"]
    assert {**told, "_id": 0, "enrolled_at": made["enrolled_at"]} == {**made, "_id": 0}
