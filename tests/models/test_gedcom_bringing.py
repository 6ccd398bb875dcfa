"""A GEDCOM file is in the tree wholly or not at all, whoever is killed in between."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from unittest.mock import AsyncMock
from zipfile import ZipFile, ZipInfo

import pytest
from bson import ObjectId

from models import blobs, job_kinds, job_work, jobs, people, raw, tree_writes, uploads, usage
from models.blobs import Place
from models.errors import Overloaded, Unfit
from models.family_errors import FileMissing, GedcomRefused, ImportNotFound, TreeForbidden, TreeNotFound
from models.file_errors import StorageAway
from models.gedcom import GedcomVersion, bringing, ending, reports, sending, taking
from models.gedcom.documents import KINDS
from models.gedcom.kept import GedcomRecord
from models.gedcom.packages import unpacked
from models.gedcom.reports import GedcomImport
from models.gedcom.taking import Order, take, undo
from models.keys import Key
from models.people import Person
from models.stored_files import StoredFile
from models.trees import StoredTree
from models.uploads import FileLimits, Upload
from tests.jobs import drain_jobs
from tests.models.family import ADA, BO, NOW, tree_of
from tests.models.gedcoms import FILES, HEAD, lines, nobody_asks

pytestmark = pytest.mark.usefixtures("database")
STORY = (FILES / "story.ged").read_bytes()


@pytest.fixture
def memory() -> Any:
    """A store of files in this process."""
    blobs.connect(Place("gedcom", "a", "b", endpoint="http://127.0.0.1:9", volatile=True))
    yield
    blobs.connect(None)


async def came(content: bytes, name: str = "a.ged") -> Upload:
    """A file that a request brought."""

    async def chunks() -> AsyncIterator[bytes]:
        yield content

    return await uploads.receive(name, "", chunks(), 10**9)


async def keys() -> list[str]:
    """What lies in the store of files."""
    return [key async for some in blobs.listed("") for key, _ in some]


def large(number: int = 3_000) -> bytes:
    """A file for a job."""
    everybody = "".join(
        f"0 @I{at}@ INDI\n1 NAME Somebody {at} /Of a large family/\n2 NOTE {'n' * 60}\n"
        for at in range(number)
    )
    return f"{HEAD}{everybody}1 SOUR @NOBODY@\n0 TRLR\n".encode()


async def count(tree: StoredTree) -> int:
    """How many people a tree has."""
    return await raw.collection(Person).count_documents({"tree_id": tree["_id"]})


async def report_of(key: Key) -> Any:
    """The report of an import as it is now."""
    return await raw.collection(GedcomImport).find_one({"_id": key})


async def test_a_small_file_is_there_with_its_report() -> None:
    tree = await tree_of()
    report = await bringing.bring(tree["_id"], ADA, NOW, text=STORY.decode())
    assert (report["state"], report["people"], report["families"]) == ("DONE", 5, 3)
    assert (report["relationships"], report["events"], report["sources"]) == (8, 4, 1)
    assert (report["version"], report["media"], report["problems"]) == ("5.5.1", 3, [])
    assert await count(tree) == 5
    assert (await reports.get(report["_id"], ADA))["name"] == "text.ged"
    with pytest.raises(TreeForbidden):
        await reports.get(report["_id"], BO)
    with pytest.raises(ImportNotFound):
        await reports.get(ObjectId(), ADA)


async def test_what_is_refused_leaves_nothing(memory: None) -> None:
    tree = await tree_of()
    refused: list[tuple[str, type[Exception], dict[str, Any]]] = [
        (ADA, FileMissing, {}),
        (BO, TreeForbidden, {"text": "0 HEAD"}),
        (ADA, GedcomRefused, {"text": "hello"}),
        (ADA, GedcomRefused, {"text": ""}),
        (ADA, Unfit, {"text": "x" * (bringing.TEXT + 1)}),
        (ADA, GedcomRefused, {"upload": await came(b"PK\x03\x04 no archive")}),
    ]
    for account, error, given in refused:
        with pytest.raises(error):
            await bringing.bring(tree["_id"], account, NOW, **given)
    for kind in (*KINDS, GedcomImport):
        assert await raw.collection(kind).count_documents({}) == 0


async def test_a_large_file_is_taken_in_by_a_job(memory: None) -> None:
    tree = await tree_of()
    upload = await came(large())
    report = await bringing.bring(tree["_id"], ADA, NOW, upload)
    assert (report["state"], upload.taken, await count(tree)) == ("WAITING", True, 0)
    assert await drain_jobs() == 1
    job = await jobs.get(report["job_id"], ADA)
    assert (job.state, job.error, job.progress.total) == ("DONE", None, 3001)
    told = await report_of(report["_id"])
    assert (told["state"], told["people"], told["problem_count"], told["line"]) == ("DONE", 3000, 1, 9002)
    assert job.result == {
        "import": str(report["_id"]),
        **{name: told[name] for name in bringing.COUNTS},
    }
    assert told["problems"] == [
        {"line": 9005, "message": "SOUR points to @NOBODY@, which is not in the file."}
    ]
    assert (await count(tree), await keys()) == (3000, [])


async def test_a_file_that_is_none_ends_its_job(memory: None) -> None:
    tree = await tree_of()
    report = await bringing.bring(tree["_id"], ADA, NOW, await came(b"\n" * bringing.AT_ONCE + b"0 HEAD"))
    await drain_jobs()
    job, told = await jobs.get(report["job_id"], ADA), await report_of(report["_id"])
    assert (job.state, job.code, told["state"]) == ("DEAD", "GEDCOM_REFUSED", "REFUSED")
    assert told["error"] == job.error and await keys() == []


@pytest.mark.parametrize("error", [ConnectionError(), StorageAway(), Overloaded()])
async def test_an_import_that_was_cut_off_goes_on_and_is_there_once(
    memory: None, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    tree = await tree_of()
    report = await bringing.bring(tree["_id"], ADA, NOW, await came(large()))
    stored, real = 0, reports.reached

    async def cut(id: ObjectId, line: int) -> None:
        nonlocal stored
        stored += 1
        if stored == 3:
            raise error
        await real(id, line)

    monkeypatch.setattr(reports, "reached", cut)
    await drain_jobs()
    assert await count(tree) == 1499 and (await report_of(report["_id"]))["state"] == "RUNNING"
    later = NOW.replace(year=2100)
    assert await drain_jobs(now=later) == 1
    assert (await count(tree), (await report_of(report["_id"]))["state"]) == (3000, "DONE")


async def test_a_tree_that_is_deleted_meanwhile_keeps_nothing(
    memory: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    tree = await tree_of()
    report = await bringing.bring(tree["_id"], ADA, NOW, await came(large()))
    real = reports.reached

    async def gone(id: ObjectId, line: int) -> None:
        await real(id, line)
        if line > 3000:
            await tree_writes.delete(tree["_id"], ADA)

    monkeypatch.setattr(reports, "reached", gone)
    await drain_jobs()
    assert (await jobs.get(report["job_id"], ADA)).code == "TREE_NOT_FOUND"
    assert await count(tree) == 0


async def test_a_cancelled_import_is_taken_back(memory: None, monkeypatch: pytest.MonkeyPatch) -> None:
    tree = await tree_of()
    report = await bringing.bring(tree["_id"], ADA, NOW, await came(large()))
    real = reports.reached

    async def cancelling(id: ObjectId, line: int) -> None:
        await real(id, line)
        monkeypatch.setattr(reports, "reached", real)
        await jobs.cancel(report["job_id"], ADA, NOW)

    monkeypatch.setattr(reports, "reached", cancelling)
    monkeypatch.setattr("models.job_kinds.SELDOM", 0.0)
    await drain_jobs()
    assert (await count(tree), (await report_of(report["_id"]))["state"], await keys()) == (
        0,
        "CANCELLED",
        [],
    )


async def test_one_that_is_cancelled_before_it_began_is_over(memory: None) -> None:
    tree = await tree_of()
    report = await bringing.bring(tree["_id"], ADA, NOW, await came(large()))
    assert (await ending.get(report["_id"], ADA, NOW))["state"] == "WAITING"
    await jobs.cancel(report["job_id"], ADA, NOW)
    told = await ending.get(report["_id"], ADA, NOW)
    assert (told["state"], told["finished_at"] is None, await keys()) == ("CANCELLED", False, [])
    assert await report_of(report["_id"]) == told


async def test_one_whose_workers_were_all_killed_is_taken_back(
    memory: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    tree = await tree_of()
    report = await bringing.bring(tree["_id"], ADA, NOW, await came(large()))
    monkeypatch.setattr("models.gedcom.taking.COMMAND", 100)
    monkeypatch.setattr(reports, "reached", AsyncMock(side_effect=ConnectionError))
    await drain_jobs()
    assert 0 < await count(tree) < 3000
    dead = {"$set": {"state": "DEAD", "lease": None}}
    await raw.collection(jobs.Job).update_one({"_id": report["job_id"]}, dead)
    await jobs.ask(ending.END, {})
    await drain_jobs()
    told = await report_of(report["_id"])
    assert (told["state"], told["error"], await count(tree), await keys()) == (
        "REFUSED",
        ending.FAILED,
        0,
        [],
    )


async def test_who_comes_late_does_not_begin_again_what_is_over() -> None:
    tree = await tree_of()
    report = await bringing.bring(tree["_id"], ADA, NOW, text=STORY.decode())
    await reports.reached(report["_id"], 7)
    assert await report_of(report["_id"]) == report


async def test_a_small_file_for_a_tree_that_goes_meanwhile_leaves_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    tree = await tree_of()
    real = taking.take_at_once

    async def late(*given: Any) -> Any:
        await tree_writes.delete(tree["_id"], ADA)
        return await real(*given)

    monkeypatch.setattr(bringing, "take_at_once", late)
    with pytest.raises(TreeNotFound):
        await bringing.bring(tree["_id"], ADA, NOW, text=STORY.decode())
    for kind in (*KINDS, GedcomImport):
        assert await raw.collection(kind).count_documents({}) == 0


async def test_a_small_file_of_many_things_is_for_a_job(memory: None) -> None:
    tree = await tree_of()
    many = HEAD + "0 INDI\n" * (bringing.FEW + 1) + "0 TRLR\n"
    assert len(many) < bringing.AT_ONCE
    assert (await bringing.bring(tree["_id"], ADA, NOW, await came(many.encode())))["state"] == "WAITING"
    with pytest.raises(Unfit, match="it tells of more than 5000 things; send it as a file"):
        await bringing.bring(tree["_id"], ADA, NOW, text=many)
    assert await count(tree) == 0


def test_large_records_are_stored_a_few_at_a_time(tmp_path: Path) -> None:
    path = tmp_path / "file.ged"
    line = f"2 CONC {'x' * 50_000}\n"
    people = "".join(f"0 @I{at}@ INDI\n1 NOTE a\n{line * 18}" for at in range(12))
    path.write_text(f"{HEAD}{people}0 TRLR\n")
    order = Order(ObjectId(), path, ObjectId(), ADA, NOW)
    assert [batch.records for batch in taking.read(order).batches] == [6, 5, 2]


async def test_taking_a_file_in_twice_by_one_name_is_taking_it_in_once(tmp_path: Path) -> None:
    tree = await tree_of()
    path = tmp_path / "file.ged"
    path.write_bytes(STORY)
    order = Order(ObjectId(), path, tree["_id"], ADA, NOW)
    await take(order, nobody_asks)
    first = [await raw.collection(kind).find().to_list() for kind in KINDS]
    await take(order, nobody_asks)
    assert [await raw.collection(kind).find().to_list() for kind in KINDS] == first
    await undo(order.id)
    assert [await raw.collection(kind).count_documents({}) for kind in KINDS] == [0] * len(KINDS)


async def test_every_document_is_as_the_models_make_them() -> None:
    tree = await tree_of()
    await bringing.bring(tree["_id"], ADA, NOW, text=STORY.decode())
    for kind in KINDS:
        async for form in raw.collection(kind).find({"tree_id": tree["_id"]}):
            model = kind.model_validate(form)
            assert form.keys() == raw.stored_form(model).keys()


async def test_a_package_is_opened_for_its_file(memory: None, tmp_path: Path) -> None:
    tree = await tree_of()
    path = tmp_path / "a.gdz"
    with ZipFile(path, "w") as archive:
        archive.writestr("gedcom.ged", (FILES / "seven.ged").read_bytes())
        archive.writestr("media/ann.jpg", b"picture")
    report = await bringing.bring(tree["_id"], ADA, NOW, await came(path.read_bytes(), "a.gdz"))
    assert (report["version"], report["people"]) == ("7.0", 2)


async def test_a_package_that_is_damaged_anywhere_is_refused_or_read(tmp_path: Path) -> None:
    path = tmp_path / "a.gdz"
    with ZipFile(path, "w", 8) as archive:
        archive.writestr("gedcom.ged", STORY)
    content = path.read_bytes()
    refused = 0
    for at in range(4, len(content)):
        path.write_bytes(content[:at] + bytes([content[at] ^ 255]) + content[at + 1 :])
        try:
            unpacked(path)
        except GedcomRefused:
            refused += 1
    assert refused > len(content) // 2


@pytest.mark.parametrize("large", [False, True])
def test_a_package_of_too_many_files_is_refused_unread(tmp_path: Path, large: bool) -> None:
    path = tmp_path / "a.gdz"
    with ZipFile(path, "w") as archive:
        for at in range(60_000 + 10_000 * large):
            archive.writestr(ZipInfo(f"media/{at:030}"), b"")
    with pytest.raises(GedcomRefused, match="This archive holds too many files"):
        unpacked(path)


async def test_a_small_package_of_a_large_file_is_for_a_job(memory: None, tmp_path: Path) -> None:
    tree = await tree_of()
    path = tmp_path / "a.gdz"
    with ZipFile(path, "w", 8) as archive:
        archive.writestr("gedcom.ged", large())
    assert path.stat().st_size < bringing.AT_ONCE
    report = await bringing.bring(tree["_id"], ADA, NOW, await came(path.read_bytes(), "a.gdz"))
    assert report["state"] == "WAITING"
    await drain_jobs()
    assert await count(tree) == 3000


async def test_a_deleted_tree_takes_what_was_kept_of_its_files_along() -> None:
    tree = await tree_of()
    await bringing.bring(tree["_id"], ADA, NOW, text=STORY.decode())
    await tree_writes.delete(tree["_id"], ADA)
    for kind in (GedcomRecord, GedcomImport):
        assert await raw.collection(kind).count_documents({}) == 0


async def test_a_tree_is_written_into_the_files_of_who_asks(memory: None) -> None:
    tree = await tree_of(name="Moyo 🌳")
    await bringing.bring(tree["_id"], ADA, NOW, text=STORY.decode())
    job = await sending.ask(tree["_id"], GedcomVersion.V7_0, ADA, NOW, FileLimits())
    assert await drain_jobs() == 1
    done = await jobs.get(job.id, ADA)
    assert (done.state, done.error) == ("DONE", None)
    (file,) = await raw.collection(StoredFile).find().to_list()
    assert (file["name"], file["owner"], file["tree"]) == ("Moyo _.ged", ADA, str(tree["_id"]))
    content = b"".join([chunk async for chunk in blobs.read(file["key"])]).decode()
    assert content.splitlines() == await lines(tree, GedcomVersion.V7_0)
    with pytest.raises(TreeForbidden):
        await sending.ask(tree["_id"], GedcomVersion.V7_0, BO, NOW, FileLimits())


async def test_an_attempt_that_is_late_leaves_the_file_of_the_one_that_ended(
    memory: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    tree = await tree_of()
    await bringing.bring(tree["_id"], ADA, NOW, text=STORY.decode())
    job = await sending.ask(tree["_id"], GedcomVersion.V7_0, ADA, NOW, FileLimits())
    begin = usage.begin

    async def overtaken(account: str, now: datetime) -> None:
        monkeypatch.setattr(usage, "begin", begin)
        later = datetime.now(UTC) + timedelta(hours=1)
        assert await job_work.sweep(job_kinds.load(), later) == 1
        assert await drain_jobs(later + timedelta(minutes=1)) == 1

    monkeypatch.setattr(usage, "begin", overtaken)
    assert await drain_jobs() == 1
    (file,) = await raw.collection(StoredFile).find().to_list()
    assert (await jobs.get(job.id, ADA)).state == "DONE"
    assert await keys() == [file["key"]]


async def test_people_of_a_file_are_found_like_others() -> None:
    tree = await tree_of()
    await bringing.bring(tree["_id"], ADA, NOW, text=STORY.decode())
    john = (await people.OF_TREE.load(tree["_id"]))[0]
    assert (await people.get(john["uuid"], ADA))["_id"] == john["_id"]
    assert (john["name"], john["nickname"], john["birth_place"]) == (
        'John "Jack" O\'Brien',
        "Jack",
        "Dublin, Ireland",
    )
