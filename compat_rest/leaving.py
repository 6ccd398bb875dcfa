"""Which JSON types a value may have after each rule and step of a chain: what inward is proven against."""

from collections.abc import Mapping

from compat_rest.contract.source import Node
from compat_rest.judges import Judge
from compat_rest.sanitize import FORMS

ANY = frozenset({"string", "integer", "number", "boolean", "array", "object", "null"})
# Texts of the values that have only a few, as the rules see them.
_TEXTS: Mapping[str, tuple[str, ...]] = {
    "null": ("",),
    "object": ("[object Object]",),
    "boolean": ("true", "false"),
}
# Whole numbers and others whose texts tell whether a rule takes numbers at all.
_NUMBERS = tuple(str(number) for number in (0, 1, -1, 7, 1950, 12345678, 10**20))
_WHOLE: Mapping[str, frozenset[str]] = {
    "type": frozenset({"string"}),
    "array": frozenset({"array"}),
    "object": frozenset({"object"}),
    "absent": frozenset(),
}
# What a step makes of anything but a list.
_MADE: Mapping[str, str] = {
    "trim": "string",
    "email": "string",
    "escape": "string",
    "boolean": "boolean",
    "int": "integer",
}


def passing(types: frozenset[str], key: str, judge: Judge, schema: Node) -> frozenset[str]:
    """The types that may be left when a rule has let a value through."""
    if judge.whole:
        return types & _WHOLE[key]
    left = set(types & {"string", "array"})
    for kind, texts in _TEXTS.items():
        if kind in types and any(judge.fits(text) for text in texts):
            left.add(kind)
    numbers = types & {"integer", "number"}
    if numbers and key in ("enum", "format", "boolean"):
        spelled = [str(value) for value in schema.plain("enum", ()) if not isinstance(value, str)]
        numbers = numbers if any(judge.fits(text) for text in (*_NUMBERS, *spelled)) else frozenset()
    return frozenset(left | numbers)


def after(types: frozenset[str], word: str, allowed: set[str]) -> frozenset[str]:
    """The types that a step leaves behind; `allowed` are the schema's."""
    if word in _MADE:
        return frozenset({_MADE[word]}) | (types & {"array"})
    if word == "text":
        return frozenset({"string"}) | (types & {"null"})
    if word == "blank":
        return types | {"null"} if "string" in types else types
    if word == "first":
        # Nobody has looked at the type of the items.
        return ANY if "array" in types else types
    if word == "none":
        return types - {"array"}
    if word in FORMS:
        return types & {"string", "null"}
    if word == "jsdate":
        return frozenset({"string"}) | (types & {"null"})
    if word == "typed":
        return types & _widened(allowed)
    return types


def _widened(allowed: set[str]) -> frozenset[str]:
    return frozenset(allowed | ({"integer"} if "number" in allowed else set()))
