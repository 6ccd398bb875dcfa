"""Installs what the peers need, once for each version of their lock files."""

import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterable
from pathlib import Path

from benchmarks.servers import HERE, MADE, NODE, PARSE, VENV

REQUIREMENTS = HERE / "peers" / "python" / "requirements.txt"
OLDEST_NODE = 20
UV = Path(sys.executable).with_name("uv")

Say = Callable[[str], None]


class CannotInstall(Exception):
    """Something the benchmarks need and cannot get; the message says what, and what to do."""


def install(needs: Iterable[str], say: Say) -> None:
    """Installs wrk, and the packages of the peers that are wanted; raises CannotInstall."""
    wanted = set(needs)
    load_generator(say)
    if wanted & {"node", "parse"}:
        node()
    # The plots are drawn by the packages of the Python peers.
    once("python", REQUIREMENTS, VENV, python, say)
    if "node" in wanted:
        once("node", NODE / "package-lock.json", NODE / "node_modules", lambda: npm(NODE), say)
    if "parse" in wanted:
        once("parse", PARSE / "package-lock.json", PARSE / "node_modules", lambda: npm(PARSE), say)


def once(name: str, lock: Path, result: Path, work: Callable[[], None], say: Say) -> None:
    """Does the work unless it was done for this very lock file and this Python."""
    stamp = MADE / f"{name}.installed"
    digest = hashlib.sha256(lock.read_bytes() + sys.version.encode()).hexdigest()
    if result.is_dir() and stamp.is_file() and stamp.read_text() == digest:
        return
    say(f"Installing the {name} peers (about half a minute)")
    work()
    stamp.parent.mkdir(parents=True, exist_ok=True)
    stamp.write_text(digest)


def load_generator(say: Say) -> None:
    """Has wrk at hand: the Debian package, where this user may install it."""
    if shutil.which("wrk"):
        return
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        raise CannotInstall("wrk is not installed; on Debian: apt-get install wrk (it needs root).")
    say("Installing wrk")
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    run(["apt-get", "-qq", "update"], quiet)
    run(["apt-get", "-qq", "install", "--no-install-recommends", "wrk"], quiet)


def node() -> None:
    """Makes sure that Node and npm are there."""
    if not shutil.which("node") or not shutil.which("npm"):
        raise CannotInstall(f"Node {OLDEST_NODE} with npm is needed for the peers; name others with --peer.")
    said = subprocess.run(["node", "--version"], capture_output=True, text=True, check=True).stdout.strip()
    if int(said.removeprefix("v").split(".")[0]) < OLDEST_NODE:
        raise CannotInstall(f"Node {OLDEST_NODE} or later is needed for the peers; this one is {said}.")


def npm(folder: Path) -> None:
    """Installs the locked packages of a folder."""
    run(["npm", "ci", "--no-audit", "--no-fund", "--prefix", str(folder)], dict(os.environ))


def python() -> None:
    """Makes a virtual environment of their own for the Python peers."""
    folder = VENV.parent
    environ = {**os.environ, "VIRTUAL_ENV": str(folder)}
    # The interpreter itself: a virtual environment of a virtual environment would share its packages.
    base = Path(sys.base_prefix) / "bin" / f"python{sys.version_info.major}.{sys.version_info.minor}"
    if UV.exists():
        run([str(UV), "venv", "--quiet", "--clear", "--python", str(base), str(folder)], environ)
        run([str(UV), "pip", "install", "--quiet", "--require-hashes", "-r", str(REQUIREMENTS)], environ)
        return
    run([str(base), "-m", "venv", "--clear", str(folder)], environ)
    pip = [str(VENV / "python"), "-m", "pip", "install", "--quiet", "--require-hashes"]
    run([*pip, "-r", str(REQUIREMENTS)], environ)


def run(command: list[str], environ: dict[str, str]) -> None:
    """Runs a program; raises CannotInstall with what it said when it fails."""
    done = subprocess.run(
        command, env=environ, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False
    )
    if done.returncode:
        said = "\n".join(done.stdout.strip().splitlines()[-15:])
        raise CannotInstall(f"{' '.join(command)} failed:\n{said}")
