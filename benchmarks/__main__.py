"""`python -m benchmarks`: measures, reports, draws."""

import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from types import FrameType
from typing import NoReturn

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

import benchmarks.curves as cost_curves
from benchmarks import goals, report
from benchmarks.cases import CASES
from benchmarks.checking import Unequal
from benchmarks.install import CannotInstall, install
from benchmarks.load import LoadFailed
from benchmarks.processes import NotReady
from benchmarks.results import Run
from benchmarks.run import Options, loads, run
from benchmarks.servers import MADE, REPOSITORY, SERVERS, VENV
from server.embedded_programs import CannotStart

FAILURES = (CannotInstall, CannotStart, LoadFailed, NotReady, Unequal)
QUICK_ROUNDS, QUICK_SECONDS = 3, 1
ROUNDS, SECONDS = 5, 2

out = Console(stderr=True, highlight=False)


def bar() -> Progress:
    """The progress bar of a run."""
    columns = (BarColumn(), MofNCompleteColumn(), TimeRemainingColumn(), TextColumn("{task.description}"))
    return Progress(*columns, console=out)


def stamp() -> str:
    """The name of a result that nobody has named."""
    return datetime.now().strftime("%Y-%m-%d-%H%M%S")


@click.group(invoke_without_command=True)
@click.pass_context
def main(context: click.Context) -> None:
    """Measures Lockstep and its peers; without a command, everything (see `measure --help`)."""
    # SIGTERM ends a run as Ctrl-C does: the servers are stopped on the way out.
    signal.signal(signal.SIGTERM, leave)
    if context.invoked_subcommand is None:
        context.invoke(measure)


def leave(number: int, frame: FrameType | None) -> NoReturn:
    """Leaves by the way that ends what was started."""
    raise SystemExit(128 + number)


@main.command()
@click.option("--case", "cases", multiple=True, type=click.Choice(list(CASES)), help="Only this case.")
@click.option("--peer", "peers", multiple=True, type=click.Choice(list(SERVERS)), help="Only this server.")
@click.option(
    "--connections", "--concurrency", multiple=True, type=click.IntRange(1, 1000), help="Only so many."
)
@click.option("--rounds", type=click.IntRange(1), help=f"How often each load is measured; {ROUNDS}.")
@click.option("--seconds", type=click.IntRange(1), help=f"How long each load lasts at least; {SECONDS}.")
@click.option("--seed", default=1, show_default=True, help="Shuffles the order of each round.")
@click.option("--quick", is_flag=True, help="Only what the goals speak of, for a shorter time.")
@click.option("--extras/--no-extras", default=True, help="Also measure starts, and two workers against one.")
@click.option(
    "--json", "file", type=click.Path(path_type=Path, dir_okay=False), help="Where to keep the result."
)
@click.option("--plots", type=click.Path(path_type=Path, file_okay=False), help="Where to put the plots.")
def measure(
    cases: Sequence[str],
    peers: Sequence[str],
    connections: Sequence[int],
    rounds: int | None,
    seconds: int | None,
    seed: int,
    quick: bool,
    extras: bool,
    file: Path | None,
    plots: Path | None,
) -> None:
    """Measure, report, and keep the result and its plots."""
    wanted = loads(cases, peers, connections)
    if quick:
        wanted = [load for load in wanted if load in goals.loads()]
    if not wanted:
        sys.exit("benchmarks: no server has such a case; see --case and --peer.")
    options = Options(
        wanted,
        rounds or (QUICK_ROUNDS if quick else ROUNDS),
        seconds or (QUICK_SECONDS if quick else SECONDS),
        seed,
        extras,
    )
    file = file or MADE / "results" / f"{stamp()}.json"
    try:
        install({server.needs for server in options.servers}, out.print)
        with bar() as progress:
            found = run(options, os.environ, progress)
    except FAILURES as error:
        sys.exit(f"benchmarks: {error}")
    except KeyboardInterrupt:
        sys.exit("benchmarks: stopped; nothing was kept.")
    found.write(file)
    click.echo(report.markdown(found))
    drawn = plots or file.with_suffix("")
    draw(file, drawn)
    out.print(f"The result is in {file}, its plots are in {drawn}.")


@main.command("report")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
def print_report(file: Path) -> None:
    """Print the report of a result that was kept, as Markdown."""
    try:
        click.echo(report.markdown(Run.read(file)))
    except ValueError as error:
        sys.exit(f"benchmarks: {error}")


@main.command()
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
def plots(file: Path, folder: Path) -> None:
    """Draw the plots of a result that was kept."""
    try:
        install(["python"], out.print)
        draw(file, folder)
    except CannotInstall as error:
        sys.exit(f"benchmarks: {error}")


@main.command()
@click.option("--quick", is_flag=True, help="Fewer and smaller sizes.")
@click.option(
    "--json", "file", type=click.Path(path_type=Path, dir_okay=False), help="Where to keep the result."
)
@click.option("--plots", type=click.Path(path_type=Path, file_okay=False), help="Where to put the plots.")
def curves(quick: bool, file: Path | None, plots: Path | None) -> None:
    """Measure what grows with rows, documents and endpoints."""
    file = file or MADE / "results" / f"curves-{stamp()}.json"
    try:
        install(["python", "node"], out.print)
        with bar() as progress:
            found = cost_curves.run(os.environ, progress, quick=quick)
    except FAILURES as error:
        sys.exit(f"benchmarks: {error}")
    except KeyboardInterrupt:
        sys.exit("benchmarks: stopped; nothing was kept.")
    cost_curves.write(found, file)
    click.echo(cost_curves.markdown(found))
    drawn = plots or file.with_suffix("")
    draw(file, drawn)
    out.print(f"The result is in {file}, its plots are in {drawn}.")


@main.command("install")
def install_all() -> None:
    """Install wrk and the packages of every peer."""
    try:
        install({server.needs for server in SERVERS.values()}, out.print)
    except CannotInstall as error:
        sys.exit(f"benchmarks: {error}")


def draw(file: Path, folder: Path) -> None:
    """Draws by the Python of the peers, which has matplotlib."""
    command = [str(VENV / "python"), "-m", "benchmarks.plots", str(file.resolve()), str(folder.resolve())]
    if subprocess.run(command, cwd=REPOSITORY, check=False).returncode:
        out.print("The plots could not be drawn; the figures are kept.")


if __name__ == "__main__":
    main()
