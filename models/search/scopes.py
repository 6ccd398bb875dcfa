"""Who may see what can be found, as words that an index compares."""

from bson import ObjectId

from models import raw, trees
from models.kinds import Need
from models.search.engine import Scope
from models.trees import Tree

PUBLIC = "public"
# Trees of one account that are looked into; who works on more sees those that were made first.
TREES = 2_000


def of_tree(tree_id: ObjectId | str) -> str:
    """Those who have a part in a tree."""
    return f"tree:{tree_id}"


def of_account(account: str) -> str:
    """One account."""
    return f"account:{account}"


async def scope_of(account: str | None) -> Scope:
    """What an account has a part in; None for nobody."""
    if account is None:
        return Scope(None)
    fields = dict.fromkeys(trees.RIGHTS, True)
    found = raw.collection(Tree).find(trees.seen_by(account), fields, sort=[("_id", 1)], limit=TREES)
    own, managed = [], []
    for tree in await found.to_list():
        role = trees.role_of(tree, account)  # type: ignore[arg-type]  # documents are dicts to the driver
        if role is not None:
            own.append(str(tree["_id"]))
            if role in trees.NEEDS[Need.MANAGE]:
                managed.append(str(tree["_id"]))
    return Scope(account, tuple(own), tuple(managed))


def may_see(scopes: tuple[str, ...], scope: Scope) -> bool:
    """Whether something with these scopes may be seen."""
    mine = {PUBLIC, *map(of_tree, scope.trees)}
    if scope.account is not None:
        mine.add(of_account(scope.account))
    return not mine.isdisjoint(scopes)
