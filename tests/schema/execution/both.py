"""One document, answered by the interpreter and by its plan."""

import inspect
from collections.abc import Mapping
from typing import Any

import strawberry
from graphql import ExecutionResult, GraphQLError, execute, parse
from strawberry.execution import optimized_is_awaitable
from strawberry.schema.schema import StrawberryGraphQLCoreExecutionContext

from schema.execution.plan import Plan, compile_operation


def plan_of(schema: strawberry.Schema, text: str, **options: Any) -> Plan:
    """The plan of a document."""
    plan = compile_operation(schema._schema, parse(text), **options)
    assert isinstance(plan, Plan), plan
    return plan


async def finished(returned: Any) -> ExecutionResult:
    """An answer, awaited where it has to be."""
    result = await returned if inspect.isawaitable(returned) else returned
    assert isinstance(result, ExecutionResult)
    return result


async def interpreted(
    schema: strawberry.Schema, text: str, variables: Mapping[str, Any] | None = None, context: Any = None
) -> ExecutionResult:
    """The answer of the interpreter."""
    own: dict[str, Any] = {"is_awaitable": optimized_is_awaitable, "operation_extensions": None}
    return await finished(
        execute(
            schema._schema,
            parse(text),
            context_value=context,
            variable_values=dict(variables or {}),
            executor_class=StrawberryGraphQLCoreExecutionContext,
            **own,
        )
    )


async def both(
    schema: strawberry.Schema, text: str, variables: Mapping[str, Any] | None = None, context: Any = None
) -> ExecutionResult:
    """The answer, which both give; the plan gives it twice, as it learns from the first time."""
    plan = plan_of(schema, text)
    stock = await interpreted(schema, text, variables, context)
    for _ in range(2):
        result = await finished(plan.run(context, variables))
        assert repr(result.data) == repr(stock.data)
        assert told(result.errors) == told(stock.errors)
    return result


def told(errors: list[GraphQLError] | None) -> list[tuple[Any, ...]]:
    """What of errors can be seen, in any order."""
    return sorted((error.message, str(error.path), str(error.locations)) for error in errors or ())
