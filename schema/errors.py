"""How a refusal looks in GraphQL: every error has a code, and surprises tell nothing."""

import logging
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    GraphQLError,
    GraphQLField,
    GraphQLSchema,
    TypeInfo,
    TypeInfoVisitor,
    Visitor,
    visit,
)

from models.errors import DomainError, Invalid, Overloaded
from schema.directives import declared_codes

logger = logging.getLogger(__name__)

INTERNAL = "INTERNAL"
SURPRISE = "Something went wrong on our side; nobody needs to know more than the log does."


def cause_of(error: GraphQLError) -> Exception | None:
    """What was raised in a resolver; None when the document itself is at fault."""
    cause: Exception | None = error
    while isinstance(cause, GraphQLError) and cause.original_error is not None:
        cause = cause.original_error
    if not isinstance(cause, GraphQLError):
        # Outside of any field it is a literal of thousands of digits, which Python refuses to read.
        return None if isinstance(cause, ValueError) and error.path is None else cause
    # graphql-core points at the argument when it refuses one; a value that it cannot print has no place.
    return None if error.path is None or cause.nodes else cause


def dressed(error: GraphQLError, surprise: str | None = None) -> GraphQLError:
    """The error as a client may see it."""
    cause = cause_of(error)
    extensions: dict[str, Any]
    if surprise is None and isinstance(cause, DomainError):
        message, extensions = cause.message, {"code": cause.code}
        if cause.details:
            extensions["details"] = dict(cause.details)
    elif surprise is None and cause is None:
        message, extensions = error.message, {"code": Invalid.code}
    else:
        message, extensions = surprise or SURPRISE, {"code": INTERNAL}
    return GraphQLError(
        message,
        nodes=error.nodes,
        source=error.source,
        positions=error.positions,
        path=error.path,
        original_error=error.original_error,
        extensions=extensions,
    )


def undeclared(schema: GraphQLSchema, document: DocumentNode, error: GraphQLError) -> str | None:
    """What to tell a developer when a field raises a code that it does not declare."""
    cause = cause_of(error)
    if not isinstance(cause, DomainError) or isinstance(cause, Overloaded):
        # Every field reads, so each of them may meet a store that has too much to do.
        return None
    nodes = error.nodes or []
    for name, node, field in fields(schema, document):
        if any(node is one for one in nodes):
            if cause.code not in declared_codes(field):
                return f"{name} raised {cause.code}, which it does not declare."
    return None


def fields(schema: GraphQLSchema, document: DocumentNode) -> list[tuple[str, FieldNode, GraphQLField]]:
    """Every field that a document selects, with its definition."""
    types = TypeInfo(schema)
    found: list[tuple[str, FieldNode, GraphQLField]] = []

    class Collect(Visitor):
        def enter_field(self, node: FieldNode, *_: object) -> None:
            parent, field = types.get_parent_type(), types.get_field_def()
            if parent is not None and field is not None:
                found.append((f"{parent.name}.{node.name.value}", node, field))

    visit(document, TypeInfoVisitor(types, Collect()))
    return found


def dressed_for(
    context: object, schema: GraphQLSchema, document: DocumentNode | None, errors: list[GraphQLError]
) -> list[GraphQLError]:
    """The errors of an answer as its client may see them; in tests also the mistakes of the schema itself."""
    if document is None or not getattr(context, "strict_codes", False):
        return [dressed(error) for error in errors]
    return [dressed(error, undeclared(schema, document, error)) for error in errors]


def log(errors: list[GraphQLError]) -> None:
    """Logs what nobody expected; never the document, which may hold a password."""
    for error in errors:
        cause = cause_of(error)
        if cause is not None and not isinstance(cause, DomainError):
            path = "/".join(str(key) for key in error.path or ())
            logger.error("GraphQL field %s failed.", path or "(none)", exc_info=cause)
