"""Permissions, extensions and field classes that generated fields carry, and what their resolvers call."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Iterator
from typing import Any
from zlib import crc32

from strawberry import BasePermission, Info
from strawberry.extensions.field_extension import FieldExtension
from strawberry.permission import PermissionExtension
from strawberry.types.field import StrawberryField

from models.joins import Load
from tests.differential.outline import APOLOGY
from tests.differential.shelves import reading
from tests.differential.state import POOL, STATE, serial_of, shown
from tests.differential.values import Later, Rich, failure, mix, pause, settle

# Salts, so that the decisions about one object do not depend on each other.
EVEN, PATIENT, SNEAKY, VAGUE, RESCUE, EARLY, TYPE = range(101, 108)


class Even(BasePermission):
    message = "Only even objects are shown."
    error_extensions = {"code": "ODD"}

    def has_permission(self, source: Any, info: Info, **kwargs: Any) -> bool:
        return not STATE.get().chance(source, EVEN)


class Patient(BasePermission):
    message = "Too late."

    async def has_permission(self, source: Any, info: Info, **kwargs: Any) -> bool:
        state = STATE.get()
        await pause(state.turns(mix(serial_of(source), PATIENT)))
        return not state.chance(source, PATIENT)


class Sneaky(BasePermission):
    message = "Never shown."

    def has_permission(self, source: Any, info: Info, **kwargs: Any) -> bool | Awaitable[bool]:
        return settle(True, 0) if STATE.get().chance(source, SNEAKY) else True


class Vague(BasePermission):
    message = "Perhaps."

    def has_permission(self, source: Any, info: Info, **kwargs: Any) -> Any:
        if STATE.get().chance(source, VAGUE):
            return 1 if serial_of(source) % 2 else "yes"
        return True


class Angry(BasePermission):
    message = "Never shown."

    def has_permission(self, source: Any, info: Info, **kwargs: Any) -> bool:
        if STATE.get().chance(source, VAGUE):
            raise failure(serial_of(source))
        return info.field_name != "nothing"


def silent() -> PermissionExtension:
    return PermissionExtension([Even()], fail_silently=True)


class Shout(FieldExtension):
    """Writes down when it is called and what for; works both ways."""

    def resolve(self, next_: Any, source: Any, info: Info, **kwargs: Any) -> Any:
        STATE.get().log.append((tuple(info.path.as_list()), -1, serial_of(source), shown(kwargs), None, ()))
        return next_(source, info, **kwargs)

    async def resolve_async(self, next_: Any, source: Any, info: Info, **kwargs: Any) -> Any:
        STATE.get().log.append((tuple(info.path.as_list()), -2, serial_of(source), shown(kwargs), None, ()))
        value = next_(source, info, **kwargs)
        return await value if asyncio.iscoroutine(value) else value


class Rescue(FieldExtension):
    """Turns an error into nothing."""

    def resolve(self, next_: Any, source: Any, info: Info, **kwargs: Any) -> Any:
        try:
            return next_(source, info, **kwargs)
        except ValueError:
            return None


class Early(FieldExtension):
    """Answers in place of the resolver now and then."""

    def resolve(self, next_: Any, source: Any, info: Info, **kwargs: Any) -> Any:
        if STATE.get().chance(source, EARLY):
            return None
        return next_(source, info, **kwargs)


class Slow(FieldExtension):
    """Makes a synchronous resolver asynchronous."""

    async def resolve_async(self, next_: Any, source: Any, info: Info, **kwargs: Any) -> Any:
        state = STATE.get()
        await pause(state.turns(mix(serial_of(source), EARLY)))
        value = await next_(source, info, **kwargs)
        await pause(state.turns(mix(serial_of(source), RESCUE)))
        return value


class Counting(StrawberryField):
    """A field class with a way of its own to get the result."""

    def get_result(self, source: Any, info: Info | None, args: list[Any], kwargs: Any) -> Any:
        STATE.get().log.append((None, -3, serial_of(source), self.python_name, None, ()))
        return super().get_result(source, info, args, kwargs)


# What the resolvers of generated types call; they get all public names of this module.


def answer(number: int, source: Any, arguments: dict[str, Any], info: Info | None = None) -> Any:
    state = STATE.get()
    seed = state.enter(number, source, arguments, info)
    return state.give(state.world.fields[number], seed, source)


async def prompt(number: int, source: Any, arguments: dict[str, Any], info: Info | None = None) -> Any:
    """A coroutine that never waits for anything."""
    return answer(number, source, arguments, info)


async def late(number: int, source: Any, arguments: dict[str, Any], info: Info | None = None) -> Any:
    state = STATE.get()
    seed = state.enter(number, source, arguments, info)
    await pause(state.turns(mix(seed, 4)))
    return state.give(state.world.fields[number], seed, source)


def future(number: int, source: Any, arguments: dict[str, Any], info: Info | None = None) -> Any:
    """A bare future, answered by a callback of the loop."""
    state = STATE.get()
    seed = state.enter(number, source, arguments, info)
    loop = asyncio.get_running_loop()
    pending: asyncio.Future[Any] = loop.create_future()
    turns = state.turns(mix(seed, 4))

    def finish(left: int) -> None:
        if pending.done():
            return
        if left:
            loop.call_soon(finish, left - 1)
            return
        try:
            pending.set_result(state.give(state.world.fields[number], seed, source))
        except Exception as error:
            pending.set_exception(error)

    finish(turns)
    return pending


def task(number: int, source: Any, arguments: dict[str, Any], info: Info | None = None) -> Any:
    return asyncio.ensure_future(late(number, source, arguments, info))


def awaiting(number: int, source: Any, arguments: dict[str, Any], info: Info | None = None) -> Any:
    state = STATE.get()
    seed = state.enter(number, source, arguments, info)
    return Later(state.give(state.world.fields[number], seed, source), state.turns(mix(seed, 4)))


async def load(number: int, source: Any, arguments: dict[str, Any], info: Info | None = None) -> Any:
    state = STATE.get()
    state.enter(number, source, arguments, info)
    return await state.load(number, source)


def loading(number: int, source: Any, arguments: dict[str, Any], info: Info | None = None) -> Any:
    state = STATE.get()
    state.enter(number, source, arguments, info)
    return state.load(number, source)


def read(number: int, source: Any, arguments: dict[str, Any], info: Info | None = None) -> Any:
    """A joined read, returned as it is."""
    state = STATE.get()
    state.enter(number, source, arguments, info)
    return reading(state, number, serial_of(source) % 5)


async def reads(number: int, source: Any, arguments: dict[str, Any], info: Info | None = None) -> Any:
    """A joined read, awaited."""
    load = read(number, source, arguments, info)
    return await load if type(load) is Load else load


def flow(number: int, source: Any, arguments: dict[str, Any], info: Info | None = None) -> Iterator[Any]:
    """The items of a list, one by one; an error comes in their midst."""
    value = answer(number, source, arguments, info)
    yield from value if isinstance(value, list) else ()


async def stream(
    number: int, source: Any, arguments: dict[str, Any], info: Info | None = None
) -> AsyncIterator[Any]:
    value = await late(number, source, arguments, info)
    for item in value if isinstance(value, list) else ():
        await pause(1)
        yield item


def touch(number: int, source: Any, arguments: dict[str, Any], info: Info | None = None) -> Any:
    """Changes the object that it belongs to, which the fields after it show and those before it do not."""
    state = STATE.get()
    seed = state.enter(number, source, arguments, info)
    state.counter += 1
    state.world.mark(source, state.counter)
    return state.give(state.world.fields[number], seed, source)


def apologise(exception: Rich, info: Info) -> Any:
    """An object in place of an error; for some of them there is none."""
    state = STATE.get()
    state.log.append((tuple(info.path.as_list()), -6, 0, str(exception), None, ()))
    number = crc32(str(exception).encode())
    return None if number % 4 == 0 else state.pool[APOLOGY][number % POOL]


def is_kind(source: Any, name: str) -> bool:
    if STATE.get().chance(source, TYPE) and serial_of(source) % 3 == 0:
        return False
    return bool(kind_of(source) == name)


async def is_kind_later(source: Any, name: str) -> bool:
    await pause(STATE.get().turns(mix(serial_of(source), TYPE)))
    return is_kind(source, name)


def kind_of(source: Any) -> Any:
    return source.get("_kind") if isinstance(source, dict) else getattr(source, "_kind", None)


def named(source: Any, wrong: str) -> Any:
    """The name of an object's type; now and then a wrong one, or none."""
    if STATE.get().chance(source, TYPE):
        return (None, 5, "Nowhere", "Query", wrong)[serial_of(source) % 5]
    return kind_of(source)


async def named_later(source: Any, wrong: str) -> Any:
    await pause(STATE.get().turns(mix(serial_of(source), TYPE)))
    return named(source, wrong)
