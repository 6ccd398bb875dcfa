"""Whichever way a document comes in, it is answered alike, by its plan or without one."""

import logging
from collections.abc import AsyncGenerator, Iterator
from types import SimpleNamespace
from typing import Any

import pytest
import strawberry
from graphql import ASTValidationRule, GraphQLError
from strawberry.directive import DirectiveLocation, DirectiveValue
from strawberry.exceptions import MissingQueryError
from strawberry.extensions import AddValidationRules, SchemaExtension
from strawberry.schema.exceptions import CannotGetOperationTypeError, InvalidOperationTypeError
from strawberry.types.graphql import OperationType

from models.errors import EmailTaken
from schema.directives import raises
from schema.execution import seams
from schema.execution.cache import PLAN
from schema.execution.known import NEW, REFUSED
from schema.execution.seams import FAILED, OFF, Schema
from schema.limits import Limits


@strawberry.type
class Item:
    number: int

    @strawberry.field
    async def double(self) -> int:
        return self.number * 2


@strawberry.type
class Query:
    @strawberry.field
    def items(self, first: int = 2, step: int = 1) -> list[Item]:
        return [Item(number=number * step) for number in range(first)]

    @strawberry.field(directives=[raises(EmailTaken)])
    def taken(self) -> int | None:
        raise EmailTaken(email="a")

    @strawberry.field
    def broken(self) -> int | None:
        raise RuntimeError("the password is hunter2")

    @strawberry.field
    def root(self) -> str:
        return str(self)

    @strawberry.field
    def extensions(self, info: strawberry.Info) -> str:
        return str(info.input_extensions)


@strawberry.type
class Mutation:
    @strawberry.mutation
    def add(self) -> int:
        return 1


@strawberry.type
class Subscription:
    @strawberry.subscription
    async def counted(self, to: int) -> AsyncGenerator[Item, None]:
        for number in range(to):
            yield Item(number=number)


class Silent(SchemaExtension):
    """Somebody else's extension, which does nothing."""

    def on_operation(self) -> Iterator[None]:
        """Lets everything pass."""
        yield


class Watching(SchemaExtension):
    """Somebody else's extension, which sees each field."""

    seen: list[str] = []

    def resolve(self, _next: Any, root: Any, info: Any, *args: Any, **kwargs: Any) -> Any:
        """Notes the field."""
        self.seen.append(info.field_name)
        return _next(root, info, *args, **kwargs)


def build(*extensions: Any, **options: Any) -> Schema:
    chosen: dict[str, Any] = {"execution": "eager", "limits": Limits(cost=1_000), **options}
    return Schema(Query, Mutation, Subscription, extensions=extensions, **chosen)


STOCK, EAGER, FOREIGN = build(execution="stock"), build(), build(Silent)
STRICT = SimpleNamespace(strict_codes=True)


async def answer(schema: Schema, query: str, **options: Any) -> dict[str, Any]:
    result = await schema.execute(query, context_value=STRICT, **options)
    return {"data": result.data, "errors": [error.formatted for error in result.errors or ()]}


async def streamed(schema: Schema, query: str, **options: Any) -> list[Any]:
    stream: Any = await schema.stream(query, context_value=STRICT, **options)
    return [
        (type(result).__name__, result.data, [error.formatted for error in result.errors or ()])
        async for result in stream
    ]


DOCUMENTS: list[tuple[str, dict[str, Any]]] = [
    ("{ items { number double } }", {}),
    ("query($n: Int!, $s: Int = 3) { items(first: $n, step: $s) { double } }", {"n": 3}),
    ("query($n: Int!) { items(first: $n) { double } }", {"n": "three"}),
    ("query($n: Int!) { items(first: $n) { double } }", {}),
    ("{ taken broken items { number } }", {}),
    ("mutation { add }", {}),
    ("mutation { other: add again: add }", {}),
    ("{ __schema { queryType { name } } }", {}),
    ("{", {}),
    ("{ nothing { at } all }", {}),
    ("{ items(first: 600) { number double } }", {}),
    ("{ __typename } { __typename }", {}),
    ("{ root }", {}),
]


