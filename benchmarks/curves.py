"""Cost curves: what grows with the rows of an answer, the documents of a collection, and the endpoints."""

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from statistics import median
from typing import Any

from pymongo import MongoClient
from rich.progress import Progress, TaskID

from benchmarks import contracts, data, machine
from benchmarks.cases import Ask, Case, pages
from benchmarks.extras import starts
from benchmarks.measure import Bench, long_enough, measure, settle, warm_up
from benchmarks.processes import Running, serving
from benchmarks.report import figure, milliseconds, table
from benchmarks.results import Measurement, keep
from benchmarks.run import DATABASE, Backing, backing, bench
from benchmarks.servers import LEAN, NODE, Server, lockstep, node

FORMAT = "curves-1"
ROWS = (10, 30, 100, 300, 1_000, 3_000, 10_000)
DOCUMENTS = (1_000, 10_000, 100_000, 1_000_000)
ENDPOINTS = (10, 30, 100, 300, 1_000)
SECONDS = 2
ALONE, TOGETHER = 1, 32
VARIETY = 4_096
# A page of the longest list begins within the first courses.
BEGINNING = 800


@dataclass(frozen=True)
class Point:
    """One server at one size: latency alone, throughput and CPU together, memory before and at its peak."""

    server: str
    what: str
    size: int
    p50: float
    p99: float
    throughput: float
    cpu: float
    mongodb: float
    before: int
    peak: int
    ready: float = 0.0


@dataclass
class Curves:
    """Everything that a run of the curves has found."""

    machine: dict[str, Any] = field(default_factory=dict)
    rows: list[Point] = field(default_factory=list)
    documents: list[Point] = field(default_factory=list)
    endpoints: list[Point] = field(default_factory=list)
    seconds: float = 0.0


@dataclass
class Drawer:
    """Measures points one after the other."""

    databases: Backing
    around: Bench
    progress: Progress
    task: TaskID

    def step(self, text: str) -> None:
        """Moves the progress bar."""
        self.progress.update(self.task, advance=1, description=text)

    @contextmanager
    def served(self, server: Server, database: str = DATABASE) -> Iterator[Running]:
        """A new server, since one that has grown does not shrink again."""
        environ = {**self.databases.environ(), "MONGODB_DATABASE": database}
        with serving([server], environ) as running:
            yield running[server.name]

    def point(self, running: Running, case: Case, size: int, ready: float = 0.0) -> Point:
        """One server at one size."""
        (self.around.work / f"{case.name}.{running.server.name}").unlink(missing_ok=True)
        before = memory(running, "VmRSS")
        rate = warm_up(self.around, running, case, TOGETHER)
        alone = self.load(running, case, ALONE, rate)
        together = self.load(running, case, TOGETHER, rate)
        settle(running)
        return Point(
            server=running.server.title,
            what=case.title,
            size=size,
            p50=alone.p50,
            p99=alone.p99,
            throughput=together.throughput,
            cpu=together.cpu,
            mongodb=together.mongodb,
            before=before,
            peak=memory(running, "VmHWM"),
            ready=ready,
        )

    def load(self, running: Running, case: Case, connections: int, rate: float) -> Measurement:
        """One load."""
        seconds = long_enough(SECONDS, rate, connections)
        return measure(self.around, running, case, connections, 0, seconds)

    def rows(self, sizes: Sequence[int]) -> Iterator[Point]:
        """The rows of an answer, on this server and on Express."""
        contract = contracts.lists(self.around.work / "rows", sizes)
        for size in sizes:
            name = f"rows-{size}"
            case = plain(name, "a list", pages(f"/rows/{size}", BEGINNING, 5)())
            for server in (ours(contract, (name,), "lean.test"), express(size)):
                with self.served(server) as running:
                    yield self.point(running, case, size)
                self.step(f"{size} rows, {server.title}")

    def documents(self, sizes: Sequence[int]) -> Iterator[Point]:
        """The documents of a collection, on this server and on Express."""
        for size in sizes:
            name = f"lockstep_curve_{size}"
            self.progress.update(self.task, description=f"making {size:,} documents")
            with collection(self.databases.mongodb_uri, name, size):
                for server in (ours(None, ("point", "list"), "lean.test"), express()):
                    with self.served(server, name) as running:
                        for case in (
                            plain("point", "one course", points(size)),
                            plain("list", "20 courses", pages("/courses/", size - 100, 6)()),
                        ):
                            yield self.point(running, case, size)
                    self.step(f"{size} documents, {server.title}")

    def endpoints(self, sizes: Sequence[int]) -> Iterator[Point]:
        """The endpoints of a contract: how long a start takes, and what it costs to find one."""
        for size in sizes:
            folder = self.around.work / f"endpoints-{size}"
            started = starts(self.databases.environ(), folder, size)
            ready = median(each.seconds for each in started)
            server = ours(folder / "openapi.yaml", ("route",), "legacy.test")
            versions = [version for version in range(size) if version * 9 + 3 < size]
            # Refused without a caller: found and judged, and no question to the database.
            asks = [Ask("GET", f"/api/v{version}/auth/me") for version in versions]
            with self.served(server) as running:
                yield self.point(running, plain("route", "found and refused", asks), size, ready)
            self.step(f"{size} endpoints")


