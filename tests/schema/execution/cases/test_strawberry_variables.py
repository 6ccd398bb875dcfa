"""What a Strawberry resolver gets of variables, and which values never get to it."""

from typing import Any

import pytest
from strawberry import Some

from tests.schema.execution.cases.runner import Case, check, table
from tests.schema.execution.cases.test_strawberry_inputs import ONE, SCHEMA, TWO, Color, Query

# Definitions of variables, their values, the selection, and what arrives.
VARIABLES: list[tuple[str, dict[str, Any], str, Any]] = [
    ("$a: Int!", {"a": 1}, "plain(a: $a)", (1, "b", None)),
    ("$a: Int! = 2, $c: Float", {}, "plain(a: $a, c: $c)", (2, "b", None)),
    ("$a: Int", {}, "unset(a: $a)", ("unset", None)),
    ("$a: Int", {"a": None}, "unset(a: $a)", (None, None)),
    ("$c: Color!", {"c": "VERDANT"}, "color(color: $c, colors: [$c])", (Color.GREEN, [Color.GREEN])),
    ("$c: [Color!]", {"c": ["RED"]}, "color(colors: $c)", (Color.GREEN, [Color.RED])),
    ("$c: Color! = RED", {}, "color(color: $c)", (Color.RED, None)),
    ("$p: Point!", {"p": {"x": 1}}, "point(point: $p)", ONE),
    ("$x: Int!, $y: Int!", {"x": 1, "y": 2}, "point(point: {x: $x, y: $y})", TWO),
    ("$p: [Point]!", {"p": [{"x": 1}, None]}, "points(points: $p)", [ONE, None]),
    ("$p: Point", {"p": None}, "points(points: [$p, {x: 1}])", [None, ONE]),
    ("$v: Int", {}, "maybe(value: $v)", None),
    ("$v: Int", {"v": None}, "maybe(value: $v)", Some(None)),
    ("$n: String", {}, "patch(patch: {name: $n})", (None, None, None)),
    ("$n: String", {"n": None}, "patch(patch: {name: $n})", (Some(None), None, None)),
    ("$p: Patch!", {"p": {"size": 1}}, "patch(patch: $p)", (None, Some(1), None)),
    ("$b: By!", {"b": {"name": "n"}}, "by(by: $b)", {"name": "n"}),
    ("$i: ID!", {"i": 5}, "by(by: {id: $i})", {"id": "5"}),
    ("$b: Box", {}, "box(box: $b)", None),
    (
        "$b: Box",
        {"b": {"title": "t", "points": [{"x": 1}], "note": None}},
        "box(box: $b)",
        ("t", None, [ONE], ["RED"], None, 5, None),
    ),
    ("$n: [Int!]!", {"n": [1]}, 'take(numbers: $n, box: {title: "t", points: [{x: 1}]})', ([1], [ONE])),
    ("$b: Box!", {"b": {"title": "t", "points": [{"x": 1}]}}, "take(numbers: [1], box: $b)", ([1], [ONE])),
]


@pytest.mark.parametrize("definitions, variables, selection, arrives", VARIABLES)
async def test_variables(definitions: str, variables: dict[str, Any], selection: str, arrives: Any) -> None:
    """Each call gets its own, although all come from the same variable."""
    case = Case(
        id=selection,
        document=f"query ({definitions}) {{ a: {selection} nests {{ a: {selection} b: {selection} }} }}",
        variables=variables,
        root=Query(),
        data={"a": repr(arrives), "nests": [{"a": repr(arrives), "b": repr(arrives)}] * 2},
    )
    await check(SCHEMA, case)


AT = "- 1:8 Variable '$v' has invalid value"


@table(
    [
        Case(
            id="an enum by its Python name",
            document="query ($v: Color!) { color(color: $v) }",
            variables={"v": "GREEN"},
            data=None,
            errors=[
                f"{AT}: Value 'GREEN' does not exist in 'Color' enum. Did you mean the enum value 'RED'?"
            ],
        ),
        Case(
            id="a scalar that cannot be read",
            document='query ($v: UUID!) { scalars(moment: "2026-01-02", id: 1, uuid: $v, amount: "1") }',
            variables={"v": "x"},
            data=None,
            errors=[f'{AT}: Value cannot represent a UUID: "x". badly formed hexadecimal UUID string'],
        ),
        Case(
            id="two of one",
            document="query ($v: By!) { by(by: $v) }",
            variables={"v": {"id": 1, "name": "n"}},
            data=None,
            errors=["- - OneOf Input Object 'By' must specify exactly one key."],
        ),
        Case(
            id="null of one by a variable",
            document='query ($i: ID = "1") { a: by(by: {id: $i}) nest { by(by: {id: $i}) } }',
            variables={"i": None},
            data=None,
            errors=["a 1:24 Value for member field 'id' must be non-null"],
        ),
        Case(
            id="null where a maybe wants a value",
            document="query ($v: Patch!) { a: patch(patch: $v) }",
            variables={"v": {"size": None}},
            root=Query(),
            data=None,
            errors=[
                "a 1:22 Expected value of type 'int', found null. Field of type 'Maybe[int]'"
                " cannot be explicitly set"
                " to null. Use 'Maybe[int | None]' if you need to allow null values."
            ],
        ),
        Case(
            id="null for a default",
            document="query ($v: Int = 1) { nests { plain(a: $v) } }",
            variables={"v": None},
            root=Query(),
            data=None,
            errors=[
                "nests.0.plain 1:40 Argument 'a' has invalid value:"
                " Expected variable '$v' provided to non-null type 'Int!' not to be None."
            ],
        ),
    ]
)
async def test_refused(case: Case) -> None:
    await check(SCHEMA, case)
