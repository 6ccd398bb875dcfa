"""The machine: what it is, what runs on it, and how much of its time went to others."""

import os
import platform
import subprocess
from collections.abc import Iterable, Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any

from pymongo import MongoClient
from redis import Redis

PROC = Path("/proc")
TICK = 1.0 / os.sysconf("SC_CLK_TCK")
# Packages whose versions a reader of the figures wants to know.
PACKAGES = (
    "uvicorn",
    "uvloop",
    "starlette",
    "strawberry-graphql",
    "graphql-core",
    "pymongo",
    "beanie",
    "orjson",
)


def cpu_seconds(stat: str) -> float:
    """User and system time out of the text of /proc/PID/stat."""
    # The name of the program stands in parentheses and may hold anything.
    rest = stat.rpartition(")")[2].split()
    return (int(rest[11]) + int(rest[12])) * TICK


def parent_of(stat: str) -> int:
    """The parent out of the text of /proc/PID/stat."""
    return int(stat.rpartition(")")[2].split()[1])


def read_stat(pid: int) -> str | None:
    """The text of /proc/PID/stat; None once the process is gone."""
    try:
        return (PROC / str(pid) / "stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return None


def tree(pid: int) -> list[int]:
    """A process and all that it has started."""
    parents: dict[int, int] = {}
    for entry in PROC.iterdir():
        if entry.name.isdecimal() and (stat := read_stat(int(entry.name))):
            parents[int(entry.name)] = parent_of(stat)
    found = [pid]
    for each in found:
        found += [child for child, parent in parents.items() if parent == each]
    return found


def cpu_of(pids: Iterable[int]) -> dict[int, float]:
    """CPU seconds of each process that still runs."""
    return {pid: cpu_seconds(stat) for pid in pids if (stat := read_stat(pid))}


def resident(pids: Iterable[int]) -> int:
    """Resident memory of processes in KiB."""
    return sum(status_of(pid, "VmRSS") for pid in pids)


def status_of(pid: int, name: str) -> int:
    """A figure of /proc/PID/status in KiB; 0 once the process is gone."""
    try:
        lines = (PROC / str(pid) / "status").read_text().splitlines()
    except (FileNotFoundError, ProcessLookupError):
        return 0
    return next((int(line.split()[1]) for line in lines if line.startswith(f"{name}:")), 0)


def busy_seconds() -> float:
    """CPU seconds that programs have had on the whole machine."""
    user, nice, system = (int(part) for part in (PROC / "stat").read_text().split("\n", 1)[0].split()[1:4])
    return (user + nice + system) * TICK


def process_ids(mongodb_uri: str, redis_url: str) -> dict[str, int]:
    """The processes of MongoDB and Valkey."""
    with MongoClient[dict[str, Any]](mongodb_uri) as client:
        mongodb = int(client.admin.command("serverStatus")["pid"])
    with Redis.from_url(redis_url) as valkey:
        return {"mongodb": mongodb, "valkey": int(valkey.info("server")["process_id"])}


def described(mongodb_uri: str, redis_url: str) -> dict[str, Any]:
    """Processor, cores, memory, load, and the version of everything that is measured."""
    with MongoClient[dict[str, Any]](mongodb_uri) as client:
        mongodb = str(client.server_info()["version"])
    with Redis.from_url(redis_url) as valkey:
        info = valkey.info("server")
    return {
        "processor": processor(),
        "cores": os.cpu_count(),
        "memory_gib": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30, 1),
        "system": platform.platform(terse=True),
        "load": list(os.getloadavg()),
        "versions": {
            "lockstep": version("lockstep"),
            "python": platform.python_version(),
            **{name: version(name) for name in PACKAGES},
            "node": output("node", "--version"),
            "mongodb": mongodb,
            "valkey": str(info.get("valkey_version", info["redis_version"])),
            "wrk": output("wrk", "--version").split(" [")[0].removeprefix("wrk "),
        },
    }


def processor() -> str:
    """The name of the processor."""
    for line in (PROC / "cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()


def output(*command: str) -> str:
    """The first line that a program prints, or nothing where it is not there."""
    try:
        said = subprocess.run(command, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        return ""
    return next(iter((said.stdout or said.stderr).splitlines()), "").strip()


def foreign_share(busy: float, ours: Mapping[str, float], seconds: float, cores: int) -> float:
    """The part of the machine's time that went to programs that are not ours."""
    others = busy - sum(ours.values())
    return max(0.0, others / (seconds * cores)) if seconds else 0.0
