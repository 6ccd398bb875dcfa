"""Lists that grow, page by page, as Relay reads them."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

import strawberry

from models.counters import Numbered
from models.errors import Invalid
from models.text import BIGINT

Node = TypeVar("Node")
Document = TypeVar("Document", bound=Numbered)

PAGE = 50


def cursor_of(key: int) -> str:
    """The text that stands for a place in a list."""
    return urlsafe_b64encode(str(key).encode()).decode().rstrip("=")


def key_of(cursor: str) -> int:
    """The place that a cursor stands for; raises Invalid."""
    try:
        key = int(urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (ValueError, Error):
        raise Invalid("after is no cursor of this list.", name="after") from None
    if key not in BIGINT or cursor_of(key) != cursor:
        raise Invalid("after is no cursor of this list.", name="after")
    return key


@strawberry.type(description="Where a page stands in its list.")
class PageInfo:
    """Where a page stands in its list."""

    has_next_page: bool
    has_previous_page: bool
    start_cursor: str | None
    end_cursor: str | None


@strawberry.type(description="One item of a list, and its place.")
class Edge(Generic[Node]):
    """One item of a list, and its place."""

    node: Node
    key: strawberry.Private[int]

    @strawberry.field(description="The place; give it as `after` to read on from here.")
    def cursor(self) -> str:
        """The place as text."""
        return cursor_of(self.key)


@strawberry.type(description="A page of a list that grows.")
class Connection(Generic[Node]):
    """A page of a list that grows."""

    edges: list[Edge[Node]]
    page_info: PageInfo
    count: strawberry.Private[Callable[[], Awaitable[int]]]

    @strawberry.field(description="How many items the whole list has; counted only when asked for.")
    async def total_count(self) -> int:
        """The length of the whole list."""
        return await self.count()


@dataclass(frozen=True)
class Page:
    """Which part of a list is wanted."""

    first: int
    after: int | None

    @classmethod
    def wanted(cls, first: int | None, after: str | None, limit: int) -> "Page":
        """The page that the two arguments ask for; raises Invalid."""
        size = min(PAGE, limit) if first is None else first
        if not 0 <= size <= limit:
            raise Invalid(f"first is {size}, and must be 0 to {limit}.", name="first")
        return cls(size, None if after is None else key_of(after))


async def connect(
    page: Page,
    read: Callable[[int | None, int], Awaitable[Sequence[Document]]],
    count: Callable[[], Awaitable[int]],
    show: Callable[[Document], Node],
) -> Connection[Node]:
    """The page, read in one query: one item more than wanted tells whether there is another."""
    found = await read(page.after, page.first + 1)
    shown = found[: page.first]
    more = len(found) > len(shown)

    async def length() -> int:
        return len(shown)

    return Connection(
        edges=[Edge(node=show(document), key=document.id) for document in shown],
        page_info=PageInfo(
            has_next_page=more,
            has_previous_page=page.after is not None,
            start_cursor=cursor_of(shown[0].id) if shown else None,
            end_cursor=cursor_of(shown[-1].id) if shown else None,
        ),
        count=count if more or page.after is not None else length,
    )
