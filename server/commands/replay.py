"""`lockstep replay`: recorded traffic against this server, or against one that runs already."""

import asyncio
import os
import secrets
import sys
import tempfile
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import urlsplit

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

import schema
from compat_rest.contract.findings import ContractError
from compat_rest.engine import Engine, compile_engine, refused
from compat_rest.parity import report, report_html
from compat_rest.parity.contract import BadTolerance, SurfaceContract
from compat_rest.parity.cookies import Secrets
from compat_rest.parity.deviations import BadDeviations, Deviations
from compat_rest.parity.har import BadRecording, Recording, read
from compat_rest.parity.replay import Contract, Results, Target, load_environ, load_secrets, replay
from models.files import BadFile
from models.imports import Refused
from server.doors import named_hosts
from server.embedded import services
from server.embedded_programs import CannotStart
from server.logs import configure
from server.scratch import BadState, Running, Scratch
from server.settings import GENERATED, BadSetting, Settings

DEVIATIONS = Path("docs/deviations.md")


class Unusable(click.ClickException):
    """Input that cannot be used; exit 2, so that it is not taken for a difference."""

    exit_code = 2


@dataclass(frozen=True)
class Plan:
    """What is replayed, and by which rules it is judged."""

    recordings: Sequence[Recording]
    engine: Engine
    surfaces: dict[Path, str]
    deviations: Deviations
    secrets: Secrets | None
    timeout: float

    def contract(self, recording: Recording) -> Contract:
        surface = self.surfaces[recording.path]
        spoken = SurfaceContract(self.engine.contract, surface)
        return Contract(surface, spoken.operation, spoken.tolerances)


@click.command("replay")
@click.argument("hars", metavar="HAR...", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--import", "file", type=click.Path(path_type=Path), help="The start states and secrets.")
@click.option("--surface", help="The surface; otherwise the recording's folder or host says it.")
@click.option("--against", metavar="URL", help="A server that runs already, instead of one of its own.")
@click.option("--junit", type=click.Path(path_type=Path), help="Write JUnit XML to this file.")
@click.option("--json", "as_json", metavar="FILE", help="Write JSON to this file; - prints it.")
@click.option("--html", type=click.Path(path_type=Path), help="Write a page with side-by-side differences.")
@click.option("--deviations", type=click.Path(path_type=Path), help=f"The table of rules [{DEVIATIONS}].")
@click.option("--timeout", default=30.0, show_default=True, help="Seconds to wait for an answer.")
def command(
    hars: tuple[Path, ...],
    file: Path | None,
    surface: str | None,
    against: str | None,
    junit: Path | None,
    as_json: str | None,
    html: Path | None,
    deviations: Path | None,
    timeout: float,
) -> None:
    """Send recorded requests and compare every answer with the recorded one.

    Each recording starts on a scratch database with the state that it names, taken from the file of
    --import. A second run of a recording beside it (x.a.har and x.b.har) shows what is noise. Exit 1 on a
    difference that no rule explains, 2 on input that cannot be used.
    """
    if file is None and against is None:
        raise click.UsageError("--import FILE is needed, or a server that runs already: --against URL.")
    try:
        settings = Settings.from_env()
        configure(os.environ.get("LOG_LEVEL", "ERROR").upper(), stream=sys.stderr)
        plan = prepare(hars, file, surface, deviations, timeout, settings)
        results = against_url(plan, against) if against else against_scratch(plan, file or Path(), settings)
        write(results, junit, as_json, html)
    except ContractError as error:
        raise Unusable(refused(error)) from error
    except (BadRecording, BadDeviations, BadTolerance, BadFile, BadState, Refused) as error:
        raise Unusable(str(error)) from error
    except (BadSetting, CannotStart, OSError, ValueError) as error:
        raise Unusable(str(error)) from error
    report.show(results, Console(stderr=as_json == "-"))
    sys.exit(1 if results.different else 0)


def prepare(
    hars: Sequence[Path],
    file: Path | None,
    surface: str | None,
    deviations: Path | None,
    timeout: float,
    settings: Settings,
) -> Plan:
    """Everything that can be read and refused before a server starts."""
    recordings = [read(path) for path in hars]
    rows = Deviations.load(deviations or DEVIATIONS) if deviations or DEVIATIONS.exists() else Deviations()
    environ = {**dict.fromkeys(GENERATED, "not needed to compare"), **settings.environ}
    engine = compile_engine(
        settings.contract, schema.build(leaves="raw", execution=settings.execution), environ
    )
    surfaces = {recording.path: surface_of(recording, surface, engine, settings) for recording in recordings}
    return Plan(recordings, engine, surfaces, rows, load_secrets(file) if file else None, timeout)


def surface_of(recording: Recording, wanted: str | None, engine: Engine, settings: Settings) -> str:
    """The surface that a recording was made of; raises Unusable.

    The folder says it where it is called like a surface, or ends so after a dash; recordings of several old
    servers may name one host.
    """
    hosts = named_hosts(engine, settings.hosts)
    folder = recording.path.absolute().parent.name.rpartition("-")[2]
    name = wanted or (folder if folder in engine.surfaces else hosts.get(recording.host))
    if name not in engine.surfaces:
        unknown = f"no surface has the host {recording.host!r}"
        said = f"There is no surface {name!r}" if name else f"{recording.path}: {unknown}"
        raise Unusable(f"{said}; surfaces are {', '.join(engine.surfaces)}. Use --surface or LOCKSTEP_HOSTS.")
    return name


def against_url(plan: Plan, url: str) -> Results:
    """The replay against a server that runs already."""
    parts = urlsplit(url)
    if parts.scheme != "http" or not parts.hostname:
        raise click.UsageError(f"--against {url!r} is not an address such as http://127.0.0.1:8000.")
    return asyncio.run(run(plan, Running(parts.hostname, parts.port or 80)))


def against_scratch(plan: Plan, file: Path, settings: Settings) -> Results:
    """The replay against servers of this process, one recording after the other."""
    own = {"SECRET_KEY": plan.secrets.fixture} if plan.secrets else load_environ(file)
    generated = {name: secrets.token_urlsafe(48) for name in GENERATED}
    with ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="lockstep-replay-"))
        given = replace(settings, data=Path(folder), environ={**generated, **settings.environ, **own})
        running = stack.enter_context(services(given, exclusive=False))
        given = replace(given, mongodb_uri=running.mongodb_uri, redis_url=running.redis_url)
        return asyncio.run(run(plan, Scratch(given, file, plan.surfaces)))


async def run(plan: Plan, target: Target) -> Results:
    """The replay, with a progress bar on the error stream."""
    bar = Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=Console(stderr=True),
        transient=True,
    )
    with bar:
        task = bar.add_task("replay", total=sum(len(recording.steps) for recording in plan.recordings))

        def progress(recording: Recording, step: int) -> None:
            bar.update(task, advance=1, description=recording.name)

        return await replay(
            plan.recordings,
            target,
            plan.contract,
            deviations=plan.deviations,
            secrets=plan.secrets,
            timeout=plan.timeout,
            progress=progress,
        )


def write(results: Results, junit: Path | None, as_json: str | None, html: Path | None) -> None:
    """Writes the reports that were asked for."""
    if junit is not None:
        junit.write_text(report.as_junit(results))
    if html is not None:
        html.write_text(report_html.as_html(results))
    if as_json == "-":
        click.echo(report.as_json(results))
    elif as_json is not None:
        Path(as_json).write_text(report.as_json(results) + "\n")
