"""Files through both doors of the real server: kept or refused as a whole, and cuts leave nothing."""

import asyncio
import hashlib
import json
import os
from collections.abc import AsyncIterator
from typing import Any

import httpx
import jwt
import pytest
from pymongo.asynchronous.database import AsyncDatabase

from models.blobs import Place
from models.stored_files import StoredFile
from server.embedded import Services
from tests.models.filed import keys, picture
from tests.models.test_blobs import begun
from tests.serving import JWT_SECRET_KEY, SECRET_KEY, served, settings_for

OLD = "the secret of the old storage server, long enough"
KEEP = "mutation ($f: Upload!) { keepFile(file: $f) { name size mediaType sha256 category } }"
MEGABYTE = os.urandom(2**20)
Database = AsyncDatabase[dict[str, Any]]


def bearer(account: str = "u1", **claims: Any) -> dict[str, str]:
    said = {"id": account, "email": f"{account}@example.com", "exp": 4102444800, **claims}
    return {"Authorization": f"Bearer {jwt.encode(said, OLD, 'HS256')}"}


@pytest.fixture
async def api(services: Services, database: Database, store: Place) -> AsyncIterator[httpx.AsyncClient]:
    """A client of a server with files, as the old storage service's."""
    environ = {"SECRET_KEY": SECRET_KEY, "JWT_SECRET_KEY": JWT_SECRET_KEY, "JWT_SECRET": OLD}
    environ |= {"STORAGE_RATE_LIMIT": "10000", "STORAGE_UPLOAD_LIMIT": "10000"}
    limits = {"max_file_bytes": 12 * 2**20, "file_quota_bytes": 40 * 2**20}
    settings = settings_for(services, database.name, files=store, environ=environ, **limits)
    async with served(settings) as address, httpx.AsyncClient(base_url=address, timeout=30) as client:
        yield client


async def upload(api: httpx.AsyncClient, *files: Any, path: str = "/api/files/upload", **fields: str) -> Any:
    """What the old door answers to some files."""
    headers = {"Host": "storage.test", **bearer()}
    parts = [("files", file) for file in files]
    return await api.post(path, files=parts or None, data=fields, headers=headers)


async def graph(
    api: httpx.AsyncClient, *files: Any, query: str = KEEP, variables: Any = None, **more: Any
) -> Any:
    """What the graph answers to a request that brings files."""
    places = more.pop("places", {"0": ["variables.f"]})
    parts = {
        "operations": (None, json.dumps({"query": query, "variables": variables or {"f": None}})),
        "map": (None, json.dumps(places)),
        **{str(number): file for number, file in enumerate(files)},
    }
    return await api.post("/graphql", files=parts, headers=more.pop("headers", bearer()))


async def test_an_upload_answers_the_documented_shape(api: httpx.AsyncClient) -> None:
    answer = await upload(
        api, ("will.pdf", b"%PDF-1.7 x"), category="document", tags="a, b,,a", description=" x "
    )
    assert answer.status_code == 201
    said = answer.json()
    file = said["data"]
    assert (said["success"], said["meta"]) == (True, {"totalFiles": 1, "totalSize": 10})
    assert {
        name: file[name] for name in ("userId", "originalName", "mimeType", "size", "category", "tags")
    } == {
        "userId": "u1",
        "originalName": "will.pdf",
        "mimeType": "application/pdf",
        "size": 10,
        "category": "document",
        "tags": ["a", "b"],
    }
    assert (file["description"], file["formattedSize"], file["fileType"]) == ("x", "10 Bytes", "document")
    headers = {"Host": "storage.test", **bearer()}
    found = (await api.get(f"/api/files/{file['_id']}", headers=headers)).json()["data"]
    assert found == file
    several = (await upload(api, ("a.txt", b"a"), ("b.csv", b"b", "text/csv"))).json()
    assert [(each["mimeType"], each["category"]) for each in several["data"]] == [
        ("text/plain", "other"),
        ("text/csv", "other"),
    ]
    assert several["meta"] == {"totalFiles": 2, "totalSize": 2}


