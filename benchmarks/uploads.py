"""A large upload, measured: how fast, how much memory server and worker take, whether all comes back.

    python -m benchmarks.uploads [--size BYTES] [--pictures NUMBER]

Starts `lockstep serve` and `lockstep worker` with a data folder of their own. The file is made as it is sent,
so it is nowhere as a whole but in the store. Then pictures come, and the worker is killed among their jobs.
"""

import argparse
import asyncio
import hashlib
import io
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import jwt
from PIL import Image

from models import blobs, unfinished
from server.embedded_files import read_place

SECRET = "a secret of at least thirty-two bytes, for this run only"
MAIN = "from server.cli import main; main()"
FOLDERS = ("files", "thumbnails")
BOUNDARY = "----lockstep-upload"
CHUNK = 2**16
HEAD = (
    f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="files"; filename="film.mp4"\r\n'
    "Content-Type: video/mp4\r\n\r\n"
).encode()
TAIL = f"\r\n--{BOUNDARY}--\r\n".encode()
# The beginning of a film, so that its content says what it is.
FILM = b"\0\0\0\x18ftypisom\0\0\2\0isomiso2"


@dataclass
class Memory:
    """The most memory that processes had, in megabytes; sampled, since the peak of before is no news."""

    pids: dict[str, int]
    most: dict[str, float] = field(default_factory=dict)

    def sample(self) -> None:
        """Looks once."""
        for name, pid in self.pids.items():
            self.most[name] = max(self.most.get(name, 0), resident(pid))

    async def watch(self) -> None:
        """Looks ten times a second."""
        while True:
            self.sample()
            await asyncio.sleep(0.1)


