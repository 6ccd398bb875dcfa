"""An import that is taken back leaves everything as it was, and is not taken back over somebody's work."""

import json
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from pymongo.asynchronous.database import AsyncDatabase

from models import checksums, demo, enrollments
from models.counters import Counter, next_id
from models.demo import DemoData
from models.import_records import Import, ImportBatch
from models.imports import Refused, import_rows
from models.imports.proof import BOOKS, RISING
from models.imports.undo import forget, undo
from models.passwords import Passwords
from models.people import Person
from models.trees import Tree
from models.users import User

Database = AsyncDatabase[dict[str, Any]]
Sums = dict[str, checksums.Checksum]
pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture
def file(recordings: Path) -> Path:
    return recordings / "fixtures.json"


@pytest.fixture
def rows(tmp_path: Path) -> Callable[..., Path]:
    def write(**tables: list[dict[str, Any]]) -> Path:
        path = tmp_path / f"{len(list(tmp_path.iterdir()))}.ndjson"
        lines = [json.dumps({"table": table, "row": row}) for table, rows in tables.items() for row in rows]
        path.write_text("\n".join(lines))
        return path

    return write


async def held(database: Database) -> Sums:
    return await checksums.of(database, without=BOOKS | RISING)


async def test_what_it_wrote_goes_and_what_it_replaced_comes_again(file: Path, database: Database) -> None:
    await import_rows("gateway", file, "gw-tree")
    await User.find({"email": "test@dzinza.com"}).update({"$set": {"bio": "as it was"}})
    before = await held(database)
    first = await import_rows("gateway", file, "gw-two-trees")
    assert first.changed == {"users": 1, "family_trees": 2, "people": 2} and first.others == []
    assert await held(database) != before
    undone = await undo(str(first.id))
    assert (undone.removed, undone.restored, undone.meanwhile, undone.others) == (4, 1, [], [])
    assert await held(database) == before
    assert await ImportBatch.find({"import_id": first.id}).count() == 0
    with pytest.raises(Refused, match="has been undone already"):
        await undo(str(first.id))


async def test_ids_that_were_given_out_are_not_given_again(file: Path, database: Database) -> None:
    summary = await import_rows("gateway", file, "gw-users")
    assert not (await undo(str(summary.id))).meanwhile
    assert await held(database) == {}
    assert await next_id(User) == 17


async def test_the_demo_data_comes_back(
    file: Path, database: Database, passwords: Passwords, now: datetime
) -> None:
    await demo.load_once(now, passwords)
    before = await held(database)
    summary = await import_rows("gateway", file, "gw-tree")
    assert summary.demo_replaced and summary.others == []
    assert not (await undo(str(summary.id))).others
    assert await held(database) == before
    note = await DemoData.get("demo")
    assert note is not None and note.highest["courses"] == 4
    counter = await Counter.get("courses")
    assert counter is None or counter.last >= 4


async def test_nobody_s_work_is_undone_unless_forced(file: Path, database: Database) -> None:
    summary = await import_rows("gateway", file, "gw-tree")
    await Person.find({"first_name": "Tendai"}).update({"$set": {"notes": "Mine"}})
    gone = await Person.find_one({"first_name": "Chipo"})
    assert gone is not None
    await gone.delete()
    before = await held(database)
    undone = await undo(str(summary.id))
    assert {(each.collection, each.reason) for each in undone.meanwhile} == {
        ("people", "it has changed since"),
        ("people", "it has gone"),
    }
    assert (undone.removed, undone.restored) == (0, 0)
    assert await held(database) == before
    assert (await undo(str(summary.id), force=True)).removed == 32
    assert await held(database) == {}


async def test_nothing_is_left_that_leads_nowhere(
    rows: Callable[..., Path], database: Database, now: datetime
) -> None:
    user = {"id": 1, "email": "a", "username": "a", "password_hash": None, "created_at": None}
    await import_rows("mandarin", rows(users=[user]))
    course = {"id": 7, "title": "C", "description": None, "published": True, "created_at": None}
    summary = await import_rows("mandarin", rows(courses=[course]))
    await enrollments.enroll(7, 1, now)
    undone = await undo(str(summary.id))
    assert [each.reason for each in undone.meanwhile] == ["its course_id leads to what would go"]
    assert (await held(database)).keys() == {"users", "courses", "enrollments"}


@pytest.mark.parametrize("collection", ["search_entries", "gedcom_records"])
async def test_what_others_have_put_into_an_imported_tree_keeps_it(
    file: Path, database: Database, collection: str
) -> None:
    summary = await import_rows("gateway", file, "gw-tree")
    tree = await database["family_trees"].find_one({}) or {}
    await database[collection].insert_one({"tree_id": tree["_id"]})
    undone = await undo(str(summary.id))
    assert [(each.collection, each.reason) for each in undone.meanwhile] == [
        (collection, "its tree_id leads to what would go")
    ]


async def test_an_import_that_changed_nothing_leaves_no_trace(file: Path, database: Database) -> None:
    first = await import_rows("gateway", file, "gw-tree")
    again = await import_rows("gateway", file, "gw-tree")
    assert (again.id, again.changed, again.written) == (None, {}, first.written)
    assert [each.id for each in await Import.find_all().to_list()] == [first.id]


async def test_what_is_forgotten_cannot_be_undone(file: Path, database: Database) -> None:
    summary = await import_rows("gateway", file, "gw-tree")
    assert await forget(str(summary.id)) == 4
    assert await Tree.count() == 1 and await ImportBatch.count() == 0
    for verb in (undo, forget):
        with pytest.raises(Refused, match="There is no import"):
            await verb(str(summary.id))
