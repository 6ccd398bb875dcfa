"""Rows whose things are named by UUIDs or ObjectIds, checked against each other and the database."""

from collections.abc import Iterable, Mapping
from functools import partial
from operator import attrgetter
from typing import Any

from beanie import Document
from bson import ObjectId

from models import raw
from models.files import Found
from models.imports import genealogy
from models.imports.checks import Checks
from models.imports.known import Known
from models.imports.sources import Source, keys_at
from models.imports.summary import BATCH, Progress, Summary, chunks
from models.imports.users import Users
from models.kinds import Gender
from models.people import Person
from models.relationships import Relationship
from models.rows import BadValue, Row

Good = dict[ObjectId, tuple[Found, Any]]
RELATIVES = ("parents", "children", "spouses")
NOTHING: tuple[Any, ...] = (None, "", [], Gender.UNKNOWN)


class Batch(Checks):
    """The rows of one file as documents; what is there already keeps the id that no file tells."""

    def __init__(
        self,
        sources: tuple[Source, ...],
        summary: Summary,
        stored: bool,
        *,
        new_users: bool,
        same: Mapping[str, ObjectId] | None = None,
    ) -> None:
        super().__init__(summary, stored)
        self.sources = {source.name: source for source in sources}
        self.known = Known(same or {})
        self.good: dict[type[Document], Good] = {source.kind: {} for source in sources}
        self.users = Users(summary, stored, only_new=new_users)

    async def take(self, rows: Iterable[Found]) -> None:
        """Converts and checks rows, table by table."""
        by_table = self.by_table(rows, ("users", *self.sources))
        await self.users.take(by_table["users"])
        for name, source in self.sources.items():
            await self.take_table(source, by_table[name])
        if Relationship in self.good:
            await self.settle_claims()
        self.settle_lists(by_uuid=any(source.by_uuid for source in self.sources.values()))
        self.summary.bad.sort(key=lambda bad: bad.line)

    async def take_table(self, source: Source, rows: list[Found]) -> None:
        """Converts and checks the rows of one table."""
        good = self.good[source.kind]
        met = await self.meet(source, rows)
        self.convert(source.name, met, lambda row: source.convert(row, self.known), attrgetter("id"), good)
        for field, (column, kind) in source.needs.items():
            await self.check_reference(good, field, column, kind)
        if source.kind is Person:
            await self.check_references(good)
            self.known.trees |= {id: person.tree_id for id, (_, person) in good.items()}

    async def meet(self, source: Source, rows: list[Found]) -> list[Found]:
        """The rows that have an id, whose ids and those they name are known now."""
        keys, met = [], []
        for found in rows:
            row = Row(found.values)
            try:
                keys.append((source.key(row), source.made(row)))
            except BadValue as error:
                self.refuse_value(found, error)
            else:
                met.append(found)
        if self.stored:
            await self.known.learn(source.kind, [key for key, _ in keys])
            for column, kind in source.names:
                await self.known.learn(kind, [key for found in met for key in keys_at(found.values, column)])
        for key, made in keys:
            self.known.meet(source.kind, key, made)
        return met

    async def check_reference(self, good: Good, field: str, column: str, kind: type[Document]) -> None:
        """Refuses rows that refer to nothing."""
        missing = {getattr(document, field) for _, document in good.values()} - self.good[kind].keys()
        if self.stored:
            await self.known.learn(kind, missing)
            missing -= self.known.stored[kind]
        for id, (found, document) in list(good.items()):
            value = getattr(document, field)
            if value in missing:
                name = kind.get_collection_name()
                self.refuse(found, column, f"{column} is {value}, and {name} has no such id")
                del good[id]

    async def check_references(self, good: Good) -> None:
        """Refuses people whose reference somebody else has."""
        seen: dict[str, ObjectId] = {}
        for id, (found, person) in list(good.items()):
            if person.reference in seen:
                first = good[seen[person.reference]][0].line
                self.refuse(found, "uniqueId", f"uniqueId is the same as on line {first}")
                del good[id]
            else:
                seen[person.reference] = id
        if not self.stored:
            return
        for some in chunks(seen, BATCH):
            async for other in raw.collection(Person).find({"reference": {"$in": some}}, {"reference": True}):
                id = seen[other["reference"]]
                if other["_id"] != id and other["_id"] not in good:
                    reason = f"uniqueId is that of {other['_id']} in the database"
                    self.refuse(good.pop(id)[0], "uniqueId", reason)

    async def settle_claims(self) -> None:
        """Has every claim made once; old servers let some relationships be twice."""
        taken: set[str] = set()
        rows = [row for _, row in self.good[Relationship].values()]
        claimed = [claim for row in rows for claim in row.claims]
        if self.stored:
            own = list(self.good[Relationship])
            for some in chunks(claimed, BATCH):
                wanted = {"claims": {"$in": some}, "_id": {"$nin": own}}
                async for other in raw.collection(Relationship).find(wanted, {"claims": True}):
                    taken |= set(other["claims"])
        for row in rows:
            row.claims = [claim for claim in row.claims if claim not in taken]
            taken |= set(row.claims)

    def settle_lists(self, *, by_uuid: bool) -> None:
        """Fills the lists of people, or empties them of those who are nowhere; counts whom nobody knows."""
        people = {id: person for id, (_, person) in self.good[Person].items()}
        there = people.keys() | self.known.stored.get(Person, set())
        if not by_uuid:
            genealogy.tie(people, [row for _, row in self.good[Relationship].values()])
        for person in people.values():
            for name in ("parents", "children", "spouses"):
                ids = getattr(person, name)
                kept = [id for id in ids if id in there]
                self.summary.foreign += len(ids) - len(kept)
                if by_uuid:
                    setattr(person, name, kept)

    async def write(self, progress: Progress | None) -> None:
        """Writes what was found good; a document with the same id is replaced."""
        await self.users.write(progress)
        for source in self.sources.values():
            documents = [document for _, document in self.good[source.kind].values()]
            unite = partial(self.unite, source.kind)
            await self.write_table(source.name, source.kind, documents, progress, unite)

    async def unite(self, kind: type[Document], documents: list[Any]) -> None:
        """Keeps what another server told of the same things where this one is silent, and all relatives."""
        shared = {each.id: each for each in documents if each.id in self.known.same_ids}
        if not shared or not self.stored:
            return
        async for found in kind.find({"_id": {"$in": list(shared)}}):
            document = shared[found.id]
            for name in kind.model_fields:
                here, there = getattr(document, name), getattr(found, name)
                if name in RELATIVES:
                    setattr(document, name, [*there, *(id for id in here if id not in there)])
                elif here in NOTHING:
                    setattr(document, name, there)
