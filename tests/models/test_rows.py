"""A value of an old row is believed only when it is what its column holds."""

from collections.abc import Callable

import pytest

from models.rows import BadValue, Row
from models.text import INT

Read = Callable[[Row], object]


@pytest.mark.parametrize(
    ("read", "value", "reason"),
    [
        (lambda row: row.whole("x"), None, "is null or missing, and must be a whole number"),
        (lambda row: row.whole("x"), "1", "is text, and must be a whole number"),
        (lambda row: row.whole("x"), True, "is true or false, and must be a whole number"),
        (lambda row: row.whole("x"), 1.0, "is a number, and must be a whole number"),
        (lambda row: row.whole("x"), 2**63, "is outside -9223372036854775808 to 9223372036854775807"),
        (lambda row: row.whole("x", INT), 2**31, "is outside -2147483648 to 2147483647"),
        (lambda row: row.number_or_none("x"), False, "is true or false, and must be a number"),
        (lambda row: row.number_or_none("x"), "1", "is text, and must be a number"),
        (lambda row: row.number_or_none("x"), float("inf"), "is not finite"),
        (lambda row: row.number_or_none("x"), float("nan"), "is not finite"),
        (lambda row: row.number_or_none("x"), 10**400, "is larger than any double"),
        (lambda row: row.text("x"), None, "is null or missing, and must be text"),
        (lambda row: row.text("x"), 5, "is a number, and must be text"),
        (lambda row: row.text("x"), [], "is a list, and must be text"),
        (lambda row: row.text("x"), "a\0", "cannot be stored: it holds a NUL character"),
        (lambda row: row.text("x"), "\udfff", "cannot be stored: it holds half of a surrogate pair"),
        (lambda row: row.truth("x"), None, "is null or missing, and must be true or false"),
        (lambda row: row.truth("x"), {}, "is an object, and must be true or false"),
        (lambda row: row.moment("x"), None, "is null or missing, and must be a date and time"),
        (lambda row: row.moment("x"), "soon", "is 'soon', and it is not an ISO 8601 date and time"),
    ],
)
def test_a_wrong_value_is_told_with_its_column(read: Read, value: object, reason: str) -> None:
    with pytest.raises(BadValue) as caught:
        read(Row({"x": value}))
    assert (caught.value.column, caught.value.reason) == ("x", reason)
    assert str(caught.value) == f"x {reason}."


def test_numbers_stay_as_they_are_given() -> None:
    row = Row({"whole": 15, "double": 15.0, "beyond": 2**63, "null": None})
    assert repr([row.number_or_none(column) for column in row.values]) == (
        "[15, 15.0, 9.223372036854776e+18, None]"
    )


def test_a_missing_column_reads_as_null_and_is_noted() -> None:
    row = Row({"a": 1, "b": 2})
    assert (row.whole("a"), row.text_or_none("c"), row.has("c")) == (1, None, False)
    assert row.asked == {"a", "c"}
