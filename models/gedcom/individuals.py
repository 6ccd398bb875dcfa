"""Individuals: a person as a GEDCOM record tells of them, and as the models keep them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from models.gedcom import dates, happenings
from models.gedcom.happenings import Happening, pointers
from models.gedcom.structures import VOID, Structure, flat, leaf, prose, to
from models.gedcom.versions import media_type
from models.gedcom.words import (
    GENDERS,
    IDENTIFIERS,
    PEDIGREES,
    PERSONAL,
    PERSONAL_TAGS,
    SEX,
    TIE_KINDS,
    TIES,
    spelled,
)
from models.kinds import Gender, IdentifierKind, Kind, Verification, Visibility

NOBODY = "Unknown /Unknown/"
# What is told of somebody in their record, and what is not told of them.
NOTHING: dict[str, Any] = {
    "first_name": None,
    "middle_name": None,
    "last_name": None,
    "nickname": None,
    "gender": Gender.UNKNOWN,
    "birth": None,
    "birth_estimated": False,
    "birth_place": None,
    "death": None,
    "death_estimated": False,
    "death_place": None,
    "death_cause": None,
    "living": True,
    "occupation": None,
    "biography": None,
    "notes": None,
    "photo_url": None,
    "clan": None,
    "tribe": None,
    "titles": [],
    "identifiers": [],
    "privacy": {"profile": "TREE_ONLY", "birth": "TREE_ONLY", "death": "TREE_ONLY"},
}
# Characters of a shared text that is shown with those who point to it, and of all of them with one.
SHOWN, SHOWN_TOGETHER = 10_000, 100_000
PRIVATE = {"_PROFILE": "profile", "_BIRTH": "birth", "_DEATH": "death"}
VISIBLE = {spelled(each): each for each in Visibility}
CHECKED = {spelled(each): each for each in Verification}


@dataclass
class Tie:
    """What else ties somebody to somebody, by id."""

    other: str
    kind: Kind
    notes: str | None = None
    line: int = 0


@dataclass
class Child:
    """Somebody's place among the children of a family; `pedigree` is None for those who were born to it."""

    family: str
    pedigree: str | None = None
    line: int = 0


@dataclass
class Individual:
    """All that a record tells of somebody; ids stand for records."""

    fields: dict[str, Any]
    child_of: list[Child] = field(default_factory=list)
    parent_of: list[str] = field(default_factory=list)
    events: list[Happening] = field(default_factory=list)
    ties: list[Tie] = field(default_factory=list)
    sources: list[str] = field(default_factory=list)


def canonical(record: Structure, said: Mapping[str, str]) -> Structure:
    """A record with only what the models keep of it."""
    return write(read(record, said))


def read(record: Structure, said: Mapping[str, str]) -> Individual:
    """What a record tells; `said` has the texts of shared notes and the files of media, by pointer."""
    fields = {**NOTHING, "privacy": {**NOTHING["privacy"]}}
    for reading in (named, sexed, born, died, known, noted):
        fields |= reading(record, said)
    found = Individual(fields)
    occupation = record.first("OCCU")
    for structure in record.children:
        if structure is occupation:
            continue
        happening = happenings.read(structure, {**PERSONAL, "OCCU": "Occupation"})
        if happening:
            found.events.append(happening)
        else:
            found.sources += cited(structure)
    found.sources = list(dict.fromkeys(found.sources))
    for structure in record.all("FAMC"):
        if structure.id:
            pedigree = (structure.text("PEDI") or "").upper()
            word = PEDIGREES.get(pedigree) and ("OTHER" if pedigree == "SEALING" else pedigree)
            found.child_of.append(Child(structure.id, word or None, structure.line))
    found.parent_of = pointers(record, "FAMS")
    for structure in record.all("ASSO"):
        kind = TIE_KINDS.get((role := structure.first("ROLE")) and role.text("PHRASE") or "")
        if kind and structure.id:
            found.ties.append(Tie(structure.id, kind, structure.text("NOTE"), structure.line))
    return found


def cited(structure: Structure) -> Iterator[str]:
    """The sources that a structure points to, itself or below."""
    for each in structure.walk():
        if each.tag == "SOUR" and each.id:
            yield each.id


