"""Documents of another MongoDB: one snapshot of all collections, where it can give one; only read."""

import json
from collections.abc import AsyncIterator, Mapping
from typing import Any

from bson.codec_options import CodecOptions, DatetimeConversion
from pymongo import AsyncMongoClient
from pymongo.errors import ConfigurationError, InvalidURI, PyMongoError
from pymongo.uri_parser import parse_uri

from models.files import BadFile
from models.imports.extended import json_of
from models.imports.stage import Row

# Documents of one answer of the database.
BATCH = 1_000
# What an address may say itself.
PATIENCE = "serverSelectionTimeoutMS"
READABLE: CodecOptions[dict[str, Any]] = CodecOptions(datetime_conversion=DatetimeConversion.DATETIME_AUTO)

Columns = Mapping[str, Mapping[str, str]]


class MongoDB:
    """The collections of a database that goes on to serve its old clients."""

    def __init__(self, url: str) -> None:
        try:
            # Hosts of mongodb+srv are asked for when the client connects.
            parts = parse_uri(url) if url.startswith("mongodb://") else srv(url)
        except (InvalidURI, ConfigurationError, ValueError) as error:
            raise BadFile(f"This address of a MongoDB cannot be used: {error}.") from error
        if not parts["database"]:
            raise BadFile("The address of a MongoDB must name the database: mongodb://host:27017/database.")
        hosts = ",".join(f"{host}:{port}" if port else host for host, port in sorted(parts["nodelist"]))
        self.url = url
        self.database = str(parts["database"])
        self.name = self.place = f"mongodb://{hosts}/{self.database}"
        self.notes: list[str] = []
        asked = {name.lower() for name in parts["options"]}
        self.patience: dict[str, Any] = {} if PATIENCE.lower() in asked else {PATIENCE: 10_000}

    async def rows(self, columns: Columns) -> AsyncIterator[list[Row]]:
        """All documents of the collections; raises BadFile."""
        try:
            async with AsyncMongoClient[dict[str, Any]](self.url, **self.patience) as client:
                database = client.get_database(self.database, codec_options=READABLE)
                there = set(await database.list_collection_names())
                if not there & columns.keys():
                    raise BadFile(f"{self.name} has none of the collections {', '.join(columns)}.")
                member = "setName" in (hello := await client.admin.command("hello")) or "msg" in hello
                if not member:
                    self.notes.append(f"{self.name} is no replica set: what changed meanwhile may be torn.")
                async with client.start_session(snapshot=member) as session:
                    for name in columns:
                        if name not in there:
                            self.notes.append(f"{self.name} has no collection {name}.")
                            continue
                        async for some in documents(database[name], name, session):
                            yield some
        except PyMongoError as error:
            raise BadFile(f"{self.name} cannot be read: {error}.") from error


async def documents(collection: Any, name: str, session: Any) -> AsyncIterator[list[Row]]:
    """The documents of a collection, by id."""
    number = 0
    async with collection.find({}, sort=[("_id", 1)], session=session, batch_size=BATCH) as cursor:
        while some := await cursor.to_list(BATCH):
            yield [
                Row(name, number + place, "", json.dumps(each, default=json_of))
                for place, each in enumerate(some, 1)
            ]
            number += len(some)


def srv(url: str) -> dict[str, Any]:
    """The parts of an address whose hosts only the name service knows."""
    parts = parse_uri("mongodb://" + url.partition("://")[2])
    return {**parts, "nodelist": [(host, None) for host, _ in parts["nodelist"]]}
