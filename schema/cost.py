"""What a document costs at most, known before it is run.

A field costs 1. What lies below a list costs as often as the list may be long: the page size `first` of the
list's field or of the connection around it, or else what the field itself says, or LENGTH.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLArgument,
    GraphQLCompositeType,
    GraphQLField,
    GraphQLSchema,
    InlineFragmentNode,
    IntValueNode,
    OperationDefinitionNode,
    SelectionSetNode,
    VariableNode,
    coerce_input_literal,
    get_named_type,
    get_nullable_type,
    is_composite_type,
    is_introspection_type,
    is_list_type,
)
from strawberry.schema.schema_converter import GraphQLCoreConverter

# How long a list without pages is taken to be.
LENGTH = 10
PAGE_SIZE = "first"
# Under which a field says how long its list is taken to be, and how long whole family trees are.
LISTED = "length"
LONG = {LISTED: 1000}

Variables = Mapping[str, Any]
# A number, or what makes one of the variables where they decide.
Cost = int | Callable[[Variables], int]


class TooManyFields(Exception):
    """A document that selects more fields than anybody wants to count."""


@dataclass(frozen=True)
class Below:
    """What lies below a field: what is there once, and what is there for each item of its lists."""

    once: Cost = 0
    each: Cost = 0


def estimate(
    schema: GraphQLSchema, document: DocumentNode, operation: OperationDefinitionNode, most: int
) -> tuple[int, Cost]:
    """How many fields an operation of a valid document selects, and its cost.

    Raises TooManyFields when there are more than `most`.
    """
    walk = Walk(schema, document, operation, most)
    root = schema.get_root_type(operation.operation)
    if root is None:
        return 0, 0
    below = walk.below(root, [operation.selection_set])
    return walk.fields, plus([below.once, times(LENGTH, below.each)])


def price(cost: Cost, variables: Variables) -> int:
    """What a request with these variables costs."""
    return cost if isinstance(cost, int) else cost(variables)


class Walk:
    """One walk over the fields of an operation, merged as execution merges them."""

    def __init__(
        self, schema: GraphQLSchema, document: DocumentNode, operation: OperationDefinitionNode, most: int
    ) -> None:
        self.schema = schema
        self.most = most
        self.fields = 0
        self.fragments = {
            node.name.value: node for node in document.definitions if isinstance(node, FragmentDefinitionNode)
        }
        self.defaults = {
            node.variable.name.value: node.default_value for node in operation.variable_definitions or ()
        }

    def below(self, parent: GraphQLCompositeType, selections: Iterable[SelectionSetNode]) -> Below:
        """What the selections on a type cost, under a field that decides how long its lists are."""
        merged: dict[tuple[str, str], list[FieldNode]] = {}
        types: dict[str, GraphQLCompositeType] = {}
        seen: set[str] = set()
        for each in selections:
            for on, node in self.collected(parent, each, seen):
                key = node.alias.value if node.alias else node.name.value
                types[on.name] = on
                merged.setdefault((on.name, key), []).append(node)
        once: list[Cost] = []
        each_item: list[Cost] = []
        for (name, _), nodes in merged.items():
            field = self.schema.get_field(types[name], nodes[0].name.value)
            if field is not None:
                single, listed = self.of_field(field, nodes)
                once.append(single)
                each_item.append(listed)
        return Below(plus(once), plus(each_item))

    def collected(
        self, parent: GraphQLCompositeType, selections: SelectionSetNode, seen: set[str]
    ) -> Iterator[tuple[GraphQLCompositeType, FieldNode]]:
        """The fields of a selection set and of its fragments, with the type each is selected on."""
        for node in selections.selections:
            if isinstance(node, FieldNode):
                yield parent, node
                continue
            inner: InlineFragmentNode | FragmentDefinitionNode
            if isinstance(node, FragmentSpreadNode):
                if node.name.value in seen:
                    continue
                seen.add(node.name.value)
                inner = self.fragments[node.name.value]
            elif isinstance(node, InlineFragmentNode):
                inner = node
            condition = inner.type_condition
            on = self.schema.get_type(condition.name.value) if condition else parent
            if is_composite_type(on):
                yield from self.collected(on, inner.selection_set, seen)

    def of_field(self, field: GraphQLField, nodes: list[FieldNode]) -> tuple[Cost, Cost]:
        """What a field costs once, and what it costs for each item of a list that it is."""
        self.fields += 1
        if self.fields > self.most:
            raise TooManyFields
        kind = get_named_type(field.type)
        selections = [node.selection_set for node in nodes if node.selection_set]
        if not selections or not is_composite_type(kind):
            return 1, 0
        below = self.below(kind, selections)
        if is_introspection_type(kind):
            # The schema is as long as it is, and validation bounds how often it can be walked.
            return plus([1, below.once, below.each]), 0
        paged = field.args.get(PAGE_SIZE)
        depth = list_depth(field)
        if paged is None:
            item = plus([below.once, times(LENGTH, below.each)])
            if not depth:
                return plus([1, item]), 0
            length, item = said_length(field), times(LENGTH ** (depth - 1), item)
            return (1, item) if length is None else (plus([1, times(length, item)]), 0)
        size = self.page_size(paged, nodes[0])
        if depth:
            item = plus([below.once, times(LENGTH, below.each)])
            return plus([1, times(size, times(LENGTH ** (depth - 1), item))]), 0
        return plus([1, below.once, times(size, below.each)]), 0

    def page_size(self, argument: GraphQLArgument, node: FieldNode) -> Cost:
        """How many items a field is asked for."""
        usual = whole(default_of(argument), LENGTH)
        given = next((each.value for each in node.arguments or () if each.name.value == PAGE_SIZE), None)
        if isinstance(given, IntValueNode):
            return whole(int(given.value), usual)
        if not isinstance(given, VariableNode):
            return usual
        name = given.name.value
        default = self.defaults.get(name)
        unsaid = whole(int(default.value), usual) if isinstance(default, IntValueNode) else usual
        return lambda variables: whole(variables[name], usual) if name in variables else unsaid


def said_length(field: GraphQLField) -> int | None:
    """How long a field says that its list is taken to be."""
    definition = field.extensions.get(GraphQLCoreConverter.DEFINITION_BACKREF)
    length: int | None = getattr(definition, "metadata", {}).get(LISTED)
    return length


def list_depth(field: GraphQLField) -> int:
    """How many lists stand in each other in the type of a field."""
    depth, kind = 0, get_nullable_type(field.type)
    while is_list_type(kind):
        depth, kind = depth + 1, get_nullable_type(kind.of_type)
    return depth


def default_of(argument: GraphQLArgument) -> object:
    """The default of an argument, in whichever of the three ways it is kept."""
    if argument.default is None:
        return argument.default_value
    literal = argument.default.literal
    return argument.default.value if literal is None else coerce_input_literal(literal, argument.type)


def whole(value: object, otherwise: int) -> int:
    """A page size; what is none will be refused, and costs the usual until then."""
    return max(0, int(value)) if isinstance(value, int | float) and value == value // 1 else otherwise


def plus(costs: Iterable[Cost]) -> Cost:
    """The sum."""
    fixed, open_ = 0, []
    for cost in costs:
        if isinstance(cost, int):
            fixed += cost
        else:
            open_.append(cost)
    if not open_:
        return fixed
    return lambda variables: fixed + sum(cost(variables) for cost in open_)


def times(factor: Cost, cost: Cost) -> Cost:
    """The product."""
    if isinstance(factor, int) and isinstance(cost, int):
        return factor * cost
    if cost == 0 or factor == 0:
        return 0
    return lambda variables: price(factor, variables) * price(cost, variables)
