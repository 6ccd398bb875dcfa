"""`python -m benchmarks.search_feed`: what reads feel of an index that takes in many writes.

    python -m benchmarks.search_feed [--writes 10000] [--rounds 3]

One server reads a family tree, again and again, while another process writes people: with the index switched
off and on in turn. p99 is that of the reads between the first write and the moment when the index has
everything (switched off: as long as the writing takes).
"""

import argparse
import asyncio
import json
import statistics
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
from pymongo import AsyncMongoClient
from pymongo.write_concern import WriteConcern

import models
from models import raw
from models.moments import Moment
from models.people import Person
from models.raw import stored_form
from models.search.embedded import Embedded
from models.search.errors import SearchAway
from models.trees import Tree
from server.embedded import Services, services
from server.search_feeder import folder_of
from server.settings import Settings
from tests.serving import Process

BATCH = 100
PACE = 0.004
WRITER = """
import asyncio, sys
from benchmarks.search_feed import write
asyncio.run(write(sys.argv[1], sys.argv[2], int(sys.argv[3])))
"""


def a_tree(moment: Moment) -> Tree:
    """A public tree."""
    return Tree(
        name="All", owner="ann", privacy="PUBLIC", created_at=moment, updated_at=moment, active_at=moment
    )


async def write(uri: str, name: str, number: int) -> None:
    """Writes people, some at a time, as clients do: not all at once."""
    client: AsyncMongoClient[dict[str, Any]] = AsyncMongoClient(uri, tz_aware=True)
    await models.connect(client[name])
    tree: Any = await raw.collection(Tree).find_one({})
    moment = Moment.of(datetime.now(UTC))
    people = raw.collection(Person).with_options(write_concern=WriteConcern(w=1))
    for begin in range(0, number, BATCH):
        some = [
            Person(
                tree_id=tree["_id"],
                name=f"Tendai Moyo {place}",
                first_name="Tendai",
                last_name="Moyo",
                biography="A teacher of mathematics, who came from Gweru and stayed. " * 4,
                created_at=moment,
                updated_at=moment,
            )
            for place in range(begin, begin + BATCH)
        ]
        await people.insert_many([stored_form(each) for each in some])
        await asyncio.sleep(0.02)
    await client.close()


async def reads(address: str, tree: str, until: Any) -> list[float]:
    """How many milliseconds each read took, one after the other, until something is so."""
    times = []
    body = {"query": f'{{tree(id:"{tree}"){{id name}}}}'}
    async with httpx.AsyncClient(base_url=address) as http:
        while not until():
            begun = time.perf_counter()
            answer = await http.post("/graphql", json=body)
            times.append(1000 * (time.perf_counter() - begun))
            assert answer.json()["data"]["tree"]["name"] == "All", answer.text
            await asyncio.sleep(PACE)
    return times


async def round_of(running: Services, search: str, number: int, folder: Path) -> dict[str, Any]:
    """One server, and what its reads took."""
    name = f"lockstep_feed_{search}_{time.monotonic_ns()}"
    client: AsyncMongoClient[dict[str, Any]] = AsyncMongoClient(running.mongodb_uri, tz_aware=True)
    await models.connect(client[name])
    tree = a_tree(Moment.of(datetime.now(UTC)))
    await Tree.get_pymongo_collection().insert_one(stored_form(tree))
    environ = {
        "MONGODB_URI": running.mongodb_uri,
        "REDIS_URL": running.redis_url,
        "MONGODB_DATABASE": name,
        "LOCKSTEP_DATA": str(folder),
        "LOCKSTEP_DEMO": "0",
        "LOCKSTEP_SEARCH": search,
        "LOCKSTEP_GRAPHQL_RATE": "off",
        "LOG_LEVEL": "WARNING",
    }
    server = Process(environ, folder / f"{name}.log")
    engine = Embedded(folder_of(Settings(data=folder, mongodb_database=name)))
    try:
        await asyncio.to_thread(server.wait)
        quiet = time.monotonic() + 3
        before = await reads(server.address, str(tree.id), lambda: time.monotonic() > quiet)
        begun = time.monotonic()
        writer = subprocess.Popen([sys.executable, "-c", WRITER, running.mongodb_uri, name, str(number)])
        done = asyncio.create_task(finished(writer, engine if search == "embedded" else None, number))
        during = await reads(server.address, str(tree.id), done.done)
        seconds = time.monotonic() - begun
        memory = rss(server.popen.pid)
    finally:
        await asyncio.to_thread(server.stop)
        await engine.close()
        await client.drop_database(name)
        await client.close()
    told = {"before": shape(before), "during": shape(during)}
    return {"search": search, **told, "seconds": round(seconds, 2), "server MB": memory}


async def finished(writer: Any, engine: Embedded | None, number: int) -> None:
    """Returns when everything is written, and in the index."""
    while writer.poll() is None:
        await asyncio.sleep(0.05)
    while engine is not None:
        try:
            if len(await engine.held()) >= number:
                return
        except SearchAway:
            pass
        await asyncio.sleep(0.2)


def shape(times: list[float]) -> dict[str, float]:
    """The median and the slowest hundredth, in milliseconds."""
    cut = statistics.quantiles(times, n=100)
    return {
        "reads": len(times),
        "p50": round(cut[49], 2),
        "p99": round(cut[98], 2),
        "most": round(max(times), 2),
    }


def rss(pid: int) -> int:
    """The megabytes of a process."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) // 1024 for line in lines if line.startswith("VmRSS"))


def main() -> None:
    """Prints what was measured, as JSON lines."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--writes", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=3)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="lockstep-feed-") as folder:
        with services(Settings.from_env({"LOCKSTEP_DATA": folder}), exclusive=True) as running:
            for _ in range(given.rounds):
                for search in ("off", "embedded"):
                    print(
                        json.dumps(asyncio.run(round_of(running, search, given.writes, Path(folder)))),
                        flush=True,
                    )


if __name__ == "__main__":
    main()
