"""Encodings: which letters the bytes of a GEDCOM file stand for."""

import codecs
import io
import re
from typing import BinaryIO

import ansel  # type: ignore[import-untyped]  # it has no types

from models.gedcom.problems import Problems

ansel.register()

# What the library calls ANSEL with the letters that GEDCOM has added.
ANSEL = "gedcom"
MARKS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
# Without a mark, the first character tells: it is the digit 0.
WIDE = ((b"0\x00", "utf-16-le"), (b"\x000", "utf-16-be"))
# What files call their encoding, lawful or not, and what they mean by it. ASCII is read as what holds it.
NAMED = {
    "ANSEL": ANSEL,
    "ASCII": "utf-8",
    "UTF-8": "utf-8",
    "UTF8": "utf-8",
    "UNICODE": "utf-8",
    "ANSI": "cp1252",
    "CP1252": "cp1252",
    "WINDOWS": "cp1252",
    "WINDOWS-1252": "cp1252",
    "WINDOWS-1250": "cp1250",
    "CP1250": "cp1250",
    "WINDOWS-1251": "cp1251",
    "CP1251": "cp1251",
    "IBMPC": "cp437",
    "IBM DOS": "cp437",
    "MSDOS": "cp850",
    "ISO-8859-1": "iso8859-1",
    "ISO8859-1": "iso8859-1",
    "LATIN1": "iso8859-1",
    "MACINTOSH": "mac-roman",
}
CHAR = re.compile(rb"(?:^|[\r\n])[ \t]*1[ \t]+CHAR[ \t]+([^\r\n]{1,40})")
HEAD = 16_384
ESCAPED = re.compile("[\udc80-\udcff]")


def opened(file: BinaryIO, problems: Problems) -> tuple[io.TextIOWrapper, str]:
    """The file as text from its beginning, and the name of its encoding.

    Bytes that are not UTF-8 become half surrogates, which `healed` makes letters of: programs cut long
    values into lines in the middle of a letter.
    """
    start = file.read(HEAD)
    file.seek(0)
    name = named(start, problems)
    errors = "surrogateescape" if name in ("utf-8", "utf-8-sig") else "replace"
    return io.TextIOWrapper(file, name, errors), name


def named(start: bytes, problems: Problems) -> str:
    """The encoding of a file that begins so."""
    for mark, name in (*MARKS, *WIDE):
        if start.startswith(mark):
            return name
    found = CHAR.search(start)
    if found is None:
        return "utf-8"
    said = found[1].strip().decode("ascii", "replace").upper()
    if said not in NAMED:
        line = len(re.findall(rb"\r\n|\r|\n", start[: found.start(1)])) + 1
        problems.add(line, f"The encoding {said!r} is not known; the file was read as UTF-8.")
    return NAMED.get(said, "utf-8")


def healed(text: str) -> tuple[str, bool]:
    """A text with letters instead of half surrogates, and whether they had to be guessed."""
    if not ESCAPED.search(text):
        return text, False
    raw = text.encode("utf-8", "surrogateescape")
    try:
        return raw.decode("utf-8"), False
    except UnicodeDecodeError:
        return raw.decode("utf-8", "as-windows-1252"), True


def _guess(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return error.object[error.start : error.end].decode("cp1252", "replace"), error.end


codecs.register_error("as-windows-1252", _guess)
