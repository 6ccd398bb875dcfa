"""The file of a backup: a packed tar whose last member tells what every other one must be.

`lockstep-backup.json` says whose it is; `collections/<name>/metadata.json` has options and indexes, and
`collections/<name>/000001.bson` the documents, one after the other; `blobs/<key>/000001` are parts of stored
files; `manifest.json` has a checksum of each collection and one of all files, and sizes and SHA-256 of the
members that are no parts of files: there may be millions of those.
"""

import gzip
import io
import json
import os
import tarfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import IO, Any, NamedTuple
from urllib.parse import quote, unquote

from models.checksums import Checksum

Progress = Callable[[str, int, int], None]

HEAD, MANIFEST = "lockstep-backup.json", "manifest.json"
COLLECTIONS, BLOBS, METADATA = "collections", "blobs", "metadata.json"
FORMAT = 1
# Documents are packed in parts of about this many bytes, each of which is held in memory once.
PART = 8_000_000
# Little is won above it, and it takes half of the time.
LEVEL = 4
# No part is larger than this, whatever a file claims: a document has 16 MB at most.
LARGEST = 64_000_000


class Damaged(Exception):
    """An archive that is not what it was when it was written; the message says where it shows."""


class NotEqual(Exception):
    """What came back and is not what the archive says; the message names it."""


class Part(NamedTuple):
    """A member of an archive: what it belongs to, and its content."""

    kind: str
    name: str
    piece: str
    content: bytes


@dataclass
class Manifest:
    """What an archive must hold."""

    database: str = ""
    at: str = ""
    members: dict[str, list[Any]] = field(default_factory=dict)
    collections: dict[str, Checksum] = field(default_factory=dict)
    blobs: Checksum = Checksum()


class Archive:
    """An archive that is being written."""

    def __init__(self, tar: tarfile.TarFile, manifest: Manifest) -> None:
        self.tar = tar
        self.manifest = manifest
        self.add(HEAD, as_bytes({"format": FORMAT, "database": manifest.database, "at": manifest.at}))

    def put(self, kind: str, name: str, piece: str, content: bytes) -> None:
        """Adds a piece of something."""
        member = member_of(kind, name, piece)
        if kind == BLOBS:
            self._write(member, content)
        else:
            self.add(member, content)

    def add(self, member: str, content: bytes) -> None:
        """Adds a member, and notes what it must be."""
        self._write(member, content)
        self.manifest.members[member] = [len(content), sha256(content).hexdigest()]

    def finish(self) -> None:
        """Adds the manifest."""
        told = {
            "format": FORMAT,
            "database": self.manifest.database,
            "at": self.manifest.at,
            "collections": {name: each.as_json() for name, each in self.manifest.collections.items()},
            "blobs": self.manifest.blobs.as_json(),
            "members": self.manifest.members,
        }
        self._write(MANIFEST, as_bytes(told))

    def _write(self, member: str, content: bytes) -> None:
        info = tarfile.TarInfo(member)
        info.size, info.mode = len(content), 0o600
        self.tar.addfile(info, io.BytesIO(content))
        # It keeps a list of what it has written, which nobody asks for.
        self.tar.members.clear()  # type: ignore[attr-defined]  # not in typeshed


@contextmanager
def written(path: Path, manifest: Manifest) -> Iterator[Archive]:
    """An archive that is there once the block has ended, and only then; nobody but its owner may read it."""
    partial = path.with_name(f"{path.name}.partial")
    descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            with gzip.GzipFile("", "wb", LEVEL, file, mtime=0) as packed:
                with tarfile.open(fileobj=packed, mode="w|") as tar:
                    archive = Archive(tar, manifest)
                    yield archive
                    archive.finish()
            file.flush()
            os.fsync(file.fileno())
        partial.replace(path)
    except BaseException:
        partial.unlink(missing_ok=True)
        raise


def parts(path: Path, progress: Progress | None = None) -> Iterator[Part]:
    """The members of an archive in their order, the last one the manifest; raises Damaged."""
    try:
        size = path.stat().st_size
        with (
            path.open("rb") as file,
            gzip.open(file, "rb") as packed,
            tarfile.open(fileobj=packed, mode="r|") as tar,
        ):
            for info in tar:
                yield part(path, info, tar.extractfile(info))
                tar.members.clear()  # type: ignore[attr-defined]  # not in typeshed
                if progress:
                    progress("bytes of the file", file.tell(), size)
            # Whatever stands behind the last member has a checksum too.
            while packed.read(1_000_000):
                pass
    except (EOFError, OSError, zlib.error, tarfile.TarError) as error:
        raise Damaged(f"{path} cannot be read to its end: {error}.") from error


def of_kind(path: Path, kind: str) -> Iterator[Part]:
    """The parts of one kind."""
    return (part for part in parts(path) if part.kind == kind)


