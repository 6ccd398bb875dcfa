"""What a generated schema consists of, as data: the generators of values and of documents both read it."""

from dataclasses import dataclass, field
from typing import Literal, NamedTuple

# How a generated module names leaves and inputs, where not by their names.
PYTHON = {
    "Int": "int",
    "Float": "float",
    "String": "str",
    "Boolean": "bool",
    "ID": "strawberry.ID",
    "DateTime": "datetime",
    "Date": "date",
}
GENERIC = "Box"
# Where there is a type of this name, some errors are answered with it.
APOLOGY = "Apology"
Kind = Literal["object", "interface", "union"]


class Ref(NamedTuple):
    """A type as a field or an argument names it: a base, and which of it and its lists may be null."""

    base: str
    # Outermost first; the last one is that of the base itself.
    nulls: tuple[bool, ...] = (False,)

    @property
    def lists(self) -> int:
        return len(self.nulls) - 1

    @property
    def nullable(self) -> bool:
        return self.nulls[0]

    @property
    def item(self) -> "Ref":
        return Ref(self.base, self.nulls[1:])

    def as_nullable(self, nullable: bool) -> "Ref":
        return Ref(self.base, (nullable, *self.nulls[1:]))

    def graphql(self) -> str:
        text = self.item.graphql() if self.lists else self.base
        text = f"[{text}]" if self.lists else text
        return text if self.nullable else f"{text}!"

    def python(self, spelled: dict[str, str]) -> str:
        """The annotation that makes Strawberry show this type."""
        text = f"list[{self.item.python(spelled)}]" if self.lists else spelled.get(self.base, self.base)
        return f"{text} | None" if self.nullable else text


@dataclass(frozen=True)
class Argument:
    """An argument of a field, or a field of an input object."""

    name: str
    ref: Ref
    # The Python text of the default.
    default: str | None = None

    @property
    def required(self) -> bool:
        return not self.ref.nullable and self.default is None


@dataclass(frozen=True)
class Field:
    """A field: how it is called, what it gives, and how it comes by it."""

    number: int
    name: str
    python: str
    ref: Ref
    mode: str = "attribute"
    arguments: tuple[Argument, ...] = ()
    extras: tuple[str, ...] = ()
    # Whether its resolver, or the type that it gives, may have to be awaited.
    awaits: bool = False
    # Whether it has an effect on its siblings, so that only one order of execution is right.
    ordered: bool = False

    @property
    def key(self) -> str:
        """The key of a document that leads to what a relation gives."""
        return f"_to_{self.number}"


@dataclass
class Composite:
    """A type with fields, or a union of such."""

    name: str
    kind: Kind
    number: int
    fields: dict[str, Field] = field(default_factory=dict)
    interfaces: tuple[str, ...] = ()
    # The object types that a value of this type can be of.
    possible: tuple[str, ...] = ()
    # The kinds of Python objects that stand for values of this type; the first is the usual one.
    sources: tuple[str, ...] = ("instance",)
    awaits: bool = False
    # Whether the type says itself what is of it.
    told: bool = False
    # The type that a generic one is made for.
    of: str = ""

    @property
    def python(self) -> str:
        """How Python names the class."""
        return GENERIC if self.of else self.name

    @property
    def annotation(self) -> str:
        return f"{GENERIC}[{self.of}]" if self.of else self.name

    @property
    def attributes(self) -> list[Field]:
        return [one for one in self.fields.values() if one.mode == "attribute"]


@dataclass
class Outline:
    """A generated schema, with the Python source that builds it."""

    seed: int
    composites: dict[str, Composite]
    raw: bool
    source: str = ""

    @property
    def spelled(self) -> dict[str, str]:
        """How Python names each type."""
        return {**PYTHON, **{name: one.annotation for name, one in self.composites.items()}}

    def overlap(self, one: str, other: str) -> bool:
        """Whether a value can be of both types, so that a fragment on the one may stand inside the other."""
        return not set(self.composites[one].possible).isdisjoint(self.composites[other].possible)
