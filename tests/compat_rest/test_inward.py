"""A request schema and a variable: what is proven, and what is built."""

from pathlib import Path
from typing import Any

import pytest
from graphql import GraphQLInputType, build_schema, type_from_ast
from graphql.language import parse_type

from compat_rest.contract.findings import Collector
from compat_rest.members import absent_test
from compat_rest.refusal import Refusal
from compat_rest.taking import Taking
from tests.compat_rest.contracts import node, problems

SDL = build_schema("""
    scalar Secret
    scalar DateTime
    enum Size { SMALL LARGE }
    input Part { name: String!, count: Int = 1, size: Size }
    input Box { parts: [Part!]!, note: String }
    type Query { x(box: Box, secret: Secret, when: DateTime, id: ID): Int }
""")

Value = dict[str, Any]
TEXT = {"type": "string"}
PART = {
    "type": "object",
    "required": ["label"],
    "properties": {"label": {**TEXT, "x-graph": "name"}, "size": {"enum": ["s", "l"]}},
}
PART["properties"]["size"]["x-values"] = {"s": "SMALL", "l": ["LARGE", "SMALL"]}  # type: ignore[index]  # nested literal


def kind(text: str) -> GraphQLInputType:
    found = type_from_ast(SDL, parse_type(text))
    assert found is not None
    return found  # type: ignore[return-value]  # only input types are named here


def built(folder: Path, schema: Value, type_: str, value: Any) -> Any:
    found = Collector()
    take = Taking("test.case", found).take(node(schema, folder), kind(type_))
    assert problems(found) == []
    return take(value)


def refused(folder: Path, schema: Value, type_: str) -> list[str]:
    found = Collector()
    Taking("test.case", found).take(node(schema, folder), kind(type_))
    return problems(found)


def test_scalars_are_taken(tmp_path: Path) -> None:
    assert built(tmp_path, TEXT, "String!", "a") == "a"
    assert built(tmp_path, {"type": "integer"}, "ID!", 7) == "7"
    assert built(tmp_path, {"type": ["integer", "null"]}, "ID", None) is None
    assert built(tmp_path, {}, "Secret!", {"any": 1}) == {"any": 1}
    assert built(tmp_path, {"type": "integer", "minimum": 0, "maximum": 9}, "Int!", 3) == 3


def test_steps_run_after_the_rules(tmp_path: Path) -> None:
    assert built(tmp_path, {"x-sanitize": ["rules", "text"]}, "String!", True) == "True"
    assert built(tmp_path, {"x-sanitize": ["rules", "text", "int"]}, "ID!", " 007 ") == "7"
    with pytest.raises(Refusal, match="UNFIT"):
        built(tmp_path, {"x-sanitize": ["rules", "text", "int"]}, "ID!", "seven")


def test_names_and_spellings_inside_lists_are_translated(tmp_path: Path) -> None:
    schema = {
        "type": "object",
        "required": ["items"],
        "properties": {"items": {"type": "array", "x-graph": "parts", "items": PART}},
    }
    sent = {"items": [{"label": "lid", "size": "l"}, {"label": "base", "size": None, "extra": 1}]}
    assert built(tmp_path, schema, "Box!", sent) == {
        "parts": [{"name": "lid", "size": "LARGE"}, {"name": "base", "size": None}]
    }


def test_a_member_that_was_not_sent_is_its_default_or_nothing(tmp_path: Path) -> None:
    properties = {
        "label": {**TEXT, "x-graph": "name", "default": "lid"},
        "count": {"type": "integer", "minimum": 0, "maximum": 9, "x-absent": "falsy"},
    }
    schema = {"type": "object", "properties": properties}
    assert built(tmp_path, schema, "Part!", {"count": 0}) == {"name": "lid"}
    assert built(tmp_path, schema, "Part!", {"label": "base", "count": 2}) == {"name": "base", "count": 2}


@pytest.mark.parametrize(
    ("schema", "type_", "problem"),
    [
        ({"type": "number"}, "Int!", "Int takes no number."),
        ({"type": "integer"}, "Int!", "Int holds 32 bits, the schema sets no bounds."),
        ({"type": "integer", "minimum": 0, "maximum": 2**31}, "Int!", "Int holds 32 bits"),
        ({}, "String!", "Any value may arrive, String takes only its own."),
        ({"type": ["string", "null"]}, "String!", "null is let in, String! is never null."),
        (TEXT, "[String!]!", "[String!] takes a list only."),
        ({"type": "array"}, "[String!]!", "[String!] takes a list only."),
        (TEXT, "Box!", "Box takes an object only."),
        (TEXT, "Size!", "Any text may arrive, Size is an enum."),
        ({"enum": ["SMALL", "huge"]}, "Size!", "'huge' has no value in Size."),
        ({"type": "object"}, "Box!", "Nothing feeds Box.parts."),
        ({**PART, "required": []}, "Part!", "'label' may be missing, Part.name may not."),
        ({"type": "object", "properties": {"no": TEXT}}, "Part!", "Part has no field 'no'."),
        ({**TEXT, "x-sanitize": ["sponge"]}, "String!", "There is no step 'sponge'."),
        (
            {"type": "object", "properties": {"note": {**TEXT, "x-absent": "nul"}}},
            "Box!",
            "x-absent cannot be 'nul'.",
        ),
    ],
)
def test_what_the_type_does_not_take_is_refused(
    schema: Value, type_: str, problem: str, tmp_path: Path
) -> None:
    assert any(each.startswith(problem) for each in refused(tmp_path, schema, type_))


@pytest.mark.parametrize(
    ("word", "absent", "present"),
    [
        ("null", [None], ["", 0, False]),
        ("falsy", [None, "", 0, 0.0, False], ["0", 1, True, []]),
        (["-", 0], ["-", 0], [False, None, ""]),
    ],
)
def test_values_that_count_as_not_sent(
    word: Any, absent: list[Any], present: list[Any], tmp_path: Path
) -> None:
    test = absent_test(node({"x-absent": word}, tmp_path))
    assert test is not None
    assert [test(value) for value in absent] == [True] * len(absent)
    assert [test(value) for value in present] == [False] * len(present)


def test_without_the_word_every_value_counts(tmp_path: Path) -> None:
    assert absent_test(node(TEXT, tmp_path)) is None
    assert absent_test(node({"x-absent": "none"}, tmp_path)) is None
