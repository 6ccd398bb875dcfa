"""Enrollments: who takes which course."""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from functools import partial

import strawberry

from models import courses, enrollments, users
from models.enrollments import StoredEnrollment
from models.errors import (
    AlreadyEnrolled,
    CourseNotFound,
    Invalid,
    NotSignedIn,
    TokenWithoutUser,
    Unfit,
    UserNotFound,
)
from models.moments import Moment
from schema.connections import PAGE, Connection, Found, Page, connect
from schema.context import Info
from schema.courses import Course
from schema.directives import INTEGER_ID, raises
from schema.ids import integer
from schema.permissions import SignedIn
from schema.projection import keys
from schema.relations import edge
from schema.users import User


@strawberry.type(description="A learner takes a course.")
class Enrollment:
    """A learner takes a course."""

    id: strawberry.ID = strawberry.field(directives=[INTEGER_ID])
    user_id: strawberry.ID = strawberry.field(directives=[INTEGER_ID])
    course_id: strawberry.ID = strawberry.field(directives=[INTEGER_ID])
    enrolled_at: Moment
    progress: int
    user: User | None = strawberry.field(
        description="The learner; null once they are gone.", resolver=edge("user_id", users.BY_ID)
    )
    course: Course | None = strawberry.field(
        description="The course; null once it is gone.", resolver=edge("course_id", courses.BY_ID)
    )


@strawberry.type
class EnrollmentQueries:
    """What can be asked about enrollments."""

    @strawberry.field(
        graphql_type=Connection[Enrollment],
        description="The caller's enrollments by id.",
        permission_classes=[SignedIn],
        directives=[raises(NotSignedIn, TokenWithoutUser, Invalid)],
    )
    async def my_enrollments(self, info: Info, first: int | None = PAGE, after: str | None = None) -> Found:
        """The caller's enrollments."""
        user_id = info.context.user_id
        page = Page.wanted(first, after, info.context.page_limit)
        read = partial(enrollments.of_user, user_id, fields=keys(info, "edges", "node"))
        return await connect(page, read, partial(enrollments.count_of_user, user_id))


@strawberry.type
class EnrollmentMutations:
    """Taking a course."""

    @strawberry.mutation(
        graphql_type=Enrollment,
        description="The caller takes a course, published or not.",
        permission_classes=[SignedIn],
        directives=[
            raises(NotSignedIn, TokenWithoutUser, CourseNotFound, AlreadyEnrolled, UserNotFound, Unfit)
        ],
    )
    async def enroll(self, info: Info, course_id: strawberry.ID) -> StoredEnrollment:
        """The new enrollment."""
        context, id = info.context, integer(course_id, CourseNotFound, "courseId")
        try:
            user_id = context.user_id
        except TokenWithoutUser:
            # A caller whom nobody knows is still told first that there is no such course.
            await courses.get(id)
            raise
        with context.reads.written():
            return await enrollments.enroll(id, user_id, context.now)


@strawberry.type
class EnrollmentSubscriptions:
    """What happens to enrollments."""

    @strawberry.subscription(
        graphql_type=Enrollment,
        description="The caller's enrollments as they are made, until the credential ends.",
        permission_classes=[SignedIn],
        directives=[raises(NotSignedIn, TokenWithoutUser)],
    )
    async def enrolled(self, info: Info) -> AsyncGenerator[StoredEnrollment, None]:
        """The caller's enrollments from now on."""
        context = info.context
        async with aclosing(enrollments.arrivals(context.user_id)) as arrivals:
            async for enrollment in arrivals:
                # A subscription may outlive the credential that it began with.
                if not await context.still_signed_in():
                    return
                context.reads.forget()
                yield enrollment
