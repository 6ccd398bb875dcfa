"""Every migration goes up, down and up again: equal checksums, on demo data and on recorded states."""

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from pymongo.asynchronous.database import AsyncDatabase

import models
from models import accounts, checksums, demo, migrations, reviews, users
from models.checksums import Checksum
from models.imports import import_rows
from models.imports.proof import BOOKS
from models.leases import MOVES, Taken, held
from models.migrations import Failed
from models.migrations._steps import KEPT
from models.passwords import Passwords

Database = AsyncDatabase[dict[str, Any]]
Sums = dict[str, Checksum]

NAMES = ["m0001_accounts.py", "m0002_revisions.py", "m0003_moments.py", "m0004_indexes.py"]
ALL = len(NAMES)
# Of the release before; those of today are beside them.
OLD = {
    "users": {
        "uuid_1": ({"uuid": 1}, {"uuid": {"$type": "string"}}),
        "verification.digest_1": ({"verification.digest": 1}, {"verification.digest": {"$type": "string"}}),
    },
    "family_trees": {"owner_1_opening_1": ({"owner": 1, "opening": 1}, {"opening": {"$type": "number"}})},
}
# What users of the first release have.
FIRST = ("_id", "email", "username", "password_hash", "created_at")
COUNTED = ("reviews", "people", "family_trees", "relationships", "notifications")


async def sums(database: Database) -> Sums:
    return await checksums.of(database, without=BOOKS)


async def step_by_step(database: Database) -> dict[str, Sums]:
    """The checksums below and above each migration, taken by going down from the top, one at a time."""
    found = {}
    for name in reversed(NAMES):
        above = await sums(database)
        assert await migrations.down(database) == [name]
        found[name] = await sums(database)
        assert await migrations.up(database, 1) == [name]
        assert await sums(database) == above, name
        assert await migrations.down(database) == [name]
        assert await sums(database) == found[name], name
    return found


async def up_down_up(database: Database) -> None:
    """What is above and below is the same every time, for all steps together and for each alone."""
    below = await sums(database)
    assert await migrations.up(database) == NAMES
    above = await sums(database)
    assert await migrations.down(database, ALL) == NAMES[::-1]
    assert await sums(database) == below
    assert await migrations.up(database) == NAMES
    assert await sums(database) == above
    await step_by_step(database)
    assert await sums(database) == below
    await migrations.up(database)
    assert await sums(database) == above


async def made_old(database: Database) -> None:
    """Makes of the documents what the first release, and programs that load rows, left behind."""
    shown = {name: f"${name}" for name in FIRST}
    await database["users"].update_many({"_id": {"$mod": [2, 0]}}, [{"$replaceWith": shown}])
    await database["users"].update_many({"_id": {"$mod": [2, 1]}}, {"$unset": {"external": 1, "uuid": 1}})
    for name in COUNTED:
        await database[name].update_many({"revision": 0}, {"$unset": {"revision": 1}})
    plain = [{"$set": {"enrolled_at": "$enrolled_at.at"}}]
    await database["enrollments"].update_many({}, plain)
    await database["reviews"].update_many(
        {"next_review": {"$ne": None}}, [{"$set": {"next_review": "$next_review.at"}}]
    )


@pytest.fixture
async def filled(
    request: pytest.FixtureRequest, other: Database, recordings: Path, passwords: Passwords, now: datetime
) -> AsyncIterator[Database]:
    """A database of its own with some data, to which the models are connected."""
    await models.connect(other)
    await other.drop_collection(migrations.LOG)
    if request.param == "demo":
        await demo.load_once(now, passwords)
    elif request.param == "learning":
        await import_rows("mandarin", recordings / "mandarin" / "fixtures.json", "base")
    else:
        await import_rows("gateway", recordings / "fixtures.json", "gw-tree")
        await import_rows("genealogy", recordings / "fixtures.json", "gen-family")
        await import_rows("genealogy", recordings / "fixtures.json", "gen-notes")
    yield other


@pytest.mark.parametrize("filled", ["demo", "learning", "family"], indirect=True)
async def test_data_of_today_is_the_same_below_and_above(filled: Database) -> None:
    before = await sums(filled)
    await up_down_up(filled)
    assert await sums(filled) == before


@pytest.mark.parametrize("filled", ["demo", "learning", "family"], indirect=True)
async def test_data_of_the_first_release_goes_up_down_and_up(filled: Database) -> None:
    await made_old(filled)
    old = await sums(filled)
    await up_down_up(filled)
    assert await sums(filled) != old
    lacking = [{name: {"$exists": False}} for name in ("uuid", "external", "is_active", "bio")]
    assert await filled["users"].count_documents({"$or": lacking}) == 0
    for name in COUNTED:
        assert await filled[name].count_documents({"revision": {"$exists": False}}) == 0
    assert await filled["reviews"].count_documents({"next_review": {"$type": "date"}}) == 0


