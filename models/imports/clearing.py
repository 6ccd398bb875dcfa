"""Demo data making way, in a way that can be taken back."""

from collections.abc import Iterable
from typing import Any, cast

import bson
from beanie import Document
from pymongo.asynchronous.database import AsyncDatabase

from models import DOCUMENTS, raw, transactions
from models.checksums import AS_BYTES
from models.demo import DemoData
from models.import_records import Import
from models.imports.proof import BOOKS, RISING
from models.imports.writing import SECONDS, Session, Written, note


async def clear(database: AsyncDatabase[dict[str, Any]]) -> None:
    """Empties every collection of the models; their indexes stay."""
    for kind in DOCUMENTS:
        await database[kind.get_collection_name()].delete_many({})


async def clear_noted(kinds: Iterable[type[Document]], record: Import) -> None:
    """Has the demo data make way in one step, noted in the journal of the import."""
    emptied = [kind for kind in kinds if kind.get_collection_name() not in BOOKS and kind is not DemoData]

    async def write(session: Session) -> None:
        for kind in emptied:
            collection = raw.collection(kind).with_options(codec_options=cast(Any, AS_BYTES))
            name = kind.get_collection_name()
            gone = [
                Written(each["_id"], None, bytes(cast(Any, each).raw))
                async for each in collection.find({}, session=session)
            ]
            if gone and name not in RISING:
                await note(record.id, name, gone, session)
            await collection.delete_many({}, session=session)
        await give_way(record, session)

    await transactions.together(DemoData, write, SECONDS)
    record.demo_replaced = True


async def give_way(record: Import, session: Session) -> None:
    """Notes that the demo data is gone, so that it is never loaded again."""
    collection = raw.collection(DemoData)
    before: Any = await collection.find_one({"_id": "demo"}, session=session)
    after = {**before, "highest": {}}
    written = Written("demo", bson.encode(after), bson.encode(before))
    await note(record.id, collection.name, [written], session)
    await collection.replace_one({"_id": "demo"}, after, session=session)
    await raw.collection(Import).update_one(
        {"_id": record.id}, {"$set": {"demo_replaced": True}}, session=session
    )
