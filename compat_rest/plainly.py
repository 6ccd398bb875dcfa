"""Answers that no document fills: written from constants, from the request, and from a house page's data."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from compat_rest.contract.expressions import BadExpression, Scope, compile_text, point
from compat_rest.contract.source import Node
from compat_rest.contract.spelling import speller, types_of
from compat_rest.texts import instant_printer

Write = Callable[[Any, Scope], Any]
# Notes what is wrong at a place, and what to do.
Refuse = Callable[[Node, str, str], None]
OMIT = object()


@dataclass
class Plainly:
    """Compiles the schemas of such answers; `data` says whether there is a page to read."""

    environ: Mapping[str, str]
    refuse: Refuse
    data: bool
    failed: bool = False

    def compile(self, schema: Node) -> Write:
        """The writer of an answer, seen from the page's data."""
        return self._value(schema)

    def _value(self, schema: Node) -> Write:
        """The writer of a value that stands at its place."""
        pointer = schema.plain("x-graph")
        if isinstance(pointer, str) and pointer.startswith("$"):
            return self._expression(schema, pointer)
        if "const" in schema:
            constant = schema.plain("const")
            return lambda value, scope: constant
        if "object" in types_of(schema):
            return self._object(schema)
        if "array" in types_of(schema) and self.data:
            return self._array(schema)
        if not self.data:
            if "default" in schema:
                default = schema.plain("default")
                return lambda value, scope: default
            return self._wrong(
                schema, "Nothing fills this value.", "Say `const`, `default` or an expression."
            )
        return self._printed(schema)

    def _object(self, schema: Node) -> Write:
        required = schema.plain("required", ())
        members = [
            (name, self._member(name, node, name in required))
            for name, node in schema.members("properties").items()
        ]

        def write(value: Any, scope: Scope) -> dict[str, Any]:
            here = value if isinstance(value, Mapping) else {}
            written = ((name, member(here, scope)) for name, member in members)
            return {name: each for name, each in written if each is not OMIT}

        return write

    def _member(self, name: str, schema: Node, required: bool) -> Write:
        pointer, write = schema.plain("x-graph"), self._value(schema)
        if "const" in schema or (isinstance(pointer, str) and pointer.startswith("$")):
            return write
        composed = "object" in types_of(schema)
        absent = schema.plain("default") if required or "default" in schema else OMIT

        def member(here: Any, scope: Scope) -> Any:
            value = here.get(name) if pointer is None else _found(str(pointer), here, scope)
            if value is None and not composed and self.data:
                return absent
            return write(value, scope)

        return member

    def _array(self, schema: Node) -> Write:
        items = schema.get("items")
        if items is None:
            return self._wrong(schema, "The array has no `items`.", "Describe its items.")
        write = self._value(items)
        return lambda value, scope: [write(each, scope) for each in value]

    def _expression(self, schema: Node, expression: str) -> Write:
        try:
            evaluate = compile_text(expression, self.environ, speller(schema))
        except BadExpression as error:
            return self._wrong(schema, str(error), "Correct the expression.")
        write = self._printed(schema)
        return lambda value, scope: write(evaluate(scope), scope)

    def _printed(self, schema: Node) -> Write:
        word = schema.plain("x-text")
        if word is None:
            return lambda value, scope: value
        printer = instant_printer(str(word))
        if printer is None:
            return self._wrong(schema, f"An instant has no text form {word!r}.", "Write one like `js`.")
        return lambda value, scope: printer(value)

    def _wrong(self, schema: Node, problem: str, remedy: str) -> Write:
        self.failed = True
        self.refuse(schema, problem, remedy)
        return lambda value, scope: None


def _found(pointer: str, here: Any, scope: Scope) -> Any:
    """The value at a pointer, from the page's data or from the enclosing object."""
    return point(scope.data if pointer.startswith("/") else here, f"/{pointer.strip('/')}")