@pytest.mark.parametrize(("query", "variables"), DOCUMENTS)
async def test_every_way_gives_the_same_answer(query: str, variables: dict[str, Any]) -> None:
    options: dict[str, Any] = {"variable_values": variables, "root_value": "a root"}
    expected = await answer(STOCK, query, **options)
    for schema in (EAGER, FOREIGN):
        assert await answer(schema, query, **options) == expected
        assert await answer(schema, query, **options) == expected
    ((_, data, errors),) = await streamed(STOCK, query, **options)
    assert {"data": data, "errors": errors} == expected
    assert await streamed(EAGER, query, **options) == await streamed(STOCK, query, **options)


@pytest.mark.parametrize("schema", [STOCK, EAGER, FOREIGN])
async def test_errors_have_codes_whatever_the_way(schema: Schema) -> None:
    codes = [error["extensions"]["code"] for error in (await answer(schema, "{ taken broken }"))["errors"]]
    assert codes == ["EMAIL_TAKEN", "INTERNAL"]
    (error,) = (await answer(schema, "{ items(first: 600) { number double } }"))["errors"]
    assert error == {
        "message": "The document costs up to 1201. Allowed: 1000",
        "extensions": {"code": "INVALID", "details": {"cost": 1_201, "limit": 1_000}},
    }


async def test_the_cost_depends_on_the_variables() -> None:
    query = "query($n: Int = 600) { items(first: $n) { number double } }"
    assert (await answer(EAGER, query, variable_values={"n": 1}))["errors"] == []
    for schema in (EAGER, FOREIGN):
        assert len((await answer(schema, query, variable_values={"n": 500}))["errors"]) == 1
        assert len((await answer(schema, query))["errors"]) == 1


async def test_requests_are_counted_by_how_they_are_run() -> None:
    schema = build(execution="compiled")
    for _ in range(4):
        await answer(schema, "{ items { number } }")
    await answer(schema, "{ nothing }")
    await answer(schema, "{")
    await streamed(schema, "{")
    await streamed(schema, "{ items { number } }")
    assert schema.documents.runs == {NEW: 2, PLAN: 3, REFUSED: 3}
    stock = build(execution="stock")
    for _ in range(4):
        await answer(stock, "{ items { number } }")
    assert stock.documents.runs == {NEW: 2, OFF: 2}


async def test_a_request_that_names_no_operation_to_run_is_refused_before_anything_runs() -> None:
    for schema in (STOCK, EAGER, FOREIGN):
        with pytest.raises(MissingQueryError):
            await schema.execute("")
        with pytest.raises(MissingQueryError):
            await schema.execute(None)
        with pytest.raises(CannotGetOperationTypeError):
            await schema.execute("query A { __typename }", operation_name="B")
        with pytest.raises(InvalidOperationTypeError):
            await schema.execute("mutation { add }", allowed_operation_types=[OperationType.QUERY])
        allowed = [OperationType.QUERY]
        assert (await schema.execute("{ __typename }", allowed_operation_types=allowed)).errors is None


async def test_the_name_chooses_the_operation_and_the_first_is_the_default() -> None:
    query = "query A { a: __typename } query B { b: __typename }"
    for schema in (STOCK, EAGER, FOREIGN):
        for name, key in (("A", "a"), ("B", "b"), (None, "a")):
            assert (await answer(schema, query, operation_name=name))["data"] == {key: "Query"}


async def test_what_is_no_text_is_left_to_strawberry() -> None:
    for schema in (STOCK, EAGER):
        odd: Any = ["{ __typename }"]
        (error,) = (await answer(schema, odd))["errors"]
        assert error["extensions"]["code"] == "INTERNAL"
        with pytest.raises(CannotGetOperationTypeError):
            await schema.execute("{ __typename }", operation_name=odd)


