"""Reads of one request, joined: whatever is asked for in one turn of the event loop is one query."""

from collections import defaultdict
from collections.abc import Awaitable, Callable
from functools import cached_property
from typing import TypeVar

from strawberry.dataloader import DataLoader

from models import courses
from models.characters import Character
from models.counters import Numbered
from models.courses import Course, CourseContent
from models.users import User

# One query stays far below the 16 MB that a BSON document may have.
BATCH = 10_000

Document = TypeVar("Document", bound=Numbered)


def by_id(kind: type[Document]) -> Callable[[list[int]], Awaitable[list[Document | None]]]:
    """A batch read of documents by id, None where there is none."""

    async def load(ids: list[int]) -> list[Document | None]:
        found = {document.id: document async for document in kind.find({"_id": {"$in": list(set(ids))}})}
        return [found.get(id) for id in ids]

    return load


async def content(course_ids: list[int]) -> list[list[CourseContent]]:
    """A batch read of lessons by course."""
    lessons = defaultdict(list)
    for lesson in await courses.content(list(set(course_ids))):
        lessons[lesson.course_id].append(lesson)
    return [lessons[course_id] for course_id in course_ids]


class Loaders:
    """The edges of the graph; nothing is kept, so a long subscription reads what is there."""

    @cached_property
    def users(self) -> DataLoader[int, User | None]:
        """Users by id."""
        return DataLoader(by_id(User), max_batch_size=BATCH, cache=False)

    @cached_property
    def courses(self) -> DataLoader[int, Course | None]:
        """Courses by id, published or not."""
        return DataLoader(by_id(Course), max_batch_size=BATCH, cache=False)

    @cached_property
    def content(self) -> DataLoader[int, list[CourseContent]]:
        """Lessons by course, in their sequence."""
        return DataLoader(content, max_batch_size=BATCH, cache=False)

    @cached_property
    def characters(self) -> DataLoader[int, Character | None]:
        """Characters by id."""
        return DataLoader(by_id(Character), max_batch_size=BATCH, cache=False)
