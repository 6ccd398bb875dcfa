"""A MongoDB and a Valkey that live in the data folder, started from packages where no other is set."""

import errno
import fcntl
import json
import os
import signal
import socket
import subprocess  # nosec B404  # starts the two programs, without a shell
import sys
import time
from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import IO, NoReturn

from server.embedded_programs import READY_SECONDS, CannotStart, MongoDB, Program, Valkey
from server.settings import Settings

STOP_SECONDS = 20.0
PROGRAMS: tuple[Program, ...] = (MongoDB(), Valkey())

# Asks Linux to end the program with the thread that starts it, then becomes the program. A preexec_fn
# would run Python between fork and exec, which may deadlock beside other threads.
TIED_TO_PARENT = """
import ctypes, os, sys
PR_SET_PDEATHSIG = 1
ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, int(sys.argv[2]))
if os.getppid() == int(sys.argv[1]):
    os.execv(sys.argv[3], sys.argv[3:])
"""


class AlreadyRunning(CannotStart):
    """A data folder that another process uses; the message names the folder, the process and the way out."""


@dataclass(frozen=True)
class Services:
    """Where MongoDB and Valkey answer; `embedded` when at least one of them lives in the data folder."""

    mongodb_uri: str
    redis_url: str
    embedded: bool


@dataclass(frozen=True)
class Child:
    """A program that this process started."""

    program: Program
    process: subprocess.Popen[bytes]
    port: int


@contextmanager
def services(settings: Settings, *, exclusive: bool) -> Iterator[Services]:
    """MongoDB and Valkey for as long as the block runs: those of the settings, otherwise embedded ones.

    Exclusive use raises AlreadyRunning where the data folder is in use; shared use joins what runs there.
    Call it from the main thread: embedded programs end with the thread that started them.
    """
    given = {"mongodb": settings.mongodb_uri, "valkey": settings.redis_url}
    wanted = [program for program in PROGRAMS if not given[program.name]]
    with ExitStack() as stack:
        urls = {name: url for name, url in given.items() if url}
        if wanted:
            data = make_folder(settings.data.resolve())
            urls |= stack.enter_context(embedded(data, wanted, settings.environ, exclusive))
        yield Services(urls["mongodb"], urls["valkey"], embedded=bool(wanted))


@contextmanager
def embedded(
    data: Path, programs: Sequence[Program], environ: Mapping[str, str], exclusive: bool
) -> Generator[dict[str, str]]:
    deadline = time.monotonic() + READY_SECONDS
    with open(data / "lock", "a+") as lock, open(data / "visitors", "a+") as visitors:
        while not take(lock, fcntl.LOCK_EX | fcntl.LOCK_NB):
            if exclusive or time.monotonic() > deadline:
                raise AlreadyRunning(in_use(data))
            # Held until the visit ends; an owner that only passes through waits for it.
            take(visitors, fcntl.LOCK_SH)
            if (urls := running(data, programs)) is not None:
                yield urls
                return
            take(visitors, fcntl.LOCK_UN)
            time.sleep(0.05)
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        children = start_all(data, programs, environ)
        try:
            with orderly_end():
                yield {child.program.name: child.program.url(child.port) for child in children}
        finally:
            try:
                if not exclusive:
                    take(visitors, fcntl.LOCK_EX)
            finally:
                stop_all(children)
                write_record(data, children)


def take(lock: IO[str], how: int) -> bool:
    try:
        fcntl.flock(lock, how)
    except BlockingIOError:
        return False
    return True


@contextmanager
def orderly_end() -> Iterator[None]:
    """Lets SIGTERM end the block like an exit does; by itself it would end the process and nothing else."""

    def leave(number: int, frame: FrameType | None) -> NoReturn:
        raise SystemExit(128 + number)

    before = signal.signal(signal.SIGTERM, leave)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def in_use(data: Path) -> str:
    pid = (data / "lock").read_text() or "unknown"
    return (
        f"Lockstep already runs with the data folder {data} (process {pid}); "
        f"stop that process, or set LOCKSTEP_DATA to another folder."
    )


def make_folder(path: Path) -> Path:
    try:
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not os.access(path, os.W_OK):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
    except OSError as error:
        raise CannotStart(
            f"The data folder {path} cannot be used ({error.strerror}); set LOCKSTEP_DATA to another one."
        ) from error
    return path


def read_record(data: Path) -> dict[str, dict[str, int]]:
    """What services.json says: the port and, while it runs, the process of each program by name."""
    try:
        record = json.loads((data / "services.json").read_text())
    except (FileNotFoundError, ValueError):
        return {}
    return record if isinstance(record, dict) else {}


def write_record(data: Path, children: Sequence[Child]) -> None:
    record = read_record(data)
    for child in children:
        alive = child.process.returncode is None
        record[child.program.name] = {"port": child.port} | ({"pid": child.process.pid} if alive else {})
    partial = data / "services.partial"
    partial.write_text(json.dumps(record, indent=2) + "\n")
    partial.replace(data / "services.json")


