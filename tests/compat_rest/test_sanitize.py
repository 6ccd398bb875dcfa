"""The steps of `x-sanitize`, as express-validator and the drivers behind it changed values."""

import math
from typing import Any

import pytest

from compat_rest.javascript import UNDEFINED
from compat_rest.refusal import Refusal
from compat_rest.sanitize import JS


@pytest.mark.parametrize(
    ("word", "value", "expected"),
    [
        ("trim", " \u00a0a b\ufeff\n", "a b"),
        ("trim", None, ""),
        ("trim", UNDEFINED, ""),
        ("trim", 42, "42"),
        ("trim", {"a": 1}, "[object Object]"),
        ("trim", [" a ", 5, ["b", "c"]], ["a", "5", "b,c"]),
        ("trim", [], []),
        ("trim", "\u200ba", "\u200ba"),
        ("email", "A.b@Gmail.com", "ab@gmail.com"),
        ("email", ["A@B.cc"], ["a@b.cc"]),
        ("email", "+x@gmail.com", ""),
        ("text", ["a", None, "b"], "a,,b"),
        ("text", 5, "5"),
        ("text", None, None),
        ("text", UNDEFINED, UNDEFINED),
        ("blank", "", None),
        ("blank", " ", " "),
        ("blank", 0, 0),
        ("boolean", "no", True),
        ("boolean", "0", False),
        ("boolean", False, False),
        ("boolean", "", False),
        ("boolean", ["false", 1], [False, True]),
        ("int", "007", 7),
        ("int", " 12px", 12),
        ("int", "9" * 400, float("inf")),
        ("int", "-" + "9" * 400, float("-inf")),
        ("first", ["a", "b"], "a"),
        ("first", [], None),
        ("first", "a", "a"),
        ("lower", "ABC", "abc"),
        ("lower", 5, 5),
        ("escape", "<a href='x'>\"&/`\\", "&lt;a href=&#x27;x&#x27;&gt;&quot;&amp;&#x2F;&#96;&#x5C;"),
        ("none", {"a": 1}, {"a": 1}),
        ("jsdate", "1950", "1950-01-01T00:00:00.000Z"),
        ("jsdate", None, None),
        ("uuid", "00000000-0000-4000-8000-000000000001", "00000000-0000-4000-8000-000000000001"),
        ("uuid", None, None),
        ("objectid", "685bc8000000000000001001", "685bc8000000000000001001"),
        ("objectid", UNDEFINED, UNDEFINED),
    ],
)
def test_what_becomes_of_a_value(word: str, value: Any, expected: Any) -> None:
    assert JS[word](value) == expected


def test_what_begins_with_no_number_is_none() -> None:
    assert math.isnan(JS["int"]("x"))


@pytest.mark.parametrize(
    ("word", "value"),
    [
        ("none", ["a"]),
        ("jsdate", "1950-W01"),
        ("jsdate", ["1950"]),
        ("uuid", "x"),
        ("uuid", 5),
        ("objectid", "0x5bc8000000000000001001"),
        ("trim", {"toString": 0}),
    ],
)
def test_what_can_be_nothing_that_is_stored(word: str, value: Any) -> None:
    with pytest.raises(Refusal, match="UNFIT"):
        JS[word](value)