def named(record: Structure, said: Mapping[str, str]) -> dict[str, Any]:
    """Names, of the first NAME."""
    name = record.first("NAME")
    if name is None:
        return {}
    value = " ".join((name.value or "").split())
    given, slash, rest = value.partition("/")
    last = rest.partition("/")[0].strip()
    given = given.strip()
    if not slash:
        last = name.text("SURN") or ""
        given = name.text("GIVN") or given
    if value == NOBODY:
        given = last = ""
    middle = name.text("_MIDN")
    if middle and given.endswith(middle):
        given = given[: -len(middle)].rstrip()
    else:
        middle = None
    return {
        "first_name": given or None,
        "middle_name": middle,
        "last_name": last or None,
        "nickname": name.text("NICK"),
    }


def sexed(record: Structure, said: Mapping[str, str]) -> dict[str, Any]:
    """The gender; the words that GEDCOM does not have stand in a tag of their own."""
    own = (record.text("_GENDER") or "").upper()
    if own in ("NON_BINARY", "OTHER"):
        return {"gender": Gender(own)}
    return {"gender": GENDERS.get((record.text("SEX") or "").upper(), Gender.UNKNOWN)}


def born(record: Structure, said: Mapping[str, str]) -> dict[str, Any]:
    """Birth, of the first BIRT."""
    return life(record.first("BIRT"), "birth")


def died(record: Structure, said: Mapping[str, str]) -> dict[str, Any]:
    """Death, of the first DEAT; whoever has one is not living."""
    death = record.first("DEAT")
    if death is None:
        return {}
    living = record.text("_LIVING") == "Y"
    return {**life(death, "death"), "death_cause": death.text("CAUS"), "living": living}


def life(structure: Structure | None, what: str) -> dict[str, Any]:
    """When and where somebody was born or died."""
    if structure is None:
        return {}
    moment, estimated = dates.moment_of(structure.first("DATE"))
    return {what: moment, f"{what}_estimated": estimated, f"{what}_place": structure.text("PLAC")}


def known(record: Structure, said: Mapping[str, str]) -> dict[str, Any]:
    """Papers, titles and the like."""
    papers = []
    for paper in record.all("_IDNO", "IDNO", "SSN"):
        if paper.value:
            kind = IdentifierKind.NATIONAL_ID if paper.tag == "SSN" else IdentifierKind.OTHER
            papers.append(
                {
                    "kind": IDENTIFIERS.get(paper.text("TYPE") or "", kind),
                    "value": paper.value,
                    "verification": CHECKED.get(paper.text("STAT") or "", Verification.UNVERIFIED),
                    "notes": paper.text("NOTE"),
                }
            )
    privacy = {**NOTHING["privacy"]}
    if (record.text("RESN") or "").lower() in ("confidential", "privacy"):
        privacy["profile"] = Visibility.PRIVATE.value
    for tag, name in PRIVATE.items():
        own = record.first("_PRIVACY")
        if own and own.text(tag) in VISIBLE:
            privacy[name] = VISIBLE[own.text(tag) or ""].value
    return {
        "identifiers": papers,
        "clan": record.text("_CLAN"),
        "tribe": record.text("_TRIBE"),
        "titles": [each.value for each in record.all("TITL") if each.value],
        "occupation": record.text("OCCU"),
        "biography": record.text("_BIO"),
        "privacy": privacy,
    }


def noted(record: Structure, said: Mapping[str, str]) -> dict[str, Any]:
    """Notes, also those that several records share, and the first picture that lies on the web."""
    notes, room = [], SHOWN_TOGETHER
    for each in record.all("NOTE", "SNOTE"):
        if each.pointer is None:
            notes.append(each.value)
        elif each.pointer != VOID:
            shared = said.get(each.pointer, "")
            room -= len(shared)
            notes.append(shared if room >= 0 else None)
    pictures = [said.get(each.pointer) if each.pointer else each.text("FILE") for each in record.all("OBJE")]
    return {
        "notes": "\n".join(note or "" for note in notes) or None,
        "photo_url": next((url for url in pictures if url and url.startswith(("http://", "https://"))), None),
    }


