"""What is measured beside the cases: two workers against one, and the time a start takes."""

import subprocess
import time
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from benchmarks import contracts, load, machine
from benchmarks.cases import CASES
from benchmarks.measure import Bench, settle, warm_up
from benchmarks.processes import READY_SECONDS, NotReady, Running, serving, start, stop, wait
from benchmarks.results import Workers
from benchmarks.servers import LEAN, REPOSITORY, SURFACES, Place, Server, lockstep, settings

CASE = CASES["rest-point"]
# The kernel deals connections to workers by a hash: of few, one worker would have many more.
CONNECTIONS = 256
OPERATIONS = 130
STARTS = 5
# CPU time is counted in hundredths of a second, so that a short load would be a coarse one.
SECONDS = 3
ANNOUNCEMENT = "Lockstep serves on"
# A process that only watches over the others is no worker.
IDLE_PART = 0.05


class Start(NamedTuple):
    """How long a start took by the clock, and in CPU seconds."""

    seconds: float
    cpu: float


def can_have_workers() -> bool:
    """Whether this version of the server can have more than one worker."""
    command = [*lockstep("--help")(Place(0, {}))]
    said = subprocess.run(command, capture_output=True, text=True, check=False, cwd=REPOSITORY)
    return "--workers" in said.stdout


def subject(workers: int) -> Server:
    """This server with so many workers."""
    arguments = ("--workers", str(workers)) if workers > 1 else ()
    return Server(
        f"lockstep-{workers}",
        f"Lockstep, {workers} workers",
        lockstep(*arguments),
        (CASE.name,),
        environ=LEAN,
        hosts=SURFACES,
        ready="/health/ready",
    )


def two_workers(bench: Bench, environ: Mapping[str, str], rounds: int, seconds: float) -> list[Workers]:
    """One worker and two under the same load, in turn."""
    one, two = subject(1), subject(2)
    with serving([one, two], environ) as running:
        sides = [running[one.name], running[two.name]]
        for side in sides:
            announced(side)
            warm_up(bench, side, CASE, CONNECTIONS)
        found = []
        for round in range(rounds):
            (one_requests, one_cpu), (two_requests, two_cpu) = (
                worked(bench, side, seconds) for side in sides
            )
            found.append(Workers(round, one_requests, one_cpu, two_requests, two_cpu))
        return found


def announced(running: Running) -> None:
    """Waits until all workers serve, which the server says when the last of them does; raises NotReady."""
    deadline = time.monotonic() + READY_SECONDS
    while ANNOUNCEMENT not in running.log.read_text(encoding="utf-8", errors="replace"):
        if time.monotonic() > deadline:
            raise NotReady(f"Not every worker became ready; the log is {running.log}.")
        time.sleep(0.05)


def worked(bench: Bench, running: Running, seconds: float) -> tuple[int, list[float]]:
    """The requests of one load, and the CPU seconds of each worker that answered them."""
    pids = machine.tree(running.process.pid)
    before = machine.cpu_of(pids)
    sent = load.send(bench.requests(CASE, running), running.port, CONNECTIONS, max(seconds, SECONDS))
    settle(running)
    after = machine.cpu_of(pids)
    used = [after[pid] - before[pid] for pid in pids if pid in after and pid in before]
    return sent.requests, [each for each in used if each > IDLE_PART * sum(used)]


def starts(environ: Mapping[str, str], folder: Path, count: int = OPERATIONS) -> list[Start]:
    """Several starts with a contract of so many operations."""
    server = Server(
        f"lockstep-{count}-operations",
        "Lockstep",
        lockstep(),
        (),
        environ=settings(LOCKSTEP_CONTRACT=str(contracts.make(folder, count))),
        ready="/health/ready",
    )
    return [one_start(server, environ) for _ in range(STARTS)]


def one_start(server: Server, environ: Mapping[str, str]) -> Start:
    """From the start of the program until it is ready."""
    began = time.monotonic()
    running = start(server, environ)
    try:
        wait(running, began)
        return Start(running.seconds, sum(machine.cpu_of(machine.tree(running.process.pid)).values()))
    finally:
        stop([running])
