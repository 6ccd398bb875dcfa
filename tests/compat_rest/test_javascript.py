"""JSON values as JavaScript sees them."""

from typing import Any

import pytest

from compat_rest.javascript import UNDEFINED, date, number, string, to_text
from compat_rest.refusal import Refusal


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (0, "0"),
        (-0.0, "0"),
        (1.0, "1"),
        (1.5, "1.5"),
        (1e21, "1e+21"),
        (1e20, "100000000000000000000"),
        (1.2345e20, "123450000000000000000"),
        (2**53 + 1, "9007199254740992"),
        (1e-6, "0.000001"),
        (-2.5e-5, "-0.000025"),
        (1e-7, "1e-7"),
        (1.5e-10, "1.5e-10"),
        (5e-324, "5e-324"),
        (10**400, "Infinity"),
        (-(10**400), "-Infinity"),
        (float("nan"), "NaN"),
        (float("-inf"), "-Infinity"),
    ],
)
def test_numbers(value: float, expected: str) -> None:
    assert number(value) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("a", "a"),
        (None, "null"),
        (UNDEFINED, "undefined"),
        (True, "true"),
        ([1, None, ["a", {}]], "1,,a,[object Object]"),
        ({"a": 1}, "[object Object]"),
    ],
)
def test_texts(value: Any, expected: str) -> None:
    assert string(value) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, ""),
        (UNDEFINED, ""),
        (float("nan"), ""),
        ([], ""),
        (["a", "b"], "a,b"),
        ([["a", "b"]], "a,b"),
        ([None], ""),
        (False, "false"),
        ({"toString": "x"}, "[object Object]"),
    ],
)
def test_texts_for_rules(value: Any, expected: str) -> None:
    assert to_text(value) == expected


def test_an_object_that_hides_its_text_was_a_failure() -> None:
    with pytest.raises(Refusal, match="UNFIT"):
        to_text({"toString": None})


# Each was asked of V8, with a clock in UTC.
@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("1950", "1950-01-01T00:00:00.000Z"),
        ("-1950", "1950-01-01T00:00:00.000Z"),
        ("1950-02-30", "1950-03-02T00:00:00.000Z"),
        ("1950-01-01 10:00", "1950-01-01T10:00:00.000Z"),
        ("1950-01-01T24:00", "1950-01-02T00:00:00.000Z"),
        ("1950-01-01T10:00:00.123456Z", "1950-01-01T10:00:00.123Z"),
        ("1950-01-01T10:00+0530", "1950-01-01T04:30:00.000Z"),
        ("1950-01-01T10:00-05:30", "1950-01-01T15:30:00.000Z"),
        ("1950-01-01 ", "1950-01-01T00:00:00.000Z"),
        (1950, "1970-01-01T00:00:01.950Z"),
        ("1950-01-01 10:00+05", "1950-01-01T05:00:00.000Z"),
        ("0099-01-01T10:20", "0099-01-01T10:20:00.000Z"),
        ("0099-01-01 10:20", "1999-01-01T10:20:00.000Z"),
        ("-0049 10:20", "2049-01-01T10:20:00.000Z"),
        ("+0030-01-01", None),
        ("+1950-01-01T10:20", None),
        ("1950-W01", None),
        ("1950-123", None),
        ("20200101", None),
        ("1950-01-01T10", None),
        ("1950-01-01T10:00:00,5", None),
        ("1950-01-01T10:00+05", None),
        ("1950-13-01", None),
        ("1950-01-00", None),
        ("0000-01-01", None),
        ("9999-12-31T23:59:59-01:00", None),
        (10**400, None),
        (True, None),
        (["1950"], None),
    ],
)
def test_dates(value: Any, expected: str | None) -> None:
    assert date(value) == expected
