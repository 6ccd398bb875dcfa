"""Plots of a result: `python -m benchmarks.plots FILE FOLDER`, by a Python that has matplotlib.

Imports nothing of this project but what reads a result, so that the Python of the peers can run it.
"""

import json
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import median
from typing import Any

import matplotlib

matplotlib.use("Agg")

from matplotlib import pyplot  # only after the backend is chosen
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from benchmarks.goals import Outcome, outcomes
from benchmarks.results import Measurement, Run

OURS = ("lockstep", "lockstep-full")
OWN, OTHER, DATABASE, MISSED = "#0b6e4f", "#9aa5b1", "#d9b36c", "#b3261e"
MANY = 32
COLUMNS = 2
TICKS = (0.1, 0.25, 0.5, 0.75, 1, 1.5, 2, 3, 5, 10)

# The measurements of one case by server.
Found = dict[str, list[Measurement]]
# One point of a curve, as it is kept.
Point = dict[str, Any]

pyplot.rcParams.update(
    {
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.titlelocation": "left",
        "axes.titleweight": "bold",
        "axes.titlesize": 10,
        "figure.dpi": 110,
        "font.size": 9,
        "svg.fonttype": "none",
    }
)


def save(figure: Figure, folder: Path, name: str) -> None:
    """Keeps a figure as PNG and as SVG."""
    folder.mkdir(parents=True, exist_ok=True)
    for form in ("png", "svg"):
        figure.savefig(folder / f"{name}.{form}", bbox_inches="tight")
    pyplot.close(figure)


def middle(rows: Sequence[Measurement], of: Callable[[Measurement], float]) -> float:
    """The median of a figure over the rounds."""
    return median(of(each) for each in rows)


def cases(run: Run, connections: int) -> list[str]:
    """The cases that were measured under a load, in the order of the run's titles."""
    return [
        case
        for case in run.titles
        if any((each.case, each.connections) == (case, connections) for each in run.measurements)
    ]


def every_case(run: Run, title: str, draw: Callable[[Axes, Found], list[str]]) -> Figure | None:
    """A figure with one panel for each case, as high as it has servers; `draw` names them from below."""
    names = cases(run, MANY)
    if not names:
        return None
    heights = [len(run.peers(name)) for name in names]
    rows = [max(heights[index : index + COLUMNS]) for index in range(0, len(heights), COLUMNS)]
    figure, axes = pyplot.subplots(
        len(rows),
        COLUMNS,
        figsize=(11, sum(0.33 * row + 0.75 for row in rows) + 0.5),
        height_ratios=[0.33 * row + 0.45 for row in rows],
        squeeze=False,
        layout="constrained",
    )
    figure.suptitle(title, x=0.01, ha="left", fontsize=12, fontweight="bold")
    panels = [panel for line in axes for panel in line]
    for panel in panels[len(names) :]:
        panel.set_visible(False)
    for panel, name in zip(panels, names, strict=False):
        panel.set_title(run.title(name))
        found = {peer: of for peer in run.peers(name) if (of := run.of(name, peer, MANY))}
        labels(panel, run, draw(panel, found))
    return figure


def labels(panel: Axes, run: Run, peers: Sequence[str]) -> None:
    """The names of the servers, ours set apart."""
    panel.set_yticks(range(len(peers)), [run.title(peer) for peer in peers])
    for peer, label in zip(peers, panel.get_yticklabels(), strict=True):
        label.set_fontweight("bold" if peer in OURS else "normal")
    panel.tick_params(axis="y", length=0)


def ordered(found: Found, of: Callable[[Measurement], float]) -> list[str]:
    """The servers by the median of a figure."""
    return sorted(found, key=lambda peer: middle(found[peer], of))


def color(peer: str) -> str:
    """The colour of a server."""
    return OWN if peer in OURS else OTHER


def throughput(panel: Axes, found: Found) -> list[str]:
    """Requests a second, with the range of the rounds."""
    peers = ordered(found, lambda each: each.throughput)
    for place, peer in enumerate(peers):
        values = [each.throughput for each in found[peer]]
        panel.barh(place, median(values), color=color(peer), height=0.7)
        panel.plot([min(values), max(values)], [place, place], color="black", linewidth=1)
        panel.text(max(values), place, f"  {median(values):,.0f}", va="center", fontsize=8)
    panel.set_xlim(0, panel.get_xlim()[1] * 1.12)
    return peers


def cpu(panel: Axes, found: Found) -> list[str]:
    """CPU a request: of the server, and of MongoDB beside it."""
    peers = ordered(found, lambda each: -each.cpu)
    for place, peer in enumerate(peers):
        own = middle(found[peer], lambda each: each.cpu)
        database = middle(found[peer], lambda each: each.mongodb)
        panel.barh(place, own, color=color(peer), height=0.7)
        panel.barh(place, database, left=own, color=DATABASE, height=0.7)
        panel.text(own + database, place, f"  {own:,.0f} + {database:,.0f}", va="center", fontsize=8)
    panel.set_xlim(0, panel.get_xlim()[1] * 1.18)
    return peers


def latency(panel: Axes, found: Found) -> list[str]:
    """From p50 to p99."""
    peers = ordered(found, lambda each: -each.p50)
    for place, peer in enumerate(peers):
        low = middle(found[peer], lambda each: each.p50) / 1000
        high = middle(found[peer], lambda each: each.p99) / 1000
        panel.plot([low, high], [place, place], color=color(peer), linewidth=2.5, solid_capstyle="butt")
        panel.plot([low], [place], "o", color=color(peer), markersize=7)
        panel.text(high, place, f"  {low:.3g} to {high:.3g}", va="center", fontsize=8)
    panel.set_xscale("log")
    low, high = panel.get_xlim()
    panel.set_xlim(low, high * (high / low) ** 0.25)
    panel.xaxis.set_major_formatter("{x:g}")
    return peers


