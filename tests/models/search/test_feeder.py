"""An index follows what is stored: every change, over stops and starts, and anew where the thread is lost."""

import asyncio
import shutil
from pathlib import Path
from typing import Any

from pymongo.asynchronous.database import AsyncDatabase
from pymongo.errors import AutoReconnect

from models import raw
from models.kinds import Privacy
from models.people import Person, PersonPrivacy
from models.raw import stored_form
from models.search import entries, feeder, finding, portions
from models.search.embedded import Embedded
from models.search.engine import Changes, Place, Scope, Wanted
from models.search.feeder import SearchState
from models.search.kinds import EntryKind
from models.search.sources import BY_PREFIX
from models.trees import Tree
from tests.models.search.searching import NOW, a_person, add_person, add_tree, equal, fed, until

Database = AsyncDatabase[dict[str, Any]]


def said(title: str, privacy: Privacy = Privacy.PRIVATE) -> entries.EntryFields:
    """An entry."""
    return {"kind": EntryKind.RECORD, "title": title, "content": "", "metadata": {}, "privacy": privacy}


async def total(words: str, account: str | None) -> int:
    return (await finding.find(Wanted(words=words), account, NOW)).total


async def test_what_is_there_and_what_comes_later_is_found(database: Database, tmp_path: Path) -> None:
    tree = await add_tree("ann")
    await add_person(tree, "Tendai", "Moyo")
    async with fed(database, tmp_path) as running:
        assert await total("tendai", "ann") == 1
        chipo = await add_person(tree, "Chipo", "Moyo")
        await entries.put("d1", said("The register of Harare"), "ann", NOW)
        await equal(running.engine)
        assert (await total("moyo", "ann"), await total("register", "ann")) == (2, 1)
        await raw.collection(Person).update_one(
            {"_id": chipo}, {"$set": {"first_name": "Rudo", "name": "Rudo Moyo"}}
        )
        await entries.remove("d1", "ann")
        await equal(running.engine)
        assert (await total("chipo", "ann"), await total("rudo", "ann"), await total("register", "ann")) == (
            0,
            1,
            0,
        )


async def test_nothing_is_missed_between_a_stop_and_the_next_start(
    database: Database, tmp_path: Path
) -> None:
    tree = await add_tree("ann")
    async with fed(database, tmp_path) as running:
        await add_person(tree, "Tendai", "Moyo")
        await equal(running.engine)
        before = running.applied
    gone = await add_person(tree, "Gone", "Moyo")
    await raw.collection(Person).insert_many(
        [stored_form(a_person(tree, f"Tendai{n}", "Moyo")) for n in range(50)]
    )
    await raw.collection(Person).delete_one({"_id": gone})
    async with fed(database, tmp_path) as running:
        await equal(running.engine)
        assert before and 50 <= running.applied <= 110
        assert await total("moyo", "ann") == 51


async def test_what_a_store_has_forgotten_is_read_anew(database: Database, tmp_path: Path) -> None:
    tree = await add_tree("ann")
    async with fed(database, tmp_path) as running:
        await add_person(tree, "Tendai", "Moyo")
        await equal(running.engine)
        place = await running.engine.place()
    assert place is not None
    engine = Embedded(tmp_path)
    # A place of a cluster that never was, as after a restored backup.
    await engine.apply(Changes(()), Place(place.store, "82" + "0" * 8 + place.token[10:]))
    await engine.close()
    await add_person(tree, "Chipo", "Moyo")
    async with fed(database, tmp_path) as running:
        await until(lambda: still(running.engine.place(), place.store))
        await equal(running.engine)
        assert await total("moyo", "ann") == 2


async def still(asked: Any, store: str) -> bool:
    """Whether the index is of another store by now."""
    place = await asked
    return place is not None and place.store != store


