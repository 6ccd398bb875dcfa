"""Places of an answer: what is known about a field before any request."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from graphql import FieldNode, GraphQLField, GraphQLObjectType, is_non_null_type
from graphql.execution.collect_fields import FieldDetailsList

from schema.execution.leaves import Leaf

# Where a value stands in one answer: the position around it, its key in the dict or list that holds it, that
# dict or list, and its site. Fields of the root have no position around them.
Position = tuple[Any, Any, Any, "Site"]

# Completes a value that is neither null nor an exception.
Finish = Callable[[Any, Any, Position], Any]


class Site:
    """A field of a selection, or the items of a list in it."""

    # The field, or the one in which the items are.
    field: Field
    # The key in the path; None where it is an index.
    key: str | None = None
    # The selection of the field, or the list of the item: what is awaited together.
    group: Any
    finish: Finish
    # Of leaves; what prints them in an answer of another form.
    leaf: Leaf
    serialize: Callable[[Any], Any]
    print_: Callable[[Any], Any] | None = None
    # Of lists.
    item: Item
    # Of objects.
    selection: Selection
    # Of interfaces and unions: the selection by type, and by class where the class alone decides.
    possible: Mapping[str, Selection]
    known: dict[type, Selection] | None = None

    def __init__(self, type_: Any) -> None:
        self.non_null = is_non_null_type(type_)
        # The type without its "non-null".
        self.type: Any = type_.of_type if is_non_null_type(type_) else type_


class Item(Site):
    """The items of a list."""

    # Reads many at once.
    bulk: Any

    def __init__(self, around: Site) -> None:
        super().__init__(around.type.of_type)
        self.field = around.field
        self.group = self


@dataclass(frozen=True)
class Call:
    """Source that gets a value: `value` out of s, r and p, after the statements of `before`."""

    value: str
    before: tuple[str, ...] = ()
    # The value is a coroutine: what raises where it is made is raised where it is awaited, as in stock.
    is_async: bool = False
    # The attribute that is read, and the key that is read of a row: reading once more has no effect.
    name: str | None = None
    key: str | None = None
    # What the value is read through, where a key of the source leads to it.
    relation: Any = None


class Field(Site):
    """One field of a selection: all of its merged nodes."""

    call: Call
    # Coerces the arguments; None where the field has none.
    arguments: Any = None
    # Of relations: reads many at once.
    bulk: Any

    def __init__(
        self, key: str, parent: GraphQLObjectType, definition: GraphQLField, details: FieldDetailsList
    ) -> None:
        super().__init__(definition.type)
        self.field = self
        self.key: str = key
        # The key in the object that is written.
        self.slot = key
        self.parent = parent
        self.definition = definition
        self.details = details
        self.nodes: list[FieldNode] = [detail.node for detail in details]
        self.name = self.nodes[0].name.value
        # What resolvers keep about this field for as long as the plan lives.
        self.memo: dict[Any, Any] = {}

    @property
    def strawberry(self) -> Any:
        """The field as Strawberry knows it; None for a field made without Strawberry."""
        return self.definition.extensions.get("strawberry-definition")


class Selection:
    """The fields that are asked of one object type."""

    # Builds the object from its source; written by `emit`.
    make: Callable[[Any, Any, Position | None], dict[str, Any]]

    def __init__(self, type_: GraphQLObjectType, fields: list[Field]) -> None:
        self.type = type_
        self.fields = fields
        for site in fields:
            site.group = self
        # Classes that the generated `is_type_of` accepts without looking at the single value.
        self.accepted: set[type] = set()


def path_of(position: Position | None) -> list[str | int]:
    """The path of a position, as errors carry it."""
    keys: list[str | int] = []
    while position is not None:
        parent, slot, _, site = position
        keys.append(slot if site.key is None else site.key)
        position = parent
    keys.reverse()
    return keys


def put(position: Position, value: Any) -> None:
    """Writes a value where it belongs."""
    position[2][position[1]] = value
