"""Taking a course, through the graph."""

import asyncio
from collections.abc import AsyncGenerator
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import pytest

from models import revocations
from models.courses import Course
from models.enrollments import Enrollment
from models.moments import Moment
from tests.schema.conftest import NOBODY, NOW, Graph

ENROLL = """mutation ($id: ID!) {
  enroll(courseId: $id) { id userId courseId progress enrolledAt user { username } course { title } }
}"""
MINE = "{ myEnrollments { edges { node { courseId course { title } user { id } } } totalCount } }"

pytestmark = pytest.mark.usefixtures("school")


async def test_a_learner_takes_courses_and_sees_them(graph: Graph) -> None:
    assert (await graph.data(ENROLL, 1, id="2"))["enroll"] == {
        "id": "1",
        "userId": "1",
        "courseId": "2",
        "progress": 0,
        "enrolledAt": "2026-01-01T09:30:00.123456Z",
        "user": {"username": "ada"},
        "course": {"title": "Course 2"},
    }
    await graph.data(ENROLL, 1, id="3")
    await graph.data(ENROLL, 2, id="3")
    assert await graph.data(MINE, 1) == {
        "myEnrollments": {
            "edges": [
                {"node": {"courseId": id, "course": {"title": f"Course {id}"}, "user": {"id": "1"}}}
                for id in ("2", "3")
            ],
            "totalCount": 2,
        }
    }
    page = "query ($after: String) { myEnrollments(first: 1, after: $after) { totalCount } }"
    assert await graph.data(page, 1, after="MQ") == {"myEnrollments": {"totalCount": 2}}


@pytest.mark.parametrize(
    ("subject", "id", "code"),
    [
        (NOBODY, "1", "NOT_SIGNED_IN"),
        (None, "99", "COURSE_NOT_FOUND"),
        (None, "1", "TOKEN_WITHOUT_USER"),
        (99, "x", "COURSE_NOT_FOUND"),
        (99, "99", "COURSE_NOT_FOUND"),
        (99, str(2**63), "UNFIT"),
        (99, "1", "USER_NOT_FOUND"),
        (2, "3", "ALREADY_ENROLLED"),
    ],
)
async def test_a_refusal_names_the_first_thing_in_the_way(
    graph: Graph, subject: object, id: str, code: str
) -> None:
    await Enrollment(id=1, user_id=2, course_id=3, enrolled_at=Moment.of(NOW)).insert()
    assert await graph.codes(ENROLL, subject, id=id) == [code]
    assert await Enrollment.count() == 1


async def test_mine_needs_a_caller(graph: Graph) -> None:
    assert await graph.codes(MINE) == ["NOT_SIGNED_IN"]
    assert await graph.codes(MINE, "abc") == ["TOKEN_WITHOUT_USER"]
    assert await graph.codes("{ myEnrollments(first: 101) { totalCount } }", 1) == ["INVALID"]


async def test_what_is_gone_is_null(graph: Graph) -> None:
    await Enrollment(id=1, user_id=77, course_id=88, enrolled_at=Moment.of(NOW)).insert()
    data = await graph.data("{ myEnrollments { edges { node { user { id } course { id } } } } }", 77)
    assert data == {"myEnrollments": {"edges": [{"node": {"user": None, "course": None}}]}}


async def subscribe(graph: Graph, query: str, subject: object) -> AsyncGenerator[Any, None]:
    return cast(
        AsyncGenerator[Any, None], await graph.schema.subscribe(query, context_value=graph.context(subject))
    )


async def test_new_enrollments_are_told_as_they_are_made(graph: Graph) -> None:
    await Course(id=50, title="Course 50").insert()
    stream = await subscribe(graph, "subscription { enrolled { courseId course { title } } }", 1)
    waiting = asyncio.ensure_future(anext(stream))
    while not waiting.done():
        # The stream starts somewhere in here; until then nothing is told.
        await Enrollment.delete_all()
        await graph.data(ENROLL, 2, id="50")
        await graph.data(ENROLL, 1, id="50")
        await asyncio.wait([waiting], timeout=0.3)
    assert waiting.result().data == {"enrolled": {"courseId": "50", "course": {"title": "Course 50"}}}
    await stream.aclose()


@pytest.mark.parametrize(("subject", "code"), [(NOBODY, "NOT_SIGNED_IN"), (None, "TOKEN_WITHOUT_USER")])
async def test_a_subscription_needs_a_caller(graph: Graph, subject: object, code: str) -> None:
    stream = await subscribe(graph, "subscription { enrolled { id } }", subject)
    results = [result async for result in stream]
    assert [[error.extensions["code"] for error in result.errors] for result in results] == [[code]]


async def test_a_subscription_ends_with_its_credential(graph: Graph) -> None:
    await Course(id=50, title="Course 50").insert()
    stream = await subscribe(graph, "subscription { enrolled { id } }", 1)
    waiting = asyncio.ensure_future(anext(stream, None))
    await revocations.revoke("credential", datetime.now(UTC) + timedelta(hours=1))
    while not waiting.done():
        await Enrollment.delete_all()
        await graph.data(ENROLL, 1, id="50")
        await asyncio.wait([waiting], timeout=0.3)
    assert waiting.result() is None


async def test_a_subscription_that_is_given_up_leaves_nothing_open(graph: Graph) -> None:
    stream = await subscribe(graph, "subscription { enrolled { id } }", 1)
    waiting = asyncio.ensure_future(anext(stream))
    while not await change_streams():
        await asyncio.sleep(0.05)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    await stream.aclose()
    # The server notices within the second for which it waits for changes.
    for _ in range(50):
        if not (left := await change_streams()):
            break
        await asyncio.sleep(0.1)
    assert left == []


async def change_streams() -> list[dict[str, Any]]:
    """The cursors that MongoDB keeps open on enrollments."""
    collection = Enrollment.get_pymongo_collection()
    stages: list[dict[str, Any]] = [
        {"$currentOp": {"idleCursors": True, "localOps": True}},
        {"$match": {"ns": collection.full_name, "cursor": {"$exists": True}}},
    ]
    operations = await collection.database.client.admin.aggregate(stages)
    return await operations.to_list()
