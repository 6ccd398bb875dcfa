"""Servers as processes: started here, ready before they are asked, and ended here, whatever happens."""

import http.client
import os
import shutil
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks.servers import MADE, REPOSITORY, Place, Server
from server.embedded import free_port, tied_to_this

READY_SECONDS = 60.0
STOP_SECONDS = 10.0
POLL = 0.005


class NotReady(Exception):
    """A server that does not answer; the message names its log."""


@dataclass
class Running:
    """A server that answers on a port of 127.0.0.1."""

    server: Server
    process: subprocess.Popen[bytes]
    port: int
    log: Path
    # From the start of the program until it was ready.
    seconds: float = 0.0


def spawn(command: Sequence[str], environ: Mapping[str, str], log: Path) -> subprocess.Popen[bytes]:
    """A program in a session of its own, so that Ctrl-C reaches the harness alone, which ends it in order."""
    # Should the harness be killed, its servers end with it.
    command = [*tied_to_this(), shutil.which(command[0]) or command[0], *command[1:]]
    log.parent.mkdir(parents=True, exist_ok=True)
    with open(log, "wb") as output:
        return subprocess.Popen(
            command,
            env=dict(environ),
            cwd=log.parent,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )


def start(server: Server, environ: Mapping[str, str], log: Path | None = None) -> Running:
    """A server that has been started and need not be ready yet."""
    port = free_port(0)
    at = {"HOST": "127.0.0.1", "PORT": str(port), "PYTHONPATH": str(REPOSITORY)}
    log = log or MADE / "logs" / f"{server.name}.log"
    full = {**os.environ, **environ, **at, "LOG_FILE": str(log.with_suffix(".requests")), **server.environ}
    Path(full["LOG_FILE"]).unlink(missing_ok=True)
    return Running(server, spawn(server.command(Place(port, full)), full, log), port, log)


def wait(running: Running, began: float | None = None) -> None:
    """Returns once a server answers; raises NotReady when it gives up or takes too long."""
    began = time.monotonic() if began is None else began
    while time.monotonic() - began < READY_SECONDS:
        if running.process.poll() is not None:
            break
        if answers(running.port, running.server.ready):
            running.seconds = time.monotonic() - began
            return
        time.sleep(POLL)
    raise NotReady(f"{running.server.title} did not become ready; its log is {running.log}.")


def answers(port: int, path: str) -> bool:
    """Whether a path is answered with success."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", path)
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def stop(running: Sequence[Running]) -> None:
    """Ends servers in order, and by force those that do not end in time."""
    for each in running:
        if each.process.poll() is None:
            each.process.terminate()
    deadline = time.monotonic() + STOP_SECONDS
    for each in running:
        try:
            each.process.wait(max(0.0, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            each.process.kill()
            each.process.wait()


@contextmanager
def serving(servers: Sequence[Server], environ: Mapping[str, str]) -> Iterator[dict[str, Running]]:
    """The servers, all ready, for as long as the block runs."""
    running: list[Running] = []
    try:
        for server in servers:
            running.append(start(server, environ))
            wait(running[-1])
        yield {each.server.name: each for each in running}
    finally:
        stop(running)
