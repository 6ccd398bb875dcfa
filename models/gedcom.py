"""GEDCOM: a tree as text that other programs read."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, cast

from bson import ObjectId

from models import people, relationships, trees
from models.family_errors import FileMissing, GedcomRefused
from models.keys import Key
from models.kinds import Gender, Kind, Need, UnionStatus
from models.people import StoredPerson
from models.relationships import StoredRelationship
from models.trees import StoredTree

HEAD = (
    "0 HEAD",
    "1 SOUR DzinzaGenealogyPlatform",
    "1 GEDC",
    "2 VERS 5.5.1",
    "2 FORM LINEAGE-LINKED",
    "1 CHAR UTF-8",
    "1 SUBM @SUBM1@",
    "0 @SUBM1@ SUBM",
    "1 NAME Dzinza User",
)
TAIL = "0 TRLR"
SEX = {Gender.MALE: "M", Gender.FEMALE: "F"}
MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")


@dataclass
class Family:
    """Two parents, or one, and their children; `row` is their union where there is one."""

    husband: ObjectId | None
    wife: ObjectId | None
    row: StoredRelationship | None = None
    children: list[ObjectId] = field(default_factory=list)


async def take(key: Key | None, account: str, file: str | None) -> None:
    """Refuses a file, as the old service did with every one, once it may be asked of this tree at all."""
    await trees.get(key, account, Need.EDIT, ())
    raise FileMissing if file is None else GedcomRefused


async def export(tree: StoredTree) -> str:
    """The tree as GEDCOM 5.5.1."""
    everybody, families = await gathered(tree)
    lines = [*HEAD]
    for number, person in enumerate(everybody, 1):
        lines += [f"0 @I{number}@ INDI", *individual(person), *places(person, families)]
    numbers = {person["_id"]: number for number, person in enumerate(everybody, 1)}
    for number, family in enumerate(families, 1):
        lines += [f"0 @F{number}@ FAM", *union(family, numbers)]
    return "\n".join([*lines, TAIL]) + "\n"


async def legacy(tree: StoredTree) -> str:
    """The tree as the old service wrote it: records without their first lines, and dates and notes twice."""
    everybody, families = await gathered(tree)
    numbers = {person["_id"]: number for number, person in enumerate(everybody, 1)}
    lines = [*HEAD]
    for person in everybody:
        lines += [*individual(person), *places(person, families)]
    for person in everybody:
        lines += [*when(person, "birth"), *when(person, "death"), *notes(person)]
    for family in families:
        lines += union(family, numbers)
    return "\n".join([*lines, TAIL])


async def gathered(tree: StoredTree) -> tuple[list[StoredPerson], list[Family]]:
    """Everybody in a tree, and their families."""
    everybody = await people.OF_TREE.load(tree["_id"])
    rows = await relationships.OF_TREE.load(tree["_id"])
    return everybody, families_of(everybody, rows)


def families_of(everybody: Iterable[StoredPerson], rows: Iterable[StoredRelationship]) -> list[Family]:
    """The families of a tree: its unions, then the pairs that children name as father and mother."""
    by_id = {person["_id"]: person for person in everybody}
    families: dict[frozenset[ObjectId | None], Family] = {}
    for row in rows:
        if row["kind"] == Kind.SPOUSE and set(row["people"]) <= by_id.keys():
            first, second = (by_id[id] for id in row["people"])
            if first["gender"] == Gender.FEMALE or second["gender"] == Gender.MALE:
                first, second = second, first
            both: frozenset[ObjectId | None] = frozenset((first["_id"], second["_id"]))
            families.setdefault(both, Family(first["_id"], second["_id"], row))
    for child in by_id.values():
        father, mother = (id if id in by_id else None for id in (child["father_id"], child["mother_id"]))
        if father or mother:
            pair = frozenset((father, mother))
            families.setdefault(pair, Family(father, mother)).children.append(child["_id"])
    return list(families.values())


def individual(person: StoredPerson) -> Iterator[str]:
    """What is known of somebody."""
    yield f"1 NAME {name(person)}"
    if person["nickname"]:
        yield f"2 NICK {flat(person['nickname'])}"
    yield f"1 SEX {SEX.get(Gender(person['gender']), 'U')}"
    if birth := list(when(person, "birth")):
        yield from ("1 BIRT", *birth)
    death = list(when(person, "death"))
    if person["death_cause"]:
        death.append(f"2 CAUS {flat(person['death_cause'])}")
    if death:
        yield from ("1 DEAT", *death)
    for paper in person["identifiers"]:
        yield f"1 _IDNO {flat(paper['value'])}"
        yield f"2 TYPE {spelled(paper['kind'])}"
        yield f"2 STAT {spelled(paper['verification'])}"
    for tag, value in (("_CLAN", person["clan"]), ("_TRIBE", person["tribe"])):
        if value:
            yield f"1 {tag} {flat(value)}"
    for title in person["titles"]:
        yield f"1 TITL {flat(title)}"
    yield from notes(person)


def name(person: StoredPerson) -> str:
    """First name and, between slashes, last name."""
    first, last = flat(person["first_name"] or ""), flat(person["last_name"] or "")
    if not first and not last:
        return "Unknown /Unknown/"
    return f"{first} /{last}/".lstrip() if last else first


def when(person: StoredPerson, what: str) -> Iterator[str]:
    """When and where somebody was born or died."""
    known = cast(dict[str, Any], person)
    moment, place = known[what], known[f"{what}_place"]
    if moment:
        yield f"2 DATE {'ABT ' if known[f'{what}_estimated'] else ''}{dated(moment['at'])}"
    if place:
        yield f"2 PLAC {flat(place)}"


def dated(at: datetime) -> str:
    """A day as GEDCOM writes it."""
    return f"{at.day:02} {MONTHS[at.month - 1]} {at.year:04}"


def notes(person: StoredPerson) -> Iterator[str]:
    """What was noted, a note a line."""
    for line in (person["notes"] or "").splitlines():
        yield f"1 NOTE {flat(line)}"


def places(person: StoredPerson, families: Iterable[Family]) -> Iterator[str]:
    """The families in which somebody is a child, then those in which they are a parent."""
    numbered = list(enumerate(families, 1))
    for number, family in numbered:
        if person["_id"] in family.children:
            yield f"1 FAMC @F{number}@"
    for number, family in numbered:
        if person["_id"] in (family.husband, family.wife):
            yield f"1 FAMS @F{number}@"


def union(family: Family, numbers: dict[ObjectId, int]) -> Iterator[str]:
    """Who belongs to a family, and how its parents came to be one."""
    for tag, id in (("HUSB", family.husband), ("WIFE", family.wife)):
        if id:
            yield f"1 {tag} @I{numbers[id]}@"
    if family.row:
        yield from marriage(family.row)
    for child in family.children:
        yield f"1 CHIL @I{numbers[child]}@"


def marriage(row: StoredRelationship) -> Iterator[str]:
    """The wedding of a union, and where it stands if it is no marriage."""
    for event in row["events"]:
        if event["kind"] == "Marriage":
            yield "1 MARR"
            if event["date"]:
                yield f"2 DATE {dated(event['date']['at'])}"
            if event["place"]:
                yield f"2 PLAC {flat(event['place'])}"
            break
    if row["status"] and row["status"] != UnionStatus.MARRIED:
        yield f"1 NOTE Relationship Status: {spelled(row['status'])}"


def flat(text: str) -> str:
    """A text in one line, so that it cannot pass for lines of its own."""
    return " ".join(text.splitlines())


def spelled(word: str) -> str:
    """A word of ours as the old service spelled it: `NationalID`, `CustomaryUnion`."""
    return "".join("ID" if part == "ID" else part.capitalize() for part in word.split("_"))
