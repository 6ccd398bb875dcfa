"""Rows are the same wherever they come from: a file of states, one row a line, CSV, PostgreSQL, MongoDB."""

import json
import tracemalloc
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import asyncpg  # type: ignore[import-untyped]  # it has no types
import pytest
from bson import json_util
from pymongo.asynchronous.database import AsyncDatabase

import models
from models import checksums
from models.files import BadFile
from models.imports import import_rows
from models.imports.proof import BOOKS
from models.imports.tables import csv_rows
from server.embedded import Services
from tests.moves import made
from tests.moves.conftest import Load

Database = AsyncDatabase[dict[str, Any]]
pytestmark = pytest.mark.usefixtures("database")


async def held(database: Database) -> dict[str, checksums.Checksum]:
    return await checksums.of(database, without=BOOKS)


@pytest.mark.parametrize("state", ["gw-seed", "gw-users", "gw-relaxed", "gw-tree", "gw-two-trees"])
async def test_a_postgresql_gives_what_its_start_state_gives(
    loaded: Load, recordings: Path, database: Database, other: Database, state: str
) -> None:
    await import_rows("gateway", recordings / "fixtures.json", state)
    before = await held(database)
    url = await loaded(state)
    await models.connect(other)
    summary = await import_rows("gateway", url)
    assert (summary.bad, summary.notes, summary.ignored_columns, summary.others) == ([], [], {}, [])
    assert "postgres@" not in summary.file
    assert await held(other) == before


async def test_files_of_tables_give_what_one_file_gives(
    tmp_path: Path, database: Database, other: Database
) -> None:
    await import_rows("gateway", made.lines(tmp_path / "rows.ndjson", 40))
    before = await held(database)
    assert before["people"].count == 40
    for folder in (
        made.folder_of_lines(tmp_path / "lines", 40),
        made.folder_of_cells(tmp_path / "cells", 40),
    ):
        await other.client.drop_database(other.name)
        await models.connect(other)
        summary = await import_rows("gateway", folder)
        assert (summary.bad, summary.foreign, summary.ignored_columns) == ([], 0, {})
        assert await held(other) == before


async def test_a_mongodb_gives_what_its_start_state_gives(
    recordings: Path, fixtures: dict[str, Any], services: Services, database: Database, other: Database
) -> None:
    old = other.client[f"{other.name}_old"]
    try:
        for state in ("gen-family", "gen-notes"):
            await import_rows("genealogy", recordings / "fixtures.json", state)
            for name, rows in fixtures[state]["collections"].items():
                await old[name].insert_many(json_util.loads(json.dumps(rows)))
        before = {name: each for name, each in (await held(database)).items() if name != "users"}
        await models.connect(other)
        url = f"{services.mongodb_uri.partition('?')[0].rstrip('/')}/{old.name}?directConnection=true"
        summary = await import_rows("genealogy", url)
        assert (summary.bad, summary.written["people"], summary.others) == ([], 8, [])
        assert f"/{old.name} has no collection users." in " ".join(summary.notes)
        found = await held(other)
        assert {name: each for name, each in found.items() if name != "counters"} == {
            name: each for name, each in before.items() if name != "counters"
        }
    finally:
        await other.client.drop_database(old.name)


