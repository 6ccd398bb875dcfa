"""Deadlines do what `asyncio.timeout` does, with one timer for all."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from compat_rest.deadlines import Deadlines

SHORT, LONG = 0.03, 5.0


async def within(deadlines: Deadlines, work: Callable[[], Awaitable[str]]) -> str:
    """What an application does with a deadline."""
    deadline = deadlines.begin()
    try:
        return await work()
    except asyncio.CancelledError:
        if not deadline.passed():
            raise
        return "late"
    finally:
        deadlines.end(deadline)


async def quick() -> str:
    await asyncio.sleep(0)
    return "done"


async def slow() -> str:
    await asyncio.sleep(LONG)
    return "done"


def running(deadlines: Deadlines) -> int:
    return len(deadlines._running)


async def test_what_takes_too_long_is_ended_and_nothing_else() -> None:
    deadlines = Deadlines(SHORT)
    begin = asyncio.get_running_loop().time()
    answers = await asyncio.gather(
        *(within(deadlines, work) for work in (slow, quick, slow, quick)), return_exceptions=True
    )
    assert answers == ["late", "done", "late", "done"]
    assert SHORT <= asyncio.get_running_loop().time() - begin < LONG
    assert running(deadlines) == 0


async def test_each_has_its_time_from_its_own_beginning() -> None:
    deadlines = Deadlines(0.1)

    async def later() -> str:
        await asyncio.sleep(0.06)
        return await within(deadlines, half)

    async def half() -> str:
        await asyncio.sleep(0.06)
        return "done"

    assert [*await asyncio.gather(within(deadlines, slow), later())] == ["late", "done"]


async def test_one_timer_serves_a_thousand() -> None:
    deadlines = Deadlines(LONG)
    first = deadlines.begin()
    timer = deadlines._timer
    for _ in range(1000):
        deadlines.end(deadlines.begin())
    assert deadlines._timer is timer and running(deadlines) == 1
    deadlines.end(first)


async def test_it_watches_again_after_a_pause() -> None:
    deadlines = Deadlines(SHORT)
    assert await within(deadlines, quick) == "done"
    await asyncio.sleep(2 * SHORT)
    assert deadlines._timer is None
    assert await within(deadlines, slow) == "late"


async def test_who_is_cancelled_by_another_is_not_late() -> None:
    deadlines = Deadlines(LONG)
    task = asyncio.create_task(within(deadlines, slow))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert running(deadlines) == 0


async def test_who_is_cancelled_by_both_is_cancelled() -> None:
    deadlines = Deadlines(SHORT)
    task = asyncio.create_task(within(deadlines, slow))
    await asyncio.sleep(0)
    loop = asyncio.get_running_loop()
    # Both ask in the same turn of the loop, before the task can hear either.
    for deadline in deadlines._running:
        deadline.ends = loop.time()
    deadlines._fire(loop)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_a_swallowed_end_leaves_no_trace() -> None:
    deadlines = Deadlines(SHORT)

    async def stubborn() -> str:
        try:
            await asyncio.sleep(LONG)
        except asyncio.CancelledError:
            return "answered all the same"
        return "never"

    assert await within(deadlines, stubborn) == "answered all the same"
    task = asyncio.current_task()
    assert task is not None and task.cancelling() == 0


async def test_a_deadline_within_a_timeout_keeps_apart() -> None:
    deadlines = Deadlines(LONG)
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(SHORT):
            await within(deadlines, slow)
    late = Deadlines(SHORT)
    async with asyncio.timeout(LONG):
        assert await within(late, slow) == "late"
