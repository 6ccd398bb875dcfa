"""Prepared documents: parsed and validated once, run many times."""

import inspect
import logging
from collections.abc import Mapping
from dataclasses import dataclass
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

from models.errors import DomainError
from schema.context import Context
from schema.errors import INTERNAL, Schema, cause_of

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
    writes: bool

    async def run(self, variables: Mapping[str, Any], context: Context) -> dict[str, Any] | Failure:
        """The data of the answer, or the first failure."""
        result = execute(self.schema, self.document, context_value=context, variable_values=dict(variables))
        if inspect.isawaitable(result):
            result = await result
        if not isinstance(result, ExecutionResult):
            return Failure(INTERNAL, {})
        if result.errors:
            return _failure(result.errors[0])
        return result.data or {}


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
    return Prepared(schema._schema, document, operations[0].operation is OperationType.MUTATION)


def _reason(error: GraphQLError) -> tuple[int, str]:
    return (error.locations[0].line if error.locations else 1, error.message)
