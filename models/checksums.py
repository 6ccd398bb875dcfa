"""What collections hold, each as one number: equal where the documents are, in whatever order they lie.

A checksum is the sum of the digests of its documents. So what an import writes and what it replaces can be
added and taken away, and the rest of a collection is proven to be untouched.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Self

import bson
from bson.codec_options import CodecOptions, DatetimeConversion
from bson.raw_bson import RawBSONDocument
from pymongo.asynchronous.client_session import AsyncClientSession
from pymongo.asynchronous.database import AsyncDatabase

Database = AsyncDatabase[Any]

# Digests are added as numbers of so many bits.
BITS = 256
# Documents as the bytes that the store sent.
AS_BYTES: CodecOptions[RawBSONDocument] = CodecOptions(document_class=RawBSONDocument)
# Every value comes back as the bytes it was; dates too that Python has none for.
EXACT: CodecOptions[dict[str, Any]] = CodecOptions(datetime_conversion=DatetimeConversion.DATETIME_MS)
# Documents of one answer of the store.
BATCH = 1_000


@dataclass(frozen=True)
class Checksum:
    """How many documents there are, and the sum of their digests."""

    count: int = 0
    sum: int = 0

    @classmethod
    def over(cls, digests: Iterable[bytes]) -> Self:
        """The checksum of documents that have these digests."""
        numbers = [int.from_bytes(each, "big") for each in digests]
        return cls(len(numbers), sum(numbers) % 2**BITS)

    def plus(self, other: "Checksum") -> "Checksum":
        """The checksum of both."""
        return Checksum(self.count + other.count, (self.sum + other.sum) % 2**BITS)

    def minus(self, other: "Checksum") -> "Checksum":
        """The checksum without what the other one covers."""
        return Checksum(self.count - other.count, (self.sum - other.sum) % 2**BITS)

    def as_json(self) -> dict[str, Any]:
        """Count and sum, in hexadecimal digits."""
        return {"count": self.count, "sum": f"{self.sum:064x}"}

    @classmethod
    def of_json(cls, value: Mapping[str, Any]) -> Self:
        """The checksum that was written so."""
        return cls(value["count"], int(value["sum"], 16))


def digest(form: bytes) -> bytes:
    """The digest of a document, whatever the order of its fields; inside a field the order counts."""
    # Decoded and encoded again by the driver, which takes a third of the time of sorting the bytes in place.
    return sha256(bson.encode(dict(sorted(bson.decode(form, EXACT).items())))).digest()


async def of_collection(database: Database, name: str, session: AsyncClientSession | None = None) -> Checksum:
    """The checksum of a collection, read once from end to end."""
    total = Checksum()
    collection = database.get_collection(name, codec_options=AS_BYTES)
    # As they come in: a thousand documents may be 16 GB, one answer is 16 MB at most.
    async with collection.find_raw_batches({}, session=session, batch_size=BATCH) as cursor:
        async for some in cursor:
            total = total.plus(
                Checksum.over(digest(bytes(each.raw)) for each in bson.decode_iter(some, AS_BYTES))
            )
    return total


async def of(
    database: Database, *, without: Iterable[str] = (), session: AsyncClientSession | None = None
) -> dict[str, Checksum]:
    """The checksums of all collections that hold something, by name."""
    found = {name: await of_collection(database, name, session) for name in await names(database, without)}
    return {name: checksum for name, checksum in found.items() if checksum.count}


async def names(database: Database, without: Iterable[str] = ()) -> list[str]:
    """The collections of a database, in alphabetical order."""
    wanted = {"type": "collection", "name": {"$not": {"$regex": r"^system\."}}}
    return sorted(set(await database.list_collection_names(filter=wanted)) - set(without))
