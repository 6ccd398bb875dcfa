"""Which keys of the documents of each type an operation shows, so that no others are read."""

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLField,
    GraphQLObjectType,
    GraphQLResolveInfo,
    GraphQLSchema,
    SelectionSetNode,
    get_named_type,
    is_abstract_type,
)
from strawberry.schema.schema_converter import GraphQLCoreConverter

from models.raw import Fields
from schema.context import Info
from schema.raw import RAW

Resolver = TypeVar("Resolver", bound=Callable[..., Any])

# Operations whose projections are kept for the interpreter; a plan keeps its own.
KEPT = 512
_kept: dict[int, tuple[object, dict[str, Fields]]] = {}


def keys(info: Info, *path: str) -> Fields:
    """The keys that the operation shows of the type `path` below a field; None for all of them.

    They are the same wherever the operation shows this type, so that a document is read once for all its
    places. What `@skip` and `@include` leave out of an answer is read all the same.
    """
    memo: dict[Any, Fields] = getattr(info, "memo", {})
    if path not in memo:
        raw = info._raw_info
        type_: Any = get_named_type(raw.return_type)
        for step in path:
            type_ = get_named_type(type_.fields[step].type)
        memo[path] = of_operation(raw).get(type_.name, ())
    return memo[path]


def of_operation(raw: GraphQLResolveInfo[Any]) -> dict[str, Fields]:
    """The keys of each type; worked out once for an operation, as long as it is remembered."""
    known = _kept.get(id(raw.operation))
    # While an operation is kept here, no other can have its identity.
    if known is None:
        if len(_kept) >= KEPT:
            _kept.clear()
        shown = Shown(raw.schema, raw.fragments)
        root = raw.schema.get_root_type(raw.operation.operation)
        shown.visit(root, raw.operation.selection_set)
        known = _kept[id(raw.operation)] = raw.operation, shown.fields()
    return known[1]


class Shown:
    """Collects what an operation shows of each object type, by whichever way it gets there."""

    def __init__(self, schema: GraphQLSchema, fragments: Mapping[str, FragmentDefinitionNode]) -> None:
        self.schema = schema
        self.fragments = fragments
        self.needed: dict[str, set[str]] = {}
        self.whole: set[str] = set()
        # However often fragments repeat a selection, it is looked at once for each type.
        self.seen: set[tuple[str, int]] = set()

    def fields(self) -> dict[str, Fields]:
        """What was collected."""
        return {
            name: None if name in self.whole else tuple(sorted(keys)) for name, keys in self.needed.items()
        }

    def visit(self, type_: Any, selected: SelectionSetNode) -> None:
        """Collects what is selected on a type and below."""
        possible = self.schema.get_possible_types(type_) if is_abstract_type(type_) else [type_]
        for each in possible:
            place = each.name, id(selected)
            if place not in self.seen:
                self.seen.add(place)
                self.needed.setdefault(each.name, set())
                for node in selected.selections:
                    self._selection(each, node)

    def _selection(self, type_: GraphQLObjectType, node: Any) -> None:
        if isinstance(node, FieldNode):
            field = type_.fields.get(node.name.value)
            # __typename and the like are no fields of the type.
            if field is not None:
                self._field(type_, field, node)
            return
        fragment = self.fragments[node.name.value] if isinstance(node, FragmentSpreadNode) else node
        condition = fragment.type_condition
        wanted: Any = self.schema.get_type(condition.name.value) if condition else type_
        if wanted is type_ or (is_abstract_type(wanted) and self.schema.is_sub_type(wanted, type_)):
            self.visit(type_, fragment.selection_set)

    def _field(self, type_: GraphQLObjectType, field: GraphQLField, node: FieldNode) -> None:
        needs = needs_of(field)
        if needs is None:
            self.whole.add(type_.name)
        else:
            self.needed[type_.name].update(needs)
        if node.selection_set:
            self.visit(get_named_type(field.type), node.selection_set)


def needing(*keys: str) -> Callable[[Resolver], Resolver]:
    """Declares the keys of the document that a resolver looks at."""

    def declare(resolver: Resolver) -> Resolver:
        resolver.__needs__ = keys  # type: ignore[attr-defined]  # functions take attributes
        return resolver

    return declare


def needs_of(field: GraphQLField) -> Fields:
    """The keys that a field looks at: its own, or those that its resolver names; None if it names none."""
    definition = field.extensions[GraphQLCoreConverter.DEFINITION_BACKREF]
    resolver = definition.base_resolver
    if resolver is None:
        return (RAW.key(definition.python_name),)
    declared: Fields = getattr(resolver.wrapped_func, "__needs__", None)
    return declared
