"""Lists of trees: whose they are, and what is searched for in their names."""

import re
from typing import Any, NamedTuple, cast

from pymongo.errors import ExecutionTimeout, OperationFailure

from models import raw, trees
from models.family_errors import PatternInvalid
from models.lanes import Pages, matching
from models.text import unstorable
from models.trees import StoredTree, Tree

NEWEST = [("active_at.at", -1), ("active_at.us", -1), ("_id", -1)]
# A pattern is run by the database: a long one, or repeats inside repeats, could keep it busy for hours.
PATTERN_LENGTH, MILLISECONDS = 1_000, 200
# A group that is repeated, which may repeat something inside, and what looks back or ahead.
ENDLESS = re.compile(r"\)[*+{]|\\[1-9kg]|\(\?")


class TreePage(NamedTuple):
    """Some trees, and which page of how many they are."""

    trees: list[StoredTree]
    page: int
    limit: int
    total: int
    pages: int


def listed(account: str, search: str | None = None) -> dict[str, Any]:
    """A filter for the trees of an account, of those with a text in their name."""
    wanted = trees.seen_by(account)
    return {**wanted, **matching("name", search)} if search else wanted


# The trees of an account in the order of their ids.
OF_ACCOUNT: Pages[StoredTree] = Pages(Tree, "account", "search", wanted=listed)


async def count_of_account(account: str, search: str | None = None) -> int:
    """How many trees an account sees in its list."""
    return await raw.collection(Tree).count_documents(listed(account, search))


async def page(
    account: str | None, page: int, limit: int, search: str | None = None, pattern: bool = False
) -> TreePage:
    """A page of an account's trees, those first in which something happened last; nobody has none.

    A search is a text in the name, or a regular expression; raises PatternInvalid.
    """
    if account is None:
        return TreePage([], page, limit, 0, 0)
    wanted = listed(account, None if pattern else search)
    if pattern and search:
        wanted["name"] = {"$regex": harmless(search), "$options": "i"}
    collection = raw.collection(Tree)
    try:
        total = await collection.count_documents(wanted, maxTimeMS=MILLISECONDS if pattern else 10_000)
        found = collection.find(wanted, sort=NEWEST, skip=(page - 1) * limit, limit=limit)
        documents = await found.max_time_ms(MILLISECONDS if pattern else 10_000).to_list()
    except OperationFailure as error:
        slow = isinstance(error, ExecutionTimeout)
        raise PatternInvalid(reason="it takes too long" if slow else "it is no pattern") from error
    return TreePage(cast(list[StoredTree], documents), page, limit, total, -(-total // limit))


def harmless(pattern: str) -> str:
    """The pattern itself; raises PatternInvalid for one that could take forever."""
    if len(pattern) > PATTERN_LENGTH or unstorable(pattern):
        raise PatternInvalid(reason="it is too long, or no text that can be searched for")
    if ENDLESS.search(pattern):
        raise PatternInvalid(reason="it repeats a group, or looks back or ahead")
    return pattern
