"""Reviews: cards that a learner is shown again when it is time."""

from functools import partial

import strawberry

from models import characters, reviews, users
from models.errors import Invalid, NotSignedIn, ReviewNotFound, TokenWithoutUser, Unfit
from models.moments import Moment
from models.reviews import StoredReview
from schema.characters import Character
from schema.connections import PAGE, Connection, Found, Page, connect
from schema.context import Info
from schema.directives import INTEGER_ID, raises
from schema.ids import integer
from schema.permissions import SignedIn
from schema.projection import keys
from schema.relations import edge
from schema.scalars import Number, Quality
from schema.users import User


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
    user: User | None = strawberry.field(
        description="The learner; null once they are gone.", resolver=edge("user_id", users.BY_ID)
    )
    character: Character | None = strawberry.field(
        description="The character; null where the card has none.",
        resolver=edge("character_id", characters.BY_ID),
    )


@strawberry.type
class ReviewQueries:
    """What can be asked about reviews."""

    @strawberry.field(
        graphql_type=Connection[Review],
        description="The caller's reviews whose time has come, by id.",
        permission_classes=[SignedIn],
        directives=[raises(NotSignedIn, TokenWithoutUser, Invalid)],
    )
    async def due_reviews(self, info: Info, first: int | None = PAGE, after: str | None = None) -> Found:
        """The caller's due reviews."""
        user_id, now = info.context.user_id, info.context.now
        page = Page.wanted(first, after, info.context.page_limit)
        read = partial(reviews.due, user_id, now, fields=keys(info, "edges", "node"))
        return await connect(page, read, partial(reviews.count_due, user_id, now))


@strawberry.type
class ReviewMutations:
    """Answering."""

    @strawberry.mutation(
        graphql_type=Review,
        description="Answers one of the caller's reviews, due or not.",
        permission_classes=[SignedIn],
        directives=[raises(NotSignedIn, TokenWithoutUser, ReviewNotFound, Unfit)],
    )
    async def submit_review(self, info: Info, id: strawberry.ID, quality: Quality) -> StoredReview:
        """The review after the answer."""
        context, user_id = info.context, info.context.user_id
        review_id = integer(id, ReviewNotFound, "id")
        with context.reads.written():
            return await reviews.submit(user_id, review_id, quality, context.now)
