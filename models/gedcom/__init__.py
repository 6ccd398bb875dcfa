"""GEDCOM: a tree as text that other programs read and write."""

import asyncio
from collections.abc import Callable
from io import StringIO

from models.errors import Unfit
from models.gedcom.exporting import exported
from models.gedcom.gathering import Gathered, entries, gathered, veiled
from models.gedcom.versions import GedcomVersion
from models.people import StoredPerson
from models.trees import StoredTree

__all__ = ["GedcomVersion", "export", "file_name"]

# Documents of a tree that is answered as a text; ten thousand people have half as many, which take 100 MB.
LARGEST = 100_000
# Trees that are written into memory at once.
_turns = asyncio.Semaphore(2)
See = Callable[[StoredPerson], StoredPerson]


async def export(
    tree: StoredTree,
    version: GedcomVersion = GedcomVersion.V5_5_1,
    see: See | None = None,
    *,
    stranger: bool = False,
) -> str:
    """The tree as a GEDCOM file; raises Unfit for one that is too large to be held in memory.

    `see` tells how much of each person is shown. A stranger is shown people and their kin, and no more.
    """
    if await entries(tree, LARGEST) >= LARGEST:
        raise Unfit("tree", f"it has {LARGEST} entries or more; exportGedcom writes it into a file")

    def written(found: Gathered) -> str:
        if see is not None:
            veiled(found, see, stranger=stranger)
        file = StringIO()
        for line in exported(found, version):
            file.write(f"{line}\n")
        return file.getvalue()

    async with _turns:
        return await asyncio.to_thread(written, await gathered(tree))


def file_name(name: str) -> str:
    """The name of a tree with nothing in it that no header holds."""
    return "".join(each if each.isprintable() and ord(each) < 256 else "_" for each in name)
