"""Draws schemas: what types and fields there are, and how each field comes by its value."""

from collections.abc import Iterator
from itertools import count
from random import Random

from tests.differential.leaves import INPUTS, LEAVES, USUAL
from tests.differential.outline import APOLOGY, GENERIC, Argument, Composite, Field, Outline, Ref
from tests.differential.source import COROUTINES, FACTS, Source, camel

# The Python name, and the name in the graph where that is not made of it.
NAMES: tuple[tuple[str, str | None], ...] = (
    ("id", None), ("name", None), ("size", None), ("full_name", None), ("owner", None), ("items", None),
    ("tags", None), ("next_one", None), ("lam", "lambda"), ("cls", "class"), ("none", "None"), ("get", None),
    ("keys", None), ("values", None), ("created_at", None), ("total", None), ("peer", None), ("any", None),
    ("text", None), ("score", None), ("x1", None), ("deep", "_deep"), ("two__parts", None), ("print", None),
)  # fmt: skip
ARGUMENTS = ("first", "after", "by_name", "where", "ids", "kind", "at")
SYNC = ("answer",) * 7 + ("flow", "touch", "static")
ASYNC = (
    *("late", "late", "prompt", "coroutine", "future", "task", "awaiting", "stream"),
    *("load", "load", "loading", "read", "read", "reads"),
)
SYNC_EXTRAS = ("Even", "Sneaky", "Vague", "Angry", "Shout", "Rescue", "Early", "silent", "Counting")
ASYNC_EXTRAS = ("Patient", "Slow", "Even", "Shout")
# The Python text of defaults.
DEFAULTS = {
    "Int": ("3", "-1"), "Float": ("1.5", "2"), "String": ("'d'", "''"), "Boolean": ("True", "False"),
    "ID": ("'i'",), "Mood": ("Mood.CALM", "Mood.ODD"), "Level": ("Level.HIGH",),
    "Decimal": ("Decimal('1.5')",),
}  # fmt: skip


def draw(seed: int) -> Outline:
    """The schema of a seed."""
    return Drawing(Random(seed), seed).outline()


