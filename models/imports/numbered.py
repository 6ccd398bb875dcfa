"""Rows whose ids are whole numbers: a table is a collection."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import partial
from operator import attrgetter

from models import raw
from models.characters import Character
from models.counters import Numbered, leave_behind
from models.courses import Course, CourseContent
from models.enrollments import Enrollment
from models.files import Found
from models.imports.checks import Checks
from models.imports.summary import BATCH, Progress, Summary, chunks
from models.invitations import Invitation
from models.reviews import Review
from models.users import User


@dataclass(frozen=True)
class Table:
    """A legacy table, the documents it becomes, and what must hold between rows."""

    name: str
    kind: type[Numbered]
    unique: tuple[tuple[str, ...], ...] = ()
    references: Mapping[str, type[Numbered]] = field(default_factory=dict)
    # What may never change under an id, because sessions and rows elsewhere name the id only.
    identity: str | None = None
    # What a document keeps that is there already, because no row has it.
    kept: tuple[str, ...] = ()


# In the order of references: what a row refers to is checked and written before it.
LEARNING: tuple[Table, ...] = (
    Table("users", User, unique=(("email",),), identity="email", kept=("uuid",)),
    Table("invitation_codes", Invitation, unique=(("code",),), references={"used_by": User}),
    Table("courses", Course),
    Table("course_content", CourseContent, references={"course_id": Course}),
    Table("characters", Character),
    Table(
        "enrollments",
        Enrollment,
        unique=(("user_id", "course_id"),),
        references={"user_id": User, "course_id": Course},
    ),
    Table("reviews", Review, references={"user_id": User, "character_id": Character}),
)


class Batch(Checks):
    """The rows of one file as documents, checked against each other and against the database."""

    def __init__(self, tables: tuple[Table, ...], summary: Summary, stored: bool) -> None:
        super().__init__(summary, stored)
        self.tables = {table.name: table for table in tables}
        self.good: dict[type[Numbered], dict[int, tuple[Found, Numbered]]] = {}

    async def take(self, rows: Iterable[Found]) -> None:
        """Converts and checks rows, table by table."""
        for name, found in self.by_table(rows, self.tables).items():
            await self.take_table(self.tables[name], found)
        self.summary.bad.sort(key=lambda bad: bad.line)

    async def take_table(self, table: Table, rows: list[Found]) -> None:
        """Converts and checks the rows of one table."""
        good = self.good.setdefault(table.kind, {})
        self.convert(table.name, rows, table.kind.from_row, attrgetter("id"), good)
        for columns in table.unique:
            await self.check_unique(table.kind, columns)
        if table.identity and self.stored:
            await self.check_identity(table.kind, table.identity)
        for column, kind in table.references.items():
            await self.check_reference(table.kind, column, kind)

    async def check_unique(self, kind: type[Numbered], columns: tuple[str, ...]) -> None:
        """Refuses rows whose key another row, here or in the database, already has."""
        good = self.good[kind]
        name = " and ".join(columns) + (" is" if len(columns) == 1 else " are")
        seen: dict[tuple[object, ...], int] = {}
        for id, (found, document) in list(good.items()):
            key = tuple(getattr(document, column) for column in columns)
            if key in seen:
                first = good[seen[key]][0].line
                self.refuse(found, columns[-1], f"{name} the same as on line {first}")
                del good[id]
            else:
                seen[key] = id
        if not self.stored:
            return
        for keys in chunks(seen, BATCH):
            wanted = {"$or": [dict(zip(columns, key, strict=True)) for key in keys]}
            async for other in kind.find(wanted):
                owner = seen.get(tuple(getattr(other, column) for column in columns))
                # A row that this file replaces gives its key free.
                if owner is not None and other.id not in good:
                    reason = f"{name} that of id {other.id} in the database"
                    self.refuse(good.pop(owner)[0], columns[-1], reason)

    async def check_identity(self, kind: type[Numbered], column: str) -> None:
        """Refuses rows that would make somebody else of who has their id in the database."""
        good = self.good[kind]
        for ids in chunks(list(good), BATCH):
            async for other in kind.find({"_id": {"$in": ids}}):
                found, document = good[other.id]
                if getattr(other, column) != getattr(document, column):
                    self.refuse(found, column, f"id {other.id} has another {column} in the database")
                    del good[other.id]

    async def check_reference(self, kind: type[Numbered], column: str, target: type[Numbered]) -> None:
        """Refuses rows that refer to nothing."""
        good = self.good[kind]
        wanted = {getattr(document, column) for _, document in good.values()} - {None}
        missing = wanted - self.good.get(target, {}).keys()
        if self.stored:
            for ids in chunks(set(missing), BATCH):
                async for other in target.find({"_id": {"$in": ids}}):
                    missing.discard(other.id)
        for id, (found, document) in list(good.items()):
            value = getattr(document, column)
            if value in missing:
                name = target.get_collection_name()
                self.refuse(found, column, f"{column} is {value}, and {name} has no such id")
                del good[id]

    async def write(self, progress: Progress | None) -> None:
        """Writes what was found good; a document with the same id is replaced."""
        for table in self.tables.values():
            documents = [document for _, document in self.good[table.kind].values()]
            await self.write_table(table.name, table.kind, documents, progress, partial(keep, table))
            if documents:
                await leave_behind(table.kind, max(document.id for document in documents))


async def keep(table: Table, documents: list[Numbered]) -> None:
    """Gives documents what those that they replace have and no row tells."""
    if not table.kept:
        return
    by_id = {document.id: document for document in documents}
    async for stored in raw.collection(table.kind).find({"_id": {"$in": list(by_id)}}):
        for name in table.kept:
            if stored.get(name) is not None:
                setattr(by_id[stored["_id"]], name, stored[name])
