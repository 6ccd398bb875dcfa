"""Courses are listed when published, and read in any case."""

import asyncio

import pytest

from models import courses
from models.courses import Course, CourseContent
from models.errors import CourseNotFound, Unfit

pytestmark = pytest.mark.usefixtures("database")


async def test_published_courses_come_page_by_page() -> None:
    for id, published in [(5, True), (1, True), (3, False), (2, True)]:
        await Course(id=id, published=published).insert()
    assert [course["_id"] for course in await courses.published(None, 2)] == [1, 2]
    assert [course["_id"] for course in await courses.published(2, 2)] == [5]
    assert await courses.count_published() == 3


async def test_an_unpublished_course_can_be_read() -> None:
    await Course(id=2**63 - 1, title="HSK 2 (draft)").insert()
    assert (await courses.get(2**63 - 1))["title"] == "HSK 2 (draft)"


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
    first, second, none = await asyncio.gather(*(courses.LESSONS.load(id) for id in (1, 2, 3)))
    assert [lesson["_id"] for lesson in first] == [3, 1, 4, 2, 5]
    assert [lesson["_id"] for lesson in second] == [9]
    assert none == []
    # Whatever else is shown, the sequence is known.
    bare = await courses.LESSONS.load(1, ("title",))
    assert [set(lesson) for lesson in bare] == [{"_id", "course_id", "sequence", "title"}] * 5
    assert [lesson["_id"] for lesson in bare] == [3, 1, 4, 2, 5]
