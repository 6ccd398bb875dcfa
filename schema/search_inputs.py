"""What is asked for, read out of arguments."""

from enum import Enum
from typing import cast

import strawberry

from models.errors import Unfit
from models.search.dates import bounds
from models.search.engine import REACH, Span
from models.search.entries import EntryFields
from models.search.kinds import Dated, EntryKind, Order
from models.text import storable
from schema import inputs
from schema.kinds import Privacy
from schema.scalars import JSON

# The longest question, the longest name, and the largest page.
QUESTION, NAME, SIZE = 1_000, 200, 100


@strawberry.enum(name="SearchDirection", description="From the highest down, or from the lowest up.")
class Direction(Enum):
    """From the highest down, or from the lowest up."""

    ASC = "ASC"
    DESC = "DESC"


@strawberry.input(description="What comes first.")
class SearchSort:
    """What comes first."""

    by: Order = Order.RELEVANCE
    direction: Direction = Direction.DESC


@strawberry.input(
    description="A time in which a date lies: years, months, days or instants in ISO 8601, with both ends."
)
class SearchSpan:
    """A time in which a date lies."""

    dated: Dated = Dated.CREATED
    since: str | None = None
    until: str | None = None


@strawberry.input(description="A place where something was: of a birth, of a death, or anywhere in a text.")
class SearchPlace:
    """A place where something was."""

    name: str | None = None


@strawberry.input(description="Something to be found; who says it again says it anew.")
class NewSearchEntry:
    """Something to be found."""

    name: strawberry.ID
    kind: EntryKind
    title: str
    content: str
    metadata: JSON
    privacy: Privacy
    family_tree: str | None = strawberry.field(
        default=strawberry.UNSET,
        description="A tree that the caller may change: its people find what is for the family.",
    )


@strawberry.input(description="What to change of an entry; what is left out stays, and metadata are joined.")
class SearchEntryChanges:
    """What to change of an entry."""

    kind: EntryKind | None = strawberry.UNSET
    title: str | None = strawberry.UNSET
    content: str | None = strawberry.UNSET
    metadata: JSON | None = strawberry.UNSET
    privacy: Privacy | None = strawberry.UNSET
    family_tree: str | None = strawberry.UNSET


def entry_fields(given: NewSearchEntry | SearchEntryChanges) -> EntryFields:
    """What was said of an entry."""
    values = inputs.said(given)
    values.pop("name", None)
    return cast(EntryFields, inputs.without_nulls(values, "kind", "title", "content", "metadata", "privacy"))


def question(text: str | None, name: str, most: int = NAME) -> str | None:
    """A text to look for; raises Unfit where it is too long, or no text."""
    if text is None:
        return None
    if len(text) > most:
        raise Unfit(name, f"it has {len(text)} characters, and may have {most}")
    return storable(text, name)


def reach(page: int, size: int, limit: int) -> int:
    """How many are skipped to come to a page; raises Unfit for one that nobody gets to."""
    most = min(SIZE, limit)
    if not 1 <= size <= most:
        raise Unfit("first", f"it is {size}, and must be 1 to {most}")
    if not 1 <= page or page * size > REACH:
        raise Unfit("page", f"it is {page}, and of what is found the first {REACH} can be seen")
    return (page - 1) * size


def span_of(given: SearchSpan) -> Span:
    """A time; raises Unfit for what is no date."""
    since = bounds(given.since, "since")[0] if given.since else None
    until = bounds(given.until, "until")[1] if given.until else None
    return Span(given.dated, since, until)


def day_of(text: str | None, dated: Dated, name: str) -> tuple[Span, ...]:
    """The time that a date stands for; raises Unfit for what is none."""
    return (Span(dated, *bounds(text, name)),) if text else ()
