"""Prepared documents: parsed, validated and compiled once, run many times."""

import logging
from collections.abc import Awaitable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from graphql import (
    DocumentNode,
    ExecutionResult,
    GraphQLError,
    GraphQLSchema,
    OperationDefinitionNode,
    OperationType,
    execute,
    parse,
    validate,
)
from graphql import Source as Text
from strawberry.schema.schema import StrawberryGraphQLCoreExecutionContext

from models.errors import DomainError
from schema.context import Context
from schema.errors import INTERNAL, cause_of
from schema.execution.cache import PLAN
from schema.execution.plan import Plan, Uncompiled, compile_operation
from schema.execution.seams import Schema
from schema.execution.shape import Shape

logger = logging.getLogger(__name__)


class BadDocument(Exception):
    """A document that the schema refuses; carries the reasons with their lines."""

    def __init__(self, reasons: list[tuple[int, str]]) -> None:
        self.reasons = reasons
        super().__init__("; ".join(f"line {line}: {message}" for line, message in reasons))


@dataclass(frozen=True)
class Failure:
    """Why a document gave no answer: a code, with details for the texts of the contract."""

    code: str
    details: Mapping[str, Any]


@dataclass(frozen=True)
class Prepared:
    """A document that the schema has accepted."""

    schema: GraphQLSchema
    document: DocumentNode
    plan: Plan | Uncompiled

    def shaped(self, shape: Shape) -> "Prepared | None":
        """The same document with an answer in this shape; None where no plan can write it so."""
        if isinstance(self.plan, Uncompiled):
            return None
        plan = compile_operation(self.schema, self.document, shape=shape)
        return None if isinstance(plan, Uncompiled) else replace(self, plan=plan)

    @property
    def reason(self) -> str:
        """PLAN, or why there is no plan."""
        return self.plan.reason if isinstance(self.plan, Uncompiled) else PLAN

    async def run(self, variables: Mapping[str, Any], context: Context) -> dict[str, Any] | Failure:
        """The data of the answer, or the first failure."""
        running = self._run(variables, context)
        result = running if isinstance(running, ExecutionResult) else await running
        if result.errors:
            return _failure(result.errors[0])
        return result.data or {}

    def _run(
        self, variables: Mapping[str, Any], context: Context
    ) -> ExecutionResult | Awaitable[ExecutionResult]:
        if not isinstance(self.plan, Uncompiled):
            return self.plan.run(context, variables)
        kind = StrawberryGraphQLCoreExecutionContext
        return execute(self.schema, self.document, None, context, dict(variables), executor_class=kind)


def _failure(error: GraphQLError) -> Failure:
    cause = cause_of(error)
    if isinstance(cause, DomainError):
        return Failure(cause.code, cause.details)
    if cause is None:
        # The contract let a value in that its variable does not take.
        return Failure("UNFIT", {"reason": error.message})
    path = "/".join(str(key) for key in error.path or ())
    logger.error("GraphQL field %s failed.", path or "(none)", exc_info=cause)
    return Failure(INTERNAL, {})


def prepare(schema: Schema, text: str, name: str) -> Prepared:
    """The document in a text, which must hold one operation; raises BadDocument."""
    try:
        document = parse(Text(text, name))
    except GraphQLError as error:
        raise BadDocument([_reason(error)]) from None
    errors = validate(schema._schema, document)
    if errors:
        raise BadDocument([_reason(error) for error in errors])
    operations = [node for node in document.definitions if isinstance(node, OperationDefinitionNode)]
    if len(operations) != 1 or operations[0].operation is OperationType.SUBSCRIPTION:
        raise BadDocument([(1, "A prepared document holds one query or one mutation.")])
    return Prepared(schema._schema, document, schema.compile(document, operations[0]))


def _reason(error: GraphQLError) -> tuple[int, str]:
    return (error.locations[0].line if error.locations else 1, error.message)