async def test_an_index_of_another_store_is_not_taken_for_its_own(database: Database, tmp_path: Path) -> None:
    tree = await add_tree("ann")
    await add_person(tree, "Tendai", "Moyo")
    async with fed(database, tmp_path) as running:
        await equal(running.engine)
    await raw.collection(SearchState).delete_many({})
    await raw.collection(Person).delete_many({})
    await add_person(tree, "Chipo", "Moyo")
    async with fed(database, tmp_path) as running:
        await equal(running.engine)
        assert (await total("tendai", "ann"), await total("chipo", "ann")) == (0, 1)


async def test_a_collection_that_is_dropped_is_gone_from_the_index(
    database: Database, tmp_path: Path
) -> None:
    await entries.put("d1", said("The register of Harare"), "ann", NOW)
    async with fed(database, tmp_path) as running:
        await equal(running.engine)
        await database.drop_collection("search_entries")
        await entries.put("d2", said("The register of Gweru"), "ann", NOW)
        await until(lambda: only(running.engine, 1))
        await equal(running.engine)
        assert (await total("harare", "ann"), await total("gweru", "ann")) == (0, 1)


async def only(engine: Any, number: int) -> bool:
    """Whether an index holds so much."""
    return len(await engine.held()) == number


async def test_a_tree_that_becomes_private_takes_its_people_along(database: Database, tmp_path: Path) -> None:
    tree = await add_tree("ann", Privacy.PUBLIC)
    await add_person(tree, "Tendai", "Moyo")
    async with fed(database, tmp_path) as running:
        await equal(running.engine)
        assert await total("tendai", "bob") == 1
        await raw.collection(Tree).update_one({"_id": tree.id}, {"$set": {"privacy": "PRIVATE"}})
        # Not even before the index has heard of it.
        assert (await finding.find(Wanted(words="tendai"), "bob", NOW)).shown == []
        await equal(running.engine)
        assert (await total("tendai", "bob"), await total("tendai", "ann")) == (0, 1)
        await raw.collection(Tree).delete_one({"_id": tree.id})
        await equal(running.engine)
        assert await running.engine.held() == {}


async def test_an_index_is_searched_while_it_is_made_anew(database: Database, tmp_path: Path) -> None:
    tree = await add_tree("ann")
    await raw.collection(Person).insert_many(
        [stored_form(a_person(tree, f"T{n}", "Moyo")) for n in range(300)]
    )
    async with fed(database, tmp_path) as running:
        await equal(running.engine)
        place = await running.engine.place()
        await feeder.forget()
        seen = set()
        while await running.engine.place() == place:
            found = await running.engine.search(Wanted(words="moyo"), Scope("ann", (str(tree.id),)))
            seen.add(found.total)
            await asyncio.sleep(0)
        await equal(running.engine)
    assert seen == {300}


async def test_a_database_that_is_away_is_asked_again(
    database: Database, tmp_path: Path, monkeypatch: Any
) -> None:
    monkeypatch.setattr(feeder, "PAUSE", 0.05)
    await entries.put("d1", said("The register"), "ann", NOW)
    async with fed(database, tmp_path) as running:
        await equal(running.engine)
        killed = await kill_cursors(database)
        assert killed >= 1
        await entries.put("d2", said("The register"), "ann", NOW)
        await equal(running.engine)
        assert await total("register", "ann") == 2


async def kill_cursors(database: Database) -> int:
    """Ends every stream that follows this database, as a restart of the store would."""
    operations: Any = await database.client.admin.aggregate(
        [
            {"$currentOp": {"idleCursors": True, "allUsers": True}},
            {"$match": {"ns": {"$regex": f"^{database.name}"}}},
        ]
    )
    cursors = [each["cursor"]["cursorId"] async for each in operations if "cursor" in each]
    if cursors:
        await database.command({"killCursors": "$cmd.aggregate", "cursors": cursors})
    return len(cursors)


async def test_a_document_that_lacks_something_keeps_nobody_else_out(
    database: Database, tmp_path: Path
) -> None:
    tree = await add_tree("ann")
    broken = await add_person(tree, "Broken", "Moyo")
    await raw.collection(Person).update_one({"_id": broken}, {"$unset": {"privacy": 1}})
    async with fed(database, tmp_path) as running:
        await add_person(tree, "Tendai", "Moyo")
        await equal(running.engine)
        assert await total("moyo", "ann") == 1
        await raw.collection(Person).update_one(
            {"_id": broken}, {"$set": {"privacy": PersonPrivacy().model_dump()}}
        )
        await until(lambda: only(running.engine, 2))


