"""Outward: a response schema and a selection, compiled into the function that writes the legacy answer.

One walk does both jobs: it proves that every value the selection can yield fits the schema, and it builds
the writer. What does not fit becomes a finding; the writer is only used when there is none.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from graphql import GraphQLEnumType, get_named_type

from compat_rest.contract.expressions import BadExpression, Scope, compile_value
from compat_rest.contract.findings import Collector
from compat_rest.contract.lined import unescape
from compat_rest.contract.source import Node
from compat_rest.contract.spelling import speller, spelling_of, types_of
from compat_rest.nulls import OMIT, Nullable
from compat_rest.scalars import SCALARS, Printed, as_it_is, scalar_writer, told
from compat_rest.selection import Composite, Selected
from compat_rest.shapes import Absent, Member, Shapes, null
from compat_rest.texts import instant_printer, is_plain
from schema.execution.shape import Shape

Write = Callable[[Any, Scope], Any]
UNPROVEN = ("pattern", "maxLength", "minLength", "minimum", "maximum", "multipleOf")
UNSAID = ("anyOf", "not", "if", "patternProperties", "propertyNames", "minItems", "maxItems")


@dataclass(frozen=True)
class Located:
    """Where an `x-graph` pointer leads: how to get there, and what stands there."""

    get: Write
    place: Selected
    nullable: bool
    stars: int = 0
    item_nullable: bool = False
    # The step, where it is one from the enclosing object.
    key: str | None = None


@dataclass
class Outward:
    """Compiles the answers of one operation."""

    operation: str
    environ: Mapping[str, str]
    found: Collector
    numbers: str
    sort: bool
    root: Selected
    unproven: list[str] = field(default_factory=list)
    # Whether no constant of the contract holds a number that JSON writers spell differently.
    plain: bool = True
    # The objects that come in the contract's form from the plan.
    shape: Shape = field(default_factory=dict)
    shapes: Shapes = field(default_factory=Shapes)

    def compile(self, schema: Node, place: Located | None = None) -> Write:
        """The writer of an answer out of the graph's data, or of one that stands at a place."""
        located = place or self.locate(schema, schema.plain("x-graph"), self.whole())
        if located is None:
            return _nothing
        if located.nullable:
            self.refuse(
                schema, "The answer's place in the graph may be null.", "Point at a field that may not."
            )
        write = self.value(schema, located)
        return lambda value, scope: write(located.get(value, scope), scope)

    def refuse(self, node: Node, problem: str, remedy: str) -> None:
        """Notes that contract and document disagree."""
        self.found.add(node, self.operation, problem, remedy)

    def whole(self) -> Located:
        """The whole answer of the graph."""
        return Located(lambda value, scope: scope.data, self.root, nullable=False)

    def locate(self, node: Node, pointer: str | None, here: Located) -> Located | None:
        """The place an `x-graph` names, seen from the enclosing object's place; None with a finding."""
        if pointer is None or pointer == "":
            return here
        steps = [unescape(step) for step in pointer.strip("/").split("/") if step]
        absolute = pointer.startswith("/")
        located = self.whole() if absolute else Located(as_it_is, here.place, nullable=False)
        for step in steps:
            following = self._step(node, pointer, located, step)
            if following is None:
                return None
            located = following
        return located

    def _step(self, node: Node, pointer: str, at: Located, step: str) -> Located | None:
        if step == "*":
            if not at.place.is_list:
                self.refuse(node, f"There is no list for the * of {pointer!r}.", "Leave the * out.")
                return None
            item = at.place.item()
            return Located(at.get, item, at.nullable, at.stars + 1, item.nullable)
        if at.place.is_list:
            self.refuse(node, f"{pointer!r} leads through a list at {step!r}.", "Write * for each item.")
            return None
        place = at.place.keys.get(step)
        if place is None:
            known = ", ".join(at.place.keys) or "nothing"
            remedy = f"Select it in the document, or correct the pointer; selected there: {known}."
            self.refuse(node, f"The document selects no {step!r} for {pointer!r}.", remedy)
            return None
        self.shapes.step(place)
        if at.stars:
            item_nullable = at.item_nullable or place.nullable
            return Located(_mapped(at.get, step), place, at.nullable, at.stars, item_nullable)
        key = step if at.get is as_it_is else None
        return Located(_stepped(at.get, step), place, at.nullable or place.nullable, key=key)

    def value(self, schema: Node, located: Located) -> Write:
        """The writer of one value that is not null."""
        for word in UNSAID:
            if word in schema:
                self.refuse(
                    schema, f"{word!r} cannot be proven of an answer.", "Say it with plain properties."
                )
        if "const" in schema:
            return self._constant(schema.plain("const"))
        types = types_of(schema)
        if "oneOf" in schema:
            return self.choice(schema, located)
        if "array" in types:
            return self.array(schema, located)
        if located.stars or located.place.is_list:
            self.refuse(schema, "The graph has a list where the contract has none.", "Make it `type: array`.")
            return _nothing
        if "object" in types:
            return self.object(schema, located)
        return self.leaf(schema, located, types)

    def choice(self, schema: Node, located: Located) -> Write:
        """The writer of a oneOf: the branch whose `x-when` names the type that stands there."""
        by_type, branches = located.place.by_type, schema.get("oneOf")
        if not by_type or branches is None:
            remedy = "Describe the one shape, or select a union or an interface."
            self.refuse(schema, "A oneOf would be a guess here.", remedy)
            return _nothing
        if "__typename" not in located.place.keys:
            self.refuse(schema, "The document does not select __typename.", "Select it beside the fragments.")
        writers: dict[str, Write] = {}
        for branch in branches.list():
            name = branch.plain("x-when")
            if name not in by_type or name in writers:
                known = ", ".join(by_type)
                self.refuse(branch, f"x-when {name!r} is no open choice.", f"Name each of {known} once.")
                continue
            narrowed = Located(as_it_is, located.place.narrowed(name), nullable=False)
            writers[name] = self.value(branch, narrowed)
        for name in by_type.keys() - writers.keys():
            self.refuse(schema, f"No branch is for {name}.", f"Add one with `x-when: {name}`.")
        return lambda value, scope: writers[value["__typename"]](value, scope)

    def array(self, schema: Node, located: Located) -> Write:
        """The writer of a list."""
        items = schema.get("items")
        if items is None:
            self.refuse(schema, "The array has no `items`.", "Describe its items.")
            return _nothing
        if located.stars > 1:
            self.refuse(schema, "Two * need an array of arrays.", "Point at one list.")
            return _nothing
        if not located.stars and not located.place.is_list:
            self.refuse(
                schema, f"{located.place.name} is no list.", "Point at a list, or drop `type: array`."
            )
            return _nothing
        item = located.place if located.stars else located.place.item()
        nullable = located.item_nullable if located.stars else item.nullable
        if nullable and "null" not in types_of(items):
            self.refuse(
                items, "An item may be null in the graph.", "Let `null` in, or make the items non-null."
            )
        write = self.value(items, Located(as_it_is, item, nullable=False))
        if write is as_it_is:
            return as_it_is
        return lambda values, scope: [None if each is None else write(each, scope) for each in values]

    def object(self, schema: Node, located: Located) -> Write:
        """The writer of an object: the listed properties and nothing else."""
        if not isinstance(get_named_type(located.place.type), Composite):
            self.refuse(
                schema, f"{located.place.name} is no object.", "Point at a field with fields of its own."
            )
            return _nothing
        properties = schema.members("properties")
        required = set(schema.plain("required", ()))
        for name in required - properties.keys():
            self.refuse(schema, f"{name!r} is required but not described.", "Add it to `properties`.")
        members = [self.member(name, node, name in required, located) for name, node in properties.items()]
        if self.sort:
            members.sort(key=lambda member: member.name)
        if schema.plain("additionalProperties", False) is not False:
            self.refuse(schema, "Only listed properties are written.", "Say `additionalProperties: false`.")
        self.shapes.note(located.place, members)
        if located.place.path in self.shape:
            return as_it_is

        return _object(members)

    def member(self, name: str, schema: Node, required: bool, here: Located) -> Member:
        """How one property is written, seen from the enclosing object."""
        pointer = schema.plain("x-graph")
        if isinstance(pointer, str) and pointer.startswith("$"):
            absent: Absent = omitted if schema.plain("x-null") == "omit" else null
            return Member(name, None, self._from_request(schema, pointer), None, absent)
        if "const" in schema:
            if pointer is not None or name in here.place.keys:
                self.refuse(schema, "A constant and a selected field compete.", "Drop one of the two.")
            return Member(name, None, self._constant(schema.plain("const")))
        selected = pointer if pointer is not None else name
        if pointer is None and name not in here.place.keys and "default" in schema:
            return Member(name, None, self._constant(schema.plain("default")))
        # What stands at the very place of the object is that object, which has been got already.
        same = Located(as_it_is, here.place, nullable=False) if selected == "" else None
        located = same or self.locate(schema, selected, here)
        if located is None:
            return Member(name, None, _nothing)
        write = self.value(schema, located)
        absent = self._absent(name, schema, required, located, here)
        return Member(name, located.key, located.get, None if write is as_it_is else write, absent)

    def _from_request(self, schema: Node, expression: str) -> Write:
        try:
            evaluate = compile_value(expression, self.environ, speller(schema))
        except BadExpression as error:
            self.refuse(schema, str(error), "Correct the expression.")
            return _nothing
        word = schema.plain("x-text")
        if word is None and expression != "$now":
            return lambda value, scope: told(evaluate(scope), scope)
        printer = instant_printer(str(word))
        if printer is None:
            self.refuse(schema, f"An instant has no text form {word!r}.", "Write one like `x-text: js`.")
            return _nothing
        return lambda value, scope: printer(evaluate(scope))

    def _absent(self, name: str, schema: Node, required: bool, located: Located, here: Located) -> Absent:
        """What stands for null, by `x-null`."""
        word = schema.plain("x-null")
        place = Nullable(name, schema, required, located.place, located.nullable, self.refuse)
        if isinstance(word, dict) and "when" in word:
            return place.told(str(word["when"]), here.place)
        self._noted(schema.plain("default"))
        return place.absent()

    def leaf(self, schema: Node, located: Located, types: set[str]) -> Write:
        """The writer of a scalar or an enum."""
        named = get_named_type(located.place.type)
        if isinstance(named, Composite):
            self.refuse(
                schema, f"{located.place.name} is an object.", "End the pointer at a field without fields."
            )
            return _nothing
        if isinstance(named, GraphQLEnumType):
            return self.enum(schema, named)
        if named.name not in SCALARS:
            known = ", ".join(SCALARS)
            self.refuse(schema, f"The scalar {named.name} is not known.", f"Use one of {known}.")
            return _nothing
        if not types or named.name == "JSON":
            self.unproven.append(schema.pointer)
        self.unproven.extend(f"{schema.pointer}/{word}" for word in UNPROVEN if word in schema)
        if "enum" in schema:
            remedy = f"Make {located.place.name} an enum of the graph."
            self.refuse(schema, f"A {named.name} can be anything, the contract lists values.", remedy)
        writer = scalar_writer(named.name, schema, types - {"null"}, located.place, self.numbers)
        if isinstance(writer, tuple):
            self.refuse(schema, *writer)
            return _nothing
        return writer

    def enum(self, schema: Node, named: GraphQLEnumType) -> Write:
        """The writer of an enum in its legacy spelling."""
        spellings = spelling_of(schema)
        missing = [name for name in named.values if name not in spellings]
        unknown = [name for name in spellings if name not in named.values]
        for name in missing:
            self.refuse(schema, f"{named.name}.{name} has no spelling.", "Add it to `enum` and `x-values`.")
        for name in unknown:
            self.refuse(schema, f"{named.name} has no value {name}.", "Correct `x-values`.")
        for spelling in spellings.values():
            if spelling not in schema.plain("enum", ()):
                self.refuse(schema, f"{spelling!r} is not listed in `enum`.", "Add it to `enum`.")
        return Printed(spellings.__getitem__)

    def _constant(self, constant: Any) -> Write:
        self._noted(constant)
        return lambda value, scope: constant

    def _noted(self, constant: Any) -> Any:
        self.plain = self.plain and is_plain(constant)
        return constant


def omitted(value: Any) -> Any:
    """What stands for null where the property is then left out."""
    return OMIT


def _object(members: list[Member]) -> Write:
    def write(value: Any, scope: Scope) -> dict[str, Any]:
        written = {}
        for name, key, get, print_, absent in members:
            member = get(value, scope) if key is None else value.get(key)
            if member is None:
                member = absent(value)
                if member is OMIT:
                    continue
            elif print_ is not None:
                member = print_(member, scope)
            written[name] = member
        return written

    return write


def _nothing(value: Any, scope: Scope) -> Any:
    raise AssertionError("A refused answer was written.")


def _stepped(get: Write, step: str) -> Write:
    def stepped(value: Any, scope: Scope) -> Any:
        found = get(value, scope)
        return None if found is None else found.get(step)

    return stepped


def _mapped(get: Write, step: str) -> Write:
    def mapped(value: Any, scope: Scope) -> Any:
        found = get(value, scope)
        return None if found is None else [None if each is None else each.get(step) for each in found]

    return mapped
