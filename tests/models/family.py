"""A small family for the stories about trees: Ada owns a tree, Bo has none."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from bson import ObjectId

from models import person_writes, relating, tree_writes
from models.kinds import Kind
from models.people import Person, StoredPerson
from models.person_fields import PersonFields
from models.relation_fields import RelationFields
from models.trees import StoredTree
from models.users import User

ADA, BO = "00000000-0000-4000-8000-00000000000a", "00000000-0000-4000-8000-00000000000b"
NOW = datetime(2026, 1, 1, 9, 30, tzinfo=UTC)


async def users_are(*accounts: str) -> None:
    """Has users with these accounts, who can open a tree."""
    for number, account in enumerate(accounts, 1):
        await User(id=number, uuid=account, email=account).insert()


async def tree_of(account: str = ADA, name: str = "Tree") -> StoredTree:
    return await tree_writes.create({"name": name}, account, NOW)


async def person(tree: StoredTree, name: str, **fields: Any) -> StoredPerson:
    """Somebody with a first name, added by the owner of the tree."""
    given: PersonFields = {"first_name": name, **fields}  # type: ignore[typeddict-item]  # checked by the verb
    return await person_writes.add(tree["_id"], given, tree["owner"], NOW)


async def bond(first: StoredPerson, second: StoredPerson, kind: Kind, **fields: Any) -> Any:
    """A relationship as the narrow archive made them, or a strict one with `tree`."""
    tree = fields.pop("tree", None)
    given: RelationFields = fields  # type: ignore[assignment]  # checked by the verb
    key = tree and tree["_id"]
    strict = tree is not None
    return await relating.link(first["_id"], second["_id"], kind, given, ADA, NOW, key, strict=strict)


async def names(ids: Sequence[ObjectId]) -> str:
    """The first names of people, in the order of their ids."""
    found: dict[ObjectId, str | None] = {
        each.id: each.first_name for each in await Person.find({"_id": {"$in": ids}}).to_list()
    }
    return " ".join(str(found[id]) for id in ids)


async def again(someone: StoredPerson) -> Person:
    """The person as they are stored now."""
    found = await Person.get(someone["_id"])
    assert found is not None
    return found
