"""Who is whose parent: the lists in both documents, and those whom a child names."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from bson import ObjectId

from models import people, raw, transactions
from models.errors import Unfit
from models.events import Event
from models.family_errors import ParentNotFound, PersonNotFound, TreeForbidden, TreeNotFound
from models.keys import Key
from models.kinds import PARENTAL, SIBLINGS, Kind, Need
from models.moments import Moment
from models.people import LegalParent, Person, StoredPerson
from models.person_fields import PersonFields
from models.raw import stored_form
from models.relationships import Relationship
from models.sources import Source
from models.trees import Tree

# As the old archive wrote: a new id goes before the last one of a list.
PLACE = -1


async def editable(keys: Sequence[Key | None], account: str) -> list[StoredPerson]:
    """The people with these keys, each in a tree that the account may edit; raises Unfit."""
    found = []
    for key in keys:
        try:
            found.append(await people.get(key, account, Need.EDIT, None, ("uuid", "tree_id")))
        except (PersonNotFound, TreeNotFound, TreeForbidden) as error:
            raise Unfit("parents", "one of them is nobody in a tree that you may edit") from error
    return found


async def named(fields: PersonFields, tree_id: ObjectId) -> dict[str, Any]:
    """The mother, father and legal parents to store, who must be in the tree; raises ParentNotFound."""
    links: dict[str, Any] = {}
    if "mother_id" in fields:
        links["mother_id"] = await in_tree(fields["mother_id"], tree_id, "Biological mother")
    if "father_id" in fields:
        links["father_id"] = await in_tree(fields["father_id"], tree_id, "Biological father")
    if "legal_parents" in fields:
        links["legal_parents"] = [
            LegalParent(
                parent_id=await in_tree(each["parent_id"], tree_id, "Legal parent"), kind=each["kind"]
            ).model_dump(by_alias=True)
            for each in fields["legal_parents"]
        ]
    return links


async def in_tree(key: Key | None, tree_id: ObjectId, role: str) -> Any:
    """The id of somebody in the tree, None for None; raises ParentNotFound."""
    if key is None:
        return None
    person = await people.find(key, ("tree_id",))
    if person is None or person["tree_id"] != tree_id:
        raise ParentNotFound(role=role, id=str(key))
    return person["_id"]


def mentioned(child: Mapping[str, Any]) -> list[ObjectId]:
    """Those whom a child names: mother, father, legal parents, each once."""
    legal = [each["parent_id"] for each in child.get("legal_parents") or ()]
    ids = [child.get("mother_id"), child.get("father_id"), *legal]
    return list(dict.fromkeys(id for id in ids if id is not None))


def together(child: Mapping[str, Any], linked: Sequence[ObjectId]) -> list[ObjectId]:
    """All parents of a new child: those it names, and those it is linked to, however often."""
    told = mentioned(child)
    return [*told, *(id for id in linked if id not in told)]


async def link(
    child: Mapping[str, Any],
    elders: Sequence[StoredPerson],
    account: str,
    now: datetime,
    session: transactions.Session,
) -> None:
    """Writes a new child into the lists of its parents, and a relationship for each whom it is linked to."""
    collection, moment = raw.collection(Person), Moment.of(now)
    linked = [elder["_id"] for elder in elders]
    for id in (*linked, *(id for id in mentioned(child) if id not in linked)):
        update: dict[str, Any] = {"$push": {"children": {"$each": [child["_id"]], "$position": PLACE}}}
        if id in linked:
            update["$set"] = {"updated_at": moment.model_dump()}
        await collection.update_one({"_id": id}, update, session=session)
    for elder in elders:
        row = Relationship(
            tree_id=elder["tree_id"],
            from_id=elder["_id"],
            to_id=child["_id"],
            people=[elder["_id"], child["_id"]],
            kind=Kind.PARENT,
            created_by=account,
            created_at=moment,
            updated_at=moment,
        )
        await raw.collection(Relationship).insert_one(stored_form(row), session=session)


async def linked_to(child_id: ObjectId, session: transactions.Session) -> set[ObjectId]:
    """The parents and guardians to whom rows tie a child."""
    wanted = {"to_id": child_id, "kind": {"$in": sorted(PARENTAL)}}
    rows = raw.collection(Relationship).find(wanted, {"from_id": True}, session=session)
    return {row["from_id"] async for row in rows}


async def relinked(
    stored: StoredPerson, links: Mapping[str, Any], session: transactions.Session
) -> list[ObjectId]:
    """All parents of a child that now names others; writes it into and out of their lists."""
    before, after = mentioned(stored), mentioned({**stored, **links})
    held = await linked_to(stored["_id"], session)
    gone = [id for id in before if id not in after and id not in held]
    come = [id for id in after if id not in stored["parents"]]
    collection = raw.collection(Person)
    if gone:
        await collection.update_many(
            {"_id": {"$in": gone}}, {"$pull": {"children": stored["_id"]}}, session=session
        )
    if come:
        push = {"$push": {"children": {"$each": [stored["_id"]], "$position": PLACE}}}
        await collection.update_many({"_id": {"$in": come}}, push, session=session)
    return [*(id for id in stored["parents"] if id not in gone), *come]


async def forget(person_id: ObjectId, now: datetime, session: transactions.Session) -> None:
    """Takes somebody out of everything that mentions them, for good.

    Those who had them as spouse, sibling, mother, father or legal parent were changed by it.
    """
    collection, rows = raw.collection(Person), raw.collection(Relationship)
    changed = {"$set": {"updated_at": Moment.of(now).model_dump()}}
    siblings = {"people": person_id, "kind": {"$in": sorted(SIBLINGS)}}
    near = [
        id
        async for row in rows.find(siblings, {"people": True}, session=session)
        for id in row["people"]
        if id != person_id
    ]
    await collection.update_many({"_id": {"$in": near}}, changed, session=session)
    for name in ("mother_id", "father_id"):
        update = {"$set": {name: None, **changed["$set"]}}
        await collection.update_many({name: person_id}, update, session=session)
    for name, part in (("spouses", person_id), ("legal_parents", {"parent_id": person_id})):
        path = "legal_parents.parent_id" if name == "legal_parents" else name
        await collection.update_many({path: person_id}, {"$pull": {name: part}, **changed}, session=session)
    for name in ("parents", "children"):
        await collection.update_many({name: person_id}, {"$pull": {name: person_id}}, session=session)
    await rows.delete_many({"people": person_id}, session=session)
    for kind in (Event, Source):
        mention = {"$pull": {"people": person_id}}
        await raw.collection(kind).update_many({"people": person_id}, mention, session=session)
    await raw.collection(Tree).update_many(
        {"root_person": person_id}, {"$set": {"root_person": None}}, session=session
    )
