"""A Strawberry schema with resolvers of every kind: sources, permissions, field extensions, loaders."""

import asyncio
from collections.abc import Awaitable, Callable
from types import SimpleNamespace
from typing import Any

import strawberry
from strawberry import Info, Parent
from strawberry.dataloader import DataLoader
from strawberry.extensions import FieldExtension
from strawberry.permission import BasePermission, PermissionExtension


class Allowed(BasePermission):
    """What the source says."""

    message = "Not allowed."

    def has_permission(self, source: Any, info: Any, **arguments: Any) -> Any:
        shown = {name: value for name, value in arguments.items() if not isinstance(value, Info)}
        info.context.append(f"asked {info.field_name} {shown}")
        return source.allowed


class AllowedLater(Allowed):
    """The same, later."""

    message = "Not allowed later."

    async def has_permission(self, source: Any, info: Any, **arguments: Any) -> Any:
        await asyncio.sleep(0)
        return super().has_permission(source, info, **arguments)


class Broken(BasePermission):
    """Fails when it is asked."""

    def has_permission(self, source: Any, info: Any, **arguments: Any) -> bool:
        raise LookupError("broken")


class Coded(Allowed):
    """A refusal with a code."""

    error_extensions = {"code": "NO"}


class Hidden(Allowed):
    """A refusal of its own kind."""

    def on_unauthorized(self) -> None:
        raise KeyError("hidden")


class Shout(FieldExtension):
    """Changes the argument and the answer."""

    def resolve(self, next_: Callable[..., Any], source: Any, info: Info, **arguments: Any) -> Any:
        if "word" in arguments:
            arguments["word"] = arguments["word"].upper()
        return f"{next_(source, info, **arguments)}!"

    async def resolve_async(
        self, next_: Callable[..., Awaitable[Any]], source: Any, info: Info, **arguments: Any
    ) -> Any:
        return f"{await next_(source, info, **arguments)}!"


class Twice(FieldExtension):
    """Asks twice, for sync resolvers only."""

    def resolve(self, next_: Callable[..., Any], source: Any, info: Info, **arguments: Any) -> Any:
        return f"{next_(source, info, **arguments)} {next_(source, info, **arguments)}"


class Replace(FieldExtension):
    """Never asks."""

    async def resolve_async(
        self, next_: Callable[..., Awaitable[Any]], source: Any, info: Info, **arguments: Any
    ) -> Any:
        return None


def outside(root: "Thing", info: Info) -> str:
    """A resolver that is no method."""
    return f"{root.word} {info.field_name}"


def by_parent(thing: Parent["Thing"], word: str = "w") -> str:
    """A resolver that names its source by type."""
    return f"{thing.word} {word}"


@strawberry.type
class Thing:
    word: str = "word"
    allowed: strawberry.Private[bool] = True
    number: strawberry.Private[int] = 2

    outside: str = strawberry.field(resolver=outside)
    by_parent: str = strawberry.field(resolver=by_parent)
    given: str = strawberry.field(resolver=lambda: "lambda")

    @strawberry.field
    def method(self, word: str = "w") -> str:
        return f"{self.word} {word}"

    @strawberry.field
    def info_first(self, info: Info, word: str) -> str:
        return f"{info.field_name} {word}"

    @strawberry.field
    def info_last(self, word: str, info: Info) -> str:
        return f"{info.path.key} {word}"

    @strawberry.field
    def info_by_another_name(self, told: Info) -> str:
        return told.python_name

    @strawberry.field
    def only_named(self, *, word: str = "w") -> str:
        return word

    @strawberry.field
    @staticmethod
    def static(word: str = "w") -> str:
        return word

    @strawberry.field
    async def later(self, info: Info) -> str:
        info.context.append("later")
        await asyncio.sleep(0)
        return self.word

    @strawberry.field
    def maybe_later(self) -> str:
        return asyncio.sleep(0, "awaited") if self.allowed else "now"  # type: ignore[return-value]  # what is tested

    @strawberry.field
    def fails(self) -> str:
        raise RuntimeError("fails")

    @strawberry.field
    async def fails_later(self) -> str | None:
        await asyncio.sleep(0)
        raise RuntimeError("fails later")

    @strawberry.field
    def things(self, allowed: list[bool]) -> list["Thing"]:
        return [Thing(word=f"w{index}", allowed=each, number=index) for index, each in enumerate(allowed)]

    @strawberry.field(permission_classes=[Allowed])
    def secret(self, word: str = "w") -> str | None:
        return word

    @strawberry.field(permission_classes=[Allowed])
    def must_secret(self) -> str:
        return "secret"

    @strawberry.field(permission_classes=[AllowedLater])
    def secret_later(self) -> str | None:
        return "secret"

    @strawberry.field(permission_classes=[Allowed, AllowedLater])
    async def secrets_later(self) -> str | None:
        return "secret"

    @strawberry.field(permission_classes=[Broken])
    def broken(self) -> str | None:
        return "secret"

    @strawberry.field(permission_classes=[Coded])
    def coded(self) -> str | None:
        return "secret"

    @strawberry.field(permission_classes=[Hidden])
    def hidden(self) -> str | None:
        return "secret"

    @strawberry.field(extensions=[PermissionExtension([Allowed()], fail_silently=True)])
    def silent(self) -> str | None:
        return "secret"

    @strawberry.field(extensions=[PermissionExtension([Allowed()], fail_silently=True)])
    def silent_list(self) -> list[str]:
        return ["secret"]

    @strawberry.field(permission_classes=[AllowedLater])
    def parted(self, first_word: str, told: Info, last_words: list[str] | None = None) -> str | None:
        return f"{told.python_name} {first_word} {last_words}"

    @strawberry.field(permission_classes=[Allowed])
    async def turns(self, to: int = 2) -> list[int] | None:  # type: ignore[misc]  # any iterable may stand for a list
        for turn in range(to):
            yield turn

    guarded: str | None = strawberry.field(permission_classes=[Allowed], default="attribute")

    @strawberry.field(extensions=[Shout()])
    def shout(self, word: str = "w") -> str:
        return word

    @strawberry.field(extensions=[Shout()])
    async def shout_later(self, word: str = "w") -> str:
        return word

    @strawberry.field(extensions=[Shout(), Twice()])
    def shout_twice(self, info: Info, word: str) -> str:
        return f"{word} {info.field_name}"

    @strawberry.field(extensions=[Twice(), PermissionExtension([Allowed()])])
    def guarded_twice(self) -> str | None:
        return "g"

    @strawberry.field(extensions=[Replace()])
    def replaced(self) -> str | None:
        raise AssertionError("Nobody asks.")

    @strawberry.field
    async def square(self, info: Info) -> int | None:
        return await info.context.squares.load(self.number - 1)  # type: ignore[no-any-return]  # of a loader

    @strawberry.field
    def square_at_once(self, info: Info) -> int | None:
        return info.context.squares.load(self.number)  # type: ignore[no-any-return]  # what is tested


@strawberry.type
class Query:
    thing: Thing
    things: list[Thing]


class Log(list[Any]):
    """A context: a list, with a loader that writes down what it loads."""

    def __init__(self) -> None:
        async def squares(keys: list[int]) -> list[int | Exception]:
            self.append(f"load {keys}")
            return [ValueError(f"{key} is negative") if key < 0 else key * key for key in keys]

        self.squares = DataLoader(squares)


SCHEMA = strawberry.Schema(Query)._schema


def of(*things: Thing) -> Any:
    """A root with these things."""
    return SimpleNamespace(thing=things[0], things=list(things))


YES, NO = Thing(), Thing(allowed=False)
