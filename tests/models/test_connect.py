"""What a start does to the database: once, and not again."""

from typing import Any

from pymongo.asynchronous.database import AsyncDatabase

import models
from models.changes import KINDS, OPTION
from server.embedded import Services
from tests.commands import noted


async def test_a_second_start_changes_no_collection(
    services: Services, scratch: AsyncDatabase[dict[str, Any]]
) -> None:
    await models.connect(scratch)
    async with noted(services, scratch.name) as commands:
        async with await scratch.list_collections() as found:
            options = {each["name"]: each["options"] async for each in found}
        assert all(options[kind.get_collection_name()][OPTION] == {"enabled": True} for kind in KINDS)
        await models.connect(next(iter(KINDS)).get_pymongo_collection().database)
        assert not commands.of("collMod", "create")


async def test_every_index_that_a_kind_names_is_made(database: AsyncDatabase[dict[str, Any]]) -> None:
    for kind in models.DOCUMENTS:
        named = [index.document["name"] for index in getattr(kind.Settings, "indexes", [])]
        made = set(await kind.get_pymongo_collection().index_information())
        assert set(named) <= made and len(set(named)) == len(named), kind.__name__
