"""A run: the servers side by side, the same cases in shuffled order, round after round."""

import random
import secrets
import shutil
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from typing import Any

import jwt
from pymongo import MongoClient
from rich.progress import Progress, TaskID

from benchmarks import data, machine
from benchmarks.cases import CASES, Case
from benchmarks.checking import check
from benchmarks.extras import can_have_workers, starts, two_workers
from benchmarks.goals import Load
from benchmarks.measure import Bench, long_enough, measure, warm_up
from benchmarks.processes import Running, serving
from benchmarks.results import Run
from benchmarks.servers import MADE, SERVERS, Server
from server.embedded import services
from server.settings import Settings

DATABASE = "lockstep_bench"
PARSE_DATABASE = "lockstep_bench_parse"
UNKNOWN_USER = 999_999
DAY = 86_400
# The load under which a server is warmed up for a case.
WARM = 32


@dataclass(frozen=True)
class Options:
    """What is measured, and how long."""

    loads: Sequence[Load]
    rounds: int = 5
    seconds: int = 2
    seed: int = 1
    extras: bool = True

    @property
    def cases(self) -> list[Case]:
        """The cases that are measured, in their order."""
        wanted = {case for case, _, _ in self.loads}
        return [case for name, case in CASES.items() if name in wanted]

    @property
    def servers(self) -> list[Server]:
        """The servers that are measured, in their order."""
        wanted = {peer for _, peer, _ in self.loads}
        return [server for name, server in SERVERS.items() if name in wanted]


def loads(
    cases: Sequence[str] = (), peers: Sequence[str] = (), connections: Sequence[int] = ()
) -> list[Load]:
    """Every load there is, or those of some cases, servers and numbers of connections."""
    return [
        (case.name, server.name, number)
        for case in CASES.values()
        for server in SERVERS.values()
        for number in (connections or case.connections)
        if case.name in server.cases
        if (not cases or case.name in cases) and (not peers or server.name in peers)
    ]


@dataclass(frozen=True)
class Backing:
    """The databases that every server uses, and the secrets that it is given."""

    mongodb_uri: str
    redis_url: str
    secret: str

    def environ(self) -> dict[str, str]:
        """The environment of a server."""
        before, _, options = self.mongodb_uri.partition("?")
        address = before.split("//", 1)[1].split("/", 1)[0]
        return {
            "MONGODB_URI": self.mongodb_uri,
            "MONGODB_DATABASE": DATABASE,
            "PARSE_DATABASE_URI": f"mongodb://{address}/{PARSE_DATABASE}?{options}",
            "REDIS_URL": self.redis_url,
            "JWT_SECRET_KEY": self.secret,
            "SECRET_KEY": self.secret,
            "NODE_ENV": "production",
        }

    def tokens(self) -> dict[int, str]:
        """A bearer token for each learner, and one for nobody."""
        expires = int(time.time()) + DAY
        return {
            user: jwt.encode({"sub": str(user), "exp": expires}, self.secret, algorithm="HS256")
            for user in (*range(1, data.USERS + 1), UNKNOWN_USER)
        }

    def tidy(self) -> int:
        """Takes back what measured writes have written."""
        with MongoClient[dict[str, Any]](self.mongodb_uri) as client:
            return data.tidy(client[DATABASE])


@contextmanager
def backing(environ: Mapping[str, str]) -> Iterator[Backing]:
    """MongoDB and Valkey: those of MONGODB_URI and REDIS_URL, otherwise embedded ones."""
    settings = Settings(
        data=MADE / "data",
        mongodb_uri=environ.get("MONGODB_URI") or None,
        redis_url=environ.get("REDIS_URL") or None,
        environ=environ,
    )
    with services(settings, exclusive=True) as running:
        yield Backing(running.mongodb_uri, running.redis_url, secrets.token_urlsafe(48))


@contextmanager
def bench(backing: Backing) -> Iterator[Bench]:
    """What stands around the servers, in a folder that is emptied before."""
    work = MADE / "work"
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True)
    pids = machine.process_ids(backing.mongodb_uri, backing.redis_url)
    yield Bench(pids, backing.tokens(), work)
    shutil.rmtree(work, ignore_errors=True)


