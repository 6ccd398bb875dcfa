"""What ties two people, in the lists of both."""

from datetime import datetime
from typing import Any

from bson import ObjectId

from models import raw, transactions
from models.kinds import PARENTAL, SIBLINGS, Kind
from models.moments import Moment
from models.parents import PLACE
from models.people import Person
from models.relationships import Relationship, StoredRelationship

# Which list of its first end holds the second, and which of its second end the first.
LISTS = {
    Kind.SPOUSE: ("spouses", "spouses"),
    Kind.PARENT: ("children", "parents"),
    Kind.GUARDIAN: ("children", "parents"),
}


async def tie(row: Relationship, now: datetime, session: transactions.Session, *, strict: bool) -> None:
    """Writes two people into the lists of each other; strictly, who is in a list already is not again."""
    collection = raw.collection(Person)
    touching = strict_touch(row.kind) if strict else row.kind in LISTS
    if touching:
        changed = {"$set": {"updated_at": Moment.of(now).model_dump()}}
        await collection.update_many({"_id": {"$in": row.people}}, changed, session=session)
    if row.kind not in LISTS:
        return
    of_first, of_second = LISTS[row.kind]
    for owner, name, other in ((row.from_id, of_first, row.to_id), (row.to_id, of_second, row.from_id)):
        wanted: dict[str, Any] = {"_id": owner, name: {"$ne": other}} if strict else {"_id": owner}
        push = {"$push": {name: {"$each": [other], "$position": PLACE}}}
        await collection.update_one(wanted, push, session=session)


def strict_touch(kind: Kind) -> bool:
    """Whether a strict relationship changes its people: a parent changes neither parent nor child."""
    return kind is Kind.SPOUSE or kind in SIBLINGS


async def untie(row: StoredRelationship, now: datetime, session: transactions.Session) -> None:
    """Takes two people out of the lists of each other, unless something else ties them too."""
    kind, collection = Kind(row["kind"]), raw.collection(Person)
    changed = {"updated_at": Moment.of(now).model_dump()}
    if strict_touch(kind):
        await collection.update_many({"_id": {"$in": row["people"]}}, {"$set": changed}, session=session)
    if kind in PARENTAL:
        await unname(row["to_id"], row["from_id"], changed, session)
    if kind not in LISTS:
        return
    of_first, of_second = LISTS[kind]
    ends = (row["from_id"], of_first, row["to_id"]), (row["to_id"], of_second, row["from_id"])
    for owner, name, other in ends:
        wanted: dict[str, Any] = {"_id": owner}
        stored: Any = await collection.find_one(wanted, {name: True}, session=session)
        if stored is None:
            continue
        ids = stored[name]
        if ids.count(other) > await ties(owner, name, other, session):
            # The last of them: its neighbours keep their places.
            del ids[len(ids) - 1 - ids[::-1].index(other)]
            await collection.update_one(wanted, {"$set": {name: ids}}, session=session)


async def ties(owner: ObjectId, name: str, other: ObjectId, session: transactions.Session) -> int:
    """How many relationships hold somebody in a list of somebody."""
    if name == "spouses":
        wanted: dict[str, Any] = {
            "kind": Kind.SPOUSE,
            "$or": [{"from_id": owner, "to_id": other}, {"from_id": other, "to_id": owner}],
        }
    else:
        ends = (owner, other) if name == "children" else (other, owner)
        wanted = {"kind": {"$in": sorted(PARENTAL)}, "from_id": ends[0], "to_id": ends[1]}
    return await raw.collection(Relationship).count_documents(wanted, session=session)


async def unname(
    child: ObjectId, parent: ObjectId, changed: dict[str, Any], session: transactions.Session
) -> None:
    """Has a child name somebody no longer, as mother, as father or before the law."""
    collection = raw.collection(Person)
    for name in ("mother_id", "father_id"):
        wanted = {"_id": child, name: parent}
        await collection.update_one(wanted, {"$set": {name: None, **changed}}, session=session)
    await collection.update_one(
        {"_id": child, "legal_parents.parent_id": parent},
        {"$pull": {"legal_parents": {"parent_id": parent}}, "$set": changed},
        session=session,
    )
