"""What reaches a resolver of the values that came with a document."""

from math import nan
from typing import Any

import pytest
from graphql import GraphQLError, GraphQLInputObjectType, GraphQLScalarType

from tests.schema.execution.cases.runner import Case, check, schema_of


def even(value: Any) -> Any:
    """A scalar's reading: half of an even number."""
    if value == "code":
        raise GraphQLError("Coded.", extensions={"code": "ODD"})
    if value % 2:
        raise ValueError(f"{value} is odd.")
    return value // 2


def point(value: dict[str, Any]) -> str:
    """An input that is no dict in Python."""
    return f"{value['x']}|{value['y']}"


def shown(source: Any, info: Any, **arguments: Any) -> str:
    """The arguments, as they came."""
    return repr(arguments)


NAMES = (
    "int float text flag id color even box boxes ints must mustInts intsMust mustIntsMust deep texts"
    " preset mustPreset boxPreset one point"
).split()
SCHEMA = schema_of(
    """
    enum Color { RED GREEN }
    scalar Even
    input Box { a: String b: [String] c: String! even: Even d: Int = 7 box: Box color: Color = GREEN }
    input Deep { box: Box! name: String! }
    input One @oneOf { a: String b: Int }
    input Point { x: Float y: Float }
    type Thing { a: String }
    type Query {
        int(v: Int): String float(v: Float): String text(v: String): String
        flag(v: Boolean): String id(v: ID): String
        color(v: Color): String even(v: Even): String box(v: Box): String boxes(v: [Box!]): String
        ints(v: [Int]): String must(v: String!): String
        mustInts(v: [Int]!): String intsMust(v: [Int!]): String
        mustIntsMust(v: [Int!]!): String deep(v: Deep): String texts(v: [[String]]): String
        preset(v: String = "preset"): String mustPreset(v: String! = "preset"): String
        boxPreset(v: Box = { c: "c" }): String one(v: One!): String point(v: Point): String
    }
    """,
    {f"Query.{name}": shown for name in NAMES},
)
EVEN = SCHEMA.type_map["Even"]
assert isinstance(EVEN, GraphQLScalarType)
EVEN.coerce_input_value = even
POINT = SCHEMA.type_map["Point"]
assert isinstance(POINT, GraphQLInputObjectType)
POINT.out_type = point  # type: ignore[method-assign]  # as SDL cannot say it

MISSING = object()
# The type of $v, the field it goes to, its value, and what arrives.
ACCEPTED: list[tuple[str, str, Any, str]] = [
    ("Int", "int", 1, "{'v': 1}"),
    ("Int", "int", -(2**31), "{'v': -2147483648}"),
    ("Int", "int", 1.0, "{'v': 1}"),
    ("Int", "int", None, "{'v': None}"),
    ("Int", "int", MISSING, "{}"),
    ("Int!", "int", 2, "{'v': 2}"),
    ("Int = 3", "int", MISSING, "{'v': 3}"),
    ("Int = 3", "int", None, "{'v': None}"),
    ("Int = 3", "int", 4, "{'v': 4}"),
    ("Int! = 3", "int", MISSING, "{'v': 3}"),
    ("Int = null", "int", MISSING, "{'v': None}"),
    ("Float", "float", 1, "{'v': 1.0}"),
    ("Float", "float", 1.5, "{'v': 1.5}"),
    ("Float = 1", "float", MISSING, "{'v': 1.0}"),
    ("String", "text", "", "{'v': ''}"),
    ("String", "text", "漢字", "{'v': '漢字'}"),
    ("Boolean", "flag", False, "{'v': False}"),
    ("ID", "id", 7, "{'v': '7'}"),
    ("ID", "id", "7", "{'v': '7'}"),
    ("Color", "color", "RED", "{'v': 'RED'}"),
    ("Color = GREEN", "color", MISSING, "{'v': 'GREEN'}"),
    ("Even", "even", 8, "{'v': 4}"),
    ("Even", "even", None, "{'v': None}"),
    ("[Int]", "ints", [1, None, 2], "{'v': [1, None, 2]}"),
    ("[Int]", "ints", 5, "{'v': [5]}"),
    ("[Int]", "ints", (1, 2), "{'v': [1, 2]}"),
    ("[Int]", "ints", [], "{'v': []}"),
    ("[Int]", "ints", None, "{'v': None}"),
    ("[Int]", "ints", MISSING, "{}"),
    ("[Int!]", "intsMust", [1], "{'v': [1]}"),
    ("[Int!]!", "mustIntsMust", [1], "{'v': [1]}"),
    ("[Int]!", "mustInts", [None], "{'v': [None]}"),
    ("[Int] = 4", "ints", MISSING, "{'v': [4]}"),
    ("[[String]]", "texts", [["a"], None, []], "{'v': [['a'], None, []]}"),
    ("[[String]]", "texts", "a", "{'v': [['a']]}"),
    ("Box", "box", {"c": "c"}, "{'v': {'c': 'c', 'd': 7, 'color': 'GREEN'}}"),
    ("Box", "box", {"c": "c", "a": None}, "{'v': {'a': None, 'c': 'c', 'd': 7, 'color': 'GREEN'}}"),
    (
        "Box",
        "box",
        {"c": "c", "d": None, "b": "x"},
        "{'v': {'b': ['x'], 'c': 'c', 'd': None, 'color': 'GREEN'}}",
    ),
    ("Box", "box", {"c": "c", "even": 4}, "{'v': {'c': 'c', 'even': 2, 'd': 7, 'color': 'GREEN'}}"),
    (
        "Box",
        "box",
        {"c": "c", "box": {"c": "d", "color": "RED"}},
        "{'v': {'c': 'c', 'd': 7, 'box': {'c': 'd', 'd': 7, 'color': 'RED'}, 'color': 'GREEN'}}",
    ),
    ('Box = {c: "x"}', "box", MISSING, "{'v': {'c': 'x', 'd': 7, 'color': 'GREEN'}}"),
    ("[Box!]", "boxes", {"c": "c"}, "{'v': [{'c': 'c', 'd': 7, 'color': 'GREEN'}]}"),
    ("Point", "point", {"x": 1, "y": 2}, "{'v': '1.0|2.0'}"),
    ("String", "preset", MISSING, "{'v': 'preset'}"),
    ("String", "preset", None, "{'v': None}"),
    ("String", "mustPreset", MISSING, "{'v': 'preset'}"),
    ("String", "mustPreset", "given", "{'v': 'given'}"),
    ("Box", "boxPreset", MISSING, "{'v': {'c': 'c', 'd': 7, 'color': 'GREEN'}}"),
    ("One!", "one", {"a": "abc"}, "{'v': {'a': 'abc'}}"),
    ("One! = {b: 1}", "one", MISSING, "{'v': {'b': 1}}"),
]