async def test_a_single_table_may_come_as_cells(tmp_path: Path, database: Database) -> None:
    path = tmp_path / "courses.csv"
    path.write_text(
        '\ufeffid,title,description,published\r\n7,"a ""b"",\nc",,t\r\n8,"",x,f\r\n', encoding="utf-8"
    )
    summary = await import_rows("mandarin", path)
    assert (summary.bad, summary.written["courses"]) == ([], 2)
    stored = await database["courses"].find().sort("_id").to_list()
    assert [(each["_id"], each["title"], each["description"], each["published"]) for each in stored] == [
        (7, 'a "b",\nc', None, True),
        (8, "", "x", False),
    ]


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("courses.csv", b"", ":1: the file is empty; its first line must name the columns."),
        ("courses.csv", b"id,id\n", ":1: the first line must name each column once."),
        ("courses.csv", b"id,title\n1,a\n2\n", ":3: there are 1 cells, and 2 columns."),
        ("courses.csv", b"id,title\n1,a\n2,Har", ":3: the file ends within a line; it was not written"),
        ("courses.csv", b'id,title\n1,"a\nb\n', ":2: a quote is never closed; the file was not written"),
        ("courses.csv", b'id,title\n1,a"b"\n', ":2: a quote stands in the middle of cell 2."),
        ("courses.csv", b"id,title\n1,\xff\n", ":2: this is not UTF-8 text."),
        ("rows.ndjson", b'{"table": "courses", "row": {"id": 1}}\n{"table": "cou', ":2: this is not JSON"),
        ("rows.ndjson", b'{"table": "courses", "row": {"id": 1}}\n\xff', ":2: this is not UTF-8 text."),
        ("rows.json", b'{"fixtures": {"a": {"tables": {"courses": [{"id": 1},\n', ":2: this is not JSON"),
        ("folder/courses.ndjson", b'{"id": 1, "published": true}\n{"id": 2, "publ', ":2: this is not JSON"),
        ("folder/courses.ndjson", b"7\n", ":1: a line must be a row, such as {…}."),
        ("folder/readme.txt", b"", " has no files TABLE.csv or TABLE.ndjson; tables are: users, "),
        ("folder/courses.csv", b"", ":1: the file is empty"),
    ],
)
async def test_a_half_written_file_is_refused_whole(
    tmp_path: Path, database: Database, name: str, content: bytes, message: str
) -> None:
    file = tmp_path / name
    file.parent.mkdir(exist_ok=True)
    file.write_bytes(content)
    given = file.parent if "/" in name else file
    with pytest.raises(BadFile) as caught:
        await import_rows("mandarin", given)
    named_file = given if message.startswith(" has no") else file
    assert str(caught.value).startswith(f"{named_file}{message}")
    assert await held(database) == {}


def test_a_long_cell_takes_little_more_than_its_own_room(tmp_path: Path) -> None:
    file = tmp_path / "long.csv"
    file.write_text('a,b\n1,"' + 'x ""y"" ' * 500_000 + '"\n')
    tracemalloc.start()
    (row,) = csv_rows(file, "long", {})
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert json.loads(row.text)["b"] == 'x "y" ' * 500_000 and most < 60_000_000


@pytest.mark.parametrize(
    ("location", "reason"),
    [
        (10**30, "cannot be stored"),
        ({"a\0b": 1}, "cannot be stored"),
        ({"a": "\ud800"}, "cannot be stored"),
        ("x" * 16_100_000, "cannot be stored: it has 161"),
        (json.loads("[" * 81 + "]" * 81), "its values are nested more than 80 deep"),
    ],
)
async def test_what_the_store_would_not_take_is_told_before_anything_is_written(
    tmp_path: Path, database: Database, location: object, reason: str
) -> None:
    file = made.lines(tmp_path / "rows.ndjson", 10)
    row = {"id": made.uuid(9, 9), "email": "x", "password_hash": None, "location": location}
    # Between others, so that it is not the first that is written.
    lines = file.read_text().splitlines() + [json.dumps({"table": "users", "row": row})]
    (tmp_path / "more").mkdir()
    users = [json.dumps(json.loads(line)["row"]) for line in lines if '"users"' in line]
    (tmp_path / "more" / "users.ndjson").write_text("\n".join(users))
    if len(users[-1]) > 16_000_000:
        with pytest.raises(BadFile, match=r"users.ndjson:2: the line is longer than 16000000 bytes"):
            await import_rows("gateway", tmp_path / "more")
    else:
        (bad,) = (await import_rows("gateway", tmp_path / "more")).bad
        assert bad.line == 2 and reason in bad.reason
    assert await held(database) == {}


