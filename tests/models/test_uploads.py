"""Files that come in: harmless names, content that tells their kind, and nothing of what nobody takes."""

import asyncio
import hashlib
from collections.abc import AsyncIterator

import httpx
import pytest

from models import blobs, media_types, uploads
from models.blobs import Place
from models.errors import Overloaded
from models.file_errors import FileTooLarge
from models.uploads import HEAD, SMALL, Incoming, Upload, plain_name
from tests.models.test_blobs import there


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("will.pdf", "will.pdf"),
        ("../../etc/passwd", "passwd"),
        ("..\\..\\boot.ini", "boot.ini"),
        ("C:\\Users\\a\\photo.jpg", "photo.jpg"),
        ("a\0b\r\nSet-Cookie: x\x1b[31m.txt", "abSet-Cookie: x[31m.txt"),
        ("\u202egpj.exe", "gpj.exe"),
        ("notes 📝.txt", "notes 📝.txt"),
        ("👩\u200d👧.jpg", "👩\u200d👧.jpg"),
        ("\ud800x.txt", "x.txt"),
        ("..", "file"),
        ("", "file"),
        ("a/", "file"),
        (" .hidden. ", "hidden"),
        ("x" * 400 + ".jpeg", "x" * 250 + ".jpeg"),
        ("x" * 400, "x" * 255),
    ],
)
def test_a_name_does_no_harm(sent: str, kept: str) -> None:
    assert plain_name(sent) == kept


async def chunks(*parts: bytes) -> AsyncIterator[bytes]:
    for part in parts:
        yield part


async def test_a_file_is_stored_where_no_client_says(store: Place) -> None:
    upload = await uploads.receive("../x.exe", "image/png", chunks(b"hel", b"lo"), 100)
    assert (upload.name, upload.media_type, upload.size) == ("x.exe", "text/plain", 5)
    assert upload.sha256 == hashlib.sha256(b"hello").hexdigest()
    assert await there() == [upload.key]
    assert upload.key.startswith("files/")
    assert ".." not in upload.key
    assert await blobs.whole(upload.key, 100) == b"hello"


async def test_what_nobody_takes_is_deleted(store: Place) -> None:
    one, two = [await uploads.receive("x", "", chunks(b"x"), 100) for _ in range(2)]
    one.taken = True
    await uploads.discard([one, two])
    assert await there() == [one.key]


async def test_a_small_file_waits_until_the_request_is_found_good(store: Place) -> None:
    for size, keys in ((SMALL, 0), (SMALL + 1, 1)):
        incoming = Incoming("x", "", 10 * SMALL)
        await incoming.write(b"x" * size)
        upload = await incoming.close()
        assert len(await there()) == keys
        await uploads.discard([upload])
        assert await there() == []
    incoming = Incoming("x", "", 100)
    await incoming.write(b"x")
    upload = await incoming.close()
    await upload.settle()
    await upload.settle()
    assert await there() == [upload.key]


async def test_a_file_in_many_pieces_is_looked_at_once(store: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    looks, of_content = [], media_types.of_content

    def counted(head: bytes, declared: str = "") -> str:
        looks.append(len(head))
        return of_content(head, declared)

    monkeypatch.setattr(media_types, "of_content", counted)
    for size, number in ((100, 1), (HEAD, 2), (HEAD + 100, 2)):
        incoming = Incoming("x", "", 10 * SMALL)
        for _ in range(size):
            await incoming.write(b"\1")
        assert (await incoming.close()).media_type == "application/octet-stream"
        assert len(looks) <= number
        looks.clear()


async def test_a_large_file_is_stored_as_what_it_is(store: Place) -> None:
    upload = await uploads.receive("x", "", chunks(b"%PDF-", b"x" * 6 * SMALL), 10 * SMALL)
    url = blobs.signed(upload.key, 60, "x")
    async with httpx.AsyncClient() as client:
        answer = await client.get(url, headers={"Range": "bytes=0-0"})
    assert answer.headers["content-type"] == "application/pdf"


async def test_the_small_files_of_a_request_wait_while_they_are_small_together(store: Place) -> None:
    come: list[Upload] = []
    for size in (SMALL // 2, SMALL // 2, 1, 0):
        incoming = Incoming("x", "", 10 * SMALL, come)
        await incoming.write(b"x" * size)
        come.append(await incoming.close())
    assert [upload.waiting is not None for upload in come] == [True, True, False, True]
    assert await there() == [come[2].key]


async def test_few_large_files_come_in_at_once(store: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uploads, "_places", asyncio.Semaphore(2))
    large = b"x" * (SMALL + 1)
    one, two, three = (Incoming("x", "", 10 * SMALL) for _ in range(3))
    await one.write(large)
    await two.write(large)
    monkeypatch.setattr(uploads, "PATIENCE", 0.01)
    with pytest.raises(Overloaded):
        await three.write(large)
    await three.abort()
    # A small one does not wait for large ones.
    assert (await uploads.receive("x", "", chunks(b"x"), 100)).size == 1
    monkeypatch.setattr(uploads, "PATIENCE", 9)
    comes = asyncio.create_task(uploads.receive("x", "", chunks(large), 10 * SMALL))
    await asyncio.sleep(0.02)
    assert not comes.done()
    await one.abort()
    await one.abort()
    assert (await comes).size == len(large)
    await two.close()
    assert uploads._places._value == 2


async def test_a_file_beyond_the_limit_is_not_taken(store: Place) -> None:
    with pytest.raises(FileTooLarge):
        await uploads.receive("x", "", chunks(b"x" * 60, b"x" * 60), 100)
    assert await there() == []
