"""Making: the documents that come of a file, batch by batch, from a second reading."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any, BinaryIO

from beanie import Document
from bson import ObjectId

from models.events import Event
from models.gedcom import individuals, unions, works
from models.gedcom.combining import same
from models.gedcom.documents import Batch, claims, templates
from models.gedcom.happenings import Happening
from models.gedcom.individuals import Tie
from models.gedcom.kept import GedcomRecord
from models.gedcom.kinship import Kinship, Parenthood
from models.gedcom.naming import Names, uuid_of
from models.gedcom.outline import House, Outline, mended
from models.gedcom.problems import Problems
from models.gedcom.reading import Reader
from models.gedcom.structures import VOID, Structure, kept_text
from models.gedcom.words import LEGAL
from models.kinds import Kind, LegalParentKind, ParentRole
from models.people import Identifier, Person
from models.person_fields import computed_name
from models.relationships import Relationship
from models.sources import Source

# What is in the header of every file, and is the file's and not the tree's.
OF_FILE = frozenset({"GEDC", "CHAR", "SOUR", "DEST", "SUBM", "SUBN", "FILE", "DATE"})
OURS = "DzinzaGenealogyPlatform"


class Maker:
    """Makes the documents of one import."""

    def __init__(
        self, outline: Outline, kin: Kinship, names: Names, tree_id: ObjectId, account: str, now: datetime
    ) -> None:
        self.outline = outline
        self.kin = kin
        self.names = names
        self.tree_id = tree_id
        self.account = account
        self.problems: Problems = outline.problems
        self.cited: dict[str, list[int]] = {}
        # Those whom somebody is the guardian of.
        self.wards: dict[int, list[int]] = {}
        for person in outline.people.values():
            for xref in person.sources:
                self.cited.setdefault(xref, []).append(person.line)
            for tie in person.ties:
                guardian = outline.person(tie.other)
                if tie.kind is Kind.GUARDIAN and guardian is not None and guardian != person.line:
                    self.wards.setdefault(guardian, []).append(person.line)
        self.templates = templates(tree_id, account, now)
        self.said = {self.pointer(key): text for key, text in outline.said.items()}
        self.ours: str | None = None
        self.tied: set[tuple[ObjectId, ObjectId, str]] = set()

    def batches(self, file: BinaryIO) -> Iterator[Batch]:
        """The documents of the file, in its order."""
        batch = Batch()
        for record in Reader(file, Problems()).records():
            # What it became is told by the batch that is done when the next record comes.
            self.make(record, batch)
            batch.line, batch.records = record.line, batch.records + 1
            batch.size += sum(len(each.value) for each in record.walk() if each.value)
            if batch.is_full:
                yield batch
                batch = Batch()
        yield batch

    def make(self, record: Structure, batch: Batch) -> None:
        """Adds what a record becomes."""
        if record.tag == "FAM":
            mended(record)
        if record.tag == "HEAD":
            self.head(record)
        self.relink(record)
        if record.tag == "INDI":
            self.person(record, batch)
        elif record.tag == "FAM":
            self.family(record, batch)
        elif record.tag == "SOUR":
            self.source(record, batch)
        elif record.tag == "_EVENT":
            self.event(record, batch)
        elif record.tag == "HEAD" and not record.children:
            pass
        elif not (record.tag == "SUBM" and record.xref == self.ours):
            self.keep(record, batch)

    def head(self, record: Structure) -> None:
        """Leaves of a header what is said of the tree."""
        own = record.text("SOUR") == OURS
        submitter = record.first("SUBM")
        if own and submitter and submitter.pointer:
            self.ours = submitter.pointer.strip("@")
        record.children = [child for child in record.children if child.tag not in OF_FILE]

    def pointer(self, pointer: str) -> str:
        """The pointer to what a record becomes, for one of the file; the void one where there is none."""
        place = self.outline.places.get(pointer.strip("@"))
        return f"@{self.names.id('record', place[1])}@" if place else VOID

    def relink(self, record: Structure) -> None:
        """Has a record point to what others become; what points to nothing is left out and told."""
        for structure in record.walk():
            left = []
            for child in structure.children:
                if child.pointer and child.pointer != VOID:
                    to = self.pointer(child.pointer)
                    if to == VOID:
                        # The first reading has told of people and families.
                        if child.tag not in ("HUSB", "WIFE", "CHIL", "FAMC", "FAMS"):
                            said = f"{child.tag} points to {child.pointer}, which is not in the file."
                            self.problems.add(child.line, said)
                        continue
                    child.pointer = to
                left.append(child)
            structure.children = left

    def keep(self, record: Structure, batch: Batch, of: ObjectId | None = None, **more: Any) -> None:
        """Keeps a record as it came."""
        form = {
            **self.templates[GedcomRecord],
            "_id": self.names.id("record", record.line),
            "tag": record.tag,
            "of": of,
            "text": kept_text([record]),
            **more,
        }
        batch.add(GedcomRecord, form)

    def identified(self, kind: type[Document], space: str, line: int) -> dict[str, Any]:
        """The beginning of a document."""
        id = self.names.id(space, line)
        return {**self.templates[kind], "_id": id, "uuid": uuid_of(id)}

    def person(self, record: Structure, batch: Batch) -> None:
        """Somebody, with what happened to them."""
        told = individuals.read(record, self.said)
        form = self.identified(Person, "record", record.line)
        id = form["_id"]
        form |= told.fields
        form |= {"name": computed_name(form), "reference": str(id), **self.kin_of(record.line)}
        form["identifiers"] = [
            {
                **Identifier.model_validate(paper).model_dump(by_alias=True),
                "_id": self.names.id(f"paper {at}", record.line),
            }
            for at, paper in enumerate(form["identifiers"])
        ]
        form["gender"] = str(form["gender"].value)
        batch.add(Person, form)
        for happening in told.events:
            self.happening(happening, [id], batch)
        for tie in told.ties:
            self.tie(id, tie, batch)
        if not same(record, individuals.write(told)):
            self.keep(record, batch, id)

    def kin_of(self, line: int) -> dict[str, Any]:
        """The parents, children and spouses of somebody."""
        held = self.kin.parents.get(line, {})
        ids = {name: [self.id(each) for each in known] for name, known in self.lists(line).items()}
        legal = [
            (each.parent, LEGAL.get(each.word, LegalParentKind.OTHER)) for each in held.values() if each.word
        ]
        legal += [
            (guardian, LegalParentKind.GUARDIAN) for guardian in self.guardians(line) if guardian not in held
        ]
        return {
            **ids,
            "father_id": born(held, ParentRole.BIOLOGICAL_FATHER, self),
            "mother_id": born(held, ParentRole.BIOLOGICAL_MOTHER, self),
            "legal_parents": [
                {
                    "_id": self.names.id(f"legal {parent}", line),
                    "parent_id": self.id(parent),
                    "kind": kind.value,
                }
                for parent, kind in legal
            ],
        }

    def lists(self, line: int) -> dict[str, list[int]]:
        """The lists of kin that a person has, as lines; guardians are among them."""
        return {
            "parents": unique([*self.kin.parents.get(line, {}), *self.guardians(line)]),
            "children": unique([*self.kin.children.get(line, []), *self.wards.get(line, [])]),
            "spouses": list(self.kin.spouses.get(line, ())),
        }

    def guardians(self, line: int) -> list[int]:
        """Those whom somebody names as guardians."""
        ties = self.outline.people[line].ties
        found = [self.outline.person(tie.other) for tie in ties if tie.kind is Kind.GUARDIAN]
        return unique([each for each in found if each is not None and each != line])

    def id(self, line: int) -> ObjectId:
        """The id of the person of a line."""
        return self.names.id("record", line)

    def happening(self, told: Happening, people: list[ObjectId], batch: Batch) -> None:
        """An event of people."""
        form = self.identified(Event, "event", told.line)
        form |= {"kind": told.kind, "date": told.date, "place": told.place, "description": told.description}
        form["people"] = unique([*people, *map(ObjectId, told.people)])
        form["sources"] = [ObjectId(id) for id in told.sources]
        batch.add(Event, form)

    def event(self, record: Structure, batch: Batch) -> None:
        """An event of nobody."""
        told = Structure("EVEN", record.value, None, record.children, record.line)
        from_record = individuals.read(Structure("INDI", None, None, [told]), {}).events
        for happening in from_record:
            self.happening(happening, [], batch)

    def tie(self, person: ObjectId, tie: Tie, batch: Batch) -> None:
        """A relationship that no family tells of."""
        other = ObjectId(tie.other)
        ends = (other, person) if tie.kind is Kind.GUARDIAN else (person, other)
        if person == other or (*ends, tie.kind) in self.tied:
            self.problems.add(tie.line, "This relation is told twice, or of one person; it was left out.")
            return
        self.tied.add((*ends, tie.kind))
        role = ParentRole.GUARDIAN if tie.kind is Kind.GUARDIAN else None
        self.row(batch, "tie", tie.line, tie.kind, *ends, role=role, notes=tie.notes)

    def row(
        self, batch: Batch, space: str, line: int, kind: Kind, first: ObjectId, second: ObjectId, **more: Any
    ) -> ObjectId:
        """A relationship; returns its id."""
        form = self.identified(Relationship, space, line)
        form |= {
            "from_id": first,
            "to_id": second,
            "people": [first, second],
            "kind": str(kind.value),
            **more,
        }
        form["claims"] = claims(form)
        batch.add(Relationship, form)
        return ObjectId(form["_id"])

    def family(self, record: Structure, batch: Batch) -> None:
        """A family: what ties its parents, and each of them to each child."""
        house = self.outline.houses[record.line]
        told = unions.read(record)
        tied = None
        if house.husband is not None and house.wife is not None and told.union:
            union = told.union
            tied = self.row(
                batch,
                "union",
                record.line,
                Kind.SPOUSE,
                self.id(house.husband),
                self.id(house.wife),
                status=union.status and str(union.status.value),
                started=union.started,
                ended=union.ended,
                notes=union.notes,
                events=[self.between(each) for each in union.events],
            )
        for child in house.children:
            held = self.kin.parents.get(child, {})
            for parent in (house.husband, house.wife):
                parenthood = None if parent is None else held.get(parent)
                if parenthood and parenthood.line == house.children[child].line:
                    self.parent(parenthood, batch)
        is_told = same(
            record, unions.write(unions.Family(**{**told.__dict__, "union": told.union if tied else None}))
        )
        record_text = "" if is_told else kept_text([record])
        self.keep(record, batch, None, **self.members(house), union=tied, text=record_text)

    def members(self, house: House) -> dict[str, Any]:
        """The people of a family, by id."""
        return {
            "husband": None if house.husband is None else self.id(house.husband),
            "wife": None if house.wife is None else self.id(house.wife),
            "children": [self.id(child) for child in house.children],
        }

    def parent(self, held: Parenthood, batch: Batch) -> None:
        """A parent and a child."""
        role = held.role and str(held.role.value)
        self.row(
            batch, held.slot, held.line, Kind.PARENT, self.id(held.parent), self.id(held.child), role=role
        )

    def between(self, told: Happening) -> dict[str, Any]:
        """An event of two people, as it is kept with them."""
        return {
            "_id": self.names.id("event", told.line),
            "kind": told.kind,
            "date": told.date,
            "place": told.place,
            "description": told.description,
        }

    def source(self, record: Structure, batch: Batch) -> None:
        """A source, of those whose records name it."""
        form = self.identified(Source, "record", record.line)
        form |= works.read(record)
        form["people"] = [self.id(line) for line in self.cited.get(record.xref or "", [])]
        batch.add(Source, form)
        if not same(record, works.write(form)):
            self.keep(record, batch, form["_id"])


def born(held: dict[int, Parenthood], role: ParentRole, maker: Maker) -> ObjectId | None:
    """The mother or father by birth."""
    return next((maker.id(each.parent) for each in held.values() if each.role is role), None)


def unique(values: list[Any]) -> list[Any]:
    """Values in their order, each once."""
    return list(dict.fromkeys(values))
