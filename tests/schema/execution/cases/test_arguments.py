"""What reaches a resolver of the values that stand in a document."""

from typing import Any

import pytest

from tests.schema.execution.cases.runner import Case, check, schema_of, table
from tests.schema.execution.cases.test_variables import SCHEMA, shown

# The selection, and what arrives.
ACCEPTED: list[tuple[str, str]] = [
    ("int", "{}"),
    ("int(v: 1)", "{'v': 1}"),
    ("int(v: null)", "{'v': None}"),
    ("float(v: 1)", "{'v': 1.0}"),
    ("float(v: 1.5e3)", "{'v': 1500.0}"),
    ('text(v: "a\\u00e9\\n")', "{'v': 'aé\\n'}"),
    ('text(v: """\n    block\n      text\n  """)', "{'v': 'block\\n  text'}"),
    ("flag(v: false)", "{'v': False}"),
    ("id(v: 7)", "{'v': '7'}"),
    ('id(v: "x")', "{'v': 'x'}"),
    ("color(v: RED)", "{'v': 'RED'}"),
    ("even(v: 8)", "{'v': 4}"),
    ("ints(v: [1, null, 2])", "{'v': [1, None, 2]}"),
    ("ints(v: 5)", "{'v': [5]}"),
    ("ints(v: [])", "{'v': []}"),
    ("texts(v: [[], null])", "{'v': [[], None]}"),
    ('box(v: {c: "c"})', "{'v': {'c': 'c', 'd': 7, 'color': 'GREEN'}}"),
    ('box(v: {d: null, c: "c", a: null})', "{'v': {'a': None, 'c': 'c', 'd': None, 'color': 'GREEN'}}"),
    (
        'box(v: {c: "c", b: "x", even: 4})',
        "{'v': {'b': ['x'], 'c': 'c', 'even': 2, 'd': 7, 'color': 'GREEN'}}",
    ),
    ('boxes(v: {c: "c"})', "{'v': [{'c': 'c', 'd': 7, 'color': 'GREEN'}]}"),
    ("point(v: {x: 1, y: 2})", "{'v': '1.0|2.0'}"),
    ("preset", "{'v': 'preset'}"),
    ("preset(v: null)", "{'v': None}"),
    ("mustPreset", "{'v': 'preset'}"),
    ("boxPreset", "{'v': {'c': 'c', 'd': 7, 'color': 'GREEN'}}"),
    ("one(v: {b: 1})", "{'v': {'b': 1}}"),
]


@pytest.mark.parametrize("selection, arrives", ACCEPTED, ids=[row[0] for row in ACCEPTED])
async def test_accepted(selection: str, arrives: str) -> None:
    case = Case(
        id=selection, document=f"{{ a: {selection} b: {selection} }}", data={"a": arrives, "b": arrives}
    )
    await check(SCHEMA, case)


# Variables inside of literals: their definitions, their values, the selection, and what arrives.
INSIDE: list[tuple[str, dict[str, Any], str, str]] = [
    ("$a: Int", {"a": 1}, "ints(v: [$a, 2, $a])", "{'v': [1, 2, 1]}"),
    ("$a: Int", {}, "ints(v: [$a, 2])", "{'v': [None, 2]}"),
    ("$a: Int", {"a": None}, "ints(v: [$a])", "{'v': [None]}"),
    ("$a: String", {}, 'box(v: {c: "c", a: $a})', "{'v': {'c': 'c', 'd': 7, 'color': 'GREEN'}}"),
    (
        "$a: String",
        {"a": None},
        'box(v: {c: "c", a: $a})',
        "{'v': {'a': None, 'c': 'c', 'd': 7, 'color': 'GREEN'}}",
    ),
    ("$d: Int", {}, 'box(v: {c: "c", d: $d})', "{'v': {'c': 'c', 'd': 7, 'color': 'GREEN'}}"),
    ("$d: Int", {"d": None}, 'box(v: {c: "c", d: $d})', "{'v': {'c': 'c', 'd': None, 'color': 'GREEN'}}"),
    ("$c: String!", {"c": "x"}, "box(v: {c: $c})", "{'v': {'c': 'x', 'd': 7, 'color': 'GREEN'}}"),
    (
        "$box: Box!",
        {"box": {"c": "x"}},
        'deep(v: {box: $box, name: "n"})',
        "{'v': {'box': {'c': 'x', 'd': 7, 'color': 'GREEN'}, 'name': 'n'}}",
    ),
    ("$a: String!", {"a": "abc"}, "one(v: {a: $a})", "{'v': {'a': 'abc'}}"),
    ('$v: String = "d"', {}, "must(v: $v)", "{'v': 'd'}"),
]


