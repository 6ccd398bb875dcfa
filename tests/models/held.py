"""A lane that a test can hold up: a slow store whose documents are real."""

import asyncio
from collections.abc import Awaitable
from typing import Any

from models.courses import Course
from models.lanes import Unique
from models.raw import Collection, Projection

COURSES = 40


class Held(Unique[Any]):
    """A lane whose answers are held back until the gate opens; notes the keys of each batch."""

    def __init__(self) -> None:
        super().__init__(Course)
        self.gate = asyncio.Event()
        self.batches: list[list[int]] = []
        self.answered = 0

    async def find(self, collection: Collection, keys: list[Any], projection: Projection) -> dict[Any, Any]:
        self.batches.append(sorted(keys))
        found = await super().find(collection, keys, projection)
        self.answered += 1
        await self.gate.wait()
        return found

    async def sent(self, number: int) -> None:
        """Waits until so many batches are on their way."""
        while len(self.batches) < number:
            await asyncio.sleep(0)


async def turns(number: int = 20) -> None:
    """Lets the loop come round a few times."""
    for _ in range(number):
        await asyncio.sleep(0)


async def titles(*loads: Awaitable[Any]) -> list[str | None]:
    return [course and course["title"] for course in await asyncio.gather(*loads)]


def loop_future() -> asyncio.Future[Any]:
    return asyncio.get_running_loop().create_future()
