"""Reviews: cards that a learner is shown again when it is time."""

from datetime import datetime, timedelta
from typing import Any, Required, Self, TypedDict, cast

from pydantic import StrictFloat, StrictInt
from pymongo import IndexModel, ReturnDocument

from models import raw, sm2
from models.counters import Numbered
from models.errors import ReviewNotFound, Unfit
from models.joins import Load
from models.lanes import Pages, Unique
from models.moments import Moment, StoredMoment, until
from models.raw import Fields
from models.rows import Row
from models.text import INT

# Whole numbers stay whole: the old server answered 1 and 6, but 15.0.
Amount = StrictInt | StrictFloat


class Review(Numbered):
    """One learner's card; `revision` counts the answers given here."""

    user_id: int
    character_id: int | None = None
    repetition: int | None = 0
    easiness: Amount | None = 2.5
    interval: Amount | None = 1
    next_review: Moment | None = None
    last_review: Moment | None = None
    revision: int = 0

    class Settings:
        name = "reviews"
        indexes = [IndexModel([("user_id", 1), ("next_review.at", 1)])]

    @classmethod
    def from_row(cls, row: Row) -> Self:
        """The review in a legacy row, with the old server's defaults for missing columns; raises BadValue."""
        return cls(
            id=row.whole("id"),
            user_id=row.whole("user_id"),
            character_id=row.whole_or_none("character_id"),
            repetition=row.whole_or_none("repetition", INT) if row.has("repetition") else 0,
            easiness=row.number_or_none("easiness") if row.has("easiness") else 2.5,
            interval=row.number_or_none("interval") if row.has("interval") else 1,
            next_review=row.moment_or_none("next_review"),
            last_review=row.moment_or_none("last_review"),
        )


class StoredReview(TypedDict, total=False):
    """A review as it is stored."""

    _id: Required[int]
    user_id: int
    character_id: int | None
    repetition: int | None
    easiness: int | float | None
    interval: int | float | None
    next_review: StoredMoment | None
    last_review: StoredMoment | None
    revision: int


BY_ID: Unique[StoredReview] = Unique(Review)


def waiting(user_id: int, now: datetime) -> dict[str, Any]:
    """A filter for the user's reviews whose time has come."""
    return {"user_id": user_id, **until("next_review", now)}


DUE: Pages[StoredReview] = Pages(Review, "user_id", "now", wanted=waiting)


def due(
    user_id: int, now: datetime, after: int | None, limit: int, fields: Fields = None
) -> Load[list[StoredReview]]:
    """The user's reviews whose time has come, by id, from the one after `after`."""
    return DUE.load((user_id, now, after, limit), fields)


async def count_due(user_id: int, now: datetime) -> int:
    """How many of the user's reviews wait."""
    return await raw.collection(Review).count_documents(waiting(user_id, now))


async def submit(user_id: int, review_id: int, quality: object, now: datetime) -> StoredReview:
    """The review after an answer; of answers given at once, each counts, one after the other."""
    while True:
        review = await BY_ID.load(review_id)
        if review is None or review["user_id"] != user_id:
            raise ReviewNotFound
        changed: Any = await raw.collection(Review).find_one_and_update(
            # An answer that came in between has raised the revision: then start from what it left. Whoever
            # loses has lost to an answer that counts, so this ends.
            {"_id": review["_id"], "revision": review["revision"]},
            {"$set": after_answer(review, quality, now), "$inc": {"revision": 1}},
            return_document=ReturnDocument.AFTER,
        )
        if changed is not None:
            return cast(StoredReview, changed)


def after_answer(review: StoredReview, quality: object, now: datetime) -> dict[str, Any]:
    """What an answer changes in a review; raises Unfit when the arithmetic cannot take it."""
    if not isinstance(quality, int | float):
        raise Unfit("quality", "it is not a number")
    try:
        step = sm2.answer(review["repetition"], review["easiness"], review["interval"], quality)
        next_review = Moment.of(now + timedelta(days=step.interval))
    except TypeError as error:
        raise Unfit("review", "its repetition, easiness or interval was never set") from error
    except (OverflowError, ValueError) as error:
        raise Unfit("quality", "the next review would be beyond the calendar") from error
    return {
        **step._asdict(),
        "next_review": next_review.model_dump(),
        "last_review": Moment.of(now).model_dump(),
    }
