"""Family trees: what they are, and who may do what with them."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any, Required, TypedDict

from beanie import Document, PydanticObjectId
from bson import ObjectId
from pydantic import Field
from pymongo import IndexModel

from models import raw
from models.embedded import Embedded
from models.errors import DomainError
from models.family_errors import TreeForbidden, TreeNotFound
from models.joins import Load, Reads
from models.keys import Key, new_uuid
from models.kinds import Need, Privacy, Role, TreeRole
from models.lanes import Unique
from models.moments import Moment, StoredMoment
from models.raw import Fields


class TreeSettings(Embedded):
    """How a tree is shown, and what newcomers to it begin with."""

    allow_collaboration: bool = True
    show_living: bool = True
    default_person_privacy: str = "family"
    theme: str = "modern"


class Collaborator(Embedded):
    """Somebody who was invited to a tree; they have their role once they have accepted."""

    account: str
    role: Role = Role.VIEWER
    added_at: Moment
    accepted_at: Moment | None = None


class Tree(Document):
    """A family tree; `owner` is the account that made it."""

    id: PydanticObjectId = Field(default_factory=PydanticObjectId)
    uuid: str = Field(default_factory=new_uuid)
    name: str
    description: str | None = None
    # Whether anybody has ever said something about the description, be it that there is none.
    description_given: bool = False
    owner: str
    privacy: Privacy = Privacy.FAMILY
    settings: TreeSettings | None = None
    statistics_id: PydanticObjectId = Field(default_factory=PydanticObjectId)
    root_person: PydanticObjectId | None = None
    collaborators: list[Collaborator] = []
    created_at: Moment
    updated_at: Moment
    # When the tree itself changed, or somebody came to it or left it.
    active_at: Moment
    # On the tree that opening made for somebody who had none: there is one of these at most.
    opening: int | None = None
    revision: int = 0

    class Settings:
        name = "family_trees"
        indexes = [
            IndexModel("uuid", unique=True),
            IndexModel([("owner", 1), ("created_at.at", -1)]),
            IndexModel([("owner", 1), ("active_at.at", -1)]),
            IndexModel("collaborators.account"),
            IndexModel(
                [("owner", 1), ("opening", 1)],
                unique=True,
                name="opening_number",
                partialFilterExpression={"opening": {"$gt": 0}},
            ),
        ]


class StoredSettings(TypedDict):
    """The settings of a tree as they are stored."""

    _id: ObjectId
    allow_collaboration: bool
    show_living: bool
    default_person_privacy: str
    theme: str


class StoredCollaborator(TypedDict):
    """A collaborator as they are stored."""

    _id: ObjectId
    account: str
    role: str
    added_at: StoredMoment
    accepted_at: StoredMoment | None


class StoredTree(TypedDict, total=False):
    """A tree as it is stored."""

    _id: Required[ObjectId]
    uuid: str
    name: str
    description: str | None
    description_given: bool
    owner: str
    privacy: str
    settings: StoredSettings | None
    statistics_id: ObjectId
    root_person: ObjectId | None
    collaborators: list[StoredCollaborator]
    created_at: StoredMoment
    updated_at: StoredMoment
    active_at: StoredMoment
    revision: int


# What tells who may do what.
RIGHTS: tuple[str, ...] = ("owner", "privacy", "collaborators")
BY_ID: Unique[StoredTree] = Unique(Tree)
BY_UUID: Unique[StoredTree] = Unique(Tree, "uuid")

NEEDS: dict[Need, frozenset[TreeRole]] = {
    Need.VIEW: frozenset(TreeRole),
    Need.EDIT: frozenset({TreeRole.OWNER, TreeRole.ADMIN, TreeRole.EDITOR}),
    Need.MANAGE: frozenset({TreeRole.OWNER, TreeRole.ADMIN}),
    Need.OWN: frozenset({TreeRole.OWNER}),
}


def find(key: Key, fields: Fields = None, reads: Reads | None = None) -> Load[StoredTree | None]:
    """The tree with this key, or None; asks nobody's leave."""
    lane = BY_ID if isinstance(key, ObjectId) else BY_UUID
    return lane.load(key, fields, reads)


