"""Making one person of two, and finding those who may be one."""

from datetime import datetime
from typing import Any, NamedTuple, cast

from pymongo import ReturnDocument

from models import history, mentions, people, raw, transactions, tree_writes, trees
from models.errors import Invalid
from models.family_errors import PersonNotFound
from models.keys import Key
from models.kinds import Change, Gender, Need
from models.moments import Moment
from models.people import Person, StoredPerson
from models.person_fields import PARTS, TEXTS, computed_name

# What is taken over where the one who stays has nothing to say.
SCALARS = (*(name for name in TEXTS if name != "name"), "birth", "death", "mother_id", "father_id")
LISTS = ("titles", "identifiers", "parents", "children", "spouses")
# How much the same first name, last name and day of birth each tell, and what makes two people one perhaps:
# so the old service judged.
FIRST, LAST, BIRTH, ENOUGH = 0.4, 0.4, 0.2, 0.7
# Names of a tree that are looked at, and pairs that are told.
NAMES, MOST = 1_000, 1_000


class Duplicate(NamedTuple):
    """Two people who may be one, and how sure that is, up to 1."""

    one: StoredPerson
    other: StoredPerson
    score: float


async def merge(keep: Key | None, drop: Key | None, account: str, now: datetime) -> StoredPerson:
    """The person who stays and has all that was known of both; whoever mentioned the other mentions them.

    Both are of one tree that the account may edit. Where they differ, the one who stays is right. Every
    version of both stays in the history.
    """
    kept = await people.get(keep, account, Need.EDIT, None, ("tree_id",))
    dropped = await people.get(drop, account, Need.EDIT, None, ("tree_id",))
    if kept["tree_id"] != dropped["tree_id"]:
        raise PersonNotFound
    if kept["_id"] == dropped["_id"]:
        raise Invalid("keep and drop name the same person.", name="drop")

    async def write(session: transactions.Session) -> StoredPerson:
        collection = raw.collection(Person)
        one: Any = await collection.find_one({"_id": kept["_id"]}, session=session)
        two: Any = await collection.find_one_and_delete({"_id": dropped["_id"]}, session=session)
        if one is None or two is None:
            raise PersonNotFound
        await history.keep(one, session)
        await history.note(two, Change.MERGED, account, now, session)
        await mentions.move(two["_id"], one["_id"], session)
        after: Any = await collection.find_one_and_update(
            {"_id": one["_id"]},
            {
                "$set": {**combined(one, two), "updated_at": Moment.of(now).model_dump()},
                "$inc": {"revision": 1},
            },
            return_document=ReturnDocument.AFTER,
            session=session,
        )
        await history.note(after, Change.MERGED, account, now, session)
        return cast(StoredPerson, after)

    person = await transactions.together(Person, write)
    await tree_writes.stirred(person["tree_id"], now)
    return person


def combined(one: dict[str, Any], two: dict[str, Any]) -> dict[str, Any]:
    """What one person makes of two, who is no relative of themselves."""
    both = (one["_id"], two["_id"])
    update = {name: two[name] for name in SCALARS if one[name] is None and two[name] is not None}
    for what in ("birth", "death"):
        if what in update:
            update[f"{what}_estimated"] = two[f"{what}_estimated"]
    if any(part in update for part in (*PARTS, "nickname")):
        update["name"] = computed_name({**one, **update})
    if one["gender"] == Gender.UNKNOWN:
        update["gender"] = two["gender"]
    update["living"] = one["living"] and two["living"]
    for name in LISTS:
        more = [each for each in two[name] if each not in one[name]]
        update[name] = [each for each in (*one[name], *more) if each not in both]
    for name in ("mother_id", "father_id"):
        if update.get(name, one[name]) in both:
            update[name] = None
    legal = [*one["legal_parents"], *two["legal_parents"]]
    update["legal_parents"] = [each for each in legal if each["parent_id"] not in both]
    return update


async def duplicates(tree: Key | None, account: str | None, first: int) -> list[Duplicate]:
    """Those of a tree who may be one, the surest first: of one name, and not of two days of birth."""
    home = await trees.get(tree, account, Need.VIEW, ())
    named = {"first_name": {"$nin": [None, ""]}, "last_name": {"$nin": [None, ""]}}
    stages: list[dict[str, Any]] = [
        {"$match": {"tree_id": home["_id"], **named}},
        {"$group": {"_id": ["$first_name", "$last_name"], "ids": {"$push": "$_id"}, "number": {"$sum": 1}}},
        {"$match": {"number": {"$gt": 1}}},
        {"$sort": {"_id": 1}},
        {"$limit": NAMES},
    ]
    cursor = await raw.collection(Person).aggregate(stages, allowDiskUse=True)
    groups = [each["ids"] for each in await cursor.to_list()]
    ids = [id for group in groups for id in group]
    found: Any = await raw.collection(Person).find({"_id": {"$in": ids}}).to_list() if ids else []
    by_id = {person["_id"]: person for person in found}
    pairs = [pair for group in groups for pair in paired([by_id[id] for id in group if id in by_id])]
    return sorted(pairs, key=lambda pair: -pair.score)[: min(first, MOST)]


def paired(group: list[StoredPerson]) -> list[Duplicate]:
    """Of people with one name, those whose births do not tell them apart."""
    found = []
    for place, one in enumerate(group):
        for other in group[place + 1 :]:
            score = alike(one, other)
            if score > ENOUGH:
                found.append(Duplicate(one, other, score))
            if len(found) == MOST:
                return found
    return found


def alike(one: StoredPerson, other: StoredPerson) -> float:
    """How much two people of the same name are alike."""
    born, also = one["birth"], other["birth"]
    if born is None or also is None:
        return FIRST + LAST
    return FIRST + LAST + BIRTH if born["at"].date() == also["at"].date() else 0
