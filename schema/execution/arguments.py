"""What a request brings in: its variables, and the arguments that depend on them."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from enum import Enum
from math import isfinite
from typing import Any
from uuid import UUID

from graphql import (
    ArgumentNode,
    FieldNode,
    GraphQLArgument,
    GraphQLBoolean,
    GraphQLError,
    GraphQLFloat,
    GraphQLID,
    GraphQLInt,
    GraphQLSchema,
    GraphQLString,
    Node,
    VariableDefinitionNode,
    VariableNode,
    is_non_null_type,
    is_required_argument,
)
from graphql.execution.get_variable_signature import GraphQLVariableSignature, get_variable_signature
from graphql.execution.values import (
    VariableValues,
    VariableValueSource,
    coerce_argument,
    get_argument_values,
    get_variable_values,
)
from graphql.pyutils import Undefined

from schema.execution.request import Request
from schema.execution.sites import Field

# graphql-core's executor reports no more errors than this in the variables of a request.
ERRORS = 50

# Values of these classes cannot be changed by a resolver, so one value serves every call.
CONSTANT = (str, int, float, bool, type(None), Enum, UUID, datetime, date, time, Decimal)

MISSING = object()


def _is_int(value: Any) -> bool:
    return type(value) is int and -2_147_483_648 <= value <= 2_147_483_647


def _is_float(value: Any) -> bool:
    return type(value) is float and isfinite(value)


def _is_text(value: Any) -> bool:
    return type(value) is str


def _is_boolean(value: Any) -> bool:
    return type(value) is bool


# Input that coercion hands on as it is; everything else is coerced by graphql-core.
ACCEPTED: Mapping[Any, Callable[[Any], bool]] = {
    GraphQLInt: _is_int,
    GraphQLFloat: _is_float,
    GraphQLString: _is_text,
    GraphQLID: _is_text,
    GraphQLBoolean: _is_boolean,
}


class Variables:
    """The variables of an operation."""

    def __init__(self, schema: GraphQLSchema, nodes: Iterable[VariableDefinitionNode]) -> None:
        self.schema = schema
        self.nodes = tuple(nodes)
        found = [get_variable_signature(schema, node) for node in self.nodes]
        self.signatures = [each for each in found if isinstance(each, GraphQLVariableSignature)]
        self.quick = [self._quick(each) for each in self.signatures]
        # A variable of a type that is none is an error of every request.
        self.is_quick = len(found) == len(self.signatures)

    @staticmethod
    def _quick(signature: GraphQLVariableSignature) -> tuple[str, Callable[[Any], bool], bool, bool]:
        required = is_non_null_type(signature.type)
        type_: Any = signature.type.of_type if is_non_null_type(signature.type) else signature.type
        accepts = ACCEPTED.get(type_, lambda value: False)
        return signature.name, accepts, not required, not required and signature.default is None

    def coerce(self, raw: Mapping[str, Any]) -> dict[str, Any] | None:
        """The variables where graphql-core would hand on what came in; None where it would not."""
        if not self.is_quick:
            return None
        coerced = {}
        for name, accepts, nullable, optional in self.quick:
            value = raw.get(name, MISSING)
            if accepts(value):
                coerced[name] = value
            elif value is None and nullable:
                coerced[name] = None
            elif value is not MISSING or not optional:
                return None
        return coerced

    def coerce_exactly(self, raw: Mapping[str, Any]) -> VariableValues | list[GraphQLError]:
        """The variables as graphql-core coerces them, or its errors."""
        return get_variable_values(self.schema, self.nodes, dict(raw), max_errors=ERRORS)

    def sources(self, raw: Mapping[str, Any], coerced: dict[str, Any]) -> VariableValues:
        """Coerced variables in the form in which graphql-core's helpers want them."""
        return VariableValues(
            {each.name: VariableValueSource(each, raw.get(each.name, Undefined)) for each in self.signatures},
            coerced,
        )


