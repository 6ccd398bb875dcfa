"""Jobs, measured: how many a worker does in a second, how soon it begins one, and how much memory it takes.

    python -m benchmarks.jobs [--jobs N] [--concurrency N]

Uses MONGODB_URI and REDIS_URL where they are set, otherwise databases of its own. The jobs are looks for
duplicates of people who are gone: a read, and a transaction that ends the job.
"""

import argparse
import asyncio
import json
import os
import secrets
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pymongo import AsyncMongoClient
from pymongo.asynchronous.database import AsyncDatabase

import models
from models import duplicate_checks, jobs, raw, transactions
from models.jobs import Job, JobState
from models.moments import Moment
from models.people import Person
from models.raw import stored_form
from models.trees import Tree
from server.embedded import Services, services
from server.settings import Settings

PROGRAM = [sys.executable, "-c", "from server.cli import main; main()", "worker"]
ARGUMENTS = {"newPersonId": "0" * 24, "createdBy": "nobody"}


async def ask(number: int) -> None:
    """So many jobs, a hundred at a time."""
    for start in range(0, number, 100):
        together = range(start, min(start + 100, number))
        await asyncio.gather(*(jobs.ask(duplicate_checks.CHECK, ARGUMENTS) for _ in together))


async def all_done(number: int) -> None:
    """Waits for so many jobs to be done."""
    while await Job.find({"state": JobState.DONE, "kind": duplicate_checks.CHECK}).count() < number:
        await asyncio.sleep(0.05)


async def spans() -> list[tuple[datetime, datetime, datetime]]:
    """When each job was asked for, begun and ended."""
    found = await Job.find({"kind": duplicate_checks.CHECK}).to_list()
    return [
        (job.created_at.instant, job.started_at.instant, job.finished_at.instant)
        for job in found
        if job.started_at is not None and job.finished_at is not None
    ]


def milliseconds(values: Sequence[float]) -> dict[str, float]:
    """The middle and the slow end of times in seconds."""
    ordered = sorted(value * 1000 for value in values)
    slow = ordered[min(len(ordered) - 1, int(len(ordered) * 0.95))]
    return {"p50": round(statistics.median(ordered), 1), "p95": round(slow, 1)}


def resident(pid: int) -> float:
    """The memory of a process in megabytes."""
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return round(pages * os.sysconf("SC_PAGE_SIZE") / 1e6, 1)


@contextmanager
def working(running: Services, name: str, folder: Path, concurrency: int) -> Iterator[int]:
    """The process of a worker that takes jobs."""
    environ = {
        **os.environ,
        "MONGODB_URI": running.mongodb_uri,
        "REDIS_URL": running.redis_url,
        "MONGODB_DATABASE": name,
        "LOCKSTEP_DATA": str(folder),
        "AWS_S3_BUCKET": "nowhere",
        "AWS_ENDPOINT_URL": "http://127.0.0.1:9",
        "AWS_ACCESS_KEY_ID": "nobody",
        "AWS_SECRET_ACCESS_KEY": "nobody",
    }
    log = folder / "worker.log"
    with log.open("w") as output:
        worker = subprocess.Popen(
            [*PROGRAM, "--concurrency", str(concurrency)], env=environ, stdout=output, stderr=output
        )
    try:
        while '"event": "worker"' not in log.read_text():
            if worker.poll() is not None:
                raise SystemExit(log.read_text())
            time.sleep(0.05)
        yield worker.pid
    finally:
        worker.terminate()
        worker.wait(30)


@asynccontextmanager
async def database(running: Services) -> AsyncIterator[AsyncDatabase[dict[str, Any]]]:
    """A database of this run."""
    async with AsyncMongoClient[dict[str, Any]](running.mongodb_uri, w="majority", journal=True) as client:
        made = client[f"lockstep_bench_{secrets.token_hex(4)}"]
        await models.connect(made)
        try:
            yield made
        finally:
            await client.drop_database(made.name)


async def measure(running: Services, folder: Path, number: int, concurrency: int) -> dict[str, Any]:
    """The figures."""
    async with database(running) as made:
        begin = time.perf_counter()
        await ask(number)
        asked = number / (time.perf_counter() - begin)
        with working(running, made.name, folder, concurrency) as pid:
            await all_done(number)
            done = await spans()
            seconds = (max(end for _, _, end in done) - min(start for _, start, _ in done)).total_seconds()
            await made["jobs"].delete_many({})
            await asyncio.sleep(1)
            for _ in range(200):
                await jobs.ask(duplicate_checks.CHECK, ARGUMENTS)
                await asyncio.sleep(0.02)
            await all_done(200)
            waits = [(start - asked).total_seconds() for asked, start, _ in await spans()]
            memory = resident(pid)
        return {
            "jobs": number,
            "concurrency": concurrency,
            "asked_per_second": round(asked),
            "done_per_second": round(number / seconds),
            "milliseconds_from_asking_to_beginning": milliseconds(waits),
            "worker_megabytes": memory,
            "milliseconds_of_a_transaction": await writes(),
        }


async def writes(number: int = 300) -> dict[str, dict[str, float]]:
    """How long it takes to write somebody into a tree, with and without asking for a look at them."""
    now, times = datetime.now(UTC), {"without": list[float](), "with": list[float]()}
    moment = Moment.of(now)
    tree = Tree(name="Bench", owner="nobody", created_at=moment, updated_at=moment, active_at=moment)
    for place in range(number * 2):
        which = "with" if place % 2 else "without"
        someone = Person(
            tree_id=tree.id, first_name="Rudo", last_name=str(place), created_at=moment, updated_at=moment
        )
        form = stored_form(someone)

        async def write(
            session: transactions.Session, form: dict[str, Any] = form, which: str = which
        ) -> None:
            await raw.collection(Person).insert_one(form, session=session)
            if which == "with":
                await duplicate_checks.ask(form, form, "nobody", now, session)

        begin = time.perf_counter()
        await transactions.together(Person, write)
        times[which].append(time.perf_counter() - begin)
    return {which: milliseconds(taken) for which, taken in times.items()}


def main() -> None:
    """Prints the figures as JSON."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--jobs", type=int, default=2_000)
    parser.add_argument("--concurrency", type=int, default=8)
    wanted = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        settings = replace(Settings.from_env(), data=Path(folder))
        with services(settings, exclusive=True) as running:
            figures = asyncio.run(measure(running, Path(folder), wanted.jobs, wanted.concurrency))
    print(json.dumps(figures, indent=2))


if __name__ == "__main__":
    main()
