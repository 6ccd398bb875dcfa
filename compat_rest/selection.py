"""What a prepared document selects: its result keys with their types, as deep as the document goes."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLInterfaceType,
    GraphQLList,
    GraphQLNamedType,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLOutputType,
    GraphQLSchema,
    GraphQLUnionType,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionSetNode,
    get_named_type,
    is_abstract_type,
)
from graphql import GraphQLField as FieldDefinition

Composite = GraphQLObjectType | GraphQLInterfaceType | GraphQLUnionType


@dataclass
class Selected:
    """A place in the answer: its type and, below an object, the result keys that the document selects."""

    type: GraphQLOutputType
    keys: dict[str, "Selected"] = field(default_factory=dict)
    by_type: dict[str, dict[str, "Selected"]] = field(default_factory=dict)
    definition: FieldDefinition | None = None
    name: str = ""
    always: bool = True
    # The result keys that lead here from the root; None where they lead to several types.
    path: tuple[str, ...] | None = ()

    @property
    def nullable(self) -> bool:
        """Whether null may stand here, or nothing at all."""
        return not self.always or not isinstance(self.type, GraphQLNonNull)

    @property
    def bare(self) -> GraphQLOutputType:
        """The type without its non-null mark."""
        return self.type.of_type if isinstance(self.type, GraphQLNonNull) else self.type

    @property
    def is_list(self) -> bool:
        """Whether a list stands here."""
        return isinstance(self.bare, GraphQLList)

    def item(self) -> "Selected":
        """The place of a list's items."""
        bare = self.bare
        assert isinstance(bare, GraphQLList)  # nosec B101  # asked only where is_list is true
        return replace(self, type=bare.of_type, always=True)

    def narrowed(self, name: str) -> "Selected":
        """The same place where an object of one possible type stands."""
        return replace(self, keys=self.by_type[name], by_type={})


def select(schema: GraphQLSchema, document: DocumentNode) -> Selected:
    """The root place of a valid document's one operation."""
    operation = next(node for node in document.definitions if isinstance(node, OperationDefinitionNode))
    fragments = {
        node.name.value: node for node in document.definitions if isinstance(node, FragmentDefinitionNode)
    }
    root = schema.get_root_type(operation.operation)
    assert root is not None  # nosec B101  # validation has refused such a document
    return Selected(GraphQLNonNull(root), _keys(schema, root, [operation.selection_set], fragments, ()))


def _keys(
    schema: GraphQLSchema,
    parent: GraphQLObjectType,
    sets: list[SelectionSetNode],
    fragments: Mapping[str, FragmentDefinitionNode],
    path: tuple[str, ...] | None,
) -> dict[str, Selected]:
    """The result keys of one object type, with the selections of equal keys merged."""
    gathered: dict[str, list[FieldNode]] = {}
    for selection_set in sets:
        for node in _fields(schema, parent, selection_set, fragments):
            key = node.alias.value if node.alias else node.name.value
            gathered.setdefault(key, []).append(node)
    keys: dict[str, Selected] = {}
    for key, nodes in gathered.items():
        name = nodes[0].name.value
        definition = schema.get_field(parent, name)
        assert definition is not None  # nosec B101 - validation has refused such a document
        named = get_named_type(definition.type)
        below = [node.selection_set for node in nodes if node.selection_set]
        abstract = is_abstract_type(named)
        at = None if path is None else (*path, key)
        inside = None if abstract else at
        by_type = {
            each.name: _keys(schema, each, below, fragments, inside) for each in _possible(schema, named)
        }
        always = any(not _conditional(node) for node in nodes)
        keys[key] = Selected(
            definition.type,
            _common(list(by_type.values())),
            by_type if abstract else {},
            definition,
            f"{parent.name}.{name}",
            always,
            at,
        )
    return keys


def _conditional(node: FieldNode) -> bool:
    """Whether the field may be left out of an answer."""
    return any(directive.name.value in ("skip", "include") for directive in node.directives or ())


def _possible(schema: GraphQLSchema, named: GraphQLNamedType) -> Sequence[GraphQLObjectType]:
    """The object types that may stand where a type is named."""
    if isinstance(named, GraphQLInterfaceType | GraphQLUnionType):
        return schema.get_possible_types(named)
    return [named] if isinstance(named, GraphQLObjectType) else []


def _common(branches: list[dict[str, Selected]]) -> dict[str, Selected]:
    """The keys that every possible type has."""
    return {
        key: place
        for key, place in (branches[0] if branches else {}).items()
        if all(key in each for each in branches)
    }


def _fields(
    schema: GraphQLSchema,
    parent: GraphQLObjectType,
    selection_set: SelectionSetNode,
    fragments: Mapping[str, FragmentDefinitionNode],
) -> Iterator[FieldNode]:
    """The fields that are selected on one object type, fragments opened."""
    for node in selection_set.selections:
        if isinstance(node, FieldNode):
            yield node
            continue
        fragment = fragments[node.name.value] if isinstance(node, FragmentSpreadNode) else node
        assert isinstance(fragment, FragmentDefinitionNode | InlineFragmentNode)  # nosec B101  # nothing else can stand in a selection
        condition = fragment.type_condition
        wanted = schema.get_type(condition.name.value) if condition else parent
        if wanted is parent or (is_abstract_type(wanted) and schema.is_sub_type(wanted, parent)):
            yield from _fields(schema, parent, fragment.selection_set, fragments)
