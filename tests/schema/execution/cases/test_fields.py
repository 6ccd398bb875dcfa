"""Which fields an answer has, in which order, and where each of them stands in the document."""

from typing import Any

import pytest

from tests.schema.execution.cases.runner import Case, check, schema_of, table

SCHEMA = schema_of(
    """
    interface Node { a: String node: Node }
    type Tree implements Node {
        a: String b: String c: String tree: Tree trees: [Tree!] node: Node fails: String!
        args(x: Int, y: [Int!]): String
    }
    type Query { a: String b: String tree: Tree trees: [Tree!] node: Node args(x: Int, y: [Int!]): String }
    """,
    {
        "Node": lambda *_: "Tree",
        "Tree.args": lambda source, info, **arguments: repr(arguments),
        "Query.args": lambda source, info, **arguments: repr(arguments),
    },
)


def tree(depth: int = 3) -> dict[str, Any]:
    """A tree whose texts are the names of their fields."""
    below = tree(depth - 1) if depth else None
    return {
        "a": "a",
        "b": "b",
        "c": "c",
        "tree": below,
        "trees": [below, below] if below else None,
        "node": below,
    }


MERGED = [
    Case(
        id="parallel fragments",
        document="""
            { a ...One ...Two }
            fragment One on Query { b tree { b deeper: tree { b } } }
            fragment Two on Query { tree { c deeper: tree { c } } }
        """,
        root=tree(),
        data={"a": "a", "b": "b", "tree": {"b": "b", "deeper": {"b": "b", "c": "c"}, "c": "c"}},
    ),
    Case(
        id="the first place decides the order",
        document="{ b tree { c } a b tree { a c } }",
        root=tree(),
        data={"b": "b", "tree": {"c": "c", "a": "a"}, "a": "a"},
    ),
    Case(
        id="aliases",
        document="{ x: a y: a a x: a z: tree { x: b } tree { x: c } }",
        root=tree(),
        data={"x": "a", "y": "a", "a": "a", "z": {"x": "b"}, "tree": {"x": "c"}},
    ),
    Case(
        id="aliases that look like something else",
        document="{ def: a self: b None: tree { __class__: a result: b if: c } __dict__: a _: a }",
        root=tree(),
        data={
            "def": "a",
            "self": "b",
            "None": {"__class__": "a", "result": "b", "if": "c"},
            "__dict__": "a",
            "_": "a",
        },
    ),
    Case(
        id="the same field by alias at different depths",
        document="{ tree { tree: tree { tree { a } } } t: tree { a: b b: a } }",
        root=tree(),
        data={"tree": {"tree": {"tree": {"a": "a"}}}, "t": {"a": "b", "b": "a"}},
    ),
    Case(
        id="merged below lists",
        document="{ trees { a } ... { trees { b trees { a } } } trees { trees { c } } }",
        root=tree(2),
        data={"trees": [{"a": "a", "b": "b", "trees": [{"a": "a", "c": "c"}] * 2}] * 2},
    ),
    Case(
        id="merged below an interface",
        document="{ node { a ... on Tree { b node { a } } node { ... on Tree { c } __typename } } }",
        root=tree(2),
        data={"node": {"a": "a", "b": "b", "node": {"a": "a", "c": "c", "__typename": "Tree"}}},
    ),
    Case(
        id="a fragment spread twice",
        document=(
            "{ ...F tree { ...G } ...F } fragment F on Query { a } fragment G on Tree { a ...H ...H"
            " } fragment H on Tree { b }"
        ),
        root=tree(),
        data={"a": "a", "tree": {"a": "a", "b": "b"}},
    ),
    Case(
        id="a fragment at two depths",
        document="{ tree { ...F tree { ...F } } } fragment F on Tree { a tree { b } }",
        root=tree(),
        data={"tree": {"a": "a", "tree": {"b": "b", "a": "a", "tree": {"b": "b"}}}},
    ),
    Case(
        id="__typename everywhere",
        document=(
            "{ __typename t: __typename tree { __typename x: __typename } trees { __typename } node"
            " { __typename } }"
        ),
        root=tree(1),
        data={
            "__typename": "Query",
            "t": "Query",
            "tree": {"__typename": "Tree", "x": "Tree"},
            "trees": [{"__typename": "Tree"}] * 2,
            "node": {"__typename": "Tree"},
        },
    ),
    Case(
        id="only __typename",
        document="{ __typename }",
        root=None,
        data={"__typename": "Query"},
    ),
    Case(
        id="the same arguments merge",
        document="query ($x: Int) { args(x: $x, y: [1]) args(y: [1], x: $x) o: args(x: 2) }",
        variables={"x": 1},
        root={},
        data={"args": "{'x': 1, 'y': [1]}", "o": "{'x': 2}"},
    ),
    Case(
        id="no root value",
        document="{ a tree { a } }",
        data={"a": None, "tree": None},
    ),
]


@table(MERGED)
async def test_keys(case: Case) -> None:
    await check(SCHEMA, case)