@dataclass
class Runner:
    """Measures loads one after the other, and takes back what they have written."""

    backing: Backing
    bench: Bench
    running: Mapping[str, Running]
    options: Options
    progress: Progress
    task: TaskID

    def __post_init__(self) -> None:
        self.rates: dict[Load, float] = {}

    def step(self, text: str) -> None:
        """Moves the progress bar."""
        self.progress.update(self.task, advance=1, description=text)

    def check(self) -> None:
        """Raises Unequal unless every server gives the same answers."""
        for case in self.options.cases:
            of_case = [each for each in self.running.values() if case.name in each.server.cases]
            check(case, of_case, self.bench.tokens, self.backing.tidy)
            self.step(f"same answers: {case.title}")

    def warm_up(self) -> None:
        """Loads every server with each of its cases for a moment."""
        for case, peer in sorted({(case, peer) for case, peer, _ in self.options.loads}):
            rate = warm_up(self.bench, self.running[peer], CASES[case], WARM)
            self.tidy(CASES[case])
            for load in self.options.loads:
                if load[:2] == (case, peer):
                    self.rates[load] = rate
            self.step(f"warming up: {CASES[case].title}, {SERVERS[peer].title}")

    def round(self, number: int, random: random.Random, found: Run) -> None:
        """Measures every load once, in an order of its own."""
        groups: dict[tuple[str, int], list[Load]] = {}
        for load in self.options.loads:
            groups.setdefault((load[0], load[2]), []).append(load)
        # The servers of a case follow each other, so that what they are compared by lies close together.
        order = list(groups.values())
        random.shuffle(order)
        for group in order:
            for load in random.sample(group, len(group)):
                self.measure(load, number, found)

    def measure(self, load: Load, number: int, found: Run) -> None:
        """Measures one load."""
        case, peer, connections = load
        seconds = long_enough(self.options.seconds, self.rates[load], connections)
        of = CASES[case]
        found.measurements.append(measure(self.bench, self.running[peer], of, connections, number, seconds))
        self.tidy(of)
        self.step(f"round {number + 1}: {of.title}, {SERVERS[peer].title}, {connections}")

    def tidy(self, case: Case) -> None:
        """Takes back what a case has written."""
        if case.writes:
            self.backing.tidy()


def steps(options: Options) -> int:
    """How often the progress bar moves."""
    warmed = len({load[:2] for load in options.loads})
    return len(options.cases) + warmed + options.rounds * len(options.loads)


def run(options: Options, environ: Mapping[str, str], progress: Progress) -> Run:
    """Measures everything that is asked for; raises NotReady, Unequal or LoadFailed."""
    began = time.monotonic()
    titles = {each.name: each.title for each in CASES.values()}
    titles |= {each.name: each.title for each in SERVERS.values()}
    found = Run(options={**asdict(options), "loads": len(options.loads)}, titles=titles)
    task = progress.add_task("starting the databases", total=steps(options))
    with backing(environ) as databases, bench(databases) as around:
        found.machine = machine.described(databases.mongodb_uri, databases.redis_url)
        progress.update(task, description="making the data")
        data.load(databases.mongodb_uri, DATABASE)
        progress.update(task, description="starting the servers")
        with serving(options.servers, databases.environ()) as running:
            if "parse" in running:
                data.load_parse(databases.mongodb_uri, PARSE_DATABASE)
            runner = Runner(databases, around, running, options, progress, task)
            runner.check()
            runner.warm_up()
            order = random.Random(options.seed)
            for number in range(options.rounds):
                runner.round(number, order, found)
            found.memory = {name: memory(each) for name, each in running.items()}
        if options.extras:
            extras(found, databases, around, options, progress, task)
    found.seconds = time.monotonic() - began
    return found


def memory(running: Running) -> int:
    """Resident memory of a server and its processes in KiB."""
    return machine.resident(machine.tree(running.process.pid))


def extras(
    found: Run, databases: Backing, around: Bench, options: Options, progress: Progress, task: TaskID
) -> None:
    """Measures what is no case: starts, and two workers against one."""
    environ = databases.environ()
    progress.update(task, description="starts with 130 operations")
    started = starts(environ, around.work / "contract")
    found.ready, found.ready_cpu = ([each.seconds for each in started], [each.cpu for each in started])
    if can_have_workers():
        progress.update(task, description="two workers against one")
        found.workers = two_workers(around, environ, options.rounds, options.seconds)