FIGURES: dict[str, tuple[str, Callable[[Axes, Found], list[str]]]] = {
    "throughput": (f"Requests a second at {MANY} connections: median, and range of the rounds", throughput),
    "cpu": (f"CPU a request at {MANY} connections, us: the server + MongoDB (yellow)", cpu),
    "latency": (f"Latency at {MANY} connections, ms: from p50 (dot) to p99 (end of the line)", latency),
}


def distance(outcome: Outcome, value: float) -> float:
    """How far a figure is beyond its bound, in the wanted direction; 1 is the bound."""
    bound = outcome.goal.bound
    return value / bound if outcome.goal.direction == "at least" else bound / value


def goals(run: Run, folder: Path) -> None:
    """Every goal that was measured: how far it is met or missed."""
    found = [each for each in outcomes(run) if each.measured]
    if not found:
        return
    figure, panel = pyplot.subplots(figsize=(11, 0.42 * len(found) + 1.2), layout="constrained")
    found.reverse()
    for place, each in enumerate(found):
        shade = OWN if each.met else MISSED
        ends = [distance(each, value) for value in (each.lowest, each.highest) if value]
        panel.plot(ends, [place] * len(ends), color=shade, linewidth=2)
        panel.plot([distance(each, each.measured or 0)], [place], "o", color=shade, markersize=7)
        goal = each.goal
        text = f"{each.measured:.2f}{goal.unit}, wanted {goal.direction} {goal.bound:g}{goal.unit}"
        panel.text(1.01, place, text, va="center", fontsize=8, transform=panel.get_yaxis_transform())
    panel.set_yticks(range(len(found)), [f"{each.goal.name}\nagainst {each.goal.against}" for each in found])
    panel.tick_params(axis="y", length=0, labelsize=7.5)
    panel.axvline(1, color="black", linewidth=1)
    panel.set_xscale("log")
    low, high = panel.get_xlim()
    panel.set_xlim(min(low, 0.5), max(high, 2.0))
    low, high = panel.get_xlim()
    ticks = [tick for tick in TICKS if low <= tick <= high]
    panel.set_xticks(ticks, [f"{tick:g}" for tick in ticks])
    panel.minorticks_off()
    panel.set_xlabel("measured over wanted, turned so that right of 1 is met; the line spans the rounds")
    panel.set_title("Goals")
    save(figure, folder, "goals")


def curve(panel: Axes, points: Sequence[Point], of: Callable[[Point], float], scale: str = "linear") -> None:
    """One line for each server and each thing that was measured."""
    things = sorted({point["what"] for point in points})
    for server, what in sorted({(point["server"], point["what"]) for point in points}):
        own = [point for point in points if (point["server"], point["what"]) == (server, what)]
        panel.plot(
            [point["size"] for point in own],
            [of(point) for point in own],
            marker="o",
            color=OWN if server == "Lockstep" else OTHER,
            linestyle="-" if what == things[0] else "--",
            label=f"{server}, {what}",
        )
    panel.set_xscale("log")
    panel.set_yscale(scale)
    if scale == "linear":
        panel.set_ylim(bottom=0)
    for axis in (panel.xaxis, panel.yaxis):
        axis.set_major_formatter("{x:,g}")
    panel.grid(axis="y", color="#e5e8ec")
    if len(panel.lines) > 1:
        panel.legend(frameon=False, fontsize=8)


def curves(kept: dict[str, Any], folder: Path) -> None:
    """The cost curves: rows, documents, endpoints."""
    for name, label in (("rows", "rows of an answer"), ("documents", "documents of a collection")):
        points = kept[name]
        scale = "log" if name == "rows" else "linear"
        figure, (left, middle, right) = pyplot.subplots(1, 3, figsize=(13, 3.8), layout="constrained")
        curve(left, points, lambda point: point["p50"] / 1000, scale)
        left.set_title("p50 of one connection, ms")
        curve(middle, points, lambda point: point["cpu"], scale)
        middle.set_title(f"CPU of the server a request at {MANY} connections, us")
        curve(right, points, lambda point: point["peak"] / 1024)
        right.set_title("peak of resident memory, MiB")
        for panel in (left, middle, right):
            panel.set_xlabel(label)
        save(figure, folder, f"curve-{name}")
    points = kept["endpoints"]
    figure, (left, middle, right) = pyplot.subplots(1, 3, figsize=(13, 3.8), layout="constrained")
    curve(left, points, lambda point: point["ready"])
    left.set_title("start until ready, s")
    curve(middle, points, lambda point: point["cpu"])
    middle.set_title("CPU to find and refuse a request, us")
    curve(right, points, lambda point: point["before"] / 1024)
    right.set_title("resident memory when ready, MiB")
    for panel in (left, middle, right):
        panel.set_xlabel("endpoints of the contract")
    save(figure, folder, "curve-endpoints")


def main(file: Path, folder: Path) -> None:
    """Draws what a file holds."""
    kept = json.loads(file.read_text(encoding="utf-8"))
    if str(kept.get("format", "")).startswith("curves"):
        return curves(kept, folder)
    run = Run.read(file)
    for name, (title, draw) in FIGURES.items():
        figure = every_case(run, title, draw)
        if figure is not None:
            save(figure, folder, name)
    goals(run, folder)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
