"""What one run of one document works on: objects, loaders, a log of everything that resolvers saw and did."""

import asyncio
import re
from collections.abc import Iterator
from contextvars import ContextVar
from enum import Enum
from random import Random
from typing import TYPE_CHECKING, Any
from zlib import crc32

from graphql.pyutils import Path
from strawberry.dataloader import DataLoader

from models.joins import Reads
from tests.differential.leaves import PLAIN
from tests.differential.values import failure, items, make, mix, pause, usual

if TYPE_CHECKING:
    from strawberry import Info

    from tests.differential.outline import Composite, Field, Ref
    from tests.differential.world import World

STATE: ContextVar["State"] = ContextVar("state")
# What resolvers set and read, as a locale or a tenant is.
TOKEN: ContextVar[str] = ContextVar("token", default="-")
ADDRESS = re.compile(r" at 0x[0-9a-f]+")
# So many objects there are of each type.
POOL = 3
ROOT, UNKNOWN = 0, -1
# An error has to climb many turns of the loop before it is told, so some sleeps have to be longer than that.
STRETCHED = (0, 0, 1, 2, 4, 8, 16, 32, 64)
# What no executor may take for the error of a field.
STOPS = (KeyboardInterrupt, SystemExit, GeneratorExit, asyncio.CancelledError)
# A long list now and then: one in so many lists that the root gives.
RARE, LONG = 24, 12


