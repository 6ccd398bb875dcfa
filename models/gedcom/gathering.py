"""Gathering: all that a tree has, as the records that a file would tell it by."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import cast

from bson import ObjectId

from models import raw
from models.events import Event, StoredEvent
from models.gedcom.documents import KINDS
from models.gedcom.kept import GedcomRecord, StoredRecord
from models.gedcom.rows import Rows
from models.gedcom.words import LEGAL_WORDS, PARENTS
from models.kinds import Gender, Kind, LegalParentKind, ParentRole
from models.people import Person, StoredPerson
from models.relationships import Relationship, StoredRelationship
from models.sources import Source, StoredSource
from models.trees import StoredTree

Pair = tuple[ObjectId, ObjectId]
# What of documents comes into a file, or decides who sees it; the rest would take as much room again.
PERSON = (
    *("tree_id", "created_by", "privacy", "name", "first_name", "middle_name", "last_name", "nickname"),
    *("gender", "birth", "birth_estimated", "birth_place", "death", "death_estimated", "death_place"),
    *("death_cause", "living", "occupation", "biography", "notes", "photo_url", "clan", "tribe", "titles"),
    *("identifiers", "legal_parents", "mother_id", "father_id", "parents"),
)
ROW = ("from_id", "to_id", "people", "kind", "role", "status", "started", "ended", "notes", "events")
EVENT = ("kind", "date", "place", "description", "people", "sources")
# A line of a kept record that points to another one.
LEADS = re.compile(r"^\d+ \w+ @([0-9a-f]{24})@$", re.MULTILINE)
# Who stands where the fathers stand, and where the mothers.
FATHERLY = frozenset(
    {ParentRole.BIOLOGICAL_FATHER, ParentRole.ADOPTIVE_FATHER, ParentRole.STEP_FATHER, ParentRole.SPERM_DONOR}
)
MOTHERLY = frozenset(
    {
        ParentRole.BIOLOGICAL_MOTHER,
        ParentRole.ADOPTIVE_MOTHER,
        ParentRole.STEP_MOTHER,
        ParentRole.EGG_DONOR,
        ParentRole.SURROGATE_MOTHER,
    }
)


@dataclass
class Household:
    """A family to write; `record` is where an imported one came from."""

    id: ObjectId
    husband: ObjectId | None
    wife: ObjectId | None
    children: list[ObjectId] = field(default_factory=list)
    row: StoredRelationship | None = None
    record: StoredRecord | None = None

    @property
    def parents(self) -> list[ObjectId]:
        """The parents whom it has."""
        return [id for id in (self.husband, self.wife) if id]

    @property
    def pairs(self) -> list[Pair]:
        """Each parent with each child."""
        return [(parent, child) for child in self.children for parent in self.parents]


@dataclass
class Gathered:
    """Everything of a tree."""

    people: dict[ObjectId, StoredPerson]
    rows: list[StoredRelationship]
    events: list[StoredEvent]
    sources: list[StoredSource]
    records: list[StoredRecord]
    households: list[Household] = field(default_factory=list)
    # What a parent is to a child: the word for it, None by birth, and in which place they stand.
    words: dict[Pair, str | None] = field(default_factory=dict)
    roles: dict[Pair, ParentRole | None] = field(default_factory=dict)
    # The family in which a parent and a child belong together, of several the first one.
    homes: dict[Pair, ObjectId] = field(default_factory=dict)
    # Those whom relationships make the parents of a child.
    elders: dict[ObjectId, list[ObjectId]] = field(default_factory=dict)


async def entries(tree: StoredTree, most: int) -> int:
    """How many documents a tree has, counted up to so many."""
    count = 0
    for kind in KINDS:
        count += await raw.collection(kind).count_documents({"tree_id": tree["_id"]}, limit=most - count)
        if count >= most:
            break
    return count


async def gathered(tree: StoredTree) -> Gathered:
    """Everything of a tree, oldest entry first."""
    rows = Rows(tree["_id"])
    everybody = await rows.created(Person, PERSON)
    return Gathered(
        people={each["_id"]: each for each in everybody},
        rows=await rows.created(Relationship, ROW),
        events=await rows.created(Event, EVENT),
        sources=await rows.created(Source),
        records=await rows.all(GedcomRecord),
    )


def veiled(found: Gathered, see: Callable[[StoredPerson], StoredPerson], *, stranger: bool) -> None:
    """Leaves of everything what somebody may see: of people who are hidden in part nothing from elsewhere."""
    hidden = set()
    for id, person in found.people.items():
        shown = see(person)
        if shown is not person:
            hidden.add(id)
            found.people[id] = shown
    found.events = [event for event in found.events if not hidden & set(event["people"]) and not stranger]
    if stranger:
        found.sources = []
        places = [record for record in found.records if record["tag"] == "FAM"]
        found.records = [cast(StoredRecord, {**record, "text": ""}) for record in places]
    elif hidden:
        found.records = reachable(found.records, hidden)


def reachable(records: list[StoredRecord], hidden: set[ObjectId]) -> list[StoredRecord]:
    """Records without those to which only hidden people lead; of families of theirs no more than who."""
    shown = [
        cast(StoredRecord, {**record, "text": ""}) if hidden & members(record) else record
        for record in records
        if record["of"] not in hidden
    ]
    others = {
        each["_id"]: each for each in shown if each["of"] is None and each["tag"] not in ("FAM", "HEAD")
    }
    texts = [each["text"] for each in shown if each["_id"] not in others]
    reached = set()
    while texts:
        for id in map(ObjectId, LEADS.findall(texts.pop())):
            if id in others and id not in reached:
                reached.add(id)
                texts.append(others[id]["text"])
    return [each for each in shown if each["_id"] not in others or each["_id"] in reached]


def members(record: StoredRecord) -> set[ObjectId | None]:
    """The people of a family."""
    return {record["husband"], record["wife"], *record["children"]}


def settle(found: Gathered) -> None:
    """Finds the families: those that were imported, then unions, then parents of a child that are left."""
    bonds(found)
    covered = known_before(found)
    between(found)
    homes: dict[frozenset[ObjectId], Household] = {}
    for household in found.households:
        homes.setdefault(frozenset(household.parents), household)
    for child in found.people:
        for pair in left(found, child, covered):
            home = homes.get(frozenset(pair))
            if home is None:
                husband, wife = seats(found, child, pair)
                home = homes[frozenset(pair)] = Household(ObjectId(), husband, wife)
                found.households.append(home)
            if child not in home.children:
                home.children.append(child)
    for household in found.households:
        for pair_of in household.pairs:
            found.homes.setdefault(pair_of, household.id)


def known_before(found: Gathered) -> set[Pair]:
    """Adds the families that were imported; returns who is whose parent in them."""
    rows = {row["_id"]: row for row in found.rows}
    covered: set[Pair] = set()
    for record in found.records:
        household = again(found, record, rows) if record["tag"] == "FAM" else None
        if household:
            found.households.append(household)
            covered.update(household.pairs)
    return covered


def between(found: Gathered) -> None:
    """Adds a family for each union that is not of an imported one."""
    used = {household.row["_id"] for household in found.households if household.row}
    for row in found.rows:
        if (
            row["kind"] == Kind.SPOUSE
            and row["_id"] not in used
            and set(row["people"]) <= found.people.keys()
        ):
            first, second = (found.people[id] for id in row["people"])
            if first["gender"] == Gender.FEMALE or second["gender"] == Gender.MALE:
                first, second = second, first
            found.households.append(Household(row["_id"], first["_id"], second["_id"], row=row))


def bonds(found: Gathered) -> None:
    """What every parent is to their child: said by a relationship, or by the child itself."""
    for row in found.rows:
        pair = row["from_id"], row["to_id"]
        if row["kind"] == Kind.PARENT and pair not in found.roles and set(pair) <= found.people.keys():
            role = ParentRole(row["role"]) if row["role"] else None
            found.roles[pair] = role
            found.words[pair] = PARENTS.get(role) if role else None
            found.elders.setdefault(pair[1], []).append(pair[0])
    guardians = {(row["from_id"], row["to_id"]) for row in found.rows if row["kind"] == Kind.GUARDIAN}
    for child, person in found.people.items():
        told = [
            (person["father_id"], ParentRole.BIOLOGICAL_FATHER, None),
            (person["mother_id"], ParentRole.BIOLOGICAL_MOTHER, None),
            *(
                (each["parent_id"], None, LEGAL_WORDS[LegalParentKind(each["kind"])])
                for each in person["legal_parents"]
                if (each["parent_id"], child) not in guardians
            ),
            *((id, None, None) for id in person["parents"] if (id, child) not in guardians),
        ]
        for parent, role, word in told:
            if parent in found.people and parent != child:
                found.roles.setdefault((parent, child), role)
                found.words.setdefault((parent, child), word)


def again(
    found: Gathered, record: StoredRecord, rows: dict[ObjectId, StoredRelationship]
) -> Household | None:
    """An imported family with those who are still in it; None where nothing is left of it."""
    husband, wife = (id if id in found.people else None for id in (record["husband"], record["wife"]))
    row = rows.get(record["union"]) if record["union"] else None
    household = Household(record["_id"], husband, wife, row=row, record=record)
    parents = household.parents
    for child in record["children"]:
        if child in found.people and all((parent, child) in found.roles for parent in parents):
            household.children.append(child)
    if not parents and (record["husband"] or record["wife"]):
        return None
    if record["union"] and row is None and not household.children:
        return None
    return household


def left(found: Gathered, child: ObjectId, covered: set[Pair]) -> Iterator[list[ObjectId]]:
    """The parents of a child in no family yet, two by two, by what they are to it."""
    groups: dict[str | None, list[ObjectId]] = {}
    person = found.people[child]
    legal = [each["parent_id"] for each in person["legal_parents"]]
    elders = found.elders.get(child, ())
    named = [person["father_id"], person["mother_id"], *legal, *elders, *person["parents"]]
    for parent in dict.fromkeys(named):
        if parent and (parent, child) in found.roles and (parent, child) not in covered:
            groups.setdefault(found.words[parent, child], []).append(parent)
    for group in groups.values():
        for at in range(0, len(group), 2):
            yield group[at : at + 2]


def seats(found: Gathered, child: ObjectId, pair: list[ObjectId]) -> tuple[ObjectId | None, ObjectId | None]:
    """Who of one or two parents stands as husband and who as wife."""
    if len(pair) == 1:
        return (None, pair[0]) if is_mother(found, pair[0], child) else (pair[0], None)
    first, second = pair
    if is_mother(found, first, child) and not is_mother(found, second, child):
        return second, first
    return first, second


def is_mother(found: Gathered, parent: ObjectId, child: ObjectId) -> bool:
    """Whether a parent stands where mothers stand."""
    role = found.roles[parent, child]
    if role in FATHERLY or role in MOTHERLY:
        return role in MOTHERLY
    return found.people[parent]["gender"] == Gender.FEMALE
