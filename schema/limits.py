"""How much a document may ask for, judged before anything else is done with it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from graphlib import CycleError, TopologicalSorter

from graphql import (
    DocumentNode,
    ExecutableDefinitionNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionNode,
    SelectionSetNode,
)


@dataclass(frozen=True)
class Limits:
    """The largest document that is run."""

    # The documents of frontends have a few thousand; reading this many takes 15 ms.
    characters: int = 100_000
    tokens: int = 2_000
    depth: int = 12
    aliases: int = 30
    fields: int = 5_000
    # A page of a hundred items may have a thousand fields below each of them.
    cost: int = 100_000


@dataclass
class Extent:
    """How far a definition reaches: by itself, then with the fragments that it spreads."""

    fields: int = 0
    aliases: int = 0
    depth: int = 0
    deepest: SelectionNode | None = None
    spreads: list[tuple[FragmentSpreadNode, int]] = field(default_factory=list)

    def reach(self, depth: int, node: SelectionNode | None) -> None:
        """Notes a selection that lies below so many fields."""
        if depth > self.depth:
            self.depth, self.deepest = depth, node


Extents = Mapping[int, Extent]


def excesses(document: DocumentNode, found: Extents, limits: Limits) -> list[GraphQLError]:
    """What a document has too much of, by the extents of its definitions."""
    errors = []
    aliases = 0
    for operation in document.definitions:
        if isinstance(operation, OperationDefinitionNode):
            extent = found[id(operation)]
            aliases += extent.aliases
            if extent.depth > limits.depth:
                name = operation.name.value if operation.name else "anonymous"
                problem = f"'{name}' exceeds maximum operation depth of {limits.depth}"
                errors.append(GraphQLError(problem, extent.deepest))
    if aliases > limits.aliases:
        errors.append(GraphQLError(f"{aliases} aliases found. Allowed: {limits.aliases}"))
    return errors


def extents(document: DocumentNode) -> Extents:
    """The extent of each definition by its identity; takes time in proportion to the document's length.

    Fragments that spread each other in a circle are left out; validation refuses those.
    """
    own = {
        id(node): extent_of(node.selection_set)
        for node in document.definitions
        if isinstance(node, ExecutableDefinitionNode)
    }
    fragments = {
        node.name.value: own[id(node)]
        for node in document.definitions
        if isinstance(node, FragmentDefinitionNode)
    }
    try:
        for name in bottom_up(fragments):
            if name in fragments:
                add_spreads(fragments[name], fragments)
    except CycleError:
        return own
    for node in document.definitions:
        if isinstance(node, OperationDefinitionNode):
            add_spreads(own[id(node)], fragments)
    return own


def bottom_up(fragments: Mapping[str, Extent]) -> Sequence[str]:
    """The names of fragments, each after those that it spreads; raises CycleError."""
    spread = {name: {node.name.value for node, _ in extent.spreads} for name, extent in fragments.items()}
    return list(TopologicalSorter(spread).static_order())


def add_spreads(extent: Extent, fragments: Mapping[str, Extent]) -> None:
    """Adds to an extent what it spreads; a fragment that nobody defined adds nothing."""
    for node, depth in extent.spreads:
        if below := fragments.get(node.name.value):
            extent.aliases += below.aliases
            extent.reach(depth + below.depth, below.deepest or node)


def extent_of(selections: SelectionSetNode) -> Extent:
    """The extent of a selection set without its fragments; introspection counts as flat."""
    extent = Extent()
    waiting = [(selections, 0)]
    while waiting:
        node, depth = waiting.pop()
        for selection in node.selections:
            extent.reach(depth, selection)
            if isinstance(selection, FragmentSpreadNode):
                extent.spreads.append((selection, depth))
            elif isinstance(selection, InlineFragmentNode):
                waiting.append((selection.selection_set, depth))
            elif isinstance(selection, FieldNode):
                extent.fields += 1
                extent.aliases += selection.alias is not None
                if selection.selection_set and not selection.name.value.startswith("__"):
                    waiting.append((selection.selection_set, depth + 1))
    return extent
