"""Courses in the graph: listed page by page, with all lessons in one more query."""

import pytest

from models.courses import Course
from schema import build
from schema.limits import Limits
from server.embedded import Services
from tests.commands import noted
from tests.schema.conftest import Graph

COURSES = """
query ($first: Int, $after: String) {
  courses(first: $first, after: $after) {
    edges { cursor node { id title } }
    pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
    totalCount
  }
}
"""

pytestmark = pytest.mark.usefixtures("school")


async def test_published_courses_page_by_page(graph: Graph) -> None:
    first = (await graph.data(COURSES, first=1))["courses"]
    assert first == {
        "edges": [{"cursor": "MQ", "node": {"id": "1", "title": "Course 1"}}],
        "pageInfo": {"hasNextPage": True, "hasPreviousPage": False, "startCursor": "MQ", "endCursor": "MQ"},
        "totalCount": 2,
    }
    second = (await graph.data(COURSES, first=1, after="MQ"))["courses"]
    assert second == {
        "edges": [{"cursor": "Mw", "node": {"id": "3", "title": "Course 3"}}],
        "pageInfo": {"hasNextPage": False, "hasPreviousPage": True, "startCursor": "Mw", "endCursor": "Mw"},
        "totalCount": 2,
    }
    assert (await graph.data(COURSES, first=0))["courses"] == {
        "edges": [],
        "pageInfo": {"hasNextPage": True, "hasPreviousPage": False, "startCursor": None, "endCursor": None},
        "totalCount": 2,
    }
    assert len((await graph.data(COURSES, first=None))["courses"]["edges"]) == 2


@pytest.mark.parametrize(
    ("variables", "message"),
    [
        ({"first": 101}, "first is 101, and must be 0 to 100."),
        ({"first": -1}, "first is -1, and must be 0 to 100."),
        ({"after": "x"}, "after is no cursor of this list."),
        ({"after": "MDE"}, "after is no cursor of this list."),
        ({"after": "é"}, "after is no cursor of this list."),
        ({"after": "OTk5OTk5OTk5OTk5OTk5OTk5OTk"}, "after is no cursor of this list."),
    ],
)
async def test_a_page_that_cannot_be_had_is_refused(
    graph: Graph, variables: dict[str, object], message: str
) -> None:
    answer = await graph.answer(COURSES, **variables)
    (error,) = answer["errors"]
    assert (error["message"], error["extensions"]["code"]) == (message, "INVALID")
    assert error["extensions"]["details"] == {"name": next(iter(variables))}


async def test_another_door_may_allow_larger_pages(graph: Graph) -> None:
    graph.schema, graph.page_limit = build(limits=Limits(cost=1_000_000)), 100_000
    assert (await graph.data(COURSES, first=100_000))["courses"]["totalCount"] == 2
    graph.page_limit = 1
    assert await graph.codes("{ courses(first: 2) { totalCount } }") == ["INVALID"]
    assert len((await graph.data(COURSES, first=None))["courses"]["edges"]) == 1


async def test_a_course_with_its_lessons_in_sequence(graph: Graph) -> None:
    query = """query ($id: ID!) {
      course(id: $id) {
        published createdAt description
        content { id courseId sequence title body course { id } }
      }
    }"""
    assert (await graph.data(query, id=1))["course"] == {
        "published": True,
        "createdAt": "2026-01-05T08:30:00.500000Z",
        "description": None,
        "content": [
            {
                "id": id,
                "courseId": "1",
                "sequence": sequence,
                "title": f"Lesson {id}",
                "body": None,
                "course": {"id": "1"},
            }
            for id, sequence in [("2", 1), ("3", 2), ("1", 3)]
        ],
    }
    draft = (await graph.data(query, id="2"))["course"]
    assert (draft["published"], len(draft["content"])) == (False, 1)


@pytest.mark.parametrize(
    ("id", "code"),
    [
        ("9", "COURSE_NOT_FOUND"),
        ("-1", "COURSE_NOT_FOUND"),
        ("9223372036854775807", "COURSE_NOT_FOUND"),
        ("9223372036854775808", "UNFIT"),
        ("-9223372036854775809", "UNFIT"),
        ("1" * 5000, "UNFIT"),
        ("01", "COURSE_NOT_FOUND"),
        ("+1", "COURSE_NOT_FOUND"),
        ("-0", "COURSE_NOT_FOUND"),
        ("1 ", "COURSE_NOT_FOUND"),
        ("１", "COURSE_NOT_FOUND"),
        ("abc", "COURSE_NOT_FOUND"),
        ("", "COURSE_NOT_FOUND"),
    ],
)
async def test_an_id_that_leads_nowhere(graph: Graph, id: str, code: str) -> None:
    assert await graph.codes("query ($id: ID!) { course(id: $id) { id } }", id=id) == [code]


async def test_a_list_costs_one_query_an_edge(graph: Graph, services: Services) -> None:
    for id in range(10, 30):
        await Course(id=id, published=True).insert()
    async with noted(services) as commands:
        data = await graph.data("{ courses { totalCount edges { node { content { course { title } } } } } }")
    assert commands.reads == ["courses", "course_content", "courses"]
    assert data["courses"]["totalCount"] == 22
