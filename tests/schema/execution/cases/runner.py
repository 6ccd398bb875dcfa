"""Documents with their whole answer, asked of graphql-core's interpreter and of a compiled plan."""

import asyncio
import inspect
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from operator import attrgetter
from typing import Any, Protocol

import pytest
from graphql import (
    DocumentNode,
    ExecutionResult,
    Executor,
    GraphQLError,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLUnionType,
    build_schema,
    create_source_event_stream,
    execute,
    parse,
    subscribe,
    validate,
)
from strawberry.execution import optimized_is_awaitable
from strawberry.schema.schema import StrawberryGraphQLCoreExecutionContext

from schema.execution.plan import Plan, Uncompiled, compile_event, compile_operation


@dataclass(frozen=True, kw_only=True)
class Case:
    """A document, what it is asked with, and its answer.

    A function as root or context makes a fresh one for each run. An error reads "path places message", with
    its extensions behind it where there are any. The context is a list unless another is given; the effects
    are what resolvers leave in it.
    """

    id: str
    document: str
    data: Any
    errors: Sequence[str] = ()
    root: Any = None
    variables: Mapping[str, Any] = field(default_factory=dict)
    context: Any = list
    effects: list[Any] | None = None
    operation: str | None = None
    stays_stock: str | None = None
    valid: bool = True


class Run(Protocol):
    """One way to run a document; answers at once when nothing had to be awaited."""

    def __call__(
        self,
        schema: GraphQLSchema,
        document: DocumentNode,
        *,
        root: Any = None,
        context: Any = None,
        variables: Mapping[str, Any] | None = None,
        operation: str | None = None,
    ) -> Any: ...


def interpreted(
    schema: GraphQLSchema,
    document: DocumentNode,
    *,
    root: Any = None,
    context: Any = None,
    variables: Mapping[str, Any] | None = None,
    operation: str | None = None,
) -> Any:
    """What graphql-core answers, with the executor that Strawberry gives it for its own schemas."""
    return execute(schema, document, root, context, dict(variables or {}), operation, **strawberrys(schema))


def strawberrys(schema: GraphQLSchema) -> dict[str, Any]:
    """What Strawberry hands to graphql-core for its own schemas."""
    if "strawberry-definition" not in schema.extensions:
        return {}
    return {
        "executor_class": StrawberryGraphQLCoreExecutionContext,
        "is_awaitable": optimized_is_awaitable,
        "operation_extensions": {"asked": "so"},
    }


def compiled(
    schema: GraphQLSchema,
    document: DocumentNode,
    *,
    root: Any = None,
    context: Any = None,
    variables: Mapping[str, Any] | None = None,
    operation: str | None = None,
) -> Any:
    """What a plan of the document answers."""
    plan = plan_of(schema, document, operation)
    return plan.run(context, variables or {}, root=root, extensions={"asked": "so"})


def plan_of(schema: GraphQLSchema, document: DocumentNode, operation: str | None = None) -> Plan:
    """The plan of a document; a document that has none fails the test."""
    plan = compiled_once(schema, document, operation)
    assert isinstance(plan, Plan), plan
    return plan


# Cases share a plan as requests do; what lies beside it keeps its key its own.
PLANS: dict[tuple[int, int, str | None], tuple[Plan | Uncompiled, GraphQLSchema, DocumentNode]] = {}


def compiled_once(schema: GraphQLSchema, document: DocumentNode, operation: str | None) -> Plan | Uncompiled:
    """The plan of this document and no other, however equal."""
    key = id(schema), id(document), operation
    if key not in PLANS:
        PLANS[key] = compile_operation(schema, document, operation), schema, document
    return PLANS[key][0]


@cache
def parsed(text: str) -> DocumentNode:
    """The document of a text."""
    return parse(text)


@cache
def reasons(schema: GraphQLSchema, text: str) -> list[GraphQLError]:
    """Why the schema refuses a text."""
    return validate(schema, parsed(text))


both_ways = pytest.mark.parametrize("run", [interpreted, compiled])


def table(cases: Iterable["Case | Stream"]) -> pytest.MarkDecorator:
    """One test for each case, named after it."""
    return pytest.mark.parametrize("case", cases, ids=attrgetter("id"))


def schema_of(sdl: str, parts: Mapping[str, Any] | None = None) -> GraphQLSchema:
    """A schema from its text; parts are resolvers by "Type.field", and what makes a type out by "Type"."""
    schema = build_schema(sdl)
    for name, part in (parts or {}).items():
        type_name, _, field_name = name.partition(".")
        named = schema.type_map[type_name]
        if field_name:
            assert isinstance(named, GraphQLObjectType)
            named.fields[field_name].resolve = part
        elif isinstance(named, GraphQLObjectType):
            named.is_type_of = part
        else:
            assert isinstance(named, GraphQLInterfaceType | GraphQLUnionType)
            named.resolve_type = part
    return schema