async def test_a_file_of_no_table_is_told(tmp_path: Path) -> None:
    (tmp_path / "nonsense.csv").write_text("id\n1\n")
    (tmp_path / "courses.csv").write_text("id,published\n1,t\n")
    summary = await import_rows("mandarin", tmp_path)
    assert [(bad.table, bad.line) for bad in summary.bad] == [("nonsense", 2)] and summary.written == {}


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("postgresql://nobody:secret@127.0.0.1:1/x", "postgresql://127.0.0.1:1/x cannot be read: "),
        ("mongodb://nobody:secret@127.0.0.1:1", "must name the database"),
        ("postgresql://nobody:sec/ret@127.0.0.1:1/x", "In this address of a PostgreSQL write / as %2F"),
        ("postgresql://nobody:sec#ret@127.0.0.1:1/x", "In this address of a PostgreSQL write / as %2F"),
        ("mysql://u:secret@h/x", "mysql:// is no source of rows; postgresql, postgres, mongodb"),
        ("mongodb://", "cannot be used"),
    ],
)
async def test_a_database_that_is_away_is_told_without_its_password(source: str, message: str) -> None:
    with pytest.raises(BadFile) as caught:
        await import_rows("gateway", source)
    assert message in str(caught.value) and "sec" not in str(caught.value)


async def test_a_database_without_the_tables_is_refused(
    postgresql: str, services: Services, other: Database
) -> None:
    with pytest.raises(BadFile, match="has none of the tables users, family_trees"):
        await import_rows("gateway", postgresql)
    url = f"{services.mongodb_uri.partition('?')[0].rstrip('/')}/{other.name}?directConnection=true"
    with pytest.raises(BadFile, match="has none of the collections users, familytrees"):
        await import_rows("genealogy", url)


async def test_broken_references_of_a_database_are_told(loaded: Load, database: Database) -> None:
    url = await loaded("gw-tree")
    connection = await asyncpg.connect(url)
    await connection.execute("ALTER TABLE family_members DROP CONSTRAINT family_members_tree_id_fkey")
    await connection.execute("DELETE FROM family_trees")
    await connection.close()
    summary = await import_rows("gateway", url)
    assert (summary.bad_rows, summary.written, await held(database)) == (15, {}, {})
    assert "family_trees has no such id" in summary.bad[0].reason


async def test_nothing_is_written_to_a_source(loaded: Load) -> None:
    url = await loaded("gw-tree")
    connection = await asyncpg.connect(url)
    await connection.execute("CREATE ROLE reader LOGIN")
    await connection.execute("GRANT SELECT ON ALL TABLES IN SCHEMA public TO reader")
    await connection.close()
    assert (await import_rows("gateway", url.replace("postgres:@", "reader:@"))).written[
        "family_members"
    ] == 6


KINDS = {bool: "boolean", int: "numeric", float: "numeric", str: "text"}


async def learning(url: str, tables: dict[str, list[dict[str, Any]]]) -> None:
    """Fills a PostgreSQL with tables whose columns can hold what their rows have, to the last digit."""
    connection = await asyncpg.connect(url)
    for table, rows in tables.items():
        kinds = {name: KINDS.get(type(value), "text") for row in rows for name, value in row.items()}
        kinds |= {name: KINDS[type(v)] for row in rows for name, v in row.items() if type(v) in KINDS}
        columns = ", ".join(f'"{name}" {kind}' for name, kind in kinds.items())
        await connection.execute(f'CREATE TABLE "{table}" ({columns}, PRIMARY KEY (id))')
        rows_given = f"json_populate_recordset(NULL::{table}, $1)"
        await connection.execute(f"INSERT INTO {table} SELECT * FROM {rows_given}", json.dumps(rows))
    await connection.close()


async def test_tables_that_count_come_out_of_a_postgresql_too(
    postgresql: str, recordings: Path, database: Database, other: Database
) -> None:
    file = recordings / "mandarin" / "fixtures.json"
    tables = json.loads(file.read_text())["fixtures"]["base"]["tables"]
    connection = await asyncpg.connect(postgresql)
    name = f"old_{database.name}"
    await connection.execute(f'CREATE DATABASE "{name}"')
    await connection.close()
    url = urlsplit(postgresql)._replace(path=f"/{name}").geturl()
    await learning(url, {table: rows for table, rows in tables.items() if rows})
    await import_rows("mandarin", file, "base")
    before = {each: await database[each].find().sort("_id").to_list() for each in await held(database)}
    await models.connect(other)
    summary = await import_rows("mandarin", url)
    assert (summary.bad, summary.others) == ([], [])
    after = {each: await other[each].find().sort("_id").to_list() for each in await held(other)}
    for user in (*before["users"], *after["users"]):
        # Whoever had none gets one at random.
        del user["uuid"]
    assert after == before and len(after["reviews"]) == 14
