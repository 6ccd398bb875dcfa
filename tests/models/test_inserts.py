"""Documents of one turn are written by one command, and each writer is told only what became of theirs."""

import asyncio
from typing import Any

import pytest
from pymongo.errors import DuplicateKeyError, WriteConcernError, WriteError
from pymongo.write_concern import WriteConcern

from models.batches import One
from models.characters import Character
from models.counters import next_id
from models.courses import Course
from models.inserts import Inserts, insert
from models.raw import collection, stored_form
from tests.commands import Commands

pytestmark = pytest.mark.usefixtures("database")


def character(id: int) -> Character:
    return Character(id=id, hanzi="好")


def one(id: int) -> One:
    return One(stored_form(character(id)), asyncio.get_running_loop().create_future())


async def test_documents_of_one_turn_are_one_durable_command(commands: Commands) -> None:
    inserts = Inserts(Character)
    stored = await asyncio.gather(*(inserts.add(character(id)) for id in range(30)))
    assert stored[7] == {"_id": 7, "hanzi": "好", "pinyin": None, "meaning": None}
    (command,) = commands.of("insert")
    assert len(command["documents"]) == 30
    assert command["writeConcern"] == {"w": "majority", "j": True}
    assert "lsid" in command and "autocommit" not in command
    assert [stored_form(found) for found in await Character.find_all().sort("_id").to_list()] == stored


async def test_a_key_that_is_taken_is_told_to_its_writer_alone() -> None:
    inserts = Inserts(Character)
    await inserts.add(character(3))
    outcomes: list[Any] = await asyncio.gather(
        *(inserts.add(character(id)) for id in (1, 3, 2, 1)), return_exceptions=True
    )
    assert [type(outcome) for outcome in outcomes] == [dict, DuplicateKeyError, dict, DuplicateKeyError]
    assert [
        error.details["keyValue"]
        for error in outcomes
        if isinstance(error, DuplicateKeyError) and error.details
    ] == [
        {"_id": 3},
        {"_id": 1},
    ]
    with pytest.raises(DuplicateKeyError):
        await inserts.add(character(1))
    assert await Character.count() == 3


async def test_a_document_that_the_store_refuses_is_no_duplicate(database: Any) -> None:
    await database.command({"collMod": "characters", "validator": {"hanzi": "好"}})
    try:
        inserts = Inserts(Character)
        outcomes = await asyncio.gather(
            inserts.add(character(1)), inserts.add(Character(id=2)), return_exceptions=True
        )
    finally:
        await database.command({"collMod": "characters", "validator": {}})
    assert [type(outcome) for outcome in outcomes] == [dict, WriteError]


async def test_what_is_not_confirmed_is_nobody_s_success() -> None:
    # Of one server there are never two that have it.
    unsafe = collection(Character).with_options(write_concern=WriteConcern(2, wtimeout=100))
    with pytest.raises(WriteConcernError):
        await insert(unsafe, [one(1), one(2)])


async def test_a_writer_that_gives_up_takes_nothing_from_the_others() -> None:
    inserts = Inserts(Character)
    writers = [asyncio.ensure_future(inserts.add(character(id))) for id in (1, 2, 2, 3)]
    await asyncio.sleep(0)
    writers[0].cancel()
    outcomes = await asyncio.gather(*writers, return_exceptions=True)
    assert [type(outcome) for outcome in outcomes] == [
        asyncio.CancelledError,
        dict,
        DuplicateKeyError,
        dict,
    ]


async def test_ids_of_one_turn_are_one_command_and_never_the_same(commands: Commands) -> None:
    ids = await asyncio.gather(*(next_id(Course) for _ in range(20)), next_id(Character))
    assert sorted(ids) == [1, *range(1, 21)]
    assert [command["update"] for command in commands.of("findAndModify")] == [
        {"$inc": {"last": 20}},
        {"$inc": {"last": 1}},
    ]

    async def some() -> list[int]:
        return [await next_id(Course) for _ in range(10)]

    many = await asyncio.gather(*(some() for _ in range(20)))
    assert sorted(id for ids in many for id in ids) == list(range(21, 221))
