"""The Python source of a schema that was drawn."""

from collections.abc import Iterator
from random import Random

from tests.differential.outline import APOLOGY, GENERIC, Composite, Field, Outline

HEADER = """\
from collections.abc import AsyncGenerator
from typing import Annotated, Generic, TypeVar, Union
import strawberry
from strawberry import Info, Parent
from tests.differential.shelves import edge
from tests.differential.guards import *
from tests.differential.leaves import *
"""
SORRY = f"""\
class Sorry(strawberry.ExceptionHandler[Rich, {APOLOGY}]):
    def handle(self, exception, *, field, info):
        return apologise(exception, info)
"""
FACTS = (
    "name", "python", "path", "variables", "selected", "operation", "type", "nodes", "fragments", "root",
    "context", "schema", "return", "extensions",
)  # fmt: skip
COROUTINES = ("late", "prompt", "load", "reads", "stream")
PERMISSIONS = ("Even", "Sneaky", "Vague", "Angry", "Patient")


def camel(python: str) -> str:
    """The name in the graph of a Python name, as Strawberry makes it."""
    first, *rest = python.split("_")
    return first + "".join(part.capitalize() if part else "_" for part in rest)


class Source:
    """The Python text of a schema."""

    def __init__(self, outline: Outline, random: Random) -> None:
        self.outline = outline
        self.random = random

    def text(self) -> str:
        """The whole module."""
        return HEADER + "".join(f"\n\n{text}" for text in self.types())

    def types(self) -> Iterator[str]:
        for composite in self.outline.composites.values():
            if composite.kind == "interface":
                yield "\n".join(self.composite(composite))
        for composite in self.outline.composites.values():
            if composite.kind == "object":
                yield "\n".join(self.composite(composite))
        if APOLOGY in self.outline.composites:
            yield SORRY
        for composite in self.outline.composites.values():
            if composite.kind == "union":
                members = ", ".join(self.outline.composites[name].annotation for name in composite.possible)
                union = f'strawberry.union("{composite.name}")'
                yield f"{composite.name} = Annotated[Union[{members}], {union}]\n"

    def composite(self, composite: Composite) -> Iterator[str]:
        if composite.of:
            yield f"Item = TypeVar('Item')\n@strawberry.type\nclass {GENERIC}(Generic[Item]):"
            yield "    item: Item | None\n    items: list[Item]\n    sure: Item\n    note: str"
            return
        yield f"@strawberry.{'interface' if composite.kind == 'interface' else 'type'}"
        bases = ", ".join(composite.interfaces)
        yield f"class {composite.name}({bases}):" if bases else f"class {composite.name}:"
        yield f'    """{composite.kind.capitalize()} {composite.name}."""'
        inherited = {
            one.number
            for name in composite.interfaces
            for one in self.outline.composites[name].fields.values()
        }
        for one in composite.fields.values():
            if one.number not in inherited:
                yield from self.field(one, composite.name)
        if composite.kind == "interface" and self.telling(composite):
            later = "_later" if self.random.random() < 0.3 and self.awaited(composite) else ""
            wrong = next(iter(self.outline.composites))
            yield "    @classmethod"
            yield "    def resolve_type(cls, obj, info, abstract):"
            yield f'        return named{later}(obj, "{wrong}")'
        if composite.told:
            yield "    @classmethod"
            yield "    def is_type_of(cls, obj, info):"
            yield f'        return is_kind{"_later" if composite.awaits else ""}(obj, "{composite.name}")'

    def telling(self, composite: Composite) -> bool:
        members = [self.outline.composites[name] for name in composite.possible]
        return all(one.told for one in members) and self.random.random() < 0.5

    def awaited(self, composite: Composite) -> bool:
        return all(self.outline.composites[name].awaits for name in composite.possible)

    def field(self, one: Field, owner: str) -> Iterator[str]:
        annotation = one.ref.python(self.outline.spelled)
        named = f'name="{one.name}"' if one.name != camel(one.python) else ""
        options = ", ".join(part for part in (named, *self.options(one)) if part)
        if one.mode == "attribute":
            yield f'    {one.python}: "{annotation}"' + (f" = strawberry.field({options})" if options else "")
            return
        if one.mode == "edge":
            resolver = f'resolver=edge({one.number}, "{one.key}")'
            options = ", ".join(part for part in (options, resolver) if part)
            yield f'    {one.python}: "{annotation}" = strawberry.field({options})'
            return
        wants_info = bool(set(one.extras).intersection(("path", *FACTS)))
        if one.mode == "event":
            yield f"    @strawberry.subscription({named})"
            yield f'    async def {one.python}(self) -> "AsyncGenerator[{annotation}, None]":'
            yield "        yield"
            return
        source, parameters = self.parameters(one, owner, wants_info)
        passed = ", ".join(f'"{argument.name}": {argument.name}' for argument in one.arguments)
        call = f"({one.number}, {source}, {{{passed}}}{', info' if wants_info else ''})"
        if "Counting" in one.extras:
            yield "    @Counting()" if not named else f'    @Counting(graphql_name="{one.name}")'
        else:
            yield f"    @strawberry.field({options})" if options else "    @strawberry.field"
        if one.mode == "static":
            yield "    @staticmethod"
        start = "async def" if one.mode in COROUTINES else "def"
        yield f'    {start} {one.python}({parameters}) -> "{annotation}":'
        yield f"        {self.body(one.mode, call)}"

    def body(self, mode: str, call: str) -> str:
        match mode:
            case "flow":
                return f"yield from flow{call}"
            case "stream":
                return f"async for item in stream{call}: yield item"
            case "late" | "load" | "reads" | "prompt":
                return f"return await {mode}{call}"
            case "coroutine":
                return f"return late{call}"
            case "static":
                return f"return answer{call}"
            case _:
                return f"return {mode}{call}"

    def parameters(self, one: Field, owner: str, wants_info: bool) -> tuple[str, str]:
        """How the resolver names its object, and all of its parameters."""
        spelled = self.outline.spelled
        required = [argument for argument in one.arguments if argument.default is None]
        defaulted = [argument for argument in one.arguments if argument.default is not None]
        parts = [f'{argument.name}: "{argument.ref.python(spelled)}"' for argument in required]
        if wants_info:
            parts.insert(self.random.randint(0, len(parts)), "info: Info")
        parts += [
            f'{argument.name}: "{argument.ref.python(spelled)}" = {argument.default}'
            for argument in defaulted
        ]
        if one.mode == "static":
            return '"static"', ", ".join(parts)
        source = self.random.choice(("self", "self", "self", "root", "parent"))
        first = f'parent: Parent["{owner}"]' if source == "parent" else source
        return source, ", ".join([first, *parts])

    def options(self, one: Field) -> Iterator[str]:
        permissions = [extra for extra in one.extras if extra in PERMISSIONS]
        extensions = [
            f"{extra}()" for extra in one.extras if extra in ("Shout", "Rescue", "Early", "Slow", "silent")
        ]
        if permissions:
            yield f"permission_classes=[{', '.join(permissions)}]"
        if extensions:
            yield f"extensions=[{', '.join(extensions)}]"
