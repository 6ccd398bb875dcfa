"""Courses and their content."""

from collections.abc import Sequence
from typing import Self

from pymongo import IndexModel

from models.counters import Numbered
from models.errors import CourseNotFound
from models.moments import Moment
from models.rows import Row
from models.text import INT, bigint


class Course(Numbered):
    """Something to learn; only published courses are listed."""

    title: str | None = None
    description: str | None = None
    published: bool = False
    created_at: Moment | None = None

    class Settings:
        name = "courses"
        indexes = [IndexModel([("published", 1), ("_id", 1)])]

    @classmethod
    def from_row(cls, row: Row) -> Self:
        """The course in a legacy row; raises BadValue."""
        return cls(
            id=row.whole("id"),
            title=row.text_or_none("title"),
            description=row.text_or_none("description"),
            published=row.truth("published"),
            created_at=row.moment_or_none("created_at"),
        )


class CourseContent(Numbered):
    """One lesson of a course."""

    course_id: int
    sequence: int | None = None
    title: str | None = None
    body: str | None = None

    class Settings:
        name = "course_content"
        indexes = [IndexModel([("course_id", 1), ("sequence", 1)])]

    @classmethod
    def from_row(cls, row: Row) -> Self:
        """The lesson in a legacy row; raises BadValue."""
        return cls(
            id=row.whole("id"),
            course_id=row.whole("course_id"),
            sequence=row.whole_or_none("sequence", INT),
            title=row.text_or_none("title"),
            body=row.text_or_none("body"),
        )


async def get(course_id: int) -> Course:
    """The course with this id, published or not; raises CourseNotFound."""
    course = await Course.get(bigint(course_id, "course id"))
    if course is None:
        raise CourseNotFound
    return course


async def published(after: int | None, limit: int) -> list[Course]:
    """Published courses by id, from the one after `after`."""
    listed = {"published": True} if after is None else {"published": True, "_id": {"$gt": after}}
    return await Course.find(listed).sort("_id").limit(limit).to_list()


async def count_published() -> int:
    """How many courses are published."""
    return await Course.find({"published": True}).count()


async def content(course_ids: Sequence[int]) -> list[CourseContent]:
    """The lessons of these courses in their sequence; those without a place come last."""
    lessons = await CourseContent.find({"course_id": {"$in": list(course_ids)}}).to_list()
    return sorted(lessons, key=lambda lesson: (lesson.sequence is None, lesson.sequence or 0, lesson.id))
