"""Rows of a PostgreSQL: one snapshot of all tables, read through a cursor, and nothing written."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import asyncpg  # type: ignore[import-untyped]  # it has no types

from models.files import BadFile
from models.imports.stage import Row

# Rows of one answer of the database.
BATCH = 1_000
SECONDS = 15.0
# What says in a URL where the database is, beside its address.
PLACE = ("host", "port", "dbname")
# Rows without types lie in the order in which they were made; so ids that count go to whoever came first.
MADE = ("created_at",)
KEY = """
SELECT a.attname FROM pg_index i JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = ANY (i.indkey)
WHERE i.indrelid = $1::regclass AND i.indisprimary ORDER BY array_position(i.indkey::int2[], a.attnum)
"""
COLUMNS = "SELECT attname FROM pg_attribute WHERE attrelid = $1::regclass AND attnum > 0 AND NOT attisdropped"

Columns = Mapping[str, Mapping[str, str]]


class PostgreSQL:
    """The tables of a database that goes on to serve its old clients."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        if "@" in url.removeprefix(f"{parts.scheme}://{parts.netloc}"):
            # Part of a password would be taken for a path, and told.
            raise BadFile("In this address of a PostgreSQL write / as %2F, ? as %3F, # as %23 and @ as %40.")
        asked = parse_qs(parts.query)
        where = urlencode([(name, asked[name][0]) for name in PLACE if name in asked])
        address = parts.netloc.rpartition("@")[2]
        self.url = url
        self.name = self.place = f"postgresql://{address}{parts.path}{'?' if where else ''}{where}"
        self.notes: list[str] = []

    async def rows(self, columns: Columns) -> AsyncIterator[list[Row]]:
        """All rows of the tables as they were at one moment; raises BadFile."""
        connection: Any = None
        try:
            # A pooler may stand between, which forgets prepared statements.
            connection = await asyncpg.connect(
                self.url, timeout=SECONDS, statement_cache_size=0, server_settings={"TimeZone": "UTC"}
            )
            async with connection.transaction(isolation="repeatable_read", readonly=True):
                found = 0
                for table in columns:
                    if await connection.fetchval("SELECT to_regclass($1)::text", quoted(table)) is None:
                        self.notes.append(f"{self.name} has no table {table}.")
                        continue
                    found += 1
                    async for some in table_rows(connection, table):
                        yield some
                if not found:
                    raise BadFile(f"{self.name} has none of the tables {', '.join(columns)}.")
        except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError, ValueError, TimeoutError) as error:
            raise BadFile(f"{self.name} cannot be read: {str(error) or type(error).__name__}.") from error
        finally:
            if connection is not None:
                await close(connection)


async def table_rows(connection: Any, table: str) -> AsyncIterator[list[Row]]:
    """The rows of a table in the order in which they were made."""
    known = {each["attname"] for each in await connection.fetch(COLUMNS, quoted(table))}
    key = [each["attname"] for each in await connection.fetch(KEY, quoted(table))]
    order = [*(name for name in MADE if name in known), *key]
    ordered = f" ORDER BY {', '.join(map(quoted, order))}" if order else ""
    # The text of JSON is what the old servers handed out, to the last digit of a time.
    question = f"SELECT row_to_json(t)::text FROM (SELECT * FROM {quoted(table)}{ordered}) t"  # nosec B608  # our names
    cursor = await connection.cursor(question)
    number = 0
    while some := await cursor.fetch(BATCH):
        yield [Row(table, number + place, "", each[0]) for place, each in enumerate(some, 1)]
        number += len(some)


def quoted(name: str) -> str:
    """A name as SQL takes it, whatever it is."""
    return '"' + name.replace('"', '""') + '"'


async def close(connection: Any) -> None:
    """Lets a connection go, in order where that is possible."""
    try:
        await asyncio.wait_for(connection.close(), 5)
    except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError, TimeoutError):
        connection.terminate()
