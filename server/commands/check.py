"""`lockstep check`: whether contract, documents and schema agree, before a deploy does."""

import json
import sys
from collections.abc import Sequence
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table

import schema
from compat_rest.contract.bundle import bundled
from compat_rest.contract.findings import ContractError, Finding
from compat_rest.engine import Engine, compile_engine
from compat_rest.stats import statistics
from server.doors import named_hosts
from server.settings import GENERATED, BadSetting, Settings


@click.command("check")
@click.argument("contract", type=click.Path(path_type=Path), required=False)
@click.option("--json", "as_json", is_flag=True, help="Print JSON for machines.")
@click.option("--stats", is_flag=True, help="Print how often each word is used, per surface.")
@click.option("--bundle", type=click.Path(path_type=Path), help="Write the contract as one JSON file.")
def command(contract: Path | None, as_json: bool, stats: bool, bundle: Path | None) -> None:
    """Compare CONTRACT (default: openapi.yaml) with its documents and the schema; exit 1 on any finding."""
    try:
        settings = Settings.from_env()
    except BadSetting as error:
        click.echo(f"lockstep: {error}", err=True)
        sys.exit(2)
    # Secrets are not needed to compare; a placeholder keeps the check free of side effects.
    environ = {**dict.fromkeys(GENERATED, "not needed here"), **settings.environ}
    engine: Engine | None = None
    findings: Sequence[Finding] = ()
    try:
        engine = compile_engine(
            contract or settings.contract, schema.build(leaves="raw", execution=settings.execution), environ
        )
        named_hosts(engine, settings.hosts)
    except ValueError as error:
        click.echo(f"lockstep: {error}", err=True)
        sys.exit(2)
    except ContractError as error:
        findings = error.findings
    if engine is not None and bundle is not None:
        bundle.write_text(
            json.dumps(bundled(engine.contract.source), ensure_ascii=False, indent=1), encoding="utf-8"
        )
    counts = statistics(engine) if engine and stats else None
    if as_json:
        notes = engine.notes if engine else []
        said = {
            "findings": [finding.as_json() for finding in findings],
            "notes": [note.as_json() for note in notes],
        }
        click.echo(json.dumps({**said, "stats": counts} if stats else said, indent=2))
    else:
        show(findings, engine, counts)
    sys.exit(1 if findings else 0)


def show(
    findings: Sequence[Finding], engine: Engine | None, counts: dict[str, dict[str, int]] | None
) -> None:
    """The table a person reads."""
    console = Console(soft_wrap=True)
    if findings:
        console.print(table_of(f"{len(findings)} finding(s): the server refuses to start", findings))
    if engine is not None:
        total = sum(len(served.endpoints) for served in engine.surfaces.values())
        console.print(f"No findings: {total} operation(s) on {len(engine.surfaces)} surface(s) agree.")
        if engine.notes:
            console.print(table_of("Worth knowing", engine.notes))
    for surface, numbers in (counts or {}).items():
        table = Table(title=surface)
        table.add_column("what")
        table.add_column("count", justify="right")
        for name, number in numbers.items():
            table.add_row(name, str(number))
        console.print(table)


def table_of(title: str, findings: Sequence[Finding]) -> Table:
    """Findings as rows."""
    table = Table(title=title, show_lines=True)
    for column in ("place", "operation", "pointer", "problem", "remedy"):
        table.add_column(column, overflow="fold")
    for each in findings:
        place = f"{each.file}:{each.line}"
        table.add_row(place, each.operation, each.pointer, each.problem, each.remedy)
    return table