@pytest.mark.parametrize("definitions, variables, selection, arrives", INSIDE)
async def test_variables_inside(
    definitions: str, variables: dict[str, Any], selection: str, arrives: str
) -> None:
    document = f"query ({definitions}) {{ a: {selection} }}"
    await check(SCHEMA, Case(id=selection, document=document, variables=variables, data={"a": arrives}))


def used_up(source: Any, info: Any, v: list[Any]) -> str:
    """A resolver that changes what it was given."""
    seen = repr(v)
    v.clear()
    return seen


OWN = schema_of(
    """
    input Tags { names: [String!]! }
    type Row { use(v: [Int!]!): String must(v: String!): String mustBe(v: String!): String! fine: Int }
    type Query { rows: [Row] row: Row must(v: String!): String }
    """,
    {"Row.use": used_up, "Row.must": shown, "Row.mustBe": shown, "Query.must": shown},
)
NOT_NULL = (
    "Argument 'v' has invalid value: Expected variable '$v' provided to non-null type 'String!' not"
    " to be None."
)
NOT_GIVEN = (
    "Argument 'v' has invalid value:"
    " Expected variable '$v' provided to type 'String!' to provide a runtime value."
)


@table(
    [
        Case(
            id="each call has its own list",
            document="{ rows { use(v: [1, 2]) } row { use(v: [1, 2]) } }",
            root={"rows": [{}, {}], "row": {}},
            data={"rows": [{"use": "[1, 2]"}, {"use": "[1, 2]"}], "row": {"use": "[1, 2]"}},
        ),
        Case(
            id="null for an argument that must not be null",
            document='query ($v: String = "d") { must(v: $v) row { fine } }',
            variables={"v": None},
            root={"row": {"fine": 1}},
            data={"must": None, "row": {"fine": 1}},
            errors=[f"must 1:36 {NOT_NULL}"],
        ),
        Case(
            id="the same in rows",
            document='query ($v: String = "d") { rows { fine must(v: $v) } }',
            variables={"v": None},
            root={"rows": [{"fine": 1}, {"fine": 2}]},
            data={"rows": [{"fine": 1, "must": None}, {"fine": 2, "must": None}]},
            errors=[f"rows.0.must 1:48 {NOT_NULL}", f"rows.1.must 1:48 {NOT_NULL}"],
        ),
        Case(
            id="the same, and the field must not be null",
            document='query ($v: String = "d") { row { fine mustBe(v: $v) } }',
            variables={"v": None},
            root={"row": {"fine": 1}},
            data={"row": None},
            errors=[f"row.mustBe 1:49 {NOT_NULL}"],
        ),
        Case(
            id="a default keeps it from being null",
            document='query ($v: String = "d") { must(v: $v) }',
            data={"must": "{'v': 'd'}"},
        ),
    ]
)
async def test_arguments_of_each_call(case: Case) -> None:
    await check(OWN, case)


# What validation refuses, and what comes of it without.
INVALID: list[tuple[str, str]] = [
    ("{ a: must }", "a 1:3 Argument 'v' of required type 'String!' was not provided."),
    (
        "{ a: must(v: null) }",
        "a 1:14 Argument 'v' has invalid value: Expected value of non-null type 'String!' not to be None.",
    ),
    ("query ($v: String) { a: must(v: $v) }", f"a 1:33 {NOT_GIVEN}"),
    ("{ a: must(v: $v) }", f"a 1:14 {NOT_GIVEN}"),
    (
        "{ a: must(v: 1) }",
        "a 1:14 Argument 'v' has invalid value: String cannot represent a non string value: 1",
    ),
]


@pytest.mark.parametrize("document, error", INVALID, ids=[row[0] for row in INVALID])
async def test_invalid_documents(document: str, error: str) -> None:
    await check(OWN, Case(id=document, document=document, data={"a": None}, errors=[error], valid=False))
