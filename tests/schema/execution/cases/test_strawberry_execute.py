"""What a schema does with the errors of an answer: handed to `process_errors` as they were, then dressed."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
import strawberry
from graphql import GraphQLError
from strawberry.extensions import MaskErrors, SchemaExtension
from strawberry.types import ExecutionResult

from models.errors import CourseNotFound
from schema.errors import SURPRISE
from schema.execution.plan import Plan
from schema.execution.seams import Execution, Schema
from tests.schema.execution.cases.runner import told


@strawberry.type
class Thing:
    word: str = "w"

    @strawberry.field
    def secret(self) -> str | None:
        raise RuntimeError("the password is hunter2")

    @strawberry.field
    async def missing(self, id: int = 1) -> str | None:
        raise CourseNotFound(id=id)

    @strawberry.field
    async def own(self) -> str | None:
        raise GraphQLError("own", extensions={"code": "OWN"})

    @strawberry.field
    def must(self) -> str:
        return None  # type: ignore[return-value]  # what is tested


@strawberry.type
class Query(Thing):
    @strawberry.field
    def things(self) -> list[Thing]:
        return [Thing(), Thing()]


@strawberry.type
class Mutation:
    @strawberry.mutation
    async def thing(self) -> Thing | None:
        return Thing()


@strawberry.type
class Subscription:
    @strawberry.subscription
    async def thing(self, times: int = 1) -> AsyncIterator[Thing]:
        for _ in range(times):
            yield Thing()


class Watched(Schema):
    """A schema that keeps what was handed to it."""

    def process_errors(self, errors: list[GraphQLError], execution_context: Any = None) -> None:
        processed.append(told(errors))
        super().process_errors(errors, execution_context)


processed: list[list[str]] = []


def schema(execution: Execution, *extensions: Any) -> Watched:
    """A schema whose documents are compiled at once, or never."""
    return Watched(Query, Mutation, Subscription, execution=execution, extensions=extensions)


WAYS = {
    "plan": schema("eager"),
    "interpreter": schema("stock"),
    "plan, with another's extension": schema("eager", SchemaExtension),
    "interpreter, with another's extension": schema("stock", SchemaExtension),
}
INTERNAL, MISSING = f"{SURPRISE} {{'code': 'INTERNAL'}}", "There is no course with this id."
CODE = "{'code': 'COURSE_NOT_FOUND', 'details': {'id': 1}}"
PASSWORD = "the password is hunter2"
NULL = "Cannot return null for non-nullable field"

# The document, its data, its errors as they were, and as a client sees them.
ANSWERS: list[tuple[str, Any, list[str], list[str]]] = [
    ("{ word }", {"word": "w"}, [], []),
    (
        "{ word secret }",
        {"word": "w", "secret": None},
        [f"secret 1:8 {PASSWORD}"],
        [f"secret 1:8 {INTERNAL}"],
    ),
    ("{ missing }", {"missing": None}, [f"missing 1:3 {MISSING}"], [f"missing 1:3 {MISSING} {CODE}"]),
    ("{ own }", {"own": None}, ["own 1:3 own {'code': 'OWN'}"], [f"own 1:3 {INTERNAL}"]),
    ("{ must }", None, [f"must 1:3 {NULL} Query.must."], [f"must 1:3 {INTERNAL}"]),
    (
        "{ things { secret } }",
        {"things": [{"secret": None}] * 2},
        [f"things.{index}.secret 1:12 {PASSWORD}" for index in (0, 1)],
        [f"things.{index}.secret 1:12 {INTERNAL}" for index in (0, 1)],
    ),
    (
        "mutation { thing { must } }",
        {"thing": None},
        [f"thing.must 1:20 {NULL} Thing.must."],
        [f"thing.must 1:20 {INTERNAL}"],
    ),
    (
        'query ($v: Int = "x") { missing(id: $v) }',
        None,
        ['- 1:18 Int cannot represent non-integer value: "x"'],
        ["- 1:18 Int cannot represent non-integer value: \"x\" {'code': 'INVALID'}"],
    ),
    (
        "query ($v: Int!) { missing(id: $v) }",
        None,
        ["- 1:8 Variable '$v' has invalid value: Expected a value of non-null type 'Int!' to be provided."],
        [
            "- 1:8 Variable '$v' has invalid value: Expected a value of non-null type 'Int!' to be provided."
            " {'code': 'INVALID'}"
        ],
    ),
]


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("document, data, raised, shown", ANSWERS, ids=[row[0] for row in ANSWERS])
async def test_answers(way: str, document: str, data: Any, raised: list[str], shown: list[str]) -> None:
    processed.clear()
    result = await WAYS[way].execute(document, root_value=Query())
    assert isinstance(result, ExecutionResult)
    assert result.data == data
    assert processed == ([raised] if raised else [])
    assert told(result.errors) == shown


@pytest.mark.parametrize("way", WAYS)
async def test_events(way: str) -> None:
    processed.clear()
    answers = await WAYS[way].subscribe("subscription { thing(times: 2) { word secret } }")
    assert not isinstance(answers, ExecutionResult)
    async for answer in answers:
        assert answer.data == {"thing": {"word": "w", "secret": None}}
        assert told(answer.errors) == [f"thing.secret 1:39 {INTERNAL}"]
    assert processed == [[f"thing.secret 1:39 {PASSWORD}"]] * 2


@pytest.mark.parametrize("way", ["plan", "plan, with another's extension"])
@pytest.mark.parametrize("document", [row[0] for row in ANSWERS if row[1] is not None])
def test_these_documents_have_plans(way: str, document: str) -> None:
    known = WAYS[way].documents.find(document, None)
    assert isinstance(known.plan, Plan)


@pytest.mark.parametrize("execution", ["eager", "stock"])
async def test_masked_errors(execution: Execution) -> None:
    """What masks errors masks those of a plan too, and sees them after `process_errors` did."""
    processed.clear()
    masked = schema(execution, MaskErrors)
    result = await masked.execute("{ secret missing }", root_value=Query())
    assert isinstance(result, ExecutionResult)
    assert result.data == {"secret": None, "missing": None}
    assert [error.message for error in result.errors or ()] == ["Unexpected error."] * 2
    assert processed == [[f"secret 1:3 {PASSWORD}", f"missing 1:10 {MISSING}"]]
    assert (masked.documents.find("{ secret missing }", None).plan is not None) is (execution == "eager")
