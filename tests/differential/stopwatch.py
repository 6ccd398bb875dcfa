"""Plays documents of the station by both executors: how long do they take, and how does everything end?"""

import asyncio
import gc
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from inspect import isawaitable
from typing import Any

from graphql import DocumentNode, parse, validate

from schema.execution.plan import Uncompiled, compile_operation
from tests.differential.executors import (
    Answer,
    ReferenceExecutor,
    Returned,
    complaints,
    interpret,
    outcome,
    outspoken,
    read,
    settled,
    told,
)
from tests.differential.judge import judge
from tests.differential.station import SCHEMA, Station

# A machine at work is late by less; what should not be waited for takes longer.
GRACE = 0.2
HANGS = 3.0
# A machine may be held up once, but not each time.
AGAIN = 3

Play = Callable[[DocumentNode, Station], Returned]


def by_reference(
    document: DocumentNode, station: Station, executor: type[ReferenceExecutor] = ReferenceExecutor
) -> Returned:
    """The reference executor."""
    return interpret(SCHEMA._schema, document, executor, context_value=station)


def by_plan(document: DocumentNode, station: Station) -> Returned:
    """The plan."""
    plan = compile_operation(SCHEMA._schema, document)
    assert not isinstance(plan, Uncompiled), plan.reason
    return plan.run(station, {})


@dataclass
class Played:
    """An answer, how long it took, and what happened by the time that everything was over."""

    answer: Answer
    seconds: float
    events: list[str] = field(default_factory=list)
    batches: int = 0

    def ends(self, *kinds: str) -> Counter[str]:
        return Counter(one for one in self.events if one.endswith(kinds))


async def play(text: str, by: Play, cancel_after: float | None = None) -> Played:
    """One run, to the end of all that it has started."""
    document = parse(text)
    assert not validate(SCHEMA._schema, document), text
    station, answer = Station(), Answer()
    loop = asyncio.get_running_loop()
    with outspoken(), complaints([answer]):
        begin = loop.time()
        task = loop.create_task(run(document, station, by, answer))
        if cancel_after is not None:
            await asyncio.sleep(cancel_after)
            task.cancel()
        await asyncio.wait([task], timeout=HANGS)
        seconds = loop.time() - begin
        if not task.done():
            answer.raised = "no answer at all"
            task.cancel()
        await settled()
        del task
        gc.collect(1)
    return Played(answer, seconds, station.events, station.batches)


async def run(document: DocumentNode, station: Station, by: Play, answer: Answer) -> None:
    try:
        returned: Any = by(document, station)
    except BaseException as error:
        answer.raised = told(error)
        return
    if isawaitable(returned):
        answer.awaited = True
        returned = await outcome(returned, answer)
    if returned is not None:
        read(returned, answer)


async def compare(text: str, by: Play, cancel_after: float | None = None) -> str:
    """Why the two runs of a document are not alike; nothing, if they are."""
    stock, plan = [await play(text, one, cancel_after) for one in (by_reference, by)]

    async def again(attempt: int) -> Answer:
        return (await play(text, by_reference)).answer

    unheard = replace(plan.answer, complaints=[])
    verdict = await judge(stock.answer, unheard, calm=False, serial=False, rerun=again)
    if not verdict:
        return verdict.reason
    for _ in range(AGAIN):
        if plan.seconds <= stock.seconds + GRACE:
            break
        plan = await play(text, by, cancel_after)
    else:
        return f"it takes {plan.seconds:.2f} s in place of {stock.seconds:.2f} s"
    if plan.batches > stock.batches:
        return f"{plan.batches} batches in place of {stock.batches}"
    if plan.answer.complaints:
        return f"complaints: {', '.join(plan.answer.complaints)}"
    return ending(stock, plan, cancel_after is not None)


def ending(stock: Played, plan: Played, stopped: bool) -> str:
    """What was begun ends as it does by the reference; but what is not wanted any more need not begin."""
    kinds = ("finished", "failed", "cancelled") if stopped else ("finished",)
    if stock.ends(*kinds) != plan.ends(*kinds):
        return f"it ends with {plan.events}, not with {stock.events}"
    begun, over = plan.ends("started"), plan.ends("finished", "failed", "cancelled")
    if begun.total() != over.total():
        return f"something has no end: {plan.events}"
    return ""
