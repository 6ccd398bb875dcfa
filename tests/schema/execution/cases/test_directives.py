"""What @skip and @include leave of a document, and what other directives do."""

from dataclasses import replace
from typing import Any

import pytest

from tests.schema.execution.cases.runner import Case, check, schema_of, table

SCHEMA = schema_of("""
    directive @mark(note: String) repeatable
        on FIELD | FRAGMENT_SPREAD | INLINE_FRAGMENT | QUERY | VARIABLE_DEFINITION
    type Query { a: String b: String row: Row rows: [Row] must: Row! }
    type Row { a: String b: String! row: Row }
""")
ROW = {"a": "a", "b": "b"}
ROOT: dict[str, Any] = {**ROW, "row": {**ROW, "row": ROW}, "rows": [ROW, ROW], "must": ROW}

# Where b may stand; %s is the directive.
PLACES = {
    "field": "{ a b %s }",
    "spread": "{ a ...B %s } fragment B on Query { b }",
    "inline fragment": "{ a ... on Query %s { b } }",
    "bare inline fragment": "{ a ... %s { b } }",
    "within": "{ a ... { ...B } } fragment B on Query { ... on Query { b %s } }",
}
DIRECTIVES = {
    "@include(if: true)": True,
    "@include(if: false)": False,
    "@skip(if: false)": True,
    "@skip(if: true)": False,
    "@include(if: true) @skip(if: false)": True,
    "@include(if: true) @skip(if: true)": False,
    "@include(if: false) @skip(if: false)": False,
    "@include(if: false) @skip(if: true)": False,
    "@skip(if: false) @include(if: true)": True,
}


@pytest.mark.parametrize("directive, included", DIRECTIVES.items(), ids=DIRECTIVES)
@pytest.mark.parametrize("place", PLACES.values(), ids=PLACES)
async def test_literals(place: str, directive: str, included: bool) -> None:
    data = {"a": "a", "b": "b"} if included else {"a": "a"}
    await check(SCHEMA, Case(id=place, document=place % directive, root=ROOT, data=data))


VARIABLES = {
    "@include(if: $if)": ([True], [False]),
    "@skip(if: $if)": ([False], [True]),
    "@include(if: $if) @skip(if: $not)": ([True, False], [False, False]),
    "@skip(if: $not) @include(if: $if)": ([True, False], [True, True]),
    "@include(if: $preset)": ([True], [False]),
}


@pytest.mark.parametrize("directive, values", VARIABLES.items(), ids=VARIABLES)
@pytest.mark.parametrize("place", PLACES.values(), ids=PLACES)
async def test_variables(place: str, directive: str, values: tuple[list[Any], list[Any]]) -> None:
    """One document, with values that include b and with values that leave it out."""
    names = [name for name in ("if", "not", "preset") if f"${name}" in directive]
    types = {"if": "$if: Boolean!", "not": "$not: Boolean!", "preset": "$preset: Boolean! = true"}
    selection = place % directive
    document = f"query ({', '.join(types[name] for name in names)}) {selection}"
    cases = [
        Case(
            id=document,
            document=document,
            variables=dict(zip(names, given, strict=True)),
            root=ROOT,
            data=data,
        )
        for given, data in zip(values, ({"a": "a", "b": "b"}, {"a": "a"}), strict=True)
    ]
    await check(SCHEMA, *cases, *cases)


TWO = "query ($x: Boolean!, $y: Boolean = false, $z: Boolean! = true) {"
DEEP = f"""{TWO}
  rows {{ a @skip(if: $x) ... @include(if: $y) {{ c: a row @include(if: $z) {{ a }} }} b @include(if: $z) }}
}}"""


@table(
    [
        Case(
            id="nothing is left",
            document="{ a @skip(if: true) ...B @include(if: false) } fragment B on Query { b }",
            root=ROOT,
            data={},
        ),
        Case(
            id="nothing is left of an object",
            document=(
                "query ($x: Boolean!) { row { a @include(if: $x) } must { b @include(if: $x) } rows"
                " { b @include(if: $x) } }"
            ),
            variables={"x": False},
            root=ROOT,
            data={"row": {}, "must": {}, "rows": [{}, {}]},
        ),
        Case(
            id="a field asked for twice, once not",
            document="query ($x: Boolean!) { a @skip(if: $x) a row { a } row @skip(if: $x) { b } }",
            variables={"x": True},
            root=ROOT,
            data={"a": "a", "row": {"a": "a"}},
        ),
        Case(
            id="a field asked for twice",
            document="query ($x: Boolean!) { row @include(if: $x) { b } a row { a } }",
            variables={"x": True},
            root=ROOT,
            data={"row": {"b": "b", "a": "a"}, "a": "a"},
        ),
        Case(
            id="the order of keys follows what is left",
            document="query ($x: Boolean!) { row @include(if: $x) { b } a row { a } }",
            variables={"x": False},
            root=ROOT,
            data={"a": "a", "row": {"a": "a"}},
        ),
        Case(
            id="a fragment spread twice, the first time left out",
            document="{ ...B @skip(if: true) a ...B } fragment B on Query { b }",
            root=ROOT,
            data={"a": "a", "b": "b"},
        ),
        Case(
            id="a failure counts only where the field is asked for",
            document="query ($x: Boolean!) { row { b @skip(if: $x) a } }",
            variables={"x": True},
            root={"row": {"a": "a"}},
            data={"row": {"a": "a"}},
        ),
        Case(
            id="places of the nodes that are left",
            document="query ($x: Boolean!) { row { b @skip(if: $x) b } ... @skip(if: $x) { row { b } } }",
            variables={"x": True},
            root={"row": {}},
            data={"row": None},
            errors=["row.b 1:46 Cannot return null for non-nullable field Row.b."],
        ),
        Case(
            id="places of all nodes",
            document="query ($x: Boolean!) { row { b @skip(if: $x) b } ... @skip(if: $x) { row { b } } }",
            variables={"x": False},
            root={"row": {}},
            data={"row": None},
            errors=["row.b 1:30+1:46+1:76 Cannot return null for non-nullable field Row.b."],
        ),
        Case(
            id="__typename is a field like others",
            document=(
                "query ($x: Boolean!) { __typename @skip(if: $x) row { a __typename @include(if: $x) } }"
            ),
            variables={"x": True},
            root=ROOT,
            data={"row": {"a": "a", "__typename": "Row"}},
        ),
    ]
)
async def test_conditions(case: Case) -> None:
    await check(SCHEMA, case)


