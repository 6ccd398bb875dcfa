"""Reading: the records of a GEDCOM file one after the other, whatever is wrong with some of its lines."""

import re
from collections.abc import Iterator
from sys import intern
from typing import BinaryIO, TextIO
from unicodedata import normalize

from models.family_errors import GedcomRefused
from models.gedcom.encodings import ANSEL, healed, opened
from models.gedcom.problems import Problems
from models.gedcom.structures import BANNED, POINTER, Structure, unescaped
from models.gedcom.versions import understood

LINE = re.compile(
    r"[ \t]*(\d{1,2})[ \t]+(?:@([^@\n]+)@[ \t]+)?([A-Za-z0-9_]+)(?: (.*))?\s*", re.ASCII | re.DOTALL
)
# Lines are numbered in three bytes of the ids of what comes of them.
MOST_LINES = 10_000_000
# Of every record something is in memory until the file is taken in.
MOST_RECORDS = 500_000
# Characters of one line, of one value with what continues it, and of a record with all its values.
LINE_LENGTH, VALUE, RECORD = 65_536, 1_000_000, 2_000_000
# Structures of one record, and lines with which values of it go on: each of both may become a structure.
STRUCTURES, BREAKS = 20_000, 50_000
# Tags that go on with the value before them, whatever their level.
MORE = frozenset({"CONT", "CONC"})
# Lines within which a GEDCOM file has begun.
BEGINNING = 100


class Reader:
    """A file as it is read; `version` and `encoding` are known once its first record is."""

    def __init__(self, file: BinaryIO, problems: Problems) -> None:
        self.problems = problems
        self.text, self.encoding = opened(file, problems)
        self.version = "5.5.1"
        self.line = 0
        self.building: Building | None = None

    def records(self) -> Iterator[Structure]:
        """The records from the first to the last; raises GedcomRefused for what is no GEDCOM file."""
        try:
            yield from self._records()
        finally:
            # The file belongs to who opened it.
            self.text.detach()

    def _records(self) -> Iterator[Structure]:
        head = last = None
        for record in self.built():
            if head is None:
                if record.tag != "HEAD":
                    break
                head = record
                self.version = version_of(record)
            last = record.tag
            if last != "TRLR":
                yield understood(record, self.version)
        if head is None:
            raise GedcomRefused("This is no GEDCOM file: it does not begin with the line 0 HEAD.")
        if last != "TRLR":
            said = "The file ends without 0 TRLR; what came after this line may be missing."
            self.problems.add(self.line, said)

    def built(self) -> Iterator[Structure]:
        """Every record with all that stands below it."""
        count = 0
        for level, xref, tag, value in self.lines():
            if level == 0 and tag not in MORE:
                count += 1
                if self.building:
                    yield self.building.finished()
                if count > MOST_RECORDS:
                    said = f"There are more than {MOST_RECORDS} records; the rest was left out."
                    self.problems.add(self.line, said)
                    self.building = None
                    break
                self.building = Building(Structure(tag, None, None, [], self.line, xref), value, self)
            elif self.building:
                self.building.add(level, tag, value)
        if self.building:
            yield self.building.finished()

    def lines(self) -> Iterator[tuple[int, str | None, str, str | None]]:
        """Level, name of the record, tag and value of each line that has them."""
        text = self.text
        while raw := text.readline(LINE_LENGTH):
            self.line += 1
            if self.line > MOST_LINES:
                self.problems.add(
                    self.line, f"There are more than {MOST_LINES} lines; the rest was left out."
                )
                return
            if len(raw) == LINE_LENGTH and not raw.endswith("\n"):
                self.skip(text)
            found = LINE.fullmatch(raw)
            if found:
                level, xref, tag, value = found.groups()
                yield int(level), xref, intern(tag.upper()), value and value.rstrip("\n")
            elif raw.strip():
                self.odd(raw)
            if self.building is None and self.line > BEGINNING:
                return

    def skip(self, text: TextIO) -> None:
        """Passes over what is left of a line that is too long."""
        while rest := text.readline(LINE_LENGTH):
            if rest.endswith("\n"):
                break
        self.problems.add(
            self.line, f"The line is longer than {LINE_LENGTH} characters; the rest was left out."
        )

    def odd(self, raw: str) -> None:
        """What to do with a line that is none: it goes on with the text before it, where there is one."""
        if self.building and self.building.length:
            self.building.go_on("\n" + raw.strip())
            self.problems.add(
                self.line, "This is no GEDCOM line; it was taken as more of the text before it."
            )
        else:
            self.problems.add(self.line, "This is no GEDCOM line; it was left out.")


