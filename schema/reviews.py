"""Reviews: cards that a learner is shown again when it is time."""

from functools import partial
from typing import Self

import strawberry

from models import reviews
from models.errors import Invalid, NotSignedIn, ReviewNotFound, TokenWithoutUser, Unfit
from models.moments import Moment
from schema.characters import Character, character_by_id
from schema.connections import PAGE, Connection, Page, connect
from schema.context import Info
from schema.directives import INTEGER_ID, raises
from schema.ids import integer
from schema.permissions import SignedIn
from schema.scalars import Number, Quality
from schema.users import User, user_by_id


@strawberry.type(description="One learner's card.")
class Review:
    """One learner's card."""

    id: strawberry.ID = strawberry.field(directives=[INTEGER_ID])
    user_id: strawberry.ID = strawberry.field(directives=[INTEGER_ID])
    character_id: strawberry.ID | None = strawberry.field(directives=[INTEGER_ID])
    repetition: int | None = strawberry.field(description="How often in a row the card was remembered.")
    easiness: Number | None = strawberry.field(description="By how much the interval grows; 1.3 at least.")
    interval: Number | None = strawberry.field(description="Days from the last answer to the next review.")
    next_review: Moment | None
    last_review: Moment | None
    user_key: strawberry.Private[int]
    character_key: strawberry.Private[int | None]

    @classmethod
    def of(cls, review: reviews.Review) -> Self:
        """The type that shows a review."""
        return cls(
            id=strawberry.ID(str(review.id)),
            user_id=strawberry.ID(str(review.user_id)),
            character_id=None if review.character_id is None else strawberry.ID(str(review.character_id)),
            repetition=review.repetition,
            easiness=None if review.easiness is None else Number(review.easiness),
            interval=None if review.interval is None else Number(review.interval),
            next_review=review.next_review,
            last_review=review.last_review,
            user_key=review.user_id,
            character_key=review.character_id,
        )

    @strawberry.field(description="The learner; null once they are gone.")
    async def user(self, info: Info) -> User | None:
        """The learner."""
        return await user_by_id(self.user_key, info)

    @strawberry.field(description="The character; null where the card has none.")
    async def character(self, info: Info) -> Character | None:
        """The character."""
        return await character_by_id(self.character_key, info)


@strawberry.type
class ReviewQueries:
    """What can be asked about reviews."""

    @strawberry.field(
        description="The caller's reviews whose time has come, by id.",
        permission_classes=[SignedIn],
        directives=[raises(NotSignedIn, TokenWithoutUser, Invalid)],
    )
    async def due_reviews(
        self, info: Info, first: int | None = PAGE, after: str | None = None
    ) -> Connection[Review]:
        """The caller's due reviews."""
        user_id, now = info.context.user_id, info.context.now
        page = Page.wanted(first, after, info.context.page_limit)
        read = partial(reviews.due, user_id, now)
        return await connect(page, read, partial(reviews.count_due, user_id, now), Review.of)


@strawberry.type
class ReviewMutations:
    """Answering."""

    @strawberry.mutation(
        description="Answers one of the caller's reviews, due or not.",
        permission_classes=[SignedIn],
        directives=[raises(NotSignedIn, TokenWithoutUser, ReviewNotFound, Unfit)],
    )
    async def submit_review(self, info: Info, id: strawberry.ID, quality: Quality) -> Review:
        """The review after the answer."""
        user_id = info.context.user_id
        review_id = integer(id, ReviewNotFound, "id")
        return Review.of(await reviews.submit(user_id, review_id, quality, info.context.now))