async def test_several_conditions() -> None:
    ways: list[tuple[dict[str, bool], list[dict[str, Any]]]] = [
        ({"x": False}, [{"a": "a", "b": "b"}] * 2),
        ({"x": True, "y": True, "z": False}, [{"c": "a"}] * 2),
        ({"x": False, "y": True}, [{"a": "a", "c": "a", "row": None, "b": "b"}] * 2),
    ]
    cases = [Case(id="", document=DEEP, variables=way, root=ROOT, data={"rows": rows}) for way, rows in ways]
    await check(SCHEMA, *cases)


IF = "has invalid value: Expected variable '$x' provided to non-null type 'Boolean!' not to be None."


@table(
    [
        Case(
            id="null at the root",
            document="query ($x: Boolean = true) { a b @include(if: $x) }",
            variables={"x": None},
            root=ROOT,
            data=None,
            errors=[f"- 1:47 Argument 'if' {IF}"],
        ),
        Case(
            id="null below a field",
            document="query ($x: Boolean = true) { a row { b @skip(if: $x) } }",
            variables={"x": None},
            root=ROOT,
            data={"a": "a", "row": None},
            errors=[f"row 1:50 Argument 'if' {IF}"],
        ),
        Case(
            id="null below a field that must not be null",
            document="query ($x: Boolean = true) { a must { ... @skip(if: $x) { b } } }",
            variables={"x": None},
            root=ROOT,
            data=None,
            errors=[f"must 1:53 Argument 'if' {IF}"],
        ),
        Case(
            id="null in rows",
            document="query ($x: Boolean = true) { rows { a @include(if: $x) } }",
            variables={"x": None},
            root=ROOT,
            data={"rows": [None, None]},
            errors=[f"rows.0 1:52 Argument 'if' {IF}", f"rows.1 1:52 Argument 'if' {IF}"],
        ),
        Case(
            id="null where nobody asks",
            document="query ($x: Boolean = true) { a row { b @skip(if: $x) } }",
            variables={"x": None},
            root={"a": "a"},
            data={"a": "a", "row": None},
        ),
    ]
)
async def test_null_as_a_condition(case: Case) -> None:
    """A default makes a variable legal here that may still be null; each selection asks for itself."""
    await check(SCHEMA, case)


@table(
    [
        Case(id="on a field", document='{ a @mark(note: "x") b }', root=ROOT, data={"a": "a", "b": "b"}),
        Case(id="twice", document="{ a @mark @mark b }", root=ROOT, data={"a": "a", "b": "b"}),
        Case(id="beside a condition", document="{ a b @mark @skip(if: true) }", root=ROOT, data={"a": "a"}),
        Case(
            id="on fragments",
            document="{ ... @mark { a } ...B @mark } fragment B on Query { b }",
            root=ROOT,
            data={"a": "a", "b": "b"},
        ),
        Case(id="on the operation", document="query @mark { a }", root=ROOT, data={"a": "a"}),
        Case(
            id="on a variable",
            document="query ($x: Boolean = true @mark) { a @include(if: $x) }",
            root=ROOT,
            data={"a": "a"},
        ),
    ]
)
async def test_other_directives(case: Case) -> None:
    """A directive that execution does not know changes nothing, but such a document is not compiled."""
    await check(SCHEMA, replace(case, stays_stock="directive"))


async def test_many_conditions() -> None:
    """More combinations of values than a plan keeps, one after another."""
    names = [f"v{index}" for index in range(6)]
    definitions = ", ".join(f"${name}: Boolean!" for name in names)
    fields = " ".join(f"{name}: a @include(if: ${name})" for name in names)
    cases = []
    for number in range(64):
        variables = {name: bool(number >> index & 1) for index, name in enumerate(names)}
        data = {name: "a" for name in names if variables[name]}
        document = f"query ({definitions}) {{ {fields} }}"
        cases.append(Case(id="", document=document, variables=variables, root=ROOT, data=data))
    await check(SCHEMA, *cases)
