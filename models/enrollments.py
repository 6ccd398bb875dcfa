"""Enrollments: who takes which course."""

from collections.abc import AsyncGenerator
from datetime import datetime
from typing import Any, Self

from pymongo import IndexModel
from pymongo.errors import DuplicateKeyError

from models import users
from models.counters import Numbered, next_id
from models.courses import Course
from models.errors import AlreadyEnrolled
from models.moments import Moment
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


async def enroll(course: Course, user_id: int, now: datetime) -> Enrollment:
    """The new enrollment, with no progress yet; unpublished courses can be taken too."""
    if await Enrollment.find_one({"user_id": user_id, "course_id": course.id}) is not None:
        raise AlreadyEnrolled
    user = await users.get(user_id)
    enrollment = Enrollment(
        id=await next_id(Enrollment), user_id=user.id, course_id=course.id, enrolled_at=Moment.of(now)
    )
    try:
        await enrollment.insert()
    except DuplicateKeyError as error:
        raise AlreadyEnrolled from error
    return enrollment


async def of_user(user_id: int, after: int | None, limit: int) -> list[Enrollment]:
    """The user's enrollments by id, from the one after `after`."""
    own: dict[str, Any] = {"user_id": user_id}
    if after is not None:
        own["_id"] = {"$gt": after}
    return await Enrollment.find(own).sort("_id").limit(limit).to_list()


async def count_of_user(user_id: int) -> int:
    """How many courses the user takes."""
    return await Enrollment.find({"user_id": user_id}).count()


async def arrivals(user_id: int) -> AsyncGenerator[Enrollment, None]:
    """The user's enrollments as they are made, from now on."""
    inserted = {"$match": {"operationType": "insert", "fullDocument.user_id": user_id}}
    async with await Enrollment.get_pymongo_collection().watch([inserted]) as stream:
        async for change in stream:
            yield Enrollment.model_validate(change["fullDocument"])
