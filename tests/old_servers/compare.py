"""Sends generated requests to an old server and to this one, and reports every unexplained difference.

Run as `python -m tests.old_servers.compare --requests 5000 [--seed N]`; it ends with 1 when there is any.
With `--server express` the libraries of the old Node servers stand for them, in three arrangements; with
`--server gateway` the old gateway is written anew on them.
"""

import asyncio
import random
import sys
from argparse import ArgumentParser
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

import schema
from compat_rest.engine import compile_engine
from compat_rest.parity.contract import SurfaceContract
from compat_rest.parity.deviations import Deviations
from compat_rest.parity.replay import Contract
from server.embedded import services
from server.settings import GENERATED, Settings
from tests.old_servers import generate
from tests.old_servers.drive import Duel, Outcome
from tests.old_servers.express import family
from tests.old_servers.express import generate as express_requests
from tests.old_servers.express.family import FAMILY
from tests.old_servers.express.install import folder as express_libraries
from tests.old_servers.express.variants import VARIANTS
from tests.old_servers.processes import ROOT, express, flask, gateway, in_express, lockstep
from tests.old_servers.shrink import smallest
from tests.old_servers.steps import Step
from tests.old_servers.values import ROWS

LENGTH = 20
SECRET = "the secret of both servers"


@dataclass
class Found:
    """One kind of difference: the smallest session that shows it, and how often it was met."""

    steps: Sequence[Step]
    end: Outcome
    times: int = 1


@dataclass
class Report:
    """What a run has seen."""

    requests: int = 0
    statuses: Counter[tuple[int, int]] = field(default_factory=Counter)
    rows: Counter[str] = field(default_factory=Counter)
    found: dict[tuple[object, ...], Found] = field(default_factory=dict)


async def compare(
    duel: Duel,
    requests: int,
    seed: int,
    progress: Progress | None = None,
    session: Callable[[int, int], list[Step]] = generate.session,
) -> Report:
    """Play sessions until so many requests were sent; every new kind of difference is made small."""
    report = Report()
    task = progress.add_task("requests", total=requests) if progress else None
    for number in count(seed):
        if report.requests >= requests:
            return report
        length = min(LENGTH, requests - report.requests)
        steps = session(length, number)
        outcomes = await duel.play(steps)
        for outcome in outcomes:
            report.requests += 1
            report.statuses[outcome.old.status, outcome.new.status] += 1
            if outcome.differences and outcome.row is not None:
                report.rows[outcome.row.id] += 1
        if outcomes[-1].unexplained:
            await remember(duel, report, steps[: len(outcomes)], outcomes[-1])
        if progress is not None and task is not None:
            progress.update(task, completed=report.requests)
    raise AssertionError("there is always another session")


async def remember(duel: Duel, report: Report, steps: Sequence[Step], end: Outcome) -> None:
    key = (end.step.method, *end.signature)
    if key in report.found:
        report.found[key].times += 1
    else:
        report.found[key] = Found(*await smallest(duel, steps, end))


def show(report: Report, console: Console) -> None:
    """The counts, then each difference with the requests that lead to it."""
    table = Table("old", "new", "answers", title=f"{report.requests} requests")
    for (old, new), times in sorted(report.statuses.items()):
        table.add_row(str(old), str(new), str(times))
    console.print(table)
    if report.rows:
        table = Table("row of docs/deviations.md", "answers")
        for row, times in report.rows.most_common():
            table.add_row(row, str(times))
        console.print(table)
    for found in report.found.values():
        console.rule(f"unexplained, met {found.times} times")
        for line in told(found):
            console.print(line, markup=False, highlight=False, soft_wrap=True)


def told(found: Found) -> Iterator[str]:
    for step in found.steps[:-1]:
        yield f"before: {step}"
    old, new = found.end.requests
    yield f"{old.line}"
    yield f"headers: {old.headers}"
    if new.headers != old.headers:
        yield f"headers to the new server: {new.headers}"
    yield f"body: {old.body!r}"
    for one in found.end.differences:
        yield f"  {one.pointer}\n    old: {one.old!r}\n    new: {one.new!r}"
    yield f"old answer: {found.end.old}"
    yield f"new answer: {found.end.new}"


@contextmanager
def itself() -> Iterator[Duel]:
    """The old server against another one of its kind: whatever differs there is a fault of the comparison."""
    with ExitStack() as stack:
        old, new = (stack.enter_context(flask(ROWS, SECRET)) for _ in range(2))
        yield Duel(old, new, SECRET)


@contextmanager
def this_server(mongodb: str, redis: str, surface: str = "mandarin") -> Iterator[Duel]:
    """The old server against this one, by the contract's tolerances and the list of deviations."""
    engine = compile_engine(
        ROOT / "openapi.yaml", schema.build(leaves="raw"), dict.fromkeys(GENERATED, SECRET)
    )
    spoken = SurfaceContract(engine.contract, surface)
    contract = Contract(surface, spoken.operation, spoken.tolerances)
    deviations = Deviations.load(ROOT / "docs" / "deviations.md")
    rows = ROWS if surface == "mandarin" else FAMILY
    with ExitStack() as stack:
        if surface == "mandarin":
            old = stack.enter_context(flask(rows, SECRET))
        else:
            old = stack.enter_context(gateway(rows, SECRET, express_libraries()))
        new = stack.enter_context(lockstep(rows, SECRET, mongodb, redis, surface))
        # Flask's ids are numbers that both count alike.
        yield Duel(old, new, SECRET, contract, deviations, drawn=surface != "mandarin")


@contextmanager
def in_dialect(variant: str) -> Iterator[Duel]:
    """The libraries of the old Node servers against this one's dialect, in one arrangement."""
    with express(variant, express_libraries()) as old, in_express(variant) as new:
        yield Duel(old, new, SECRET)


@contextmanager
def opponents(alone: bool, surface: str = "mandarin") -> Iterator[Duel]:
    """The servers that the command line asks for; MongoDB and Valkey as the settings have them."""
    with ExitStack() as stack:
        if alone:
            yield stack.enter_context(itself())
            return
        folder = Path(stack.enter_context(TemporaryDirectory(prefix="lockstep-compare-")))
        settings = replace(Settings.from_env(), data=folder)
        running = stack.enter_context(services(settings, exclusive=True))
        yield stack.enter_context(this_server(running.mongodb_uri, running.redis_url, surface))


def main() -> int:
    """Compare as the command line says."""
    parser = ArgumentParser(description=__doc__)
    parser.add_argument("--requests", type=int, default=5000)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10**9))
    parser.add_argument("--itself", action="store_true", help="two old servers, to prove the comparison")
    parser.add_argument("--server", choices=("flask", "express", "gateway"), default="flask")
    options = parser.parse_args()
    console = Console()
    console.print(f"seed {options.seed}")
    if options.server == "express":
        share = -(-options.requests // len(VARIANTS))
        runs = [(in_dialect(name), share, express_requests.session) for name in VARIANTS]
    elif options.server == "gateway":
        runs = [(opponents(False, "gateway"), options.requests, family.session)]
    else:
        runs = [(opponents(options.itself), options.requests, generate.session)]
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    found = 0
    for opposed, requests, session in runs:
        with opposed as duel, Progress(*columns, console=console) as progress:
            report = asyncio.run(compare(duel, requests, options.seed, progress, session))
        show(report, console)
        found += len(report.found)
    console.print(f"{found} unexplained kinds of difference; seed {options.seed}")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
