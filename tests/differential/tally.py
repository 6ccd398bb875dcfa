"""Runs cases, counts what became of them, and shows the counts."""

import asyncio
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from rich.table import Table

from tests.differential.cases import CASES_A_WORLD, RUNS, Case, Compile, Duel, duels
from tests.differential.executors import Answer, clean
from tests.differential.judge import Outcome, Verdict
from tests.differential.shrink import smallest
from tests.differential.world import World

# Each difference is made small, which takes longer than a hundred cases.
ENOUGH = 10
FUTURE = "a shared future was cancelled by the reference"


@dataclass
class Difference:
    """A case in which the executors differ."""

    case: Case
    reason: str
    text: str = ""


@dataclass
class Tally:
    """What became of the cases of a run."""

    outcomes: Counter[Outcome] = field(default_factory=Counter)
    uncompiled: Counter[str] = field(default_factory=Counter)
    excluded: Counter[str] = field(default_factory=Counter)
    invalid: int = 0
    calm: int = 0
    failing: int = 0
    unshared: int = 0
    batches: Counter[str] = field(default_factory=Counter)
    differences: list[Difference] = field(default_factory=list)
    # So many of them are made small and told in full.
    details: int = ENOUGH

    @property
    def compared(self) -> int:
        return self.outcomes.total()

    @property
    def cases(self) -> int:
        return self.compared + self.uncompiled.total() + self.excluded.total() + self.invalid

    def add(self, other: "Tally") -> None:
        for name in ("outcomes", "uncompiled", "excluded", "batches"):
            getattr(self, name).update(getattr(other, name))
        for name in ("invalid", "calm", "failing", "unshared"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.differences += other.differences

    def rows(self) -> Iterable[tuple[str, int]]:
        yield "compared", self.compared
        yield "  of them without asynchronous fields, strictly", self.calm
        yield "  of them with errors in the answer", self.failing
        yield "  of them with the reference's shared futures kept apart", self.unshared
        for outcome in Outcome:
            if outcome is not Outcome.DIFFERENT:
                yield outcome.value, self.outcomes[outcome]
        for what, counts in (("not compiled", self.uncompiled), ("excluded", self.excluded)):
            for reason, count in counts.most_common():
                yield f"{what}: {reason}", count
        yield "invalid documents", self.invalid
        yield "differences", self.outcomes[Outcome.DIFFERENT]

    @property
    def told(self) -> str:
        return "\n\n".join(one.text or f"{one.case}: {one.reason}" for one in self.differences[:ENOUGH])

    def __str__(self) -> str:
        return ", ".join(f"{count:,} {name.strip()}" for name, count in self.rows() if count)

    def table(self) -> Table:
        table = Table("", "cases")
        table.columns[1].justify = "right"
        for name, count in self.rows():
            table.add_row(name, f"{count:,}")
        table.add_section()
        table.add_row(
            "batches of loaders: the reference / the plan",
            f"{self.batches['stock']:,} / {self.batches['plan']:,}",
        )
        return table

    def as_json(self) -> dict[str, Any]:
        return {
            **{name.strip(): count for name, count in self.rows()},
            "cases": [{"case": str(one.case), "reason": one.reason} for one in self.differences],
        }


async def run_world(seed: int, compile: Compile, tally: Tally, stop: bool = False) -> None:
    """Runs and judges all cases over one schema, or those up to the first difference."""
    # Between two cases nobody listens to complaints.
    asyncio.get_running_loop().set_exception_handler(lambda *_: None)
    clean()
    world = World(seed)
    for number, duel in duels(world, compile):
        if stop and tally.differences:
            break
        if not duel.valid:
            tally.invalid += RUNS
        elif isinstance(duel.plan, str):
            tally.uncompiled[duel.plan] += RUNS
        else:
            # Some plans run all their requests at the same time, as a server does.
            together = await duel.together() if number % 4 == 1 else None
            for run in range(RUNS):
                await run_case(Case(seed, number, run), duel, tally, together[run] if together else None)


async def run_case(case: Case, duel: Duel, tally: Tally, given: Answer | None = None) -> Verdict | None:
    """Runs and judges one case; none if it is excluded."""
    variables = duel.variables(case.run)
    stock, plan = await duel.answers(case.run, variables)
    unshared = stock.died and not plan.died
    if unshared:
        # With a shared future cancelled the whole request dies; with futures of their own both can answer.
        stock = await duel.unshared(case.run, variables)
        if stock.died:
            tally.excluded[FUTURE] += 1
            return None
        tally.unshared += 1
    verdict = await duel.verdict(case.run, variables, stock, plan, unshared)
    if verdict.reason.startswith("complaints"):
        # What an earlier case has left behind may be found in the midst of this one; its own comes again.
        verdict = await duel.verdict(case.run, variables, *await duel.answers(case.run, variables))
    if verdict and given is not None:
        verdict = await duel.verdict(case.run, variables, stock, given, unshared)
    tally.outcomes[verdict.outcome] += 1
    tally.calm += duel.drawn.calm
    tally.failing += bool(stock.errors)
    tally.batches.update(stock=stock.batches, plan=plan.batches)
    if not verdict:
        tally.differences.append(Difference(case, verdict.reason))
        if len(tally.differences) <= tally.details:
            tally.differences[-1].text = await report(case, duel, verdict)
    return verdict


async def report(case: Case, duel: Duel, verdict: Verdict) -> str:
    """What is needed to understand a difference: the schema, the document made small, and both answers."""
    duel, variables, verdict = await smallest(duel, case.run, verdict)
    stock, plan = await duel.answers(case.run, variables)
    parts = {
        "schema": duel.world.sdl,
        "Python": duel.world.told(duel.drawn.text),
        "document": duel.drawn.text,
        "variables": repr(dict(variables)),
        "reference": str(stock),
        "plan": str(plan),
    }
    told = "\n".join(f"--- {name}\n{text}" for name, text in parts.items())
    return f"case {case} ({'synchronous' if duel.drawn.calm else 'asynchronous'}): {verdict.reason}\n{told}"


def worlds(cases: int) -> int:
    """How many schemas so many cases take."""
    return -(-cases // CASES_A_WORLD)
