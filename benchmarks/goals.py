"""The goals: what this server promises of itself against its peers, and whether a run bears it out."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Literal

from benchmarks.results import Measurement, Run

Figure = Callable[[Measurement], float]
# A case, a server and how many connections.
Load = tuple[str, str, int]

READY_SECONDS = 1.5


@dataclass(frozen=True)
class Figures:
    """One figure for each round of a run, and the loads that it is computed from."""

    compute: Callable[[Run], list[float]]
    loads: tuple[Load, ...] = ()


@dataclass(frozen=True)
class Goal:
    """One promise: a figure for each round, and the bound that their median has to keep."""

    name: str
    against: str
    direction: Literal["at least", "at most"]
    bound: float
    figures: Figures
    unit: str = "x"


@dataclass(frozen=True)
class Outcome:
    """A goal and what was measured: the median and the range of the rounds; None where nothing was."""

    goal: Goal
    measured: float | None
    lowest: float | None = None
    highest: float | None = None

    @property
    def met(self) -> bool | None:
        """Whether the goal is met; None where it was not measured."""
        if self.measured is None:
            return None
        if self.goal.direction == "at least":
            return self.measured >= self.goal.bound
        return self.measured <= self.goal.bound


def throughput(measurement: Measurement) -> float:
    """Requests a second."""
    return measurement.throughput


def cpu(measurement: Measurement) -> float:
    """CPU time of the server a request."""
    return measurement.cpu


def p50(measurement: Measurement) -> float:
    """The latency that half of the requests stay below."""
    return measurement.p50


def by_round(run: Run, figure: Figure, load: Load) -> dict[int, float]:
    """A figure of one server under one load, by round."""
    return {each.round: figure(each) for each in run.of(*load)}


def ratios(
    figure: Figure, case: str, ours: str, theirs: str, connections: int, their_case: str | None = None
) -> Figures:
    """Our figure over theirs in each round that has both."""
    loads = (case, ours, connections), (their_case or case, theirs, connections)

    def compute(run: Run) -> list[float]:
        left, right = (by_round(run, figure, load) for load in loads)
        return [left[each] / right[each] for each in sorted(left.keys() & right.keys()) if right[each]]

    return Figures(compute, loads)


def best_of(case: str, ours: str, theirs: Sequence[str], connections: int) -> Figures:
    """Our throughput over that of the fastest of several, in each round that has all."""
    loads = tuple((case, peer, connections) for peer in (ours, *theirs))

    def compute(run: Run) -> list[float]:
        left, *rights = (by_round(run, throughput, load) for load in loads)
        rounds = set(left).intersection(*rights)
        return [left[each] / max(right[each] for right in rights) for each in sorted(rounds)]

    return Figures(compute, loads)


def memory(ours: str, theirs: str) -> Figures:
    """Our resident memory over theirs, after the run."""

    def compute(run: Run) -> list[float]:
        if not run.memory.get(ours) or not run.memory.get(theirs):
            return []
        return [run.memory[ours] / run.memory[theirs]]

    return Figures(compute)


def scaling(run: Run) -> list[float]:
    """How many times the load two workers take."""
    return [each.scaling for each in run.workers]


def ready(run: Run) -> list[float]:
    """Seconds until the server is ready."""
    return run.ready


def faster(case: str, theirs: str, bound: float, against: str, ours: str = "lockstep") -> Goal:
    """A goal of throughput at 32 connections."""
    name = f"{case}, throughput at 32 connections"
    return Goal(name, against, "at least", bound, ratios(throughput, case, ours, theirs, 32))


def no_slower(case: str, ours: str, theirs: str, against: str) -> Goal:
    """A goal of latency for a client that is alone."""
    name = f"{case}, p50 at 1 connection"
    return Goal(name, against, "at most", 1.0, ratios(p50, case, ours, theirs, 1))


NODE_GRAPHQL = ("apollo", "yoga", "mercurius")
BEST = "the best of Apollo, Yoga, Mercurius"
FULL = "Express, full stack"
GOALS: tuple[Goal, ...] = (
    faster("rest-point", "express", 5, "Express"),
    faster("rest-point", "fastapi-motor", 5, "FastAPI, Motor"),
    Goal(
        "rest-point, CPU a request at 32 connections",
        "bare uvicorn's greeting",
        "at most",
        2.5,
        ratios(cpu, "rest-point", "lockstep", "uvicorn", 32, "hello"),
    ),
    faster("rest-list-20", "express", 2, "Express"),
    faster("rest-write", "express", 1.3, "Express"),
    faster("full-point", "express-full", 4, FULL, "lockstep-full"),
    faster("full-list-20", "express-full", 2, FULL, "lockstep-full"),
    faster("full-write", "express-full", 1.3, FULL, "lockstep-full"),
    *(
        Goal(
            f"graphql-point, throughput at {connections} connections",
            BEST,
            "at least",
            bound,
            best_of("graphql-point", "lockstep", NODE_GRAPHQL, connections),
        )
        for connections, bound in ((32, 4.0), (256, 6.0))
    ),
    faster("graphql-nested", "mercurius", 2.5, "Mercurius, JIT"),
    faster("graphql-nested", "strawberry", 7, "Strawberry, stock"),
    faster("graphql-list-1000", "mercurius", 4, "Mercurius, JIT"),
    faster("graphql-list-1000", "strawberry", 8, "Strawberry, stock"),
    no_slower("rest-point", "lockstep", "express", "Express"),
    no_slower("full-point", "lockstep-full", "express-full", FULL),
    Goal(
        "rest-point, CPU a request at 32 connections",
        "a hand-written route that calls the same verb",
        "at most",
        1.15,
        ratios(cpu, "rest-point", "lockstep", "starlette", 32),
    ),
    Goal(
        "resident memory of one worker after the run",
        "Express",
        "at most",
        1.15,
        memory("lockstep", "express"),
    ),
    Goal("two workers, the database's CPU taken out", "one worker", "at least", 1.8, Figures(scaling)),
    Goal("start to ready with 130 operations", "the clock", "at most", READY_SECONDS, Figures(ready), "s"),
)


def loads() -> set[Load]:
    """The loads that the goals speak of."""
    return {load for goal in GOALS for load in goal.figures.loads}


def outcome(goal: Goal, run: Run) -> Outcome:
    """What a run says of a goal."""
    figures = goal.figures.compute(run)
    if not figures:
        return Outcome(goal, None)
    return Outcome(goal, median(figures), min(figures), max(figures))


def outcomes(run: Run) -> list[Outcome]:
    """What a run says of every goal."""
    return [outcome(goal, run) for goal in GOALS]
