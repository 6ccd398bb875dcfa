"""One measurement: a load on one server, and what it has cost the server, the database and the machine."""

import os
import resource
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from benchmarks import load, machine
from benchmarks.cases import Case
from benchmarks.processes import Running
from benchmarks.results import Measurement

IDLE_SECONDS = 0.04
# A server that waits for the disk has nothing to do and is not done; so it is looked at so often in a row.
LOOKS, LOOKS_AT_WRITES = 1, 8
PATIENCE = 20.0
WARM_UP = 1.0
# A load whose requests are slow lasts until each connection has been answered about so often.
ROUNDS_A_CONNECTION = 4
LONGEST = 12.0
# Writes of a warm-up must not be the writes that are measured.
APART = 2_000_000


@dataclass(frozen=True)
class Bench:
    """What stands around the servers: the programs beside them, and the credentials of the learners."""

    services: Mapping[str, int]
    tokens: Mapping[int, str]
    work: Path

    def requests(self, case: Case, running: Running) -> Path:
        """The file with the requests of a case in the words of a server."""
        path = self.work / f"{case.name}.{running.server.name}"
        if not path.exists():
            asks = case.asks()
            sent = [load.raw(running.server, ask, case.name, running.port, self.tokens) for ask in asks]
            load.write(path, sent)
        return path


@dataclass(frozen=True)
class Clock:
    """CPU seconds at one moment: of the server, of the programs beside it, of this program, of all."""

    at: float
    server: float
    beside: Mapping[str, float]
    own: float
    busy: float

    @classmethod
    def read(cls, running: Running, services: Mapping[str, int]) -> "Clock":
        """The clocks now."""
        beside = machine.cpu_of(services.values())
        children = resource.getrusage(resource.RUSAGE_CHILDREN)
        return cls(
            at=time.monotonic(),
            server=sum(machine.cpu_of(machine.tree(running.process.pid)).values()),
            beside={name: beside.get(pid, 0.0) for name, pid in services.items()},
            own=time.process_time() + children.ru_utime + children.ru_stime,
            busy=machine.busy_seconds(),
        )


def measure(
    bench: Bench, running: Running, case: Case, connections: int, round: int, seconds: float
) -> Measurement:
    """A load on one server; the clocks stop when the server has done what it was asked."""
    requests = bench.requests(case, running)
    looks = LOOKS_AT_WRITES if case.writes else LOOKS
    settle(running, looks)
    before = Clock.read(running, bench.services)
    sent = load.send(requests, running.port, connections, seconds, start=round * 7919, writes=case.writes)
    settle(running, looks)
    after = Clock.read(running, bench.services)
    # When the time is over each connection has one more request on its way, which the server still answers.
    answered = max(1, sent.requests + connections)
    ours = {
        "server": after.server - before.server,
        "own": after.own - before.own,
        **{name: after.beside[name] - before.beside[name] for name in before.beside},
    }
    busy, passed = after.busy - before.busy, after.at - before.at
    return Measurement(
        case=case.name,
        peer=running.server.name,
        connections=connections,
        round=round,
        requests=sent.requests,
        seconds=sent.seconds,
        errors=sent.errors,
        p50=sent.p50,
        p99=sent.p99,
        cpu=ours["server"] / answered * 1e6,
        mongodb=ours.get("mongodb", 0.0) / answered * 1e6,
        foreign=machine.foreign_share(busy, ours, passed, os.cpu_count() or 1),
    )


def warm_up(bench: Bench, running: Running, case: Case, connections: int) -> float:
    """Loads a server for a moment; how many requests a second it can take, about."""
    requests = bench.requests(case, running)
    sent = load.send(requests, running.port, connections, WARM_UP, start=APART, writes=case.writes)
    settle(running, LOOKS_AT_WRITES if case.writes else LOOKS)
    return (sent.requests + connections / 2) / (sent.seconds or WARM_UP)


def long_enough(seconds: float, rate: float, connections: int) -> float:
    """How long a load lasts, so that a slow server is not judged by its first answers alone."""
    return min(max(seconds, ROUNDS_A_CONNECTION * connections / rate), max(seconds, LONGEST))


def settle(running: Running, looks: int = LOOKS) -> None:
    """Waits until a server has nothing left to do, so often as it is looked at."""
    deadline = time.monotonic() + PATIENCE
    pids = machine.tree(running.process.pid)
    before, idle = machine.cpu_of(pids), 0
    while idle < looks and time.monotonic() < deadline:
        time.sleep(IDLE_SECONDS)
        now = machine.cpu_of(pids)
        idle = idle + 1 if now == before else 0
        before = now
