"""Entries that clients hand in."""

import asyncio

import pytest

from models.kinds import Privacy
from models.search import entries
from models.search.errors import EntryNotFound
from models.search.kinds import EntryKind
from tests.models.search.searching import NOW

pytestmark = pytest.mark.usefixtures("database")
ENTRY: entries.EntryFields = {
    "kind": EntryKind.RECORD,
    "title": "The register",
    "content": "",
    "metadata": {"begun": 1, "$where": {"a.b": [1.5, None]}},
    "privacy": Privacy.PRIVATE,
}


async def test_of_those_who_join_metadata_at_once_nobody_is_undone() -> None:
    await entries.put("d1", ENTRY, "ann", NOW)
    names = [f"name{number}" for number in range(8)]
    await asyncio.gather(*(entries.change("d1", {"metadata": {name: 1}}, "ann", NOW) for name in names))
    kept = (await entries.get("d1", "ann"))["metadata"]
    assert kept == {**ENTRY["metadata"], **dict.fromkeys(names, 1)}


async def test_what_is_gone_or_somebody_else_s_is_not_changed() -> None:
    await entries.put("d1", ENTRY, "ann", NOW)
    for name, account in (("d1", "bob"), ("d2", "ann")):
        with pytest.raises(EntryNotFound):
            await entries.change(name, {"metadata": {"a": 1}}, account, NOW)
    assert (await entries.get("d1", "ann"))["metadata"] == ENTRY["metadata"]
