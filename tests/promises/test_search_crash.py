"""Whatever becomes of the process that feeds it, the search index comes to be equal to what is stored."""

import asyncio
import os
import random
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

from pymongo import AsyncMongoClient
from pymongo.asynchronous.database import AsyncDatabase
from pymongo.write_concern import WriteConcern

import models
from models import raw
from models.people import Person
from models.raw import stored_form
from models.search.embedded import Embedded
from models.search.proof import difference
from server.embedded import Services
from server.search_feeder import folder_of, searching
from server.settings import Settings
from tests.models.search.searching import a_person, add_tree, equal, until
from tests.working import FORKS

# By hand: LOCKSTEP_TEST_WRITES=10000.
WRITES = int(os.environ.get("LOCKSTEP_TEST_WRITES", "1500"))
BATCH = 50


async def feed(uri: str, settings: Settings) -> None:
    """What a server does for search, and nothing besides."""
    async with AsyncMongoClient[dict[str, Any]](uri, tz_aware=True) as client:
        database = client[settings.mongodb_database]
        await models.connect(database)
        async with searching(settings, database):
            await asyncio.Event().wait()


def feeds(uri: str, settings: Settings) -> None:
    asyncio.run(feed(uri, settings))


@contextmanager
def fed_until_killed(uri: str, settings: Settings) -> Iterator[None]:
    """A process that feeds the index, and is ended as by a power cut."""
    process = FORKS.Process(target=feeds, args=(uri, settings))
    process.start()
    try:
        yield
    finally:
        process.kill()
        process.join(20)
    assert process.exitcode == -9


async def write(tree: Any, number: int, seed: int) -> None:
    """So many writes: people come, are called otherwise, and go."""
    dice = random.Random(seed)
    # As fast as the store takes them; what is lost with the server is not what is asked here.
    people = raw.collection(Person).with_options(write_concern=WriteConcern(w=1))
    here: list[Any] = []
    for _ in range(number // BATCH):
        some = [a_person(tree, f"Tendai{dice.randrange(10**6)}", "Moyo") for _ in range(BATCH * 7 // 10)]
        await people.insert_many([stored_form(each) for each in some])
        here += [each.id for each in some]
        for id in dice.sample(here, BATCH * 2 // 10):
            await people.update_one({"_id": id}, {"$set": {"first_name": f"Rudo{dice.randrange(10**6)}"}})
        for id in dice.sample(here, BATCH // 10):
            await people.delete_one({"_id": id})
            here.remove(id)


async def holds(engine: Embedded, number: int) -> bool:
    """Whether an index holds so many by now."""
    return await engine.place() is not None and len(await engine.held()) >= number


async def test_after_a_kill_in_the_middle_of_writes_the_index_equals_the_collection(
    services: Services, database: AsyncDatabase[dict[str, Any]], tmp_path: Path
) -> None:
    tree = await add_tree("ann")
    settings = Settings(data=tmp_path, mongodb_database=database.name, search="embedded")
    engine = Embedded(folder_of(settings))
    try:
        await write(tree, BATCH, 0)
        with fed_until_killed(services.mongodb_uri, settings):
            await equal(engine)
            writing = asyncio.create_task(write(tree, WRITES // 2, 1))
            await until(partial(holds, engine, 2 * BATCH))
        await writing
        # Killed while there was still something to take in, or the test would show nothing.
        assert await difference(engine)
        with fed_until_killed(services.mongodb_uri, settings):
            await write(tree, WRITES // 2, 2)
            await equal(engine)
        assert len(await engine.held()) == await Person.count() > WRITES // 3
    finally:
        await engine.close()
