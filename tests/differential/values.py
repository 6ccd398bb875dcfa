"""Values for types, each out of one number, so that both executors meet the same."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Generator, Iterator
from typing import TYPE_CHECKING, Any

from graphql import GraphQLError, parse

from tests.differential.leaves import PLAIN, STRANGE
from tests.differential.outline import Ref

if TYPE_CHECKING:
    from tests.differential.state import State

MASK = 2**63 - 1
# A place in another document, which an error may bring along.
ELSEWHERE = parse("query Other {\n  there\n}").definitions[0]
SIZES = (0, 1, 1, 2, 2, 2, 3, 3, 4)
# How many kinds of strange values there are, and of errors.
KINDS = 12


def mix(*numbers: int) -> int:
    """A number that depends on all of these, the same in every process."""
    # Two rounds, since the lowest bits of one are close to each other for close numbers.
    return hash((hash(numbers), 0x9E3779B97F4A7C15)) & MASK


class Rich(Exception):
    """An error of the application that brings extensions along."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.extensions = {"code": "RICH", "text": text}


class Told(Exception):
    """An error whose message is not its text."""

    def __init__(self, text: str) -> None:
        super().__init__("the text")
        self.message = text


class Later:
    """Something to await that is no coroutine and may be awaited more than once."""

    def __init__(self, value: Any, turns: int) -> None:
        self.value, self.turns = value, turns

    def __repr__(self) -> str:
        return "<later>"

    def __await__(self) -> Generator[Any, None, Any]:
        return settle(self.value, self.turns).__await__()


class Bag:
    """Something to iterate over that is no sequence; after its items it may raise."""

    def __init__(self, items: list[Any], error: Exception | None = None) -> None:
        self.items, self.error = items, error

    def __repr__(self) -> str:
        return "<bag>"

    def __iter__(self) -> Iterator[Any]:
        yield from self.items
        if self.error is not None:
            raise self.error


class Stream:
    """Something to iterate over asynchronously; after its items it may raise."""

    def __init__(self, items: list[Any], turns: int, error: Exception | None = None) -> None:
        self.items, self.turns, self.error = items, turns, error

    def __repr__(self) -> str:
        return "<stream>"

    def __aiter__(self) -> AsyncIterator[Any]:
        return self.flow()

    async def flow(self) -> AsyncIterator[Any]:
        for item in self.items:
            await pause(self.turns)
            yield item
        if self.error is not None:
            raise self.error


async def pause(turns: int) -> None:
    for _ in range(turns):
        await asyncio.sleep(0)


async def settle(value: Any, turns: int) -> Any:
    """The value after so many turns of the loop; an exception is raised."""
    await pause(turns)
    if isinstance(value, Exception):
        raise value
    return value


def failure(number: int) -> Exception:
    """One of the ways in which a resolver fails."""
    text = f"failure {number % 89}"
    match number // 89 % 9:
        case 0:
            return GraphQLError(text, extensions={"code": "ODD", "number": number % 89})
        case 1:
            return GraphQLError(text, path=["elsewhere", number % 3])
        case 2 | 6:
            return Rich(text)
        case 3:
            return Told(text)
        case 4:
            return KeyError(text)
        case 5:
            return ValueError()
        case 7:
            return GraphQLError(text, nodes=[ELSEWHERE])
        case _:
            return ValueError(text)


def make(state: "State", ref: Ref, number: int, fresh: bool = False) -> Any:
    """A value for a type; a `fresh` one is read once only, so it may be a coroutine or a generator."""
    if number % 1000 < state.noise:
        return strange(state, ref, mix(number, 1), fresh)
    if ref.nulls[0] and number // 1000 % 12 == 0:
        return None
    return usual(state, ref, number // 12000, fresh)


def usual(state: "State", ref: Ref, number: int, fresh: bool) -> Any:
    if not ref.lists:
        return state.base(ref.base, number)
    return items(state, ref, number, fresh)


def items(state: "State", ref: Ref, number: int, fresh: bool, many: int = 1) -> list[Any]:
    item, size = ref.item, SIZES[number % len(SIZES)] * many
    return [make(state, item, mix(number, index), fresh) for index in range(size)]


def strange(state: "State", ref: Ref, number: int, fresh: bool) -> Any:
    """None, an error, something awaitable, another container, or what the type does not expect."""
    kind, number = number % KINDS, number // KINDS
    if kind < 2:
        return None
    if kind < 5:
        return failure(number)
    if kind < 7 and state.awaitables:
        return awaitable(state, ref, number, fresh)
    if ref.lists:
        return container(state, ref, number, fresh) if kind < 10 else usual(state, ref, number, fresh)
    return misfit(state, ref.base, number)


def awaitable(state: "State", ref: Ref, number: int, fresh: bool) -> Awaitable[Any]:
    turns = state.turns(number)
    value = make(state, ref, mix(number, 2))
    return settle(value, turns) if fresh and number % 3 == 0 else Later(value, turns)


def container(state: "State", ref: Ref, number: int, fresh: bool) -> Any:
    """A list in an unusual form, or none at all."""
    content = items(state, ref, mix(number, 3), fresh)
    match number % 10:
        case 0:
            return tuple(content)
        case 1:
            return deque(content)
        case 2:
            return dict(enumerate(content)).values()
        case 3:
            return Bag(content, failure(number // 10) if number // 10 % 3 == 0 else None)
        case 4 | 5 if state.awaitables:
            return Stream(content, state.turns(number), failure(number) if number // 10 % 3 == 0 else None)
        case 6:
            return "text"
        case 7:
            return {"a": 1}
        case 8 if fresh:
            return (item for item in content)
        case _:
            return 7


def misfit(state: "State", base: str, number: int) -> Any:
    """A value of an unusual form or of another type."""
    if base in STRANGE:
        return STRANGE[base][number % len(STRANGE[base])]
    match number % 5:
        case 0:
            return PLAIN["Int"][number // 5 % 6]
        case 1:
            return {}
        case 2:
            return state.odd_source(base, number // 5)
        case 3:
            return state.any_object(number // 5)
        case _:
            return state.odd_source(base, number // 5)
