"""Indexes that questions about a value did not use give way to those that they do use.

Contract: the old indexes go. A server of the release before may make them again when it starts.
"""

from typing import Any, NamedTuple

from models.migrations._steps import KEPT, Form, bound, migration

NAME = "m0004_indexes"
TEXT = {"$gt": ""}


class Replaced(NamedTuple):
    """An index of a collection, and the one that stands in its place."""

    collection: str
    old: Form
    new: Form


def of_text(collection: str, old: str, new: str, field: str, key: Form, **options: Any) -> Replaced:
    """An index of the texts in a field, whose filter named their type and names their order now."""
    return Replaced(
        collection,
        {"name": old, "key": key, "partialFilterExpression": {field: {"$type": "string"}}, **options},
        {"name": new, "key": key, "partialFilterExpression": {field: TEXT}, **options},
    )


EXTERNAL = {"external.provider": 1, "external.subject": 1}
OPENING = {"owner": 1, "opening": 1}
REPLACED = (
    of_text("users", "uuid_1", "uuid_text", "uuid", {"uuid": 1}, unique=True),
    of_text(
        "users",
        "external.provider_1_external.subject_1",
        "external_text",
        "external.provider",
        EXTERNAL,
        unique=True,
    ),
    of_text(
        "users",
        "verification.digest_1",
        "verification_text",
        "verification.digest",
        {"verification.digest": 1},
    ),
    Replaced(
        "family_trees",
        {
            "name": "owner_1_opening_1",
            "key": OPENING,
            "unique": True,
            "partialFilterExpression": {"opening": {"$type": "number"}},
        },
        {
            "name": "opening_number",
            "key": OPENING,
            "unique": True,
            "partialFilterExpression": {"opening": {"$gt": 0}},
        },
    ),
)


async def give_way(each: Replaced) -> None:
    """Drops the old index of a collection, once the new one is there."""
    database = bound()
    if each.old["name"] not in await database[each.collection].index_information():
        return
    await database.command("createIndexes", each.collection, indexes=[each.new])
    note = {"_id": note_id(each)}
    await database[KEPT].replace_one(note, note, upsert=True)
    await database[each.collection].drop_index(each.old["name"])


async def come_back(each: Replaced) -> None:
    """Makes the old index again, where there was one."""
    database = bound()
    if await database[KEPT].find_one({"_id": note_id(each)}) is not None:
        await database.command("createIndexes", each.collection, indexes=[each.old])


def note_id(each: Replaced) -> Form:
    """Under what is kept that there was an index."""
    return {"migration": NAME, "collection": each.collection, "key": each.old["name"]}


class Forward:
    """Replaces the indexes."""

    @migration
    async def indexes(self, session: Any) -> None:
        """Drops each old index whose place a new one has."""
        for each in REPLACED:
            await give_way(each)


class Backward:
    """Has both."""

    @migration
    async def indexes(self, session: Any) -> None:
        """Makes the old indexes that were dropped."""
        for each in REPLACED:
            await come_back(each)
