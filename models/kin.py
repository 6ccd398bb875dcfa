"""Kin: who comes before and after somebody, and how two people hang together."""

from collections.abc import Iterator
from enum import StrEnum
from itertools import islice
from typing import Any, NamedTuple

from bson import ObjectId

from models import raw
from models.people import Person, StoredPerson
from models.raw import Fields

# Generations that are asked for at most, and people who are told of.
GENERATIONS, MOST = 50, 5_000
# People who are looked at between two, and ways that are told when there are several as short.
SEEN, WAYS = 20_000, 10
# Under which the store says how far away somebody is; no person has such a field.
GENERATION = "_generation"
NEAREST = {"$slice": [{"$sortArray": {"input": "$kin", "sortBy": {GENERATION: 1, "_id": 1}}}, MOST]}
BONDS = {"parents": True, "children": True, "spouses": True}


class Kin(NamedTuple):
    """Somebody, and how many generations away they are."""

    person: StoredPerson
    generation: int


class Tie(StrEnum):
    """What leads from one person to the next."""

    PARENT = "PARENT"
    CHILD = "CHILD"
    SPOUSE = "SPOUSE"


BACK = {Tie.PARENT: Tie.CHILD, Tie.CHILD: Tie.PARENT, Tie.SPOUSE: Tie.SPOUSE}
KEYS = {"parents": Tie.PARENT, "children": Tie.CHILD, "spouses": Tie.SPOUSE}


class Way(NamedTuple):
    """People in a row, and what leads from each to the next."""

    people: list[ObjectId]
    ties: list[Tie]


async def ancestors(person: StoredPerson, generations: int, fields: Fields = None) -> list[Kin]:
    """Who comes before somebody in their tree, the nearest first, read at once."""
    return await lineage(person, "parents", generations, fields)


async def descendants(person: StoredPerson, generations: int, fields: Fields = None) -> list[Kin]:
    """Who comes after somebody in their tree, the nearest first, read at once."""
    return await lineage(person, "children", generations, fields)


async def lineage(person: StoredPerson, key: str, generations: int, fields: Fields) -> list[Kin]:
    """Everybody whom one key leads to, again and again, each once and as near as they are."""
    collection = raw.collection(Person)
    shown = [{"$project": {f"kin.{name}": True for name in (*fields, "_id", GENERATION)}}] if fields else []
    stages: list[dict[str, Any]] = [
        {"$match": {"_id": person["_id"]}},
        {"$project": {key: True}},
        {
            "$graphLookup": {
                "from": collection.name,
                "startWith": f"${key}",
                "connectFromField": key,
                "connectToField": "_id",
                "as": "kin",
                "maxDepth": generations - 1,
                "depthField": GENERATION,
                "restrictSearchWithMatch": {"tree_id": person["tree_id"]},
            }
        },
        # To sort them takes the store longer than to find them, so it does where some are left out only.
        {"$project": {"kin": {"$cond": [{"$gt": [{"$size": "$kin"}, MOST]}, NEAREST, "$kin"]}}},
        *shown,
        # One document could not hold whole ones.
        *([] if fields else [{"$unwind": "$kin"}]),
    ]
    cursor = await collection.aggregate(stages, batchSize=MOST + 1)
    rows = await cursor.to_list()
    found: list[Any] = rows[0]["kin"] if fields and rows else [row["kin"] for row in rows]
    # By the bytes of their ids, which are compared without a call of Python each.
    found.sort(key=lambda each: (each[GENERATION], each["_id"].binary))
    own = person["_id"].binary
    # Who is their own ancestor is a mistake of the tree, which is told elsewhere.
    return [Kin(each, each.pop(GENERATION) + 1) for each in found if each["_id"].binary != own]


async def kinship(one: StoredPerson, other: StoredPerson, most: int) -> list[Way]:
    """The shortest ways from one person to another in a tree, of at most so many steps."""
    if one["_id"] == other["_id"]:
        return [Way([one["_id"]], [])]
    sides = Side(one["_id"]), Side(other["_id"])
    for _ in range(most):
        near, far = sorted(sides, key=lambda side: len(side.edge))
        await near.grow(one["tree_id"])
        if meeting := [id for id in near.edge if id in far.known]:
            return list(islice(ways(*sides, meeting), WAYS))
        if not near.edge or len(near.known) + len(far.known) > SEEN:
            break
    return []


class Side:
    """Who can be reached from one person, a step further each time."""

    def __init__(self, start: ObjectId) -> None:
        self.known: dict[ObjectId, list[tuple[ObjectId, Tie]]] = {start: []}
        self.edge: list[ObjectId] = [start]

    async def grow(self, tree_id: ObjectId) -> None:
        """Goes one step further."""
        wanted = {"_id": {"$in": self.edge}, "tree_id": tree_id}
        found = await raw.collection(Person).find(wanted, BONDS).to_list()
        new: dict[ObjectId, list[tuple[ObjectId, Tie]]] = {}
        for person in found:
            for key, tie in KEYS.items():
                for id in dict.fromkeys(person[key]):
                    if id not in self.known:
                        new.setdefault(id, []).append((person["_id"], tie))
        self.known |= new
        self.edge = list(new)

    def back(self, id: ObjectId) -> Iterator[Way]:
        """The ways from the start to somebody who is known."""
        before = self.known[id]
        if not before:
            yield Way([id], [])
        for previous, tie in before:
            for way in self.back(previous):
                yield Way([*way.people, id], [*way.ties, tie])


def ways(start: Side, end: Side, meeting: list[ObjectId]) -> Iterator[Way]:
    """The ways that lead through those whom both sides know."""
    for id in meeting:
        for there in start.back(id):
            for back in end.back(id):
                people = [*there.people, *reversed(back.people[:-1])]
                yield Way(people, [*there.ties, *(BACK[tie] for tie in reversed(back.ties))])
