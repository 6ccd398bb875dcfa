"""Courses and their content."""

from typing import Required, Self, TypedDict

from pymongo import IndexModel

from models import raw
from models.counters import Numbered
from models.errors import CourseNotFound
from models.joins import Load, Reads
from models.lanes import Group, Pages, Unique
from models.moments import Moment, StoredMoment
from models.raw import Fields
from models.rows import Row
from models.text import INT


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


class StoredCourse(TypedDict, total=False):
    """A course as it is stored."""

    _id: Required[int]
    title: str | None
    description: str | None
    published: bool
    created_at: StoredMoment | None


class StoredLesson(TypedDict, total=False):
    """A lesson as it is stored."""

    _id: Required[int]
    course_id: int
    sequence: int | None
    title: str | None
    body: str | None


BY_ID: Unique[StoredCourse] = Unique(Course)
LESSONS: Group[StoredLesson] = Group(CourseContent, "course_id", order=("sequence", "_id"))
PUBLISHED_BY_ID: Unique[StoredCourse] = Unique(Course, "_id", "published")
PUBLISHED: Pages[StoredCourse] = Pages(Course, wanted=lambda: {"published": True})


def get(course_id: int, fields: Fields = None, reads: Reads | None = None) -> Load[StoredCourse]:
    """The course with this id, published or not; raises CourseNotFound."""
    return BY_ID.get(course_id, CourseNotFound, fields, reads)


def get_published(course_id: int, fields: Fields = None, reads: Reads | None = None) -> Load[StoredCourse]:
    """The published course with this id; raises CourseNotFound, also for one that is not published."""
    return PUBLISHED_BY_ID.get((course_id, True), CourseNotFound, fields, reads)


def published(after: int | None, limit: int, fields: Fields = None) -> Load[list[StoredCourse]]:
    """Published courses by id, from the one after `after`."""
    return PUBLISHED.load((after, limit), fields)


async def count_published() -> int:
    """How many courses are published."""
    return await raw.collection(Course).count_documents({"published": True})
