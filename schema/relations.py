"""Edges of the graph: what stands behind a key of a document, read through a lane."""

from collections.abc import Callable
from typing import Any

from models.joins import Callback, Load
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

    def load(self, context: Context, value: Any, fields: Fields) -> Load[Any] | None:
        """The read behind one key; None behind none."""
        return None if value is None else Load(context.reads, self.lane, value, fields, None)

    def ask(self, context: Context, values: list[Any], fields: Fields, callback: Callback) -> None:
        """Calls back once with what stands behind each of many keys, in their order."""
        context.reads.all(self.lane, values, fields, callback)


def edge(key: str, lane: Lane[Any]) -> Callable[..., Any]:
    """A resolver that follows a relation."""
    relation = Relation(key, lane)

    def follow(root: dict[str, Any], info: Info) -> Any:
        return relation.load(info.context, root.get(key), relation.fields(info))

    # What a compiled plan follows by itself, and what a projection must not leave out.
    follow.__relation__ = relation  # type: ignore[attr-defined]  # functions take attributes
    follow.__needs__ = (key,)  # type: ignore[attr-defined]  # functions take attributes
    return follow
