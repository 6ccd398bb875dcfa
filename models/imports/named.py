"""Rows whose things are named by UUIDs or ObjectIds, checked against each other and the database."""

from collections.abc import Iterator, Mapping
from typing import Any

import bson
from beanie import Document
from bson import ObjectId

from models import raw
from models.files import Found
from models.imports import users
from models.imports.known import Known
from models.imports.relatives import Relatives
from models.imports.sources import Source, keys_at
from models.imports.stage import Stage
from models.imports.summary import Summary, encoded
from models.imports.writing import Form, Part, Session
from models.kinds import Gender
from models.people import Person
from models.raw import stored_form
from models.relationships import Relationship
from models.rows import BadValue, Row

Good = dict[ObjectId, tuple[Found, Any]]
RELATIVES = ("parents", "children", "spouses")
NOTHING: tuple[Any, ...] = (None, "", [], Gender.UNKNOWN)


class Batch:
    """The rows of one source as documents; what is there already keeps the id that no row tells."""

    def __init__(
        self,
        sources: tuple[Source, ...],
        summary: Summary,
        stored: bool,
        stage: Stage,
        *,
        new_users: bool,
        same: Mapping[str, ObjectId] | None = None,
    ) -> None:
        self.sources = {source.name: source for source in sources}
        self.summary = summary
        # Whether what the database holds now will still be there.
        self.stored = stored
        self.stage = stage
        self.known = Known(stage, same or {})
        self.users = users.Users(summary, stored, stage, only_new=new_users)
        # Old servers that name things by UUIDs kept the relatives of people in lists.
        told = any(source.by_uuid for source in sources)
        self.relatives = Relatives(stage, self.known, summary, told=told)

    @property
    def columns(self) -> dict[str, Mapping[str, str]]:
        """The tables, and how their cells are read where they have no types."""
        return {"users": users.COLUMNS, **{source.name: source.columns for source in self.sources.values()}}

    async def judge(self) -> None:
        """Converts and checks the rows, table by table."""
        await self.users.judge()
        for source in self.sources.values():
            for rows in self.stage.rows(source.name):
                await self.meet(source, rows)
            for rows in self.stage.rows(source.name):
                await self.judge_rows(source, rows)
        self.relatives.settle()

    async def meet(self, source: Source, rows: list[Found]) -> None:
        """Learns the ids of rows, and of what they name."""
        keys = []
        for found in rows:
            row = Row(found.values)
            try:
                keys.append((source.key(row), source.made(row)))
            except BadValue as error:
                self.summary.refuse_value(found, error)
        if self.stored:
            await self.known.learn(source.kind, [key for key, _ in keys])
            for column, kind in source.names:
                await self.known.learn(kind, [key for found in rows for key in keys_at(found.values, column)])
        for key, made in keys:
            self.known.meet(source.kind, key, made)

    async def judge_rows(self, source: Source, rows: list[Found]) -> None:
        """Converts and checks some rows of a table, and keeps the good ones."""
        good: Good = {}
        for found in rows:
            row = Row(found.values)
            try:
                source.key(row), source.made(row)
            except BadValue:
                continue  # told when it was met
            try:
                document: Any = source.convert(row, self.known)
                # Its lists and claims may still lose something, and nothing else.
                encoded(document)
            except BadValue as error:
                self.summary.refuse_value(found, error)
                continue
            self.summary.ignore(source.name, found.values.keys() - row.asked)
            # Kept here until nothing speaks against it; a place in the order of rows is taken at once.
            if (first := self.stage.documents(source.kind).add(document.id, found, b"")) is not None:
                reason = f"id {document.id} is given twice, first on line {first}"
                self.summary.refuse(found, "id", reason)
            else:
                good[document.id] = found, document
        for field, (column, kind) in source.needs.items():
            await self.check_reference(source, good, field, column, kind)
        if source.kind is Person:
            await self.check_references(source, good)
        if source.kind is Relationship:
            await self.settle_claims(good)
        documents = self.stage.documents(source.kind)
        for id, (_, document) in good.items():
            documents.fill(id, bson.encode(stored_form(document)))

    def refuse(self, source: Source, good: Good, id: ObjectId, column: str, reason: str) -> None:
        """Lets a document go that was taken for good."""
        self.summary.refuse(good.pop(id)[0], column, reason)
        self.stage.documents(source.kind).drop(id)

    async def check_reference(
        self, source: Source, good: Good, field: str, column: str, kind: type[Document]
    ) -> None:
        """Refuses rows that refer to nothing."""
        missing = {getattr(document, field) for _, document in good.values()}
        missing -= self.stage.documents(kind).among(missing)
        if self.stored and missing:
            await self.known.learn(kind, missing)
            missing -= self.known.stored(kind, missing)
        for id, (_, document) in list(good.items()):
            value = getattr(document, field)
            if value in missing:
                name = kind.get_collection_name()
                self.refuse(source, good, id, column, f"{column} is {value}, and {name} has no such id")

    async def check_references(self, source: Source, good: Good) -> None:
        """Refuses people whose reference somebody else has."""
        seen: dict[str, ObjectId] = {}
        for id, (found, person) in list(good.items()):
            if held := self.stage.hold("people reference", person.reference, found.line, id):
                self.refuse(source, good, id, "uniqueId", f"uniqueId is the same as on line {held[0]}")
            else:
                seen[person.reference] = id
        if not self.stored or not seen:
            return
        wanted: dict[str, Any] = {"reference": {"$in": list(seen)}}
        async for other in raw.collection(Person).find(wanted, {"reference": True}):
            id = seen[other["reference"]]
            # Whom the source names too is replaced, and gives the reference free.
            if other["_id"] != id and not self.known.named(Person, other["_id"]):
                reason = f"uniqueId is that of {other['_id']} in the database"
                self.refuse(source, good, id, "uniqueId", reason)

    async def settle_claims(self, good: Good) -> None:
        """Has every claim made once; old servers let some relationships be twice."""
        rows = [row for _, row in good.values()]
        taken: set[str] = set()
        claimed = [claim for row in rows for claim in row.claims]
        if self.stored and claimed:
            # The index knows only those that claim something, and serves only who says so.
            wanted: dict[str, Any] = {"claims": {"$in": claimed}, "claims.0": {"$exists": True}}
            async for other in raw.collection(Relationship).find(wanted, {"claims": True}):
                if not self.known.named(Relationship, other["_id"]):
                    taken |= set(other["claims"])
        for found, row in good.values():
            row.claims = [
                claim
                for claim in row.claims
                if claim not in taken and self.stage.hold("claims", claim, found.line, row.id) is None
            ]

    def parts(self) -> Iterator[Part]:
        """What is to be written, in the order of references."""
        yield users.Counted(self.users)
        for source in self.sources.values():
            yield United(source, self.stage, self.known if self.stored else None)


class United(Part):
    """The documents of a table, with what another server told of the same things."""

    def __init__(self, source: Source, stage: Stage, known: Known | None) -> None:
        super().__init__(source.name, source.kind, stage.documents(source.kind))
        self.same = known.same_ids if known else {}

    async def settle(self, forms: list[Form], session: Session) -> list[Form]:
        """Keeps what another server told of the same things where this one is silent, and all relatives."""
        shared = {form["_id"]: form for form in forms if form["_id"] in self.same}
        if not shared:
            return forms
        collection = raw.collection(self.kind)
        async for found in collection.find({"_id": {"$in": list(shared)}}, session=session):
            form = shared[found["_id"]]
            for name, there in found.items():
                here = form.get(name)
                if name in RELATIVES:
                    form[name] = [*there, *(id for id in here or () if id not in there)]
                elif here in NOTHING:
                    form[name] = there
        return forms
