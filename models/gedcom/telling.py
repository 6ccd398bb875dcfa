"""Telling: what records of a file tell of a tree that was gathered."""

from typing import Any, cast

from bson import ObjectId

from models.events import StoredEvent
from models.gedcom.gathering import Gathered, Household
from models.gedcom.happenings import Happening, kind_of
from models.gedcom.individuals import Child, Individual, Tie
from models.gedcom.kept import StoredRecord
from models.gedcom.structures import Structure, from_kept
from models.gedcom.unions import Family, Member, Union
from models.gedcom.words import PEDIGREE_OF, TIES
from models.kinds import Kind, UnionStatus
from models.people import StoredPerson
from models.relationships import StoredRelationship


def word_in(found: Gathered, household: Household, parent: ObjectId | None, child: ObjectId) -> str | None:
    """What a parent is to a child in a family; None by birth, and where they belong to another family."""
    if parent is None or found.homes.get((parent, child)) != household.id:
        return None
    return found.words.get((parent, child))


def family_of(found: Gathered, household: Household, told: Family | None) -> Family:
    """A family as its record tells it; `told` is what an imported one said."""
    union = union_of(household.row) if household.row else None
    if union is None and told and household.record and household.record["union"] is None:
        union = told.union
    members = []
    for child in household.children:
        father, mother = (
            word_in(found, household, parent, child) for parent in (household.husband, household.wife)
        )
        if pedigree(found, household, child):
            father = mother = None
        members.append(Member(str(child), father, mother))
    husband, wife = (str(id) if id else None for id in (household.husband, household.wife))
    return Family(husband, wife, members, union)


def pedigree(found: Gathered, household: Household, child: ObjectId) -> str | None:
    """What both parents are to a child, where there is a word for both."""
    pairs = [(parent, child) for parent in household.parents if found.homes[parent, child] == household.id]
    (word, *others) = {found.words.get(pair) for pair in pairs} or {None}
    return None if others or word is None else PEDIGREE_OF.get(word)


def union_of(row: StoredRelationship) -> Union:
    """What two people are to each other."""
    events = [
        Happening(
            kind_of(cast(dict[str, Any], each)), cast(Any, each["date"]), each["place"], each["description"]
        )
        for each in row["events"]
    ]
    status = UnionStatus(row["status"]) if row["status"] else None
    return Union(status, cast(Any, row["started"]), cast(Any, row["ended"]), row["notes"], events)


class Told:
    """What the records of people tell beside what is known of each alone."""

    def __init__(self, found: Gathered) -> None:
        self.child_of: dict[ObjectId, list[Child]] = {}
        self.parent_of: dict[ObjectId, list[str]] = {}
        self.events: dict[ObjectId | None, list[Happening]] = {}
        self.ties: dict[ObjectId, list[Tie]] = {}
        self.sources: dict[ObjectId, list[str]] = {}
        for household in found.households:
            for child in household.children:
                place = Child(str(household.id), pedigree(found, household, child))
                self.child_of.setdefault(child, []).append(place)
            for parent in dict.fromkeys(household.parents):
                self.parent_of.setdefault(parent, []).append(str(household.id))
        known = {source["_id"] for source in found.sources}
        for event in found.events:
            home, happening = happening_of(found, event, known)
            self.events.setdefault(home, []).append(happening)
        for row in found.rows:
            self.tie(found, row)
        for source in found.sources:
            for id in source["people"]:
                self.sources.setdefault(id, []).append(str(source["_id"]))

    def tie(self, found: Gathered, row: StoredRelationship) -> None:
        """What ties two people otherwise than a family does; a child tells of its guardian."""
        kind = Kind(row["kind"])
        if kind not in TIES or not set(row["people"]) <= found.people.keys():
            return
        ends = (row["to_id"], row["from_id"]) if kind is Kind.GUARDIAN else (row["from_id"], row["to_id"])
        self.ties.setdefault(ends[0], []).append(Tie(str(ends[1]), kind, row["notes"]))

    def of(self, person: StoredPerson) -> Individual:
        """All that is told of somebody."""
        id = person["_id"]
        return Individual(
            cast(dict[str, Any], person),
            self.child_of.get(id, []),
            self.parent_of.get(id, []),
            self.events.get(id, []),
            self.ties.get(id, []),
            self.sources.get(id, []),
        )


def happening_of(
    found: Gathered, event: StoredEvent, sources: set[ObjectId]
) -> tuple[ObjectId | None, Happening]:
    """An event, and of whom it is told; the first of those who share it."""
    here = [id for id in event["people"] if id in found.people]
    happening = Happening(
        kind_of(cast(dict[str, Any], event)),
        cast(Any, event["date"]),
        event["place"],
        event["description"],
        [str(id) for id in event["sources"] if id in sources],
        [str(id) for id in here[1:]],
    )
    return (here[0] if here else None), happening


def structure_of(record: StoredRecord) -> Structure:
    """A kept record as it came."""
    return from_kept(record["text"])[0]
