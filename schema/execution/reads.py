"""Reads that call back: no task and no future waits for them."""

from asyncio import get_running_loop
from collections.abc import Callable, Generator
from functools import partial
from typing import Any

from models.joins import Load, settle

Callback = Callable[[Any, BaseException | None], None]


class Ask:
    """What stands behind many keys of one relation; awaited, or called back like a `Load`."""

    __slots__ = ("context", "fields", "is_lone", "keys", "relation")

    def __init__(self, relation: Any, context: Any, keys: list[Any], fields: Any) -> None:
        self.relation = relation
        self.context = context
        self.keys = keys
        self.fields = fields
        # As if one value were awaited: the others are null without being asked for.
        self.is_lone = sum(key is not None for key in keys) == 1

    def then(self, callback: Callback) -> None:
        """Asks, and calls back once with the values in the order of their keys, or with what failed."""
        try:
            self.relation.ask(self.context, self.keys, self.fields, partial(_answered, callback))
        except Exception as error:
            _answered(callback, None, error)

    def __await__(self) -> Generator[Any, None, Any]:
        future = get_running_loop().create_future()
        self.then(partial(settle, future))
        return (yield from future)


def _answered(callback: Callback, values: Any, error: BaseException | None) -> None:
    # A failed read is an error of every row, each of its own place.
    is_rows = isinstance(error, Exception)
    callback(error if is_rows else values, None if is_rows else error)


# What has `then`.
READS = {Load, Ask}
