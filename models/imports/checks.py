"""What all imports do alike: rows become documents or are refused, and documents are written together."""

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from typing import Any, TypeVar, cast

from beanie import Document
from pymongo import ReplaceOne

from models import transactions
from models.files import Found
from models.imports.summary import BATCH, Bad, Progress, Summary, chunks
from models.raw import stored_form
from models.rows import BadValue, Row

Made = TypeVar("Made", bound=Document)
Key = TypeVar("Key")


class Checks:
    """What is noted of the rows of one file."""

    def __init__(self, summary: Summary, stored: bool) -> None:
        self.summary = summary
        # Whether what the database holds now will still be there.
        self.stored = stored

    def refuse(self, row: Found, column: str, reason: str) -> None:
        """Notes why a row cannot be imported."""
        self.summary.bad.append(Bad(row.line, row.table, f"{row.pointer}/{column}".rstrip("/"), reason))

    def refuse_value(self, row: Found, error: BadValue) -> None:
        """Notes which value of a row cannot be imported."""
        self.refuse(row, error.column, f"{error.column} {error.reason}")

    def by_table(self, rows: Iterable[Found], names: Iterable[str]) -> dict[str, list[Found]]:
        """The rows of each table; those of others are refused."""
        tables: dict[str, list[Found]] = {name: [] for name in names}
        for row in rows:
            if row.table in tables:
                tables[row.table].append(row)
            else:
                self.refuse(row, "", f"the table is not one of {', '.join(tables)}")
        return tables

    def convert(
        self,
        table: str,
        rows: Iterable[Found],
        convert: Callable[[Row], Made],
        named: Callable[[Made], Key],
        good: dict[Key, tuple[Found, Made]],
    ) -> None:
        """Adds the documents of the rows of a table that can be converted, by what they are named by."""
        ignored = set[str]()
        for found in rows:
            row = Row(found.values)
            try:
                document = convert(row)
            except BadValue as error:
                self.refuse_value(found, error)
                continue
            ignored |= found.values.keys() - row.asked
            name = named(document)
            if name in good:
                first = good[name][0].line
                self.refuse(found, "id", f"id {name} is given twice, first on line {first}")
            else:
                good[name] = found, document
        if ignored:
            self.summary.ignored_columns[table] = sorted(ignored)

    async def write_table(
        self,
        table: str,
        kind: type[Document],
        documents: list[Made],
        progress: Progress | None,
        prepare: Callable[[list[Made]], Awaitable[None]],
    ) -> None:
        """Writes documents, some at a time, each of which replaces the one with its id."""
        done = 0
        for some in chunks(documents, BATCH):
            await prepare(some)
            await replace(kind, some)
            done += len(some)
            if progress:
                progress(table, done, len(documents))
        self.summary.written[table] = done


async def replace(kind: type[Document], documents: Sequence[Document]) -> None:
    """Writes some documents in one transaction."""
    requests = [
        ReplaceOne({"_id": document.id}, cast(Mapping[str, Any], stored_form(document)), upsert=True)
        for document in documents
    ]

    async def write(session: transactions.Session) -> None:
        await kind.get_pymongo_collection().bulk_write(requests, session=session)

    await transactions.together(kind, write)
