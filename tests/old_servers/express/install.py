"""The libraries of the old Node servers, installed once into a folder of their own."""

import fcntl
import hashlib
import os
import shutil
import subprocess
from pathlib import Path

HERE = Path(__file__).parent
FILES = ("package.json", "package-lock.json")
SECONDS = 300


class Absent(Exception):
    """The libraries cannot be had here; the message says why."""


def folder() -> Path:
    """The folder that holds `node_modules`, filled where it is not yet; raises Absent."""
    for program in ("node", "npm"):
        if shutil.which(program) is None:
            raise Absent(f"{program} is not installed")
    home = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    digest = hashlib.sha256(b"".join((HERE / name).read_bytes() for name in FILES)).hexdigest()[:16]
    place = home / "lockstep-tests" / f"express-{digest}"
    place.mkdir(parents=True, exist_ok=True)
    # Test processes beside each other install once.
    with (place / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (place / "done").exists():
            install(place)
            (place / "done").touch()
    return place


def install(place: Path) -> None:
    """Installs the locked versions; raises Absent."""
    for name in FILES:
        shutil.copy(HERE / name, place)
    command = ["npm", "ci", "--no-audit", "--no-fund", "--ignore-scripts", "--loglevel=error"]
    try:
        done = subprocess.run(command, cwd=place, capture_output=True, text=True, timeout=SECONDS)
    except subprocess.TimeoutExpired:
        raise Absent(f"npm ci took longer than {SECONDS} s") from None
    if done.returncode:
        raise Absent(f"npm ci failed: {(done.stderr or done.stdout).strip()[-300:]}")
