"""A schema whose resolvers take real time, fail at a chosen moment, and tell how they ended."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import strawberry
from strawberry import Info
from strawberry.dataloader import DataLoader


class Halt(BaseException):
    """What no executor may take for the error of a field."""


class Station:
    """The context of one request: what happened, in order."""

    def __init__(self) -> None:
        self.events: list[str] = []
        self.batches = 0
        self.signal = asyncio.Event()
        self.loader: DataLoader[int, int] = DataLoader(load_fn=self.load)

    async def load(self, keys: list[int]) -> list[Any]:
        self.batches += 1
        await asyncio.sleep(0.01)
        return [ValueError(f"no {key}") if key < 0 else key for key in keys]

    @asynccontextmanager
    async def told(self, name: str) -> AsyncIterator[None]:
        """Writes down how a resolver ended."""
        self.events.append(f"{name} started")
        try:
            yield
        except asyncio.CancelledError:
            self.events.append(f"{name} cancelled")
            raise
        except Exception:
            self.events.append(f"{name} failed")
            raise
        self.events.append(f"{name} finished")


def halt(kind: str) -> BaseException:
    kinds: dict[str, type[BaseException]] = {
        "cancelled": asyncio.CancelledError,
        "interrupt": KeyboardInterrupt,
        "exit": SystemExit,
        "generator": GeneratorExit,
        "halt": Halt,
    }
    return kinds[kind]("stop")


@strawberry.type
class Node:
    """An object at any depth."""

    @strawberry.field
    def quick(self) -> int | None:
        return 1

    @strawberry.field
    def boom_now(self) -> int:
        raise ValueError("now")

    @strawberry.field
    async def boom_first(self) -> int:
        raise ValueError("first")

    @strawberry.field
    async def boom_later(self, info: Info[Station, None], seconds: float = 0.02) -> int:
        async with info.context.told("boom"):
            await asyncio.sleep(seconds)
            raise ValueError("later")

    @strawberry.field
    async def boom_loaded(self, info: Info[Station, None]) -> int:
        return await info.context.loader.load(-1)

    @strawberry.field
    async def soft(self, seconds: float = 0.02) -> int | None:
        await asyncio.sleep(seconds)
        raise ValueError("soft")

    @strawberry.field
    async def slow(self, info: Info[Station, None], seconds: float = 0.05) -> int | None:
        async with info.context.told("slow"):
            await asyncio.sleep(seconds)
            return 2

    @strawberry.field
    async def slower(self, info: Info[Station, None]) -> int | None:
        async with info.context.told("slower"):
            await asyncio.sleep(0.5)
            return 2

    @strawberry.field
    async def stubborn(self, info: Info[Station, None], seconds: float = 0.5) -> int | None:
        """Takes its time even when it is cancelled."""
        async with info.context.told("stubborn"):
            try:
                await asyncio.sleep(seconds)
            except asyncio.CancelledError:
                await asyncio.sleep(0.01)
                raise
            return 3

    @strawberry.field
    def task(self, info: Info[Station, None], seconds: float = 0.05) -> int | None:
        async def work() -> int:
            async with info.context.told("task"):
                await asyncio.sleep(seconds)
                return 4

        return asyncio.ensure_future(work())  # type: ignore[return-value]  # a future in place of its value

    @strawberry.field
    async def timed(self) -> int | None:
        async with asyncio.timeout(0.02):
            await asyncio.sleep(5)
        return 5

    @strawberry.field
    async def grouped(self) -> int | None:
        async def fail() -> None:
            raise ValueError("member")

        async with asyncio.TaskGroup() as group:
            group.create_task(fail())
            group.create_task(asyncio.sleep(5))
        return 6

    @strawberry.field
    async def wait(self, info: Info[Station, None]) -> int | None:
        await info.context.signal.wait()
        return 7

    @strawberry.field
    async def give(self, info: Info[Station, None]) -> int | None:
        info.context.signal.set()
        return 8

    @strawberry.field
    async def loaded(self, info: Info[Station, None], key: int = 1) -> int | None:
        return await info.context.loader.load(key)

    @strawberry.field
    def stop(self, kind: str) -> int | None:
        raise halt(kind)

    @strawberry.field
    async def stop_later(self, kind: str) -> int | None:
        await asyncio.sleep(0.01)
        raise halt(kind)

    @strawberry.field
    def child(self) -> "Node | None":
        return Node()

    @strawberry.field
    async def later(self, seconds: float = 0.02) -> "Node | None":
        await asyncio.sleep(seconds)
        return Node()

    @strawberry.field
    def sure(self) -> "Node":
        return Node()

    @strawberry.field
    def many(self, count: int = 3) -> "list[Node | None]":
        return [Node() for _ in range(count)]

    @strawberry.field
    def sure_many(self, count: int = 3) -> "list[Node]":
        return [Node() for _ in range(count)]

    @strawberry.field
    def streamed(self, count: int = 3) -> "list[Node | None]":
        async def nodes() -> AsyncIterator[Node]:
            for _ in range(count):
                await asyncio.sleep(0.01)
                yield Node()

        return nodes()  # type: ignore[return-value]  # what gives the items in place of a list of them


@strawberry.type
class Query(Node):
    """The root is such an object too."""


@strawberry.type
class Mutation(Node):
    """Its fields follow each other."""


SCHEMA = strawberry.Schema(Query, Mutation)
