"""Archives that are packed anew with other contents, as somebody might who has changed one."""

import io
import json
import tarfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

Member = tuple[str, bytes]


def members(path: Path) -> list[Member]:
    """The members of an archive."""
    with tarfile.open(path, "r:gz") as old:
        return [(info.name, file.read()) for info in old if (file := old.extractfile(info))]


def pack(path: Path, contents: list[Member]) -> None:
    """Makes a packed tar of some members."""
    with tarfile.open(path, "w:gz") as new:
        for name, content in contents:
            info = tarfile.TarInfo(name)
            info.size = len(content)
            new.addfile(info, io.BytesIO(content))


def rewritten(path: Path, change: Callable[[str, bytes], list[Member]]) -> None:
    """Packs an archive anew, with other members in the place of each."""
    pack(path, [each for name, content in members(path) for each in change(name, content)])


def told_anew(path: Path, change: Callable[[dict[str, Any]], Any]) -> None:
    """Packs an archive anew, with another manifest."""

    def changed(name: str, content: bytes) -> list[Member]:
        if name != "manifest.json":
            return [(name, content)]
        told = json.loads(content)
        return [(name, json.dumps(change(told) or told).encode())]

    rewritten(path, changed)
