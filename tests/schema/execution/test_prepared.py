"""A prepared document answers with data or one failure, by its plan or without one."""

import logging
from typing import Any

import pytest
import strawberry

from models.errors import CourseNotFound, Invalid
from schema.execution.cache import PLAN
from schema.execution.prepared import BadDocument, Failure, Prepared, prepare
from schema.execution.seams import OFF, Schema
from schema.limits import Limits

CONTEXT: Any = None


@strawberry.type
class Query:
    @strawberry.field
    def number(self, of: int = 1) -> int:
        return of

    @strawberry.field
    async def later(self, of: int = 1) -> int:
        return of

    @strawberry.field
    def missing(self) -> int | None:
        raise CourseNotFound

    @strawberry.field
    def refused(self) -> int | None:
        raise Invalid("first is 7.", name="first")

    @strawberry.field
    def broken(self) -> int | None:
        raise RuntimeError("hunter2")

    @strawberry.field
    def extensions(self, info: strawberry.Info) -> str:
        return str(info.input_extensions)


@pytest.fixture(params=["compiled", "stock"])
def schema(request: pytest.FixtureRequest) -> Schema:
    # The limits are for the documents of others.
    return Schema(Query, execution=request.param, limits=Limits(tokens=1, cost=1))


def document(schema: Schema, text: str) -> Prepared:
    return prepare(schema, text, "operations/a.graphql")


async def test_it_answers_with_data(schema: Schema) -> None:
    prepared = document(schema, "query($n: Int!) { body: number(of: $n) later(of: $n) extensions }")
    for number in (1, 2):
        data = await prepared.run({"n": number}, CONTEXT)
        assert data == {"body": number, "later": number, "extensions": "None"}


def test_it_is_compiled_at_once_and_kept_apart_from_those_of_others() -> None:
    schema, stock = Schema(Query), Schema(Query, execution="stock")
    assert document(schema, "{ number }").reason == PLAN
    assert document(stock, "{ number }").reason == OFF
    assert (len(schema.documents), schema.documents.runs) == (0, {})


@pytest.mark.parametrize(
    ("text", "variables", "failure"),
    [
        ("{ number missing }", {}, Failure("COURSE_NOT_FOUND", {})),
        ("{ refused missing }", {}, Failure("INVALID", {"name": "first"})),
        ("{ broken }", {}, Failure("INTERNAL", {})),
    ],
)
async def test_it_answers_with_the_first_failure(
    schema: Schema, text: str, variables: dict[str, Any], failure: Failure
) -> None:
    assert await document(schema, text).run(variables, CONTEXT) == failure


async def test_a_value_that_a_variable_does_not_take_is_unfit(schema: Schema) -> None:
    prepared = document(schema, "query($n: Int!) { number(of: $n) }")
    for value in ("one", None, 2**40):
        failed = await prepared.run({"n": value}, CONTEXT)
        assert isinstance(failed, Failure)
        assert failed.code == "UNFIT" and failed.details["reason"].startswith("Variable '$n' ")


async def test_only_surprises_are_logged(schema: Schema, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO):
        await document(schema, "{ missing refused }").run({}, CONTEXT)
        assert caplog.records == []
        await document(schema, "{ a: broken }").run({}, CONTEXT)
    assert [record.getMessage() for record in caplog.records] == ["GraphQL field a failed."]


@pytest.mark.parametrize(
    ("text", "reasons"),
    [
        ("{\n number(", [(2, "Syntax Error: Expected Name, found <EOF>.")]),
        ("{\n\n nothing }", [(3, "Cannot query field 'nothing' on type 'Query'.")]),
        (
            "query A { number } query B { number }",
            [(1, "A prepared document holds one query or one mutation.")],
        ),
        ("fragment A on Query { number }", [(1, "Fragment 'A' is never used.")]),
    ],
)
def test_what_the_schema_refuses_is_named_with_its_line(text: str, reasons: list[tuple[int, str]]) -> None:
    with pytest.raises(BadDocument) as refused:
        document(Schema(Query), text)
    assert refused.value.reasons == reasons
