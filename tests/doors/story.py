"""Stories: told once, run through every door, and bound to leave the same documents behind."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import httpx
from pymongo.asynchronous.database import AsyncDatabase
from pymongo.write_concern import WriteConcern

from tests.doors.documents import documents
from tests.doors.door import Door
from tests.doors.graph import Graph
from tests.doors.rest import Rest, RestWithToken
from tests.doors.seed import plant

DOORS: tuple[type[Door], ...] = (Rest, RestWithToken, Graph)

Story = Callable[[Door], Awaitable[None]]


@dataclass(frozen=True)
class Stage:
    """Where stories are told: a server over an empty database, and when the telling began."""

    http: httpx.AsyncClient
    database: AsyncDatabase[dict[str, Any]]
    begun: datetime

    async def tell(self, story: Story, door: type[Door]) -> dict[str, list[Any]]:
        """What a story leaves behind when it is told through a door."""
        for name in await self.database.list_collection_names():
            hasty = self.database.get_collection(name, write_concern=WriteConcern(w=1))
            await hasty.delete_many({})
        await plant(self.begun)
        try:
            await story(door(self.http))
        except AssertionError as failure:
            failure.add_note(f"Told through: {door.name}")
            raise
        return await documents(self.database, self.begun)


def through_every_door(story: Story) -> Callable[[Stage], Awaitable[None]]:
    """A test that tells the story through each door and compares every collection."""

    async def test(stage: Stage) -> None:
        left = {door.name: await stage.tell(story, door) for door in DOORS}
        for name, found in left.items():
            assert found == left[DOORS[-1].name], name

    test.__name__ = story.__name__
    test.__module__ = story.__module__
    test.__doc__ = story.__doc__
    return test
