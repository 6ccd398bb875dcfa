"""How instants and numbers are printed, and how values are sanitised."""

from datetime import datetime
from typing import Any

import pytest

from compat_rest.refusal import Refusal
from compat_rest.sanitize import STEPS, run, split
from compat_rest.texts import NUMBERS, instant_printer
from models.moments import StoredMoment

EXACT: StoredMoment = {"at": datetime(2026, 1, 5, 8, 30, 0, 123000), "us": 456, "text": None}
WHOLE: StoredMoment = {"at": datetime(2026, 1, 5, 8, 30), "us": 0, "text": None}
IMPORTED: StoredMoment = {**WHOLE, "text": "2026-01-05T08:30:00.5+00:00"}
OLD: StoredMoment = {"at": datetime(1969, 12, 31, 23, 59, 59), "us": 500, "text": None}


@pytest.mark.parametrize(
    ("word", "moment", "printed"),
    [
        ("python", EXACT, "2026-01-05T08:30:00.123456"),
        ("python", WHOLE, "2026-01-05T08:30:00"),
        ("js", EXACT, "2026-01-05T08:30:00.123Z"),
        ("js", WHOLE, "2026-01-05T08:30:00.000Z"),
        ("rfc3339", EXACT, "2026-01-05T08:30:00.123456Z"),
        ("date", EXACT, "2026-01-05"),
        ("midnight", EXACT, "2026-01-05T00:00:00.000Z"),
        ("epoch", EXACT, 1767601800),
        ("epoch", OLD, 0),
        ("stored", IMPORTED, "2026-01-05T08:30:00.5+00:00"),
        ("stored", WHOLE, "2026-01-05T08:30:00"),
        ("stored, js", WHOLE, "2026-01-05T08:30:00.000Z"),
    ],
)
def test_an_instant_is_printed(word: str, moment: StoredMoment, printed: object) -> None:
    printer = instant_printer(word)
    assert printer is not None
    assert printer(moment) == printed


@pytest.mark.parametrize("word", ["", "sundial", "stored, sundial", "js, stored"])
def test_an_unknown_form_has_no_printer(word: str) -> None:
    assert instant_printer(word) is None


@pytest.mark.parametrize(
    ("number", "js", "python"),
    [
        (15.0, "15", "15.0"),
        (1, "1", "1"),
        (16.8, "16.8", "16.8"),
        (-0.625, "-0.625", "-0.625"),
        (1e21, "1e+21", "1e+21"),
        (1e15, "1000000000000000", "1000000000000000.0"),
    ],
)
def test_a_number_is_printed(number: float, js: str, python: str) -> None:
    assert repr(NUMBERS["js"](number)) == js
    assert repr(NUMBERS["python"](number)) == python


@pytest.mark.parametrize(
    ("step", "value", "expected"),
    [
        ("text", "a", "a"),
        ("text", True, "True"),
        ("text", {"a": 1}, "{'a': 1}"),
        ("text", float("nan"), "nan"),
        ("text", None, None),
        ("json", "a", "a"),
        ("json", True, "true"),
        ("json", {"ü": [1, None]}, '{"\\u00fc": [1, null]}'),
        ("json", None, None),
        ("json", float("inf"), "\0"),
        ("json", [float("nan")], "\0"),
        ("int", " +12\n", 12),
        ("int", "-0007", -7),
        ("int", None, None),
        ("int", "9223372036854775807", 2**63 - 1),
    ],
)
def test_a_step_changes_a_value(step: str, value: Any, expected: object) -> None:
    assert run([STEPS[step]], value) == expected


@pytest.mark.parametrize(
    ("step", "value"),
    [("int", "1.0"), ("int", "１"), ("int", ""), ("int", str(2**63)), ("int", 5)],
)
def test_a_value_that_a_step_cannot_take_is_unfit(step: str, value: Any) -> None:
    with pytest.raises(Refusal, match="UNFIT"):
        run([STEPS[step]], value)


def test_steps_run_before_the_rules_unless_the_mark_says_otherwise() -> None:
    assert split(["text"]) == (["text"], [])
    assert split(["text", "rules", "int"]) == (["text"], ["int"])
    assert split(["rules"]) == ([], [])


def test_a_value_that_cannot_be_written_again_is_unfit() -> None:
    nested: list[object] = []
    for _ in range(3000):
        nested = [nested]
    with pytest.raises(Refusal, match="UNFIT"):
        run([STEPS["json"]], nested)
