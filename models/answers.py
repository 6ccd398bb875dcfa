"""Answers to reviews that were given without a connection, and arrive later, some of them more than once."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, cast

from beanie import Document
from pymongo import IndexModel
from pymongo.errors import DuplicateKeyError

from models import raw
from models.errors import DomainError, Invalid, ReviewNotFound, Unfit
from models.moments import Moment
from models.reviews import Review, StoredReview, after_answer
from models.transactions import Session, together

MOST = 500
# Whoever was away for longer sees the cards again; an answer is remembered for longer than that.
OLDEST, KEPT = timedelta(days=365), timedelta(days=400)


class Outcome(StrEnum):
    """What became of an answer."""

    STORED = "STORED"
    REPEATED = "REPEATED"
    LATE = "LATE"
    REFUSED = "REFUSED"


class ReviewAnswer(Document):
    """One answer as a client gave it, by the client's own id; the first that arrives counts."""

    id: str  # type: ignore[assignment]  # the caller and the id that their client made
    user_id: int
    review_id: int
    quality: int | float
    answered_at: Moment
    received_at: Moment
    outcome: Outcome

    class Settings:
        name = "review_answers"
        indexes = [
            IndexModel([("user_id", 1), ("answered_at.at", 1)]),
            IndexModel([("received_at.at", 1)], expireAfterSeconds=int(KEPT.total_seconds())),
        ]


@dataclass(frozen=True)
class Answer:
    """An answer that a client hands in: its own id, the card, how well it went, and when."""

    id: str
    review_id: int | None
    quality: object
    answered_at: datetime


@dataclass(frozen=True)
class Synced:
    """What became of one answer; `code` says why it was refused, `review` is the card as it is now."""

    id: str
    outcome: Outcome
    code: str | None = None
    review: StoredReview | None = None


async def sync(user_id: int, answers: Sequence[Answer], now: datetime) -> list[Synced]:
    """What became of each answer, in the order given; they count in the order in which they were given.

    An answer that arrives again changes nothing. One that is older than the card's latest answer is kept and
    changes nothing either: somebody has seen the card since. Raises Invalid for too many.
    """
    if len(answers) > MOST:
        raise Invalid(f"Send at most {MOST} answers at a time.", name="answers")
    order = sorted(range(len(answers)), key=lambda index: answers[index].answered_at)
    outcomes = {index: await synced(user_id, answers[index], now) for index in order}
    return [outcomes[index] for index in range(len(answers))]


async def synced(user_id: int, answer: Answer, now: datetime) -> Synced:
    """What became of one answer; it and its effect are durable together."""

    async def work(session: Session) -> Synced:
        review = await own_review(user_id, answer.review_id, session)
        # A clock that is ahead would put the next review too late.
        at = min(answer.answered_at, now)
        if now - at > OLDEST:
            raise Unfit("answered_at", "it is more than a year ago")
        changes = after_answer(review, answer.quality, at)
        last = review["last_review"]
        late = last is not None and at.replace(tzinfo=None) <= last["at"]
        outcome = Outcome.LATE if late else Outcome.STORED
        await raw.collection(ReviewAnswer).insert_one(
            kept(user_id, answer, at, now, outcome), session=session
        )
        if late:
            return Synced(answer.id, outcome, review=review)
        await raw.collection(Review).update_one(
            {"_id": review["_id"]}, {"$set": changes, "$inc": {"revision": 1}}, session=session
        )
        return Synced(answer.id, outcome, review=cast(StoredReview, {**review, **changes}))

    try:
        return await together(ReviewAnswer, work)
    except DuplicateKeyError:
        found: Any = await raw.collection(Review).find_one({"_id": answer.review_id, "user_id": user_id})
        return Synced(answer.id, Outcome.REPEATED, review=found)
    except DomainError as refused:
        return Synced(answer.id, Outcome.REFUSED, code=refused.code)


async def own_review(user_id: int, review_id: int | None, session: Session) -> StoredReview:
    """The card as it is now; raises ReviewNotFound."""
    wanted = {"_id": review_id, "user_id": user_id}
    found: Any = await raw.collection(Review).find_one(wanted, session=session)
    if found is None:
        raise ReviewNotFound
    review: StoredReview = found
    return review


def kept(user_id: int, answer: Answer, at: datetime, now: datetime, outcome: Outcome) -> dict[str, Any]:
    """An answer as it is stored; another user's answer of the same id is another answer."""
    return {
        "_id": f"{user_id}:{answer.id}",
        "user_id": user_id,
        "review_id": answer.review_id,
        "quality": answer.quality,
        "answered_at": Moment.of(at).model_dump(),
        "received_at": Moment.of(now).model_dump(),
        "outcome": outcome.value,
    }
