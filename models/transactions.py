"""Several writes that happen all or not at all."""

from collections.abc import Awaitable, Callable
from typing import TypeVar

import pymongo
from beanie import Document
from pymongo.asynchronous.client_session import AsyncClientSession
from pymongo.read_concern import ReadConcern
from pymongo.write_concern import WriteConcern

DURABLE = WriteConcern("majority", j=True)
# The driver tries again after a write conflict, with growing random pauses; this is when it gives up.
SECONDS = 20

Session = AsyncClientSession
Result = TypeVar("Result")


async def together(
    kind: type[Document], work: Callable[[Session], Awaitable[Result]], seconds: float = SECONDS
) -> Result:
    """The result of `work`, whose writes with its session are all durable, or none has happened."""
    client = kind.get_pymongo_collection().database.client
    with pymongo.timeout(seconds):
        async with client.start_session() as session:
            return await session.with_transaction(
                work, read_concern=ReadConcern("snapshot"), write_concern=DURABLE
            )
