"""Reads, joined: what is asked for in one turn of the event loop is one query, whoever asks.

A request asks through its `Reads`, which remembers what it was told; requests meet in the lanes.
"""

import asyncio
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any, Generic, Protocol, TypeVar

from models.batches import BATCH, Batcher, own, report
from models.errors import DomainError
from models.raw import Fields

Value = TypeVar("Value", covariant=True)
Callback = Callable[[Any, BaseException | None], None]

UNKNOWN = object()


class Lane(Protocol):
    """Where requests meet that read one collection by one kind of key."""

    batcher: Batcher


class Load(Generic[Value]):
    """A read through what one request knows; it is asked for when somebody waits for it."""

    __slots__ = ("fields", "key", "lane", "missing", "reads")

    def __init__(
        self,
        reads: "Reads",
        lane: Lane,
        key: object,
        fields: Fields,
        missing: type[DomainError] | None,
    ) -> None:
        self.reads = reads
        self.lane = lane
        self.key = key
        self.fields = fields
        self.missing = missing

    def then(self, callback: Callback) -> None:
        """Asks, and calls back once with value or error: from the loop, or at once where it is known."""
        if self.missing is not None:
            callback = partial(_or_missing, self.missing, callback)
        self.reads.one(self.lane, self.key, self.fields, callback)

    def future(self) -> asyncio.Future[Value]:
        """Asks, for a future of the value."""
        future: asyncio.Future[Value] = self.lane.batcher.loop.create_future()
        self.then(partial(settle, future))
        return future

    def __await__(self) -> Generator[Any, None, Value]:
        return self.future().__await__()


def _or_missing(
    missing: type[DomainError], callback: Callback, value: Any, error: BaseException | None
) -> None:
    callback(value, missing() if value is None and error is None else error)


def settle(future: asyncio.Future[Any], value: Any, error: BaseException | None) -> None:
    """Gives a future, unless nobody waits for it any more, its value or its error."""
    if future.done():
        return
    if error is None:
        future.set_result(value)
    else:
        future.set_exception(error)


class Reads:
    """What one request has read: it sees one version of each document until it forgets them.

    The documents are shared with other requests that asked in the same turn, so nobody may change them.
    """

    __slots__ = ("_known",)

    def __init__(self) -> None:
        self._known: dict[Lane, Known] = {}

    def forget(self) -> None:
        """Forgets what was read; whoever waits still gets what they asked for."""
        self._known = {}

    @contextmanager
    def written(self) -> Iterator[None]:
        """Forgets what was read before and while something was written, whatever came of it."""
        try:
            yield
        finally:
            self.forget()

    def one(self, lane: Lane, key: object, fields: Fields, callback: Callback) -> None:
        """Calls back with what a key stands for, or with an error."""
        known = self._of(lane, fields)
        value = known.values.get(key, UNKNOWN)
        if value is UNKNOWN:
            try:
                (value,) = known.ask([key])
            except Exception as error:
                return callback(None, error)
        if type(value) is Asked:
            value.callbacks.append((key, callback))
        else:
            callback(value, None)

    def all(self, lane: Lane, keys: list[Any], fields: Fields, callback: Callback) -> None:
        """Calls back with what each of the keys stands for, in their order; None stands for None."""
        known = self._of(lane, fields)
        values = known.values
        wanted = dict.fromkeys(keys)
        wanted.pop(None, None)
        parts = {value for key in wanted if type(value := values.get(key)) is Asked} if values else set()
        try:
            parts.update(known.ask([key for key in wanted if key not in values]))
        except Exception as error:
            return callback(None, error)
        column = Column(values, keys, len(parts), callback)
        if not parts:
            column.finish()
        for part in parts:
            part.callbacks.append((None, column.arrived))

    def _of(self, lane: Lane, fields: Fields) -> "Known":
        known = self._known.get(lane)
        if known is None or not covers(known.fields, fields):
            known = self._known[lane] = Known(lane, fields)
        return known


def covers(read: Fields, wanted: Fields) -> bool:
    """Whether documents that were read with some fields have others."""
    if read is wanted or read is None:
        return True
    return wanted is not None and set(wanted) <= set(read)


class Known:
    """What one request knows of one lane: values, and the place of those it waits for."""

    __slots__ = ("asked", "fields", "lane", "values")

    def __init__(self, lane: Lane, fields: Fields) -> None:
        self.lane = lane
        self.fields = fields
        self.values: dict[Any, Any] = {}
        self.asked: Asked | None = None

    def ask(self, keys: list[Any]) -> "list[Asked]":
        """Asks for keys, beside those this request asks for in this turn; raises Overloaded."""
        parts = []
        while keys:
            asked = self.asked
            if asked is None or not asked.open or len(asked.items) >= BATCH:
                asked = Asked(self.values, self.fields)
                self.lane.batcher.ask(asked)
                self.asked = asked
            room = BATCH - len(asked.items)
            some, keys = keys[:room], keys[room:]
            asked.items += some
            self.values.update(dict.fromkeys(some, asked))
            parts.append(asked)
        return parts


class Asked:
    """What one request asks of one lane in one turn."""

    __slots__ = ("callbacks", "fields", "items", "open", "values")

    def __init__(self, values: dict[Any, Any], fields: Fields) -> None:
        self.values = values
        self.fields = fields
        self.items: list[Any] = []
        self.open = True
        self.callbacks: list[tuple[Any, Callback]] = []

    def receive(self, result: Any, error: BaseException | None) -> None:
        """Makes the values known, and tells who waits."""
        values = self.values
        if error is None:
            values.update(zip(self.items, map(result.get, self.items), strict=True))
        else:
            # Nothing is known, so whoever asks once more has it read once more.
            for key in self.items:
                del values[key]
        # Who waits knows the request, which knows this: kept, they would be there until somebody looks.
        callbacks, self.callbacks = self.callbacks, []
        for key, callback in callbacks:
            try:
                if error is None:
                    callback(values.get(key), None)
                else:
                    callback(None, own(error))
            except Exception as fault:
                report(fault)


class Column:
    """Many keys asked for at once, called back at once when the last of them is known."""

    __slots__ = ("callback", "keys", "left", "values")

    def __init__(self, values: dict[Any, Any], keys: list[Any], left: int, callback: Callback) -> None:
        self.values = values
        self.keys = keys
        self.left = left
        self.callback = callback

    def arrived(self, value: None, error: BaseException | None) -> None:
        """Notes that some of the keys are known; the first error is the answer."""
        if self.left <= 0:
            return
        if error is not None:
            self.left = 0
            self.callback(None, error)
            return
        self.left -= 1
        if self.left == 0:
            self.finish()

    def finish(self) -> None:
        """Calls back with the values."""
        self.callback(list(map(self.values.get, self.keys)), None)
