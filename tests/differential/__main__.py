"""Compares the plan with the reference executor: `python -m tests.differential --cases 100000 --jobs 2`."""

import asyncio
import json
import multiprocessing
import sys
import time
from argparse import ArgumentParser
from collections.abc import Iterator
from random import SystemRandom

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

from tests.differential.cases import Case, duels
from tests.differential.executors import quiet_machine
from tests.differential.plans import compiled, one_world
from tests.differential.tally import ENOUGH, Tally, run_case, worlds
from tests.differential.world import World


def main() -> None:
    """Runs so many cases and says what came of them; exit 1 where the executors differ."""
    parser = ArgumentParser(prog="python -m tests.differential", description=__doc__)
    parser.add_argument("--cases", type=int, default=10_000, help="how many cases, rounded up [10000]")
    parser.add_argument("--seed", type=int, help="the seed that a run printed [a new one]")
    parser.add_argument("--jobs", type=int, default=1, help="processes [1]")
    parser.add_argument("--case", help="one case alone, by the name that a run printed")
    parser.add_argument("--json", action="store_true", help="the counts as JSON")
    options = parser.parse_args()
    console = Console(stderr=options.json)
    if options.case:
        tally = one(Case.named(options.case))
    else:
        seed = SystemRandom().randrange(10**9) if options.seed is None else options.seed
        console.print(f"seed {seed}")
        begin = time.monotonic()
        tally = many(seed, worlds(options.cases), options.jobs, console)
        seconds = time.monotonic() - begin
        console.print(f"{tally.cases:,} cases in {seconds:.0f} s, {tally.cases / seconds:.0f} a second")
    for found in tally.differences[:ENOUGH]:
        console.rule("difference")
        console.print(
            found.text or f"{found.case}: {found.reason}", markup=False, highlight=False, soft_wrap=True
        )
    if options.json:
        print(json.dumps(tally.as_json(), indent=2))
    else:
        console.print(tally.table())
    sys.exit(1 if tally.differences else 0)


def many(seed: int, count: int, jobs: int, console: Console) -> Tally:
    """All cases over so many schemas, from a seed on."""
    total = Tally()
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, TimeRemainingColumn(), console=console, transient=True) as progress:
        task = progress.add_task("schemas", total=count)
        for tally in results(range(seed, seed + count), jobs):
            total.add(tally)
            progress.update(task, advance=1, description=f"{total.compared:,} cases compared, schemas")
    return total


def results(seeds: range, jobs: int) -> Iterator[Tally]:
    if jobs == 1:
        yield from map(one_world, seeds)
        return
    with multiprocessing.get_context("spawn").Pool(jobs) as pool:
        yield from pool.imap_unordered(one_world, seeds)


def one(case: Case) -> Tally:
    """One case alone."""
    tally = Tally()

    async def run() -> None:
        duel = dict(duels(World(case.seed), compiled))[case.document]
        if isinstance(duel.plan, str):
            tally.uncompiled[duel.plan] += 1
        else:
            await run_case(case, duel, tally)

    with quiet_machine():
        asyncio.run(run())
    return tally


if __name__ == "__main__":
    main()
