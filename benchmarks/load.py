"""Load: requests in the words of one server, sent by wrk."""

import json
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.cases import FRESH, Ask
from benchmarks.data import TAKEN
from benchmarks.servers import HERE, Server

SCRIPT = HERE / "wrk.lua"
TIMEOUT = "60s"


@dataclass(frozen=True)
class Sent:
    """What wrk has counted; latency in microseconds."""

    requests: int
    seconds: float
    errors: int
    p50: float
    p99: float


class LoadFailed(Exception):
    """A load that could not be sent; the message is wrk's."""


def headers(server: Server, ask: Ask, case: str, port: int, tokens: Mapping[int, str]) -> dict[str, str]:
    """The headers of a request."""
    named = {"Host": server.hosts.get(case, f"127.0.0.1:{port}"), **server.headers}
    if ask.user is not None:
        named["Authorization"] = f"Bearer {tokens[ask.user]}"
    if ask.body is not None:
        named["Content-Type"] = "application/json"
    return named


def raw(server: Server, ask: Ask, case: str, port: int, tokens: Mapping[int, str]) -> bytes:
    """A request as it goes over the wire."""
    said = server.translate(ask)
    body = (said.body or "").encode()
    named = headers(server, said, case, port, tokens)
    if said.method == "POST":
        named["Content-Length"] = str(len(body))
    lines = [f"{said.method} {said.path} HTTP/1.1", *(f"{name}: {value}" for name, value in named.items())]
    return "\r\n".join([*lines, "", ""]).encode() + body


def write(path: Path, requests: Sequence[bytes]) -> None:
    """The requests as the script reads them: the length in a line, then so many bytes."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with open(path, "wb") as file:
        for request in requests:
            file.write(b"%d\n%s" % (len(request), request))


def send(
    requests: Path, port: int, connections: int, seconds: float, *, start: int = 0, writes: bool = False
) -> Sent:
    """Sends the requests of a file in turn over so many connections for so long."""
    fresh = [FRESH, str(TAKEN + 1)] if writes else []
    # wrk takes whole units only.
    command = ["wrk", "--threads", "1", "--connections", str(connections), "--timeout", TIMEOUT]
    command += [
        "--duration",
        f"{max(1, round(seconds))}s",
        "--script",
        str(SCRIPT),
        f"http://127.0.0.1:{port}",
    ]
    command += ["--", str(requests), str(start), *fresh]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    line = next((line for line in done.stdout.splitlines() if line.startswith("{")), None)
    if line is None:
        raise LoadFailed((done.stderr or done.stdout).strip() or f"wrk ended with {done.returncode}")
    counted: dict[str, Any] = json.loads(line)
    errors = int(counted["errors"]) + int(counted["refused"])
    return Sent(counted["requests"], counted["seconds"], errors, counted["p50"], counted["p99"])