def failing(*path: str) -> dict[str, Any]:
    """A tree whose node at the path fails."""
    below = failing(*path[1:]) if path else None
    return (
        {path[0]: [below, below] if path[0] == "trees" else below, "a": "a"}
        if path
        else {"a": ValueError("bad")}
    )


@table(
    [
        Case(
            id="one node",
            document="{ tree { a } }",
            root=failing("tree"),
            data={"tree": {"a": None}},
            errors=["tree.a 1:10 bad"],
        ),
        Case(
            id="all nodes of a field",
            document="""{
  tree { a }
  ...F
  tree {
      a
    ... on Tree { a }
  }
}
fragment F on Query { tree { a } }""",
            root=failing("tree"),
            data={"tree": {"a": None}},
            errors=["tree.a 2:10+9:30+5:7+6:19 bad"],
        ),
        Case(
            id="the place is that of the alias",
            document="{ tree { x: a y: a } }",
            root=failing("tree"),
            data={"tree": {"x": None, "y": None}},
            errors=["tree.x 1:10 bad", "tree.y 1:15 bad"],
        ),
        Case(
            id="paths have aliases and indices",
            document="{ t: trees { u: trees { v: tree { a } } } }",
            root=failing("trees", "trees", "tree"),
            data={"t": [{"u": [{"v": {"a": None}}] * 2}] * 2},
            errors=[f"t.{i}.u.{j}.v.a 1:35 bad" for i in (0, 1) for j in (0, 1)],
        ),
        Case(
            id="an object that fails as a whole",
            document="{ tree { a } t: trees { a } ... { tree { b } } }",
            root={"tree": ValueError("bad"), "trees": [ValueError("worse")]},
            data={"tree": None, "t": None},
            errors=["tree 1:3+1:35 bad", "t.0 1:14 worse"],
        ),
        Case(
            id="the full path through fields that must not be null",
            document="{ tree { t: tree { trees { fails } } } }",
            root={"tree": {"tree": {"trees": [{"fails": "f"}, {}]}}},
            data={"tree": {"t": {"trees": None}}},
            errors=["tree.t.trees.1.fails 1:28 Cannot return null for non-nullable field Tree.fails."],
        ),
        Case(
            id="two texts that differ in blanks",
            document="{\n\n    tree   {\n  a } }",
            root=failing("tree"),
            data={"tree": {"a": None}},
            errors=["tree.a 4:3 bad"],
        ),
        Case(
            id="below an interface",
            document="{ node { a ... on Tree { b a } ... on Node { a } } }",
            root={"node": {"a": ValueError("bad"), "b": "b"}},
            data={"node": {"a": None, "b": "b"}},
            errors=["node.a 1:10+1:28+1:46 bad"],
        ),
    ]
)
async def test_places(case: Case) -> None:
    await check(SCHEMA, case)


async def test_a_wide_selection() -> None:
    names = [f"f{index}" for index in range(400)]
    case = Case(
        id="",
        document=f"{{ trees {{ {' '.join(f'{name}: a' for name in names)} }} }}",
        root=tree(1),
        data={"trees": [dict.fromkeys(names, "a")] * 2},
    )
    await check(SCHEMA, case)


async def test_a_deep_selection() -> None:
    depth = 60
    data: Any = {"a": "a"}
    for _ in range(depth):
        data = {"tree": data}
    root = tree(0)
    for _ in range(depth):
        root = {"tree": root}
    await check(SCHEMA, Case(id="", document="{ tree" * depth + "{ a }" + "}" * depth, root=root, data=data))


async def test_fragments_that_double() -> None:
    """Each level spreads the next one twice; the answer stays small."""
    levels = 18
    fragments = [
        f"fragment F{level} on Tree {{ a x: tree {{ ...F{level + 1} }} y: tree {{ ...F{level + 1} }} }}"
        for level in range(levels)
    ]
    document = f"{{ tree {{ ...F0 }} }} {' '.join(fragments)} fragment F{levels} on Tree {{ a }}"
    below = {"a": "a", "x": None, "y": None}
    root = {"tree": {"tree": {"a": "a"}, "a": "a"}}
    data = {"tree": {"a": "a", "x": below, "y": below}}
    await check(SCHEMA, Case(id="", document=document, root=root, data=data))


@pytest.mark.parametrize(
    "text", ['"', "'", "\\", "\n", "}", "{", "#", "%s", "{0}", "\u2028", "é", "\0", '"""', "__import__('os')"]
)
async def test_texts_of_the_document_are_never_code(text: str) -> None:
    """Aliases are names by grammar; literals and defaults are not."""
    literal = '"' + "".join(f"\\u{ord(char):04x}" for char in text) + '"'
    echo = schema_of("type Query { say(v: String): String }", {"Query.say": lambda source, info, v: v})
    document = f"query ($v: String = {literal}) {{ a: say(v: {literal}) b: say(v: $v) }}"
    await check(echo, Case(id=text, document=document, data={"a": text, "b": text}))