@dataclass(frozen=True)
class Given:
    """One argument whose value needs no coercion in a request."""

    # The name in the graph, or that of a parameter.
    name: str
    # The variable that it is taken from.
    variable: str | None
    # What stands where no variable does, or where its value is left out; Undefined for nothing.
    value: Any
    # Whether the variable always has a value that may be handed on.
    is_sure: bool
    non_null: bool


class Arguments:
    """The arguments of one field, by their names in the graph or by the names of parameters."""

    def __init__(
        self, site: Field, variables: Variables | None = None, names: Mapping[str, str] | None = None
    ) -> None:
        self.definition = site.definition
        self.node: FieldNode = site.nodes[0]
        self.site = site
        self.names = names
        self.constant = self._constant()
        self.given = self._given(variables) if variables is not None and self.constant is None else None

    def _constant(self) -> dict[str, Any] | None:
        if any(_has_variable(argument.value) for argument in self.node.arguments or ()):
            return None
        try:
            values = self._coerce(VariableValues({}, {}))
        except GraphQLError:
            # Raised anew for every object, as an error belongs to one place.
            return None
        return values if _is_constant(values) else None

    def _given(self, variables: Variables) -> list[Given] | None:
        """The arguments one by one; None where one of them has to be coerced in each request."""
        signatures = {each.name: each for each in variables.signatures}
        nodes = {each.name.value: each for each in self.node.arguments or ()}
        given = []
        for key, argument in self.definition.args.items():
            name = argument.out_name or key
            name = name if self.names is None else self.names[name]
            node, non_null = nodes.get(key), is_non_null_type(argument.type)
            variable = node.value.name.value if node and isinstance(node.value, VariableNode) else None
            signature = signatures.get(variable) if variable else None
            if variable is not None and signature is None:
                return None
            # A variable that is left out leaves the argument out.
            value = Undefined
            if variable is None or not is_required_argument(argument):
                value = self._alone(key, argument, None if variable else node)
            if not (value is Undefined or isinstance(value, CONSTANT)):
                return None
            is_sure = signature is not None and (
                is_non_null_type(signature.type) or (signature.default is not None and not non_null)
            )
            given.append(Given(name, variable, value, is_sure, non_null))
        return given

    def _alone(self, key: str, argument: GraphQLArgument, node: ArgumentNode | None) -> Any:
        """The value of one argument without variables, Undefined for none; MISSING where it has no value."""
        if node is not None and _has_variable(node.value):
            return MISSING
        values: dict[str, Any] = {}
        try:
            coerce_argument(values, self.node, key, argument, node, VariableValues({}, {}), None)
        except GraphQLError:
            return MISSING
        return next(iter(values.values()), Undefined)

    def quick(self, request: Request) -> dict[str, Any]:
        """The arguments in a request, where `given` says where each comes from."""
        coerced, found = request.coerced, {}
        for each in self.given or ():
            value = each.value if each.variable is None else coerced.get(each.variable, MISSING)
            if value is MISSING and not (each.non_null and each.value is Undefined):
                value = each.value
            if value is MISSING or (value is None and each.non_null):
                # graphql-core knows what is wrong with it.
                return self._coerce(request.values)
            if value is not Undefined:
                found[each.name] = value
        return found

    def of(self, request: Request) -> dict[str, Any]:
        """The arguments in a request: coerced once, or for each call where a resolver could change them."""
        if self.constant is not None:
            return self.constant
        found = request.arguments.get(self.site)
        if found is None:
            found = self._coerce(request.values)
            if _is_constant(found):
                request.arguments[self.site] = found
        return found

    def _coerce(self, variables: VariableValues) -> dict[str, Any]:
        names = self.names
        values = get_argument_values(self.definition, self.node, variables)
        return values if names is None else {names[name]: value for name, value in values.items()}


def _is_constant(values: dict[str, Any]) -> bool:
    return all(isinstance(value, CONSTANT) for value in values.values())


def _has_variable(node: Node) -> bool:
    if isinstance(node, VariableNode):
        return True
    values = getattr(node, "values", None) or [field.value for field in getattr(node, "fields", None) or ()]
    return any(_has_variable(value) for value in values)