class Drawing:
    """One schema while it is drawn."""

    def __init__(self, random: Random, seed: int) -> None:
        self.random = random
        self.seed = seed
        self.raw = random.random() < 0.5
        # Some schemas have no asynchronous field at all, some hardly any.
        self.share = random.choice((0.0, 0.3, 0.5, 0.7))
        self.numbers = 0
        self.composites: dict[str, Composite] = {}
        # A type may have two interfaces, so no two of these may have a field of one name.
        self.free = random.sample(NAMES, len(NAMES))

    def number(self) -> int:
        self.numbers += 1
        return self.numbers

    def outline(self) -> Outline:
        self.composites.update(self.types())
        names = list(self.composites)
        for composite in list(self.composites.values()):
            if composite.kind == "object":
                self.stand_for(composite)
        for kind in ("interface", "object"):
            for composite in list(self.composites.values()):
                if composite.kind == kind:
                    self.furnish(composite, names)
        for name, wanted in (("Query", 7), ("Mutation", 5), ("Subscription", 3)):
            root = Composite(name, "object", len(self.composites), possible=(name,))
            root.sources = ("row",) if self.raw and self.random.random() < 0.5 else ("instance",)
            self.composites[name] = root
            self.roots(root, names, wanted)
        found = Outline(self.seed, self.composites, self.raw)
        found.source = Source(found, self.random).text()
        return found

    def types(self) -> Iterator[tuple[str, Composite]]:
        """Objects, interfaces and unions, without fields yet."""
        random = self.random
        objects = [f"T{index}" for index in range(random.randint(2, 5))]
        if random.random() < 0.4:
            objects[-1] = random.choice(("Type", "Lambda", "Self", "None_", APOLOGY, APOLOGY))
        numbers = count()
        interfaces = {f"I{index}": set[str]() for index in range(random.choice((0, 1, 1, 2)))}
        for name in objects:
            chosen = tuple(one for one in interfaces if random.random() < 0.6)
            for one in chosen:
                interfaces[one].add(name)
            yield name, Composite(name, "object", next(numbers), interfaces=chosen, possible=(name,))
        if random.random() < 0.3:
            made = Composite(f"{objects[0]}{GENERIC}", "object", next(numbers), of=objects[0])
            made.possible = (made.name,)
            objects.append(made.name)
            yield made.name, made
        for name, members in interfaces.items():
            # An interface that nothing implements is not part of the schema.
            if members:
                yield name, Composite(name, "interface", next(numbers), possible=tuple(sorted(members)))
        for index in range(random.choice((0, 1, 1, 2))):
            chosen = tuple(random.sample(objects, random.randint(1, min(3, len(objects)))))
            if len(chosen) == 1 and chosen[0].endswith(GENERIC):
                # A union of nothing but a generic type is none.
                chosen = (*chosen, objects[0])
            yield f"U{index}", Composite(f"U{index}", "union", next(numbers), possible=chosen)

    def stand_for(self, composite: Composite) -> None:
        """Decides which Python objects are values of a type; of a generic one only its own are."""
        random = self.random
        if composite.of:
            return
        if self.raw:
            first = random.choice(("row", "row", "row", "instance", "alien"))
        else:
            first = random.choice(("instance", "instance", "instance", "alien", "slots", "twin", "cast"))
        rows = ["row", "mapping"] if self.raw else []
        others = ["instance", "twin", "alien", "slots", "proxy", "cast", "miscast", *rows]
        composite.sources = (first, *random.sample(others, 2))
        unions = [one for one in self.composites.values() if one.kind == "union"]
        in_union = any(composite.name in one.possible for one in unions)
        abstract = in_union or bool(composite.interfaces)
        # A synchronous union would take the coroutine of such a type for a yes.
        composite.awaits = not in_union and random.random() < 0.3 * self.share
        if composite.awaits or (abstract and first in ("row", "alien", "slots")) or random.random() < 0.15:
            composite.told = True

    def furnish(self, composite: Composite, usable: list[str]) -> None:
        if composite.of:
            self.fill(composite)
            return
        wanted = self.random.randint(4, 8)
        if composite.kind == "interface":
            names, self.free = self.free[:wanted], self.free[wanted:]
        else:
            names = self.random.sample(NAMES, wanted)
        for interface in composite.interfaces:
            composite.fields.update(self.composites[interface].fields)
        taken = {one.python for one in composite.fields.values()}
        for python, name in names:
            if python not in taken:
                one = self.field(python, name, usable)
                composite.fields[one.name] = one
        if self.raw and composite.sources[0] == "row" and self.share:
            self.link(composite, usable)
        if not any(one.ref.base in LEAVES for one in composite.fields.values()):
            ref = Ref("String", (True,))
            composite.fields["leaf"] = Field(self.number(), "leaf", "leaf", ref)

    def fill(self, composite: Composite) -> None:
        """Gives a generic type its fields."""
        for name, nulls in (("item", (True,)), ("items", (False, False)), ("sure", (False,))):
            ref = Ref(composite.of, nulls)
            composite.fields[name] = Field(self.number(), name, name, ref, awaits=self.awaited(ref))
        composite.fields["note"] = Field(self.number(), "note", "note", Ref("String"))

    def link(self, composite: Composite, usable: list[str]) -> None:
        """Gives a type relations: fields that a key of its documents leads to."""
        for index in range(self.random.choice((0, 1, 2))):
            ref = self.ref(usable, 1.0)
            extras = ("Even",) if self.random.random() < 0.1 else ()
            python = f"link_{index}"
            if ref.lists < 2:
                one = Field(self.number(), camel(python), python, ref, "edge", extras=extras, awaits=True)
                composite.fields[one.name] = one

    def roots(self, composite: Composite, usable: list[str], wanted: int) -> None:
        query = composite.name == "Query"
        for python, name in self.random.sample(NAMES, wanted):
            if composite.name == "Subscription":
                self.event(composite, python, name, usable)
                continue
            plain = query and self.random.random() < 0.2
            one = self.field(python, name, usable, plain=plain, root=composite.name)
            composite.fields[one.name] = one
        if query:
            # What no field gives is not part of the schema.
            for base in usable:
                number, python = self.number(), f"all_{base.lower()}"
                ref = Ref(base, (True, True))
                awaits = self.awaited(ref)
                composite.fields[camel(python)] = Field(
                    number, camel(python), python, ref, "answer", awaits=awaits
                )

    def event(self, composite: Composite, python: str, name: str | None, usable: list[str]) -> None:
        ref = self.ref(usable, 0.8)
        one = Field(self.number(), name or camel(python), python, ref, "event", awaits=self.awaited(ref))
        composite.fields[one.name] = one

    def awaited(self, ref: Ref) -> bool:
        """Whether it takes something asynchronous to say which type a value is of."""
        composite = self.composites.get(ref.base)
        return composite is not None and any(self.composites[name].awaits for name in composite.possible)

    def field(
        self, python: str, name: str | None, usable: list[str], plain: bool | None = None, root: str = ""
    ) -> Field:
        random = self.random
        ref = self.ref(usable, 0.75 if root else 0.4)
        if plain is None:
            plain = random.random() < 0.55
        slow = random.random() < self.share
        mode = "attribute" if plain else random.choice(ASYNC if slow else SYNC)
        if mode in ("flow", "stream") and not ref.lists:
            mode = "late" if slow else "answer"
        if mode in ("touch", "static") and root:
            mode = "answer"
        extras = self.extras(mode, ref, slow, root)
        arguments = () if plain else tuple(self.arguments())
        awaits = (not plain and slow) or "Patient" in extras or "Slow" in extras
        awaits = awaits or self.awaited(ref)
        return Field(
            self.number(),
            name or camel(python),
            python,
            ref,
            mode,
            arguments,
            extras,
            awaits,
            mode == "touch",
        )

    def extras(self, mode: str, ref: Ref, slow: bool, root: str) -> tuple[str, ...]:
        random = self.random
        found = []
        if mode != "attribute":
            if root == "Mutation":
                found.append("effect")
            found += random.sample(FACTS, random.choice((0, 0, 1, 2)))
            if root == "Mutation" or random.random() < 0.2:
                found.append("path")
            found += random.choice(((), (), ("token",), ("read",), ("token", "method")))
        if random.random() < (0.08 if mode == "attribute" else 0.15):
            choice = ASYNC_EXTRAS if slow and mode not in ("attribute", "flow", "stream") else SYNC_EXTRAS
            extra = random.choice(choice)
            if extra == "silent" and not (ref.nullable or ref.lists):
                extra = "Even"
            if extra in ("Rescue", "Early") and mode in COROUTINES:
                extra = "Shout"
            if extra == "Counting" and mode == "attribute":
                extra = "Even"
            if (
                extra in ("Patient", "Slow")
                and mode not in ("late", "prompt", "load")
                and random.random() < 0.8
            ):
                # They would hand on what the resolver returned without awaiting it.
                extra = "Even"
            if extra in ("Patient", "Slow") and mode in ("coroutine", "future", "task", "loading"):
                # Nobody would await them, whichever the executor, and a future can even be iterated over.
                extra = "Shout"
            found.append(extra)
        return tuple(dict.fromkeys(found))

    def ref(self, usable: list[str], composite: float) -> Ref:
        random = self.random
        if random.random() < composite:
            base = random.choice(usable)
        else:
            base = random.choice(USUAL) if random.random() < 0.7 else random.choice(LEAVES)
        lists = random.choice((0,) * 9 + (1,) * 5 + (2,))
        return Ref(base, tuple(random.random() < 0.5 for _ in range(lists + 1)))

    def arguments(self) -> Iterator[Argument]:
        random = self.random
        if random.random() < 0.6:
            return
        for name in random.sample(ARGUMENTS, random.choice((1, 1, 2, 3))):
            base = random.choice(tuple(INPUTS)) if random.random() < 0.35 else random.choice(LEAVES)
            lists = random.choice((0, 0, 0, 1, 1, 2))
            ref = Ref(base, tuple(random.random() < 0.5 for _ in range(lists + 1)))
            # Without a default in Python a resolver fails when its argument is left out.
            defaulted = random.random() < (0.9 if ref.nullable else 0.4)
            yield Argument(name, ref, self.default(ref) if defaulted else None)

    def default(self, ref: Ref) -> str | None:
        if ref.nullable and (self.random.random() < 0.5 or ref.base not in DEFAULTS):
            return self.random.choice(("None", "strawberry.UNSET"))
        if ref.lists:
            inner = self.default(ref.item.as_nullable(False))
            return None if inner is None else f"[{inner}]" if self.random.random() < 0.8 else "[]"
        if ref.base == "Point":
            return "Point(x=5)"
        if ref.base == "Filter":
            return "Filter(name='f', tags=['t'])"
        return self.random.choice(DEFAULTS[ref.base]) if ref.base in DEFAULTS else None
