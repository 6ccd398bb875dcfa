"""The promise: an operation reads the keys that it shows and no others, and each document once."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
import strawberry
from strawberry.schema.config import StrawberryConfig

from models.courses import Course
from models.enrollments import Enrollment
from models.moments import Moment
from schema import build
from schema.context import Info
from schema.execution.seams import Execution, Schema
from schema.projection import keys
from schema.raw import RAW
from server.embedded import Services
from tests.commands import Commands, noted
from tests.schema.conftest import NOW, Graph

pytestmark = pytest.mark.usefixtures("school")


@pytest.fixture
async def commands(school: None, services: Services) -> AsyncIterator[Commands]:
    """What the models send."""
    async with noted(services) as sent:
        yield sent


@pytest.fixture(params=["stock", "eager"])
def execution(request: pytest.FixtureRequest, graph: Graph) -> Execution:
    """The interpreter, and plans."""
    execution: Execution = request.param
    graph.schema = build(execution=execution)
    return execution


def projections(commands: Commands) -> list[tuple[str, set[str]]]:
    return [(find["find"], set(find.get("projection", {"everything": 1}))) for find in commands.of("find")]


@pytest.mark.parametrize(
    ("query", "read"),
    [
        ("{ course(id: 1) { title } }", [("courses", {"_id", "title"})]),
        ("{ course(id: 1) { __typename } }", [("courses", {"_id"})]),
        ("{ course(id: 1) { id } }", [("courses", {"_id"})]),
        ("{ me { username createdAt } }", [("users", {"_id", "username", "created_at"})]),
        ("{ courses { edges { node { title } } } }", [("courses", {"_id", "title"})]),
        ("{ courses { pageInfo { endCursor } } }", [("courses", {"_id"})]),
        ("{ courses { edges { cursor node { id } } } }", [("courses", {"_id"})]),
        (
            "{ course(id: 1) { content { title } } }",
            [("courses", {"_id"}), ("course_content", {"_id", "course_id", "sequence", "title"})],
        ),
        (
            "{ dueReviews { edges { node { nextReview character { hanzi } } } } }",
            [
                ("reviews", {"_id", "next_review", "character_id"}),
                ("characters", {"_id", "hanzi"}),
            ],
        ),
        # Aliases, fragments on types and conditions, merged in whatever order they come.
        (
            """query ($no: Boolean = false) {
              a: course(id: 1) { ...Title @include(if: $no) id }
              b: course(id: 1) { ... on Course { published @skip(if: true) } ... @include(if: true) { id } }
            }
            fragment Title on Course { title ...More }
            fragment More on Course { description ...on Course { ...Again } }
            fragment Again on Course { title }""",
            [("courses", {"_id", "title", "description", "published"})],
        ),
    ],
)
async def test_only_what_is_shown_is_read(
    graph: Graph, execution: Execution, commands: Commands, query: str, read: list[tuple[str, set[str]]]
) -> None:
    await graph.data(query, 1)
    assert projections(commands) == read


async def test_conditions_never_leave_a_field_unread(graph: Graph, execution: Execution) -> None:
    query = """query ($title: Boolean!, $more: Boolean!) {
      course(id: 1) { id title @include(if: $title) ... @include(if: $more) { published } }
    }"""
    for title in (True, False, True):
        for more in (False, True):
            shown: dict[str, object] = {"id": "1"}
            if title:
                shown["title"] = "Course 1"
            if more:
                shown["published"] = True
            assert await graph.data(query, title=title, more=more) == {"course": shown}


async def test_a_document_is_read_once_for_all_its_places(
    graph: Graph, execution: Execution, commands: Commands
) -> None:
    query = """{
      course(id: 1) { title content { title course { description content { course { published } } } } }
    }"""
    data = await graph.data(query)
    assert data["course"]["content"][0]["course"]["content"][0]["course"] == {"published": True}
    assert projections(commands) == [
        ("courses", {"_id", "title", "description", "published"}),
        ("course_content", {"_id", "course_id", "sequence", "title"}),
    ]


async def test_equal_edges_of_a_list_are_one_query_for_each_kind(
    graph: Graph, execution: Execution, commands: Commands
) -> None:
    for id in range(1, 4):
        await Enrollment(id=id, user_id=1, course_id=id, enrolled_at=Moment.of(NOW)).insert()
    commands.sent.clear()
    query = "{ myEnrollments { edges { node { user { username } course { title } } } } }"
    data = await graph.data(query, 1)
    assert [edge["node"]["course"]["title"] for edge in data["myEnrollments"]["edges"]] == [
        "Course 1",
        "Course 2",
        "Course 3",
    ]
    read = projections(commands)
    assert read[0] == ("enrollments", {"_id", "user_id", "course_id"})
    assert sorted(read[1:]) == [("courses", {"_id", "title"}), ("users", {"_id", "username"})]


async def test_the_answer_to_a_mutation_sees_what_it_wrote(
    graph: Graph, execution: Execution, commands: Commands
) -> None:
    query = """mutation {
      first: enroll(courseId: 1) { course { title } }
      second: enroll(courseId: 3) { course { title } user { username } }
    }"""
    data = await graph.data(query, 1)
    assert data["second"] == {"course": {"title": "Course 3"}, "user": {"username": "ada"}}
    # Before the first write, for its answer, before the second, for its answer: nothing is remembered across.
    assert commands.reads.count("courses") == 4


@strawberry.interface
class Named:
    name: str

    @classmethod
    def resolve_type(cls, source: Any, info: Any, type: Any) -> str:
        return str(source["kind"])


@strawberry.type
class Cat(Named):
    lives: int

    @classmethod
    def is_type_of(cls, source: Any, info: Any) -> bool:
        return True


@strawberry.type
class Dog(Named):
    tricks: int

    @classmethod
    def is_type_of(cls, source: Any, info: Any) -> bool:
        return True

    @strawberry.field
    def greeting(root: dict[str, Any]) -> str:
        return f"I am {root['name']}."


SEEN: list[Any] = []


@strawberry.type
class Query:
    @strawberry.field(graphql_type=Named)
    def pet(self, info: Info, kind: str) -> dict[str, Any]:
        SEEN.append(keys(info))
        return {"kind": kind, "name": "Rex", "lives": 9, "tricks": 1}

    @strawberry.field(graphql_type=Cat)
    def cat(self, info: Info) -> dict[str, Any]:
        SEEN.append(keys(info))
        return {"name": "Tom", "lives": 7}

    @strawberry.field(graphql_type=Dog)
    def dog(self, info: Info) -> dict[str, Any]:
        SEEN.append(keys(info))
        return {"name": "Bo", "tricks": 2}


@pytest.mark.parametrize(
    ("query", "seen"),
    [
        ('{ cat { name } pet(kind: "Cat") { ... on Cat { lives } } }', ("lives", "name")),
        ("{ cat { ... on Named { name ... on Dog { tricks } } } }", ("name",)),
        ("{ dog { name greeting } }", None),
        ('{ dog { tricks } pet(kind: "Dog") { ... on Dog { greeting } } }', None),
    ],
)
async def test_interfaces_are_looked_through_and_undeclared_needs_are_everything(
    query: str, seen: object
) -> None:
    SEEN.clear()
    schema = Schema(
        query=Query, types=[Cat, Dog], config=StrawberryConfig(default_resolver=RAW), execution="stock"
    )
    result = await schema.execute(query)
    assert result.errors is None
    assert SEEN[0] == seen


async def test_projections_of_many_documents_are_bounded(
    graph: Graph, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("schema.projection.KEPT", 3)
    graph.schema = build(execution="stock")
    for number in range(8):
        data = await graph.data(f"{{ course(id: 1) {{ a{number}: title }} }}")
        assert data == {"course": {f"a{number}": "Course 1"}}


async def test_raw_sources_are_read_by_key_and_others_by_attribute() -> None:
    assert RAW({"_id": 3}, "id") == 3
    assert RAW({"title": "t"}, "title") == "t"
    assert RAW({}, "title") is None
    assert RAW(Moment.of(NOW), "us") == 456
    assert await Course.count() == 3
