"""Files are kept all or none, within the room of their owner, and nobody touches another's."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from pymongo.asynchronous.database import AsyncDatabase

from models import collaborators, file_pages, file_writes, raw, stored_files, transactions, tree_writes, usage
from models.blobs import Place
from models.errors import Unfit
from models.family_errors import FileMissing, PatternInvalid
from models.file_errors import FileNotFound, FileTypeRefused, QuotaExceeded, TooManyFiles
from models.file_pages import FileOrder, Wanted
from models.file_writes import About
from models.jobs import Job
from models.keys import new_uuid
from models.kinds import Role
from models.resources import Direction
from models.stored_files import Category, FilePrivacy, StoredFile
from models.uploads import FileLimits, discard
from tests.jobs import drain_jobs
from tests.models.filed import NOW, ROOM, came, kept, keys, picture, stored

Database = AsyncDatabase[dict[str, Any]]


async def room(owner: str = "ada") -> tuple[int, int]:
    found = await usage.of(owner, NOW)
    return found["files"], found["bytes"]


async def test_a_file_is_kept_with_what_is_said_of_it(database: Database, store: Place) -> None:
    about = About(
        Category.DOCUMENT, FilePrivacy.PUBLIC, "t1", "Last will", [" a ", "b", "a", ""], ["p"], ["e"]
    )
    row = await stored(await kept(b"%PDF-1.7 x", about=about, name="../will.pdf"))
    assert (row["owner"], row["name"], row["media_type"], row["size"]) == (
        "ada",
        "will.pdf",
        "application/pdf",
        10,
    )
    assert (row["tags"], row["people"], row["events"]) == (["a", "b"], ["p"], ["e"])
    assert (row["category"], row["privacy"], row["tree"]) == ("DOCUMENT", "PUBLIC", "t1")
    assert await keys() == {row["key"]}
    assert await room() == (1, 10)


async def test_several_files_are_kept_all_or_none(database: Database, store: Place) -> None:
    good, bad = await came(), await came(b"<svg onload=x>", "x.png")
    with pytest.raises(FileTypeRefused) as refused:
        await file_writes.keep([good, bad], About(), "ada", NOW, ROOM)
    assert refused.value.details == {"name": "x.png", "type": "image/svg+xml"}
    assert await StoredFile.count() == 0
    await discard([good, bad])
    assert await keys() == set()
    for many, error in (([], FileMissing), ([good] * 11, TooManyFiles)):
        with pytest.raises(error):
            await file_writes.keep(many, About(), "ada", NOW, ROOM)


async def test_a_file_whose_keeping_nobody_was_told_of_stays(
    database: Database, store: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    together = transactions.together

    async def lost(*work: Any) -> None:
        await together(*work)
        raise ConnectionError("the answer to the commit is lost")

    monkeypatch.setattr(transactions, "together", lost)
    upload = await came()
    with pytest.raises(ConnectionError):
        await file_writes.keep([upload], About(), "ada", NOW, ROOM)
    await discard([upload])
    assert (await StoredFile.count(), await keys()) == (1, {upload.key})


async def test_a_file_in_two_places_is_taken_once(database: Database, store: Place) -> None:
    one = await came()
    with pytest.raises(Unfit):
        await file_writes.keep([one, one], About(), "ada", NOW, ROOM)
    assert (one.taken, await StoredFile.count(), await room()) == (False, 0, (0, 0))
    await file_writes.keep([one], About(), "ada", NOW, ROOM)
    with pytest.raises(Unfit):
        await file_writes.keep([one], About(), "ada", NOW, ROOM)
    assert (one.taken, await StoredFile.count(), await room()) == (True, 1, (1, 5))


@pytest.mark.parametrize(
    "about",
    [
        About(tags=["x"] + [str(number) for number in range(100)]),
        About(tags=["x" * 201]),
        About(events=["\0"]),
        About(description="\ud800"),
        About(description="x" * 1001),
        About(tree="x" * 201),
    ],
)
async def test_what_cannot_be_stored_keeps_nothing(database: Database, store: Place, about: About) -> None:
    with pytest.raises(Unfit):
        await kept(about=about)
    assert await StoredFile.count() == 0
    assert await room() == (0, 0)


async def test_the_room_of_an_owner_is_never_exceeded(database: Database, store: Place) -> None:
    limits = FileLimits(quota=25)
    comes = [await came(b"0123456789") for _ in range(6)]
    tries = (file_writes.keep([each], About(), "ada", NOW, limits) for each in comes)
    told = await asyncio.gather(*tries, return_exceptions=True)
    refused = [each for each in told if isinstance(each, QuotaExceeded)]
    assert (len(refused), await room(), await StoredFile.count()) == (4, (2, 20), 2)
    assert refused[0].details == {"limit": 25, "used": 20}
    assert [each.taken for each in comes].count(True) == 2
    # Another owner has room of their own, and one who was given more has more.
    await file_writes.keep([await came(b"0123456789")], About(), "eve", NOW, limits)
    await raw.collection(usage.StorageUsage).update_one({"owner": "ada"}, {"$set": {"quota": 30}})
    await file_writes.keep([await came(b"0123456789")], About(), "ada", NOW, limits)
    await raw.collection(usage.StorageUsage).update_one({"owner": "eve"}, {"$set": {"quota": 0}})
    with pytest.raises(QuotaExceeded) as none:
        await file_writes.keep([await came()], About(), "eve", NOW, limits)
    assert none.value.details == {"limit": 0, "used": 10}


async def test_room_that_was_never_counted_is_counted(database: Database, store: Place) -> None:
    await kept()
    await raw.collection(usage.StorageUsage).delete_many({})
    assert await room() == (1, 5)
    assert await usage.StorageUsage.count() == 0
    await asyncio.gather(*(usage.begin("ada", NOW) for _ in range(5)))
    assert await usage.StorageUsage.count() == 1
    await raw.collection(usage.StorageUsage).update_one({"owner": "ada"}, {"$set": {"bytes": 99}})
    assert await usage.recount("ada", NOW) is True
    assert await room() == (1, 5)
    assert await usage.recount("ada", NOW) is False


async def test_a_deleted_file_gives_its_room_and_its_contents_back(database: Database, store: Place) -> None:
    row = await kept(picture(400, 300))
    await drain_jobs()
    assert len(await keys()) == 3
    await file_writes.delete(row["_id"], "ada", NOW)
    assert await room() == (0, 0)
    await drain_jobs()
    assert await keys() == set()
    with pytest.raises(FileNotFound):
        await file_writes.delete(row["_id"], "ada", NOW)


async def test_what_was_never_counted_gives_no_room(database: Database, store: Place) -> None:
    await usage.begin("ada", NOW)
    row = await kept()
    # As an import leaves it, which comes after the count.
    await raw.collection(usage.StorageUsage).update_one({"owner": "ada"}, {"$set": {"files": 0, "bytes": 0}})
    await file_writes.delete(row["_id"], "ada", NOW)
    assert await room() == (0, 0)


async def test_nobody_reaches_another_s_file(database: Database, store: Place) -> None:
    row = await kept()
    for key in (row["_id"], row["uuid"], new_uuid(), None):
        for trial in (
            stored_files.get(key, "eve"),
            file_writes.change(key, {"description": "x"}, "eve", NOW),
            file_writes.link(key, "e1", "eve", NOW, linked=True),
            file_writes.delete(key, "eve", NOW),
            file_writes.hand_out(key, None, "eve", NOW),
        ):
            with pytest.raises(FileNotFound):
                await trial
    assert await stored(row) == row


async def test_what_is_said_of_a_file_is_changed(database: Database, store: Place) -> None:
    row = await kept()
    later = NOW + timedelta(hours=1)
    changes = {"description": "", "tags": ["x ", "x"], "privacy": FilePrivacy.FAMILY, "tree": "t2"}
    changed = await file_writes.change(row["uuid"], changes, "ada", later)
    assert (changed["description"], changed["tags"], changed["tree"]) == (None, ["x"], "t2")
    assert (changed["privacy"], changed["revision"]) == ("FAMILY", 1)
    for linked, events in ((True, ["e1"]), (True, ["e1"]), (False, []), (False, [])):
        found = await file_writes.link(row["_id"], "e1", "ada", later, linked=linked)
        assert found["events"] == events
    for event in ("", "\0", "x" * 201):
        with pytest.raises(Unfit):
            await file_writes.link(row["_id"], event, "ada", later, linked=True)


async def test_a_file_belongs_to_a_hundred_events_at_most(database: Database, store: Place) -> None:
    row = await kept(about=About(events=[f"e{number}" for number in range(99)]))

    async def linked(event: str, account: str = "ada", linked: bool = True) -> int:
        return len((await file_writes.link(row["_id"], event, account, NOW, linked=linked))["events"])

    assert await linked("last") == 100
    with pytest.raises(Unfit, match="100 events"):
        await linked("one more")
    with pytest.raises(FileNotFound):
        await linked("one more", "eve")
    assert await linked("last") == 100
    assert await linked("e0", linked=False) == 99
    assert await linked("one more") == 100


async def test_each_address_that_is_handed_out_is_counted(database: Database, store: Place) -> None:
    row = await kept()
    handed = await file_writes.hand_out(row["_id"], "thumb", "ada", NOW)
    assert handed.expires == NOW + timedelta(hours=1)
    assert f"/{row['key']}?" in handed.url
    assert (await stored(row))["downloads"] == 1


async def test_files_are_found_by_what_is_said_of_them(database: Database, store: Place) -> None:
    one = await kept(about=About(Category.DOCUMENT, tags=["a"], tree="t1", events=["e1"]), name="b.txt")
    two = await kept(b"hello!", about=About(tags=["a", "b"], description="Grandma (left)"), name="a.txt")
    await kept(owner="eve")

    async def names(wanted: Wanted, order: FileOrder = FileOrder.NAME, ascending: bool = True) -> list[str]:
        direction = Direction.ASC if ascending else Direction.DESC
        found = await file_pages.page("ada", wanted, 1, 10, order, direction)
        assert found.total == len(found.files)
        return [file["name"] for file in found.files]

    assert await names(Wanted()) == ["a.txt", "b.txt"]
    assert await names(Wanted(), FileOrder.SIZE, ascending=False) == ["a.txt", "b.txt"]
    assert await names(Wanted(tags=["b", "c"])) == ["a.txt"]
    assert await names(Wanted(category=Category.DOCUMENT, tree="t1", event="e1")) == ["b.txt"]
    assert await names(Wanted(search="(LEFT)")) == ["a.txt"]
    assert await names(Wanted(search="^b|left", pattern=True)) == ["a.txt", "b.txt"]
    assert await names(Wanted(privacy=FilePrivacy.PUBLIC)) == []
    for pattern in ("(", "(a+)+b"):
        with pytest.raises(PatternInvalid):
            await names(Wanted(search=pattern, pattern=True))
    assert await file_pages.tags("ada", 10) == [{"tag": "a", "files": 2}, {"tag": "b", "files": 1}]
    assert await stored_files.count("ada") == len([one, two])


async def test_a_picture_is_looked_at_once(database: Database, store: Place) -> None:
    row = await kept(picture(10, 10))
    asked = await raw.collection(Job).find({"kind": "file_picture"}).to_list()
    assert [(job["key"], job["owner"]) for job in asked] == [(str(row["_id"]), "ada")]
    await kept(b"no picture")
    assert await Job.count() == 1


async def test_a_file_is_seen_by_those_its_privacy_names(database: Database, store: Place) -> None:
    tree = (await tree_writes.create({"name": "Moyo"}, "ada", NOW))["_id"]
    await collaborators.add(tree, "bob", Role.VIEWER, "ada", NOW)
    about = {privacy: About(privacy=privacy, tree=str(tree)) for privacy in FilePrivacy}
    rows = {privacy: await kept(about=each) for privacy, each in about.items()}

    async def seen(account: str) -> list[str]:
        found = []
        for privacy, row in rows.items():
            try:
                await stored_files.get(row["_id"], account, ())
                await file_writes.hand_out(row["_id"], None, account, NOW)
            except FileNotFound:
                continue
            found.append(privacy.value)
        return found

    assert await seen("ada") == ["PUBLIC", "FAMILY", "PRIVATE"]
    # Invited is not yet there.
    assert await seen("bob") == ["PUBLIC"]
    await collaborators.accept(tree, "bob", NOW)
    assert await seen("bob") == ["PUBLIC", "FAMILY"]
    assert await seen("eve") == ["PUBLIC"]
    with pytest.raises(FileNotFound):
        await file_writes.change(rows[FilePrivacy.PUBLIC]["_id"], {"description": "x"}, "bob", NOW)
    with pytest.raises(FileNotFound):
        await file_writes.delete(rows[FilePrivacy.FAMILY]["_id"], "bob", NOW)
    strange = await kept(owner="eve", about=about[FilePrivacy.PUBLIC])
    listed = stored_files.of_tree(str(tree), "none", ("ada", "bob"), "bob", True)
    found = {each["_id"] async for each in raw.collection(StoredFile).find(listed)}
    assert found == {rows[FilePrivacy.PUBLIC]["_id"], rows[FilePrivacy.FAMILY]["_id"]}
    assert strange["_id"] not in found
