"""Packages: GEDZIP, a GEDCOM file with its media in one archive; the GEDCOM file alone is taken out."""

import zlib
from lzma import LZMAError
from os import SEEK_END
from pathlib import Path
from typing import BinaryIO
from zipfile import BadZipFile, ZipFile

from models.family_errors import GedcomRefused

INSIDE = "gedcom.ged"
# Bytes of a file in an archive, whatever the archive says of it.
MOST = 200 * 2**20
CHUNK = 2**20
# Bytes of the list of its files, all of which the library reads: some ten thousand pictures.
LIST = 4 * 2**20
# How an archive ends: with where its list is, and at most so much of a comment.
END, END_64, TAIL = b"PK\x05\x06", b"PK\x06\x07", 22 + 65_535
# What the library raises for archives that are damaged, locked, or of a kind that it does not know.
UNREADABLE = (
    BadZipFile,
    KeyError,
    NotImplementedError,
    RuntimeError,
    EOFError,
    OSError,
    ValueError,
    zlib.error,
    LZMAError,
)


def unpacked(path: Path) -> Path:
    """The GEDCOM file: the one in a package, or the file itself; raises GedcomRefused."""
    with path.open("rb") as file:
        if file.read(4) != b"PK\x03\x04":
            return path
        if is_crowded(file):
            raise GedcomRefused("This archive holds too many files.")
    out = path.with_suffix(".inside")
    try:
        with ZipFile(path) as archive, archive.open(INSIDE) as source, out.open("wb") as target:
            size = 0
            while chunk := source.read(CHUNK):
                size += len(chunk)
                if size > MOST:
                    raise GedcomRefused(f"The file in this archive is larger than {MOST // 2**20} MB.")
                target.write(chunk)
    except UNREADABLE as error:
        raise GedcomRefused(f"This archive holds no {INSIDE} that can be read.") from error
    return out


def is_crowded(file: BinaryIO) -> bool:
    """Whether the list of the files of an archive is longer than anybody needs."""
    size = file.seek(0, SEEK_END)
    file.seek(max(0, size - TAIL))
    tail = file.read()
    end = tail.rfind(END)
    return end >= 0 and (
        END_64 in tail[max(0, end - 20) : end] or int.from_bytes(tail[end + 12 : end + 16], "little") > LIST
    )