class State:
    """One run: the same numbers give the same values, whoever asks and in whatever order."""

    def __init__(
        self,
        world: "World",
        seed: int,
        noise: int = 0,
        awaitables: bool = False,
        shuffle: int = 0,
        shield: bool = False,
        calm: bool = False,
    ) -> None:
        self.world = world
        self.seed = seed
        self.noise = noise
        self.awaitables = awaitables
        # Sleeps of other lengths, to see which of several errors come first then.
        self.shuffled = Random(shuffle) if shuffle else None
        # Whether some reads are known at once, as those are that a request has made before.
        self.early = Random(shuffle) if shuffle else None
        self.shield = shield
        self.calm = calm
        self.log: list[tuple[Any, ...]] = []
        self.counter = 0
        self.batches = 0
        self.reads = Reads()
        self.loaders: dict[int, DataLoader[int, Any]] = {}
        self.pool: dict[str, list[Any]] = {}
        self.root: Any = None

    def fill(self, names: frozenset[str], event: int | None = None) -> None:
        """Makes all objects, with the attributes of these names; values are made anew for each run."""
        made = []
        for composite in self.world.objects.values():
            entries = self.pool[composite.name] = []
            for index in range(POOL):
                serial = composite.number * POOL + index + 1
                kind = composite.sources[0]
                if mix(self.seed, serial, 5) % 1000 < self.noise:
                    kind = composite.sources[mix(self.seed, serial, 6) % len(composite.sources)]
                entries.append(self.world.shell(composite, kind, serial))
                made.append((entries[-1], composite, kind, serial))
        roots = self.world.roots(self.seed)
        if roots is not None:
            self.root = self.world.shell(*roots, ROOT)
            made.append((self.root, *roots, ROOT))
        for target, composite, kind, serial in made:
            values = {
                one.python: make(self, one.ref, mix(self.seed, one.number, serial))
                for one in composite.attributes
                if one.python in names and mix(self.seed, one.number, serial, 13) % 8000 >= self.noise
            }
            self.world.furnish(target, kind, values)
            if kind == "row":
                target.update(self.links(composite, serial))
        if event is not None:
            self.root = make(self, self.world.fields[event].ref, mix(self.seed, event))

    def links(self, composite: "Composite", serial: int) -> Iterator[tuple[str, int | None]]:
        """The keys that lead on from a document; now and then null, or not there."""
        for one in composite.fields.values():
            number = mix(self.seed, one.number, serial, 12)
            if one.mode == "edge" and number % 2000 >= self.noise:
                yield one.key, None if number // 2000 % 9 == 0 else number // 2000 % 5

    # What values are made of.

    def base(self, base: str, number: int) -> Any:
        leaf = PLAIN.get(base)
        if leaf is not None:
            return leaf[number % len(leaf)]
        possible = self.world.outline.composites[base].possible
        return self.pool[possible[number % len(possible)]][number // len(possible) % POOL]

    def odd_source(self, base: str, number: int) -> Any:
        """An object that stands for a type, of any kind, also of one that the type refuses."""
        possible = self.world.outline.composites[base].possible
        composite = self.world.outline.composites[possible[number % len(possible)]]
        kinds = self.world.kinds
        kind = kinds[number // 7 % len(kinds)]
        target = self.world.shell(composite, kind, UNKNOWN)
        self.world.furnish(target, kind, {one.python: None for one in composite.attributes})
        return target

    def any_object(self, number: int) -> Any:
        names = list(self.pool)
        return self.pool[names[number % len(names)]][0]

    def turns(self, number: int) -> int:
        """How many turns of the loop something takes; any number, each time, when the run is shuffled."""
        return self.shuffled.choice(STRETCHED) if self.shuffled else mix(number, 8) % 4

    def chance(self, source: Any, salt: int) -> bool:
        """Whether something unusual is to happen to this object."""
        return mix(self.seed, serial_of(source), salt) % 1000 < self.noise

    # What resolvers do.

    def enter(self, number: int, source: Any, arguments: dict[str, Any], info: "Info | None") -> int:
        """Writes down what a resolver was called with; gives the number that its answer comes from."""
        one = self.world.fields[number]
        handed = {name: value for name, value in arguments.items() if not self.is_default(value)}
        text = shown(arguments) if arguments else ""
        if len(handed) < len(arguments):
            text += f", defaults of Python: {sorted(arguments.keys() - handed)}"
        serial = serial_of(source)
        token = None
        if "token" in one.extras:
            token = TOKEN.get()
            TOKEN.set(f"{number}.{serial}")
        elif "read" in one.extras:
            token = TOKEN.get()
        path = tuple(info.path.as_list()) if info is not None else None
        facts = tuple(FACTS[name](info) for name in one.extras if name in FACTS) if info is not None else ()
        self.log.append((path, number, serial, text, token, facts))
        spoil(
            {
                argument.name: handed.get(argument.name)
                for argument in one.arguments
                if argument.ref.base != "JSON"
            }
        )
        return mix(self.seed, number, serial, crc32(text.encode()) if text else 0)

    def is_default(self, value: Any) -> bool:
        """Whether Python filled it in: spoilt, it would be so for all calls to come, whoever makes them."""
        return can_be_spoilt(value) and id(value) in self.world.defaults

    def give(self, one: "Field", seed: int, source: Any) -> Any:
        """The value of a field; an error is raised, or returned now and then."""
        if "effect" in one.extras:
            return self.affect(one, seed)
        if one.ref.lists and seed % RARE == 0 and serial_of(source) == ROOT and not self.noise:
            return items(self, one.ref, mix(seed, 9) | 1, True, LONG)
        # What was awaited once is not awaited again, so it is no coroutine that would be left behind.
        value = make(self, one.ref, seed, fresh=not one.awaits)
        if self.calm and seed // 7 % 40_000 < self.noise:
            raise STOPS[seed % len(STOPS)]("stop")
        if isinstance(value, Exception) and seed // 1000 % 4:
            raise value
        return value

    def affect(self, one: "Field", seed: int) -> Any:
        """Changes an object, so that the next mutation and the selection of this one can see it."""
        self.counter += 1
        value = make(self, one.ref, seed, fresh=not one.awaits)
        if isinstance(value, Exception):
            raise value
        if one.ref.base == "Int" and not one.ref.lists:
            return self.counter
        self.world.mark(value, self.counter)
        return value

    def loader(self, number: int) -> "DataLoader[int, Any]":
        if number not in self.loaders:
            ref = self.world.fields[number].ref

            async def load(keys: list[int]) -> list[Any]:
                self.batches += 1
                await pause(self.turns(mix(number, keys[0])))
                return [self.loaded(ref, mix(self.seed, number, key)) for key in keys]

            self.loaders[number] = DataLoader(load_fn=load)
        return self.loaders[number]

    def loaded(self, ref: "Ref", number: int) -> Any:
        """What a loader finds: never anything to await, which no loader would give."""
        if number % 1000 < self.noise:
            return failure(number) if number // 1000 % 2 else None
        return usual(self, ref, number, False)

    def load(self, number: int, source: Any) -> "asyncio.Future[Any]":
        future: asyncio.Future[Any] = asyncio.ensure_future(self.loader(number).load(serial_of(source) % 5))
        return asyncio.shield(future) if self.shield else future


def serial_of(source: Any) -> int:
    if isinstance(source, dict):
        serial = source.get("_serial", UNKNOWN)
    elif source is None:
        serial = ROOT
    else:
        serial = getattr(source, "_serial", UNKNOWN)
    return serial if isinstance(serial, int) else UNKNOWN


def shown(value: Any) -> str:
    """A value as text, without the addresses of objects."""
    return ADDRESS.sub("", repr(value))


def can_be_spoilt(value: Any) -> bool:
    is_input = hasattr(value, "__strawberry_definition__") and not isinstance(value, Enum)
    return isinstance(value, list) or is_input


def spoil(arguments: dict[str, Any]) -> None:
    """Changes what was given, as resolvers do: nobody else may see it."""
    for value in arguments.values():
        if isinstance(value, list):
            value.append("spoilt")
        elif can_be_spoilt(value):
            for name, inner in vars(value).items():
                if isinstance(inner, list):
                    inner.append("spoilt")
                elif isinstance(inner, int | str):
                    setattr(value, name, "spoilt")


def plain(path: Path | None) -> list[str | int]:
    return path.as_list() if path is not None else []


# What a resolver may learn from its info.
FACTS: dict[str, Any] = {
    "name": lambda info: info.field_name,
    "python": lambda info: info.python_name,
    "path": lambda info: [plain(info.path), info.path.typename],
    "variables": lambda info: repr(info.variable_values),
    "selected": lambda info: repr(info.selected_fields),
    "operation": lambda info: [str(info.operation.name and info.operation.name.value), len(info.query or "")],
    "type": lambda info: [str(info._raw_info.return_type), str(info._raw_info.parent_type)],
    "nodes": lambda info: [node.loc.start for node in info._raw_info.field_nodes],
    "fragments": lambda info: sorted(info._raw_info.fragments),
    "root": lambda info: serial_of(info.root_value),
    "context": lambda info: info.context is STATE.get(),
    "schema": lambda info: info.schema is STATE.get().world.graph,
    "return": lambda info: shown(info.return_type),
    "extensions": lambda info: info.input_extensions,
}