def variables_of(value: Any) -> dict[str, Any]:
    """The variables of a request."""
    return {} if value is MISSING else {"v": value}


@pytest.mark.parametrize("type_, name, value, arrives", ACCEPTED)
async def test_accepted(type_: str, name: str, value: Any, arrives: str) -> None:
    case = Case(
        id=type_,
        document=f"query ($v: {type_}) {{ {name}(v: $v) again: {name}(v: $v) }}",
        variables=variables_of(value),
        data={name: arrives, "again": arrives},
    )
    await check(SCHEMA, case)


ONE_OF = (
    "Within OneOf Input Object type 'One', exactly one field must be specified,"
    " and the value for that field must be non-null."
)
AT = "- 1:8 Variable '$v' has invalid value"
# The type of $v, the field it goes to, its value, and the errors instead of any data.
REFUSED: list[tuple[str, str, Any, list[str]]] = [
    ("Int", "int", "meow", [f"{AT}: Int cannot represent non-integer value: 'meow'"]),
    ("Int", "int", "1", [f"{AT}: Int cannot represent non-integer value: '1'"]),
    ("Int", "int", True, [f"{AT}: Int cannot represent non-integer value: True"]),
    ("Int", "int", 1.5, [f"{AT}: Int cannot represent non-integer value: 1.5"]),
    ("Int", "int", 2**31, [f"{AT}: Int cannot represent non 32-bit signed integer value: 2147483648"]),
    ("Int", "int", [1], [f"{AT}: Int cannot represent non-integer value: [1]"]),
    ("Int!", "int", None, [f"{AT}: Expected value of non-null type 'Int!' not to be None."]),
    ("Int!", "int", MISSING, [f"{AT}: Expected a value of non-null type 'Int!' to be provided."]),
    ("Float", "float", "1.5", [f"{AT}: Float cannot represent non numeric value: '1.5'"]),
    ("Float", "float", nan, [f"{AT}: Float cannot represent non numeric value: nan"]),
    ("String", "text", 1, [f"{AT}: String cannot represent a non string value: 1"]),
    ("String!", "must", [1, 2], [f"{AT}: String cannot represent a non string value: [1, 2]"]),
    ("Boolean", "flag", 0, [f"{AT}: Boolean cannot represent a non boolean value: 0"]),
    ("ID", "id", 1.5, [f"{AT}: ID cannot represent value: 1.5"]),
    ("ID", "id", True, [f"{AT}: ID cannot represent value: True"]),
    ("Color", "color", "BLUE", [f"{AT}: Value 'BLUE' does not exist in 'Color' enum."]),
    ("Color", "color", 1, [f"{AT}: Enum 'Color' cannot represent non-string value: 1."]),
    (
        "Even",
        "even",
        3,
        [f"{AT}: Expected value of type 'Even', but encountered error '3 is odd.'; found: 3."],
    ),
    ("Even", "even", "code", [f"{AT}: Coded. {{'code': 'ODD'}}"]),
    (
        "[Int!]",
        "intsMust",
        [1, None],
        [f"{AT} at [1]: Expected value of non-null type 'Int!' not to be None."],
    ),
    ("[Int!]!", "mustIntsMust", None, [f"{AT}: Expected value of non-null type '[Int!]!' not to be None."]),
    (
        "[Int]",
        "ints",
        ["a", 1, "b"],
        [
            f"{AT} at [0]: Int cannot represent non-integer value: 'a'",
            f"{AT} at [2]: Int cannot represent non-integer value: 'b'",
        ],
    ),
    ("Box", "box", "foo", [f"{AT}: Expected value of type 'Box' to be an object, found: 'foo'."]),
    ("Box", "box", {}, [f"{AT}: Expected value of type 'Box' to include required field 'c', found: {{}}."]),
    ("Box", "box", {"c": None}, [f"{AT} at .c: Expected value of non-null type 'String!' not to be None."]),
    (
        "Box",
        "box",
        {"c": "c", "extra": 1},
        [
            f"{AT}: Expected value of type 'Box' not to include unknown field 'extra', found:"
            f" {{'c': 'c', 'extra': 1}}."
        ],
    ),
    (
        "Box",
        "box",
        {"c": 1, "b": [2], "box": {"c": 3}},
        [
            f"{AT} at .b[0]: String cannot represent a non string value: 2",
            f"{AT} at .c: String cannot represent a non string value: 1",
            f"{AT} at .box.c: String cannot represent a non string value: 3",
        ],
    ),
    (
        "Deep",
        "deep",
        {"box": {"a": "foo"}},
        [
            (
                f"{AT} at .box: Expected value of type 'Box' to include required field 'c', found:"
                f" {{'a': 'foo'}}."
            ),
            (
                f"{AT}: Expected value of type 'Deep' to include required field 'name', found:"
                f" {{'box': {{'a': 'foo'}}}}."
            ),
        ],
    ),
    ("One!", "one", {"a": None}, [f"{AT} at .a: {ONE_OF}"]),
    ("One!", "one", {"a": "abc", "b": 1}, [f"{AT}: {ONE_OF}"]),
    ("One!", "one", {}, [f"{AT}: {ONE_OF}"]),
]


