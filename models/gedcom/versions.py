"""Versions: how GEDCOM 5.5.1 and 7.0 say the same in other words.

Inside, the words of 7.0 stand. What only one version knows the other carries under a name of its own, which
begins with an underscore as both demand, so that it comes back.
"""

import re
from collections.abc import Callable, Iterator
from enum import StrEnum

from models.gedcom.dates import LONGEST
from models.gedcom.structures import VOID, Structure, lines


class GedcomVersion(StrEnum):
    """What a file is written as."""

    V5_5_1 = "5.5.1"
    V7_0 = "7.0"


ONLY_7 = frozenset(
    "CREA CROP EXID HEIGHT INIL LEFT MIME NO PHRASE SCHMA SDATE TAG TOP TRAN UID WIDTH".split()
)
ONLY_5 = frozenset("AFN ANCE BLOB DESC FAMF FONE LEGA RFN RIN ROMN SUBN".split())
UNDERSCORED = {f"_{tag}": tag for tag in ONLY_7 | ONLY_5 | {"PEDI"}}
# Tags whose words 5.5.1 writes in small letters and 7.0 in capitals.
SHOUTED = frozenset({"PEDI", "RESN", "MEDI"})
# Tags of 5.5.1 that have become others.
ROLES = frozenset(
    "CHIL CLERGY FATH FRIEND GODP HUSB MOTH MULTIPLE NGHBR OFFICIATOR PARENT SPOU WIFE WITN".split()
)
# What sort of name somebody has.
NAMES = frozenset("AKA BIRTH IMMIGRANT MAIDEN MARRIED PROFESSIONAL".split())
ESCAPE = re.compile(r"@#D[A-Z ]+@|@")
OLD_CALENDAR = re.compile(r"@#D(GREGORIAN|JULIAN|HEBREW|FRENCH R|ROMAN|UNKNOWN)@ ?")
NEW_CALENDAR = re.compile(r"\b(GREGORIAN|JULIAN|HEBREW|FRENCH_R) ")
DAY = re.compile(r"^(ABT )?(\d{1,2}) ([A-Z]{3}) (\d{4})$", re.IGNORECASE)
PADDED = re.compile(r"\b0(\d [A-Z]{3})")
INTERPRETED = re.compile(r"INT (.*?) ?\((.*)\)", re.DOTALL)
PHRASE = re.compile(r"\((.*)\)", re.DOTALL)
MEDIA = {
    "jpg": "image/jpeg",
    "jpeg": "image/jpeg",
    "png": "image/png",
    "gif": "image/gif",
    "bmp": "image/bmp",
    "tif": "image/tiff",
    "tiff": "image/tiff",
    "webp": "image/webp",
    "pdf": "application/pdf",
    "txt": "text/plain",
    "mp3": "audio/mpeg",
    "wav": "audio/wav",
    "mp4": "video/mp4",
}
KINDS = {kind: suffix for suffix, kind in reversed(MEDIA.items())}


def understood(record: Structure, version: str) -> Structure:
    """A record of a file in the words of 7.0."""
    for structure in record.walk():
        structure.tag = UNDERSCORED.get(structure.tag, structure.tag)
        if structure.value and structure.tag == "DATE":
            structure.value = DAY.sub(padded, structure.value)
        elif structure.value and structure.tag in SHOUTED:
            structure.value = structure.value.upper()
    if version.startswith("7"):
        return record
    if record.tag == "NOTE":
        record.tag = "SNOTE"
    for structure in record.walk():
        for child in structure.children:
            reading = READ.get(child.tag)
            if reading:
                reading(child, structure)
    if record.tag == "OBJE":
        formed(record, record)
    return record


def note_read(note: Structure, above: Structure) -> None:
    """Tells shared notes from others by their tag."""
    if note.pointer:
        note.tag = "SNOTE"


def relation_read(relation: Structure, above: Structure) -> None:
    """The role of 7.0 that a relation of 5.5.1 is."""
    if above.tag == "ASSO":
        relation.tag = "ROLE"
        worded(relation, ROLES)


def type_read(structure: Structure, above: Structure) -> None:
    """The sort of a name."""
    if above.tag == "NAME" and structure.value:
        worded(structure, NAMES)


def format_read(form: Structure, above: Structure) -> None:
    """The media type that a format stands for."""
    if above.tag == "FILE" and form.value:
        form.value = MEDIA.get(form.value.lower(), form.value)


def formed(medium: Structure, above: Structure) -> None:
    """Puts the format and the title of a medium below its file, where 5.5 had them beside it."""
    file = medium.first("FILE")
    if file is None:
        return
    for tag in ("FORM", "TITL"):
        told = medium.first(tag)
        if told and not file.first(tag):
            medium.children.remove(told)
            file.children.append(told)
            if tag == "FORM" and told.value:
                told.value = MEDIA.get(told.value.lower(), told.value)


def padded(day: re.Match[str]) -> str:
    """A day as it is written here."""
    return f"{day[1] or ''}{int(day[2]):02} {day[3]} {day[4]}".upper()


def worded(structure: Structure, known: frozenset[str]) -> None:
    """Makes a free word one of those that 7.0 knows, or another one with the word beside it."""
    said = (structure.value or "").upper()
    if said not in known:
        structure.children.insert(0, Structure("PHRASE", structure.value, None, [], structure.line))
        said = "OTHER"
    structure.value = said


def freed(structure: Structure) -> None:
    """Makes a word of 7.0 the free one that stands beside it, if one does."""
    words = structure.text("PHRASE")
    if words is None:
        structure.value = (structure.value or "").lower() or None
    else:
        structure.value = words
        structure.children = [child for child in structure.children if child.tag != "PHRASE"]


