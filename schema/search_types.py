"""What was found, as the graph shows it."""

from typing import Any

import strawberry

from models.moments import Moment
from models.search.kinds import Asking, Dated, EntryKind, Interval, Order
from schema.kin import People
from schema.kinds import Privacy
from schema.people import Person
from schema.relations import following
from schema.scalars import JSON, Number

strawberry.enum(EntryKind, name="SearchKind", description="What something is that can be found.")
strawberry.enum(Order, name="SearchOrder", description="What comes first.")
strawberry.enum(Dated, name="SearchDate", description="The dates by which something can be found.")
strawberry.enum(Interval, name="SearchInterval", description="How much time is counted together.")
strawberry.enum(Asking, name="SearchWay", description="In which way something was looked for.")


@strawberry.type(
    description="Pieces of the texts in which the words were found, in `<em>`; all else is escaped."
)
class SearchHighlights:
    """Where the words were found; null where they were not."""

    title: list[str] | None
    content: list[str] | None
    first_name: list[str] | None
    last_name: list[str] | None
    birth_place: list[str] | None
    death_place: list[str] | None


@strawberry.type(description="Something that was found, with what the caller may see of it.")
class SearchHit:
    """Something that was found."""

    id: strawberry.ID = strawberry.field(description="What it is called in the index.")
    name: strawberry.ID = strawberry.field(
        description="What its owner calls it; the id of whatever has no owner."
    )
    kind: EntryKind
    score: Number = strawberry.field(description="How well it fits; comparable within one answer only.")
    title: str
    content: str = strawberry.field(
        description="What it says; the texts of a page share 4,000,000 characters alike, so few are whole."
    )
    metadata: JSON
    privacy: Privacy
    owner: strawberry.ID | None
    tree_id: strawberry.ID | None
    created_at: Moment
    updated_at: Moment
    highlights: SearchHighlights | None
    person: Person | None = strawberry.field(
        description="The person, where it is one of a family tree.", resolver=following(People("person_id"))
    )


@strawberry.type(description="How many there are of one kind.")
class KindCount:
    """How many there are of one kind."""

    kind: EntryKind
    count: int


@strawberry.type(description="How many are seen by whom.")
class PrivacyCount:
    """How many are seen by whom."""

    privacy: Privacy
    count: int


@strawberry.type(description="How much there was in a stretch of time.")
class TimeCount:
    """How much there was in a stretch of time."""

    start: Moment
    millis: Number = strawberry.field(description="The same as milliseconds since 1970.")
    count: int


@strawberry.type(description="What was found, counted.")
class SearchFacets:
    """What was found, counted."""

    kinds: list[KindCount]
    privacies: list[PrivacyCount]
    years: list[TimeCount] = strawberry.field(description="By the year in which it was made.")


@strawberry.type(description="A page of what was found.")
class SearchPage:
    """A page of what was found."""

    total: int = strawberry.field(description="How much there is on all pages.")
    page: int
    size: int
    words: str | None = strawberry.field(description="What was asked for, as it was understood.")
    misspelt: bool = strawberry.field(description="Whether words could be spelt otherwise.")
    hits: list[SearchHit]
    facets: SearchFacets
    suggestions: list[str] = strawberry.field(description="Titles that begin like what was asked for.")


def moment(at: Any) -> dict[str, Any]:
    """An instant as moments are stored."""
    return {"at": at.replace(tzinfo=None), "us": 0, "text": None}
