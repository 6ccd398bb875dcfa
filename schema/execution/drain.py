"""What has to be awaited: the tasks that fill the holes of an answer, and their end on an error."""

from __future__ import annotations

import asyncio
import sys
from asyncio import AbstractEventLoop, CancelledError, Future, Task
from collections import deque
from collections.abc import Callable
from contextvars import Context, copy_context
from functools import partial
from inspect import CORO_CREATED, getcoroutinestate
from typing import Any, cast

from graphql import located_error

from schema.execution.holes import abandon, by_level, fail, fill, in_background, is_lone, waiting
from schema.execution.reads import READS
from schema.execution.request import Hole, Request
from schema.execution.sites import Position, path_of, put

# An eager task runs to where it first waits before it is handed back.
EAGER: dict[str, Any] = {"eager_start": True} if sys.version_info >= (3, 12) else {}
start_task: Callable[..., Task[None]] = partial(Task, name="field", **EAGER)


async def drain(request: Request, holes: list[Hole]) -> None:
    """Fills holes that the answer waits for, and every hole that this leads to."""
    while is_lone(holes):
        # A lone awaitable runs in the caller's own task, as it does in graphql-core: what it sets in context
        # variables is seen by whatever comes next.
        await fill(request, holes[0])
        holes = waiting(request)
    if holes:
        request.work = work = Work(request, asyncio.get_running_loop())
        try:
            await work.all(holes)
        finally:
            # They would keep each other, and the answer, until the garbage is collected.
            request.work = None


