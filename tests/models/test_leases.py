"""One at a time: whoever holds a lease is waited for, whoever has died is not."""

import asyncio
import os
import socket
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pymongo.asynchronous.database import AsyncDatabase

from models import leases
from models.leases import Lease, Taken, held
from server.embedded import Services

Database = AsyncDatabase[dict[str, Any]]


async def test_one_at_a_time_and_the_next_one_afterwards(database: Database) -> None:
    async with held(database, "moves", "The first"):
        with pytest.raises(Taken, match=f"The first is at work in this database .process {os.getpid()} on "):
            async with held(database, "moves", "The second"):
                pass
        async with held(database, "another thing", "The second"):
            pass
    async with held(database, "moves", "The second"):
        pass
    assert await Lease.count() == 0


async def test_of_many_who_begin_at_once_one_is_let_in(database: Database) -> None:
    at_once = 0

    async def work() -> None:
        nonlocal at_once
        async with held(database, "moves", "Somebody"):
            at_once += 1
            assert at_once == 1
            await asyncio.sleep(0.05)
            at_once -= 1

    told = await asyncio.gather(*(work() for _ in range(8)), return_exceptions=True)
    assert 1 <= told.count(None) < 8 and all(each is None or isinstance(each, Taken) for each in told)


async def put(database: Database, **changes: Any) -> None:
    """A lease that somebody holds."""
    now = datetime.now(UTC)
    holder = {
        "what": "A dead one",
        "host": "elsewhere",
        "process": 1,
        "token": "t",
        "since": now,
        "until": now + timedelta(seconds=20),
    }
    await database["leases"].replace_one({"_id": "moves"}, {**holder, **changes}, upsert=True)


async def test_who_has_died_elsewhere_is_waited_for_until_the_lease_ends(database: Database) -> None:
    await put(database)
    with pytest.raises(Taken, match="A dead one is at work"):
        async with held(database, "moves", "The next"):
            pass
    await put(database, until=datetime.now(UTC) - timedelta(seconds=1))
    async with held(database, "moves", "The next"):
        assert (await Lease.find_one({}) or Lease.model_construct()).what == "The next"


async def test_who_has_died_here_is_not_waited_for(database: Database) -> None:
    dead = subprocess.Popen([sys.executable, "-c", ""])
    dead.wait()
    await put(database, host=socket.gethostname(), process=dead.pid)
    async with held(database, "moves", "The next"):
        pass
    await put(database, host=socket.gethostname(), process=os.getpid())
    with pytest.raises(Taken):
        async with held(database, "moves", "The next"):
            pass


async def test_a_holder_says_that_it_is_still_there(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(leases, "RENEW", 0.01)
    async with held(database, "moves", "A long one"):
        await database["leases"].update_one({}, {"$set": {"until": datetime(2020, 1, 1)}})
        for _ in range(200):
            await asyncio.sleep(0.01)
            found = await database["leases"].find_one({}) or {}
            if found["until"].year > 2020:
                break
        assert found["until"].year > 2020


async def test_who_was_given_up_for_dead_and_comes_back_does_no_more(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(leases, "RENEW", 0.05)
    with pytest.raises(Taken, match="The first was given up for dead"):
        async with held(database, "moves", "The first"):
            await put(database, what="The second")
            await asyncio.sleep(10)
    assert (await Lease.find_one({}) or Lease.model_construct()).what == "The second"


# An import that stops in the middle of a batch.
STOPPING = """
import asyncio, sys
from models.leases import held
from server.commands.moving import on

async def work(database):
    async with held(database, "moves", "An import"), database.client.start_session() as session:
        await session.start_transaction()
        await database["people"].insert_one({"_id": 1}, session=session)
        print("begun", flush=True)
        await asyncio.sleep(60)

asyncio.run(on(sys.argv[1], sys.argv[2], work, False))
"""


async def test_what_the_dead_had_begun_stands_in_nobody_s_way(services: Services, database: Database) -> None:
    command = [sys.executable, "-c", STOPPING, services.mongodb_uri, database.name]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as dead:
        assert dead.stdout is not None and dead.stdout.readline() == b"begun\n"
        dead.kill()
    async with asyncio.timeout(10), held(database, "moves", "The next"):
        await database["people"].insert_one({"_id": 1})
