"""Courses and their content."""

from typing import Self

import strawberry

from models import courses
from models.errors import CourseNotFound, Invalid, Unfit
from models.moments import Moment
from schema.connections import PAGE, Connection, Page, connect
from schema.context import Info
from schema.directives import INTEGER_ID, raises
from schema.ids import integer


@strawberry.type(description="Something to learn.")
class Course:
    """Something to learn."""

    id: strawberry.ID = strawberry.field(directives=[INTEGER_ID])
    title: str | None
    description: str | None
    published: bool = strawberry.field(description="Only published courses are listed; all can be read.")
    created_at: Moment | None
    key: strawberry.Private[int]

    @classmethod
    def of(cls, course: courses.Course) -> Self:
        """The type that shows a course."""
        return cls(
            id=strawberry.ID(str(course.id)),
            title=course.title,
            description=course.description,
            published=course.published,
            created_at=course.created_at,
            key=course.id,
        )

    @strawberry.field(description="The lessons in their sequence.")
    async def content(self, info: Info) -> list["CourseContent"]:
        """The lessons."""
        return [CourseContent.of(lesson) for lesson in await info.context.loaders.content.load(self.key)]


@strawberry.type(description="One lesson of a course.")
class CourseContent:
    """One lesson of a course."""

    id: strawberry.ID = strawberry.field(directives=[INTEGER_ID])
    course_id: strawberry.ID = strawberry.field(directives=[INTEGER_ID])
    sequence: int | None
    title: str | None
    body: str | None
    course_key: strawberry.Private[int]

    @classmethod
    def of(cls, lesson: courses.CourseContent) -> Self:
        """The type that shows a lesson."""
        return cls(
            id=strawberry.ID(str(lesson.id)),
            course_id=strawberry.ID(str(lesson.course_id)),
            sequence=lesson.sequence,
            title=lesson.title,
            body=lesson.body,
            course_key=lesson.course_id,
        )

    @strawberry.field(description="The course; null once it is gone.")
    async def course(self, info: Info) -> Course | None:
        """The course."""
        return await course_by_id(self.course_key, info)


async def course_by_id(course_id: int, info: Info) -> Course | None:
    """The course at the other end of an edge."""
    course = await info.context.loaders.courses.load(course_id)
    return Course.of(course) if course else None


@strawberry.type
class CourseQueries:
    """What can be asked about courses."""

    @strawberry.field(description="The published courses by id.", directives=[raises(Invalid)])
    async def courses(
        self, info: Info, first: int | None = PAGE, after: str | None = None
    ) -> Connection[Course]:
        """The published courses."""
        page = Page.wanted(first, after, info.context.page_limit)
        return await connect(page, courses.published, courses.count_published, Course.of)

    @strawberry.field(description="One course, published or not.", directives=[raises(CourseNotFound, Unfit)])
    async def course(self, id: strawberry.ID) -> Course:
        """One course."""
        return Course.of(await courses.get(integer(id, CourseNotFound, "id")))
