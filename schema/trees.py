"""Family trees: how they are found, made and changed."""

from typing import Annotated, Any

import strawberry

from models import tree_writes, trees
from models.errors import DomainError, NotSignedIn, TokenWithoutUser, Unfit, UserNotFound
from models.family_errors import PersonNotFound, TreeForbidden, TreeNotFound
from models.keys import key
from models.kinds import Need
from models.raw import Fields
from models.trees import StoredTree
from schema import inputs, sight
from schema.context import Context, Info
from schema.directives import raises
from schema.permissions import SignedIn
from schema.projection import keys
from schema.tree_inputs import NewTree, TreeChanges, tree_changes, tree_fields
from schema.tree_types import Tree, TreeFound, TreeMade

# What may be wrong with whom the credential names, and with a caller altogether.
ACCOUNT: tuple[type[DomainError], ...] = (UserNotFound, Unfit)
CALLER: tuple[type[DomainError], ...] = (NotSignedIn, TokenWithoutUser, *ACCOUNT)
TREE: tuple[type[DomainError], ...] = (TreeNotFound, TreeForbidden)

OpenedTree = Annotated[TreeFound | TreeMade, strawberry.union("OpenedTree", description="The caller's tree.")]


def with_rights(fields: Fields) -> Fields:
    """Fields of trees, with those that tell who may do what."""
    return None if fields is None else tuple(dict.fromkeys((*fields, *trees.RIGHTS)))


async def caller(context: Context) -> str:
    """The account that calls, which whatever is shown afterwards is shown to."""
    account = await context.account()
    await sight.viewer(context)
    return account


@strawberry.type
class TreeQueries:
    """What can be asked about trees."""

    @strawberry.field(
        graphql_type=Tree,
        description="One tree; a public one for everybody.",
        directives=[raises(*TREE, *ACCOUNT)],
    )
    async def tree(self, info: Info, id: strawberry.ID) -> StoredTree:
        """One tree."""
        context = info.context
        account = await sight.viewer(context)
        tree = await trees.get(key(id), account, Need.VIEW, with_rights(keys(info)), context.reads)
        sight.noted(context, tree)
        return tree

    @strawberry.field(
        description="The account that calls; null for a credential that names none.",
        permission_classes=[SignedIn],
        directives=[raises(NotSignedIn, *ACCOUNT)],
    )
    async def account(self, info: Info) -> strawberry.ID | None:
        """The account that calls."""
        account = await sight.viewer(info.context)
        return None if account is None else strawberry.ID(account)


@strawberry.type
class TreeMutations:
    """Making and changing trees."""

    @strawberry.mutation(
        graphql_type=OpenedTree,
        description="The caller's newest tree; one is made for who has none.",
        permission_classes=[SignedIn],
        directives=[raises(*CALLER)],
    )
    async def open_tree(self, info: Info) -> TreeFound | TreeMade:
        """The caller's newest tree."""
        context, account = info.context, await caller(info.context)
        with context.reads.written():
            opened = await tree_writes.open(account, context.now)
        sight.noted(context, opened.tree)
        tree: Any = opened.tree
        return TreeMade(tree=tree) if opened.created else TreeFound(tree=tree)

    @strawberry.mutation(
        graphql_type=Tree,
        description="Makes a tree of the caller's.",
        permission_classes=[SignedIn],
        directives=[raises(*CALLER)],
    )
    async def create_tree(self, info: Info, input: NewTree) -> StoredTree:
        """A new tree."""
        context, account = info.context, await caller(info.context)
        with context.reads.written():
            tree = await tree_writes.create(tree_fields(input), account, context.now)
        sight.noted(context, tree)
        return tree

    @strawberry.mutation(
        graphql_type=Tree,
        description="Changes a tree; for its owner and its admins.",
        permission_classes=[SignedIn],
        directives=[raises(*CALLER, *TREE, PersonNotFound)],
    )
    async def change_tree(
        self,
        info: Info,
        id: strawberry.ID,
        input: TreeChanges,
        legacy_unfit: inputs.LegacyUnfit = None,
    ) -> StoredTree:
        """The tree after the change."""
        context, account = info.context, await caller(info.context)
        fields, unfit = tree_changes(input, legacy_unfit)
        with context.reads.written():
            tree = await tree_writes.change(key(id), fields, account, context.now, unfit=unfit)
        sight.noted(context, tree)
        return tree

    @strawberry.mutation(
        description="Deletes a tree with everybody in it; for its owner. Always true.",
        permission_classes=[SignedIn],
        directives=[raises(*CALLER, *TREE)],
    )
    async def delete_tree(self, info: Info, id: strawberry.ID) -> bool:
        """The end of a tree."""
        context, account = info.context, await caller(info.context)
        with context.reads.written():
            await tree_writes.delete(key(id), account)
        return True
