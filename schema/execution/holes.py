"""Holes in an answer: values that have to be awaited, and what becomes of the places that they would fill."""

import asyncio
from asyncio import Task
from collections.abc import Callable
from typing import Any

from graphql import located_error

from schema.execution.reads import Ask
from schema.execution.request import Hole, Request
from schema.execution.sites import Position, path_of, put

# Tasks that nobody waits for; the event loop itself only has weak references.
BACKGROUND: set[Task[None]] = set()


def is_lone(holes: list[Hole]) -> bool:
    """Whether there is one value to be awaited; a column has many, as a rule."""
    if len(holes) != 1:
        return False
    awaitable = holes[0][0]
    return type(awaitable) is not Ask or awaitable.is_lone


async def fill(request: Request, hole: Hole) -> None:
    """Awaits and completes one value."""
    awaitable, position, then = hole
    try:
        put(position, then(request, await awaitable, position))
    except Exception as error:
        fail(request, error, position)


def waiting(request: Request) -> list[Hole]:
    """Takes the holes that the answer waits for; those below a null are filled in the background."""
    holes = request.holes
    if not holes:
        return holes
    request.holes = []
    if not request.nulled:
        return holes
    lost = [hole for hole in holes if request.is_null(hole[1])]
    if lost:
        abandon(request, lost)
        holes = [hole for hole in holes if not request.is_null(hole[1])]
    return holes


def abandon(request: Request, holes: list[Hole]) -> None:
    """Fills holes that nobody waits for; without an event loop they are closed."""
    try:
        loop = asyncio.get_running_loop()
    except RuntimeError:
        close_all(holes)
    else:
        for hole in holes:
            request.lose(hole[1])
            in_background(Task(stray(request, hole), loop=loop, name="field"))


def close_all(holes: list[Hole]) -> None:
    """Closes coroutines that will never be awaited."""
    for awaitable, _, _ in holes:
        if asyncio.iscoroutine(awaitable):
            awaitable.close()


async def stray(request: Request, hole: Hole) -> None:
    """Fills a hole that nobody waits for; what it leads to is abandoned too."""
    await fill(request, hole)
    waiting(request)


def in_background(task: Task[None]) -> None:
    """Keeps a task until it is done."""
    BACKGROUND.add(task)
    task.add_done_callback(BACKGROUND.discard)


def fail(request: Request, error: Exception, position: Position) -> None:
    """A field failed after it was awaited: the nearest place around it that may be null is."""
    if request.is_null(position):
        # Nobody waits for it, so its error goes nowhere.
        return
    located = located_error(error, position[3].field.nodes, path_of(position))
    place: Position | None = position
    while place is not None and place[3].non_null:
        place = place[0]
    if request.add(located, place) and place is not None:
        put(place, None)


def fill_beside(request: Request, value: Any, position: Position, then: Callable[..., Any]) -> None:
    """Completes one of many values that were awaited together."""
    if request.work is not None:
        request.work.fill(value, position, then)
        return
    try:
        put(position, then(request, value, position))
    except Exception as error:
        fail(request, error, position)


def by_level(holes: list[Hole]) -> list[Hole]:
    """Holes in the order in which graphql-core starts to fill them.

    It gathers what an object or a list has to await; what lies below such a place starts one turn later.
    """
    if len({hole[1][3].group for hole in holes}) == 1:
        return holes
    below: dict[int, set[int]] = {}
    for _, position, _ in holes:
        around = position[0]
        while around is not None:
            below.setdefault(id(around), set()).add(id(position))
            position, around = around, around[0]
        below.setdefault(0, set()).add(id(position))

    def level(hole: Hole) -> int:
        found, around = int(len(below[0]) > 1), hole[1][0]
        while around is not None:
            found += len(below[id(around)]) > 1
            around = around[0]
        return found

    return sorted(holes, key=level)
