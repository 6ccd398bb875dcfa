"""Documents of the old search index come in as entries, once, whatever form the export has."""

import json
from pathlib import Path
from typing import Any

from pymongo.asynchronous.database import AsyncDatabase

from models import raw
from models.imports import import_rows
from models.kinds import Privacy
from models.search import entries
from models.search.entries import SearchEntry
from models.search.kinds import EntryKind
from tests.models.search.searching import NOW

STATE = "search-some"
SOURCE = {
    "id": "d1",
    "type": "person",
    "title": "Tendai Moyo",
    "content": "Taught mathematics.",
    "metadata": {"firstName": "Tendai"},
    "userId": "ann",
    "privacy": "public",
    "created": "2025-06-01T10:00:00.000Z",
    "updated": "2025-06-02T10:00:00.000Z",
}


def file_of(folder: Path, rows: list[dict[str, Any]]) -> Path:
    """A file with a state, as the others have one."""
    path = folder / "index.json"
    path.write_text(json.dumps({"fixtures": {STATE: {"collections": {"dzinza_search": rows}}}}))
    return path


async def test_an_export_comes_in_and_once_more_changes_nothing(
    database: AsyncDatabase[dict[str, Any]], tmp_path: Path
) -> None:
    exported = {"_index": "dzinza_search", "_id": "d2", "_score": 1, "_source": {**SOURCE, "id": "d2"}}
    path = file_of(tmp_path, [SOURCE, exported])
    for _ in range(2):
        summary = await import_rows("search", path, STATE)
        assert summary.bad == []
        rows: Any = await raw.collection(SearchEntry).find({}, sort=[("name", 1)]).to_list()
        assert [(row["name"], row["owner"], row["kind"], row["privacy"]) for row in rows] == [
            ("d1", "ann", "PERSON", "PUBLIC"),
            ("d2", "ann", "PERSON", "PUBLIC"),
        ]
    # What came in is what its owner changes from then on.
    await entries.put(
        "d1",
        {
            "kind": EntryKind.PERSON,
            "title": "Rudo",
            "content": "",
            "metadata": {},
            "privacy": Privacy.PRIVATE,
        },
        "ann",
        NOW,
    )
    assert await SearchEntry.count() == 2


async def test_a_document_that_cannot_be_kept_is_told(
    database: AsyncDatabase[dict[str, Any]], tmp_path: Path
) -> None:
    wrong: list[dict[str, Any]] = [
        {**SOURCE, "title": "t" * 501},
        {**SOURCE, "id": "d3", "type": "user"},
        {**SOURCE, "id": "d4", "metadata": "x"},
        {**SOURCE, "id": "d5", "userId": None},
    ]
    summary = await import_rows("search", file_of(tmp_path, wrong), STATE)
    assert len(summary.bad) == 4
    assert await SearchEntry.count() == 0
