"""Answers compared: every server must say the same before any is measured."""

from collections.abc import Iterator, Mapping
from typing import Any

# What a server makes itself, and so may differ: the type is compared, not the value.
OWN = frozenset({"enrolled_at"})
MOST = 5


def masked(value: Any) -> Any:
    """The answer with what a server makes itself replaced by its type."""
    if isinstance(value, Mapping):
        own = OWN | ({"id"} if "enrolled_at" in value else set())
        return {key: type(inner).__name__ if key in own else masked(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [masked(inner) for inner in value]
    return value


def differences(expected: Any, found: Any) -> list[str]:
    """Where two answers differ, as JSON, by pointer; the first few, or nothing."""
    every = list(differing("", masked(expected), masked(found)))
    return every[:MOST] + ([f"and {len(every) - MOST} more"] if len(every) > MOST else [])


def differing(at: str, expected: Any, found: Any) -> Iterator[str]:
    """Each place at which two values differ."""
    if isinstance(expected, dict) and isinstance(found, dict):
        for key in sorted(expected.keys() | found.keys()):
            if key not in found:
                yield f"{at}/{key} is missing"
            elif key not in expected:
                yield f"{at}/{key} is too much"
            else:
                yield from differing(f"{at}/{key}", expected[key], found[key])
    elif isinstance(expected, list) and isinstance(found, list):
        if len(expected) != len(found):
            yield f"{at or '/'} has {len(found)} items instead of {len(expected)}"
        for index, (left, right) in enumerate(zip(expected, found, strict=False)):
            yield from differing(f"{at}/{index}", left, right)
    elif type(expected) is not type(found) or expected != found:
        yield f"{at or '/'} is {found!r} instead of {expected!r}"
