"""What a resolver is told about the field that it resolves."""

from typing import Any

import pytest
from graphql import GraphQLResolveInfo, parse, print_ast

from tests.schema.execution.cases.runner import Case, Run, both_ways, check, finished, schema_of, table

SDL = """
    interface Node { leaf(x: Int, y: String = "y"): String node: Node nodes: [Node] }
    type Tree implements Node {
        leaf(x: Int, y: String = "y"): String node: Node nodes: [Node] tree: Tree! trees: [[Tree!]]
    }
    type Query { leaf(x: Int, y: String = "y"): String node: Node nodes: [Node] tree: Tree! trees: [[Tree!]] }
"""


def noted(source: Any, info: GraphQLResolveInfo[Any], **arguments: Any) -> str:
    """Leaves in the context where it was called, and with what."""
    info.context.append(
        (info.field_name, info.path.as_list(), info.parent_type.name, str(info.return_type), arguments)
    )
    return "leaf"


SCHEMA = schema_of(SDL, {"Query.leaf": noted, "Tree.leaf": noted, "Node": lambda *_: "Tree"})
TREE: dict[str, Any] = {}
TREE.update({"node": TREE, "nodes": [TREE, TREE], "tree": TREE, "trees": [[TREE], [TREE, TREE]]})
Y = {"y": "y"}

PATHS = [
    Case(
        id="at the root",
        document="{ leaf a: leaf(x: 1) }",
        data={"leaf": "leaf", "a": "leaf"},
        effects=[
            ("leaf", ["leaf"], "Query", "String", Y),
            ("leaf", ["a"], "Query", "String", {"x": 1, "y": "y"}),
        ],
    ),
    Case(
        id="below objects and lists of lists",
        document="{ t: tree { u: trees { b: leaf } } }",
        data={"t": {"u": [[{"b": "leaf"}], [{"b": "leaf"}, {"b": "leaf"}]]}},
        effects=[
            ("leaf", ["t", "u", 0, 0, "b"], "Tree", "String", Y),
            ("leaf", ["t", "u", 1, 0, "b"], "Tree", "String", Y),
            ("leaf", ["t", "u", 1, 1, "b"], "Tree", "String", Y),
        ],
    ),
    Case(
        id="below an interface",
        document="query ($y: String) { nodes { ... on Node { node { leaf(y: $y) } } } }",
        variables={"y": None},
        data={"nodes": [{"node": {"leaf": "leaf"}}] * 2},
        effects=[
            ("leaf", ["nodes", index, "node", "leaf"], "Tree", "String", {"y": None}) for index in (0, 1)
        ],
    ),
    Case(
        id="merged fields are resolved once, with the arguments of the first",
        document="{ tree { leaf(x: 2) } tree { ... { leaf(x: 2) } } }",
        data={"tree": {"leaf": "leaf"}},
        effects=[("leaf", ["tree", "leaf"], "Tree", "String", {"x": 2, "y": "y"})],
    ),
]


@table(PATHS)
async def test_paths_and_arguments(case: Case) -> None:
    await check(SCHEMA, Case(**{**vars(case), "root": TREE}))


WHOLE = """
query Whole($x: Int = 3) {
  tree { ...F trees { leaf } leaf(x: $x) }
}
query Other { leaf }
fragment F on Tree { leaf(x: $x) }
fragment Unused on Tree { leaf }
"""


@both_ways
async def test_everything_that_info_tells(run: Run) -> None:
    told: list[GraphQLResolveInfo[Any]] = []

    def keep(source: Any, info: GraphQLResolveInfo[Any], **arguments: Any) -> str:
        told.append(info)
        return "leaf"

    schema = schema_of(SDL, {"Tree.leaf": keep})
    document = parse(WHOLE)
    context = {"context": 1}
    root: dict[str, Any] = {"tree": {"trees": [[{}]]}}
    await finished(run(schema, document, root=root, context=context, operation="Whole"))
    first, second = told
    assert first.field_name == second.field_name == "leaf"
    assert [print_ast(node) for node in first.field_nodes] == ["leaf(x: $x)", "leaf(x: $x)"]
    assert [print_ast(node) for node in second.field_nodes] == ["leaf"]
    assert [node.loc and node.loc.start for node in first.field_nodes] == [
        WHOLE.rindex("leaf(x: $x)"),
        WHOLE.index("leaf(x: $x)"),
    ]
    assert first.return_type is second.return_type is schema.type_map["String"]
    assert first.parent_type is second.parent_type is schema.type_map["Tree"]
    assert first.path.as_list() == ["tree", "leaf"]
    assert second.path.as_list() == ["tree", "trees", 0, 0, "leaf"]
    assert (second.path.typename, second.path.prev and second.path.prev.typename) == ("Tree", None)
    assert first.path.prev and first.path.prev == (None, "tree", "Query")
    assert first.schema is schema
    assert sorted(first.fragments) == ["F", "Unused"]
    assert first.fragments["F"] is document.definitions[2]
    assert first.root_value is root
    assert first.operation is document.definitions[0]
    assert first.variable_values.coerced == {"x": 3}
    assert first.variable_values.sources["x"].signature.name == "x"
    assert first.context is context
    assert first.is_awaitable(keep) is False


@both_ways
@pytest.mark.parametrize(
    "given, coerced", [({}, {"a": 1}), ({"a": None, "b": "7", "c": 1}, {"a": None, "b": "7"})]
)
async def test_variables(run: Run, given: dict[str, Any], coerced: dict[str, Any]) -> None:
    """Only what the operation declares, coerced, and with the defaults of what is missing."""
    told: list[Any] = []
    schema = schema_of(SDL, {"Query.leaf": lambda source, info, **_: told.append(info.variable_values)})
    document = parse("query ($a: Int = 1, $b: String) { leaf(x: $a) other: leaf(y: $b) }")
    await finished(run(schema, document, variables=given))
    assert [values.coerced for values in told] == [coerced] * 2
    assert {name: source.value for name, source in told[0].sources.items() if name in given} == {
        name: value for name, value in given.items() if name in "ab"
    }


def sources(source: Any, info: Any, **_: Any) -> str:
    """Leaves in the context what it was called on."""
    info.context.append(source)
    return "leaf"


class Thing:
    """A value that is passed on as it is."""


async def test_sources_are_passed_on() -> None:
    """Whatever its type: a resolver gets the very object that the one above it returned."""
    thing, texts = Thing(), ["text"]
    schema = schema_of(SDL, {"Query.leaf": sources, "Tree.leaf": sources, "Node": lambda *_: "Tree"})
    values: list[Any] = [thing, texts, "text", 0, False, (), {}, b""]
    for value in values:
        case = Case(
            id="",
            document="{ node { leaf } nodes { leaf } }",
            root={"node": value, "nodes": [value]},
            data={"node": {"leaf": "leaf"}, "nodes": [{"leaf": "leaf"}]},
            effects=[value, value],
        )
        await check(schema, case)


@both_ways
async def test_the_root_is_passed_on(run: Run) -> None:
    told: list[Any] = []
    schema = schema_of(SDL, {"Query.leaf": lambda source, info, **_: told.append((source, info.root_value))})
    roots: list[Any] = [None, Thing(), "text", {}]
    for root in roots:
        await finished(run(schema, parse("{ leaf ... { leaf } }"), root=root))
        assert told.pop() == (root, root)
    assert told == []
