"""Enrollments: who takes which course."""

import asyncio
from collections.abc import AsyncGenerator
from datetime import datetime
from typing import Required, Self, TypedDict, cast

from pymongo import IndexModel
from pymongo.errors import DuplicateKeyError

from models import courses, raw, users
from models.counters import Numbered, next_id
from models.errors import AlreadyEnrolled, CourseNotFound, UserNotFound
from models.inserts import Inserts
from models.joins import Load
from models.lanes import Pages, Unique
from models.moments import Moment, StoredMoment
from models.raw import Fields
from models.rows import Row
from models.text import INT


class Enrollment(Numbered):
    """A learner takes a course, once."""

    user_id: int
    course_id: int
    enrolled_at: Moment
    progress: int = 0

    class Settings:
        name = "enrollments"
        indexes = [IndexModel([("user_id", 1), ("course_id", 1)], unique=True)]

    @classmethod
    def from_row(cls, row: Row) -> Self:
        """The enrollment in a legacy row; raises BadValue."""
        return cls(
            id=row.whole("id"),
            user_id=row.whole("user_id"),
            course_id=row.whole("course_id"),
            enrolled_at=row.moment("enrolled_at"),
            progress=row.whole("progress", INT),
        )


class StoredEnrollment(TypedDict, total=False):
    """An enrollment as it is stored."""

    _id: Required[int]
    user_id: int
    course_id: int
    enrolled_at: StoredMoment
    progress: int


# Enough to tell that a document is there.
PRESENT: Fields = ()
INSERTS = Inserts(Enrollment)
OF_USER_AND_COURSE: Unique[StoredEnrollment] = Unique(Enrollment, "user_id", "course_id")
OF_USER: Pages[StoredEnrollment] = Pages(Enrollment, "user_id", wanted=lambda user_id: {"user_id": user_id})


async def enroll(course_id: int, user_id: int, now: datetime) -> StoredEnrollment:
    """The new enrollment, with no progress yet; unpublished courses can be taken too."""
    course, taken, user = await asyncio.gather(
        courses.BY_ID.load(course_id, PRESENT).future(),
        OF_USER_AND_COURSE.load((user_id, course_id), PRESENT).future(),
        users.BY_ID.load(user_id, PRESENT).future(),
    )
    if course is None:
        raise CourseNotFound
    if taken is not None:
        raise AlreadyEnrolled
    if user is None:
        raise UserNotFound
    enrollment = Enrollment(
        id=await next_id(Enrollment), user_id=user_id, course_id=course_id, enrolled_at=Moment.of(now)
    )
    try:
        return cast(StoredEnrollment, await INSERTS.add(enrollment))
    except DuplicateKeyError as error:
        raise AlreadyEnrolled from error


def of_user(
    user_id: int, after: int | None, limit: int, fields: Fields = None
) -> Load[list[StoredEnrollment]]:
    """The user's enrollments by id, from the one after `after`."""
    return OF_USER.load((user_id, after, limit), fields)


async def count_of_user(user_id: int) -> int:
    """How many courses the user takes."""
    return await raw.collection(Enrollment).count_documents({"user_id": user_id})


async def arrivals(user_id: int) -> AsyncGenerator[StoredEnrollment, None]:
    """The user's enrollments as they are made, from now on."""
    inserted = {"$match": {"operationType": "insert", "fullDocument.user_id": user_id}}
    async with await raw.collection(Enrollment).watch([inserted]) as stream:
        async for change in stream:
            yield change["fullDocument"]
