"""Statistics: what can be counted in a tree."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Iterable
from typing import Any, TypedDict, TypeVar

from bson import ObjectId

from models import raw
from models.kinds import Gender
from models.moments import StoredMoment
from models.people import Person

Item = TypeVar("Item")

# People who are looked at before others have their turn.
TURN = 2_000
# Which people count for what, in the words of the store.
Filter = dict[str, Any]


class Count(TypedDict):
    """How many people are known as something."""

    gender: Gender
    count: int


class Statistics(TypedDict):
    """What can be counted of the people of a tree."""

    genders: list[Count]
    living: int
    deceased: int
    with_birth: int
    earliest_birth: StoredMoment | None
    latest_birth: StoredMoment | None
    with_photo: int


async def of_tree(tree_id: ObjectId, births: Filter, photos: Filter) -> Statistics:
    """What can be counted of a tree; of births and photos only those that the filters let through."""
    ends = {"least": {"$min": "$birth"}, "most": {"$max": "$birth"}, "number": {"$sum": 1}}
    stages: list[dict[str, Any]] = [
        {"$match": {"tree_id": tree_id}},
        {
            "$facet": {
                "people": [
                    {"$group": {"_id": {"gender": "$gender", "living": "$living"}, "number": {"$sum": 1}}}
                ],
                "births": [{"$match": {"birth": {"$ne": None}, **births}}, {"$group": {"_id": None, **ends}}],
                "photos": [{"$match": {"photo_url": {"$nin": [None, ""]}, **photos}}, {"$count": "number"}],
            }
        },
    ]
    cursor = await raw.collection(Person).aggregate(stages)
    ((found,),) = [await cursor.to_list()]
    genders, lives = Counter[str](), Counter[bool]()
    for group in found["people"]:
        genders[group["_id"]["gender"]] += group["number"]
        lives[group["_id"]["living"]] += group["number"]
    births_found: dict[str, Any] = next(iter(found["births"]), {})
    return {
        "genders": [{"gender": each, "count": genders[each]} for each in Gender],
        "living": lives[True],
        "deceased": lives[False],
        "with_birth": births_found.get("number", 0),
        "earliest_birth": births_found.get("least"),
        "latest_birth": births_found.get("most"),
        "with_photo": sum(each["number"] for each in found["photos"]),
    }


async def generations(tree_id: ObjectId) -> int:
    """How many people the longest row from parent to child has.

    Who is their own ancestor is a mistake of the tree: they and all who come after them are in no row.
    """
    parents = await bonds(tree_id)
    children: dict[bytes, list[bytes]] = {}
    left: dict[bytes, int] = {}
    async for id, elders in turns(parents.items()):
        there = [elder for elder in elders if elder in parents]
        left[id] = len(there)
        for elder in there:
            children.setdefault(elder, []).append(id)
    row, number = [id for id, elders in left.items() if not elders], 0
    while row:
        number += 1
        following = []
        async for id in turns(row):
            for child in children.get(id, ()):
                left[child] -= 1
                if not left[child]:
                    following.append(child)
        row = following
    return number


async def bonds(tree_id: ObjectId) -> dict[bytes, set[bytes]]:
    """The parents of everybody in a tree, by the bytes of ids, which are compared without a call each."""
    found: dict[bytes, set[bytes]] = {}
    people = raw.collection(Person).find({"tree_id": tree_id}, {"parents": True}, batch_size=TURN)
    while some := await people.to_list(TURN):
        found |= {each["_id"].binary: {id.binary for id in each["parents"]} for each in some}
        await asyncio.sleep(0)
    return found


async def turns(items: Iterable[Item]) -> AsyncIterator[Item]:
    """The items, with a turn for others after some of them."""
    for place, item in enumerate(items, 1):
        yield item
        if place % TURN == 0:
            await asyncio.sleep(0)