def plain(name: str, title: str, asks: Sequence[Ask]) -> Case:
    """A case of these requests."""
    return Case(name, title, lambda: asks, lambda: asks)


def points(size: int) -> list[Ask]:
    """Courses all over the collection."""
    step = max(1, size // VARIETY)
    return [Ask("GET", f"/courses/{number}") for number in range(1, size + 1, step)]


def ours(contract: Path | None, cases: Sequence[str], host: str) -> Server:
    """This server with a contract of its own."""
    environ = {**LEAN, **({"LOCKSTEP_CONTRACT": str(contract)} if contract else {})}
    hosts = dict.fromkeys(cases, host)
    return Server("lockstep", "Lockstep", lockstep(), (), environ=environ, hosts=hosts, ready="/health/ready")


def express(size: int | None = None) -> Server:
    """Express, whose list is as long as it is asked for."""
    server = Server("express", "Express 4", node(NODE / "express.js"), ())
    if size is None:
        return server
    ours, theirs = f"/rows/{size}?", f"/courses/?first={size}&"
    return replace(server, translate=lambda ask: replace(ask, path=ask.path.replace(ours, theirs)))


def memory(running: Running, name: str) -> int:
    """A figure of the memory of a server and its processes in KiB."""
    return sum(machine.status_of(pid, name) for pid in machine.tree(running.process.pid))


@contextmanager
def collection(uri: str, name: str, size: int) -> Iterator[None]:
    """A database with so many courses, dropped afterwards."""
    with MongoClient[data.Document](uri) as client:
        client.drop_database(name)
        try:
            data.write(client[name]["courses"], (data.course(number) for number in range(1, size + 1)))
            data.index(uri, name)
            yield
        finally:
            client.drop_database(name)


def run(environ: Mapping[str, str], progress: Progress, *, quick: bool = False) -> Curves:
    """Measures every curve."""
    began = time.monotonic()
    rows, documents, endpoints = (sizes[:-1:2] if quick else sizes for sizes in (ROWS, DOCUMENTS, ENDPOINTS))
    found = Curves()
    steps = 2 * len(rows) + 2 * len(documents) + len(endpoints)
    task = progress.add_task("starting the databases", total=steps)
    with backing(environ) as databases, bench(databases) as around:
        found.machine = machine.described(databases.mongodb_uri, databases.redis_url)
        data.load(databases.mongodb_uri, DATABASE)
        drawer = Drawer(databases, around, progress, task)
        found.rows = list(drawer.rows(rows))
        found.documents = list(drawer.documents(documents))
        found.endpoints = list(drawer.endpoints(endpoints))
    found.seconds = time.monotonic() - began
    return found


def write(found: Curves, path: Path) -> None:
    """Keeps the curves as JSON."""
    keep(path, {"format": FORMAT, **asdict(found)})


def lines(points: Sequence[Point], size: str) -> list[str]:
    """The table of one curve."""
    head = (
        size,
        "",
        "server",
        "p50 ms",
        "p99 ms",
        "requests/s",
        "CPU us",
        "MongoDB us",
        "MiB before",
        "MiB peak",
    )
    rows = [
        (
            f"{point.size:,}",
            point.what,
            point.server,
            milliseconds(point.p50),
            milliseconds(point.p99),
            figure(point.throughput),
            figure(point.cpu),
            figure(point.mongodb),
            figure(point.before / 1024),
            figure(point.peak / 1024),
        )
        for point in points
    ]
    return table(head, rows, 3)


def markdown(found: Curves) -> str:
    """The tables of the curves."""
    ready = [
        (f"{point.size:,}", f"{point.ready:.2f}", figure(point.before / 1024), figure(point.cpu))
        for point in found.endpoints
    ]
    head = ("endpoints", "s to ready", "MiB when ready", "CPU us to find and refuse")
    text = [
        *("### Rows of an answer", "", *lines(found.rows, "rows"), ""),
        *("### Documents of a collection", "", *lines(found.documents, "documents"), ""),
        *("### Endpoints of a contract", "", *table(head, ready), ""),
        f"Latency is that of one connection, throughput and CPU are those of {TOGETHER}.",
    ]
    return "\n".join(text)
