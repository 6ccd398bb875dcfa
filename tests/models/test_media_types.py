"""What a file is, its first bytes say, whatever it is called."""

import io
import zipfile

import pytest
from PIL import Image

from models.media_types import KEPT, PICTURES, SHEET, WORD, of_content


def picture(form: str) -> bytes:
    written = io.BytesIO()
    Image.new("RGB", (9, 9)).save(written, form)
    return written.getvalue()


def archive(*names: str) -> bytes:
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w") as made:
        for name in names:
            made.writestr(name, "x")
    return written.getvalue()


@pytest.mark.parametrize("form", ["JPEG", "PNG", "GIF", "WEBP", "TIFF"])
def test_pictures_are_known(form: str) -> None:
    assert of_content(picture(form), "text/plain") == f"image/{form.lower()}"
    assert f"image/{form.lower()}" in PICTURES


@pytest.mark.parametrize(
    ("head", "declared", "media_type"),
    [
        (b"%PDF-1.7\n", "", "application/pdf"),
        (b"ID3\4\0", "", "audio/mpeg"),
        (b"\xff\xfb\x90d", "", "audio/mpeg"),
        (b"OggS\0", "", "audio/ogg"),
        (b"RIFF\0\0\0\0WAVEfmt ", "", "audio/wav"),
        (b"\0\0\0\x18ftypisom", "", "video/mp4"),
        (b"\0\0\0\x14ftypqt  ", "", "video/quicktime"),
        (b"\0\0\1\xba\x44", "", "video/mpeg"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "application/msword", "application/msword"),
        (archive("[Content_Types].xml", "word/document.xml"), "", WORD),
        (archive("[Content_Types].xml", "xl/workbook.xml"), "", SHEET),
        ("Großmutter,1901".encode(), "text/csv; charset=utf-8", "text/csv"),
        ("Großmutter".encode("latin-1"), "application/x-anything", "text/plain"),
        ("\ufeffGroßmutter".encode("utf-16"), "", "text/plain"),
        (b"0 HEAD\n1 CHAR ANSEL\n", "", "text/plain"),
        (b"", "", "text/plain"),
    ],
)
def test_what_is_kept_is_known_by_its_content(head: bytes, declared: str, media_type: str) -> None:
    assert of_content(head, declared) == media_type
    assert media_type in KEPT


@pytest.mark.parametrize(
    "head",
    [
        b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>',
        b"\xef\xbb\xbf \n<?xml version='1.0'?><svg/>",
        b"<!DOCTYPE html><script>alert(1)</script>",
        b"  <ScRiPt>alert(1)</script>",
        "<html>".encode("utf-16"),
        b"<?php system($_GET['x']);",
        b"MZ\x90\0\3\0\0\0",
        b"\x7fELF\2\1\1\0",
        archive("one.exe"),
        b"\x1f\x8b\x08\0\0\0\0\0",
        b"7z\xbc\xaf\x27\x1c",
        b"\0\0\0\x20ftypheic",
        b"RIFF\0\0\0\0AVI ",
        b"\0" * 100,
    ],
)
@pytest.mark.parametrize("declared", ["image/png", "text/plain", "application/pdf"])
def test_what_is_not_kept_is_known_too(head: bytes, declared: str) -> None:
    assert of_content(head, declared) not in KEPT


def test_a_polyglot_is_what_it_begins_as() -> None:
    assert of_content(picture("GIF") + b"<script>alert(1)</script>", "text/html") == "image/gif"
    assert of_content(picture("JPEG") + archive("one.exe"), "application/zip") == "image/jpeg"
    # What has a table of contents of an office document and an executable is an archive with names in it.
    assert of_content(b"MZ" + archive("word/document.xml")) not in KEPT