def role_of(tree: StoredTree, account: str | None) -> TreeRole | None:
    """What an account is to a tree that was read with RIGHTS; None for a stranger, and before they accept."""
    if account is None:
        return None
    if tree["owner"] == account:
        return TreeRole.OWNER
    for collaborator in tree["collaborators"]:
        if collaborator["account"] == account and collaborator["accepted_at"] is not None:
            return TreeRole(collaborator["role"])
    return None


def members(tree: StoredTree) -> tuple[str, ...]:
    """The accounts with a part in a tree that was read with RIGHTS."""
    accepted = (each["account"] for each in tree["collaborators"] if each["accepted_at"] is not None)
    return (tree["owner"], *accepted)


def may(tree: StoredTree, account: str | None, need: Need) -> bool:
    """Whether an account may do something with a tree that was read with RIGHTS."""
    if need is Need.VIEW and tree["privacy"] == Privacy.PUBLIC:
        return True
    return role_of(tree, account) in NEEDS[need]


def allow(tree: StoredTree | None, account: str | None, need: Need) -> StoredTree:
    """The tree itself; raises TreeNotFound, and TreeForbidden to who may not do this with it."""
    if tree is None:
        raise TreeNotFound
    if not may(tree, account, need):
        raise TreeForbidden(need=need.value)
    return tree


async def get(
    key: Key | None,
    account: str | None,
    need: Need = Need.VIEW,
    fields: Fields = None,
    reads: Reads | None = None,
) -> StoredTree:
    """The tree with this key; raises TreeNotFound, also for None, and TreeForbidden."""
    if key is None:
        raise TreeNotFound
    wanted = None if fields is None else tuple(dict.fromkeys((*fields, *RIGHTS)))
    return allow(await find(key, wanted, reads), account, need)


# What belongs to a tree, oldest entry first.
CREATION = ("created_at.at", "created_at.us", "_id")


async def held(
    find: Callable[[Key, Fields, Reads | None], Awaitable[Any]],
    missing: type[DomainError],
    key: Key | None,
    account: str | None,
    need: Need = Need.VIEW,
    tree: Key | None = None,
    fields: Fields = None,
    reads: Reads | None = None,
) -> Any:
    """What belongs to a tree, by its key, where the tree may be used so; raises `missing` and TreeForbidden.

    With a tree, that one is asked for first, which raises TreeNotFound too, and it must hold what is found.
    """
    allowed = None if tree is None else await get(tree, account, need, (), reads)
    if key is None:
        raise missing
    wanted = None if fields is None else tuple(dict.fromkeys((*fields, "tree_id")))
    found = await find(key, wanted, reads)
    if found is None:
        raise missing
    if allowed is None:
        await get(found["tree_id"], account, need, (), reads)
    elif found["tree_id"] != allowed["_id"]:
        raise missing
    return found


def seen_by(account: str) -> dict[str, Any]:
    """A filter for the trees of an account: its own, and those it works on."""
    accepted = {"$elemMatch": {"account": account, "accepted_at": {"$ne": None}}}
    return {"$or": [{"owner": account}, {"collaborators": accepted}]}


async def newest(account: str) -> StoredTree | None:
    """The tree that an account made last."""
    found: Any = await raw.collection(Tree).find_one(
        {"owner": account}, sort=[("created_at.at", -1), ("created_at.us", -1), ("_id", -1)]
    )
    return found  # type: ignore[no-any-return]  # documents are dicts to the driver


def touched(now: datetime) -> dict[str, Any]:
    """What a change of a tree itself sets beside what it changes."""
    moment = Moment.of(now).model_dump()
    return {"updated_at": moment, "active_at": moment}
