"""The report of a run: goals, tables of medians with ratios, the machine, and whether it was quiet."""

from collections.abc import Iterable, Sequence
from statistics import median

from benchmarks.cases import CASES
from benchmarks.goals import Outcome, outcomes
from benchmarks.results import Measurement, Run, spread

# Rounds of one figure further apart than this, or so much of the machine gone to others, is noise.
SPREAD_BOUND = 0.20
FOREIGN_BOUND = 0.10
# So many noisy measurements, or so much load before the start, spoil a run.
NOISY_PART = 0.10
LOAD_BOUND = 0.5
OURS = ("lockstep", "lockstep-full")

Row = Sequence[str]


def table(head: Row, rows: Iterable[Row], words: int = 1) -> list[str]:
    """A table in Markdown; the columns after so many of words are figures."""
    lines = [f"| {' | '.join(head)} |", f"|{'---|' * words}{'---:|' * (len(head) - words)}"]
    return [*lines, *(f"| {' | '.join(row)} |" for row in rows)]


def figure(value: float) -> str:
    """A figure with the digits that mean something."""
    if value >= 1000:
        return f"{value:,.0f}"
    return f"{value:.0f}" if value >= 100 else f"{value:.1f}" if value >= 10 else f"{value:.2f}"


def milliseconds(microseconds: float) -> str:
    """A latency."""
    return figure(microseconds / 1000)


def times(ours: float, theirs: float) -> str:
    """A ratio."""
    return f"{ours / theirs:.2f}x" if theirs else ""


def verdict(outcome: Outcome) -> str:
    """Whether a goal is met, in words."""
    return {True: "met", False: "**not met**", None: "not measured"}[outcome.met]


def goals(run: Run) -> list[str]:
    """The table of the goals."""
    rows = []
    for each in outcomes(run):
        goal, unit = each.goal, each.goal.unit
        wanted = f"{goal.direction} {goal.bound:g}{unit}"
        measured = "" if each.measured is None else f"{each.measured:.2f}{unit}"
        reach = (
            f"{each.lowest:.2f} to {each.highest:.2f}"
            if each.lowest is not None and each.lowest != each.highest
            else ""
        )
        rows.append((goal.name, goal.against, wanted, measured, reach, verdict(each)))
    return table(("goal", "against", "wanted", "measured", "rounds", ""), rows, 3)


def medians(measurements: Sequence[Measurement]) -> dict[str, float]:
    """The median of each figure over the rounds."""
    return {
        "throughput": median(each.throughput for each in measurements),
        "p50": median(each.p50 for each in measurements),
        "p99": median(each.p99 for each in measurements),
        "cpu": median(each.cpu for each in measurements),
        "mongodb": median(each.mongodb for each in measurements),
    }


def subject(run: Run, case: str) -> str | None:
    """Which of our servers a case was measured on."""
    return next((name for name in OURS if name in run.peers(case)), None)


def case_table(run: Run, case: str, connections: int) -> list[str]:
    """One case under one load: every server, the fastest first, with ours over theirs."""
    found = {peer: medians(of) for peer in run.peers(case) if (of := run.of(case, peer, connections))}
    ours = found.get(subject(run, case) or "")
    rows = []
    for peer, its in sorted(found.items(), key=lambda item: -item[1]["throughput"]):
        against = None if its is ours else ours
        rows.append(
            (
                run.title(peer) if against or not ours else f"**{run.title(peer)}**",
                figure(its["throughput"]),
                times(against["throughput"], its["throughput"]) if against else "",
                milliseconds(its["p50"]),
                milliseconds(its["p99"]),
                figure(its["cpu"]),
                times(against["cpu"], its["cpu"]) if against else "",
                figure(its["mongodb"]),
            )
        )
    head = ("", "requests/s", "ours/theirs", "p50 ms", "p99 ms", "CPU us", "ours/theirs", "MongoDB us")
    return table(head, rows)


def noise(run: Run) -> list[str]:
    """What speaks against the figures; nothing after a quiet run."""
    groups = {(each.case, each.peer, each.connections) for each in run.measurements}
    apart = [
        key for key in sorted(groups) if spread([each.throughput for each in run.of(*key)]) > SPREAD_BOUND
    ]
    foreign = [each for each in run.measurements if each.foreign > FOREIGN_BOUND]
    failed = [each for each in run.measurements if each.errors]
    cores = run.machine.get("cores") or 1
    found = []
    if groups and len(apart) > NOISY_PART * len(groups):
        found.append(
            f"{len(apart)} of {len(groups)} figures vary by more than {SPREAD_BOUND:.0%} between rounds."
        )
    if len(foreign) > NOISY_PART * len(run.measurements):
        found.append(
            f"In {len(foreign)} of {len(run.measurements)} measurements other programs had more than "
            f"{FOREIGN_BOUND:.0%} of the machine."
        )
    load = (run.machine.get("load") or [0.0])[0]
    if load > LOAD_BOUND * cores:
        found.append(f"The load average was {load:.2f} on {cores} cores before the start.")
    if failed:
        worst = max(failed, key=lambda each: each.errors)
        found.append(
            f"{len(failed)} measurements had failed requests, most of them {worst.case} on {worst.peer} at "
            f"{worst.connections} connections: {worst.errors}."
        )
    return found


def machine(run: Run) -> list[str]:
    """What was measured on."""
    about = run.machine
    versions = ", ".join(f"{name} {text}" for name, text in about.get("versions", {}).items())
    return [
        f"- {about.get('processor')}, {about.get('cores')} cores, {about.get('memory_gib')} GiB, "
        f"{about.get('system')}; server, database and load generator share them",
        f"- {versions}",
        f"- {run.options.get('rounds')} rounds of {run.options.get('seconds')} s, order shuffled with "
        f"seed {run.options.get('seed')}; {run.seconds / 60:.0f} minutes in all",
    ]


def markdown(run: Run) -> str:
    """The whole report."""
    warnings = noise(run)
    lines = ["### Goals", "", *goals(run), ""]
    if warnings:
        lines += ["**This machine was too noisy for the figures to be believed:**", ""]
        lines += [*(f"- {line}" for line in warnings), ""]
    lines += ["### Machine", "", *machine(run), ""]
    for case in (name for name in CASES if run.peers(name)):
        lines += [f"### {run.title(case)}", ""]
        for connections in run.connections(case):
            plural = "connection" if connections == 1 else "connections"
            lines += [f"{connections} {plural}:", "", *case_table(run, case, connections), ""]
    if run.memory:
        rows = [(run.title(peer), figure(kib / 1024)) for peer, kib in run.memory.items()]
        rows.sort(key=lambda row: float(row[1].replace(",", "")))
        lines += ["### Resident memory after the run", "", *table(("", "MiB"), rows), ""]
    if run.ready and run.ready_cpu:
        took, spent = median(run.ready), median(run.ready_cpu)
        lines += ["### Start", "", f"Ready after {took:.2f} s, of which {spent:.2f} s are CPU time.", ""]
    return "\n".join(lines)
