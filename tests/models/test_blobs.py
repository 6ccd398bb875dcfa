"""Contents of files in a real S3: whole or not at all, as streams, and by signed addresses for a while."""

import asyncio
import hashlib
import os
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from models import blobs, unfinished
from models.blobs import Place
from models.file_errors import FileTooLarge, StorageAway

PIECE = os.urandom(65_536)
LARGE = 120  # pieces, so that a blob has a second part


async def pieces(number: int, *, cut: bool = False) -> AsyncIterator[bytes]:
    """So many pieces, and then an end or none."""
    for _ in range(number):
        yield PIECE
    if cut:
        raise ConnectionError("cut")


async def there() -> list[str]:
    """The keys of all blobs."""
    return [key async for some in blobs.listed("") for key, _ in some]


async def begun(place: Place) -> int:
    """How many blobs were begun in parts and never ended."""
    return len(unfinished.told(await unfinished.text(place.url(), {"uploads": ""})))


async def read(key: str, start: int = 0, end: int | None = None) -> bytes:
    return b"".join([chunk async for chunk in blobs.read(key, start, end)])


@pytest.mark.parametrize("number", [0, 1, LARGE])
async def test_a_blob_comes_back_as_it_was(store: Place, number: int) -> None:
    whole = PIECE * number
    stored = await blobs.put("files/x", pieces(number), limit=10**9)
    assert stored == blobs.Stored(len(whole), hashlib.sha256(whole).hexdigest())
    assert await read("files/x") == whole
    assert await there() == ["files/x"]


async def test_a_part_of_a_blob_is_read(store: Place) -> None:
    await blobs.put("files/x", pieces(2), limit=10**9)
    assert await read("files/x", 65_530, 65_540) == PIECE[-6:] + PIECE[:4]
    assert await read("files/x", 2 * 65_536 - 3) == PIECE[-3:]


@pytest.mark.parametrize("number", [1, LARGE])
async def test_what_is_cut_leaves_nothing_behind(store: Place, number: int) -> None:
    with pytest.raises(ConnectionError):
        await blobs.put("files/x", pieces(number, cut=True), limit=10**9)
    assert (await there(), await begun(store)) == ([], 0)


async def test_what_is_cancelled_leaves_nothing_behind(store: Place) -> None:
    async def endless() -> AsyncIterator[bytes]:
        while True:
            yield PIECE
            await asyncio.sleep(0.001)

    writing = asyncio.create_task(blobs.put("files/x", endless(), limit=10**9))
    while not await begun(store):
        await asyncio.sleep(0.05)
    writing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await writing
    assert (await there(), await begun(store)) == ([], 0)


async def test_a_blob_beyond_its_limit_leaves_nothing_behind(store: Place) -> None:
    with pytest.raises(FileTooLarge) as refused:
        await blobs.put("files/x", pieces(LARGE), limit=LARGE * 65_536 - 1, name="x.mp4")
    assert refused.value.details == {"name": "x.mp4", "limit": LARGE * 65_536 - 1}
    assert (await there(), await begun(store)) == ([], 0)
    await blobs.put("files/x", pieces(LARGE), limit=LARGE * 65_536)


async def test_what_a_killed_process_began_is_aborted_after_a_while(store: Place) -> None:
    async with httpx.AsyncClient() as client:
        signer = store.signer
        for key in ("files/x", "files of others/x"):
            url = signer.address("POST", store.url(key), 60, datetime.now(UTC), {"uploads": ""})
            assert (await client.post(url)).status_code == 200
    later = datetime.now(UTC) + timedelta(hours=1)
    assert await unfinished.abort("files", datetime.now(UTC) - timedelta(hours=1)) == 0
    assert await begun(store) == 2
    assert await unfinished.abort("files", later) == 1
    # What others have begun in the same bucket is theirs.
    assert await begun(store) == 1
    assert await unfinished.abort("files of others", later) == 1
    assert await begun(store) == 0


