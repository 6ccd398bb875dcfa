"""Lists of rows, with their relations read by column: all keys of a list are asked for together."""

from __future__ import annotations

from collections.abc import Callable
from contextvars import copy_context
from functools import partial
from typing import Any

from models.batches import own
from schema.execution.bulk import Made, NotPlain, Way
from schema.execution.complete import finish_list, take
from schema.execution.holes import fill_beside
from schema.execution.reads import Ask
from schema.execution.request import Hole, Request
from schema.execution.sites import Field, Item, Position

# Where the object of each row stands.
Place = Callable[[int], Position]


def finish_rows(request: Request, value: Any, position: Position) -> Any:
    """Completes a list: at once where its items are plain rows, or exactly."""
    if type(value) is list and value:
        item = position[3].item
        made = item.bulk.learned(value)
        if made is not None:
            finished = shown(request, made, value, partial(_item, position, item), position)
            if finished is not None:
                return finished
    return finish_list(request, value, position)


def shown(
    request: Request,
    made: Made,
    values: list[Any],
    place: Callable[[list[Any], int], Position],
    around: Position,
) -> Any:
    """What the answer shows for rows; their relations are asked for. None where it has to be done exactly."""
    try:
        finished = made.make(values)
        if finished is None or not made.columns:
            return finished
        columns = [Column(way, values, finished, partial(place, finished)) for way in made.columns]
        holes = [column.hole(request, around) for column in columns]
    except Exception:
        # Whatever it is, the exact code meets it again, and knows whose error it is.
        return None
    request.holes += holes
    return finished


class Column:
    """One relation of all rows of a list."""

    def __init__(self, way: Way, rows: list[Any], objects: list[Any], place: Place) -> None:
        self.site = way[-1]
        self.rows, self.objects, self.place = rows, objects, place
        self.keys: list[Any] = []
        self.is_lone = False
        self._leave_out_nulls()
        for step in way[:-1]:
            self.place = partial(_below, self.place, self.objects, step)
            self.rows = [row.get(step.call.key) for row in self.rows]
            self.objects = [each[step.slot] for each in self.objects]
            self._leave_out_nulls()

    def _leave_out_nulls(self) -> None:
        if None in self.rows:
            kept = [number for number, row in enumerate(self.rows) if row is not None]
            self.rows = [self.rows[number] for number in kept]
            self.objects = [self.objects[number] for number in kept]
            self.place = partial(_kept, self.place, kept)

    def hole(self, request: Request, around: Position) -> Hole:
        """The hole that all values of the column fill."""
        site, relation = self.site, self.site.call.relation
        self.keys = [row[relation.key] for row in self.rows]
        if site.non_null and None in self.keys:
            # A row without the key fails at once, before anything is asked for.
            raise NotPlain
        fields = relation.fields(request.plan.info(request, site, self.place(0)))
        # Nothing is written at the column's own position: every row has one.
        own_position: Position = around, None, {}, site
        ask = Ask(relation, request.context, self.keys, fields)
        self.is_lone = ask.is_lone
        return ask, own_position, self.fill

    def at(self, number: int) -> Position:
        """Where the relation of one row stands."""
        return self.place(number), self.site.slot, self.objects[number], self.site

    def fill(self, request: Request, values: Any, position: Position) -> None:
        """Completes the values of all rows."""
        if isinstance(values, Exception):
            # Each row has an error of its own, but for those that asked for nothing.
            values = [None if key is None else own(values) for key in self.keys]
        made = self.site.bulk.learned(values)
        finished = None
        if made is not None:
            finished = shown(request, made, values, lambda _, number: self.at(number), position)
        if finished is not None:
            slot = self.site.slot
            for each, value in zip(self.objects, finished, strict=True):
                each[slot] = value
            return
        for number, value in enumerate(values):
            if self.is_lone:
                fill_beside(request, value, self.at(number), take)
            else:
                # As if each row were awaited by itself: what one sets in context variables no other sees.
                copy_context().run(fill_beside, request, value, self.at(number), take)


def _item(position: Position, item: Item, finished: list[Any], number: int) -> Position:
    return position, number, finished, item


def _below(place: Place, objects: list[Any], step: Field, number: int) -> Position:
    return place(number), step.slot, objects[number], step


def _kept(place: Place, kept: list[int], number: int) -> Position:
    return place(kept[number])
