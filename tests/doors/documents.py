"""What a story leaves in MongoDB, comparable with what it leaves through another door."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pymongo.asynchronous.database import AsyncDatabase

# How long a story may take, so that two runs of it write the same instants.
STORY = 60.0


@dataclass(frozen=True, eq=False)
class Since:
    """How many seconds after the story began an instant lies; equal within the time that a story takes."""

    seconds: float

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Since) and abs(self.seconds - other.seconds) < STORY


async def documents(database: AsyncDatabase[dict[str, Any]], begun: datetime) -> dict[str, list[Any]]:
    """Every collection, with its clocks counted from the beginning, its salts left out, and nothing else."""
    found: dict[str, list[Any]] = {}
    for name in await database.list_collection_names(filter={"name": {"$not": {"$regex": "^system\\."}}}):
        rows = [row async for row in database[name].find().sort("_id")]
        found[name] = [plain(row, begun) for row in rows]
        if name == "revocations":
            # Which credential was given back differs by door: its digest and its end do too.
            found[name] = ["revoked"] * len(rows)
    return {name: rows for name, rows in found.items() if rows}


def plain(value: Any, begun: datetime, key: str = "") -> Any:
    """A value whose imported instants stay, whose written ones are counted, whose hashes lose their salt."""
    if isinstance(value, dict):
        if {"at", "us", "text"} <= value.keys() and value["text"] is None:
            return Since((value["at"] - begun).total_seconds())
        return {name: plain(member, begun, name) for name, member in value.items()}
    if isinstance(value, list):
        return [plain(item, begun) for item in value]
    if key == "uuid":
        # Made up anew each time.
        return len(value)
    return value.partition("$")[0] if key == "password_hash" and value else value
