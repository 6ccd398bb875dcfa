"""Rows whose ids are whole numbers: a table is a collection."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, cast

import bson

from models import raw
from models.characters import Character
from models.counters import Numbered, leave_behind
from models.courses import Course, CourseContent
from models.enrollments import Enrollment
from models.files import Found
from models.imports.stage import Documents, Stage, value_of
from models.imports.summary import Summary, encoded
from models.imports.writing import Form, Part, Session
from models.invitations import Invitation
from models.reviews import Review
from models.rows import BadValue, Row
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
    # How the cells of a file without types are read.
    columns: Mapping[str, str] = field(default_factory=dict)


# In the order of references: what a row refers to is checked and written before it.
LEARNING: tuple[Table, ...] = (
    Table(
        "users",
        User,
        unique=(("email",),),
        identity="email",
        kept=("uuid",),
        columns={"id": "whole"},
    ),
    Table(
        "invitation_codes",
        Invitation,
        unique=(("code",),),
        references={"used_by": User},
        columns={"id": "whole", "used": "truth", "used_by": "whole"},
    ),
    Table("courses", Course, columns={"id": "whole", "published": "truth"}),
    Table(
        "course_content",
        CourseContent,
        references={"course_id": Course},
        columns={"id": "whole", "course_id": "whole", "sequence": "whole"},
    ),
    Table("characters", Character, columns={"id": "whole"}),
    Table(
        "enrollments",
        Enrollment,
        unique=(("user_id", "course_id"),),
        references={"user_id": User, "course_id": Course},
        columns={"id": "whole", "user_id": "whole", "course_id": "whole", "progress": "whole"},
    ),
    Table(
        "reviews",
        Review,
        references={"user_id": User, "character_id": Character},
        columns={
            "id": "whole",
            "user_id": "whole",
            "character_id": "whole",
            "repetition": "whole",
            "easiness": "number",
            "interval": "number",
        },
    ),
)


class Batch:
    """The rows of one source as documents, checked against each other and against the database."""

    def __init__(self, tables: tuple[Table, ...], summary: Summary, stored: bool, stage: Stage) -> None:
        self.tables = {table.name: table for table in tables}
        self.summary = summary
        # Whether what the database holds now will still be there.
        self.stored = stored
        self.stage = stage

    @property
    def columns(self) -> dict[str, Mapping[str, str]]:
        """The tables, and how their cells are read where they have no types."""
        return {table.name: table.columns for table in self.tables.values()}

    async def judge(self) -> None:
        """Converts and checks the rows, table by table."""
        for table in self.tables.values():
            for rows in self.stage.rows(table.name):
                await self.judge_rows(table, rows)
            if self.stored:
                await self.check_keys(table)

    async def judge_rows(self, table: Table, rows: list[Found]) -> None:
        """Converts and checks some rows of a table, and keeps the good ones."""
        good: dict[int, tuple[Found, Numbered]] = {}
        documents = self.stage.documents(table.kind)
        for found in rows:
            row = Row(found.values)
            try:
                document = table.kind.from_row(row)
                form = encoded(document)
            except BadValue as error:
                self.summary.refuse_value(found, error)
                continue
            self.summary.ignore(table.name, found.values.keys() - row.asked)
            if (first := documents.add(document.id, found, form)) is not None:
                reason = f"id {document.id} is given twice, first on line {first}"
                self.summary.refuse(found, "id", reason)
            elif self.hold_keys(table, found, document):
                good[document.id] = found, document
        if table.identity and self.stored:
            await self.check_identity(table.kind, table.identity, good)
        for column, kind in table.references.items():
            await self.check_reference(table.kind, column, kind, good)

    def hold_keys(self, table: Table, found: Found, document: Numbered) -> bool:
        """Whether no row before this one has its keys."""
        for columns in table.unique:
            value = value_of([getattr(document, column) for column in columns])
            what = f"{table.name} {columns}"
            if held := self.stage.hold(what, value, found.line, document.id):
                name = named(columns)
                self.summary.refuse(found, columns[-1], f"{name} the same as on line {held[0]}")
                self.stage.documents(table.kind).drop(document.id)
                return False
        return True

    async def check_identity(
        self, kind: type[Numbered], column: str, good: dict[int, tuple[Found, Numbered]]
    ) -> None:
        """Refuses rows that would make somebody else of who has their id in the database."""
        wanted: dict[str, Any] = {"_id": {"$in": list(good)}}
        async for other in raw.collection(kind).find(wanted, {column: True}):
            found, document = good[other["_id"]]
            if other.get(column) != getattr(document, column):
                reason = f"id {document.id} has another {column} in the database"
                self.summary.refuse(found, column, reason)
                self.stage.documents(kind).drop(document.id)
                del good[document.id]

    async def check_reference(
        self,
        kind: type[Numbered],
        column: str,
        target: type[Numbered],
        good: dict[int, tuple[Found, Numbered]],
    ) -> None:
        """Refuses rows that refer to nothing."""
        missing = {getattr(document, column) for _, document in good.values()} - {None}
        missing -= self.stage.documents(target).among(missing)
        if self.stored and missing:
            wanted: dict[str, Any] = {"_id": {"$in": list(missing)}}
            async for other in raw.collection(target).find(wanted, {"_id": True}):
                missing.discard(other["_id"])
        for id, (found, document) in list(good.items()):
            value = getattr(document, column)
            if value in missing:
                name = target.get_collection_name()
                self.summary.refuse(found, column, f"{column} is {value}, and {name} has no such id")
                self.stage.documents(kind).drop(id)
                del good[id]

    async def check_keys(self, table: Table) -> None:
        """Refuses rows whose key somebody else has in the database, whom these rows do not replace."""
        documents = self.stage.documents(table.kind)
        for columns in table.unique:
            for some in documents.batches():
                owners = {}
                for kept in some:
                    form = bson.decode(kept.form)
                    owners[tuple(form[column] for column in columns)] = kept
                wanted = {"$or": [dict(zip(columns, key, strict=True)) for key in owners]}
                shown = dict.fromkeys(columns, True)
                others = await raw.collection(table.kind).find(wanted, shown).to_list()
                replaced = documents.among(other["_id"] for other in others)
                for other in others:
                    owner = owners[tuple(other[column] for column in columns)]
                    if other["_id"] not in replaced:
                        reason = f"{named(columns)} that of id {other['_id']} in the database"
                        self.summary.refuse(owner.row, columns[-1], reason)
                        documents.drop(owner.key)

    def parts(self) -> Iterator[Part]:
        """What is to be written, in the order of references."""
        for table in self.tables.values():
            yield Learned(table, self.stage.documents(table.kind))


class Learned(Part):
    """The documents of a table, on their way into their collection."""

    def __init__(self, table: Table, documents: Documents) -> None:
        super().__init__(table.name, table.kind, documents)
        self.table = table

    async def begin(self) -> None:
        """Has the next ids begin behind those of the table."""
        highest = self.documents.highest()
        if highest is not None:
            await leave_behind(self.table.kind, cast(int, highest))

    async def settle(self, forms: list[Form], session: Session) -> list[Form]:
        """Gives documents what those that they replace have and no row tells."""
        if not self.table.kept:
            return forms
        by_id = {form["_id"]: form for form in forms}
        collection = raw.collection(self.kind)
        async for stored in collection.find({"_id": {"$in": list(by_id)}}, session=session):
            for name in self.table.kept:
                if stored.get(name) is not None:
                    by_id[stored["_id"]][name] = stored[name]
        return forms


def named(columns: tuple[str, ...]) -> str:
    """The columns of a key and their verb."""
    return " and ".join(columns) + (" is" if len(columns) == 1 else " are")
