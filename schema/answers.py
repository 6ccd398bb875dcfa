"""Answers to reviews that were given without a connection."""

import re

import strawberry

from models.answers import Answer, Outcome, Synced, sync
from models.errors import DomainError, Invalid, NotSignedIn, ReviewNotFound, TokenWithoutUser
from models.moments import Moment
from schema.context import Info
from schema.directives import raises
from schema.ids import integer
from schema.permissions import SignedIn
from schema.reviews import Review
from schema.scalars import Quality

strawberry.enum(Outcome, name="AnswerOutcome", description="What became of an answer.")
# Anything longer or stranger is no id that a client made.
CLIENT_ID = re.compile(r"[A-Za-z0-9_-]{8,64}")


@strawberry.input(description="An answer to a review, as it was given.")
class ReviewAnswerInput:
    """An answer to a review, as it was given."""

    id: strawberry.ID = strawberry.field(
        description="Made by the client, such as a UUID; the same answer sent again has the same."
    )
    review: strawberry.ID
    quality: Quality
    answered_at: Moment


@strawberry.type(description="What became of one answer.")
class SyncedAnswer:
    """What became of one answer."""

    id: strawberry.ID
    outcome: Outcome = strawberry.field(
        description="LATE: the card has been answered since, so that this changed nothing."
    )
    code: str | None = strawberry.field(description="Why it was refused; null where it was not.")
    review: Review | None = strawberry.field(description="The card as it is now.")


@strawberry.type
class AnswerMutations:
    """Handing answers in."""

    @strawberry.mutation(
        graphql_type=list[SyncedAnswer],
        description="Takes answers that were given before, each once however often it is sent; 500 at most.",
        permission_classes=[SignedIn],
        directives=[raises(NotSignedIn, TokenWithoutUser, Invalid)],
    )
    async def sync_reviews(self, info: Info, answers: list[ReviewAnswerInput]) -> list[Synced]:
        """What became of each answer."""
        context, user_id = info.context, info.context.user_id
        given = [as_given(answer) for answer in answers]
        with context.reads.written():
            return await sync(user_id, given, context.now)


def as_given(answer: ReviewAnswerInput) -> Answer:
    """An answer in the words of the domain; raises Invalid for an id that no client makes."""
    if not CLIENT_ID.fullmatch(answer.id):
        raise Invalid("The id of an answer has 8 to 64 letters, digits, - or _.", name="id")
    try:
        review = integer(answer.review, ReviewNotFound, "review")
    except DomainError:
        # Refused by itself, so that it does not hold up the others.
        review = None
    return Answer(answer.id, review, answer.quality, answer.answered_at.instant)
