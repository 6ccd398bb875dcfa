"""Whatever mentions a person, and having it mention another."""

from typing import Any

from beanie import Document
from bson import ObjectId

from models import raw, transactions
from models.events import Event
from models.people import Person
from models.relating import claims
from models.relationships import Relationship
from models.sources import Source
from models.trees import Tree

LISTS: tuple[tuple[type[Document], str], ...] = (
    (Person, "parents"),
    (Person, "children"),
    (Person, "spouses"),
    (Event, "people"),
    (Source, "people"),
)


async def move(gone: ObjectId, here: ObjectId, session: transactions.Session) -> None:
    """Has everything that mentions one person mention another instead, once."""
    people = raw.collection(Person)
    for name in ("mother_id", "father_id"):
        await people.update_many({name: gone}, {"$set": {name: here}}, session=session)
    await people.update_many(
        {"legal_parents.parent_id": gone},
        {"$set": {"legal_parents.$[each].parent_id": here}},
        array_filters=[{"each.parent_id": gone}],
        session=session,
    )
    for kind, name in LISTS:
        collection = raw.collection(kind)
        # Who mentions both only loses the one who is gone; the others keep the place.
        both = {name: {"$all": [gone, here]}}
        await collection.update_many(both, {"$pull": {name: gone}}, session=session)
        await collection.update_many(
            {name: gone}, {"$set": {f"{name}.$[each]": here}}, array_filters=[{"each": gone}], session=session
        )
    await raw.collection(Tree).update_many(
        {"root_person": gone}, {"$set": {"root_person": here}}, session=session
    )
    await move_rows(gone, here, session)


async def move_rows(gone: ObjectId, here: ObjectId, session: transactions.Session) -> None:
    """Ties another person to all to whom one was tied; what would tie the same two twice goes."""
    collection = raw.collection(Relationship)
    known = {key(row) async for row in collection.find({"people": here}, session=session)}
    moving: list[dict[str, Any]] = await collection.find({"people": gone}, session=session).to_list()
    for row in moving:
        ends = [here if id == gone else id for id in row["people"]]
        after = {**row, "from_id": ends[0], "to_id": ends[1], "people": ends}
        if ends[0] == ends[1] or key(after) in known:
            await collection.delete_one({"_id": row["_id"]}, session=session)
            continue
        known.add(key(after))
        update = {name: after[name] for name in ("from_id", "to_id", "people")}
        update["claims"] = await free(after, session)
        await collection.update_one({"_id": row["_id"]}, {"$set": update}, session=session)


def key(row: dict[str, Any]) -> tuple[Any, ...]:
    """What makes two relationships the same."""
    return row["from_id"], row["to_id"], row["kind"], row["role"]


async def free(row: dict[str, Any], session: transactions.Session) -> list[str]:
    """The claims of a relationship, if nobody else makes them."""
    made = claims(Relationship.model_validate(row), strict=bool(row["role"]) or not row["claims"])
    taken = {"claims": {"$in": made}, "_id": {"$ne": row["_id"]}}
    other = await raw.collection(Relationship).find_one(taken, {"_id": True}, session=session)
    return [] if other else made
