"""Enrollments: who takes which course."""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from functools import partial
from typing import Self

import strawberry

from models import courses, enrollments
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
from schema.connections import PAGE, Connection, Page, connect
from schema.context import Info
from schema.courses import Course, course_by_id
from schema.directives import INTEGER_ID, raises
from schema.ids import integer
from schema.permissions import SignedIn
from schema.users import User, user_by_id


@strawberry.type(description="A learner takes a course.")
class Enrollment:
    """A learner takes a course."""

    id: strawberry.ID = strawberry.field(directives=[INTEGER_ID])
    user_id: strawberry.ID = strawberry.field(directives=[INTEGER_ID])
    course_id: strawberry.ID = strawberry.field(directives=[INTEGER_ID])
    enrolled_at: Moment
    progress: int
    user_key: strawberry.Private[int]
    course_key: strawberry.Private[int]

    @classmethod
    def of(cls, enrollment: enrollments.Enrollment) -> Self:
        """The type that shows an enrollment."""
        return cls(
            id=strawberry.ID(str(enrollment.id)),
            user_id=strawberry.ID(str(enrollment.user_id)),
            course_id=strawberry.ID(str(enrollment.course_id)),
            enrolled_at=enrollment.enrolled_at,
            progress=enrollment.progress,
            user_key=enrollment.user_id,
            course_key=enrollment.course_id,
        )

    @strawberry.field(description="The learner; null once they are gone.")
    async def user(self, info: Info) -> User | None:
        """The learner."""
        return await user_by_id(self.user_key, info)

    @strawberry.field(description="The course; null once it is gone.")
    async def course(self, info: Info) -> Course | None:
        """The course."""
        return await course_by_id(self.course_key, info)


@strawberry.type
class EnrollmentQueries:
    """What can be asked about enrollments."""

    @strawberry.field(
        description="The caller's enrollments by id.",
        permission_classes=[SignedIn],
        directives=[raises(NotSignedIn, TokenWithoutUser, Invalid)],
    )
    async def my_enrollments(
        self, info: Info, first: int | None = PAGE, after: str | None = None
    ) -> Connection[Enrollment]:
        """The caller's enrollments."""
        user_id = info.context.user_id
        page = Page.wanted(first, after, info.context.page_limit)
        read = partial(enrollments.of_user, user_id)
        return await connect(page, read, partial(enrollments.count_of_user, user_id), Enrollment.of)


@strawberry.type
class EnrollmentMutations:
    """Taking a course."""

    @strawberry.mutation(
        description="The caller takes a course, published or not.",
        permission_classes=[SignedIn],
        directives=[
            raises(NotSignedIn, TokenWithoutUser, CourseNotFound, AlreadyEnrolled, UserNotFound, Unfit)
        ],
    )
    async def enroll(self, info: Info, course_id: strawberry.ID) -> Enrollment:
        """The new enrollment."""
        # The course before the caller: a caller whom nobody knows is still told that there is no such course.
        course = await courses.get(integer(course_id, CourseNotFound, "courseId"))
        return Enrollment.of(await enrollments.enroll(course, info.context.user_id, info.context.now))


@strawberry.type
class EnrollmentSubscriptions:
    """What happens to enrollments."""

    @strawberry.subscription(
        description="The caller's enrollments as they are made, until the credential ends.",
        permission_classes=[SignedIn],
        directives=[raises(NotSignedIn, TokenWithoutUser)],
    )
    async def enrolled(self, info: Info) -> AsyncGenerator[Enrollment, None]:
        """The caller's enrollments from now on."""
        async with aclosing(enrollments.arrivals(info.context.user_id)) as arrivals:
            async for enrollment in arrivals:
                # A subscription may outlive the credential that it began with.
                if not await info.context.still_signed_in():
                    return
                yield Enrollment.of(enrollment)