async def test_a_tree_that_lacks_something_keeps_nobody_else_out(database: Database, tmp_path: Path) -> None:
    broken = await add_tree("ann", Privacy.PUBLIC)
    await raw.collection(Tree).update_one({"_id": broken.id}, {"$unset": {"privacy": 1}})
    async with fed(database, tmp_path) as running:
        await add_person(broken, "Chipo", "Moyo")
        await add_person(await add_tree("ann"), "Tendai", "Moyo")
        await equal(running.engine)
        # Of what says nothing of its privacy nobody else finds anything.
        assert (await total("moyo", "ann"), await total("moyo", "bob")) == (2, 0)
        assert len((await finding.find(Wanted(words="moyo"), "ann", NOW)).shown) == 2


async def test_a_store_that_is_away_when_everything_has_to_be_read_is_asked_again(
    database: Database, tmp_path: Path, monkeypatch: Any
) -> None:
    known, failed = feeder.forget, asyncio.Event()

    async def away_at_first() -> None:
        if not failed.is_set():
            failed.set()
            raise AutoReconnect("away")
        await known()

    monkeypatch.setattr(feeder, "PAUSE", 0.05)
    monkeypatch.setattr(feeder, "forget", away_at_first)
    await entries.put("d1", said("The register"), "ann", NOW)
    async with fed(database, tmp_path) as running:
        await equal(running.engine)
        await database.drop_collection("search_entries")
        await asyncio.wait_for(failed.wait(), 10)
        await entries.put("d2", said("The register"), "ann", NOW)
        await equal(running.engine)
        assert await total("register", "ann") == 1


class Noting(Embedded):
    """An index that notes what it is told."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.told: list[tuple[int, int, Place]] = []

    async def apply(self, changes: Changes, place: Place) -> None:
        """Takes changes in."""
        self.told.append((len(changes.there), len(changes.gone), place))
        await super().apply(changes, place)


async def test_a_large_tree_is_taken_in_part_by_part(
    database: Database, tmp_path: Path, monkeypatch: Any
) -> None:
    monkeypatch.setattr(portions, "PART", 200)
    tree = await add_tree("ann")
    people = [stored_form(a_person(tree, f"T{n}", "Moyo")) for n in range(450)]
    await raw.collection(Person).insert_many(people)
    engine = Noting(tmp_path)
    async with fed(database, tmp_path, engine) as running:
        await equal(running.engine)
        before = await engine.place()
        await raw.collection(Tree).update_one({"_id": tree.id}, {"$set": {"privacy": "PUBLIC"}})
        await equal(running.engine)
        # Nobody is gone for a moment, and the place is another one only when everything is in.
        assert [(there, gone) for there, gone, _ in engine.told] == [(200, 0), (200, 0), (50, 0)]
        assert [place == before for _, _, place in engine.told] == [True, True, False]


async def test_of_long_entries_few_are_held_at_once(database: Database, monkeypatch: Any) -> None:
    monkeypatch.setattr(portions, "ROOM", 2_500)
    for number in range(7):
        long: entries.EntryFields = {**said(f"d{number}"), "content": "x" * 1_000}
        await entries.put(f"d{number}", long, "ann", NOW)
    found = [len(some) async for some in portions.portions(BY_PREFIX["entry"], {})]
    assert found == [3, 3, 1]


async def test_a_folder_that_somebody_deletes_is_made_anew(
    database: Database, tmp_path: Path, monkeypatch: Any
) -> None:
    monkeypatch.setattr(feeder, "PAUSE", 0.05)
    await entries.put("d1", said("The register"), "ann", NOW)
    async with fed(database, tmp_path) as running:
        await equal(running.engine)
        shutil.rmtree(tmp_path)
        await entries.put("d2", said("The register"), "ann", NOW)
        await equal(running.engine)
        assert await total("register", "ann") == 2