async def check(schema: GraphQLSchema, *cases: Case) -> None:
    """Both executors give the answers to one document, and its plan gives them a second time."""
    document, stays_stock = parsed(cases[0].document), cases[0].stays_stock
    if cases[0].valid:
        assert reasons(schema, cases[0].document) == []
    stock = [await gives(case, interpreted, schema, document) for case in cases]
    if stays_stock is not None:
        assert compiled_once(schema, document, cases[0].operation) == Uncompiled(stays_stock)
        return
    for _ in range(2):
        for case, (at_once, causes) in zip(cases, stock, strict=True):
            now, found = await gives(case, compiled, schema, document)
            assert now or not at_once
            assert found == causes


async def gives(
    case: Case, run: Callable[..., Any], schema: GraphQLSchema, document: DocumentNode
) -> tuple[bool, list[tuple[str, str]]]:
    """Checks an answer; returns whether it came at once, and the kind of exception behind each error."""
    context = made(case.context)
    result = run(
        schema,
        document,
        root=made(case.root),
        context=context,
        variables=dict(case.variables),
        operation=case.operation,
    )
    at_once = not inspect.isawaitable(result)
    result = await finished(result)
    assert result.data == case.data
    # Equal is not the same: True is not 1, and the order of keys is part of the answer.
    assert repr(result.data) == repr(case.data)
    # Which of two awaited fields fails first is nobody's promise.
    order: Callable[[Iterable[str]], list[str]] = list if at_once else sorted
    assert order(told(result.errors)) == order(case.errors)
    if case.effects is not None:
        assert context == case.effects
    return at_once, sorted((_told(error), repr(error.original_error)) for error in result.errors or ())


def made(value: Any) -> Any:
    """What a run is given: the value, or what its function makes."""
    return value() if callable(value) else value


async def finished(result: Any) -> ExecutionResult:
    """The result, after what runs in the background is done too."""
    if inspect.isawaitable(result):
        result = await result
    for _ in range(3):
        await asyncio.sleep(0)
    assert isinstance(result, ExecutionResult)
    return result


def told(errors: Iterable[GraphQLError] | None) -> list[str]:
    """Errors as a case writes them down."""
    return [_told(error) for error in errors or ()]


def _told(error: GraphQLError) -> str:
    path = "-" if error.path is None else ".".join(map(str, error.path))
    places = "+".join(f"{place.line}:{place.column}" for place in error.locations or ()) or "-"
    return f"{path} {places} {error.message}{f' {error.extensions}' if error.extensions else ''}"


@dataclass(frozen=True, kw_only=True)
class Stream:
    """A subscription, and the data and errors of each event; the source where the schema has none."""

    id: str
    document: str
    answers: Sequence[tuple[Any, Sequence[str]]]
    source: Any = None
    variables: Mapping[str, Any] = field(default_factory=dict)
    effects: list[Any] | None = None


Events = Callable[[GraphQLSchema, DocumentNode, Mapping[str, Any], Any], AsyncIterator[ExecutionResult]]


async def check_stream(schema: GraphQLSchema, case: Stream) -> None:
    """Both executors answer each event as expected."""
    document = parse(case.document)
    assert validate(schema, document) == []
    for events in STREAMS:
        context: list[Any] = []
        seen = []
        async for answer in events(schema, document, dict(case.variables), context):
            seen.append((answer.data, sorted(told(answer.errors))))
        assert seen == [(data, sorted(errors)) for data, errors in case.answers]
        assert repr(seen) == repr([(data, sorted(errors)) for data, errors in case.answers])
        if case.effects is not None:
            assert context == case.effects


async def interpreted_events(
    schema: GraphQLSchema, document: DocumentNode, variables: Mapping[str, Any], context: Any
) -> AsyncIterator[ExecutionResult]:
    """The answers of graphql-core."""
    answers = subscribe(schema, document, None, context, dict(variables), **strawberrys(schema))
    if inspect.isawaitable(answers):
        answers = await answers
    assert not isinstance(answers, ExecutionResult), answers
    async for answer in answers:
        yield answer


async def compiled_events(
    schema: GraphQLSchema, document: DocumentNode, variables: Mapping[str, Any], context: Any
) -> AsyncIterator[ExecutionResult]:
    """The answers of a plan to the events of graphql-core."""
    plan = compile_event(schema, document, None)
    assert isinstance(plan, Plan), plan
    executor = Executor.build(schema, document, None, context, dict(variables))
    assert isinstance(executor, Executor), executor
    events = create_source_event_stream(executor)
    if inspect.isawaitable(events):
        events = await events
    assert not isinstance(events, ExecutionResult), events
    async for event in events:
        yield await finished(plan.run(context, variables, root=event))


STREAMS: list[Events] = [interpreted_events, compiled_events]
both_streams = pytest.mark.parametrize("stream", STREAMS)