async def test_both_doors_keep_a_large_file_and_hand_it_out(api: httpx.AsyncClient) -> None:
    content = b"\0\0\0\x18ftypisom" + MEGABYTE * 7
    digest = hashlib.sha256(content).hexdigest()
    old = (await upload(api, ("film.mp4", content))).json()["data"]
    new = (await graph(api, ("film.mp4", content))).json()["data"]["keepFile"]
    assert new == {
        "name": "film.mp4",
        "size": len(content),
        "mediaType": "video/mp4",
        "sha256": digest,
        "category": "VIDEO",
    }
    headers = {"Host": "storage.test", **bearer()}
    said = (await api.get(f"/api/files/{old['_id']}/download", headers=headers)).json()["data"]
    async with httpx.AsyncClient() as client:
        assert (await client.get(said["downloadUrl"])).content == content
        part = await client.get(said["downloadUrl"], headers={"Range": "bytes=4-11"})
    assert (part.status_code, part.content) == (206, b"ftypisom")


async def test_media_tell_what_became_of_each(api: httpx.AsyncClient) -> None:
    files = [("a.jpg", picture(20, 20)), ("x.svg", b"<svg onload=alert(1)>"), ("b.mp3", b"ID3\4\0")]
    said = (await upload(api, *files, path="/api/media/upload")).json()
    assert said["message"] == "Media upload completed"
    kept = said["files"]
    assert [each.get("category") for each in kept] == ["photo", None, "audio"]
    assert kept[1] == {"filename": "x.svg", "error": "Upload failed", "status": "error"}
    assert len(await keys()) == 2
    headers = {"Host": "storage.test", **bearer()}
    gallery = (await api.get("/api/media/gallery", headers=headers)).json()
    assert [each["originalName"] for each in gallery["files"]] == ["a.jpg"]


async def test_what_is_refused_leaves_nothing(api: httpx.AsyncClient, store: Place) -> None:
    wrong = {"status": "error", "message": "Something went wrong!"}
    large = b"%PDF-" + MEGABYTE * 12
    trials: list[tuple[Any, int, Any]] = [
        (upload(api), 400, {"error": "No files provided"}),
        (upload(api, ("x.png", b"<svg onload=x>", "image/png")), 500, wrong),
        (upload(api, ("a.txt", b"a"), ("bomb.zip", b"PK\3\4" + b"x" * 100, "application/pdf")), 500, wrong),
        (upload(api, ("a.pdf", large)), 500, wrong),
        (upload(api, *[("a.txt", b"a")] * 11), 500, wrong),
    ]
    for trial, status, body in trials:
        answer = await trial
        assert (answer.status_code, answer.json()) == (status, body)
    invalid = await upload(
        api, ("a.pdf", b"%PDF-" + MEGABYTE * 6), category="zip", generateThumbnails="maybe"
    )
    assert invalid.status_code == 400
    assert [entry["path"] for entry in invalid.json()["details"]] == ["category", "generateThumbnails"]
    headers = {"Host": "storage.test", **bearer()}
    other = await api.post("/api/files/upload", files=[("other", ("a.txt", b"a"))], headers=headers)
    assert (other.status_code, other.json()) == (500, wrong)
    assert (await keys(), await begun(store), await StoredFile.count()) == (set(), 0, 0)


async def test_what_cannot_be_kept_is_said_to_who_sent_it(api: httpx.AsyncClient) -> None:
    reason = "there are more than 100, or one is longer than 200 characters"
    many = await upload(api, ("a.txt", b"a"), tags=",".join(map(str, range(101))))
    said = {"error": "Validation failed", "message": f"The value of tags cannot be used: {reason}."}
    assert (many.status_code, many.json()) == (400, said)
    assert (await keys(), await StoredFile.count()) == (set(), 0)
    headers = {"Host": "storage.test", **bearer()}
    nothing = "it holds a NUL character"
    listed = await api.get("/api/files", params={"tags": "a,\0"}, headers=headers)
    said = {"error": "Validation failed", "message": f"The value of tags cannot be used: {nothing}."}
    assert (listed.status_code, listed.json()) == (400, said)
    file = (await upload(api, ("a.txt", b"a"))).json()["data"]["_id"]
    for verb in ("associate-event", "disassociate-event"):
        path = f"/api/files/{file}/{verb}"
        answer = await api.put(path, json={"eventId": "\0"}, headers=headers)
        said = {"message": f"The value of event cannot be used: {nothing}."}
        assert (answer.status_code, answer.json()) == (400, said)


