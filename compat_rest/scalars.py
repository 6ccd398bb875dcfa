"""The graph's scalars beside the contract's types: which fits which, and how it is written."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from compat_rest.contract.expressions import Scope
from compat_rest.contract.source import Node
from compat_rest.selection import Selected
from compat_rest.texts import INSTANTS, NUMBERS, Printer, instant_printer, is_plain, spelt
from schema.directives import is_integer_id

Write = Callable[[Any, Scope], Any]
Wrong = tuple[str, str]

# The JSON types that each scalar of the graph can be written as; any of them where there are none.
SCALARS: dict[str, frozenset[str]] = {
    "String": frozenset({"string"}),
    "ID": frozenset({"string", "integer"}),
    "Int": frozenset({"integer", "number"}),
    "Float": frozenset({"number"}),
    "Boolean": frozenset({"boolean"}),
    "Number": frozenset({"number"}),
    "DateTime": frozenset({"string", "integer"}),
    "JSON": frozenset(),
}


def scalar_writer(name: str, schema: Node, types: set[str], place: Selected, numbers: str) -> Write | Wrong:
    """The writer of a scalar in one of the contract's types, or what is wrong and what to do."""
    fitting = types & SCALARS[name]
    if name == "JSON":
        return told
    if types and not fitting:
        wanted, can = " or ".join(sorted(types)), " or ".join(sorted(SCALARS[name]))
        return f"{place.name} is {name}, which is no {wanted}.", f"Write `type: {can}`."
    if name == "DateTime":
        return _instant(schema, fitting)
    if name == "ID" and "integer" in fitting and "string" not in fitting:
        return _integer_id(place)
    if name in ("Number", "Float"):
        word = str(schema.plain("x-text", numbers))
        if word not in NUMBERS:
            return f"A number has no text form {word!r}.", f"Known are {', '.join(NUMBERS)}."
        return Printed(spelt(NUMBERS[word]))
    return as_it_is


def as_it_is(value: Any, scope: Scope) -> Any:
    """A value that is written as the graph has it."""
    return value


def told(value: Any, scope: Scope) -> Any:
    """A value of a request, which may be anything; notes what JSON writers may spell differently."""
    if not is_plain(value):
        scope.plain = False
    return value


def _instant(schema: Node, types: set[str]) -> Write | Wrong:
    word = schema.plain("x-text")
    if word is None:
        return "An instant has no text form of its own.", f"Say `x-text`: {', '.join(INSTANTS)} or stored."
    printer = instant_printer(str(word))
    if printer is None:
        return (
            f"An instant has no text form {word!r}.",
            f"Known are {', '.join(INSTANTS)} and `stored, <form>`.",
        )
    printed = "integer" if str(word).endswith("epoch") else "string"
    if types != {printed}:
        return f"x-text {word!r} prints a {printed}.", f"Write `type: {printed}`, or another form."
    wanted = "date" if str(word) == "date" else "date-time"
    if schema.plain("format", wanted) != wanted:
        return f"x-text {word!r} is no {schema.plain('format')}.", f"Write `format: {wanted}`."
    return Printed(printer)


def _integer_id(place: Selected) -> Write | Wrong:
    if place.definition is None or not is_integer_id(place.definition):
        return (
            f"{place.name} is an ID of any text.",
            "Write `type: string`, or mark the field @id(kind: INTEGER).",
        )
    return Printed(int)


@dataclass(frozen=True)
class Printed:
    """Writes a value by a printer, whatever the request."""

    printer: Printer

    def __call__(self, value: Any, scope: Scope) -> Any:
        return self.printer(value)