async def test_a_resolver_is_told_the_extensions_of_the_request() -> None:
    for schema in (STOCK, EAGER, FOREIGN):
        result = await schema.execute("{ extensions }", operation_extensions={"a": 1})
        assert result.data == {"extensions": "{'a': 1}"}


async def test_an_extension_that_sees_each_field_is_heard() -> None:
    schema = build(Watching)
    Watching.seen.clear()
    assert (await answer(schema, "{ items(first: 1) { double } }"))["data"] == {"items": [{"double": 0}]}
    assert Watching.seen == ["items", "double"]
    assert schema.documents.compiled == 0


async def test_directives_of_the_schema_are_run() -> None:
    @strawberry.directive(locations=[DirectiveLocation.FIELD])
    def louder(value: DirectiveValue[str]) -> str:
        return value.upper()

    schema = build(directives=[louder])
    assert (await answer(schema, "{ root @louder }", root_value="a root"))["data"] == {"root": "A ROOT"}


async def test_the_rules_of_other_extensions_hold() -> None:
    class NoItems(ASTValidationRule):
        def enter_field(self, node: Any, *_: Any) -> None:
            """Refuses one field."""
            if node.name.value == "items":
                self.report_error(GraphQLError("no items"))

    schema = build(lambda: AddValidationRules([NoItems]))
    (error,) = (await answer(schema, "{ items { number } }"))["errors"]
    assert error == {"message": "no items", "extensions": {"code": "INVALID"}}
    assert (await answer(schema, "{ root }", root_value="r"))["data"] == {"root": "r"}


@pytest.mark.parametrize("schema", [STOCK, EAGER, FOREIGN])
async def test_each_event_of_a_subscription_is_answered(schema: Schema) -> None:
    query = "subscription($n: Int!) { counted(to: $n) { number double } }"
    seen = await streamed(schema, query, variable_values={"n": 3})
    assert [data for _, data, _ in seen] == [
        {"counted": {"number": number, "double": number * 2}} for number in range(3)
    ]


async def test_the_events_of_a_subscription_are_answered_by_a_plan() -> None:
    schema = build()
    await streamed(schema, "subscription { counted(to: 3) { number } }")
    assert (schema.documents.runs, schema.documents.compiled) == ({PLAN: 1}, 1)


async def test_a_fault_of_the_compiler_costs_the_plan_and_not_the_answer(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("a fault")

    monkeypatch.setattr(seams, "compile_operation", fail)
    schema = build()
    assert (await answer(schema, "{ root }", root_value="r"))["data"] == {"root": "r"}
    assert schema.documents.runs == {FAILED: 1}
    assert [record.getMessage() for record in caplog.records] == ["A document could not be compiled."]


async def test_a_fault_outside_of_any_field_is_an_error_of_the_answer(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    schema = build()

    class Broken:
        only, bytes = True, 0

        def run(self, *_: object, **__: object) -> None:
            """Fails."""
            raise RuntimeError("hunter2")

    monkeypatch.setattr(schema, "compile", lambda *_: Broken())
    schema.documents._compile = schema.compile
    with caplog.at_level(logging.ERROR):
        (error,) = (await answer(schema, "{ __typename }"))["errors"]
    assert error["extensions"]["code"] == "INTERNAL" and "hunter2" not in error["message"]
    assert [record.getMessage() for record in caplog.records] == ["GraphQL field (none) failed."]


def test_the_schema_can_be_asked_without_a_loop() -> None:
    for schema in (STOCK, EAGER, FOREIGN):
        assert schema.execute_sync("{ root }", root_value="r").data == {"root": "r"}
        refused = schema.execute_sync("{ taken }").errors
        assert refused is not None and refused[0].extensions == {
            "code": "EMAIL_TAKEN",
            "details": {"email": "a"},
        }