def running(data: Path, programs: Sequence[Program]) -> dict[str, str] | None:
    """The addresses of the programs that run in a folder, or None while they do not all answer."""
    record = read_record(data)
    alive = {name for name, row in record.items() if "pid" in row}
    missing = [program for program in programs if program.name not in alive]
    if alive and missing:
        raise CannotStart(
            f"The Lockstep that runs with the data folder {data} has a {missing[0].title} of its own; "
            f"set {missing[0].setting} to the same one."
        )
    rows = [(program, record[program.name]) for program in programs if not missing]
    if missing or any(program.process_id(row["port"]) != row["pid"] for program, row in rows):
        return None
    return {program.name: program.url(row["port"]) for program, row in rows}


def start_all(data: Path, programs: Sequence[Program], environ: Mapping[str, str]) -> list[Child]:
    ports = {name: row.get("port", 0) for name, row in read_record(data).items()}
    (data / "services.json").unlink(missing_ok=True)
    children: list[Child] = []
    try:
        for program in programs:
            binary = program.binary(environ)
            folder = make_folder(data / program.name)
            end_orphan(program, folder)
            for log in folder.glob("*.log.*"):
                log.unlink()  # mongod sets the log of every earlier start aside
            children.append(start(program, binary, folder, ports.get(program.name, 0)))
    except BaseException:
        stop_all(children)
        raise
    write_record(data, children)
    return children


def start(program: Program, binary: Path, folder: Path, port: int) -> Child:
    """The program, ready, on the port it had last time or on another one when that is taken."""
    for _ in range(5):
        child = Child(program, spawn(program, binary, folder, port := free_port(port)), port)
        try:
            if listens(child) and program.process_id(port) == child.process.pid:
                program.prepare(port)
                return child
            # Someone else answers there, so the program is about to give up for want of its port.
            stop_all([child])
        except BaseException:
            stop_all([child])
            raise
        if is_free(port):
            break
    raise CannotStart(failure(program, folder, child.process.returncode))


def tied_to_this(ended_by: signal.Signals = signal.SIGTERM) -> list[str]:
    """What stands before a command whose process is to be ended by a signal when this one is gone."""
    if sys.platform != "linux":
        return []
    return [sys.executable, "-I", "-S", "-c", TIED_TO_PARENT, str(os.getpid()), str(int(ended_by))]


def spawn(program: Program, binary: Path, folder: Path, port: int) -> subprocess.Popen[bytes]:
    command = [*tied_to_this(program.ended_by), str(binary), *program.arguments(folder, port)]
    with open(folder / "output", "wb") as output:
        # A session of its own: Ctrl-C reaches this process only, which then stops the program in order.
        return subprocess.Popen(  # nosec B603  # a list of arguments, no shell
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
            env={**os.environ, **program.environment},
        )


def listens(child: Child) -> bool:
    """Whether the port opens before the program gives up."""
    deadline = time.monotonic() + READY_SECONDS
    while child.process.poll() is None and time.monotonic() < deadline:
        try:
            socket.create_connection(("127.0.0.1", child.port), timeout=1).close()
            return True
        except OSError:
            time.sleep(0.01)
    return False


def failure(program: Program, folder: Path, code: int | None) -> str:
    output = (folder / "output").read_text(errors="replace").strip().splitlines()
    reason = program.exits.get(code or 0)
    if reason is None:
        reason = output[-1] if output else f"exit code {code}, see the log in its folder"
    if "libcurl" in reason:
        reason += " (on Debian: apt-get install libcurl4)"
    return (
        f"{program.title} could not start in {folder}: {reason}. "
        f"Mend that, or set {program.setting} to a server of your own."
    )


def stop_all(children: Sequence[Child], patience: float = STOP_SECONDS) -> None:
    """Ends programs in order, and by force those that do not end in time."""
    for child in children:
        child.process.terminate()
    deadline = time.monotonic() + patience
    for child in children:
        try:
            child.process.wait(max(0.0, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            child.process.kill()
            child.process.wait()


def end_orphan(program: Program, folder: Path) -> None:
    """Ends a program that outlived its owner in this folder; two on the same files would spoil them."""
    try:
        pid = int((folder / program.pid_file).read_text())
    except (FileNotFoundError, ValueError):
        return
    for sent in (signal.SIGTERM, signal.SIGKILL):
        deadline = time.monotonic() + STOP_SECONDS
        if works_in(pid, folder):
            os.kill(pid, sent)
        while works_in(pid, folder) and time.monotonic() < deadline:
            time.sleep(0.02)


def works_in(pid: int, folder: Path) -> bool:
    """Whether a process runs that was told this folder; its number alone may long be another's."""
    if sys.platform == "linux":
        try:
            line = Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ")
        except (FileNotFoundError, ProcessLookupError):
            return False
    else:
        asked = ["/bin/ps", "-ww", "-o", "command=", "-p", str(pid)]
        line = subprocess.run(asked, capture_output=True, check=False).stdout  # nosec B603  # no shell
    return b" " + os.fsencode(folder) + b" " in line


def free_port(preferred: int) -> int:
    """The preferred port if nobody has it, otherwise one that nobody has."""
    if preferred and is_free(preferred):
        return preferred
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def is_free(port: int) -> bool:
    with socket.socket() as probe:
        # As the programs do: a port whose last connections are only fading counts as free.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
