"""Servers in processes of their own: each prints its port, then goes back to a start state on command."""

import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).parents[2]


class Failed(Exception):
    """A server process that ended or spoke out of turn; the message has what it said last."""


class Server:
    """A running server process: its port, and the way back to a start state."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self._process = process
        self.port = int(self._line())

    def reset(self, state: str = "start") -> None:
        """Forget what happened since the start state; returns when the server is there."""
        assert self._process.stdin is not None
        self._process.stdin.write(f"{state}\n")
        self._process.stdin.flush()
        if (line := self._line()) != "ready":
            raise Failed(f"A server asked to reset said {line!r}.")

    def _line(self) -> str:
        assert self._process.stdout is not None
        line = self._process.stdout.readline().strip()
        if not line:
            raise Failed(f"{self._process.args!r} ended with {self._process.wait(10)}.")
        return line


@contextmanager
def running(module: str, *arguments: str, environ: Mapping[str, str] | None = None) -> Iterator[Server]:
    """The module as a server process."""
    with started([sys.executable, "-m", module, *arguments], environ) as server:
        yield server


@contextmanager
def started(command: Sequence[str], environ: Mapping[str, str] | None = None) -> Iterator[Server]:
    """The command as a server process; it is ended by the end of its input, or killed when it will not."""
    process = subprocess.Popen(
        command,
        cwd=ROOT,
        env=environ,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        yield Server(process)
    finally:
        assert process.stdin is not None and process.stdout is not None
        process.stdin.close()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        process.stdout.close()


@contextmanager
def flask(rows: Path, secret: str) -> Iterator[Server]:
    """The old Mandarin server on Flask."""
    with running("tests.old_servers.flask_mandarin", "--rows", str(rows), "--secret", secret) as server:
        yield server


@contextmanager
def lockstep(
    rows: Path, secret: str, mongodb: str, redis: str, surface: str = "mandarin"
) -> Iterator[Server]:
    """This server, on a scratch database, for the clients of one surface."""
    arguments = ("--rows", str(rows), "--secret", secret, "--mongodb", mongodb, "--redis", redis)
    own = ("--surface", surface)
    with running("tests.old_servers.lockstep_server", *arguments, *own) as server:
        yield server


@contextmanager
def express(variant: str, folder: Path) -> Iterator[Server]:
    """A server on the libraries of the old Node servers, which are in a folder."""
    script = ROOT / "tests" / "old_servers" / "express" / "wire.js"
    with started(["node", str(script), variant, str(folder)]) as server:
        yield server


@contextmanager
def in_express(variant: str) -> Iterator[Server]:
    """Ours in the dialect express, with the same routes."""
    with running("tests.old_servers.express.wire_server", variant) as server:
        yield server


@contextmanager
def gateway(rows: Path, secret: str, folder: Path) -> Iterator[Server]:
    """The old gateway on its own libraries, which are in a folder."""
    script = ROOT / "tests" / "old_servers" / "express" / "gateway.js"
    with started(["node", str(script), str(folder), str(rows), secret]) as server:
        yield server
