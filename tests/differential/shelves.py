"""Lanes over generated values: what a `Load` and a relation read from in place of a store."""

import asyncio
from collections.abc import Callable
from contextvars import Context
from typing import Any

from strawberry import Info

from models.joins import Asked, Load
from models.raw import Fields
from schema import relations
from tests.differential.state import STATE, State
from tests.differential.values import mix

FAILS, FULL = 201, 202
WORDS = {FAILS: "The shelf has fallen.", FULL: "The shelf is full."}


class Shelf:
    """A lane for the values of one field: its keys are numbers."""

    def __init__(self, number: int) -> None:
        self.number = number
        # What a request asks goes here, too: there is no other place to keep it.
        self.batcher: Any = self

    @property
    def loop(self) -> asyncio.AbstractEventLoop:
        """The loop of all who ask."""
        return asyncio.get_running_loop()

    def ask(self, entry: Asked) -> None:
        """Answers in some turn of the loop after this one; refuses, or fails as a whole, now and then."""
        state = STATE.get()
        if self.now_and_then(state, FULL):
            raise ValueError(WORDS[FULL])
        state.batches += 1
        turns = state.turns(mix(state.seed, self.number))
        # Nobody who is called back may expect the context of the request.
        asyncio.get_running_loop().call_soon(self.wait, state, entry, turns, context=Context())

    def wait(self, state: State, entry: Asked, left: int) -> None:
        entry.open = False
        if left > 0:
            asyncio.get_running_loop().call_soon(self.wait, state, entry, left - 1, context=Context())
        elif self.now_and_then(state, FAILS):
            entry.receive(None, ValueError(WORDS[FAILS]))
        else:
            entry.receive({key: self.value(state, key, entry.fields) for key in entry.items}, None)

    def now_and_then(self, state: State, salt: int) -> bool:
        return mix(state.seed, self.number, salt) % 3000 < state.noise

    def value(self, state: State, key: object, fields: Fields) -> Any:
        """What stands for a key; None for some of them."""
        # What is no row may have anything for a key.
        number = mix(state.seed, self.number, key) if type(key) is int else 0
        if number % 9 == 0:
            return None
        found = state.loaded(state.world.fields[self.number].ref, number)
        if isinstance(found, Exception):
            return None
        return [projected(one, fields) for one in found] if type(found) is list else projected(found, fields)


def projected(value: Any, fields: Fields) -> Any:
    """A document without what was not asked for."""
    if type(value) is not dict or fields is None:
        return value
    return {name: one for name, one in value.items() if name in fields or name in ("_serial", "_kind")}


def edge(number: int, key: str) -> Callable[..., Any]:
    """The resolver of a relation."""
    relation: Any = relations.edge(key, shelf(number))

    def follow(root: Any, info: Info) -> Any:
        return early(STATE.get(), relation(root, info))

    vars(follow).update(vars(relation))
    return follow


def early(state: State, load: Any) -> Any:
    """A read, or at times in a shuffled run what it gives: a request may know that already."""
    if load is None or state.early is None or state.early.random() < 0.6:
        return load
    for salt in (FULL, FAILS):
        if load.lane.now_and_then(state, salt):
            raise ValueError(WORDS[salt])
    value = load.lane.value(state, load.key, None)
    if value is None and load.missing:
        raise load.missing
    return value


class Missing(Exception):
    """What a verb raises that does not find its document."""


SHELVES: dict[int, Shelf] = {}


def shelf(number: int) -> Any:
    """The lane of a field."""
    return SHELVES.setdefault(number, Shelf(number))


def reading(state: State, number: int, key: int) -> Any:
    """A read of one value, by a verb that needs it or by one that does not."""
    missing: Any = Missing if state.world.fields[number].ref.nullable and number % 2 else None
    return early(state, Load(state.reads, shelf(number), key, None, missing))
