"""Inserts, joined: documents that are handed over in one turn of the event loop are one command."""

from collections.abc import Iterator
from typing import Any

from beanie import Document
from pymongo.errors import BulkWriteError, DuplicateKeyError, WriteConcernError, WriteError

from models.batches import Batcher, Entry
from models.raw import Collection, stored_form

DUPLICATE = 11000


class Inserts:
    """Writes new documents of one kind, as durably as alone; each writer is told of theirs only.

    There is no session here: what belongs to a transaction is written with it.
    """

    def __init__(self, kind: type[Document]) -> None:
        self.batcher = Batcher(kind, insert)

    async def add(self, document: Document) -> dict[str, Any]:
        """The document as it is stored now; raises DuplicateKeyError where its key is taken."""
        stored = stored_form(document)
        await self.batcher.one(stored)
        return stored


async def insert(collection: Collection, batch: list[Entry]) -> Iterator[Exception | None]:
    """What became of each document, in their order."""
    documents = [entry.items[0] for entry in batch]
    outcomes: list[Exception | None] = [None] * len(documents)
    try:
        # Unordered, so that one that is refused does not hold up the others.
        await collection.insert_many(documents, ordered=False)
    except BulkWriteError as error:
        details: Any = error.details
        for unconfirmed in details["writeConcernErrors"]:
            raise WriteConcernError(unconfirmed["errmsg"], unconfirmed["code"], unconfirmed) from error
        for refused in details["writeErrors"]:
            kind = DuplicateKeyError if refused["code"] == DUPLICATE else WriteError
            outcomes[refused["index"]] = kind(refused["errmsg"], refused["code"], refused)
    return iter(outcomes)
