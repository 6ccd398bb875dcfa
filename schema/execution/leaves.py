"""Leaf types: which values are final as they are, and what writes the others."""

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from graphql import GraphQLBoolean, GraphQLFloat, GraphQLID, GraphQLInt, GraphQLString
from strawberry.schema.schema_converter import CustomGraphQLEnumType

from schema.execution.source import Source


@dataclass(frozen=True)
class Leaf:
    """Source for the values of one type, over {v}: the value, and {w}: what is written.

    `final` is true only of values for which the type's own `coerce_output_value` would return `output`.
    """

    final: str | None = None
    output: str = "{v}"
    names: Mapping[str, Any] = field(default_factory=dict)

    def written(self, source: Source, value: str, output: str) -> tuple[str, str]:
        """The test that a value is final, and the expression for what is written."""
        names = {name: source.constant(constant, "e") for name, constant in self.names.items()}
        test = (self.final or "").format(v=value, w=output, **names)
        return test, self.output.format(v=value, w=output)


# Subclasses are not final: True is no 1, and a text's subclass may print itself otherwise.
LEAVES: Mapping[Any, Leaf] = {
    GraphQLString: Leaf("type({v}) is str"),
    GraphQLID: Leaf(
        "({w} := {v} if type({v}) is str else str({v}) if type({v}) is int else None) is not None", "{w}"
    ),
    GraphQLBoolean: Leaf("type({v}) is bool"),
    # Int has 32 bits.
    GraphQLInt: Leaf("type({v}) is int and -2147483648 <= {v} <= 2147483647"),
    # Infinity and "not a number" are refused: their difference with themselves is no zero.
    GraphQLFloat: Leaf("type({v}) is float and {v} - {v} == 0.0"),
}

# A scalar of one's own: only its `coerce_output_value` knows.
OWN = Leaf()


# An id in a form in which it is a number again, out of the number that it is in the store.
NUMBER = Leaf("type({v}) is int")


def leaf_of(type_: Any, print_: Callable[[Any], Any] | None = None) -> tuple[Leaf, Callable[[Any], Any]]:
    """The source for a leaf type, and what writes values that are not final; `print_` has the last word."""
    coerce = type_.coerce_output_value
    if print_ is not None:
        number = print_ is int and type_ is GraphQLID
        return (NUMBER if number else OWN), lambda value: print_(coerce(value))
    found = LEAVES.get(type_)
    if found is not None:
        return found, coerce
    return (_enum(type_) if type(type_) is CustomGraphQLEnumType else OWN), coerce


def _enum(type_: CustomGraphQLEnumType) -> Leaf:
    """Members and raw texts by table; members by identity, as their classes may say what equals what."""
    members = _printed(type_, list(type_.wrapped_cls))
    texts = _printed(type_, [each.value for each in type_.values.values() if type(each.value) is str])
    return Leaf(
        "({w} := {texts}({v}) if type({v}) is str else {members}(id({v}))) is not None",
        "{w}",
        {
            "members": {id(member): name for member, name in members}.get,
            "texts": dict(texts).get,
        },
    )


def _printed(type_: CustomGraphQLEnumType, values: list[Any]) -> list[tuple[Any, str]]:
    found = []
    for value in values:
        # What cannot be printed stays an error of the request that shows it.
        with suppress(Exception):
            found.append((value, type_.coerce_output_value(value)))
    return found
