"""Where rows come from: files, a PostgreSQL or a MongoDB, all read in the same way."""

from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from itertools import islice
from pathlib import Path
from typing import Protocol

from models.files import BadFile
from models.imports.file_rows import rows_of
from models.imports.mongodb import MongoDB
from models.imports.postgresql import PostgreSQL
from models.imports.stage import Row

# How the cells of a table are read, by column, where they have no types.
Columns = Mapping[str, Mapping[str, str]]
BATCH = 1_000


class Origin(Protocol):
    """A source of rows: `name` is what people gave, without a password, `place` the same from everywhere."""

    name: str
    place: str
    notes: list[str]

    def rows(self, columns: Columns) -> AsyncIterator[list[Row]]:
        """All rows of the tables, some at a time; raises BadFile."""


class Files:
    """One file, or a folder with a file for each table."""

    def __init__(self, path: Path, state: str | None) -> None:
        self.name = str(path)
        self.place = str(path.resolve())
        self.notes: list[str] = []
        self.path = path
        self.state = state

    async def rows(self, columns: Columns) -> AsyncIterator[list[Row]]:
        """All rows, in the order of the file."""
        found = rows_of(self.path, self.state, columns)
        for some in batched(found):
            yield some


SCHEMES: Mapping[str, Callable[[str], Origin]] = {
    "postgresql": PostgreSQL,
    "postgres": PostgreSQL,
    "mongodb": MongoDB,
    "mongodb+srv": MongoDB,
}


def batched(rows: Iterator[Row]) -> Iterator[list[Row]]:
    """Rows, some at a time."""
    while some := list(islice(rows, BATCH)):
        yield some


def origin_of(source: Path | str, state: str | None) -> Origin:
    """What a path or a URL names; raises BadFile."""
    text = str(source)
    scheme, separator, _ = text.partition("://")
    if not separator or isinstance(source, Path):
        return Files(Path(source), state)
    if scheme in SCHEMES:
        return SCHEMES[scheme](text)
    raise BadFile(f"{scheme}:// is no source of rows; {', '.join(SCHEMES)}, a file and a folder are.")
