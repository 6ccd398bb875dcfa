"""What is done with files later: pictures are looked at within bounds, and what nobody knows is deleted."""

import asyncio
import io
import json
import resource
import struct
import subprocess
import sys
import zlib
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageOps
from pymongo.asynchronous.database import AsyncDatabase

from models import (
    blobs,
    file_jobs,
    file_writes,
    job_kinds,
    job_runs,
    job_work,
    jobs,
    pictures,
    raw,
    uploads,
    usage,
)
from models.blobs import Place
from models.file_writes import About
from models.jobs import Job, JobState
from tests.jobs import drain_jobs
from tests.models.filed import NOW, came, kept, keys, one, picture, stored

Database = AsyncDatabase[dict[str, Any]]


def huge(width: int, height: int) -> bytes:
    """A PNG of a few bytes that says it is very large: a bomb."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    rows = zlib.compress(b"\0" * 1_000_000, 9)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


async def looked(content: bytes, **about: Any) -> Any:
    """What is stored of a picture after the job."""
    row = await kept(content, about=About(**about))
    await drain_jobs()
    return await stored(row)


async def small(file: Any, name: str) -> Image.Image:
    """A thumbnail as a picture."""
    key = next(each["key"] for each in file["thumbnails"] if each["name"] == name)
    return Image.open(io.BytesIO(await blobs.whole(key, 10**7)))


async def test_a_picture_gets_thumbnails_and_metadata(database: Database, store: Place) -> None:
    told = Image.Exif()
    told[0x010F], told[0x0110], told[0x8825] = "Agfa\0", "Isolette\n", {1: "N"}
    file = await looked(picture(2000, 1000, exif=told))
    sizes = [(each["name"], each["width"], each["height"]) for each in file["thumbnails"]]
    assert sizes == [("thumb", 150, 75), ("small", 300, 150), ("medium", 600, 300), ("large", 1200, 600)]
    assert file["metadata"] == {
        "width": 2000,
        "height": 1000,
        "format": "jpeg",
        "duration": None,
        "exif": {"Make": "Agfa", "Model": "Isolette"},
    }
    shown = await small(file, "small")
    assert (shown.format, shown.size, dict(shown.getexif())) == ("JPEG", (300, 150), {})
    for each in file["thumbnails"]:
        assert len(await blobs.whole(each["key"], 10**7)) == each["size"]


@pytest.mark.parametrize(
    "content",
    [
        picture(500, 400, "PNG", "RGBA"),
        picture(500, 400, "PNG", "LA"),
        picture(500, 400, "PNG", "I;16"),
        picture(500, 400, "GIF", "P"),
        picture(500, 400, "WEBP", "RGBA"),
        picture(500, 400, "TIFF", "CMYK"),
        picture(500, 400, "JPEG", "L"),
    ],
)
async def test_every_kind_of_picture_becomes_jpeg(database: Database, store: Place, content: bytes) -> None:
    file = await looked(content)
    assert [each["name"] for each in file["thumbnails"]] == ["thumb", "small"]
    shown = await small(file, "small")
    assert (shown.format, shown.mode, shown.size) == ("JPEG", "RGB", (300, 240))


async def test_a_picture_is_shown_as_it_was_held(database: Database, store: Place) -> None:
    turned = Image.Exif()
    turned[0x0112] = 6
    file = await looked(picture(400, 200, exif=turned))
    assert (await small(file, "thumb")).size == (75, 150)


@pytest.mark.parametrize("held", range(9))
def test_a_picture_is_turned_as_the_library_turns_it(held: int) -> None:
    turned = Image.Exif()
    turned[0x0112] = held
    whole = Image.effect_noise((8, 5), 50)
    whole.save(written := io.BytesIO(), "PNG", exif=turned)
    told = Image.open(written)
    assert pictures.upright(told).tobytes() == ImageOps.exif_transpose(told).tobytes()


def test_what_a_camera_wrote_oddly_breaks_nothing(tmp_path: Path) -> None:
    # Held on its side; and the maker is a fraction.
    odd = b"Exif\0\0II*\0\x08\0\0\0\x02\0" + b"".join(
        struct.pack("<HHII", *entry) for entry in ((0x010F, 5, 1, 8), (0x0112, 3, 1, 6))
    )
    (tmp_path / "picture").write_bytes(picture(400, 200, exif=odd + b"\0" * 20))
    told = pictures.look(tmp_path / "picture", tmp_path, True)
    assert [(each["width"], each["height"]) for each in told["thumbnails"]] == [(75, 150), (150, 300)]


async def test_nobody_gets_thumbnails_who_wants_none(database: Database, store: Place) -> None:
    file = await looked(picture(400, 200), thumbnails=False)
    assert (file["thumbnails"], file["metadata"]["width"]) == ([], 400)
    tiny = await looked(picture(100, 100))
    assert (tiny["thumbnails"], tiny["problem"]) == ([], None)


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (huge(10_000, 10_000), "The picture has more than 50 million pixels."),
        (huge(2**31 - 1, 2**31 - 1), "The picture has more than 50 million pixels."),
        (huge(7_000, 7_000), "The picture is broken, or of a kind that nobody here can read."),
        (picture(400, 400)[:200], "The picture is broken, or of a kind that nobody here can read."),
        (b"\xff\xd8\xff" + b"x" * 1000, "The picture is broken, or of a kind that nobody here can read."),
        (
            b"GIF89a<script>alert(1)</script>",
            "The picture is broken, or of a kind that nobody here can read.",
        ),
    ],
)
async def test_a_bad_picture_is_bounded_and_said_to_be_one(
    database: Database, store: Place, content: bytes, problem: str
) -> None:
    file = await looked(content)
    assert (file["problem"], file["thumbnails"]) == (problem, [])
    assert await keys() == {file["key"]}
    job = await raw.collection(Job).find_one({"kind": "file_picture"})
    assert job is not None
    assert job["state"] == JobState.DONE


def test_the_process_that_looks_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    limits: dict[int, tuple[int, int]] = {}
    monkeypatch.setattr(resource, "setrlimit", lambda what, most: limits.setdefault(what, most))
    pictures.bounded()
    assert limits[resource.RLIMIT_CPU] == (60, 61)
    assert limits[resource.RLIMIT_AS] == (1_200_000_000, 1_200_000_000)


def test_what_cameras_write_is_plain_text() -> None:
    assert pictures.plain(b"Agfa \xff\0\n") == "Agfa \ufffd"
    assert pictures.plain("x" * 300) == "x" * 200


async def test_a_look_that_breaks_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    script = tmp_path / "script.py"
    monkeypatch.setattr(pictures, "__file__", str(script))
    script.write_text("import os; os.abort()")
    told = await file_jobs.looked_at(tmp_path, thumbnails=True)
    assert told == {"problem": "The picture breaks whoever looks at it."}
    script.write_text("import time; time.sleep(60)")
    monkeypatch.setattr(file_jobs, "SECONDS", 0.2)
    told = await file_jobs.looked_at(tmp_path, thumbnails=True)
    assert told == {"problem": "The picture takes longer than it may."}
    monkeypatch.setattr(file_jobs, "SECONDS", 20)
    # What a machine without memory ends says nothing of the picture.
    for ends in ("raise SystemExit(3)", "import os; os.kill(os.getpid(), 9)"):
        script.write_text(ends)
        with pytest.raises(file_jobs.Broken):
            await file_jobs.looked_at(tmp_path, thumbnails=True)


@pytest.mark.parametrize(("form", "mode", "most"), [("PNG", "RGBA", 500), ("WEBP", "RGBA", 900)])
def test_the_largest_picture_fits_into_its_room(tmp_path: Path, form: str, mode: str, most: int) -> None:
    (tmp_path / "picture").write_bytes(picture(7_000, 7_000, form, mode, method=0, compress_level=1))
    look = [sys.executable, "-I", pictures.__file__, str(tmp_path / "picture"), str(tmp_path), "thumbnails"]
    # Measured from a process that has no other child.
    measure = "import resource, subprocess, sys; print(subprocess.check_output(sys.argv[1:], text=True),"
    measure += " resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1000)"
    said, peak = subprocess.check_output([sys.executable, "-c", measure, *look], text=True).splitlines()
    assert [each["name"] for each in json.loads(said)["thumbnails"]] == ["thumb", "small", "medium", "large"]
    assert int(peak) < most


async def test_few_pictures_are_looked_at_at_once(
    database: Database, store: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = [await kept(picture(40, 30), name=f"{number}.jpg") for number in range(6)]
    look, at_once = file_jobs.looked_at, [0, 0]

    async def counted(folder: Path, *, thumbnails: bool) -> dict[str, Any]:
        at_once[0] += 1
        at_once[1] = max(at_once)
        try:
            return await look(folder, thumbnails=thumbnails)
        finally:
            at_once[0] -= 1

    monkeypatch.setattr(file_jobs, "looked_at", counted)
    runs = [
        await job_runs.claim(job["_id"], str(number), timedelta(minutes=5), datetime.now(UTC))
        for number, job in enumerate(await raw.collection(Job).find({"kind": "file_picture"}).to_list())
    ]
    await asyncio.gather(*(job_work.work(run, job_kinds.load()) for run in runs if run is not None))
    assert (len(runs), at_once) == (len(rows), [0, file_jobs.LOOKS])
    assert [(await stored(row))["metadata"]["width"] for row in rows] == [40] * len(rows)


async def test_done_twice_is_done_once(database: Database, store: Place) -> None:
    row = await kept(picture(400, 300))
    await drain_jobs()
    before, there = await stored(row), await keys()
    await jobs.ask("file_picture", {"file": str(row["_id"]), "thumbnails": True})
    await drain_jobs()
    assert (await stored(row), await keys()) == (before, there)


async def test_a_picture_that_goes_meanwhile_leaves_nothing(
    database: Database, store: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = await kept(picture(400, 300))
    look = file_jobs.looked_at

    async def slow(folder: Path, *, thumbnails: bool) -> dict[str, Any]:
        await file_writes.delete(row["_id"], "ada", NOW)
        return await look(folder, thumbnails=thumbnails)

    monkeypatch.setattr(file_jobs, "looked_at", slow)
    await drain_jobs()
    assert await keys() == set()


async def test_orphans_are_removed_and_nothing_else(database: Database, store: Place) -> None:
    file = await looked(picture(400, 300))
    lost, waiting, done = [(await came()).key for _ in range(3)]
    await jobs.ask("nobody does this", {"key": waiting}, after=datetime.now(UTC) + timedelta(days=9))
    over = await jobs.ask("nobody did this", {"key": done}, after=datetime.now(UTC) + timedelta(days=9))
    await raw.collection(Job).update_one({"_id": over.id}, {"$set": {"state": JobState.DONE}})
    lost_small = f"thumbnails/{uploads.folder()}/lost/thumb.jpg"
    await blobs.put(lost_small, one(b"x"), limit=9)
    before = await keys()
    await jobs.ask("remove_orphans", {})
    await drain_jobs()
    assert await keys() == before
    asked = await jobs.ask("remove_orphans", {"hours": -1})
    await drain_jobs()
    assert before - await keys() == {lost, done, lost_small}
    assert file["key"] in await keys()
    told = await raw.collection(Job).find_one({"_id": asked.id})
    assert told is not None
    assert told["result"] == {"seen": 7, "deleted": 3, "aborted": 0}


async def test_what_another_database_keeps_in_the_bucket_is_no_orphan(
    database: Database, store: Place
) -> None:
    blobs.connect(replace(store, folder="another"))
    upload = await came()
    small = file_jobs.key_of(upload.key, "thumb")
    await blobs.put(small, one(b"x"), limit=9)
    blobs.connect(store)
    await came()
    await jobs.ask("remove_orphans", {"hours": -1})
    await drain_jobs()
    assert await keys() == {upload.key, small}


async def test_usage_is_counted_anew(database: Database, store: Place) -> None:
    await kept()
    await raw.collection(usage.StorageUsage).update_one({"owner": "ada"}, {"$set": {"bytes": 99}})
    asked = await jobs.ask("recount_usage", {})
    await drain_jobs()
    told = await raw.collection(Job).find_one({"_id": asked.id})
    assert told is not None
    assert told["result"] == {"owners": 1, "corrected": 1}


async def test_without_a_store_a_job_waits(database: Database, store: Place) -> None:
    row = await kept(picture(400, 300))
    blobs.connect(None)
    await drain_jobs()
    job = await raw.collection(Job).find_one({"kind": "file_picture"})
    assert job is not None
    assert job["state"] == JobState.FAILED
    blobs.connect(store)
    await drain_jobs(now=datetime.now(UTC) + timedelta(minutes=1))
    assert len((await stored(row))["thumbnails"]) == 2
