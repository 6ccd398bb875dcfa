"""Lists of plain rows at once: what needs no more than reading is read in one loop, or not at all.

A function made here returns None as soon as one value is not final, and then the exact code does everything
once more. So it is made only for what may be read twice: keys of dicts, and attributes that are no
properties. Of one value a scalar's own `serialize` may be called twice.
"""

from __future__ import annotations

from collections.abc import Callable
from inspect import getattr_static
from types import MemberDescriptorType
from typing import Any, NamedTuple

from graphql import is_abstract_type, is_leaf_type, is_list_type
from strawberry.types.cast import TYPE_CAST_ATTRIBUTE

from schema.execution.complete import is_generated
from schema.execution.kinds import PLAIN, is_plain
from schema.execution.selections import is_typename
from schema.execution.sites import Field, Selection, Site
from schema.execution.source import Source, attribute

# Functions are made for this many classes of sources at one place; the values of others are done exactly.
CLASSES = 4

# No function keeps more values than this: fragments that double each other would make it endless.
NAMES = 1_000

MISSING = object()

# The fields that lead from a row to a relation of it, the relation's own last.
Way = tuple[Field, ...]


class Made(NamedTuple):
    """What reads rows of one class, and the relations that are null in what it makes."""

    make: Callable[[Any], Any]
    columns: tuple[Way, ...]


class Bulk:
    """Makes values of one place at once; for each class of source it is made when it is first met."""

    def __init__(self, site: Site, files: list[str], *, many: bool) -> None:
        self.site = site
        self.files = files
        self.many = many
        self.made: dict[type, Made | None] = {}

    def of(self, value: Any) -> Any:
        """What the answer shows for plain values; None where that has to be done exactly."""
        if self.many and not value:
            return []
        made = self.learned(value)
        if made is None or made.columns:
            return None
        try:
            return made.make(value)
        except Exception:
            # Whatever it is, the exact code meets it again, and knows whose error it is.
            return None

    def learned(self, value: Any) -> Made | None:
        """What reads values like these; None where that has to be done exactly."""
        try:
            return self.made[type(value[0] if self.many else value)]
        except KeyError:
            return self._learn(value)

    def _learn(self, value: Any) -> Made | None:
        kind = type(value)
        if self.many:
            # The first may be null.
            kind = type(next((each for each in value if each is not None), None))
        if kind in self.made or len(self.made) >= CLASSES:
            return self.made.get(kind)
        source = Source({"PLAIN": PLAIN})
        writer = Writer(source, self.files, many=self.many)
        try:
            test, shown = writer.top(self.site, kind)
        except NotYetPlain:
            return None
        except NotPlain:
            made = None
        else:
            made = Made(self._compile(source, test, shown), tuple(writer.columns))
        self.made[kind] = made
        return made

    def _compile(self, source: Source, test: str, value: str) -> Callable[[Any], Any]:
        if self.many:
            source.add(0, "def made(values):", "    out = []", "    add = out.append", "    for s in values:")
            source.add(2, f"if {test}:", f"    add({value})", "else:", "    return None")
            source.add(1, "return out")
        else:
            source.add(0, "def made(s):", f"    return {value} if {test} else None")
        make: Callable[[Any], Any] = source.compile(self.files)["made"]
        return make


class NotPlain(Exception):
    """A place whose values need more than reading."""


class NotYetPlain(NotPlain):
    """The same, until the exact code has seen that a type takes a class of sources."""


class Writer:
    """Writes the test that a value is final all the way down, and the expression for what is shown of it."""

    def __init__(self, source: Source, files: list[str], *, many: bool) -> None:
        self.source = source
        self.files = files
        self.many = many
        self.names = 0
        self.columns: list[Way] = []

    def top(self, site: Site, kind: type) -> tuple[str, str]:
        """The test and the expression for a value of a class; raises NotPlain."""
        test, value = self._final(site, "s", kind, ())
        if site.non_null:
            return test, value
        return f"(s is None or {test})", f"None if s is None else {value}"

    def _name(self) -> str:
        self.names += 1
        if self.names > NAMES:
            raise NotPlain
        return f"v{self.names}"

    def _field(self, site: Field, read: str, kind: type, way: Way) -> tuple[str, str]:
        """The same for what an expression reads of an object of a class."""
        name = self._name()
        # A document holds documents; of what class anything else is shows when it is there.
        test, value = self._final(site, name, dict if kind is dict else None, (*way, site))
        if site.non_null and test.startswith(f"type({name})"):
            # A test of the class says no to null.
            return test.replace(f"type({name})", f"type({name} := {read})", 1), value
        if site.non_null:
            return f"({name} := {read}) is not None and {test}", value
        if value != name:
            value = f"None if {name} is None else {value}"
        return f"(({name} := {read}) is None or {test})", value

    def _final(self, site: Site, name: str, kind: type | None, way: Way) -> tuple[str, str]:
        if is_leaf_type(site.type):
            return self._leaf(site, name)
        if is_abstract_type(site.type):
            raise NotPlain
        if is_list_type(site.type):
            test, made = self._elsewhere(site.item.bulk, name)
            return f"type({name}) is list and {test}", made
        if kind is None:
            return self._elsewhere(Bulk(site, self.files, many=False), name)
        return self._object(site.selection, name, kind, way)

    def _elsewhere(self, bulk: Bulk, name: str) -> tuple[str, str]:
        made = self._name()
        return f"({made} := {self.source.constant(bulk.of, 'b')}({name})) is not None", made

    def _leaf(self, site: Site, name: str) -> tuple[str, str]:
        if site.leaf.final is not None:
            return site.leaf.written(self.source, name, self._name())
        output = self._name()
        serialize = self.source.constant(site.serialize, "w")
        return f"type({name}) in PLAIN and type({output} := {serialize}({name})) in PLAIN", output

    def _object(self, selection: Selection, name: str, kind: type, way: Way) -> tuple[str, str]:
        if kind not in PLAIN and not is_plain(kind):
            raise NotPlain
        tests = [f"type({name}) is {self.source.constant(kind, 'K')}"]
        if selection.type.is_type_of is not None:
            if kind not in selection.accepted:
                raise NotYetPlain if is_generated(selection.type.is_type_of) else NotPlain
            tests.append(f"getattr({name}, {TYPE_CAST_ATTRIBUTE!r}, None) is None")
        shown = []
        for site in selection.fields:
            if is_typename(site):
                value = self.source.constant(selection.type.name, "n")
            elif site.call.relation is not None and kind is dict and self.many:
                self.columns.append((*way, site))
                value = "None"
            else:
                test, value = self._field(site, reading(site, name, kind), kind, way)
                tests.append(test)
            shown.append(f"{site.slot!r}: {value}")
        return " and ".join(tests), f"{{{', '.join(shown)}}}"


def reading(site: Field, name: str, kind: type) -> str:
    """The expression that reads a field of an object of a class; raises NotPlain."""
    call = site.call
    if kind is dict and call.key is not None:
        return f"{name}[{call.key!r}]" if site.non_null else f"{name}.get({call.key!r})"
    if kind is dict or call.name is None or not _is_kept(kind, call.name):
        raise NotPlain
    return attribute(name, call.name)


def _is_kept(kind: type, name: str) -> bool:
    """Whether an attribute is a value that an object keeps, so that reading it runs nobody's code."""
    found = getattr_static(kind, name, MISSING)
    return found is MISSING or isinstance(found, MemberDescriptorType) or not hasattr(type(found), "__get__")
