"""`lockstep serve --workers`: several processes serve as one, and end as one."""

import json
import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import httpx
import pytest
from pymongo.asynchronous.database import AsyncDatabase

from server.embedded import Services
from tests.serving import Process, lockstep

Database = AsyncDatabase[dict[str, Any]]
WORKERS = 2
# The states of a socket, as the system writes them.
ESTABLISHED, LISTENING = "01", "0A"


@pytest.fixture
def environ(services: Services, scratch: Database, tmp_path: Path) -> dict[str, str]:
    return {
        "LOCKSTEP_DATA": str(tmp_path / "data"),
        "MONGODB_URI": services.mongodb_uri,
        "MONGODB_DATABASE": f"{scratch.name}_workers",
        "REDIS_URL": services.redis_url,
    }


@contextmanager
def serving(environ: dict[str, str], log: Path) -> Iterator[Process]:
    """A server with workers that has said that it serves."""
    running = Process(environ, log, lockstep("serve", "--workers", str(WORKERS)))
    try:
        until(lambda: "Lockstep serves on" in log.read_text() or running.popen.poll() is not None)
        assert running.popen.poll() is None, log.read_text()
        yield running
    finally:
        running.stop()


def until(done: Callable[[], bool], seconds: float = 60) -> None:
    patience = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < patience, "it did not happen"
        time.sleep(0.05)


def started(log: Path) -> list[int]:
    """The workers that the log tells of, in their order."""
    lines = [json.loads(line) for line in log.read_text().splitlines() if line.startswith("{")]
    events = [line["event"] for line in lines]
    begun = [event for event in events if event.startswith("Started server process [")]
    return [int(event.partition("[")[2].rstrip("]")) for event in begun]


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def sockets(pid: int, state: str, port: int) -> set[str]:
    """The sockets of a process at a port that are in a state, by number."""
    lines = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    wanted = {f"socket:[{line[9]}]" for line in lines if (line[1][-4:], line[3]) == (f"{port:04X}", state)}
    return wanted & {str(descriptor.readlink()) for descriptor in Path(f"/proc/{pid}/fd").iterdir()}


def counted(address: str) -> float:
    """How many lists of courses were answered, as the metrics tell it."""
    wanted = 'http_requests_total{door="rest",method="GET",operation="mandarin.courses",status="200"'
    text = httpx.get(f"{address}/metrics").text
    return sum(float(line.rpartition(" ")[2]) for line in text.splitlines() if line.startswith(wanted))


async def test_two_workers_serve_as_one(environ: dict[str, str], scratch: Database, tmp_path: Path) -> None:
    log = tmp_path / "log"
    try:
        with serving(environ, log) as server:
            workers = started(log)
            assert len(workers) == WORKERS
            for _ in range(20):
                # Each on a connection of its own, which any worker may take.
                answer = httpx.get(f"{server.address}/api/courses/", headers={"Host": "legacy.test"})
                assert (answer.status_code, len(answer.json()["courses"])) == (200, 4)
            told = {counted(server.address) for _ in range(10)}
            assert told == {20.0}
            server.popen.send_signal(signal.SIGTERM)
            assert server.popen.wait(30) == 0
        text = log.read_text()
        assert text.count("Lockstep serves on") == 1
        assert text.count('"event": "request"') == 20
        assert text.count("Finished server process") == WORKERS
        assert "Traceback" not in text
        assert not any(map(alive, workers))
        users = scratch.client[environ["MONGODB_DATABASE"]]["users"]
        assert await users.count_documents({}) == 2  # the learner and the family of the demo, loaded once
    finally:
        await scratch.client.drop_database(environ["MONGODB_DATABASE"])


def test_workers_share_the_connections_and_no_one_else_does(environ: dict[str, str], tmp_path: Path) -> None:
    log, second = tmp_path / "log", tmp_path / "second"
    with serving(environ, log) as server, ExitStack() as kept:
        for _ in range(64):
            client = kept.enter_context(closing(HTTPConnection("127.0.0.1", server.port, timeout=30)))
            client.request("GET", "/health/live")
            assert client.getresponse().read()
        workers = started(log)
        listening = [sockets(pid, LISTENING, server.port) for pid in workers]
        assert [len(each) for each in listening] == [1, 1] and not listening[0] & listening[1]
        shares = [len(sockets(pid, ESTABLISHED, server.port)) for pid in workers]
        # Chance deals them out; one side below ten would happen once in many millions of runs.
        assert sum(shares) == 64 and min(shares) >= 10
        other = Process(
            {**environ, "PORT": str(server.port)}, second, lockstep("serve", "--workers", str(WORKERS))
        )
        assert other.popen.wait(60) == 3
    assert "Address already in use" in second.read_text()
    assert "Lockstep serves on" not in second.read_text()


async def test_a_worker_that_dies_is_replaced_and_all_go_with_their_parent(
    environ: dict[str, str], scratch: Database, tmp_path: Path
) -> None:
    log = tmp_path / "log"
    try:
        with serving(environ, log) as server:
            first = started(log)
            os.kill(first[0], signal.SIGKILL)
            until(lambda: len(started(log)) == WORKERS + 1)
            until(lambda: log.read_text().count("Application startup complete.") == WORKERS + 1)
            assert httpx.get(f"{server.address}/health/live").status_code == 200
            server.kill()
            until(lambda: not any(map(alive, started(log))))
        assert log.read_text().count("Lockstep serves on") == 1
    finally:
        await scratch.client.drop_database(environ["MONGODB_DATABASE"])


def test_workers_that_cannot_start_end_the_server(environ: dict[str, str], tmp_path: Path) -> None:
    log = tmp_path / "log"
    running = Process(
        {**environ, "MONGODB_URI": "mongodb://127.0.0.1:1/?serverSelectionTimeoutMS=200"},
        log,
        lockstep("serve", "--workers", str(WORKERS)),
    )
    assert running.popen.wait(60) == 3
    assert "Lockstep serves on" not in log.read_text()


def test_what_workers_would_refuse_is_said_once(environ: dict[str, str], tmp_path: Path) -> None:
    log = tmp_path / "log"
    command = lockstep("serve", "--workers", str(WORKERS))
    running = Process({**environ, "LOCKSTEP_HOSTS": "old.test=rails"}, log, command)
    assert running.popen.wait(60) == 1
    text = log.read_text()
    assert text.count("LOCKSTEP_HOSTS: old.test names the surface 'rails'") == 1
    assert "Started server process" not in text
