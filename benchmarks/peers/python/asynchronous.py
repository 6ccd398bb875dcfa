"""The reads and writes of the course platform on a driver for asyncio, Motor's or PyMongo's."""

from typing import Any

from pymongo import ReturnDocument
from pymongo.errors import DuplicateKeyError

from benchmarks.peers.python.documents import (
    ONLY_ID,
    PUBLIC,
    Document,
    already_enrolled,
    course_not_found,
    moment_now,
    page_after,
    revocation_id,
    token_of,
    unauthorized,
    user_id_of,
    user_not_found,
)


class Store:
    """The collections of one database."""

    def __init__(self, database: Any) -> None:
        self.courses = database["courses"]
        self.content = database["course_content"]
        self.users = database["users"]
        self.enrollments = database["enrollments"]
        self.counters = database["counters"]
        self.revocations = database["revocations"]

    async def course(self, course_id: int) -> Document:
        """A course; raises Refused."""
        course: Document | None = await self.courses.find_one({"_id": course_id})
        if course is None:
            raise course_not_found()
        return course

    async def published(self, limit: int, after: int | None = None) -> list[Document]:
        """Published courses by id, in one batch where the driver's first would end at 101."""
        wanted = self.courses.find(page_after(after), sort=[("_id", 1)], limit=limit, batch_size=limit + 1)
        found: list[Document] = await wanted.to_list(None)
        return found

    async def user(self, user_id: int) -> Document:
        """A user; raises Refused."""
        user: Document | None = await self.users.find_one({"_id": user_id}, PUBLIC)
        if user is None:
            raise user_not_found()
        return user

    async def enrollments_of(self, user_id: int, limit: int) -> list[Document]:
        """The user's enrollments by id."""
        own = self.enrollments.find(
            {"user_id": user_id}, sort=[("_id", 1)], limit=limit, batch_size=limit + 1
        )
        found: list[Document] = await own.to_list(None)
        return found

    async def enroll(self, course_id: int, user_id: int) -> Document:
        """The new enrollment; raises Refused."""
        await self.course(course_id)
        pair = {"user_id": user_id, "course_id": course_id}
        if await self.enrollments.find_one(pair, ONLY_ID) is not None:
            raise already_enrolled()
        if await self.users.find_one({"_id": user_id}, ONLY_ID) is None:
            raise user_not_found()
        counter = await self.counters.find_one_and_update(
            {"_id": "enrollments"},
            {"$inc": {"last": 1}},
            upsert=True,
            return_document=ReturnDocument.AFTER,
        )
        enrollment = {"_id": counter["last"], **pair, "enrolled_at": moment_now(), "progress": 0}
        try:
            await self.enrollments.insert_one(enrollment)
        except DuplicateKeyError as error:
            raise already_enrolled() from error
        return enrollment

    async def caller(self, authorization: str | None) -> int:
        """The user whom a valid token names; raises Refused."""
        token = token_of(authorization)
        user_id = user_id_of(token)
        if await self.revocations.find_one({"_id": revocation_id(token)}, ONLY_ID) is not None:
            raise unauthorized()
        return user_id

    async def by_id(self, collection: Any, ids: list[int], fields: Any = None) -> list[Document | None]:
        """Documents by id in the order of the ids, None where there is none."""
        documents = await collection.find({"_id": {"$in": ids}}, fields).to_list(None)
        found: dict[int, Document] = {document["_id"]: document for document in documents}
        return [found.get(id) for id in ids]

    async def content_by_course(self, course_ids: list[int]) -> list[list[Document]]:
        """The lessons of each course in their sequence."""
        lessons: dict[int, list[Document]] = {course_id: [] for course_id in course_ids}
        order = [("course_id", 1), ("sequence", 1)]
        wanted = self.content.find({"course_id": {"$in": course_ids}}, sort=order, batch_size=10_000)
        for lesson in await wanted.to_list(None):
            lessons[lesson["course_id"]].append(lesson)
        return [lessons[course_id] for course_id in course_ids]
