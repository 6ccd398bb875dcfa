"""The worker: takes jobs as they come, several at once, and leaves none half done when it is told to stop."""

import asyncio
import os
import threading
import time
from asyncio import FIRST_COMPLETED
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import aclosing, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import pymongo
import structlog
from bson import ObjectId
from pymongo.errors import PyMongoError
from redis.exceptions import RedisError

from models import job_desk, job_runs, job_watch, job_work
from models.job_kinds import Kind
from models.job_runs import Run
from models.job_work import Outcome
from models.schedules import Clock
from server.worker_metrics import JobMetrics
from server.worker_queue import Queue

logger = structlog.get_logger("server.jobs")

# What the two stores raise while they are away.
AWAY = (PyMongoError, RedisError, OSError)
# Seconds: of one wait for something to do, between two looks for what was not carried, between two looks at
# the schedules, and after something was away.
WAIT, SWEEP, TICK, PAUSE = 1.0, 1.0, 5.0, 0.5
# Seconds that what goes on beside the jobs has to end.
LATE = 3.0
# What a process ends with whose jobs have stood still for longer than anybody waits for them.
STUCK = 70


@dataclass
class Held:
    """A run of this worker, and the task that does it."""

    run: Run
    task: asyncio.Task[None]
    lost: bool = False
    keeping: asyncio.Task[None] | None = None


