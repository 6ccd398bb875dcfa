"""Warnings: what cannot well be true of a person and those near to them."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from enum import StrEnum
from typing import Any, NamedTuple, cast

from bson import ObjectId

from models import raw, relationships
from models.kinds import Kind
from models.moments import StoredMoment
from models.people import Person, StoredPerson
from models.relationships import StoredRelationship

# Years that nobody has been seen to do: live longer, or be a parent earlier.
OLDEST, YOUNGEST_PARENT = 120, 12
# Days in which a child may be born after its father has died.
AFTER_DEATH = 300
YEAR = 365.2425


class WarningCode(StrEnum):
    """What is odd."""

    BORN_AFTER_DEATH = "BORN_AFTER_DEATH"
    BORN_BEFORE_PARENT = "BORN_BEFORE_PARENT"
    PARENT_TOO_YOUNG = "PARENT_TOO_YOUNG"
    PARENT_DEAD_BEFORE_BIRTH = "PARENT_DEAD_BEFORE_BIRTH"
    TOO_OLD = "TOO_OLD"
    ANCESTOR_OF_SELF = "ANCESTOR_OF_SELF"
    MARRIED_BEFORE_BIRTH = "MARRIED_BEFORE_BIRTH"
    DUPLICATE = "DUPLICATE"


class Warning(NamedTuple):
    """Something odd, as a sentence, and whom it is about."""

    code: WarningCode
    message: str
    person_ids: list[ObjectId]


async def of_person(person: StoredPerson, now: datetime) -> list[Warning]:
    """What is odd about somebody, their parents and their unions."""
    near = await around(person)
    rows = await relationships.OF_PERSON.load(person["_id"])
    found = [
        *of_life(person, now),
        *of_parents(person, [near[id] for id in dict.fromkeys(person["parents"]) if id in near]),
        *of_unions(person, rows),
    ]
    if person["_id"] in person["parents"] or await is_own_ancestor(person):
        found.append(warning(WarningCode.ANCESTOR_OF_SELF, "is among their own ancestors", [person]))
    twins = await duplicates_of(person)
    found += [warning(WarningCode.DUPLICATE, "may be in the tree twice", [person, twin]) for twin in twins]
    return found


async def around(person: StoredPerson) -> dict[ObjectId, StoredPerson]:
    """Those whom a person names as parents, by id."""
    wanted = {"_id": {"$in": person["parents"]}}
    found: Any = await raw.collection(Person).find(wanted).to_list() if person["parents"] else []
    return {each["_id"]: each for each in found}


def of_life(person: StoredPerson, now: datetime) -> Iterator[Warning]:
    """What is odd about birth and death."""
    born, died = at(person, "birth"), at(person, "death")
    if born and died and died < born:
        yield warning(WarningCode.BORN_AFTER_DEATH, "was born after their own death", [person])
    end = died or (now.replace(tzinfo=None) if person["living"] else None)
    if born and end and (end - born).days > OLDEST * YEAR:
        yield warning(WarningCode.TOO_OLD, f"would have lived for more than {OLDEST} years", [person])


def of_parents(person: StoredPerson, elders: Iterable[StoredPerson]) -> Iterator[Warning]:
    """What is odd about somebody's parents."""
    born = at(person, "birth")
    for parent in elders:
        began, ended = at(parent, "birth"), at(parent, "death")
        if born and began and born <= began:
            yield warning(WarningCode.BORN_BEFORE_PARENT, "was born before a parent", [person, parent])
        elif born and began and (born - began).days < YOUNGEST_PARENT * YEAR:
            said = f"has a parent who was younger than {YOUNGEST_PARENT}"
            yield warning(WarningCode.PARENT_TOO_YOUNG, said, [person, parent])
        if born and ended and (born - ended).days > AFTER_DEATH:
            said = "was born long after the death of a parent"
            yield warning(WarningCode.PARENT_DEAD_BEFORE_BIRTH, said, [person, parent])


def of_unions(person: StoredPerson, rows: Iterable[StoredRelationship]) -> Iterator[Warning]:
    """What is odd about somebody's unions."""
    born = at(person, "birth")
    for row in rows:
        started = row["started"]
        if row["kind"] == Kind.SPOUSE and born and started and started["at"] < born:
            said = f"{shown(person)} was married before their birth."
            yield Warning(WarningCode.MARRIED_BEFORE_BIRTH, said, list(dict.fromkeys(row["people"])))


async def is_own_ancestor(person: StoredPerson) -> bool:
    """Whether the way up leads back to the same person."""
    if not person["parents"]:
        return False
    collection = raw.collection(Person)
    stages: list[dict[str, Any]] = [
        {"$match": {"_id": person["_id"]}},
        {
            "$graphLookup": {
                "from": collection.name,
                "startWith": "$parents",
                "connectFromField": "parents",
                "connectToField": "_id",
                "maxDepth": 49,
                "restrictSearchWithMatch": {"tree_id": person["tree_id"]},
                "as": "up",
            }
        },
        {"$project": {"own": {"$in": ["$_id", "$up._id"]}}},
    ]
    cursor = await collection.aggregate(stages)
    return any(each["own"] for each in await cursor.to_list())


async def duplicates_of(person: StoredPerson) -> list[StoredPerson]:
    """Others in the tree with the same first and last name, and no other day of birth."""
    if not person["first_name"] or not person["last_name"]:
        return []
    wanted: dict[str, Any] = {
        "tree_id": person["tree_id"],
        "last_name": person["last_name"],
        "first_name": person["first_name"],
        "_id": {"$ne": person["_id"]},
    }
    found: Any = await raw.collection(Person).find(wanted, limit=10).to_list()
    born = at(person, "birth")
    return [each for each in found if not born or at(each, "birth") in (None, born)]


def at(person: StoredPerson, name: str) -> datetime | None:
    """When somebody was born or died, in UTC, or None."""
    moment: StoredMoment | None = cast(dict[str, Any], person)[name]
    return moment["at"] if moment else None


def warning(code: WarningCode, said: str, about: list[StoredPerson]) -> Warning:
    """A warning about people, of whom the first one is named."""
    return Warning(code, f"{shown(about[0])} {said}.", [each["_id"] for each in about])


def shown(person: StoredPerson) -> str:
    """The name of somebody."""
    return person["name"] or "Somebody without a name"