def write(told: Individual) -> Structure:
    """The record of somebody."""
    person = told.fields
    record = Structure("INDI")
    record.children = [*about(person)]
    for child in told.child_of:
        pedigree = [leaf("PEDI", child.pedigree)] if child.pedigree else []
        record.children.append(to("FAMC", child.family, *pedigree))
    record.children += [to("FAMS", family) for family in told.parent_of]
    tags = {**PERSONAL_TAGS, "Occupation": "OCCU"} if person["occupation"] else PERSONAL_TAGS
    record.children += [happenings.write(each, tags) for each in told.events]
    for tie in told.ties:
        notes = [prose("NOTE", tie.notes)] if tie.notes else []
        record.children.append(
            to("ASSO", tie.other, leaf("ROLE", "OTHER", leaf("PHRASE", TIES[tie.kind])), *notes)
        )
    record.children += [to("SOUR", source) for source in told.sources]
    return record


def about(person: Mapping[str, Any]) -> Iterator[Structure]:
    """What is known of somebody alone."""
    yield name(person)
    gender = Gender(person["gender"])
    yield leaf("SEX", SEX.get(gender, "U"))
    if gender not in SEX:
        yield leaf("_GENDER", gender)
    yield from lifes(person)
    yield from papers(person)
    for tag, value in (("_CLAN", person["clan"]), ("_TRIBE", person["tribe"])):
        if value:
            yield leaf(tag, value)
    for title in person["titles"]:
        yield leaf("TITL", title)
    for tag, text in (("OCCU", person["occupation"]), ("_BIO", person["biography"])):
        if text:
            yield prose(tag, text)
    if person["photo_url"]:
        url = flat(person["photo_url"])
        yield leaf("OBJE", None, leaf("FILE", url, leaf("FORM", media_type(url))))
    yield from private(person)
    for line in (person["notes"] or "").splitlines():
        yield leaf("NOTE", line or None)


def papers(person: Mapping[str, Any]) -> Iterator[Structure]:
    """Numbers and papers that name somebody."""
    for paper in person["identifiers"]:
        below = [leaf("TYPE", spelled(paper["kind"])), leaf("STAT", spelled(paper["verification"]))]
        if paper["notes"]:
            below.append(prose("NOTE", paper["notes"]))
        yield leaf("_IDNO", paper["value"], *below)


def private(person: Mapping[str, Any]) -> Iterator[Structure]:
    """Who may see what, where that is not what it is for everybody."""
    shown = person["privacy"]
    said = [
        leaf(tag, spelled(shown[key])) for tag, key in PRIVATE.items() if shown[key] != Visibility.TREE_ONLY
    ]
    if said:
        yield leaf("_PRIVACY", None, *said)


def name(person: Mapping[str, Any]) -> Structure:
    """First and middle name and, between slashes, last name."""
    first, middle, last = (
        flat(person[part] or "").replace("/", " ").strip()
        for part in ("first_name", "middle_name", "last_name")
    )
    given = f"{first} {middle}".strip() or ("" if last else flat(person.get("name") or "").replace("/", " "))
    below = [leaf("_MIDN", middle)] if middle else []
    if person["nickname"]:
        below.append(leaf("NICK", person["nickname"]))
        if given == below[-1].value and not first:
            given = ""
    if not given and not last:
        return leaf("NAME", NOBODY, *below)
    return leaf("NAME", f"{given} /{last}/".lstrip() if last else given, *below)


def lifes(person: Mapping[str, Any]) -> Iterator[Structure]:
    """Birth and death."""
    birth, death = happened(person, "birth"), happened(person, "death")
    if birth:
        yield leaf("BIRT", None, *birth)
    if person["death_cause"]:
        death.append(leaf("CAUS", person["death_cause"]))
    if death or not person["living"]:
        yield leaf("DEAT", None if death else "Y", *death)
        if person["living"]:
            yield leaf("_LIVING", "Y")


def happened(person: Mapping[str, Any], what: str) -> list[Structure]:
    """When and where somebody was born or died."""
    date = dates.dated("DATE", person[what], estimated=person[f"{what}_estimated"])
    place = person[f"{what}_place"]
    return [*([date] if date else []), *([leaf("PLAC", place)] if place else [])]
