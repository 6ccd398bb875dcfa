"""Lists that grow, page by page, as Relay reads them."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Generic, TypedDict, TypeVar

import strawberry
from bson import ObjectId
from bson.errors import InvalidId

from models import raw
from models.errors import Invalid
from models.lanes import Pages
from models.text import BIGINT

Node = TypeVar("Node")

PAGE = 50


def cursor_of(key: object) -> str:
    """The text that stands for a place in a list."""
    return urlsafe_b64encode(str(key).encode()).decode().rstrip("=")


def number_of(text: str) -> int:
    """The whole number that is the id of a document; raises ValueError."""
    number = int(text)
    if number not in BIGINT:
        raise ValueError
    return number


def document_of(text: str) -> ObjectId:
    """The ObjectId of a document; raises ValueError."""
    try:
        return ObjectId(text)
    except InvalidId as error:
        raise ValueError from error


def key_of(cursor: str, read: Callable[[str], Any] = number_of) -> Any:
    """The place that a cursor stands for, as the text in it is read; raises Invalid."""
    try:
        key = read(urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode())
    except (ValueError, Error):
        raise Invalid("after is no cursor of this list.", name="after") from None
    if cursor_of(key) != cursor:
        raise Invalid("after is no cursor of this list.", name="after")
    return key


@strawberry.type(description="Where a page stands in its list.")
class PageInfo:
    """Where a page stands in its list."""

    has_next_page: bool
    has_previous_page: bool
    start_cursor: str | None
    end_cursor: str | None


class Placed(TypedDict):
    """The source of an edge."""

    node: dict[str, Any]


class Found(TypedDict):
    """The source of a connection: a page of a list, whether there is more, and what counts all of it."""

    edges: list[Placed]
    page: "Page"
    more: bool
    count: Callable[[], Awaitable[int]]


@strawberry.type(description="One item of a list, and its place.")
class Edge(Generic[Node]):
    """One item of a list, and its place."""

    node: Node

    @strawberry.field(description="The place; give it as `after` to read on from here.")
    def cursor(root: Placed) -> str:
        """The place as text."""
        return cursor_of(root["node"]["_id"])


@strawberry.type(description="A page of a list that grows.")
class Connection(Generic[Node]):
    """A page of a list that grows."""

    edges: list[Edge[Node]]

    @strawberry.field(graphql_type=PageInfo)
    def page_info(root: Found) -> dict[str, Any]:
        """Where the page stands."""
        edges = root["edges"]
        return {
            "has_next_page": root["more"],
            "has_previous_page": root["page"].after is not None,
            "start_cursor": cursor_of(edges[0]["node"]["_id"]) if edges else None,
            "end_cursor": cursor_of(edges[-1]["node"]["_id"]) if edges else None,
        }

    @strawberry.field(description="How many items the whole list has; counted only when asked for.")
    async def total_count(root: Found) -> int:
        """The length of the whole list."""
        if root["more"] or root["page"].after is not None:
            return await root["count"]()
        return len(root["edges"])


async def counted(lane: Pages[Any], *of: object) -> int:
    """How many documents the pages of a lane have altogether."""
    return await raw.collection(lane.batcher.kind).count_documents(lane.wanted(*of))


@dataclass(frozen=True)
class Page:
    """Which part of a list is wanted."""

    first: int
    after: Any

    @classmethod
    def wanted(
        cls, first: int | None, after: str | None, limit: int, read: Callable[[str], Any] = number_of
    ) -> "Page":
        """The page that the two arguments ask for; raises Invalid."""
        size = min(PAGE, limit) if first is None else first
        if not 0 <= size <= limit:
            raise Invalid(f"first is {size}, and must be 0 to {limit}.", name="first")
        return cls(size, None if after is None else key_of(after, read))


async def connect(
    page: Page,
    read: Callable[[Any, int], Awaitable[list[Any]]],
    count: Callable[[], Awaitable[int]],
) -> Found:
    """The page, read in one query: one item more than wanted tells whether there is another."""
    found = await read(page.after, page.first + 1)
    return {
        "edges": [{"node": document} for document in found[: page.first]],
        "page": page,
        "more": len(found) > page.first,
        "count": count,
    }
