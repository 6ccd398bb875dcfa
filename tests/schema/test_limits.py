"""A document that asks too much is refused before work is done for it, and in time that its length bounds."""

import time

import pytest
from graphql import parse

from schema.limits import Limits, excesses, extents

LIMITS = Limits(depth=3, aliases=2)


def problems(text: str, limits: Limits = LIMITS) -> list[str]:
    document = parse(text)
    return [error.message for error in excesses(document, extents(document), limits)]


def doubling(times: int, innermost: str) -> str:
    """A document whose fragments spread the next ones twice: the last is reached in 2 ** times ways."""
    fragments = (
        f"fragment F{number} on Query {{ ...F{number + 1} ...F{number + 1} }}" for number in range(times)
    )
    return f"{{ ...F0 }} {' '.join(fragments)} fragment F{times} on Query {{ {innermost} }}"


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("{ a { b { c { d } } } }", None),
        ("query Deep { a { b { c { d { e } } } } }", "'Deep' exceeds maximum operation depth of 3"),
        ("{ a { ... { b { ...F } } } } fragment F on X { c { d } }", None),
        (
            "{ a { b { ...F } } } fragment F on X { c { d { e } } }",
            "'anonymous' exceeds maximum operation depth of 3",
        ),
        ("{ a { __type { fields { type { ofType { name } } } } } }", None),
        ("{ x: a { y: b } }", None),
        ("{ x: a ...F ...F } fragment F on Query { y: b }", "3 aliases found. Allowed: 2"),
        (
            "query A { x: a } query B { x: a ...F } fragment F on Query { y: b }",
            "3 aliases found. Allowed: 2",
        ),
    ],
)
def test_depth_and_aliases_are_counted_through_fragments(text: str, problem: str | None) -> None:
    assert problems(text) == ([problem] if problem else [])


def test_what_is_too_deep_is_pointed_at() -> None:
    text = "{ a { b { ...F } } } fragment F on X { c { d { e } } }"
    document = parse(text)
    (error,) = excesses(document, extents(document), LIMITS)
    assert error.locations is not None
    assert text[error.locations[0].column - 1 :].startswith("e }")


def test_fragments_that_double_are_counted_in_no_time() -> None:
    begin = time.perf_counter()
    assert problems(doubling(100, "a")) == []
    assert problems(doubling(100, "x: a")) == [f"{2**100} aliases found. Allowed: 2"]
    assert time.perf_counter() - begin < 1


@pytest.mark.parametrize(
    "text",
    [
        "{ a { ...F } } fragment F on X { b { ...F } }",
        "{ ...F } fragment F on X { ...G } fragment G on X { ...F }",
        "{ ...Missing }",
        "{ ...F ...F } fragment F on X { ...Missing }",
    ],
)
def test_what_only_validation_can_refuse_is_left_to_it(text: str) -> None:
    assert problems(text) == []


def test_every_field_that_is_written_counts_once() -> None:
    document = parse("{ a { b } ...F ... { c } ...F } fragment F on X { d e }")
    assert [extent.fields for extent in extents(document).values()] == [3, 2]