class Building:
    """A record while its lines come in."""

    def __init__(self, record: Structure, value: str | None, reader: Reader) -> None:
        self.record = record
        self.reader = reader
        self.stack = [record]
        self.parts: list[str] = []
        self.length = self.total = self.breaks = 0
        self.count = 1
        self.cut = self.guessed = False
        self.begin(record, value)

    def begin(self, structure: Structure, value: str | None) -> None:
        """Takes the value of a new structure."""
        self.cut, self.length = False, 0
        if value is not None and POINTER.fullmatch(pointed := value.strip()):
            structure.pointer = pointed
        elif value:
            self.go_on(value)

    def go_on(self, text: str) -> None:
        """Adds text to the value of the last structure, up to a bound."""
        is_break = text.startswith("\n")
        self.breaks += is_break
        room = min(VALUE - self.length, RECORD - self.total)
        if self.cut or (is_break and self.breaks > BREAKS):
            room = 0
        if len(text) > room:
            if not self.cut:
                where = self.stack[-1].tag
                self.reader.problems.add(
                    self.reader.line, f"The text of {where} is too long; what follows here was left out."
                )
            self.cut, text = True, text[: max(0, room)]
        self.length += len(text)
        self.total += len(text)
        if text:
            self.parts.append(text)

    def add(self, level: int, tag: str, value: str | None) -> None:
        """Takes the next line of the record."""
        if tag in MORE:
            if self.stack[-1].pointer is None and self.count <= STRUCTURES:
                self.go_on(("\n" if tag == "CONT" else "") + (value or ""))
            else:
                self.reader.problems.add(self.reader.line, f"{tag} follows no text; it was left out.")
            return
        self.close()
        self.count += 1
        if self.count > STRUCTURES:
            if self.count == STRUCTURES + 1:
                said = f"The record has more than {STRUCTURES} structures; the rest of it was left out."
                self.reader.problems.add(self.reader.line, said)
            return
        if level > len(self.stack):
            said = f"Level {level} follows level {len(self.stack) - 1}; it was taken as {len(self.stack)}."
            self.reader.problems.add(self.reader.line, said)
            level = len(self.stack)
        del self.stack[level:]
        structure = Structure(tag, None, None, [], self.reader.line)
        self.stack[-1].children.append(structure)
        self.stack.append(structure)
        self.begin(structure, value)

    def close(self) -> None:
        """Gives the last structure the text that has come in for it."""
        if not self.parts:
            return
        text, guessed = healed("".join(self.parts))
        if self.reader.encoding == ANSEL:
            # There accents are letters of their own.
            text = normalize("NFC", text)
        if guessed and not self.guessed:
            self.guessed = True
            said = "Some bytes are not UTF-8; they were read as Windows-1252."
            self.reader.problems.add(self.stack[-1].line, said)
        if BANNED.search(text):
            self.reader.problems.add(self.stack[-1].line, "Characters that no file may hold were left out.")
            text = BANNED.sub("", text)
        is_old = not self.reader.version.startswith("7")
        self.stack[-1].value = (
            text.replace("@@", "@") if is_old else "\n".join(map(unescaped, text.split("\n")))
        )
        self.parts = []

    def finished(self) -> Structure:
        """The record, with all that came in for it."""
        self.close()
        return self.record


def version_of(head: Structure) -> str:
    """The version that a header tells."""
    gedc = head.first("GEDC")
    return (gedc and gedc.text("VERS")) or "5.5.1"
