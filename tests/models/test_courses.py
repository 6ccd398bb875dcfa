"""Courses are listed when published, and read in any case."""

import pytest

from models import courses
from models.courses import Course, CourseContent
from models.errors import CourseNotFound, Unfit

pytestmark = pytest.mark.usefixtures("database")


async def test_published_courses_come_page_by_page() -> None:
    for id, published in [(5, True), (1, True), (3, False), (2, True)]:
        await Course(id=id, published=published).insert()
    assert [course.id for course in await courses.published(None, 2)] == [1, 2]
    assert [course.id for course in await courses.published(2, 2)] == [5]
    assert await courses.count_published() == 3


async def test_an_unpublished_course_can_be_read() -> None:
    await Course(id=2**63 - 1, title="HSK 2 (draft)").insert()
    assert (await courses.get(2**63 - 1)).title == "HSK 2 (draft)"


async def test_a_missing_course_is_not_found_and_an_impossible_id_is_unfit() -> None:
    with pytest.raises(CourseNotFound):
        await courses.get(1)
    with pytest.raises(Unfit):
        await courses.get(2**63)


async def test_lessons_come_in_their_sequence_and_those_without_last() -> None:
    places = {1: 3, 2: None, 3: -1, 4: 3, 5: None}
    for id, sequence in places.items():
        await CourseContent(id=id, course_id=1, sequence=sequence).insert()
    await CourseContent(id=9, course_id=2, sequence=1).insert()
    assert [lesson.id for lesson in await courses.content([1])] == [3, 1, 4, 2, 5]
    assert len(await courses.content([1, 2])) == 6
