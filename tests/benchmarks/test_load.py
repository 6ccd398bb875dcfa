"""Requests go over the wire as one server knows them, and writes never repeat themselves."""

import shutil
import socketserver
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from benchmarks import data, load
from benchmarks.cases import CASES, Ask
from benchmarks.measure import long_enough
from benchmarks.processes import NotReady, answers, serving
from benchmarks.servers import SERVERS, Server

needs_wrk = pytest.mark.skipif(shutil.which("wrk") is None, reason="wrk is not installed")


def test_a_request_names_host_and_caller() -> None:
    ask = Ask("GET", "/auth/me", 2)
    assert load.raw(SERVERS["lockstep"], ask, "rest-me", 8000, {2: "two"}) == (
        b"GET /auth/me HTTP/1.1\r\nHost: signed.test\r\nAuthorization: Bearer two\r\n\r\n"
    )
    assert load.raw(SERVERS["express"], ask, "rest-me", 8000, {2: "two"}) == (
        b"GET /auth/me HTTP/1.1\r\nHost: 127.0.0.1:8000\r\nAuthorization: Bearer two\r\n\r\n"
    )


def test_a_body_has_its_length_in_bytes() -> None:
    sent = load.raw(SERVERS["yoga"], Ask("POST", "/graphql", body='"你"'), "graphql-point", 8000, {})
    assert b"Content-Type: application/json\r\nContent-Length: 5\r\n\r\n" in sent


def test_every_case_has_requests_and_comparisons() -> None:
    for case in CASES.values():
        assert case.asks() and case.checks(), case.name
    assert len({ask.path for ask in CASES["rest-point"].asks()}) > 3_000


def test_a_slow_server_is_given_time() -> None:
    assert long_enough(2.0, 1_000.0, 32) == 2.0
    assert long_enough(2.0, 32.0, 32) == 4.0
    assert long_enough(2.0, 1.0, 32) == 12.0


class Recorder(socketserver.ThreadingTCPServer):
    """Answers every request and remembers its first line."""

    allow_reuse_address = True
    daemon_threads = True

    def __init__(self) -> None:
        self.lines: list[str] = []
        super().__init__(("127.0.0.1", 0), Recording)


class Recording(socketserver.StreamRequestHandler):
    """One connection to a Recorder."""

    def handle(self) -> None:
        while line := self.rfile.readline():
            if line.startswith((b"GET", b"POST")):
                assert isinstance(self.server, Recorder)
                self.server.lines.append(line.decode().split()[1])
            if line == b"\r\n":
                self.wfile.write(b"HTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n")


@contextmanager
def recorder() -> Iterator[Recorder]:
    """A Recorder that answers."""
    with Recorder() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()


@needs_wrk
def test_writes_take_one_fresh_course_after_the_other(tmp_path: Path) -> None:
    tokens = dict.fromkeys(range(1, data.USERS + 1), "token")
    asks = CASES["rest-write"].asks()[:3]
    requests = [load.raw(SERVERS["express"], ask, "rest-write", 80, tokens) for ask in asks]
    load.write(tmp_path / "requests", requests)
    with recorder() as server:
        sent = load.send(tmp_path / "requests", server.server_address[1], 1, 1, start=4, writes=True)
    first = data.TAKEN + 2
    # Three learners take a course, then the next one. It begins with the second of them, but wrk looks at
    # one request that it never sends.
    assert server.lines[:6] == [f"/courses/{first + number}/enroll" for number in (0, 1, 1, 1, 2, 2)]
    assert sent.errors == 0
    assert 0 < sent.requests <= len(server.lines)
    assert sent.p50 <= sent.p99


@needs_wrk
def test_a_load_that_nobody_answers_has_failed(tmp_path: Path) -> None:
    load.write(tmp_path / "requests", [b"GET / HTTP/1.1\r\n\r\n"])
    with pytest.raises(load.LoadFailed):
        load.send(tmp_path / "requests", 1, 1, 1)


def test_a_server_is_ready_inside_the_block_and_gone_after_it() -> None:
    with serving([SERVERS["uvicorn"]], {}) as running:
        server = running["uvicorn"]
        assert answers(server.port, "/hello")
        assert server.process.poll() is None
    assert server.process.poll() is not None
    assert not answers(server.port, "/hello")


def test_a_server_that_gives_up_is_told_with_its_log() -> None:
    broken = Server("broken", "A broken server", lambda place: [sys.executable, "-c", "print('no')"], ())
    with pytest.raises(NotReady, match="A broken server did not become ready; its log is .*broken.log"):
        with serving([broken], {}):
            pass
