"""Edges of the graph: what stands behind a key of a document, read through a lane."""

from asyncio import Future, get_running_loop
from collections.abc import Callable
from functools import partial
from typing import Any

from models.joins import Callback, Load, settle
from models.lanes import Lane
from models.raw import Fields
from schema.context import Context, Info
from schema.projection import keys


class Relation:
    """What a key of a document leads to: one other document, or several."""

    def __init__(self, key: str, lane: Lane[Any]) -> None:
        self.key = key
        self.lane = lane

    def fields(self, info: Info) -> Fields:
        """What the operation shows of the documents behind a field that follows this relation."""
        return keys(info)

    def load(self, context: Context, value: Any, fields: Fields) -> Load[Any] | Future[Any] | None:
        """The read behind one key; None behind none."""
        return None if value is None else Load(context.reads, self.lane, value, fields, None)

    def ask(self, context: Context, values: list[Any], fields: Fields, callback: Callback) -> None:
        """Calls back once with what stands behind each of many keys, in their order."""
        context.reads.all(self.lane, values, fields, callback)


class Asked(Relation):
    """A relation with an `ask` of its own, which reads for one key what it reads for many."""

    def load(self, context: Context, value: Any, fields: Fields) -> Future[Any] | None:
        """The read behind one key; None behind none."""
        return None if value is None else self.future(context, value, fields)

    def future(self, context: Context, value: Any, fields: Fields) -> "Future[Any]":
        """A future of what stands behind a key that there is."""
        future: Future[Any] = get_running_loop().create_future()
        self.ask(context, [value], fields, partial(_settle_first, future))
        return future


def _settle_first(future: "Future[Any]", values: Any, error: BaseException | None) -> None:
    settle(future, values and values[0], error)


def edge(key: str, lane: Lane[Any]) -> Callable[..., Any]:
    """A resolver that follows a relation."""
    return following(Relation(key, lane))


def following(relation: Relation) -> Callable[..., Any]:
    """A resolver that follows this relation."""

    def follow(root: dict[str, Any], info: Info) -> Any:
        return relation.load(info.context, root.get(relation.key), relation.fields(info))

    # What a compiled plan follows by itself, and what a projection must not leave out.
    follow.__relation__ = relation  # type: ignore[attr-defined]  # functions take attributes
    follow.__needs__ = (relation.key,)  # type: ignore[attr-defined]  # functions take attributes
    return follow