class Work:
    """The tasks of one request, and who is told when the last of them is done."""

    def __init__(self, request: Request, loop: AbstractEventLoop) -> None:
        self.request = request
        self.loop = loop
        # The holes that the answer waits for, and the errors, by identity; the second part is the position.
        self.live: dict[int, Any] = {}
        self.tasks: list[tuple[Task[None], int]] = []
        self.waiter: Future[None] | None = None
        # Holes that were met in the first step of an eager task: its siblings are started before them.
        self.ready: deque[tuple[Hole, Context]] = deque()
        self.is_starting = False
        # Errors on their way to the places that they make null.
        self.failures: list[tuple[Exception, Position]] = []
        self.is_sweeping = False

    async def all(self, holes: list[Hole]) -> None:
        """Fills holes beside each other; returns when nothing is left that the answer waits for."""
        self.waiter = waiter = self.loop.create_future()
        self.start(holes)
        try:
            if self.live or waiter.done():
                await waiter
        except BaseException:
            self.live.clear()
            self._cancel(self.tasks)
            raise
        finally:
            self.tasks = []

    def start(self, holes: list[Hole]) -> None:
        """Starts to fill holes, each in its own copy of the context in which it was met."""
        if self.request.plan.is_mixed:
            holes = by_level(holes)
        for hole in holes:
            self.live[id(hole)] = hole
        if self.is_starting:
            self.ready.extend((hole, copy_context()) for hole in holes)
            return
        self.is_starting = True
        try:
            for hole in holes:
                self._begin(hole, None)
            while self.ready:
                self._begin(*self.ready.popleft())
        finally:
            self.is_starting = False

    def _begin(self, hole: Hole, context: Context | None) -> None:
        awaitable: Any = hole[0]
        if type(awaitable) in READS:
            run: Any = (copy_context() if context is None else context).run
            awaitable.then(partial(run, self._arrived, hole))
        else:
            task = start_task(self._follow(hole), loop=self.loop, context=context)
            self.tasks.append((task, id(hole)))

    async def _follow(self, hole: Hole) -> None:
        """Fills a hole, and every lone hole that it leads to, in one task."""
        request, live, number = self.request, self.live, id(hole)
        awaitable, position, then = hole
        try:
            while True:
                is_failed = False
                try:
                    value = await awaitable
                    if number not in live:
                        return
                    put(position, then(request, value, position))
                except Exception as error:
                    is_failed = True
                    self.fail(error, position)
                if not request.holes:
                    break
                holes = self._led_to(is_failed)
                if not is_lone(holes):
                    self.start(holes)
                    break
                awaitable, position, then = holes[0]
        except BaseException as error:
            self._stop(error, number)
        finally:
            if live.pop(number, None) is not None and not live:
                self._wake()

    def _arrived(self, hole: Hole, value: Any, error: BaseException | None) -> None:
        """Fills a hole with what was read."""
        live, number = self.live, id(hole)
        if number not in live:
            return
        try:
            if error is None:
                self.fill(value, hole[1], hole[2])
            elif isinstance(error, Exception):
                self.fail(error, hole[1])
            else:
                self._stop(error, number)
        except BaseException as stopped:
            self._stop(stopped, number)
        if live.pop(number, None) is not None and not live:
            self._wake()

    def fill(self, value: Any, position: Position, then: Callable[..., Any]) -> None:
        """Completes a value, and starts to fill the holes that this leads to."""
        request = self.request
        is_failed = False
        try:
            put(position, then(request, value, position))
        except Exception as error:
            is_failed = True
            self.fail(error, position)
        if request.holes:
            self.start(self._led_to(is_failed))

    def _led_to(self, is_failed: bool) -> list[Hole]:
        """The holes that were met when a value was completed."""
        request = self.request
        if is_failed:
            # The value is given up with all that is in it.
            holes, request.holes = request.holes, []
            abandon(request, holes)
            return []
        return waiting(request)

    def fail(self, error: Exception, position: Position) -> None:
        """A field failed beside others: what they say until the error has arrived above them still counts."""
        if position[3].non_null and not self.request.is_null(position):
            failure = located_error(error, position[3].field.nodes, path_of(position)), position
            self.failures.append(failure)
            self.live[id(failure)] = failure
            self._sweep_soon()
        else:
            fail(self.request, error, position)

    def _wake(self) -> None:
        if self.waiter is not None and not self.waiter.done():
            self.waiter.set_result(None)

    def _stop(self, error: BaseException, number: int) -> None:
        """What is no error of a field ends the whole request."""
        if isinstance(error, KeyboardInterrupt | SystemExit | GeneratorExit):
            raise error
        waiter = self.waiter
        if number in self.live and waiter is not None and not waiter.done():
            if isinstance(error, CancelledError):
                waiter.cancel()
            else:
                waiter.set_exception(error)

    def _sweep_soon(self) -> None:
        """Has errors arrive two turns later, as in graphql-core: what was about to start has started then."""
        if not self.is_sweeping:
            self.is_sweeping = True
            self.loop.call_soon(self.loop.call_soon, self._sweep)

    def _sweep(self) -> None:
        """Makes places null, and ends what is below them."""
        self.is_sweeping = False
        failures, self.failures = self.failures, []
        # Of two errors on their way, the one that is nearer to where both arrive comes first.
        for failure in sorted(failures, key=lambda each: _steps(each[1])):
            self.live.pop(id(failure), None)
            fail(self.request, *failure)
        lost = {number for number, position in self.live.items() if self.request.is_null(position[1])}
        for number in lost:
            del self.live[number]
        self._cancel([each for each in self.tasks if each[1] in lost])
        if not self.live:
            self._wake()

    def _cancel(self, tasks: list[tuple[Task[None], int]]) -> None:
        for task, _ in tasks:
            if not task.done():
                in_background(task)
                # Cancelled before its first step, a task would leave the resolver's coroutine unawaited.
                is_new = getcoroutinestate(cast(Any, task.get_coro())) == CORO_CREATED
                self.loop.call_soon(_end, task) if is_new else _end(task)


def _steps(position: Position) -> int:
    """How far an error goes up from here."""
    steps, place = 0, position
    while place is not None and place[3].non_null:
        steps, place = steps + 1, place[0]
    return steps


def _end(task: Task[None]) -> None:
    if not _is_shared(task):
        task.cancel()


def _is_shared(task: Future[Any]) -> bool:
    """Whether a task waits for a future that others wait for: cancelling would cancel it for all of them."""
    waits: Any = getattr(task, "_fut_waiter", None)
    if waits is None:
        return False
    parts = [waits, *getattr(waits, "_children", ())]
    return any(len(getattr(part, "_callbacks", None) or ()) > 1 or _is_shared(part) for part in parts)
