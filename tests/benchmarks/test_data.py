"""The data is what the models write, and always the same."""

from typing import Any

from pymongo import MongoClient
from pymongo.asynchronous.database import AsyncDatabase

from benchmarks import data
from models.characters import Character
from models.counters import Numbered
from models.courses import Course, CourseContent
from models.enrollments import Enrollment
from models.reviews import Review
from models.users import User
from server.embedded import Services
from tests.benchmarks.runs import stored

MADE: tuple[tuple[type[Numbered], data.Document], ...] = (
    (Course, data.course(7)),
    (CourseContent, data.lesson(7, 1, 2)),
    (User, data.user(2)),
    (Enrollment, data.enrollment(7, 2, 3)),
    (Review, data.review(7, 2)),
    (Character, data.character(7)),
)


async def test_every_document_is_as_its_model_would_write_it(database: AsyncDatabase[Any]) -> None:
    for kind, made in MADE:
        await kind.model_validate(made).insert()
        found = await kind.get_pymongo_collection().find_one({"_id": made["_id"]})
        assert stored(found) == stored(made), kind.__name__


async def test_measured_writes_are_taken_back(services: Services, database: AsyncDatabase[Any]) -> None:
    kept = [data.enrollment(number, 1, number) for number in (1, 2)]
    await database["enrollments"].insert_many([*kept, data.enrollment(3, 1, 3)])
    await database["measured"].insert_one({"_id": "data", "highest": {"enrollments": 2}})
    with MongoClient[data.Document](services.mongodb_uri) as client:
        assert [data.tidy(client[database.name]) for _ in range(2)] == [1, 0]
    assert [each["_id"] async for each in database["enrollments"].find()] == [1, 2]


def test_the_data_is_made_by_rule() -> None:
    assert data.course(20) == data.course(20)
    assert [data.course(number)["published"] for number in (9, 10, 11)] == [True, False, True]
    assert data.course(17)["created_at"]["text"] == "2025-01-06T08:47:00.134640"
    assert data.user(2)["created_at"]["text"] is None


def test_every_learner_takes_courses_of_the_lower_half_once() -> None:
    first = [each for each, _ in zip(data.enrollments(), range(2 * data.ENROLLMENTS), strict=False)]
    pairs = {(each["user_id"], each["course_id"]) for each in first}
    assert len(pairs) == 2 * data.ENROLLMENTS
    assert max(course for _, course in pairs) <= data.TAKEN < data.COURSES
    assert [each["_id"] for each in first] == list(range(1, 2 * data.ENROLLMENTS + 1))
