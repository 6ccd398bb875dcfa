"""Lists of trees: an account sees its own and those it was let into, what stirred last first."""

from datetime import timedelta
from pathlib import Path

import pytest

from models import collaborators, tree_pages, tree_writes
from models.family_errors import PatternInvalid
from models.imports import import_rows
from models.kinds import Role
from tests.models.family import ADA, BO, NOW, person, tree_of

pytestmark = pytest.mark.usefixtures("database")


async def names(account: str | None, search: str | None = None, pattern: bool = False, **page: int) -> str:
    found = await tree_pages.page(account, page.get("page", 1), page.get("limit", 10), search, pattern)
    return " ".join(tree["name"] for tree in found.trees)


async def test_a_list_has_own_and_accepted_trees_the_liveliest_first() -> None:
    first, second = await tree_of(name="First"), await tree_of(name="Second")
    theirs = await tree_of(BO, "Theirs")
    await tree_writes.change(first["_id"], {"description": "d"}, ADA, NOW + timedelta(hours=1))
    assert await names(ADA) == "First Second"
    await collaborators.add(theirs["_id"], ADA, Role.VIEWER, BO, NOW)
    assert await names(ADA) == "First Second"
    await collaborators.accept(theirs["_id"], ADA, NOW + timedelta(hours=2))
    assert await names(ADA) == "Theirs First Second"
    await tree_writes.stirred(second["_id"], NOW + timedelta(hours=3))
    assert await names(ADA) == "Second Theirs First"
    assert (await names(None), await names(BO)) == ("", "Theirs")
    assert await tree_pages.count_of_account(ADA) == 3


async def test_pages_are_counted() -> None:
    for number in range(5):
        await tree_of(name=f"T{number}")
    page = await tree_pages.page(ADA, 2, 2)
    assert ([tree["name"] for tree in page.trees], page.total, page.pages) == (["T2", "T1"], 5, 3)
    assert (await tree_pages.page(ADA, 4, 2)).trees == []
    assert (await tree_pages.page(None, 1, 2)).pages == 0
    listed = await tree_pages.OF_ACCOUNT.load((ADA, "t", None, 3))
    assert [tree["name"] for tree in listed] == ["T0", "T1", "T2"]


async def test_a_search_is_text_or_a_pattern() -> None:
    for name in ("Alpha 1", "beta 17", "Beta.7"):
        await tree_of(name=name)
    assert await names(ADA, "BETA") == "Beta.7 beta 17"
    assert await names(ADA, "a.7") == "Beta.7"
    assert await names(ADA, "^alpha", pattern=True) == "Alpha 1"
    assert await names(ADA, "a.*7$", pattern=True) == "Beta.7 beta 17"
    assert await names(ADA, "", pattern=True) == "Beta.7 beta 17 Alpha 1"


@pytest.mark.parametrize(
    "pattern", ["(", "[a-", "+", "*", "(a+)+$", "((a+))+", r"(a)\1", "(?=a)", "x" * 1001, "a\0"]
)
async def test_a_pattern_that_cannot_be_searched_for_is_refused(pattern: str) -> None:
    await tree_of()
    with pytest.raises(PatternInvalid):
        await names(ADA, pattern, pattern=True)


async def test_the_order_is_that_of_the_old_server(recordings: Path) -> None:
    await import_rows("genealogy", recordings / "fixtures.json", "gen-many")
    owner = "00000000-0000-4000-8000-000000000002"
    assert await names(owner, "beta", True, limit=2) == "Beta Tree 15 Beta Tree 03"
    assert (await tree_pages.page(owner, 1, 2)).trees[0]["name"] == "Shared, accepted viewer"


async def test_people_who_come_stir_a_tree() -> None:
    quiet, lively = await tree_of(name="Quiet"), await tree_of(name="Lively")
    await person(quiet, "A")
    assert await names(ADA) == "Lively Quiet" and lively["_id"] != quiet["_id"]