def resident(pid: int) -> float:
    """The memory of a process in megabytes (of a million bytes)."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) * 1024 / 1e6
    return 0


@contextmanager
def started(arguments: list[str], environ: dict[str, str], log: Path) -> Iterator[int]:
    """A lockstep command, which is stopped at the end."""
    command = [sys.executable, "-c", MAIN, *arguments]
    with log.open("w") as output:
        process = subprocess.Popen(command, env={**os.environ, **environ}, stdout=output, stderr=output)
    try:
        yield process.pid
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(60)


class Worker:
    """A worker that may be killed and started again."""

    def __init__(self, environ: dict[str, str], log: Path) -> None:
        self.environ = environ
        self.log = log
        self.start()

    def start(self) -> None:
        """Begins."""
        command = [sys.executable, "-c", MAIN, "worker", "--port", "0"]
        with self.log.open("a") as output:
            self.process = subprocess.Popen(
                command, env={**os.environ, **self.environ}, stdout=output, stderr=output
            )

    def kill(self) -> None:
        """Ends it as a power cut would."""
        self.process.kill()
        self.process.wait()

    def stop(self) -> None:
        """Ends it in order."""
        self.process.terminate()
        self.process.wait(60)


def token() -> str:
    """What says who uploads."""
    return jwt.encode({"id": "bench", "email": "bench@example.com", "exp": 4102444800}, SECRET, "HS256")


async def content(size: int, digest: Any) -> AsyncIterator[bytes]:
    """A film of a size, made as it is sent."""
    block = os.urandom(CHUNK)
    sent = 0
    while sent < size:
        chunk = block if sent else FILM + block[len(FILM) :]
        chunk = chunk[: size - sent]
        digest.update(chunk)
        sent += len(chunk)
        yield chunk


async def body(size: int, digest: Any, cut: int | None = None) -> AsyncIterator[bytes]:
    """The form around it; raises ConnectionError where it is to be cut."""
    yield HEAD
    sent = 0
    async for chunk in content(size, digest):
        if cut is not None and sent >= cut:
            raise ConnectionError("cut on purpose")
        sent += len(chunk)
        yield chunk
    yield TAIL


async def run(address: str, size: int, memory: Memory) -> dict[str, Any]:
    """The figures of one upload, its download, and one that is cut."""
    headers = {
        "Host": "storage.test",
        "Authorization": f"Bearer {token()}",
        "Content-Type": f"multipart/form-data; boundary={BOUNDARY}",
    }
    said: dict[str, Any] = {
        "size": size,
        "before": {name: resident(pid) for name, pid in memory.pids.items()},
    }
    async with httpx.AsyncClient(base_url=address, headers=headers, timeout=600) as client:
        while (await client.post("/api/files/upload", content=small())).status_code != 201:
            await asyncio.sleep(0.2)
        digest = hashlib.sha256()
        watching = asyncio.create_task(memory.watch())
        begin = time.perf_counter()
        answer = await client.post("/api/files/upload", content=body(size, digest))
        said["upload_seconds"] = time.perf_counter() - begin
        assert answer.status_code == 201, answer.text
        file = answer.json()["data"]
        link = (await client.get(f"/api/files/{file['_id']}/download")).json()["data"]["downloadUrl"]
        begin = time.perf_counter()
        came = hashlib.sha256()
        async with httpx.AsyncClient(timeout=600) as other, other.stream("GET", link) as stream:
            async for chunk in stream.aiter_bytes():
                came.update(chunk)
        said["download_seconds"] = time.perf_counter() - begin
        said["equal"] = came.hexdigest() == digest.hexdigest()
        async with httpx.AsyncClient() as other:
            part = await other.get(link, headers={"Range": "bytes=4-11"})
        said["range"] = [part.status_code, part.content == FILM[4:12], part.headers.get("content-range")]
        said["cut"] = await cut(client, address, size)
        watching.cancel()
    said["most"] = memory.most
    return said


def small() -> bytes:
    """A form with a small file, by which one sees that the store has begun."""
    return HEAD + FILM + TAIL


async def cut(client: httpx.AsyncClient, address: str, size: int) -> dict[str, int]:
    """How many files there are more, after an upload that was cut in its middle."""
    before = (await client.get("/api/files")).json()["meta"]["total"]
    try:
        await client.post("/api/files/upload", content=body(size, hashlib.sha256(), cut=size // 2))
    except (ConnectionError, httpx.HTTPError):
        pass
    await asyncio.sleep(2)
    after = (await client.get("/api/files")).json()["meta"]["total"]
    return {"files_more": after - before}


def photograph() -> bytes:
    """A picture as a telephone takes it."""
    written = io.BytesIO()
    Image.effect_noise((2400, 1800), 40).convert("RGB").save(written, "JPEG", quality=85)
    return written.getvalue()


async def pictured(address: str, number: int, worker: Worker) -> dict[str, Any]:
    """How long until so many pictures have their thumbnails, with a worker that is killed meanwhile."""
    headers = {"Authorization": f"Bearer {token()}"}
    content = photograph()
    async with httpx.AsyncClient(base_url=address, headers=headers, timeout=600) as client:
        begin = time.perf_counter()
        for _ in range(0, number, 10):
            files = [("files", (f"{place}.jpg", content)) for place in range(10)]
            answer = await client.post("/api/files/upload", files=files, headers={"Host": "storage.test"})
            assert answer.status_code == 201, answer.text
        uploaded = time.perf_counter() - begin
        await asyncio.sleep(3)
        worker.kill()
        worker.start()
        while True:
            done = await thumbnails(client)
            if len(done) >= number and all(done.values()):
                break
            assert time.perf_counter() - begin < 500, "the jobs do not end"
            await asyncio.sleep(0.5)
        return {
            "pictures": number,
            "bytes_each": len(content),
            "upload_seconds": uploaded,
            "all_seconds": time.perf_counter() - begin,
            "thumbnails_each": sorted({len(each) for each in done.values()}),
        }


async def thumbnails(client: httpx.AsyncClient) -> dict[str, list[str]]:
    """The names of the thumbnails of every picture."""
    query = (
        "query ($after: String) { files(first: 100, after: $after) {"
        " pageInfo { hasNextPage endCursor } edges { node { id mediaType thumbnails { name } } } } }"
    )
    found: dict[str, list[str]] = {}
    after = None
    while True:
        answer = await client.post("/graphql", json={"query": query, "variables": {"after": after}})
        page = answer.json()["data"]["files"]
        for edge in page["edges"]:
            if edge["node"]["mediaType"] == "image/jpeg":
                found[edge["node"]["id"]] = [each["name"] for each in edge["node"]["thumbnails"]]
        after = page["pageInfo"]["endCursor"]
        if not page["pageInfo"]["hasNextPage"]:
            return found


async def left_behind(folder: Path) -> dict[str, int]:
    """Unfinished uploads and blobs without a file in the store of a data folder."""
    blobs.connect(read_place(folder / "s3"))
    place = blobs.connected().place
    listing = await unfinished.text(place.url(), {"uploads": ""})
    files, small = [[key async for some in blobs.listed(name) for key, _ in some] for name in FOLDERS]
    return {"unfinished": len(unfinished.told(listing)), "files": len(files), "thumbnails": len(small)}


def main() -> None:
    """Measures, and prints what came of it as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size", type=int, default=2**30)
    parser.add_argument("--pictures", type=int, default=200)
    parser.add_argument("--port", type=int, default=8472)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="lockstep-uploads-") as name:
        folder = Path(name)
        environ = {
            "LOCKSTEP_DATA": str(folder / "data"),
            "LOCKSTEP_FILE_QUOTA_BYTES": str(4 * chosen.size),
            "LOCKSTEP_MAX_FILE_BYTES": str(2 * chosen.size),
            "PORT": str(chosen.port),
            "JWT_SECRET": SECRET,
            "JWT_SECRET_KEY": SECRET,
            "STORAGE_UPLOAD_LIMIT": "100000",
            "STORAGE_RATE_LIMIT": "100000",
        }
        address = f"http://127.0.0.1:{chosen.port}"
        with started(["serve"], environ, folder / "serve.log") as server:
            wait(address, folder / "serve.log")
            worker = Worker(environ, folder / "worker.log")
            try:
                time.sleep(5)
                memory = Memory({"server": server, "worker": worker.process.pid})
                said = asyncio.run(run(address, chosen.size, memory))
                said["pictures"] = asyncio.run(pictured(address, chosen.pictures, worker))
                said["left_behind"] = asyncio.run(left_behind(folder / "data"))
            finally:
                worker.stop()
    print(json.dumps(said, indent=1))


def wait(address: str, log: Path) -> None:
    """Returns when the server answers."""
    for _ in range(300):
        try:
            httpx.get(f"{address}/health/live")
            return
        except httpx.TransportError:
            time.sleep(0.1)
    raise SystemExit(log.read_text())


if __name__ == "__main__":
    main()
