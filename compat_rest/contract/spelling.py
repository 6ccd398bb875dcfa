"""The legacy spellings of the graph's enums."""

from typing import Any

from compat_rest.contract.expressions import BadExpression, Spell
from compat_rest.contract.findings import ContractError
from compat_rest.contract.source import Node


def spelling_of(schema: Node) -> dict[str, Any]:
    """Graph value to legacy spelling, by `x-values` or by equal names."""
    spellings: dict[str, Any] = {}
    words = schema.plain("x-values") or {each: each for each in schema.plain("enum", ())}
    for legacy, graph in words.items():
        for value in graph if isinstance(graph, list) else [graph]:
            spellings.setdefault(value, legacy)
    return spellings


def types_of(schema: Node) -> set[str]:
    """The JSON types a schema names."""
    types = schema.plain("type", ())
    return {types} if isinstance(types, str) else set(types)


def speller(place: Node) -> Spell:
    """Finds the spellings of the schema that a pointer names, seen from a place of the contract."""

    def spell(pointer: str) -> dict[str, Any]:
        try:
            schema = Node(place.source, place.pointer, {"$ref": f"#{pointer}"}).followed()
        except ContractError:
            schema = place
        if schema is place or "enum" not in schema:
            raise BadExpression(f"The pointer {pointer!r} of $spelled leads to no `enum`.")
        return spelling_of(schema)

    return spell
