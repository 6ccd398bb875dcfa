"""What files are: told by their first bytes, whatever their names say."""

import re

import puremagic

OCTETS = "application/octet-stream"
WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
SHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
PLAIN, CSV = "text/plain", "text/csv"
OLD_WORD, OLD_SHEET = "application/msword", "application/vnd.ms-excel"
# What is kept, which is what the old server took.
KEPT = frozenset(
    {
        *("image/jpeg", "image/png", "image/gif", "image/webp", "image/tiff"),
        *("application/pdf", OLD_WORD, WORD, OLD_SHEET, SHEET, PLAIN, CSV),
        *("audio/mpeg", "audio/wav", "audio/ogg", "video/mp4", "video/mpeg", "video/quicktime"),
    }
)
PICTURES = frozenset({"image/jpeg", "image/png", "image/gif", "image/webp", "image/tiff"})

STARTS: tuple[tuple[bytes, str], ...] = (
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"II*\0", "image/tiff"),
    (b"MM\0*", "image/tiff"),
    (b"%PDF-", "application/pdf"),
    (b"ID3", "audio/mpeg"),
    (b"OggS", "audio/ogg"),
    (b"\0\0\1\xba", "video/mpeg"),
    (b"\0\0\1\xb3", "video/mpeg"),
)
RIFF = {b"WEBP": "image/webp", b"WAVE": "audio/wav"}
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
ZIP = b"PK\3\4"
# The layers of MPEG audio that have frames without a tag before them.
FRAMES = frozenset({0xFB, 0xFA, 0xF3, 0xF2, 0xE3, 0xE2})
QUICKTIME = frozenset({b"qt  "})
ATOMS = frozenset({b"moov", b"mdat", b"wide", b"free", b"skip", b"pnot"})
# Text that a browser might run or draw is no plain text, whatever it is called.
MARKUP = re.compile(
    rb"<(?:!doctype|\?xml|\?php|!--|html|head|body|script|svg|iframe|img|style|title|table|meta|link|math"
    rb"|object|embed|form|br|div|font|h1|p|a|b)(?:[\s/>:-]|$)",
    re.IGNORECASE,
)
BLANKS = b" \t\r\n\f\v"
# Bytes that no text in a common encoding has.
BINARY = bytes({*range(32), 127} - {*b"\t\n\r\f", 0x1B, 0x08})


def of_content(head: bytes, declared: str = "") -> str:
    """The media type of a file that begins so; what it is declared as counts only among kinds of one form."""
    kind = declared.partition(";")[0].strip().lower()
    for start, media_type in STARTS:
        if head.startswith(start):
            return media_type
    if head[:4] == b"RIFF":
        return RIFF.get(head[8:12], OCTETS)
    if head[4:8] == b"ftyp":
        return film(head)
    if head[4:8] in ATOMS:
        return "video/quicktime"
    if len(head) > 1 and head[0] == 0xFF and head[1] in FRAMES:
        return "audio/mpeg"
    if head.startswith(OLE):
        return kind if kind in (OLD_WORD, OLD_SHEET) else of_ole(head)
    if head.startswith(ZIP):
        return of_zip(head)
    return text(head, kind) or other(head)


def film(head: bytes) -> str:
    """What a file is of the family of MPEG-4; pictures and sound of it are not told apart from films."""
    brand = head[8:12]
    if brand in QUICKTIME:
        return "video/quicktime"
    return other(head) if brand[:3] in (b"hei", b"hev", b"avi", b"mif", b"M4A") else "video/mp4"


def of_zip(head: bytes) -> str:
    """What an archive is by the names in it; nothing of it is unpacked."""
    if b"[Content_Types].xml" in head or b"_rels/" in head:
        if b"word/" in head:
            return WORD
        if b"xl/" in head:
            return SHEET
    return "application/zip"


def of_ole(head: bytes) -> str:
    """What an old office document is, where its first bytes tell."""
    if "Workbook".encode("utf-16-le") in head:
        return OLD_SHEET
    return OLD_WORD if "WordDocument".encode("utf-16-le") in head else "application/x-ole-storage"


def text(head: bytes, kind: str) -> str | None:
    """Plain text or a table, or None where it is no text, or one that means more than it says."""
    if not head:
        return CSV if kind == CSV else PLAIN
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        decoded = head[: len(head) // 2 * 2].decode("utf-16", "replace").encode()
        return None if MARKUP.match(decoded.lstrip(BLANKS)) else (CSV if kind == CSV else PLAIN)
    start = head.removeprefix(b"\xef\xbb\xbf")
    if start.translate(None, BINARY) != start or MARKUP.match(start.lstrip(BLANKS)):
        return None
    return CSV if kind == CSV else PLAIN


def other(head: bytes) -> str:
    """What a file that is not kept seems to be, for whoever is told so."""
    try:
        found = puremagic.magic_string(head)
    except (puremagic.PureError, ValueError):
        return OCTETS
    named = next((each.mime_type for each in found if each.mime_type), OCTETS)
    # What is kept is known by more than a guess.
    return OCTETS if named in KEPT else named
