"""Doing one job: the verb of its kind does it in the time it has, and the attempt ends one way or another."""

import asyncio
import traceback
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from models import job_runs
from models.errors import DomainError, Overloaded
from models.job_errors import JobLost
from models.job_kinds import Kind, Running
from models.job_runs import Run
from models.jobs import JobState

# What is tried of a kind that this worker does not know: a newer one may.
UNKNOWN_ATTEMPTS = 8
ENDED = "The worker that ran this job has ended."


@dataclass(frozen=True)
class Outcome:
    """What came of one attempt; `state` is None where the job was no longer this worker's."""

    state: JobState | None
    # Where it went wrong: the kind of error, and the lines of code, without what they said of the data.
    error: str | None = None
    where: str | None = None


async def work(run: Run, kinds: Mapping[str, Kind]) -> Outcome:
    """Does a job that was taken, and ends the attempt."""
    try:
        return await attempted(run, kinds)
    finally:
        await run.session.end_session()


async def attempted(run: Run, kinds: Mapping[str, Kind]) -> Outcome:
    """Does a job that was taken."""
    kind = kinds.get(run.kind)
    if kind is None:
        return await went_wrong(
            run, unknown(run.kind), "There is no such kind of job.", "UNKNOWN_KIND", None, again=True
        )
    running = Running(run)
    try:
        async with asyncio.timeout(kind.timeout):
            result = await kind.verb(running)
        if not running.settled:
            await job_runs.finish(run, result, datetime.now(UTC))
    except JobLost:
        return Outcome(None, "JobLost")
    except Overloaded as error:
        return await went_wrong(run, kind, error.message, error.code, error, again=True)
    except DomainError as error:
        return await went_wrong(run, kind, error.message, error.code, error, again=False)
    except TimeoutError as error:
        return await went_wrong(
            run, kind, f"It took longer than {kind.timeout:g} seconds.", "TIMEOUT", error, again=True
        )
    except Exception as error:
        # Whatever it is, it is this job's trouble and not the worker's; what it says may hold data.
        return await went_wrong(run, kind, "Something unexpected happened.", "INTERNAL", error, again=True)
    return Outcome(JobState.DONE)


async def went_wrong(
    run: Run, kind: Kind, text: str, code: str, error: Exception | None, *, again: bool
) -> Outcome:
    """Ends an attempt that went wrong."""
    now = datetime.now(UTC)
    later = now + kind.pause(run.attempt) if again and run.attempt < kind.attempts else None
    name, where = (type(error).__name__, lines(error)) if error else (code, None)
    try:
        await job_runs.fail(run, text, code, later, now)
    except JobLost:
        return Outcome(None, name, where)
    return Outcome(JobState.DEAD if later is None else JobState.FAILED, name, where)


def lines(error: BaseException) -> str:
    """Where an error came from, innermost last: files, lines and functions, and nothing of what it says."""
    frames = traceback.extract_tb(error.__traceback__)[-12:]
    return " > ".join(f"{frame.filename.rpartition('/')[2]}:{frame.lineno} {frame.name}" for frame in frames)


def unknown(name: str) -> Kind:
    """A kind that this worker does not know."""

    async def nothing(running: Running) -> Any:
        return None

    return Kind(name, nothing, UNKNOWN_ATTEMPTS, 0)


async def sweep(kinds: Mapping[str, Kind], now: datetime) -> int:
    """How many jobs were taken from workers that are gone; each is tried again, or dead in the end."""
    taken = 0
    for job in await job_runs.abandoned(now):
        kind = kinds.get(job["kind"]) or unknown(job["kind"])
        attempts = job["attempts"]
        again = now + kind.pause(attempts) if attempts < kind.attempts else None
        taken += await job_runs.take_away(job, ENDED, again, now)
    return taken


async def do_due(kinds: Mapping[str, Kind], worker: str, now: datetime | None = None) -> int:
    """Does all jobs that are due, one after the other, in this process; returns how many attempts that were.

    For tests and commands; a worker does several at once.
    """
    attempts = 0
    while ids := await job_runs.due(now or datetime.now(UTC)):
        for id in ids:
            run = await job_runs.claim(id, worker, timedelta(minutes=5), now or datetime.now(UTC))
            if run is not None:
                attempts += 1
                await work(run, kinds)
    return attempts
