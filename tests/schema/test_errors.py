"""Every error has a code; what nobody expected is logged and told to nobody."""

import logging
from collections.abc import AsyncGenerator, Callable
from typing import Any

import pytest
import strawberry

import schema
from models.errors import CourseNotFound, EmailTaken
from schema.directives import raises
from schema.execution.seams import Schema
from schema.limits import Limits
from tests.schema.conftest import Graph
from tests.serving import EXECUTION


@strawberry.type
class Query:
    @strawberry.field
    def broken(self) -> str:
        raise RuntimeError("the password is hunter2")

    @strawberry.field
    def undeclared(self) -> str:
        raise CourseNotFound

    @strawberry.field(directives=[raises(EmailTaken)])
    def declared(self) -> str:
        raise EmailTaken(email="a")

    @strawberry.field
    def number(self, at_most: int = 1) -> int:
        return 2**40

    @strawberry.field
    def nothing(self) -> str:
        return None  # type: ignore[return-value]  # the mistake


@strawberry.type
class Subscription:
    @strawberry.subscription(directives=[raises(EmailTaken)])
    async def counted(self, to: int) -> AsyncGenerator[int, None]:
        yield 1
        if to > 1:
            raise EmailTaken(email="a")
        raise RuntimeError("hunter2")


@pytest.fixture
def odd(graph: Graph) -> Graph:
    graph.schema = Schema(Query, subscription=Subscription, execution=EXECUTION)
    return graph


@pytest.mark.parametrize(
    ("query", "code", "message"),
    [
        ("{ broken }", "INTERNAL", "Something went wrong on our side"),
        ("{ number }", "INTERNAL", "Something went wrong on our side"),
        ("{ nothing }", "INTERNAL", "Something went wrong on our side"),
        ("{ declared }", "EMAIL_TAKEN", "This e-mail address is registered already"),
        (
            "{ undeclared }",
            "INTERNAL",
            "Query.undeclared raised COURSE_NOT_FOUND, which it does not declare.",
        ),
        ("{", "INVALID", "Syntax Error: Expected Name, found <EOF>."),
        ("{ unknown }", "INVALID", "Cannot query field 'unknown' on type 'Query'."),
        ("query ($n: Int!) { number(atMost: $n) }", "INVALID", "Variable '$n' "),
        ("{ number(atMost: 5000000000) }", "INVALID", "Int cannot represent non 32-bit signed integer"),
    ],
)
async def test_every_error_has_a_code(odd: Graph, query: str, code: str, message: str) -> None:
    (error,) = (await odd.answer(query))["errors"]
    assert error["extensions"]["code"] == code
    assert error["message"].startswith(message)


async def test_an_argument_that_comes_to_nothing_is_the_clients_fault(odd: Graph) -> None:
    query = "query ($n: Int) { number(atMost: $n) }"
    assert await odd.codes(query, n=None) == ["INVALID"]


async def test_outside_tests_an_undeclared_code_is_just_told(odd: Graph) -> None:
    context = odd.context()
    context.strict_codes = False
    result = await odd.schema.execute("{ undeclared }", context_value=context)
    assert [error.extensions for error in result.errors or ()] == [{"code": "COURSE_NOT_FOUND"}]


async def test_only_surprises_are_logged_and_without_the_document(
    odd: Graph, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        await odd.answer("{ declared }")
        await odd.answer('{ unknown(password: "s3cret") }')
    assert [record for record in caplog.records if record.levelno >= logging.INFO] == []
    await odd.answer("{ broken @include(if: true) other: __typename @skip(if: false) a: declared }")
    (record,) = [record for record in caplog.records if record.levelno >= logging.INFO]
    assert (record.name, record.getMessage()) == ("schema.errors", "GraphQL field broken failed.")
    assert record.exc_info is not None and isinstance(record.exc_info[1], RuntimeError)


@pytest.mark.parametrize(("to", "code"), [(2, "EMAIL_TAKEN"), (1, "INTERNAL")])
async def test_errors_of_a_subscription_have_codes_too(odd: Graph, to: int, code: str) -> None:
    query = f"subscription {{ counted(to: {to}) }}"
    seen: list[Any] = []
    stream: Any = await odd.schema.subscribe(query, context_value=odd.context())
    async for result in stream:
        seen.append(result.data or [error.extensions["code"] for error in result.errors])
    assert seen == [{"counted": 1}, [code]]


async def test_a_malformed_subscription_has_a_code(odd: Graph) -> None:
    stream: Any = await odd.schema.subscribe("subscription { nope }", context_value=odd.context())
    assert [[error.extensions["code"] for error in result.errors] async for result in stream] == [["INVALID"]]


@pytest.mark.parametrize(
    ("query", "message"),
    [
        (
            "{ courses { edges { node { content { course { id } } } } } }",
            "'anonymous' exceeds maximum operation",
        ),
        ("{ a: __typename b: __typename c: __typename }", "3 aliases found. Allowed: 2"),
        ("{ " + "__typename " * 30 + "}", "Syntax Error: Document contains more than 30 tokens."),
    ],
)
async def test_a_document_that_asks_too_much_is_refused(graph: Graph, query: str, message: str) -> None:
    graph.schema = schema.build(limits=Limits(depth=4, aliases=2, tokens=30), execution=EXECUTION)
    (error,) = (await graph.answer(query))["errors"]
    assert (error["message"][: len(message)], error["extensions"]["code"]) == (message, "INVALID")


async def test_a_cached_refusal_stays_as_it_is(graph: Graph) -> None:
    ask: Callable[[], Any] = lambda: graph.answer("{ nope }")  # noqa: E731 - shortest here
    assert await ask() == await ask()


async def test_tools_can_read_the_schema(graph: Graph) -> None:
    from graphql import get_introspection_query

    assert "__schema" in await graph.data(get_introspection_query(input_value_deprecation=True))
