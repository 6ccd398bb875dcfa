"""Trees: who may do what with them, and how the first one of somebody comes to be."""

import asyncio
from datetime import timedelta

import pytest
from bson import ObjectId

from models import tree_writes, trees
from models.errors import DomainError, Unfit
from models.family_errors import TreeForbidden, TreeNotFound
from models.kinds import Kind, Need, Privacy, Role
from models.moments import Moment
from models.people import Person
from models.relationships import Relationship
from models.trees import Collaborator, Tree
from tests.models.family import ADA, BO, NOW, bond, person, tree_of, users_are

pytestmark = pytest.mark.usefixtures("database")
LATER = NOW + timedelta(hours=1)


async def test_opening_finds_the_newest_tree_or_makes_one() -> None:
    await users_are(ADA, BO)
    first = await tree_writes.open(ADA, NOW)
    assert first.created is True
    assert (first.tree["name"], first.tree["description"]) == ("My Family Tree", "Default family tree")
    assert (await tree_writes.open(ADA, LATER)) == (first.tree, False)
    second = await tree_writes.create({"name": "Second"}, ADA, LATER)
    assert (await tree_writes.open(ADA, LATER)).tree["_id"] == second["_id"]
    assert (await tree_writes.open(BO, LATER)).created is True


async def test_nobody_opens_a_tree_who_is_no_user() -> None:
    for account in ("u-9", ADA):
        with pytest.raises(Unfit):
            await tree_writes.open(account, NOW)
    assert await Tree.count() == 0


async def test_all_who_open_at_once_get_the_same_tree() -> None:
    await users_are(ADA)
    opened = await asyncio.gather(*(tree_writes.open(ADA, NOW) for _ in range(20)))
    assert len({each.tree["_id"] for each in opened}) == 1 == await Tree.count()
    assert [each.created for each in opened].count(True) == 1


async def test_a_role_opens_what_it_should() -> None:
    tree = await tree_of()
    accepted = Moment.of(NOW)
    for role in Role:
        await Tree.find_one({"_id": tree["_id"]}).update(
            {
                "$push": {
                    "collaborators": Collaborator(
                        account=role, role=role, added_at=accepted, accepted_at=accepted
                    ).model_dump(by_alias=True)
                }
            }
        )
    await Tree.find_one({"_id": tree["_id"]}).update(
        {
            "$push": {
                "collaborators": Collaborator(account="asked", role=Role.ADMIN, added_at=accepted).model_dump(
                    by_alias=True
                )
            }
        }
    )
    allowed = {}
    for account in (ADA, "ADMIN", "EDITOR", "VIEWER", "asked", BO, None):
        allowed[account] = ""
        for need in Need:
            try:
                await trees.get(tree["_id"], account, need)
            except TreeForbidden as error:
                assert error.details == {"need": need.value}
            else:
                allowed[account] += need.name[0]
    assert allowed == {
        ADA: "VEMO",
        "ADMIN": "VEM",
        "EDITOR": "VE",
        "VIEWER": "V",
        "asked": "",
        BO: "",
        None: "",
    }
    await tree_writes.change(tree["_id"], {"privacy": Privacy.PUBLIC}, ADA, NOW)
    assert (await trees.get(tree["uuid"], None))["name"] == "Tree"
    with pytest.raises(TreeForbidden):
        await trees.get(tree["_id"], BO, Need.EDIT)


async def test_what_is_not_there_is_told_before_what_is_forbidden() -> None:
    for key in (None, ObjectId(), "00000000-0000-4000-8000-000000000000"):
        with pytest.raises(TreeNotFound):
            await trees.get(key, BO, Need.OWN)


async def test_a_change_keeps_what_it_does_not_name() -> None:
    tree = await tree_writes.create({"name": "A", "description": ""}, ADA, NOW)
    assert tree["settings"] is not None and tree["settings"]["show_living"] is False
    assert (tree["description"], tree["description_given"]) == ("", True)
    after = await tree_writes.change(tree["_id"], {"name": "B"}, ADA, LATER)
    assert (after["name"], after["description"], after["settings"]) == ("B", "", tree["settings"])
    assert Moment(**after["updated_at"]).instant == Moment(**after["active_at"]).instant == LATER
    after = await tree_writes.change(tree["_id"], {"settings": {"theme": "dark"}}, ADA, LATER)
    assert after["settings"] is not None and after["settings"]["theme"] == "dark"
    assert after["settings"]["show_living"] is True
    assert (await tree_writes.change(tree["_id"], {"settings": None}, ADA, LATER))["settings"] is None


async def test_what_changes_nothing_leaves_no_trace() -> None:
    tree = await tree_of()
    assert await tree_writes.change(tree["_id"], {}, ADA, LATER) == tree
    assert await tree_writes.change(tree["_id"], {"name": "Tree"}, ADA, LATER) == tree


async def test_what_fits_nothing_in_a_tree_is_refused_in_its_turn() -> None:
    tree, other = await tree_of(), await tree_of(BO)
    for key, code in (
        (ObjectId(), "TREE_NOT_FOUND"),
        (other["_id"], "TREE_FORBIDDEN"),
        (tree["_id"], "UNFIT"),
    ):
        with pytest.raises(DomainError) as refused:
            await tree_writes.change(key, {"name": "Other"}, ADA, LATER, unfit=["settings"])
        assert refused.value.code == code
    stored = await Tree.get(tree["_id"])
    assert stored is not None and stored.name == "Tree"


async def test_half_a_character_in_a_tree_is_stored_as_a_mark() -> None:
    tree = await tree_writes.create({"name": "\ud800", "description": "\udfff"}, ADA, NOW)
    assert (tree["name"], tree["description"]) == ("\ud800", "\udfff")
    assert (await tree_writes.change(tree["_id"], {"name": "a\ud800"}, ADA, LATER))["name"] == "a\ud800"
    stored = await Tree.get(tree["_id"])
    assert stored is not None
    assert (stored.name, stored.description) == ("a\ufffd", "\ufffd")


@pytest.mark.parametrize("name", ["", "n" * 101, "😀" * 51])
async def test_a_name_that_cannot_be_kept_is_refused(name: str) -> None:
    with pytest.raises(Unfit):
        await tree_writes.create({"name": name}, ADA, NOW)
    tree = await tree_writes.create({"name": "😀" * 50}, ADA, NOW)
    with pytest.raises(Unfit):
        await tree_writes.change(tree["_id"], {"name": name}, ADA, NOW)
    with pytest.raises(Unfit):
        await tree_writes.create({"name": "A"}, "a" * 201, NOW)
    assert await Tree.count() == 1


async def test_only_the_owner_deletes_a_tree_and_everybody_in_it() -> None:
    tree, other = await tree_of(), await tree_of(BO)
    ada, bo = await person(tree, "Ada"), await person(tree, "Bo")
    await bond(ada, bo, Kind.SPOUSE)
    stays = await person(other, "Cy")
    with pytest.raises(DomainError):
        await tree_writes.delete(tree["_id"], BO)
    await tree_writes.delete(tree["_id"], ADA)
    assert [each.id for each in await Person.find_all().to_list()] == [stays["_id"]]
    assert await Relationship.count() == 0 and await Tree.count() == 1
    with pytest.raises(TreeNotFound):
        await tree_writes.delete(tree["_id"], ADA)