async def test_what_is_not_there_is_deleted_already(store: Place) -> None:
    await blobs.put("files/x", pieces(1), limit=10**9)
    await blobs.delete(["files/x", "files/y"])
    assert await there() == []
    with pytest.raises(FileNotFoundError):
        await read("files/x")


async def test_a_signed_address_hands_out_a_file_and_parts_of_it(store: Place) -> None:
    await blobs.put("files/x", pieces(1), limit=10**9)
    url = blobs.signed("files/x", 60, 'naïve "will".pdf', "application/pdf")
    async with httpx.AsyncClient() as client:
        whole = await client.get(url)
        part = await client.get(url, headers={"Range": "bytes=10-19"})
        beyond = await client.get(url, headers={"Range": "bytes=65536-"})
    assert (whole.status_code, whole.content) == (200, PIECE)
    assert whole.headers["content-type"] == "application/pdf"
    assert whole.headers["content-disposition"] == (
        "attachment; filename=\"na_ve _will_.pdf\"; filename*=UTF-8''na%C3%AFve%20%22will%22.pdf"
    )
    assert (part.status_code, part.content) == (206, PIECE[10:20])
    assert part.headers["content-range"] == "bytes 10-19/65536"
    assert beyond.status_code == 416


@pytest.mark.parametrize("key", ["users/a b#1?x=y.jpg", "users/ü%20.jpg", "users/a+b&c.jpg"])
async def test_keys_of_old_servers_may_hold_anything(store: Place, key: str) -> None:
    await blobs.put(key, pieces(1), limit=10**9)
    async with httpx.AsyncClient() as client:
        answer = await client.get(blobs.signed(key, 60, "x"))
    assert (answer.status_code, answer.content) == (200, PIECE)


async def test_a_wrong_or_expired_address_hands_out_nothing(store: Place) -> None:
    await blobs.put("files/x", pieces(1), limit=10**9)
    good = blobs.signed("files/x", 60, "x", "text/plain")
    expired = blobs.signed("files/x", 60, "x", now=datetime.now(UTC) - timedelta(minutes=2))
    other = good.replace("/files/x?", "/files/y?")
    forged = f"{good[:-4]}{'0000' if not good.endswith('0000') else '1111'}"
    renamed = good.replace("filename%3D%22x%22", "filename%3D%22z%22")
    longer = good.replace("Expires=60", "Expires=6000")
    async with httpx.AsyncClient() as client:
        for url in (expired, other, forged, renamed, longer, good.partition("?")[0]):
            assert (await client.get(url)).status_code == 403, url
        assert (await client.put(good, content=b"x")).status_code == 403
        assert (await client.get(good)).status_code == 200


async def test_a_bucket_is_made_where_it_is_to_be(store: Place) -> None:
    name = f"elsewhere-{os.getpid()}"
    blobs.connect(replace(store, bucket=name, region="eu-central-1"))
    for _ in range(2):
        await blobs.make_bucket()
    await blobs.put("files/x", pieces(1), limit=10**9)
    assert await there() == ["files/x"]
    assert blobs.located("us-east-1") is None
    assert b"<LocationConstraint>eu-central-1</LocationConstraint>" in (blobs.located("eu-central-1") or b"")


async def test_keys_that_do_not_lead_to_the_bucket_are_no_store(store: Place) -> None:
    blobs.connect(replace(store, secret_key="another secret"))
    with pytest.raises(StorageAway):
        await blobs.make_bucket()


async def test_without_a_store_the_domain_says_so(place: Place) -> None:
    blobs.connect(None)
    with pytest.raises(StorageAway):
        await blobs.put("x", pieces(1), limit=10**9)
    wrong = Place(place.bucket, place.access_key, "another secret", endpoint=place.endpoint)
    nobody = Place("x", "x", "x", endpoint="http://127.0.0.1:9")
    for each in (wrong, nobody):
        blobs.connect(each)
        with pytest.raises(StorageAway):
            await blobs.put("x", pieces(1), limit=10**9)
        with pytest.raises(StorageAway):
            await read("x")
    blobs.connect(None)
