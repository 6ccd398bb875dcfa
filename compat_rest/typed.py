"""The step `typed`, which holds a value to the types and the enum of its schema."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from compat_rest.javascript import UNDEFINED
from compat_rest.refusal import Refusal
from compat_rest.sanitize import Step

_TYPES: Mapping[str, Callable[[Any], bool]] = {
    "string": lambda value: isinstance(value, str),
    "array": lambda value: isinstance(value, list),
    "object": lambda value: isinstance(value, dict),
    "boolean": lambda value: isinstance(value, bool),
    "null": lambda value: value is None,
    "number": lambda value: isinstance(value, int | float) and not isinstance(value, bool),
    "integer": lambda value: (
        isinstance(value, int | float) and not isinstance(value, bool) and value == value // 1
    ),
}


def typed(types: set[str], spellings: Sequence[Any] | None = None) -> Step:
    """A step that lets through what is of the schema's types, and in its enum; the rest is UNFIT."""
    tests = [_TYPES[name] for name in types if name in _TYPES]

    def step(value: Any) -> Any:
        if value is UNDEFINED:
            return value
        if not any(test(value) for test in tests) or (spellings is not None and value not in spellings):
            raise Refusal("UNFIT")
        return value

    return step
