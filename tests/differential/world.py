"""A schema that was built, and the Python objects that stand for values of its types."""

import ast
import re
import sys
from collections.abc import Iterator, Mapping
from types import ModuleType
from typing import Any

import strawberry
from graphql import GraphQLSchema, print_schema
from strawberry.schema.config import StrawberryConfig

from schema.raw import RAW
from tests.differential.leaves import SCALARS, loud
from tests.differential.outline import APOLOGY, Composite, Field, Outline
from tests.differential.schemas import draw
from tests.differential.state import STATE, UNKNOWN
from tests.differential.values import mix

KINDS = ("instance", "twin", "alien", "slots", "proxy", "cast", "miscast", "row", "mapping")


class Row(dict[str, Any]):
    """A dict that is not exactly one: its keys are no fields."""


ROWS: dict[str, type[dict[str, Any]]] = {"row": dict, "mapping": Row}


# Marked objects are of the same classes as those that are not.
CLASSES = {"cast": "alien", "miscast": "instance", "proxy": "alien"}


class Proxy:
    """An object that computes its attributes, and says so each time."""

    _serial = UNKNOWN

    def __init__(self, kind: str) -> None:
        self._kind = kind
        self._hidden: dict[str, Any] = {}

    def __repr__(self) -> str:
        return "<Proxy>"

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_") or name not in self._hidden:
            raise AttributeError(f"There is no {name}.")
        STATE.get().log.append((None, -4, self._serial, name, None, ()))
        return self._hidden[name]


class World:
    """Everything that is the same for all documents over one schema."""

    def __init__(self, seed: int) -> None:
        self.outline: Outline = draw(seed)
        self.seed = seed
        self.kinds = KINDS
        module = ModuleType(f"generated_{seed}")
        sys.modules[module.__name__] = module
        try:
            # The text is ours, made of ours alone.
            exec(compile(self.outline.source, f"<schema {seed}>", "exec"), module.__dict__)
            self.graph: strawberry.Schema = strawberry.Schema(
                query=module.Query,
                mutation=module.Mutation,
                subscription=module.Subscription,
                directives=[loud],
                types=[vars(module)[one.python] for one in self.objects.values() if not one.of],
                exception_handlers=[module.Sorry()] if APOLOGY in self.objects else (),
                config=StrawberryConfig(
                    scalar_map=SCALARS, default_resolver=RAW if self.outline.raw else getattr
                ),
            )
        finally:
            del sys.modules[module.__name__]
        self.core: GraphQLSchema = self.graph._schema
        self.defaults = {id(one): one for one in defaults(vars(module))}
        self.classes = {name: classes(vars(module)[one.python], one) for name, one in self.objects.items()}
        self.fields: dict[int, Field] = {
            one.number: one
            for composite in self.outline.composites.values()
            for one in composite.fields.values()
        }

    @property
    def objects(self) -> dict[str, Composite]:
        return {name: one for name, one in self.outline.composites.items() if one.kind == "object"}

    @property
    def sdl(self) -> str:
        return print_schema(self.core)

    def told(self, document: str) -> str:
        """The Python text of the fields that a document names, and of their types."""
        words = set(re.findall(r"\w+", document))
        names = {one.python for one in self.fields.values() if one.name in words}
        module = ast.parse(self.outline.source)
        kept = []
        for block in module.body:
            if isinstance(block, ast.ClassDef):
                block.body = [
                    one for one in block.body[1:] if names.intersection(bound(one)) or not bound(one)
                ]
            if getattr(block, "body", None) or isinstance(block, ast.Assign):
                kept.append(ast.unparse(block))
        return "\n".join(kept)

    def roots(self, seed: int) -> tuple[Composite, str] | None:
        """What the root value is: nothing, a row or an instance."""
        query = self.outline.composites["Query"]
        return None if mix(seed, 11) % 24 == 0 else (query, query.sources[0])

    def shell(self, composite: Composite, kind: str, serial: int) -> Any:
        """An object of a kind, without its attributes yet."""
        if kind in ROWS:
            return ROWS[kind]({"_serial": serial, "_kind": composite.name})
        made: Any = self.classes[composite.name][CLASSES.get(kind, kind)]
        shell = Proxy(composite.name) if kind == "proxy" else made.__new__(made)
        shell._serial = serial
        if kind in ("cast", "miscast"):
            strawberry.cast(self.classes[self.cast(composite, kind)]["instance"], shell)
        return shell

    def cast(self, composite: Composite, kind: str) -> str:
        """The type that an object is marked with: its own, or the next one."""
        names = list(self.objects)
        place = names.index(composite.name)
        return names[place if kind == "cast" else (place + 1) % len(names)]

    def furnish(self, target: Any, kind: str, values: dict[str, Any]) -> None:
        """Gives an object its attributes."""
        if kind in ROWS:
            target.update((RAW.key(name), value) for name, value in values.items())
        elif kind == "proxy":
            target._hidden.update(values)
        elif kind == "slots":
            for name, value in values.items():
                setattr(target, name, value)
        else:
            vars(target).update(values)

    def mark(self, value: Any, count: int) -> None:
        """Writes a number into an object, where one of its fields shows it."""
        kind = value.get("_kind") if isinstance(value, dict) else getattr(value, "_kind", None)
        composite = self.outline.composites.get(kind) if isinstance(kind, str) else None
        if composite is None or (not isinstance(value, dict) and not hasattr(value, "__dict__")):
            return
        for one in composite.attributes:
            if one.ref.base in ("Int", "String") and not one.ref.lists:
                new = count if one.ref.base == "Int" else f"marked {count}"
                self.furnish(value, "row" if isinstance(value, dict) else "instance", {one.python: new})
                return


def defaults(names: Mapping[str, Any]) -> Iterator[Any]:
    """What Python fills in where a resolver is called without an argument: one object for all calls."""
    for made in names.values():
        definition = getattr(made, "__strawberry_definition__", None)
        for one in getattr(definition, "fields", ()):
            if one.base_resolver is not None:
                yield from (each.default for each in one.base_resolver.signature.parameters.values())


def bound(node: ast.stmt) -> set[str]:
    """The name of a field that a statement of a class declares."""
    if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
        return {node.target.id}
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
        return {node.name} - {"is_type_of", "resolve_type"}
    return set()


def classes(made: type, composite: Composite) -> dict[str, type]:
    """The Python classes whose objects may stand for a type."""
    names = [one.python for one in composite.attributes]
    body: dict[str, Any] = {"_kind": composite.name, "__repr__": lambda self: f"<{type(self).__name__}>"}
    for name, value in body.items():
        setattr(made, name, value)
    logged = {name: watched(name) for name in names[:1]}
    return {
        "instance": made,
        "twin": type(f"{composite.name}Twin", (made,), logged),
        "alien": type(f"{composite.name}Alien", (), body),
        "slots": type(f"{composite.name}Slots", (), {**body, "__slots__": ("_serial", *names)}),
    }


def watched(name: str) -> property:
    """An attribute that is computed, and says so each time it is read."""

    def read(self: Any) -> Any:
        STATE.get().log.append((None, -5, self._serial, name, None, ()))
        return vars(self)[name]

    return property(read)
