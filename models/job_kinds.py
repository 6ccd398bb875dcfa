"""The kinds of jobs there are: for each a verb, how often it is tried, and how long it may take."""

import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from importlib import import_module
from typing import Any

from bson import ObjectId

from models import job_runs
from models.job_runs import Run
from models.transactions import Result, Session

# The modules in which kinds are told; a worker loads them when it starts.
MODULES: tuple[str, ...] = (
    "models.duplicate_checks",
    "models.gedcom.bringing",
    "models.gedcom.sending",
    "models.file_jobs",
)
# Seconds between two reports of progress that are written.
SELDOM = 0.5


@dataclass
class Running:
    """A job while it runs, for the verb that does it: safe to be begun again after a run that was cut off."""

    run: Run
    # Whether the verb has ended the job itself.
    settled: bool = False
    _written: float = field(default=0.0, repr=False)

    @property
    def id(self) -> ObjectId:
        """The id of the job: what it makes can be named by it, so that making it twice is making it once."""
        return self.run.id

    @property
    def arguments(self) -> Mapping[str, Any]:
        """What was asked for."""
        return self.run.arguments

    @property
    def owner(self) -> str | None:
        """The account that asked."""
        return self.run.owner

    @property
    def attempt(self) -> int:
        """How often the job was begun, this time included."""
        return self.run.attempt

    async def progress(self, done: int, total: int | None = None, message: str | None = None) -> None:
        """Tells how far the job is; raises JobLost where it is not this worker's any more.

        May be called for every row: the first call is written, the last one, and some in between.
        """
        now = time.monotonic()
        if done != total and now - self._written < SELDOM:
            return
        self._written = now
        await job_runs.report(self.run, done, total, message)

    async def together(self, work: Callable[[Session], Awaitable[Result]]) -> Result:
        """The result of `work`, whose writes with its session happen all, and while the job is this worker's.

        Raises JobLost.
        """
        return await job_runs.together(self.run, work)

    async def settle(self, work: Callable[[Session], Awaitable[Any]]) -> None:
        """Does `work` and ends the job with its result, in one transaction: both happen once, or neither."""
        await job_runs.settle(self.run, work)
        self.settled = True


Verb = Callable[[Running], Awaitable[Any]]


@dataclass(frozen=True)
class Kind:
    """How jobs of a kind are done."""

    name: str
    verb: Verb
    attempts: int
    timeout: float

    def pause(self, attempts: int) -> timedelta:
        """How long to wait after so many attempts: 1 s, 2 s, 4 s … five minutes at most."""
        return timedelta(seconds=min(2.0 ** max(attempts - 1, 0), 300.0))


KINDS: dict[str, Kind] = {}


def kind(name: str, *, attempts: int = 5, timeout: float = 300.0) -> Callable[[Verb], Verb]:
    """Makes a verb the one that does jobs of a kind; what it returns is the job's result, plain JSON.

    A DomainError ends the job as dead, and its message is shown; any other error is tried again.
    """

    def told(verb: Verb) -> Verb:
        known = KINDS.get(name)
        if known is not None and known.verb is not verb:
            raise ValueError(f"There are two kinds of jobs with the name {name}.")
        KINDS[name] = Kind(name, verb, attempts, timeout)
        return verb

    return told


def load() -> Mapping[str, Kind]:
    """All kinds, told by their modules."""
    for name in MODULES:
        import_module(name)
    return KINDS