@pytest.mark.parametrize("filled", ["demo"], indirect=True)
async def test_what_has_happened_between_is_not_lost(filled: Database, now: datetime) -> None:
    await made_old(filled)
    await migrations.up(filled)
    uuid = (await filled["users"].find_one({"_id": 1}) or {})["uuid"]
    await filled["users"].update_one({"_id": 1}, {"$set": {"email_verified": True, "bio": "Hers"}})
    await reviews.submit(1, 3, 5, now)
    answered = await filled["reviews"].find_one({"_id": 3}) or {}
    await migrations.down(filled, ALL)
    low = await filled["users"].find_one({"_id": 1}) or {}
    assert not {"uuid", "external"} & low.keys()
    # The newer release may start beside the older one, and gives nobody another name.
    await models.connect(filled)
    assert "uuid" not in (await filled["users"].find_one({"_id": 1}) or {})
    plain = await filled["reviews"].find_one({"_id": 3}) or {}
    assert plain["next_review"] == answered["next_review"]["at"] and "revision" not in plain
    await migrations.up(filled)
    user = await filled["users"].find_one({"_id": 1}) or {}
    assert (user["uuid"], user["email_verified"], user["bio"]) == (uuid, True, "Hers")
    assert await filled["reviews"].find_one({"_id": 3}) == answered


@pytest.mark.parametrize("filled", ["learning"], indirect=True)
async def test_who_comes_later_and_who_goes_stand_in_no_way(
    filled: Database, passwords: Passwords, now: datetime
) -> None:
    await made_old(filled)
    await migrations.up(filled)
    await accounts.sign_up("new@example.com", "pw", None, None, now, passwords)
    await filled["users"].delete_one({"_id": 2})
    await migrations.down(filled, ALL)
    new = await users.with_email("new@example.com") or {}
    assert new["uuid"] and await filled["users"].find_one({"_id": 2}) is None
    await migrations.up(filled)
    assert await filled[KEPT].count_documents({"_id.collection": "users", "_id.key": 2}) == 0
    assert (await users.with_email("new@example.com") or {})["uuid"] == new["uuid"]


async def indexes(database: Database) -> dict[str, Any]:
    return {name: await database[name].index_information() for name in OLD}


@pytest.mark.parametrize("filled", ["family"], indirect=True)
async def test_indexes_give_way_to_those_that_are_used(filled: Database) -> None:
    today = await indexes(filled)
    for collection, old in OLD.items():
        for name, (key, wanted) in old.items():
            index = {"name": name, "key": key, "partialFilterExpression": wanted}
            unique = {} if "digest" in name else {"unique": True}
            await filled.command("createIndexes", collection, indexes=[{**index, **unique}])
    before = await indexes(filled)
    await migrations.up(filled)
    assert await indexes(filled) == today != before
    await migrations.down(filled, ALL)
    assert await indexes(filled) == before
    await migrations.up(filled)
    assert await indexes(filled) == today


@pytest.mark.parametrize("filled", ["demo"], indirect=True)
async def test_what_was_cut_off_is_run_again(filled: Database) -> None:
    await made_old(filled)
    await migrations.up(filled)
    above = await sums(filled)
    # Cut off before it was noted: the documents are changed, the log does not say so.
    await filled[migrations.LOG].update_many({}, {"$set": {"is_current": False}})
    assert await migrations.up(filled) == NAMES
    assert await sums(filled) == above


@pytest.mark.parametrize("filled", ["demo"], indirect=True)
async def test_two_do_not_run_at_once(filled: Database) -> None:
    async with held(filled, MOVES, "An import of something"):
        for verb in (migrations.up, migrations.down):
            with pytest.raises(Taken, match="An import of something is at work in this database"):
                await verb(filled)
    both = await asyncio.gather(migrations.up(filled), migrations.up(filled), return_exceptions=True)
    assert NAMES in both and (Taken in map(type, both) or [] in both)


async def test_a_new_database_needs_none_of_them(other: Database, now: datetime) -> None:
    assert await migrations.pending(other) == NAMES
    assert await migrations.stamp(other, now) is True
    assert await migrations.stamp(other, now) is False
    assert await migrations.pending(other) == [] and await migrations.up(other) == []
    assert await migrations.down(other) == [NAMES[-1]]
    assert [step.done for step in await migrations.status(other)] == [True] * (ALL - 1) + [False]
    assert await migrations.down(other, 9) == NAMES[-2::-1] and await migrations.down(other) == []


async def test_a_database_of_a_newer_release_is_left_alone(other: Database, now: datetime) -> None:
    await other[migrations.LOG].insert_one({"ts": now, "name": "m9999_later.py", "is_current": True})
    for verb in (migrations.up, migrations.down, migrations.pending):
        with pytest.raises(
            Failed, match="has the migration m9999_later.py, which this release does not know"
        ):
            await verb(other)


def test_every_migration_says_what_it_does_and_has_both_directions() -> None:
    assert migrations.names() == NAMES
    for name in NAMES:
        text = (migrations.FOLDER / name).read_text()
        assert "class Forward:" in text and "class Backward:" in text
        assert any(word in text for word in ("Expand: ", "Move: ", "Contract: "))