@dataclass
class Worker:
    """Does jobs until it is told to stop; then what runs ends, and nothing new begins."""

    queue: Queue
    kinds: Mapping[str, Kind]
    name: str
    clock: Clock
    metrics: JobMetrics
    concurrency: int = 8
    # How long its jobs wait after its last sign of life before another worker has them.
    lease: timedelta = timedelta(seconds=30)
    # How long what runs may go on after the word to stop; then it is given back.
    grace: timedelta = timedelta(seconds=20)
    held: dict[ObjectId, Held] = field(default_factory=dict)
    tasks: set[asyncio.Task[None]] = field(default_factory=set)
    hurried: asyncio.Event = field(default_factory=asyncio.Event)
    over: asyncio.Event = field(default_factory=asyncio.Event)
    beat: float = field(default_factory=time.monotonic)

    @property
    def pulse(self) -> float:
        """Seconds between two signs of life."""
        return self.lease.total_seconds() / 4

    async def run(self, stop: asyncio.Event) -> None:
        """Works until `stop` is set and what runs has ended."""
        steps = [(self.live, self.pulse), (self.carry, SWEEP), (self.sweep, self.pulse)]
        beside = {asyncio.create_task(self.again(step, seconds)) for step, seconds in steps}
        try:
            await self.take(stop)
            await self.drain()
        finally:
            self.over.set()
            with suppress(*AWAY):
                await self.queue.step_down(self.name)
            _, late = await asyncio.wait(beside, timeout=LATE)
            while late:
                for task in late:
                    task.cancel()
                # The driver may take the first word to stop for a broken connection.
                _, late = await asyncio.wait(late, timeout=PAUSE)

    async def again(self, step: Callable[[], Awaitable[None]], seconds: float) -> None:
        """Does a step over and over, also after what it needs was away."""
        while not self.over.is_set():
            try:
                await step()
            except AWAY as error:
                logger.warning("jobs wait", step=step.__name__, error=type(error).__name__)
            except Exception as error:
                # A worker that lived on without one of its steps would look well and do nothing.
                where = job_work.lines(error)
                logger.error("jobs wait", step=step.__name__, error=type(error).__name__, where=where)
            with suppress(TimeoutError):
                await asyncio.wait_for(self.over.wait(), seconds)

    async def take(self, stop: asyncio.Event) -> None:
        """Begins jobs as long as there are any and there is room for them."""
        while not stop.is_set():
            if len(self.tasks) >= self.concurrency:
                await any_ended(stop, *self.tasks)
                continue
            try:
                ids = await self.next(self.concurrency - len(self.tasks))
            except AWAY as error:
                logger.warning("jobs wait", step="take", error=type(error).__name__)
                await asyncio.sleep(PAUSE)
                continue
            if stop.is_set():
                # Taken in vain; whoever carries finds them again anyway.
                with suppress(*AWAY):
                    await self.queue.carry(ids)
                return
            for id in ids:
                task = asyncio.create_task(self.one(id))
                self.tasks.add(task)
                task.add_done_callback(self.tasks.discard)

    async def next(self, room: int) -> list[ObjectId]:
        """What to do next: from Valkey, or while that is away from where the jobs are."""
        try:
            return await self.queue.take(room, WAIT)
        except (RedisError, OSError) as error:
            logger.warning("valkey is away, jobs are taken from mongodb", error=type(error).__name__)
        await asyncio.sleep(PAUSE)
        return await job_runs.due(datetime.now(UTC), room)

    async def one(self, id: ObjectId) -> None:
        """Does one job, if it still waits."""
        try:
            run = await job_runs.claim(id, self.name, self.lease, datetime.now(UTC))
        except PyMongoError as error:
            # It waits on, and is carried again.
            logger.warning("a job could not be taken", job=str(id), error=type(error).__name__)
            return
        if run is None:
            return
        task = cast(asyncio.Task[None], asyncio.current_task())
        held = self.held[run.token] = Held(run, task)
        begin = time.monotonic()
        self.metrics.began(run)
        outcome = Outcome(None)
        try:
            outcome = await job_work.work(run, self.kinds)
        except asyncio.CancelledError:
            if not held.lost:
                await job_runs.give_back(run, datetime.now(UTC))
                outcome = Outcome(None, "given back")
        except PyMongoError as error:
            # What came of it could not be written; its lease runs out, and it is done again.
            outcome = Outcome(None, type(error).__name__, job_work.lines(error))
        finally:
            del self.held[run.token]
            self.told(run, outcome, time.monotonic() - begin)

    def told(self, run: Run, outcome: Outcome, seconds: float) -> None:
        """Counts an attempt and writes its line: what it was and how it went, and nothing of its data."""
        word = outcome.state.value.lower() if outcome.state else "lost"
        self.metrics.ended(run, word, seconds)
        log = logger.info if outcome.error is None else logger.warning
        log(
            "job",
            job=str(run.id),
            kind=run.kind,
            attempt=run.attempt,
            outcome=word,
            duration_ms=round(seconds * 1000, 2),
            waited_ms=round(run.waited * 1000, 2),
            error=outcome.error,
            where=outcome.where,
        )

    async def live(self) -> None:
        """One sign of life: keeps what runs here."""
        self.beat = time.monotonic()
        for held in self.held.values():
            # Each for itself: one whose transaction takes its time holds up its own only.
            if held.keeping is None or held.keeping.done():
                held.keeping = asyncio.create_task(self.keep(held))

    async def keep(self, held: Held) -> None:
        """Keeps a run for another while; one that is lost is ended."""
        try:
            with pymongo.timeout(self.lease.total_seconds()):
                ours = await job_runs.renew(held.run, self.lease, datetime.now(UTC))
        except PyMongoError as error:
            logger.warning("a job could not be kept", job=str(held.run.id), error=type(error).__name__)
            return
        if not ours and not held.run.ending:
            held.lost = True
            held.task.cancel()

    async def sweep(self) -> None:
        """Takes jobs from workers that are gone."""
        await job_work.sweep(self.kinds, datetime.now(UTC))

    async def carry(self) -> None:
        """Brings to the queue what waits, for as long as it is this worker's turn."""
        if not await self.queue.lead(self.name):
            return
        swept = ticked = -TICK
        async with aclosing(job_watch.waiting()) as arrivals:
            await self.bring()
            async for id in arrivals:
                if id is not None:
                    await self.queue.carry([id])
                now = time.monotonic()
                if now - swept < SWEEP:
                    continue
                swept = now
                if self.over.is_set() or not await self.queue.lead(self.name):
                    return
                await self.bring()
                if now - ticked >= TICK:
                    ticked = now
                    await self.clock.tick(datetime.now(UTC))
                    self.metrics.waiting(await job_desk.numbers())

    async def bring(self) -> None:
        """Brings to the queue what is due, whether it is there already or not."""
        await self.queue.carry(await job_runs.due(datetime.now(UTC)))

    async def drain(self) -> None:
        """Waits for what runs; what takes longer than the grace is given back to other workers."""
        if not self.tasks:
            return
        logger.info("draining", running=len(self.tasks))
        hurried = asyncio.create_task(self.hurried.wait())
        ended = asyncio.gather(*self.tasks, return_exceptions=True)
        either: set[asyncio.Future[Any]] = {hurried, ended}
        await asyncio.wait(either, timeout=self.grace.total_seconds(), return_when=FIRST_COMPLETED)
        hurried.cancel()
        for task in self.tasks:
            task.cancel()
        await asyncio.wait({ended}, timeout=self.pulse)

    def hurry(self) -> None:
        """Gives back at once what still runs."""
        self.hurried.set()

    @contextmanager
    def watched(self) -> Iterator[None]:
        """Ends the whole process when its loop stands still while the block runs: a job has blocked it."""
        ended = threading.Event()
        watchdog = threading.Thread(target=self.watch, args=(ended,), daemon=True)
        watchdog.start()
        try:
            yield
        finally:
            ended.set()
            watchdog.join()

    def watch(self, ended: threading.Event) -> None:
        """Looks whether the loop still turns, from a thread; others have its jobs where it does not."""
        limit = 2 * self.lease.total_seconds()
        missed = 0
        while not ended.wait(limit / 8):
            missed = missed + 1 if time.monotonic() - self.beat > limit else 0
            # Once may be the whole process that stood still.
            if missed > 1:
                os.write(2, b"lockstep: a job has blocked the worker; it ends, and the job is tried again.\n")
                os._exit(STUCK)


async def any_ended(stop: asyncio.Event, *tasks: asyncio.Task[None]) -> None:
    """Waits until one of the tasks has ended, or it is time to stop."""
    stopping = asyncio.ensure_future(stop.wait())
    try:
        await asyncio.wait({stopping, *tasks}, return_when=FIRST_COMPLETED)
    finally:
        stopping.cancel()
