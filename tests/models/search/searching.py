"""An index that is fed from the database of the tests."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bson import ObjectId
from pymongo.asynchronous.database import AsyncDatabase

from models.kinds import Privacy
from models.moments import Moment
from models.people import Person, PersonPrivacy
from models.raw import stored_form
from models.search import finding
from models.search.embedded import Embedded
from models.search.engine import Engine
from models.search.errors import SearchAway
from models.search.feeder import Feeder
from models.search.proof import difference
from models.trees import Tree

NOW = datetime(2026, 1, 5, 8, 30, tzinfo=UTC)
SECONDS = 20.0


@asynccontextmanager
async def fed(
    database: AsyncDatabase[dict[str, Any]], folder: Path, index: Engine | None = None
) -> AsyncIterator[Feeder]:
    """A feeder at work, whose index is searched by this process; the embedded one where none is given."""
    engine = index or Embedded(folder)
    feeder = Feeder(database, engine)
    finding.use(engine)
    running = asyncio.create_task(feeder.run())
    try:
        await asyncio.wait_for(feeder.ready.wait(), SECONDS)
        yield feeder
    finally:
        finding.use(None)
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running
        await engine.close()


async def equal(engine: Engine) -> None:
    """Waits until the index is equal to what is stored; fails where it does not get there."""
    last = asyncio.get_running_loop().time() + SECONDS
    while found := await differs(engine):
        assert asyncio.get_running_loop().time() < last, found
        await asyncio.sleep(0.05)


async def differs(engine: Engine) -> object:
    """What an index and the store do not have in common."""
    try:
        return await difference(engine)
    except SearchAway:
        return "there is no index"


async def until(asked: Callable[[], Awaitable[object]]) -> None:
    """Waits until something is so; fails where it does not come to be."""
    last = asyncio.get_running_loop().time() + SECONDS
    while not await asked():
        assert asyncio.get_running_loop().time() < last
        await asyncio.sleep(0.05)


async def add_tree(owner: str, privacy: Privacy = Privacy.FAMILY, **fields: Any) -> Tree:
    """A tree."""
    moment = Moment.of(NOW)
    tree = Tree(
        name="Moyo",
        owner=owner,
        privacy=privacy,
        created_at=moment,
        updated_at=moment,
        active_at=moment,
        **fields,
    )
    await Tree.get_pymongo_collection().insert_one(stored_form(tree))
    return tree


async def add_person(tree: Tree, first: str, last: str, **fields: Any) -> ObjectId:
    """Somebody in a tree."""
    person = a_person(tree, first, last, **fields)
    await Person.get_pymongo_collection().insert_one(stored_form(person))
    return person.id


def a_person(tree: Tree, first: str, last: str, **fields: Any) -> Person:
    """Somebody, not stored yet."""
    moment = Moment.of(NOW)
    said: dict[str, Any] = {"living": False, "privacy": PersonPrivacy(), **fields}
    return Person(
        tree_id=tree.id,
        name=f"{first} {last}",
        first_name=first,
        last_name=last,
        created_at=moment,
        updated_at=moment,
        **said,
    )