def phrased(date: Structure, above: Structure) -> None:
    """Calendars and free words of a date as 7.0 writes them."""
    text = date.value or ""
    if not text or len(text) > LONGEST:
        return
    free = INTERPRETED.fullmatch(text.strip()) or PHRASE.fullmatch(text.strip())
    if free:
        words = free[free.lastindex or 1]
        text = free[1] if free.re is INTERPRETED else ""
        date.children.insert(0, Structure("PHRASE", words, None, [], date.line))
    text = OLD_CALENDAR.sub(lambda found: calendar(found[1]), text).replace("B.C.", "BCE")
    date.value = text or None


Change = Callable[[Structure, Structure], None]
# What becomes of structures of 5.5.1, by their tags; each is told what it stands below.
READ: dict[str, Change] = {
    "NOTE": note_read,
    "RELA": relation_read,
    "TYPE": type_read,
    "FORM": format_read,
    "DATE": phrased,
    "OBJE": formed,
}


def calendar(name: str) -> str:
    """What 7.0 calls a calendar, before a date of it."""
    return "" if name == "GREGORIAN" else f"{name.replace(' ', '_')} "


def record_lines(record: Structure, version: GedcomVersion) -> Iterator[str]:
    """A record as the lines of a file, in the words of its version."""
    if version is GedcomVersion.V7_0:
        modern(record)
        yield from opening(record, lines(record, 0))
        return
    old(record)
    plain = lines(record, 0, doubled)
    for line in opening(record, plain):
        yield from short(line)


def doubled(text: str) -> str:
    """A text of 5.5.1, where every @ is written twice but for those around calendars."""
    return ESCAPE.sub(lambda found: found[0] if len(found[0]) > 1 else "@@", text)


def opening(record: Structure, said: Iterator[str]) -> Iterator[str]:
    """The lines of a record, the first of them with its name."""
    level, space, rest = next(said).partition(" ")
    yield f"{level} @{record.xref}@ {rest}" if record.xref else f"{level}{space}{rest}"
    yield from said


def modern(record: Structure) -> None:
    """Writes what only 5.5.1 knows under names of its own, and dates without the zeros before days."""
    for structure in record.walk():
        for child in structure.children:
            if child.tag in ONLY_5:
                child.tag = f"_{child.tag}"
            elif child.tag in ("DATE", "_STARTED", "_ENDED") and child.value:
                child.value = PADDED.sub(r"\1", child.value)


def old(record: Structure) -> None:
    """Writes a record in the words of 5.5.1."""
    if record.tag == "SNOTE":
        record.tag = "NOTE"
    for structure in record.walk():
        # Nothing in 5.5.1 points to nobody.
        structure.children = [child for child in structure.children if child.pointer != VOID]
        for child in structure.children:
            writing = WRITTEN.get(child.tag)
            if writing:
                writing(child, structure)
    for structure in record.walk():
        if structure.tag in ONLY_7:
            structure.tag = f"_{structure.tag}"


def role_written(role: Structure, above: Structure) -> None:
    """The relation of 5.5.1 that a role is."""
    if above.tag == "ASSO":
        role.tag = "RELA"
        freed(role)


def type_written(structure: Structure, above: Structure) -> None:
    """The sort of a name in free words."""
    if above.tag == "NAME":
        freed(structure)


def format_written(form: Structure, above: Structure) -> None:
    """The format that a media type stands for."""
    form.value = KINDS.get(form.value or "", form.value)


def note_written(note: Structure, above: Structure) -> None:
    """A pointer to a shared note."""
    note.tag = "NOTE"


def lowered(structure: Structure, above: Structure) -> None:
    """A word in small letters; a pedigree that 5.5.1 does not know has a tag of its own."""
    structure.tag = "_PEDI" if structure.tag == "PEDI" and structure.value == "OTHER" else structure.tag
    structure.value = structure.value and structure.value.lower()


def dated(date: Structure, above: Structure) -> None:
    """A date with its free words as 5.5.1 writes both."""
    text = NEW_CALENDAR.sub(lambda found: f"@#D{found[1].replace('_', ' ')}@ ", date.value or "")
    words = date.text("PHRASE")
    if words is not None and "\n" not in words:
        date.children = [child for child in date.children if child.tag != "PHRASE"]
        text = f"INT {text} ({words})" if text else f"({words})"
    date.value = text.replace("BCE", "B.C.") or None


WRITTEN: dict[str, Change] = {
    "SNOTE": note_written,
    "ROLE": role_written,
    "TYPE": type_written,
    "FORM": format_written,
    "DATE": dated,
    **dict.fromkeys(SHOUTED, lowered),
}

# Characters of a line of 5.5.1, which says 255 with everything in it.
LINE = 240


def short(line: str) -> Iterator[str]:
    """A line of 5.5.1, cut into several where it is too long; never beside a blank, which readers drop."""
    if len(line) <= LINE:
        yield line
        return
    level, tag = line.split(" ", 2)[:2]
    below = int(level) + (tag != "CONT")
    at = cut(line, 0)
    yield line[:at]
    while at < len(line):
        end = cut(line, at)
        yield f"{below} CONC {line[at:end]}"
        at = end


def cut(text: str, start: int) -> int:
    """Where the next part of a text ends: between two letters of a word, if there is such a place."""
    most = start + LINE - 10
    if len(text) <= most:
        return len(text)
    at = most
    while at > start + LINE // 2 and (text[at - 1] in " @" or text[at] in " @"):
        at -= 1
    return at


def media_type(url: str) -> str:
    """What a picture of this name most likely is."""
    return MEDIA.get(url.rpartition(".")[2].lower(), "image/jpeg")