@pytest.mark.parametrize("type_, name, value, errors", REFUSED)
async def test_refused(type_: str, name: str, value: Any, errors: list[str]) -> None:
    case = Case(
        id=type_,
        document=f"query ($v: {type_}) {{ {name}(v: $v) }}",
        variables=variables_of(value),
        data=None,
        errors=errors,
    )
    await check(SCHEMA, case)


async def test_errors_of_every_variable() -> None:
    case = Case(
        id="",
        document="query ($a: Int!, $b: [Int], $c: Int) {\n  int(v: $a) ints(v: $b) a: int(v: $c)\n}",
        variables={"b": ["x", "y"], "c": 1, "unknown": 2},
        data=None,
        errors=[
            "- 1:8 Variable '$a' has invalid value: Expected a value of non-null type 'Int!' to be provided.",
            "- 1:18 Variable '$b' has invalid value at [0]: Int cannot represent non-integer value: 'x'",
            "- 1:18 Variable '$b' has invalid value at [1]: Int cannot represent non-integer value: 'y'",
        ],
    )
    await check(SCHEMA, case)


async def test_a_limit_of_errors() -> None:
    errors = [f"{AT} at [{index}]: Int cannot represent non-integer value: 'x'" for index in range(50)]
    case = Case(
        id="",
        document="query ($v: [Int]) { ints(v: $v) }",
        variables={"v": ["x"] * 60},
        data=None,
        errors=[*errors, "- - Too many errors processing variables, error limit reached. Execution aborted."],
    )
    await check(SCHEMA, case)


async def test_values_nested_too_deeply() -> None:
    box: dict[str, Any] = {"c": "c"}
    for _ in range(2000):
        box = {"c": "c", "box": box}
    document = "query ($v: Box) { box(v: $v) }"
    variables = {"v": box}
    errors = ["- - Variable values are nested too deeply."]
    await check(SCHEMA, Case(id="", document=document, variables=variables, data=None, errors=errors))
