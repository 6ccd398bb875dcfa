"""Collaborators: who may ask whom into a tree, and what becomes of them."""

from collections.abc import Awaitable
from typing import Any

import pytest
from bson import ObjectId

from models import collaborators, trees
from models.errors import DomainError, Unfit
from models.family_errors import CollaboratorNotFound, TreeNotFound
from models.kinds import Role, TreeRole
from models.trees import StoredTree
from tests.models.family import ADA, NOW, tree_of

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture
async def tree() -> StoredTree:
    """Ada's tree with an editor and two admins."""
    tree = await tree_of()
    for account, role in (("eve", Role.EDITOR), ("adam", Role.ADMIN), ("abel", Role.ADMIN)):
        await collaborators.add(tree["_id"], account, role, ADA, NOW)
        await collaborators.accept(tree["_id"], account, NOW)
    return tree


async def told(call: Awaitable[Any]) -> str:
    try:
        found = await call
    except DomainError as error:
        return " ".join([error.code, *map(str, error.details.values())])
    return "ok" if found is None else str(found["role"])


async def test_who_is_asked_has_a_role_once_they_accept(tree: StoredTree) -> None:
    await collaborators.add(tree["_id"], "new", Role.EDITOR, "adam", NOW)
    stored = await trees.get(tree["_id"], ADA)
    assert trees.role_of(stored, "new") is None and stored["collaborators"][-1]["role"] == "EDITOR"
    assert await told(collaborators.add(tree["_id"], "new", Role.VIEWER, ADA, NOW)) == "VIEWER"
    assert len((await trees.get(tree["_id"], ADA))["collaborators"]) == 4
    await collaborators.accept(tree["uuid"], "new", NOW)
    assert trees.role_of(await trees.get(tree["_id"], ADA), "new") is TreeRole.VIEWER
    with pytest.raises(CollaboratorNotFound):
        await collaborators.accept(tree["_id"], "nobody", NOW)
    with pytest.raises(TreeNotFound):
        await collaborators.accept(ObjectId(), "new", NOW)


async def test_whoever_manages_has_rules(tree: StoredTree) -> None:
    id = tree["_id"]
    await collaborators.add(id, "asked", Role.VIEWER, ADA, NOW)
    calls = {
        "eve adds": collaborators.add(id, "x", Role.VIEWER, "eve", NOW),
        "adam adds himself": collaborators.add(id, "adam", Role.VIEWER, "adam", NOW),
        "adam adds ada": collaborators.add(id, ADA, Role.VIEWER, "adam", NOW),
        "eve changes": collaborators.change(id, "adam", Role.VIEWER, "eve", NOW),
        "adam changes ada": collaborators.change(id, ADA, Role.VIEWER, "adam", NOW),
        "adam changes himself": collaborators.change(id, "adam", Role.VIEWER, "adam", NOW),
        "adam changes who was asked": collaborators.change(id, "asked", Role.EDITOR, "adam", NOW),
        "adam changes nobody": collaborators.change(id, "nobody", Role.EDITOR, "adam", NOW),
        "adam changes abel": collaborators.change(id, "abel", Role.EDITOR, "adam", NOW),
        "ada changes adam": collaborators.change(id, "adam", Role.ADMIN, ADA, NOW),
        "adam removes ada": collaborators.remove(id, ADA, "adam", NOW),
        "adam removes himself": collaborators.remove(id, "adam", "adam", NOW),
        "eve removes": collaborators.remove(id, "adam", "eve", NOW),
        "adam removes eve": collaborators.remove(id, "eve", "adam", NOW),
        "adam removes eve again": collaborators.remove(id, "eve", "adam", NOW),
        "ada elsewhere": collaborators.remove(ObjectId(), "eve", ADA, NOW),
    }
    assert {name: await told(call) for name, call in calls.items()} == {
        "eve adds": "TREE_FORBIDDEN manage",
        "adam adds himself": "COLLABORATOR_SELF",
        "adam adds ada": "COLLABORATOR_OWNER manage",
        "eve changes": "TREE_FORBIDDEN manage",
        "adam changes ada": "COLLABORATOR_OWNER manage",
        "adam changes himself": "ADMIN_SELF change",
        "adam changes who was asked": "COLLABORATOR_PENDING",
        "adam changes nobody": "COLLABORATOR_NOT_FOUND",
        "adam changes abel": "EDITOR",
        "ada changes adam": "ADMIN",
        "adam removes ada": "COLLABORATOR_OWNER remove",
        "adam removes himself": "ADMIN_SELF remove",
        "eve removes": "TREE_FORBIDDEN manage",
        "adam removes eve": "ok",
        "adam removes eve again": "COLLABORATOR_NOT_FOUND",
        "ada elsewhere": "TREE_NOT_FOUND",
    }
    left = (await trees.get(id, ADA))["collaborators"]
    assert [each["account"] for each in left] == ["adam", "abel", "asked"]


async def test_nobody_has_a_name_too_long_to_be_one(tree: StoredTree) -> None:
    with pytest.raises(Unfit):
        await collaborators.add(tree["_id"], "u" * 201, Role.VIEWER, ADA, NOW)
    assert await told(collaborators.add(tree["_id"], "u" * 200, Role.VIEWER, ADA, NOW)) == "VIEWER"
