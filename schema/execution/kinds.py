"""Which classes of values can be written or read from at once, and which have to be awaited first."""

from asyncio import Future, Task
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from functools import lru_cache
from types import CodeType, CoroutineType, GeneratorType
from typing import Any
from uuid import UUID

from graphql.pyutils import Undefined
from strawberry.execution import optimized_is_awaitable as is_awaitable

# No more classes than this are remembered, so that classes made at run time cannot fill the memory.
KEPT = 1_000

# Values of these classes are never awaitable and never exceptions. Null is not among them.
PLAIN: set[type] = {
    *(str, int, float, bool, bytes, bytearray, list, tuple, dict, set, frozenset),
    *(datetime, date, time, timedelta, Decimal, UUID),
}

# Values of these classes are awaited.
AWAITED: set[type] = {CoroutineType, Future, Task}

# Of these classes each value has to be asked: an old generator may be a coroutine, and nulls are no values.
UNSURE: set[type] = {GeneratorType, type(None), type(Undefined)}

__all__ = ["AWAITED", "PLAIN", "awaits", "is_awaitable", "is_plain", "made_by"]


def awaits(value: Any) -> bool:
    """Whether a value has to be awaited; remembers what its class tells."""
    kind = type(value)
    if kind in AWAITED:
        return True
    if kind not in UNSURE:
        _learn(kind)
    return kind not in PLAIN and is_awaitable(value)


def _learn(kind: type) -> None:
    if kind in PLAIN or len(PLAIN) + len(AWAITED) + len(UNSURE) >= KEPT:
        return
    if is_plain(kind):
        PLAIN.add(kind)
    elif "__await__" in _names(kind) and not issubclass(kind, BaseException):
        AWAITED.add(kind)
    else:
        UNSURE.add(kind)


def is_plain(kind: type) -> bool:
    """Whether no value of a class can be awaited or be an exception, whatever is in it."""
    names = _names(kind)
    return (
        kind not in UNSURE
        and not issubclass(kind, BaseException)
        and kind.__getattribute__ is object.__getattribute__
        and not names & {"__await__", "__getattr__", "__class__"}
    )


def _names(kind: type) -> set[str]:
    return {name for base in kind.__mro__ if base is not object for name in base.__dict__}


def made_by(function: Any, maker: Callable[..., Any]) -> bool:
    """Whether a function is one of those that another function defines, at any depth."""
    return getattr(function, "__code__", None) in _codes(maker.__code__)


@lru_cache(maxsize=16)
def _codes(code: CodeType) -> frozenset[CodeType]:
    inner = [constant for constant in code.co_consts if isinstance(constant, CodeType)]
    return frozenset(inner).union(*map(_codes, inner))