async def test_the_quota_is_told(api: httpx.AsyncClient) -> None:
    content = b"%PDF-" + MEGABYTE * 11
    for _ in range(3):
        assert (await upload(api, ("a.pdf", content))).status_code == 201
    full = await upload(api, ("a.pdf", content))
    assert (full.status_code, full.json()["error"]) == (413, "Storage quota exceeded")
    said = (await graph(api, ("a.pdf", content))).json()["errors"][0]["extensions"]
    assert said == {"code": "QUOTA_EXCEEDED", "details": {"limit": 40 * 2**20, "used": 3 * len(content)}}
    assert len(await keys()) == 3


async def cut(address: str, head: bytes, content: bytes) -> None:
    """Sends the beginning of a request, and goes away."""
    url = httpx.URL(address)
    reader, writer = await asyncio.open_connection(url.host, url.port)
    writer.write(head + content)
    await writer.drain()
    await asyncio.sleep(0.5)
    writer.close()


@pytest.mark.parametrize("size", [1, 8])
@pytest.mark.parametrize("door", ["storage", "graph"])
async def test_a_cut_upload_leaves_nothing(
    api: httpx.AsyncClient, store: Place, size: int, door: str
) -> None:
    path, host, fields = "/api/files/upload", "storage.test", b""
    name = "files"
    if door == "graph":
        path, host, name = "/graphql", "house.test", "0"
        for field, text in (
            ("operations", json.dumps({"query": KEEP, "variables": {"f": None}})),
            ("map", '{"0": ["variables.f"]}'),
        ):
            fields += f'--x\r\nContent-Disposition: form-data; name="{field}"\r\n\r\n{text}\r\n'.encode()
    part = f'--x\r\nContent-Disposition: form-data; name="{name}"; filename="a.pdf"\r\n\r\n%PDF-'.encode()
    head = (
        f"POST {path} HTTP/1.1\r\nHost: {host}\r\nAuthorization: {bearer()['Authorization']}\r\n"
        f"Content-Type: multipart/form-data; boundary=x\r\nContent-Length: {10**8}\r\n\r\n"
    )
    await cut(str(api.base_url), head.encode() + fields + part, MEGABYTE * size)
    for _ in range(100):
        if not await begun(store):
            break
        await asyncio.sleep(0.05)
    assert (await keys(), await begun(store), await StoredFile.count()) == (set(), 0, 0)


async def test_the_graph_takes_files_by_the_specification(api: httpx.AsyncClient) -> None:
    query = """mutation ($files: [Upload!]!, $about: FileAbout) {
      keepFiles(files: $files, about: $about) { ... on FilesKept { files { name tags privacy } totalSize } }
    }"""
    answer = await graph(
        api,
        ("../a.txt", b"one"),
        ("b\r\n.txt", b"two"),
        query=query,
        variables={"files": [None, None], "about": {"tags": ["x"], "privacy": "FAMILY"}},
        places={"0": ["variables.files.0"], "1": ["variables.files.1"]},
    )
    assert answer.json()["data"]["keepFiles"]["totalSize"] == 6
    first, second = answer.json()["data"]["keepFiles"]["files"]
    assert first == {"name": "a.txt", "tags": ["x"], "privacy": "FAMILY"}
    assert "\r" not in second["name"]
    assert answer.headers["x-content-type-options"] == "nosniff"