def part(path: Path, info: tarfile.TarInfo, content: IO[bytes] | None) -> Part:
    """A member with its content; raises Damaged."""
    names = info.name.split("/")
    known = info.name in (HEAD, MANIFEST) or (
        len(names) == 3 and all(names) and names[0] in (COLLECTIONS, BLOBS)
    )
    if content is None or info.size > LARGEST or not known:
        raise Damaged(f"{path}: {info.name} is no part of a backup.")
    if len(names) == 1:
        return Part(info.name, "", "", content.read())
    return Part(names[0], unquote(names[1]), names[2], content.read())


def member_of(kind: str, name: str, piece: str) -> str:
    """The name of a member."""
    return f"{kind}/{quote(name, safe='')}/{piece}" if name else kind


def file_digest(key: str, size: int, content: str) -> bytes:
    """What a stored file adds to a checksum of files: its key, its size, and the SHA-256 of its content."""
    return sha256(f"{size} {content} {key}".encode()).digest()


class Found:
    """What an archive holds, as far as it was read."""

    def __init__(self, path: Path, head: Part) -> None:
        if head.kind != HEAD:
            raise Damaged(f"{path} is no backup: it does not begin like one.")
        self.path = path
        form = from_bytes(path, head.content).get("format")
        if form != FORMAT:
            raise Damaged(f"{path} has the format {form!r}, and this program reads {FORMAT}.")
        self.members: dict[str, list[Any]] = {}
        self.blobs = Checksum()
        self.note(head)
        self._key, self._size, self._content = "", 0, sha256()

    def take(self, part: Part) -> None:
        """Adds a member to what was found; raises Damaged."""
        if part.kind == BLOBS:
            self._more(part)
        else:
            self.note(part)

    def note(self, part: Part) -> None:
        """Notes what a member is."""
        name = member_of(part.kind, part.name, part.piece)
        if name in self.members:
            raise Damaged(f"{self.path}: {name} is there twice.")
        self.members[name] = [len(part.content), sha256(part.content).hexdigest()]

    def compare(self, manifest: Manifest) -> None:
        """Raises Damaged unless this is what the manifest says."""
        self._end()
        for name in sorted(self.members.keys() | manifest.members.keys()):
            if self.members.get(name) != manifest.members.get(name):
                raise Damaged(f"{self.path}: {name} is not what it was when it was written.")
        described = {member_of(COLLECTIONS, name, METADATA) for name in manifest.collections}
        if described != {name for name in self.members if name.endswith(f"/{METADATA}")}:
            raise Damaged(f"{self.path}: the manifest names other collections than there are.")
        if self.blobs != manifest.blobs:
            raise Damaged(f"{self.path}: the contents of files are not what they were when it was written.")

    def _more(self, part: Part) -> None:
        if part.name != self._key:
            self._end()
            self._key, self._size, self._content = part.name, 0, sha256()
        self._size += len(part.content)
        self._content.update(part.content)

    def _end(self) -> None:
        if self._key:
            digest = file_digest(self._key, self._size, self._content.hexdigest())
            self.blobs = self.blobs.plus(Checksum.over([digest]))


def verified(path: Path, progress: Progress | None = None) -> Manifest:
    """The manifest of an archive of which every byte is what it was; raises Damaged."""
    found: Found | None = None
    last: Part | None = None
    for each in parts(path, progress):
        if last is not None:
            raise Damaged(f"{path}: something stands behind the manifest.")
        if found is None:
            found = Found(path, each)
        elif each.kind == MANIFEST:
            last = each
        else:
            found.take(each)
    if found is None or last is None:
        raise Damaged(f"{path} has no manifest: it was not written to its end.")
    manifest = manifest_of(path, last.content)
    found.compare(manifest)
    return manifest


def manifest_of(path: Path, content: bytes) -> Manifest:
    """A manifest as it was written; raises Damaged."""
    told = from_bytes(path, content)
    try:
        blobs = told["blobs"]
        return Manifest(
            str(told["database"]),
            str(told["at"]),
            dict(told["members"]),
            {name: Checksum.of_json(each) for name, each in told["collections"].items()},
            Checksum(blobs) if isinstance(blobs, int) else Checksum.of_json(blobs),
        )
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise Damaged(f"{path}: the manifest is not one of a backup.") from error


def as_bytes(value: Any) -> bytes:
    """A value as JSON."""
    return json.dumps(value, ensure_ascii=False, indent=1).encode()


def from_bytes(path: Path, content: bytes) -> dict[str, Any]:
    """An object of JSON; raises Damaged."""
    try:
        value = json.loads(content)
    except ValueError as error:
        raise Damaged(f"{path} is no backup: what should describe it is no JSON: {error}.") from error
    if not isinstance(value, dict):
        raise Damaged(f"{path} is no backup: what should describe it is none.")
    return value
