"""Out of a document: the fields that are asked, merged and collected as graphql-core does it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from graphql import (
    DocumentNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    GraphQLIncludeDirective,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLSkipDirective,
    Node,
    OperationDefinitionNode,
    VariableNode,
    is_abstract_type,
    is_introspection_type,
    is_leaf_type,
    is_list_type,
)
from graphql.execution.collect_fields import (
    FieldDetailsList,
    FragmentDetails,
    GroupedFieldSet,
    collect_fields,
    collect_subfields,
)
from graphql.execution.values import VariableValues

from schema.execution.sites import Field, Item, Selection, Site

CONDITIONS = {GraphQLSkipDirective.name, GraphQLIncludeDirective.name}


class Refused(Exception):
    """An operation that is left to the interpreter; carries the reason, short enough for a metric."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(reason)


@dataclass(frozen=True)
class Operation:
    """One operation of a document, with what it refers to."""

    schema: GraphQLSchema
    root: GraphQLObjectType
    node: OperationDefinitionNode
    fragments: Mapping[str, FragmentDefinitionNode]
    # The variables that decide whether a field is asked at all.
    conditions: tuple[str, ...] = ()
    # Values of the conditions under which most is asked.
    usual: tuple[bool, ...] = ()


def operation_of(schema: GraphQLSchema, document: DocumentNode, name: str | None) -> Operation:
    """The operation that a request names; raises Refused where it is none that can be compiled."""
    operations = [node for node in document.definitions if isinstance(node, OperationDefinitionNode)]
    if name is not None:
        operations = [node for node in operations if node.name and node.name.value == name]
    if not operations or (name is None and len(operations) > 1):
        raise Refused("operation")
    # Of two operations with one name the interpreter takes the last.
    node = operations[-1]
    root = schema.get_root_type(node.operation)
    if root is None:
        raise Refused("operation")
    fragments = {
        part.name.value: part for part in document.definitions if isinstance(part, FragmentDefinitionNode)
    }
    usual = _conditions(node, fragments)
    return Operation(schema, root, node, fragments, tuple(usual), tuple(usual.values()))


def _conditions(
    operation: OperationDefinitionNode, fragments: Mapping[str, FragmentDefinitionNode]
) -> dict[str, bool]:
    found: dict[str, bool] = {}
    for node in _nodes(operation, fragments):
        if getattr(node, "variable_definitions", None) and node is not operation:
            raise Refused("fragment variables")
        for directive in getattr(node, "directives", None) or ():
            if directive.name.value not in CONDITIONS or isinstance(
                node, OperationDefinitionNode | FragmentDefinitionNode
            ):
                raise Refused("directive")
            for argument in directive.arguments or ():
                if isinstance(argument.value, VariableNode):
                    included = directive.name.value == GraphQLIncludeDirective.name
                    found.setdefault(argument.value.name.value, included)
    return found


def _nodes(
    operation: OperationDefinitionNode, fragments: Mapping[str, FragmentDefinitionNode]
) -> Iterator[Node]:
    """Every node that can carry a directive."""
    yield from operation.variable_definitions or ()
    waiting: list[Any] = [operation, *fragments.values()]
    while waiting:
        node = waiting.pop()
        yield node
        if isinstance(node, FragmentSpreadNode):
            if node.arguments:
                raise Refused("fragment variables")
        elif node.selection_set:
            waiting.extend(reversed(node.selection_set.selections))


class Collector:
    """Collects the fields of an operation under given conditions; equal selections are made once."""

    def __init__(self, operation: Operation, conditions: Mapping[str, bool], limit: int | None) -> None:
        self.operation = operation
        self.limit = limit
        self.fields = 0
        self.selections: dict[Any, Selection] = {}
        self._values = VariableValues({}, dict(conditions))
        self._fragments = {name: FragmentDetails(node) for name, node in operation.fragments.items()}

    def root(self) -> Selection:
        """The selection of the whole operation; raises Refused."""
        operation = self.operation
        try:
            collected = collect_fields(
                operation.schema, self._fragments, self._values, operation.root, operation.node
            )
            return self._selection(operation.root, collected.grouped_field_set)
        except GraphQLError:
            # A condition that is no boolean is an error of the place where it stands.
            raise Refused("condition") from None
        except RecursionError:
            pass
        raise Refused("depth")

    def _selection(self, type_: GraphQLObjectType, grouped: GroupedFieldSet) -> Selection:
        # Nested fragments that double each other name the same nodes again and again.
        same = (type_.name, *((key, *(id(one.node) for one in details)) for key, details in grouped.items()))
        if same not in self.selections:
            fields = [self._field(type_, key, details) for key, details in grouped.items()]
            self.selections[same] = Selection(type_, [each for each in fields if each is not None])
        return self.selections[same]

    def _field(self, parent: GraphQLObjectType, key: str, details: FieldDetailsList) -> Field | None:
        name = details[0].node.name.value
        definition = self.operation.schema.get_field(parent, name)
        if definition is None:
            return None
        self.fields += 1
        if self.limit is not None and self.fields > self.limit:
            raise Refused("size")
        made = Field(key, parent, definition, details)
        self._below(made, details)
        return made

    def _below(self, site: Site, details: FieldDetailsList) -> None:
        type_ = site.type
        if is_list_type(type_):
            site.item = Item(site)
            self._below(site.item, details)
        elif is_introspection_type(type_):
            raise Refused("introspection")
        elif is_abstract_type(type_):
            site.possible = {
                each.name: self._subfields(each, details)
                for each in self.operation.schema.get_possible_types(type_)
            }
        elif not is_leaf_type(type_):
            site.selection = self._subfields(type_, details)

    def _subfields(self, type_: GraphQLObjectType, details: FieldDetailsList) -> Selection:
        operation = self.operation
        collected = collect_subfields(
            operation.schema, self._fragments, self._values, operation.node, type_, details
        )
        return self._selection(type_, collected.grouped_field_set)


def is_typename(site: Field) -> bool:
    """Whether a field tells the name of its type."""
    return site.name == "__typename"