async def test_a_file_that_stands_in_two_places_is_taken_once(api: httpx.AsyncClient) -> None:
    file, both = ("a.txt", b"x"), {"0": ["variables.f.0", "variables.f.1"]}
    many = "mutation ($f: [Upload!]!) { keepFiles(files: $f) { __typename } }"
    media = "mutation ($f: [Upload!]!) { keepMedia(files: $f) { ... on MediaRefused { code } } }"
    twice = "mutation ($f: Upload!) { keepFile(file: $f) { id } again: keepFile(file: $f) { id } }"
    answer = await graph(api, file, query=many, variables={"f": [None, None]}, places=both)
    assert answer.json()["errors"][0]["extensions"]["code"] == "UNFIT"
    assert (await StoredFile.count(), await keys()) == (0, set())
    answer = await graph(api, file, query=media, variables={"f": [None, None]}, places=both)
    assert answer.json()["data"]["keepMedia"] == [{}, {"code": "UNFIT"}]
    answer = await graph(api, file, query=twice)
    assert [error["path"] for error in answer.json()["errors"]] == [["again"]]
    assert len(await keys()) == await StoredFile.count() == 2


async def test_a_form_that_is_no_such_request_is_refused_in_a_sentence(api: httpx.AsyncClient) -> None:
    file = ("a.txt", b"x")
    for trial, message in [
        (graph(api, file, places={"0": ["query"]}), "The map says no place for '0'"),
        (graph(api, file, places={"0": []}), "The map says no place for '0'"),
        (graph(api, file, places={"0": ["variables.g"]}), "There is no place variables.g."),
        (graph(api, file, places={"0": ["variables.f.0"]}), "There is no place variables.f.0."),
        (graph(api, places={"0": ["variables.f"]}), "The map names a file '0', and no part has it."),
        (graph(api, file, file, places={"0": ["variables.f"]}), "The map does not name the file '1'"),
        (graph(api, file, variables={"f": "x"}), "At variables.f there is no null"),
        (graph(api, file, query=""), "There is no query or mutation to run."),
    ]:
        answer = await trial
        said = answer.json()["errors"][0]
        assert (answer.status_code, said["extensions"]["code"]) == (400, "INVALID"), message
        assert message in said["message"]
    for member, value in (("query", 5), ("variables", []), ("operationName", ["a"]), ("extensions", 3)):
        asked = {"operations": (None, json.dumps({"query": "{ __typename }", member: value}))}
        answer = await api.post("/graphql", files={**asked, "map": (None, "{}")}, headers=bearer())
        assert answer.status_code == 400
        assert answer.json()["errors"][0]["message"].startswith(f"`{member}` is a")
    parts: Any = {"0": ("a.txt", b"x"), "operations": (None, "{}"), "map": (None, "{}")}
    early = await api.post("/graphql", files=parts, headers=bearer())
    assert "Files come after" in early.json()["errors"][0]["message"]
    nothing = await api.post("/graphql", files={"operations": (None, "[" * 100)}, headers=bearer())
    assert nothing.status_code == 400
    assert (await keys(), await StoredFile.count()) == (set(), 0)


async def test_a_file_is_only_a_part_of_a_request(api: httpx.AsyncClient) -> None:
    for value in ("x", {"key": "files/x"}, None):
        asked = {"query": KEEP, "variables": {"f": value}}
        answer = await api.post("/graphql", json=asked, headers=bearer())
        assert answer.json()["errors"][0]["extensions"]["code"] == "INVALID"


async def test_nobody_s_files_are_not_looked_at(api: httpx.AsyncClient) -> None:
    file = ("a.txt", b"x")
    for headers in ({}, {"Authorization": "Bearer x"}, {"Cookie": "session=x"}):
        answer = await graph(api, file, headers=headers)
        assert (answer.status_code, answer.json()["errors"][0]["extensions"]["code"]) == (
            401,
            "NOT_SIGNED_IN",
        )
    old = await api.post("/api/files/upload", files=[("files", file)], headers={"Host": "storage.test"})
    assert (old.status_code, old.json()["message"]) == (401, "Access token required")
    assert await keys() == set()


async def test_a_verb_that_takes_no_file_leaves_none(api: httpx.AsyncClient) -> None:
    answer = await graph(
        api, ("a.pdf", b"%PDF-" + MEGABYTE * 2), query="mutation ($f: Upload) { __typename }"
    )
    assert answer.status_code == 200
    assert await keys() == set()
