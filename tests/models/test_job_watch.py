"""Jobs are followed by many at once, and nobody who does something else waits for that."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, aclosing
from datetime import UTC, datetime
from typing import Any

from pymongo.asynchronous.database import AsyncDatabase

from models import feeds, job_watch, jobs
from models.jobs import Job, JobState

# More than a client has connections.
MANY = 200


async def state(following: AsyncGenerator[dict[str, Any], None]) -> Any:
    """What the next news says."""
    return (await anext(following))["state"]


async def test_many_follow_and_a_read_does_not_wait(database: AsyncDatabase[dict[str, Any]]) -> None:
    made = [await jobs.ask("count", {}) for _ in range(MANY)]
    async with asyncio.timeout(15), AsyncExitStack() as stack:
        following = [await stack.enter_async_context(aclosing(job_watch.follow(each.id))) for each in made]
        assert await asyncio.gather(*map(state, following)) == [JobState.QUEUED] * MANY
        news = [asyncio.ensure_future(state(each)) for each in following]
        await asyncio.sleep(0.3)
        async with asyncio.timeout(2):
            assert await Job.count() == MANY
        for each in made:
            await jobs.cancel(each.id, None, datetime.now(UTC), anybodys=True)
        assert await asyncio.gather(*news) == [JobState.CANCELLED] * MANY
        assert [await anext(each, None) for each in following] == [None] * MANY
    assert not feeds._feeds
