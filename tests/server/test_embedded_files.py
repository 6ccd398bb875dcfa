"""The embedded S3 has one owner for a data folder, keeps what it is given, and ends with who started it."""

import asyncio
import os
import signal
import stat
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest

from models import blobs
from models.blobs import Place
from server import embedded_files, file_store
from server.embedded import works_in
from server.embedded_files import SeaweedFS, files, read_place
from server.file_store import keeping
from server.settings import BadSetting, Settings
from tests.models.filed import keys, one


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data=tmp_path / "données", environ=os.environ)


def ready(place: Place) -> None:
    SeaweedFS().prepare(int(str(place.endpoint).rpartition(":")[2]))


async def write(place: Place, key: str) -> None:
    blobs.connect(place)
    await blobs.make_bucket()
    await blobs.put(key, one(b"kept"), limit=100)


async def test_what_it_was_given_is_there_after_a_restart(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    # It is killed in the end, sooner or later.
    monkeypatch.setattr(embedded_files, "PATIENCE", 0.2)
    with files(settings) as place:
        assert place is not None
        ready(place)
        await write(place, "files/x")
    folder = settings.data / "s3"
    assert not works_in(int((folder / "weed.pid").read_text()), folder)
    with files(settings) as again:
        assert again == place
        ready(place)
        assert await keys() == {"files/x"}
    blobs.connect(None)


@pytest.mark.parametrize("sent", [signal.SIGTERM, signal.SIGKILL])
def test_it_ends_with_a_server_that_ends_while_it_starts(sent: signal.Signals, tmp_path: Path) -> None:
    program = (
        "import os, sys, time; from pathlib import Path; from server.embedded_files import files;"
        "from server.settings import Settings\n"
        "settings = Settings(data=Path(sys.argv[1]), environ=os.environ)\n"
        "with files(settings): print('begun', flush=True); time.sleep(60)"
    )
    with subprocess.Popen([sys.executable, "-c", program, str(tmp_path)], stdout=subprocess.PIPE) as owner:
        assert owner.stdout is not None and owner.stdout.readline() == b"begun\n"
        pid = int((tmp_path / "s3" / "weed.pid").read_text())
        assert works_in(pid, tmp_path / "s3")
        owner.send_signal(sent)
    patience = time.monotonic() + 5
    while works_in(pid, tmp_path / "s3") and time.monotonic() < patience:
        time.sleep(0.02)
    assert not works_in(pid, tmp_path / "s3")


async def test_another_process_of_the_folder_joins_it(settings: Settings) -> None:
    with files(settings) as place, files(settings) as joined:
        assert joined == place


async def test_its_keys_are_its_owner_s_alone(settings: Settings) -> None:
    with files(settings) as place:
        assert place is not None
        for name in ("place.json", "identities.json"):
            assert stat.S_IMODE((settings.data / "s3" / name).stat().st_mode) == 0o600
        assert place.secret_key not in repr(place)


async def test_it_does_not_wait_for_others_before_it_begins_again() -> None:
    assert "-master.electionTimeout=1s" in SeaweedFS().arguments(Path("/tmp"), 8333)


async def test_it_listens_on_this_machine_and_tells_nobody() -> None:
    said = SeaweedFS().arguments(Path("/tmp"), 8333)
    for option in ("-ip.bind=127.0.0.1", "-master.telemetry=false", "-s3.port.iceberg=0", "-s3.port.lance=0"):
        assert option in said


def test_an_s3_of_ones_own_is_taken_as_it_is(settings: Settings) -> None:
    own = Place("x", "k", "s", endpoint="http://s3.test")
    with files(replace(settings, files=own)) as place:
        assert place is own
    assert not settings.data.exists()


def test_without_the_program_all_else_works(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    chosen = replace(settings, environ={"LOCKSTEP_WEED": "/no/such/program"})
    with files(chosen) as place:
        assert place is None
    monkeypatch.setattr(embedded_files, "PATIENCE", 0.05)
    (settings.data / "s3" / "place.json").write_text("{")
    assert read_place(settings.data / "s3") is None
    assert embedded_files.joined(settings.data / "s3") is None


async def test_a_server_tries_for_a_while_and_says_that_nothing_answers(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(file_store, "PAUSES", (0, 0.01))
    async with keeping(Place("x", "k", "s", endpoint="http://127.0.0.1:9"), "d"):
        assert blobs.is_connected()
        assert await file_store.made() is False
    async with keeping(None, "d"):
        assert not blobs.is_connected()
    async with keeping(Place("x", "k", "s", volatile=True), "d"):
        await asyncio.sleep(0)
        assert await file_store.made() is True
    blobs.connect(None)


def test_the_environment_names_a_place() -> None:
    environ = {"AWS_S3_BUCKET": "b", "AWS_ACCESS_KEY_ID": "k", "AWS_SECRET_ACCESS_KEY": "s"}
    assert Settings.from_env(environ).files == Place("b", "k", "s")
    more = {
        "AWS_ENDPOINT_URL": "http://s3:1",
        "AWS_REGION": "eu-1",
        "AWS_S3_PUBLIC_URL": "https://files.test",
    }
    place = Settings.from_env({**environ, **more}).files
    assert place == Place("b", "k", "s", "eu-1", "http://s3:1", "https://files.test")
    assert (place.url("x"), place.url("x", public=True)) == ("http://s3:1/b/x", "https://files.test/b/x")
    old = {"S3_BUCKET": "b", "S3_ENDPOINT": "http://s3:1", "AWS_DEFAULT_REGION": "eu-1"}
    assert Settings.from_env({**environ, "AWS_S3_BUCKET": "", **old}).files == Place(
        "b", "k", "s", "eu-1", "http://s3:1"
    )
    assert Place("b", "k", "s").url("x") == "https://b.s3.us-east-1.amazonaws.com/x"
    assert Settings.from_env({"AWS_ACCESS_KEY_ID": "k", "AWS_SECRET_ACCESS_KEY": "s"}).files is None
    for wrong in ({"AWS_S3_BUCKET": "b"}, {"AWS_ENDPOINT_URL": "http://s3:1"}):
        with pytest.raises(BadSetting, match="AWS_"):
            Settings.from_env(wrong)


def test_the_environment_sets_limits() -> None:
    chosen = Settings.from_env({"LOCKSTEP_MAX_FILE_BYTES": "5", "LOCKSTEP_FILE_QUOTA_BYTES": "6"})
    assert (chosen.file_limits.file, chosen.file_limits.quota, chosen.file_limits.files) == (5, 6, 10)
    assert Settings.from_env({"LOCKSTEP_UPLOAD_TIMEOUT": "7"}).upload_timeout == 7
