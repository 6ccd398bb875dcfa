"""GEDCOM for the stories about it: files of this project, taken into trees and written again."""

from pathlib import Path

from bson import ObjectId

from models import gedcom, trees
from models.gedcom import GedcomVersion
from models.gedcom.taking import Order, Taken, take
from models.trees import StoredTree
from tests.models.family import ADA, NOW, tree_of

FILES = Path(__file__).parents[1] / "gedcom"
HEAD = "0 HEAD\n1 GEDC\n2 VERS 5.5.1\n1 CHAR UTF-8\n"


async def nobody_asks(line: int, done: int, total: int) -> None:
    """Progress that nobody looks at."""


async def taken(content: bytes | str, folder: Path, after: int = 0) -> tuple[StoredTree, Taken]:
    """A new tree with what a file holds."""
    tree = await tree_of()
    path = folder / "file.ged"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    order = Order(ObjectId(), path, tree["_id"], ADA, NOW)
    return tree, await take(order, nobody_asks, after)


async def lines(tree: StoredTree, version: GedcomVersion = GedcomVersion.V5_5_1) -> list[str]:
    """The lines of a tree."""
    stored = await trees.find(tree["_id"])
    assert stored is not None
    return (await gedcom.export(stored, version)).splitlines()


def told(found: Taken) -> list[tuple[int, str]]:
    """The problems of a file by line."""
    return [(line, message) for line, message in found.outline.problems.told]


def record(lines: list[str], first: str) -> list[str]:
    """The lines of the record that begins so."""
    start = lines.index(first)
    end = next((at for at in range(start + 1, len(lines)) if lines[at].startswith("0 ")), len(lines))
    return lines[start:end]
