"""What migrations are made of: documents change in batches, and what they were is kept for the way back."""

from collections.abc import Awaitable, Callable
from typing import Any, NamedTuple

from beanie import free_fall_migration
from beanie.migrations.database import DBHandler
from pymongo import DeleteOne, ReplaceOne, UpdateOne
from pymongo.read_concern import ReadConcern

from models.transactions import DURABLE

KEPT = "migrations_kept"
BATCH = 500

Form = dict[str, Any]


def migration(work: Callable[..., Awaitable[None]]) -> Any:
    """What Beanie runs; it binds no documents, since those of today are not those of then."""
    return free_fall_migration(document_models=[])(work)


def bound() -> Any:
    """The database that is migrated."""
    return DBHandler.get_db()  # type: ignore[no-untyped-call]  # Beanie's handler has no types


def always(forward: Any, parked: Any) -> bool:
    """A field that was taken away comes back as it was."""
    return True


class Change(NamedTuple):
    """A change of the documents of a collection.

    `lacking` finds those that need it, `forward` gives their new fields. On the way back a field is what it
    was, or what `backward` makes of what it is now; what it is now is kept for the next way forward, where
    `agrees` says that it still fits.
    """

    migration: str
    collection: str
    lacking: Form
    forward: Callable[[Form], Form]
    backward: Callable[[Any], Any] | None = None
    agrees: Callable[[Any, Any], bool] = always


async def up(change: Change) -> None:
    """Changes all documents that need it, in the order of their ids."""
    database = bound()
    collection = database[change.collection]
    wanted = dict(change.lacking)
    while some := await collection.find(wanted, {"_id": True}, sort=[("_id", 1)], limit=BATCH).to_list():
        keys = [each["_id"] for each in some]
        # Onwards, so that a document with which nothing can be done holds nobody up.
        wanted["_id"] = {"$gt": keys[-1]}

        async def write(session: Any, keys: list[Any] = keys) -> None:
            found = await collection.find({**change.lacking, "_id": {"$in": keys}}, session=session).to_list()
            kept = await kept_of(change, [each["_id"] for each in found], session)
            requests: list[Any] = []
            notes: list[Any] = []
            for form in found:
                parked = kept.get(form["_id"], {}).get("parked") or {}
                fields = change.forward(form)
                if not fields:
                    continue
                for name, value in fields.items():
                    if name in parked and change.agrees(value, parked[name]):
                        fields[name] = parked[name]
                requests.append(UpdateOne({"_id": form["_id"]}, {"$set": fields}))
                was = {name: form[name] for name in fields if name in form}
                note = {
                    "_id": note_id(change, form["_id"]),
                    "names": list(fields),
                    "was": was,
                    "parked": None,
                }
                notes.append(ReplaceOne({"_id": note["_id"]}, note, upsert=True))
            if requests:
                await collection.bulk_write(requests, session=session)
                await database[KEPT].bulk_write(notes, session=session)

        await together(database, write)


async def down(change: Change) -> None:
    """Makes every document that was changed what it was; those that came later stay as they are."""
    database = bound()
    collection, kept = database[change.collection], database[KEPT]
    wanted = {
        "_id.migration": change.migration,
        "_id.collection": change.collection,
        "parked": None,
    }
    while some := await kept.find(wanted, limit=BATCH).to_list():

        async def write(session: Any, some: list[Form] = some) -> None:
            keys = [each["_id"]["key"] for each in some]
            found = {
                each["_id"]: each async for each in collection.find({"_id": {"$in": keys}}, session=session)
            }
            requests: list[Any] = []
            notes: list[Any] = []
            for note in some:
                form = found.get(note["_id"]["key"])
                if form is None:
                    notes.append(DeleteOne({"_id": note["_id"]}))
                    continue
                parked = {name: form[name] for name in note["names"] if name in form}
                notes.append(UpdateOne({"_id": note["_id"]}, {"$set": {"parked": parked}}))
                requests.append(UpdateOne({"_id": form["_id"]}, back(change, note, form)))
            if requests:
                await collection.bulk_write(requests, session=session)
            await kept.bulk_write(notes, session=session)

        await together(database, write)


def back(change: Change, note: Form, form: Form) -> Form:
    """What makes a document what it was."""
    update: Form = {}
    for name in note["names"]:
        if name in note["was"]:
            value = note["was"][name]
            if change.backward is not None and name in form:
                value = change.backward(form[name])
            update.setdefault("$set", {})[name] = value
        else:
            update.setdefault("$unset", {})[name] = True
    return update


async def kept_of(change: Change, keys: list[Any], session: Any) -> dict[Any, Form]:
    """What is kept of documents, by their keys."""
    wanted = {"_id": {"$in": [note_id(change, key) for key in keys]}}
    kept = bound()[KEPT]
    return {each["_id"]["key"]: each async for each in kept.find(wanted, session=session)}


def note_id(change: Change, key: Any) -> Form:
    """Under what the old form of a document is kept."""
    return {"migration": change.migration, "collection": change.collection, "key": key}


async def together(database: Any, work: Callable[[Any], Any]) -> None:
    """Writes that happen all or not at all."""
    async with database.client.start_session() as session:
        await session.with_transaction(work, read_concern=ReadConcern("snapshot"), write_concern=DURABLE)
