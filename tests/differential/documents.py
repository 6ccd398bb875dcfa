"""Draws documents that a schema accepts, and values for their variables that it does not always accept."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from random import Random
from typing import Any, Literal

from tests.differential.leaves import GIVEN, INPUTS, LEAVES, REFUSED
from tests.differential.outline import Argument, Composite, Field, Outline, Ref

BOOLEAN = Ref("Boolean")
DEPTH = 5
INTROSPECTION = (
    "{ __schema { queryType { name } types { name kind } } }",
    '{ __type(name: "Query") { fields { name args { name defaultValue } } } }',
)
Operation = Literal["query", "mutation", "subscription"]


@dataclass(frozen=True)
class Variable:
    """A variable of a document."""

    name: str
    ref: Ref
    default: str | None

    @property
    def required(self) -> bool:
        return not self.ref.nullable and self.default is None

    def __str__(self) -> str:
        return f"${self.name}: {self.ref.graphql()}" + (f" = {self.default}" if self.default else "")


@dataclass(frozen=True)
class Fragment:
    """A named fragment that was drawn, and how many fields it stands for."""

    name: str
    on: str
    text: str
    size: int
    depth: int


@dataclass
class Drawn:
    """A document with what a run of it needs to know."""

    text: str
    operation: Operation
    name: str | None
    variables: list[Variable]
    # Whether no field of it can be asynchronous, so that its errors have one order only.
    calm: bool
    # The Python names of the attributes that it reads.
    names: frozenset[str] = field(default_factory=frozenset)
    # The number of the field whose events a subscription shows.
    event: int | None = None


class Writer:
    """Writes one document."""

    def __init__(self, outline: Outline, random: Random, calm: bool) -> None:
        self.outline = outline
        self.random = random
        self.calm = calm
        self.budget = random.choice((5, 10, 20, 30, 50))
        self.variables: dict[str, Variable] = {}
        self.fragments: list[Fragment] = []
        # A directive that no plan is made for.
        self.loud = random.random() < 0.01
        self.names: set[str] = set()
        # What each response name stands for, so that it never stands for two things.
        self.taken: dict[str, tuple[str, str, str]] = {}

    def document(self) -> Drawn:
        random = self.random
        dice = random.random()
        operation: Operation = "query" if dice < 0.76 else "mutation" if dice < 0.96 else "subscription"
        root = self.outline.composites[operation.capitalize()]
        event = random.choice(self.usable(root, DEPTH) or [None]) if operation == "subscription" else None
        if operation == "subscription" and event is None:
            operation, root = "query", self.outline.composites["Query"]
        if operation == "query" and random.random() < 0.01:
            return Drawn(random.choice(INTROSPECTION), operation, None, [], self.calm)
        body = self.selection(root, DEPTH) if event is None else f"{{ {self.field(event, DEPTH, False)} }}"
        # Some were drawn for a text that was not used in the end.
        used = set(re.findall(r"\$(\w+)", " ".join([body, *(one.text for one in self.fragments)])))
        self.variables = {name: one for name, one in self.variables.items() if name in used}
        named = random.random() < 0.5 or bool(self.variables)
        declared = f"({', '.join(map(str, self.variables.values()))})" if self.variables else ""
        head = f"{operation}{' Asked' if named else ''}{declared} " if named or operation != "query" else ""
        texts = [head + body, *(one.text for one in self.fragments)]
        other = named and random.random() < 0.1
        if other:
            texts.insert(random.randint(0, 1), "query Other { __typename }")
        if random.random() < 0.3:
            random.shuffle(texts)
        # Lines of a document say where an error is.
        text = "\n".join(texts) if random.random() < 0.7 else " ".join(texts).replace(" {", "\n {")
        name = "Asked" if other or (named and random.random() < 0.2) else None
        return Drawn(
            text,
            operation,
            name,
            list(self.variables.values()),
            self.calm,
            frozenset(self.names),
            None if event is None else event.number,
        )

    def selection(self, composite: Composite, depth: int) -> str:
        random = self.random
        usable = self.usable(composite, depth)
        parts: list[str] = []
        count = random.choice((2, 2, 3, 3, 4, 5, 6) if depth < DEPTH else (1, 2, 2, 3))
        for _ in range(count):
            dice = random.random() if usable else random.random() * 0.32
            if dice < 0.06 or (not usable and depth <= 0):
                parts.append(self.typename())
            elif dice < 0.18 and depth > 0:
                parts.append(self.inline(composite, depth))
            elif (dice < 0.28 or not usable) and depth > 0:
                parts.append(self.spread(composite, depth))
            elif usable:
                parts.append(self.field(random.choice(usable), depth))
            else:
                parts.append(self.typename())
            if self.budget <= 0:
                break
        if composite.kind == "union" and depth > 0 and self.budget > 0:
            parts.append(self.inline(composite, depth))
        return "{ " + " ".join(parts) + " }"

    def usable(self, composite: Composite, depth: int) -> list[Field]:
        leafy = depth <= 1 or self.budget <= 1
        return [
            one
            for one in composite.fields.values()
            if not (self.calm and one.awaits)
            and not (one.ordered and not self.calm)
            and not (leafy and one.ref.base not in LEAVES)
            # What is asynchronous is wanted twice as much where it is wanted at all.
            for _ in range(1 + one.awaits)
        ]

    def typename(self) -> str:
        alias = self.respond("__typename", "__typename", "String!", "", 0.3)
        return alias + self.directives()

    def field(self, one: Field, depth: int, optional: bool = True) -> str:
        self.budget -= 1
        self.names.add(one.python)
        again = [text for name, _, text in self.taken.values() if name == one.name]
        same = {text: None for text in again}
        if again and self.random.random() < 0.5 and self.fits(one, next(iter(same))):
            given = self.random.choice(again)
        else:
            given = self.given(one.arguments)
        if not self.fits(one, given):
            given = self.given(one.arguments)
        head = self.respond(one.name, f"{one.number}", one.ref.graphql(), given, 0.15)
        text = head + (self.directives() if optional else "")
        if self.loud:
            text, self.loud = f"{text} @loud", False
        if one.ref.base in LEAVES:
            return text
        return f"{text} {self.selection(self.outline.composites[one.ref.base], depth - 1)}"

    def fits(self, one: Field, given: str) -> bool:
        """Whether a text of arguments that was drawn before belongs to this very field."""
        return any(
            taken == (one.name, f"{one.number} {one.ref.graphql()}", given) for taken in self.taken.values()
        )

    def respond(self, name: str, number: str, ref: str, given: str, alias: float) -> str:
        """The field with its response name, one that means the same wherever it stands."""
        entry = (name, f"{number} {ref}", given)
        wanted = name
        if self.random.random() < alias:
            wanted = self.random.choice(("a", "b", "c", "name", "size", "_x", "class"))
        count = 0
        while self.taken.setdefault(wanted, entry) != entry:
            count += 1
            wanted = f"a{count}"
        return (name if wanted == name else f"{wanted}: {name}") + given

    def inline(self, composite: Composite, depth: int) -> str:
        self.budget -= 1
        if self.random.random() < 0.2 and composite.kind != "union":
            return f"...{self.directives(0.5)} {self.selection(composite, depth - 1)}"
        on = self.other(composite)
        # Below a union there is nothing but fragments.
        left = depth if composite.kind == "union" and on in composite.possible else depth - 1
        inner = self.selection(self.outline.composites[on], left)
        return f"... on {on}{self.directives()} {inner}"

    def spread(self, composite: Composite, depth: int) -> str:
        fitting = [
            one
            for one in self.fragments
            if one.depth <= depth and one.size <= self.budget and self.outline.overlap(one.on, composite.name)
        ]
        if fitting and self.random.random() < 0.5:
            found = self.random.choice(fitting)
            self.budget -= found.size
        else:
            found = self.fragment(composite, depth)
        return f"...{found.name}{self.directives()}"

    def fragment(self, composite: Composite, depth: int) -> Fragment:
        on = self.other(composite)
        before = self.budget
        body = self.selection(self.outline.composites[on], min(depth - 1, 3))
        name = f"F{len(self.fragments)}"
        found = Fragment(name, on, f"fragment {name} on {on} {body}", max(1, before - self.budget), depth)
        self.fragments.append(found)
        return found

    def other(self, composite: Composite) -> str:
        """A type that a fragment inside this one may be on: itself, a narrower or a wider one."""
        if composite.name in ("Query", "Mutation") or self.random.random() < 0.2:
            return composite.name
        if self.random.random() < 0.6:
            return self.random.choice(composite.possible)
        return self.random.choice(
            [one for one in self.outline.composites if self.outline.overlap(one, composite.name)]
        )

    # Arguments, variables, directives.

    def given(self, arguments: tuple[Argument, ...]) -> str:
        parts = [
            f"{graphql_name(one.name)}: {self.literal(one.ref, one.default is not None)}"
            for one in arguments
            if one.required or self.random.random() < 0.6
        ]
        return f"({', '.join(parts)})" if parts else ""

    def literal(self, ref: Ref, defaulted: bool = False, depth: int = 2) -> str:
        """The text of a value; a variable now and then, here or inside of it."""
        random = self.random
        if random.random() < 0.3:
            return self.variable(ref, defaulted)
        if ref.nullable and random.random() < 0.12:
            return "null"
        if ref.lists:
            if random.random() < 0.15 and ref.item.lists == 0:
                # One value stands for a list of it.
                return self.constant(ref.item.as_nullable(False))
            return f"[{', '.join(self.literal(ref.item, depth=depth) for _ in range(random.randint(0, 2)))}]"
        if ref.base in INPUTS:
            return self.object(ref.base, depth)
        return random.choice(GIVEN[ref.base])[0]

    def object(self, base: str, depth: int) -> str:
        random = self.random
        fields = [one for one in INPUTS[base] if one.required or random.random() < 0.5]
        fields = [one for one in fields if depth > 0 or one.ref.base not in INPUTS]
        if base == "Pick":
            one = random.choice(INPUTS[base] if depth else INPUTS[base][:1])
            return f"{{{one.name}: {self.literal(one.ref.as_nullable(False), depth=depth - 1)}}}"
        if base == "Patch":
            fields = [one.ref.as_nullable(False) and one for one in fields]
            parts = [
                f"{one.name}: {self.literal(one.ref.as_nullable(False), depth=depth - 1)}" for one in fields
            ]
        else:
            parts = [
                f"{one.name}: {self.literal(one.ref, one.default is not None, depth - 1)}" for one in fields
            ]
        return "{" + ", ".join(parts) + "}"

    def variable(self, ref: Ref, defaulted: bool = False) -> str:
        """A variable that may stand where such a type is wanted."""
        random = self.random
        fitting = [one for one in self.variables.values() if self.accepts(one, ref, defaulted)]
        if fitting and random.random() < 0.5:
            return f"${random.choice(fitting).name}"
        default = None
        own = ref
        if ref.nullable and random.random() < 0.4:
            own = ref.as_nullable(False)
        elif not ref.nullable and (defaulted or random.random() < 0.3):
            own = ref.as_nullable(True)
            # Without a default of either side it could be absent where a value is needed.
            default = None if defaulted and random.random() < 0.5 else self.constant(ref)
        if default is None and random.random() < 0.25:
            default = self.constant(own)
        name = f"v{len(self.variables)}"
        self.variables[name] = Variable(name, own, default)
        return f"${name}"

    def accepts(self, one: Variable, ref: Ref, defaulted: bool) -> bool:
        if one.ref == ref or (one.ref.as_nullable(True) == ref and not one.ref.nullable):
            return True
        return (
            one.ref == ref.as_nullable(True)
            and not ref.nullable
            and (defaulted or (one.default is not None and one.default != "null"))
        )

    def constant(self, ref: Ref) -> str:
        """The text of a value without variables."""
        random = self.random
        if ref.nullable and random.random() < 0.2:
            return "null"
        if ref.lists:
            return f"[{', '.join(self.constant(ref.item) for _ in range(random.randint(0, 2)))}]"
        match ref.base:
            case "Point":
                return random.choice(("{}", "{x: 4}", "{x: 1, y: 2}"))
            case "Filter":
                return random.choice(
                    ("{moods: []}", '{name: "d", moods: CALM}', "{at: null, moods: [WILD], tags: [null]}")
                )
            case "Pick":
                return '{id: "d"}'
            case "Patch":
                return random.choice(("{}", '{text: "d"}', "{size: 3}"))
            case _:
                return random.choice(GIVEN[ref.base])[0]

    def directives(self, often: float = 0.05) -> str:
        random = self.random
        if random.random() > often:
            return ""
        found = [f"@{name}(if: {self.condition(name)})" for name in random.sample(("skip", "include"), 1)]
        if random.random() < 0.15:
            other = "include" if "@skip" in found[0] else "skip"
            found.append(f"@{other}(if: {self.condition(other)})")
        return " " + " ".join(found)

    def condition(self, name: str) -> str:
        # Mostly such that something is left to compare.
        if self.random.random() < 0.3:
            return "true" if (name == "include") == (self.random.random() < 0.7) else "false"
        return self.variable(BOOLEAN)


def graphql_name(python: str) -> str:
    first, *rest = python.split("_")
    return first + "".join(part.capitalize() for part in rest)


def draw_document(outline: Outline, seed: int, calm: bool) -> Drawn:
    """The document of a seed."""
    return Writer(outline, Random(seed), calm).document()


def draw_variables(drawn: Drawn, seed: int) -> dict[str, Any]:
    """Values for the variables of a document: present, absent, null, and wrong now and then."""
    random = Random(seed)
    wrong = random.choice(drawn.variables).name if drawn.variables and random.random() < 0.08 else None
    values = dict(_values(drawn.variables, random, wrong))
    if random.random() < 0.05:
        values["unknown"] = 1
    return values


def _values(variables: list[Variable], random: Random, wrong: str | None) -> Iterator[tuple[str, Any]]:
    for one in variables:
        if one.name == wrong:
            yield from _wrong(one, random)
        elif not one.required and random.random() < 0.25:
            continue
        elif one.ref.nullable and random.random() < (0.03 if one.ref.base == "Boolean" else 0.15):
            yield one.name, None
        else:
            yield one.name, given(one.ref.as_nullable(False), random)


def _wrong(one: Variable, random: Random) -> Iterator[tuple[str, Any]]:
    refused = REFUSED.get(one.ref.base, ())
    match random.randint(0, 3):
        case 0:
            return
        case 1:
            yield one.name, None
        case _:
            yield one.name, random.choice(refused) if refused else None


def given(ref: Ref, random: Random, depth: int = 2) -> Any:
    """A value in JSON that the type accepts."""
    if ref.nullable and random.random() < 0.2:
        return None
    if ref.lists:
        if ref.item.lists == 0 and random.random() < 0.15:
            return given(ref.item.as_nullable(False), random, depth)
        return [given(ref.item, random, depth) for _ in range(random.randint(0, 2))]
    if ref.base == "Pick":
        return random.choice(({"id": "1"}, {"point": {"x": 2}}))
    if ref.base in INPUTS:
        return {
            one.name: given(one.ref.as_nullable(one.ref.nullable and ref.base != "Patch"), random, depth - 1)
            for one in INPUTS[ref.base]
            if one.required or (random.random() < 0.5 and (depth > 0 or one.ref.base not in INPUTS))
        }
    return random.choice(GIVEN[ref.base])[1]
