"""Kinds of jobs for stories about workers, which load them beside their own."""

import asyncio
import os
import signal
import time
from typing import Any

from models import raw
from models.errors import Unfit
from models.job_kinds import Running, kind
from models.jobs import Job
from models.transactions import Session

PAYMENTS = "test_payments"


@kind("pay", attempts=10, timeout=20)
async def pay(job: Running) -> None:
    """Writes one payment, which nothing but the transaction keeps from being written twice."""
    await asyncio.sleep(0.02)

    async def write(session: Session) -> str:
        payments = raw.collection(Job).database[PAYMENTS]
        await payments.insert_one({"job": job.id, "pid": os.getpid()}, session=session)
        return "paid"

    await job.settle(write)


@kind("count", attempts=10, timeout=20)
async def count(job: Running) -> int:
    """Tells its progress, and writes by its id what it has done."""
    for number in range(3):
        await job.progress(number, 3)
        await asyncio.sleep(0.01)
    payments = raw.collection(Job).database[PAYMENTS]
    known = {"_id": job.id}
    await payments.update_one(known, {"$setOnInsert": {"job": job.id, "pid": os.getpid()}}, upsert=True)
    return 3


@kind("slow", attempts=3, timeout=20)
async def slow(job: Running) -> str:
    """Takes as long as it is told."""
    await asyncio.sleep(float(job.arguments["seconds"]))
    return "slept"


@kind("endless", attempts=2, timeout=0.3)
async def endless(job: Running) -> None:
    """Never ends by itself."""
    await asyncio.Event().wait()


@kind("deadly", attempts=2, timeout=20)
async def deadly(job: Running) -> None:
    """Takes its process with it."""
    os.kill(os.getpid(), signal.SIGKILL)


@kind("blocking", attempts=1, timeout=1)
async def blocking(job: Running) -> None:
    """Lets nothing else happen in its process."""
    time.sleep(60)


@kind("wrong", attempts=2, timeout=20)
async def wrong(job: Running) -> None:
    """Fails, and says something that nobody else should read."""
    raise RuntimeError("a secret of the job")


@kind("unfit", attempts=5, timeout=20)
async def unfit(job: Running) -> None:
    """Fails for good."""
    raise Unfit("file", "it is no file")


@kind("odd", attempts=1, timeout=20)
async def odd(job: Running) -> Any:
    """Returns what is no JSON."""
    return {1, 2}
