"""What is looked for: kept for two years, and what can be told from it."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from beanie import Document, PydanticObjectId
from pydantic import Field
from pymongo import IndexModel
from pymongo.errors import PyMongoError
from pymongo.write_concern import WriteConcern

from models import raw
from models.raw import stored_form
from models.search.kinds import Asking, Interval

logger = logging.getLogger(__name__)

YEARS = timedelta(days=730)
# A search that is not noted because of a crash is no loss; nobody should wait for the disk.
HASTY = WriteConcern(w=1)
# What is kept of a question.
LENGTH = 200
# Of the most asked questions so many are counted.
POPULAR = 10


class SearchLog(Document):
    """One search: who asked what, and how much there was."""

    id: PydanticObjectId = Field(default_factory=PydanticObjectId)
    account: str | None = None
    query: str
    asking: Asking
    results: int
    millis: float
    at: datetime

    class Settings:
        name = "search_log"
        indexes = [
            IndexModel("at", expireAfterSeconds=int(YEARS.total_seconds())),
            IndexModel([("account", 1), ("at", -1)]),
        ]


class Counted(NamedTuple):
    """A question, or a time, and how often something was looked for."""

    key: Any
    number: int


@dataclass(frozen=True, slots=True)
class Asked:
    """Whose searches are told of, and of which time; no account stands for everybody."""

    account: str | None
    since: datetime | None = None
    until: datetime | None = None

    @property
    def filter(self) -> dict[str, Any]:
        """A filter for these searches."""
        wanted: dict[str, Any] = {} if self.account is None else {"account": self.account}
        bounds = {"$gte": self.since, "$lte": self.until}
        within = {name: value for name, value in bounds.items() if value is not None}
        return {**wanted, "at": within} if within else wanted


class Performance(NamedTuple):
    """How searches did: how many in which way, the results and milliseconds of each, how many had results."""

    total: int
    kinds: Mapping[str, int]
    results: float
    millis: float
    found: int


async def note(
    account: str | None, query: str, asking: Asking, results: int, seconds: float, now: datetime
) -> None:
    """Keeps that somebody has searched; that it cannot be kept is no reason to refuse the answer."""
    said = " ".join(query.lower().split())[:LENGTH]
    entry = SearchLog(
        account=account,
        query=said,
        asking=asking,
        results=results,
        millis=round(1000 * seconds, 2),
        at=now.astimezone(UTC).replace(tzinfo=None),
    )
    try:
        await raw.collection(SearchLog).with_options(write_concern=HASTY).insert_one(stored_form(entry))
    except PyMongoError:
        logger.warning("A search could not be noted.", exc_info=True)


async def popular(asked: Asked, limit: int = POPULAR) -> list[Counted]:
    """The questions that were asked most often."""
    stages: list[dict[str, Any]] = [
        {"$match": {**asked.filter, "query": {"$ne": ""}}},
        {"$group": {"_id": "$query", "count": {"$sum": 1}}},
        {"$sort": {"count": -1, "_id": 1}},
        {"$limit": limit},
    ]
    return [Counted(each["_id"], each["count"]) for each in await aggregated(stages)]


async def total(asked: Asked) -> int:
    """How many questions were asked in words."""
    return await raw.collection(SearchLog).count_documents({**asked.filter, "query": {"$ne": ""}})


async def trend(asked: Asked, interval: Interval = Interval.DAY) -> list[Counted]:
    """How often something was looked for in each stretch of time in which it was, the oldest first."""
    unit = interval.value.lower()
    begun = {
        "$dateTrunc": {"date": "$at", "unit": unit, **({"startOfWeek": "monday"} if unit == "week" else {})}
    }
    stages: list[dict[str, Any]] = [
        {"$match": asked.filter},
        {"$group": {"_id": begun, "count": {"$sum": 1}}},
        {"$sort": {"_id": 1}},
    ]
    return [Counted(each["_id"], each["count"]) for each in await aggregated(stages)]


async def performance(asked: Asked) -> Performance:
    """How searches did."""
    one: dict[str, Any] = {
        "_id": "$asking",
        "count": {"$sum": 1},
        "results": {"$sum": "$results"},
        "millis": {"$sum": "$millis"},
        "found": {"$sum": {"$cond": [{"$gt": ["$results", 0]}, 1, 0]}},
    }
    rows = await aggregated([{"$match": asked.filter}, {"$group": one}, {"$sort": {"_id": 1}}])
    number = sum(each["count"] for each in rows)
    return Performance(
        total=number,
        kinds={each["_id"]: each["count"] for each in rows},
        results=sum(each["results"] for each in rows) / number if number else 0,
        millis=sum(each["millis"] for each in rows) / number if number else 0,
        found=sum(each["found"] for each in rows),
    )


async def aggregated(stages: list[dict[str, Any]]) -> list[Any]:
    """What an aggregation of the log gives."""
    cursor = await raw.collection(SearchLog).aggregate(stages)
    return await cursor.to_list()
