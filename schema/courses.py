"""Courses and their content."""

from functools import partial

import strawberry

from models import courses
from models.courses import StoredCourse
from models.errors import CourseNotFound, Invalid, Unfit
from models.joins import Load
from models.moments import Moment
from schema.connections import PAGE, Connection, Found, Page, connect
from schema.context import Info
from schema.directives import INTEGER_ID, raises
from schema.ids import integer
from schema.projection import keys
from schema.relations import edge


@strawberry.type(description="Something to learn.")
class Course:
    """Something to learn."""

    id: strawberry.ID = strawberry.field(directives=[INTEGER_ID])
    title: str | None
    description: str | None
    published: bool = strawberry.field(description="Only published courses are listed; all can be read.")
    created_at: Moment | None
    content: list["CourseContent"] = strawberry.field(
        description="The lessons in their sequence.", resolver=edge("_id", courses.LESSONS)
    )


@strawberry.type(description="One lesson of a course.")
class CourseContent:
    """One lesson of a course."""

    id: strawberry.ID = strawberry.field(directives=[INTEGER_ID])
    course_id: strawberry.ID = strawberry.field(directives=[INTEGER_ID])
    sequence: int | None
    title: str | None
    body: str | None
    course: Course | None = strawberry.field(
        description="The course; null once it is gone.", resolver=edge("course_id", courses.BY_ID)
    )


@strawberry.type
class CourseQueries:
    """What can be asked about courses."""

    @strawberry.field(
        graphql_type=Connection[Course],
        description="The published courses by id.",
        directives=[raises(Invalid)],
    )
    async def courses(self, info: Info, first: int | None = PAGE, after: str | None = None) -> Found:
        """The published courses."""
        page = Page.wanted(first, after, info.context.page_limit)
        read = partial(courses.published, fields=keys(info, "edges", "node"))
        return await connect(page, read, courses.count_published)

    @strawberry.field(
        graphql_type=Course,
        description="One course, published or not.",
        directives=[raises(CourseNotFound, Unfit)],
    )
    def course(self, info: Info, id: strawberry.ID) -> Load[StoredCourse]:
        """One course."""
        return courses.get(integer(id, CourseNotFound, "id"), keys(info), info.context.reads)

    @strawberry.field(
        graphql_type=Course,
        description="One course that is published.",
        directives=[raises(CourseNotFound, Unfit)],
    )
    def published_course(self, info: Info, id: strawberry.ID) -> Load[StoredCourse]:
        """One published course."""
        return courses.get_published(integer(id, CourseNotFound, "id"), keys(info), info.context.reads)
