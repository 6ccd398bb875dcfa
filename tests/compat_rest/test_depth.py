"""The depth of JSON is known before it is parsed."""

import json
from time import perf_counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compat_rest.depth import is_deeper, json_depth

JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(alphabet='ab"\\[]{}é\ud800\n'),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(alphabet='"\\[]{}x'), inner),
)


def depth_of(value: object) -> int:
    if isinstance(value, dict):
        return 1 + max(map(depth_of, value.values()), default=0)
    if isinstance(value, list):
        return 1 + max(map(depth_of, value), default=0)
    return 0


def depth_reached(text: str) -> int:
    """The depth that a parser has reached at the end of a text, which is where it stops."""
    depth = deepest = 0
    inside = escaped = False
    for character in text:
        if escaped:
            escaped = False
        elif inside:
            escaped, inside = character == "\\", character != '"'
        elif character == '"':
            inside = True
        else:
            depth += (character in "[{") - (character in "]}")
            deepest = max(deepest, depth)
    return deepest


@pytest.mark.parametrize(
    ("text", "depth"),
    [
        ("", 0),
        ("1", 0),
        ("[]", 1),
        ('{"a": [{}]}', 3),
        ("[[],[],[[]]]", 3),
        ('["[[[[", "\\"[[[", "\\\\", []]', 2),
        ("]]]][[", 0),
    ],
)
def test_depth(text: str, depth: int) -> None:
    assert json_depth(text) == depth
    assert json_depth(text.encode()) == depth


@given(JSON, st.booleans())
def test_the_depth_of_what_was_written_is_found(value: object, escapes: bool) -> None:
    assert json_depth(json.dumps(value, ensure_ascii=escapes)) == depth_of(value)


@given(st.text(alphabet='[]{}",:\\a1 '))
def test_no_parser_gets_deeper_than_was_said(text: str) -> None:
    try:
        json.loads(text)
    except json.JSONDecodeError as error:
        assert depth_reached(text[: error.pos]) <= json_depth(text)


def test_the_limit_itself_passes() -> None:
    assert not is_deeper("[" * 64 + "]" * 64, 64)
    assert is_deeper("[" * 65 + "]" * 65, 64)
    assert is_deeper(b'{"a":' * 65, 64)
    assert not is_deeper("[],{}" * 65, 64)


@pytest.mark.parametrize(
    "text", ["[" * 1_000_000, '"",' * 333_333 + "[" * 65, '["\\"' * 250_000, "[],{}," * 160_000]
)
def test_a_hostile_megabyte_is_read_in_passing(text: str) -> None:
    begin = perf_counter()
    is_deeper(text.encode(), 64)
    assert perf_counter() - begin < 0.5
