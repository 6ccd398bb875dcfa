"""Rows of an old gateway, as many as are wanted, in files that an old database might have written."""

import csv
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

MADE = "2025-01-01T00:00:00+00:00"


def uuid(kind: int, number: int) -> str:
    return f"{kind:08}-0000-4000-8000-{number:012}"


def tables(number: int) -> Iterator[tuple[str, dict[str, Any]]]:
    """A family for every ten people: their trees, then all people, then who begot whom."""
    trees = max(number // 10, 1)
    for each in range(trees):
        yield (
            "users",
            {
                "id": uuid(1, each),
                "email": f"owner{each}@example.com",
                "username": f"owner{each}",
                "password_hash": None,
                "created_at": MADE,
                "is_active": True,
                "location": {"city": "Harare", "n": each},
            },
        )
    for each in range(trees):
        yield (
            "family_trees",
            {
                "id": uuid(2, each),
                "name": f"Family {each}",
                "user_id": uuid(1, each),
                "created_at": MADE,
            },
        )
    for each in range(number):
        first = each - each % 10
        yield (
            "family_members",
            {
                "id": uuid(3, each),
                "tree_id": uuid(2, min(each // 10, trees - 1)),
                "user_id": uuid(1, min(each // 10, trees - 1)),
                "name": f"Person {each}",
                "first_name": "Person",
                "last_name": str(each),
                "gender": "female" if each % 2 else "male",
                "birth_date": "1930-04-12",
                "biography": 'She said "no, 行", and\nwent.',
                "parent_ids": [uuid(3, first)] if each > first else [],
                "child_ids": [uuid(3, n) for n in range(first + 1, min(first + 10, number))]
                if each == first
                else [],
                "spouse_ids": [],
                "created_at": MADE,
            },
        )
    for each in range(number):
        first = each - each % 10
        if each > first:
            yield (
                "family_relationships",
                {
                    "id": uuid(4, each),
                    "relationship_type": "PARENT_CHILD",
                    "person1_id": uuid(3, first),
                    "person2_id": uuid(3, each),
                    "tree_id": uuid(2, min(each // 10, trees - 1)),
                    "user_id": uuid(1, 0),
                    "created_at": MADE,
                },
            )


def lines(path: Path, number: int) -> Path:
    """A file with one row a line."""
    with path.open("w", encoding="utf-8") as file:
        for table, row in tables(number):
            file.write(json.dumps({"table": table, "row": row}) + "\n")
    return path


def folder_of_lines(path: Path, number: int) -> Path:
    """A folder with a file of rows for each table."""
    path.mkdir()
    for table, row in tables(number):
        with (path / f"{table}.ndjson").open("a", encoding="utf-8") as file:
            file.write(json.dumps(row) + "\n")
    return path


def folder_of_cells(path: Path, number: int) -> Path:
    """A folder with a file of cells for each table, as COPY writes them."""
    path.mkdir()
    files: dict[str, Any] = {}
    for table, row in tables(number):
        if table not in files:
            files[table] = (path / f"{table}.csv").open("w", newline="", encoding="utf-8")
            csv.writer(files[table], lineterminator="\n").writerow(row)
        cells = [json.dumps(each) if isinstance(each, list | dict) else each for each in row.values()]
        cells = [("t" if each else "f") if isinstance(each, bool) else each for each in cells]
        csv.writer(files[table], lineterminator="\n").writerow(cells)
    for file in files.values():
        file.close()
    return path
