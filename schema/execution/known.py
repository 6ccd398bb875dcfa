"""What can be said of a document before any request: whether it is run, what it costs, and by which plan."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from graphql import (
    DocumentNode,
    GraphQLError,
    GraphQLSchema,
    OperationDefinitionNode,
    parse,
    specified_rules,
)
from graphql.validation.rules import overlapping_fields_can_be_merged as overlapping
from strawberry.schema.schema import validate_document
from strawberry.types.graphql import OperationType

from models.errors import Invalid
from schema.cost import Cost, TooManyFields, estimate, price
from schema.execution.plan import Plan
from schema.limits import Limits, excesses, extents

# What a document takes in memory without a plan: something for itself, and its syntax tree for each field.
DOCUMENT_BYTES = 2_048
FIELD_BYTES = 1_280

# How often validation compares two fields before it gives up; by default a document of 2 KB takes 0.7 s.
overlapping.MAX_COMPLEXITY_BUDGET = 20_000

# Why a document has no plan: it has not come often enough, or is not run at all.
NEW = "new"
REFUSED = "refused"


@dataclass
class Known:
    """A document, and everything about it that does not depend on a request."""

    # What it takes in memory without its plan, and what it counts for where it is kept.
    size: int
    weight: int = 0
    document: DocumentNode | None = None
    operation: OperationDefinitionNode | None = None
    kind: OperationType | None = None
    errors: tuple[GraphQLError, ...] = ()
    fields: int = 0
    cost: Cost = 0
    plan: Plan | None = None
    # How often it came, until it is settled why there is no plan.
    sightings: int = 0
    reason: str = NEW
    settled: bool = False

    @property
    def name(self) -> str | None:
        """The name of the operation that is run."""
        return self.operation.name.value if self.operation and self.operation.name else None

    def refuse(self, *errors: GraphQLError) -> "Known":
        """Notes why the document is not run."""
        self.errors, self.reason, self.settled = errors, REFUSED, True
        return self

    def refusals(self, variables: Mapping[str, Any], limits: Limits) -> list[GraphQLError]:
        """Why a request with these variables is not run; nothing where it is."""
        if self.errors:
            return list(self.errors)
        cost = price(self.cost, variables)
        if cost <= limits.cost:
            return []
        refusal = Invalid(
            f"The document costs up to {cost}. Allowed: {limits.cost}", cost=cost, limit=limits.cost
        )
        return [GraphQLError(refusal.message, original_error=refusal)]


def judged(schema: GraphQLSchema, limits: Limits, text: str, name: str | None) -> Known:
    """The document of a text, with the operation of a name, else the first; cheap checks come first."""
    known = Known(len(text) + DOCUMENT_BYTES)
    if len(text) > limits.characters:
        problem = f"{len(text)} characters found. Allowed: {limits.characters}"
        return known.refuse(GraphQLError(problem))
    try:
        known.document = document = parse(text, max_tokens=limits.tokens)
    except GraphQLError as error:
        # Its traceback would keep the parser.
        return known.refuse(error.with_traceback(None))
    found = extents(document)
    known.size += FIELD_BYTES * sum(extent.fields for extent in found.values())
    known.operation = operation = operation_of(document, name)
    if operation is not None:
        known.kind = OperationType(operation.operation.value)
    errors = excesses(document, found, limits) or validate_document(schema, document, tuple(specified_rules))
    if errors:
        return known.refuse(*errors)
    if operation is None:
        # Whoever runs it says that there is no such operation.
        return known.refuse()
    try:
        known.fields, known.cost = estimate(schema, document, operation, limits.fields)
    except TooManyFields:
        return known.refuse(GraphQLError(f"More than {limits.fields} fields found."))
    return known


def operation_of(document: DocumentNode, name: str | None) -> OperationDefinitionNode | None:
    """The operation of a name, or the first where none is named, as Strawberry chooses."""
    for node in document.definitions:
        if isinstance(node, OperationDefinitionNode):
            if name is None or (node.name and node.name.value == name):
                return node
    return None
