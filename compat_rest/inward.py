"""Inward: parameters and body, compiled into the variables of the prepared document.

Every value that the request schema lets in, after `x-absent` and `x-sanitize`, must be one that the
variable's type takes; what does not fit becomes a finding.
"""

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from graphql import (
    DocumentNode,
    GraphQLInputType,
    GraphQLSchema,
    OperationDefinitionNode,
    is_non_null_type,
    type_from_ast,
)

from compat_rest.contract.findings import Collector
from compat_rest.contract.operations import Operation
from compat_rest.contract.source import Node
from compat_rest.contract.spelling import types_of
from compat_rest.members import ABSENT, Member, filled, fitting
from compat_rest.sanitize import split
from compat_rest.taking import Taking

PLACES = ("path", "query", "header", "cookie")
# The variable that tells a verb which others are left out because nothing can be made of what was sent.
LATE = "legacyUnfit"
# The JSON types that may stand at each place once the chains have run.
Leaves = Mapping[str, frozenset[str]]


@dataclass(frozen=True)
class Variable:
    """A variable of a document: its type, and whether a value must be sent."""

    name: str
    type: GraphQLInputType
    required: bool


@dataclass(frozen=True)
class Sent:
    """One thing a client may send: a parameter or a property of the body."""

    place: str
    name: str
    required: bool
    schema: Node
    node: Node

    @property
    def target(self) -> str:
        """The variable that it feeds."""
        return str(self.node.plain("x-graph") or self.schema.plain("x-graph") or self.name)


@dataclass(frozen=True)
class Inward:
    """Builds the variables of one operation: what is taken at each place."""

    feeds: Mapping[str, tuple[Member, ...]]
    dropped: tuple[str, ...]
    # Where the variable's type alone decides what fits.
    unproven: tuple[str, ...] = ()
    # Whether the verb judges what of a body fits nothing.
    late: bool = False

    def variables(
        self, sent: Callable[[str], Mapping[str, Any] | None], unfit: Collection[str] = ()
    ) -> dict[str, Any]:
        """Variables by name, out of what was sent at each place.

        Names of the body that are unfit are left out, and the verb is told.
        """
        built: dict[str, Any] = {}
        for place, members in self.feeds.items():
            if self.late and place == "body":
                values, left_out = fitting(members, sent(place) or {}, unfit)
                built |= {**values, LATE: left_out} if left_out else values
            else:
                built |= filled(members, sent(place) or {})
        return built


def variables_of(schema: GraphQLSchema, document: DocumentNode) -> dict[str, Variable]:
    """The variables that a valid document declares."""
    operation = next(node for node in document.definitions if isinstance(node, OperationDefinitionNode))
    variables = {}
    for node in operation.variable_definitions or ():
        kind = type_from_ast(schema, node.type)
        name = node.variable.name.value
        required = is_non_null_type(kind) and node.default_value is None
        variables[name] = Variable(name, kind, required)  # type: ignore[arg-type]  # validation has refused output types
    return variables


def compile_inward(
    operation: Operation,
    variables: Mapping[str, Variable],
    found: Collector,
    leaves: Leaves | None = None,
) -> Inward:
    """The feeds of every variable; disagreements go to `found`.

    With chains, `leaves` says what they leave behind.
    """
    feeds: dict[str, list[Member]] = {}
    fed: dict[str, str] = {}
    dropped: list[str] = []
    late = _late(operation, variables, found, leaves)
    if late:
        fed[LATE] = "what fits nothing"
    taking = Taking(operation.id, found, leaves, late=late)
    for sent in sources(operation):
        variable = variables.get(sent.target)
        if variable is None:
            if sent.required and leaves is None:
                problem = f"{sent.name!r} is required, but no variable takes it."
                found.add(sent.node, operation.id, problem, "Use it in the document.")
            dropped.append(f"{sent.place}/{sent.name}")
        elif variable.name in fed:
            problem = f"${variable.name} is fed by {fed[variable.name]} and by {sent.place}."
            found.add(sent.node, operation.id, problem, "Give one of the two an `x-graph`.")
        else:
            fed[variable.name] = sent.place
            feeds.setdefault(sent.place, []).append(_feed(operation, variable, sent, taking))
    for variable in variables.values():
        if variable.name not in fed and variable.required:
            remedy = "Name a parameter or property like it, or give it a default in the document."
            found.add(operation.node, operation.id, f"Nothing feeds ${variable.name}.", remedy)
    built = {place: tuple(members) for place, members in feeds.items()}
    return Inward(built, tuple(dropped), tuple(taking.unproven), late)


def _late(
    operation: Operation, variables: Mapping[str, Variable], found: Collector, leaves: Leaves | None
) -> bool:
    """Whether the document hands on what fits nothing."""
    if LATE not in variables:
        return False
    if leaves is None:
        problem = f"Nothing feeds ${LATE}: this dialect judges before the document runs."
        found.add(operation.node, operation.id, problem, "Take it out of the document.")
    elif str(variables[LATE].type) != "[String!]":
        problem = f"${LATE} holds names, its type is {variables[LATE].type}."
        found.add(operation.node, operation.id, problem, "Declare it as `[String!]`.")
    return True


def sources(operation: Operation) -> Iterator[Sent]:
    """Everything a client may send to an operation."""
    for node in operation.parameters:
        schema = node.get("schema") or Node(node.source, node.pointer, {})
        required = bool(node.plain("required", False))
        yield Sent(str(node.plain("in")), str(node.plain("name")), required, schema, node)
    for place, body in (("body", operation.body()), ("form", operation.form())):
        required_names = body.plain("required", ()) if body else ()
        for name, schema in body.members("properties").items() if body else ():
            yield Sent(place, name, name in required_names, schema, schema)


def _feed(operation: Operation, variable: Variable, sent: Sent, taking: Taking) -> Member:
    default, absent = taking.missing(sent.schema)
    if variable.required and default is ABSENT and (absent is not None or not sent.required):
        remedy = "Require it, give it a `default`, or let the variable be null."
        problem = f"{sent.name!r} may be missing, ${variable.name} may not."
        taking.refuse(sent.schema, problem, remedy)
    if sent.place not in ("body", "form"):
        _check_parameter(operation, sent, taking)
    take = taking.take(sent.schema, variable.type, f"{sent.place}/{sent.name}")
    return Member(sent.name, variable.name, take, default, absent)


def _check_parameter(operation: Operation, sent: Sent, taking: Taking) -> None:
    """A parameter arrives as text, but for the numbers in a path; its steps run after its rules."""
    types = types_of(sent.schema)
    if sent.place not in PLACES:
        remedy = f"Use one of {', '.join(PLACES)}."
        taking.refuse(sent.node, f"A parameter in {sent.place!r} is not read.", remedy)
    elif taking.chained:
        return
    elif sent.place != "path" and types and "string" not in types:
        remedy = "Write `type: string` with a `pattern`, and `x-sanitize: [rules, int]`."
        taking.refuse(sent.schema, f"{sent.name!r} arrives as text, its type is another.", remedy)
    first, _ = split(sent.schema.plain("x-sanitize", ()))
    if first:
        remedy = "Begin `x-sanitize` with `rules`."
        taking.refuse(sent.schema, "The steps of a parameter run after its rules.", remedy)
