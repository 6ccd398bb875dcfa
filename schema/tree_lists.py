"""Lists of the caller's trees: by id as all lists, and by numbered pages."""

from functools import partial
from typing import Any

import strawberry

from models import tree_pages
from models.errors import Invalid
from models.family_errors import PatternInvalid
from models.trees import StoredTree
from schema import sight
from schema.connections import PAGE, Connection, Found, Page, connect, document_of
from schema.context import Context, Info
from schema.directives import raises
from schema.permissions import SignedIn
from schema.projection import keys
from schema.tree_types import Tree, TreePage
from schema.trees import CALLER, caller, with_rights


def handed_out(context: Context, found: list[StoredTree]) -> list[StoredTree]:
    """Trees whose rights are known from here on."""
    for tree in found:
        sight.noted(context, tree)
    return found


@strawberry.type
class TreeListQueries:
    """Which trees are the caller's."""

    @strawberry.field(
        graphql_type=Connection[Tree],
        description="The caller's own trees by id, and those they work on.",
        permission_classes=[SignedIn],
        directives=[raises(*CALLER, Invalid)],
    )
    async def my_trees(
        self, info: Info, first: int | None = PAGE, after: str | None = None, search: str | None = None
    ) -> Found:
        """A page of the caller's trees."""
        context, account = info.context, await caller(info.context)
        page = Page.wanted(first, after, context.page_limit, document_of)
        fields = with_rights(keys(info, "edges", "node"))

        async def read(after: Any, limit: int) -> list[StoredTree]:
            found = await tree_pages.OF_ACCOUNT.load((account, search, after, limit), fields)
            return handed_out(context, found)

        return await connect(page, read, partial(tree_pages.count_of_account, account, search))

    @strawberry.field(
        graphql_type=TreePage,
        description="A numbered page of the caller's trees, the latest active first.",
        permission_classes=[SignedIn],
        directives=[raises(*CALLER, Invalid, PatternInvalid)],
    )
    async def tree_page(
        self, info: Info, page: int = 1, limit: int = 10, search: str | None = None, pattern: bool = False
    ) -> Any:
        """A numbered page of the caller's trees."""
        context = info.context
        account = await sight.viewer(context)
        if not 1 <= page or not 1 <= limit <= context.page_limit:
            raise Invalid(f"page begins with 1, and limit is 1 to {context.page_limit}.", name="page")
        found = await tree_pages.page(account, page, limit, search, pattern)
        handed_out(context, found.trees)
        return {**found._asdict(), "caller_account": account}
