"""One process of a machine feeds the index of a database; when it is gone, another one does."""

import asyncio
import json
from asyncio.subprocess import PIPE, STDOUT
from pathlib import Path
from typing import Any

import pytest
from pymongo.asynchronous.database import AsyncDatabase

from models.kinds import Privacy
from models.search import entries, finding
from models.search.embedded import Embedded
from models.search.engine import Place, Wanted
from models.search.errors import SearchAway
from models.search.feeder import Feeder
from models.search.kinds import EntryKind
from models.search.stored import InStore
from server import search_feeder
from server.embedded import Services
from server.search_feeder import engine_of, folder_of, searching
from server.settings import BadSetting, Settings
from tests.models.search.searching import NOW, SECONDS, equal, until
from tests.serving import lockstep

Database = AsyncDatabase[dict[str, Any]]
ENTRY: entries.EntryFields = {
    "kind": EntryKind.RECORD,
    "title": "The register",
    "content": "",
    "metadata": {},
    "privacy": Privacy.PRIVATE,
}


def settings_of(database: Database, folder: Path, search: str = "embedded") -> Settings:
    return Settings(data=folder, mongodb_database=database.name, search=search)


async def test_who_comes_second_searches_and_feeds_once_the_first_is_gone(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(search_feeder, "AGAIN", 0.05)
    settings = settings_of(database, tmp_path)
    first = searching(settings, database)
    feeding = await first.__aenter__()
    assert feeding is not None
    await asyncio.wait_for(feeding.ready.wait(), SECONDS)
    async with searching(settings, database) as second:
        assert second is not None
        await entries.put("d1", ENTRY, "ann", NOW)
        await equal(second.engine)
        assert (await finding.find(Wanted(words="register"), "ann", NOW)).total == 1
        assert not second.ready.is_set()
        await first.__aexit__(None, None, None)
        await asyncio.wait_for(second.ready.wait(), SECONDS)
        await entries.put("d2", ENTRY, "ann", NOW)
        await equal(second.engine)


async def test_a_folder_that_cannot_be_made_is_waited_for(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(search_feeder, "LATER", 0.05)
    (tmp_path / "search").write_text("in the way")
    async with searching(settings_of(database, tmp_path), database) as feeder:
        assert feeder is not None
        await asyncio.sleep(0.2)
        (tmp_path / "search").unlink()
        await asyncio.wait_for(feeder.ready.wait(), SECONDS)


async def test_of_all_machines_one_feeds_the_index_in_the_database(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(search_feeder, "AGAIN", 0.05)
    first = searching(settings_of(database, tmp_path / "one", "mongodb"), database)
    feeding = await first.__aenter__()
    assert feeding is not None
    await asyncio.wait_for(feeding.ready.wait(), SECONDS)
    async with searching(settings_of(database, tmp_path / "other", "mongodb"), database) as second:
        assert second is not None
        await asyncio.sleep(0.5)
        assert not second.ready.is_set()
        await first.__aexit__(None, None, None)
        await asyncio.wait_for(second.ready.wait(), SECONDS)
        await entries.put("d1", ENTRY, "ann", NOW)
        await equal(second.engine)
    assert list(tmp_path.iterdir()) == []


async def test_switched_off_there_is_nothing_and_nothing_is_written(
    database: Database, tmp_path: Path
) -> None:
    async with searching(settings_of(database, tmp_path, "off"), database) as feeder:
        assert feeder is None
        with pytest.raises(SearchAway):
            await finding.find(Wanted(words="register"), "ann", NOW)
    assert list(tmp_path.iterdir()) == []


async def test_the_index_in_the_database_is_fed_too(database: Database, tmp_path: Path) -> None:
    async with searching(settings_of(database, tmp_path, "mongodb"), database) as feeder:
        assert feeder is not None
        await entries.put("d1", ENTRY, "ann", NOW)
        await equal(feeder.engine)
        assert (await finding.find(Wanted(words="regis"), "ann", NOW)).total == 1


def test_the_settings_name_the_index(database: Database, tmp_path: Path) -> None:
    kinds = {"embedded": Embedded, "mongodb": InStore}
    for name, kind in kinds.items():
        settings = Settings.from_env({"LOCKSTEP_SEARCH": name})
        assert isinstance(engine_of(settings, tmp_path, database), kind)
    with pytest.raises(BadSetting, match="LOCKSTEP_SEARCH"):
        Settings.from_env({"LOCKSTEP_SEARCH": "elastic"})


def test_two_databases_of_one_folder_have_two_indexes(tmp_path: Path) -> None:
    folders = {folder_of(Settings(data=tmp_path, mongodb_database=name)) for name in ("one", "two", "../odd")}
    assert len(folders) == 3
    assert all(folder.parent == tmp_path / "search" for folder in folders)


async def test_the_command_compares_and_has_the_index_made_anew(
    services: Services, database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in {
        "MONGODB_URI": services.mongodb_uri,
        "REDIS_URL": services.redis_url,
        "MONGODB_DATABASE": database.name,
        "LOCKSTEP_DATA": str(tmp_path),
        "LOCKSTEP_SEARCH": "embedded",
    }.items():
        monkeypatch.setenv(name, value)

    async def run(*arguments: str) -> tuple[int, str]:
        command = asyncio.create_subprocess_exec(*lockstep("search", *arguments), stdout=PIPE, stderr=STDOUT)
        process = await command
        output, _ = await process.communicate()
        return process.returncode or 0, output.decode()

    code, said = await run("check")
    assert (code, "there is no index" in said) == (1, True)
    settings = settings_of(database, tmp_path)
    async with searching(settings, database) as feeder:
        assert feeder is not None
        await entries.put("d1", ENTRY, "ann", NOW)
        await equal(feeder.engine)
        assert await run("check") == (0, "missing: 0\nsurplus: 0\nstale: 0\n")
        before = await feeder.engine.place()
        code, _ = await run("rebuild")
        assert code == 0
        await until(lambda: is_of_another_store(feeder, before))
    await entries.put("d2", ENTRY, "ann", NOW)
    code, said = await run("check", "--json")
    assert (code, len(json.loads(said)["missing"])) == (1, 1)


async def is_of_another_store(feeder: Feeder, before: Place | None) -> bool:
    """Whether an index was made anew."""
    place = await feeder.engine.place()
    return place is not None and before is not None and place.store != before.store
