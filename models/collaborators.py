"""Collaborators of a tree: asking them in, and what they may do there."""

from datetime import datetime
from typing import Any, cast

from pymongo import ReturnDocument

from models import raw, trees
from models.family_errors import (
    AdminSelf,
    CollaboratorNotFound,
    CollaboratorOwner,
    CollaboratorPending,
    CollaboratorSelf,
    TreeNotFound,
)
from models.keys import Key
from models.kinds import Need, Role, TreeRole
from models.moments import Moment
from models.tree_writes import nameable
from models.trees import Collaborator, StoredCollaborator, StoredTree, Tree


async def add(key: Key | None, account: str, role: Role, by: str, now: datetime) -> StoredCollaborator:
    """The collaborator who was asked in; once more changes their role."""
    tree = await trees.get(key, by, Need.MANAGE)
    nameable(account)
    if account == by:
        raise CollaboratorSelf
    if account == tree["owner"]:
        raise CollaboratorOwner(doing="manage")
    collaborator = Collaborator(account=account, role=role, added_at=Moment.of(now))
    form = collaborator.model_dump(by_alias=True)
    changed = await raw.collection(Tree).update_one(
        {"_id": tree["_id"], "collaborators.account": {"$ne": account}},
        {"$push": {"collaborators": form}, "$set": trees.touched(now), "$inc": {"revision": 1}},
    )
    if changed.matched_count:
        return cast(StoredCollaborator, form)
    return await given(tree, account, role, now)


async def change(key: Key | None, account: str, role: Role, by: str, now: datetime) -> StoredCollaborator:
    """The collaborator with another role, once they have accepted; admins keep their own."""
    tree = await managed(key, account, by, "manage", "change")
    if one(tree, account)["accepted_at"] is None:
        raise CollaboratorPending
    return await given(tree, account, role, now)


async def remove(key: Key | None, account: str, by: str, now: datetime) -> None:
    """Shows a collaborator out; admins do not go by themselves."""
    tree = await managed(key, account, by, "remove", "remove")
    one(tree, account)
    await raw.collection(Tree).update_one(
        {"_id": tree["_id"]},
        {
            "$pull": {"collaborators": {"account": account}},
            "$set": trees.touched(now),
            "$inc": {"revision": 1},
        },
    )


async def accept(key: Key | None, account: str, now: datetime) -> StoredCollaborator:
    """The collaborator who comes in, who was asked; raises CollaboratorNotFound to others."""
    if key is None:
        raise TreeNotFound
    tree = await trees.find(key)
    if tree is None:
        raise TreeNotFound
    found = one(tree, account)
    if found["accepted_at"] is not None:
        return found
    return await updated(tree, account, {"accepted_at": Moment.of(now).model_dump()}, now)


async def managed(key: Key | None, account: str, by: str, owner: str, self_: str) -> StoredTree:
    """The tree whose collaborator somebody may manage; raises what stands in the way."""
    tree = await trees.get(key, by, Need.MANAGE)
    if account == tree["owner"]:
        raise CollaboratorOwner(doing=owner)
    if account == by and trees.role_of(tree, by) is TreeRole.ADMIN:
        raise AdminSelf(doing=self_)
    return tree


def one(tree: StoredTree, account: str) -> StoredCollaborator:
    """The collaborator with this account; raises CollaboratorNotFound."""
    for collaborator in tree["collaborators"]:
        if collaborator["account"] == account:
            return collaborator
    raise CollaboratorNotFound


async def given(tree: StoredTree, account: str, role: Role, now: datetime) -> StoredCollaborator:
    """The collaborator with a role; the same one again leaves no trace."""
    found = one(tree, account)
    return found if found["role"] == role else await updated(tree, account, {"role": role}, now)


async def updated(
    tree: StoredTree, account: str, values: dict[str, Any], now: datetime
) -> StoredCollaborator:
    """The collaborator after a change; raises CollaboratorNotFound where they are gone."""
    placed = {f"collaborators.$.{name}": value for name, value in values.items()}
    after: Any = await raw.collection(Tree).find_one_and_update(
        {"_id": tree["_id"], "collaborators.account": account},
        {"$set": {**placed, **trees.touched(now)}, "$inc": {"revision": 1}},
        return_document=ReturnDocument.AFTER,
    )
    if after is None:
        raise CollaboratorNotFound
    return one(after, account)
