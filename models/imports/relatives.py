"""Whom the people of a source are tied to: told in lists, or following from what else is told."""

from collections.abc import Iterable
from typing import Any

import bson
from bson import ObjectId

from models.imports.known import Known
from models.imports.stage import Kept, Stage
from models.imports.summary import Summary
from models.kinds import Kind
from models.people import Person
from models.relationships import Relationship

LISTS = ("parents", "children", "spouses")
# Parents whom a child names come before those of relationships.
NAMED, TIED = 0, 1
PARENTAL = (Kind.PARENT, Kind.GUARDIAN)

# Whose list, which one, the order in it, and who belongs there.
Tie = tuple[bytes, str, int, str, int, bytes]


class Relatives:
    """The lists of the people of a source, made right once all rows are known."""

    def __init__(self, stage: Stage, known: Known, summary: Summary, *, told: bool) -> None:
        self.stage = stage
        self.known = known
        self.summary = summary
        # Whether the rows have the lists themselves.
        self.told = told
        self.people = stage.documents(Person)

    def settle(self) -> None:
        """Fills the lists, or empties them of those who are nowhere; counts whom nobody knows."""
        if not self.told:
            self.tie()
        for some in self.people.batches():
            forms = [bson.decode(kept.form) for kept in some]
            if not self.told:
                self.fill(some, forms)
            mentioned = {id for form in forms for name in LISTS for id in form[name]}
            there = self.people.among(mentioned)
            there |= self.known.stored(Person, mentioned - there)
            for kept, form in zip(some, forms, strict=True):
                self.check(kept, form, there)

    def check(self, kept: Kept, form: dict[str, Any], there: set[Any]) -> None:
        """Counts who is nowhere in the lists of a person, and lets them go where lists are all there is."""
        for name in LISTS:
            ids = form[name]
            known = [id for id in ids if id in there]
            self.summary.foreign += len(ids) - len(known)
            if self.told:
                form[name] = known
        self.people.change(kept.number, bson.encode(form))

    def tie(self) -> None:
        """Notes every tie that the rows tell of."""
        sql = self.stage.sql
        sql.execute(
            "CREATE TABLE ties (owner BLOB, list TEXT, phase INTEGER, made TEXT, n INTEGER, other BLOB)"
        )
        for some in self.people.batches():
            ties = [tie for kept in some for tie in of_child(kept, bson.decode(kept.form))]
            sql.executemany("INSERT INTO ties VALUES (?, ?, ?, ?, ?, ?)", ties)
        for some in self.stage.documents(Relationship).batches():
            ties = [tie for kept in some for tie in of_relationship(kept, bson.decode(kept.form))]
            sql.executemany("INSERT INTO ties VALUES (?, ?, ?, ?, ?, ?)", ties)
        sql.execute("CREATE INDEX ties_by_owner ON ties (owner, phase, made, n)")

    def fill(self, some: list[Kept], forms: list[dict[str, Any]]) -> None:
        """Puts everybody who is tied to somebody into their lists, each once, as they were told of."""
        question = "SELECT list, other FROM ties WHERE owner = ? ORDER BY phase, made, n, rowid"
        for kept, form in zip(some, forms, strict=True):
            for name, other in self.stage.sql.execute(question, (kept.key.binary,)):  # type: ignore[union-attr]  # people have ObjectIds
                if (id := ObjectId(other)) not in form[name]:
                    form[name].append(id)


def of_child(kept: Kept, form: dict[str, Any]) -> Iterable[Tie]:
    """The ties to parents whom a person names."""
    made, child = when(form), form["_id"].binary
    legal = [each["parent_id"] for each in form["legal_parents"]]
    for parent in (form["mother_id"], form["father_id"], *legal):
        if parent is not None:
            yield child, "parents", NAMED, made, kept.number, parent.binary
            yield parent.binary, "children", NAMED, made, kept.number, child


def of_relationship(kept: Kept, form: dict[str, Any]) -> Iterable[Tie]:
    """The ties of a relationship."""
    made, first, second = when(form), form["from_id"].binary, form["to_id"].binary
    if form["kind"] == Kind.SPOUSE:
        yield first, "spouses", TIED, made, kept.number, second
        yield second, "spouses", TIED, made, kept.number, first
    elif form["kind"] in PARENTAL:
        yield second, "parents", TIED, made, kept.number, first
        yield first, "children", TIED, made, kept.number, second


def when(form: dict[str, Any]) -> str:
    """When something was made, as text that sorts like it."""
    made = form["created_at"]
    return f"{made['at']:%Y-%m-%dT%H:%M:%S.%f}{made['us']:03}"
