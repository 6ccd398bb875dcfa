"""Finding: a question put to the index on behalf of an account, and the documents behind the answer."""

import asyncio
import time
from collections import defaultdict
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, NamedTuple, TypeVar

from bson import ObjectId

from models import raw, trees
from models.keys import key
from models.kinds import TreeRole
from models.search import log
from models.search.engine import REACH, Engine, Facets, Findable, Hit, Scope, Wanted
from models.search.entries import TITLE
from models.search.errors import SearchAway
from models.search.kinds import Asking
from models.search.scopes import may_see, scope_of
from models.search.sources import BY_PREFIX, privacy_of
from models.trees import StoredTree, Tree

# Letters of the long texts of one page, which its documents share alike: few on a page are whole.
ROOM = 4_000_000
# How many beginnings are offered.
OFFERED = 5
# Seconds that the first questions wait for an index that is being made, and between two looks at it.
PATIENCE, AGAIN = 5.0, 0.05

Result = TypeVar("Result")


class Shown(NamedTuple):
    """Something that was found, as it is stored now, with the caller's part in its tree."""

    hit: Hit
    prefix: str
    document: Mapping[str, Any]
    findable: Findable
    role: TreeRole | None


@dataclass(frozen=True)
class Answer:
    """What was found, of what the caller may see; `total` counts all pages.

    Of a long text of each no more than the first `letters` are told.
    """

    total: int
    shown: Sequence[Shown]
    facets: Facets
    letters: int


class _Used:
    """The index of this process."""

    engine: Engine | None = None


def use(engine: Engine | None) -> None:
    """Has this process search in an index from now on; None for none."""
    _Used.engine = engine


def engine() -> Engine:
    """The index of this process; raises SearchAway."""
    if _Used.engine is None:
        raise SearchAway
    return _Used.engine


async def find(wanted: Wanted, account: str | None, now: datetime, asking: Asking = Asking.GENERAL) -> Answer:
    """What fits a question, of what the account may see; the search is noted. Raises SearchAway."""
    begun = time.perf_counter()
    scope, letters = await scope_of(account), ROOM // max(1, wanted.limit)
    if wanted.skip + wanted.limit > REACH:
        wanted = replace(wanted, limit=max(0, REACH - wanted.skip))
    known = await named(wanted)
    found = await patiently(lambda: engine().search(known, scope))
    shown = await documents(found.hits, scope, letters)
    names = (wanted.words, wanted.first_name, wanted.last_name)
    said = " ".join(filter(None, names))
    await log.note(account, said, asking, found.total, time.perf_counter() - begun, now)
    return Answer(found.total, shown, found.facets, letters)


async def begin(text: str, account: str | None) -> list[str]:
    """Titles of what the account may see and a half-written text begins; raises SearchAway."""
    scope = await scope_of(account)
    hits = await patiently(lambda: engine().begin(text, scope, 4 * OFFERED))
    titles = [each.findable.title[:TITLE] for each in await documents(hits, scope, 0)]
    return list(dict.fromkeys(titles))[:OFFERED]


async def patiently(ask: Callable[[], Awaitable[Result]]) -> Result:
    """An answer of the index; where it is only being made, that is waited for a while. Raises SearchAway."""
    last = time.monotonic() + PATIENCE
    while True:
        try:
            return await ask()
        except SearchAway:
            if _Used.engine is None or time.monotonic() > last:
                raise
            await asyncio.sleep(AGAIN)


async def named(wanted: Wanted) -> Wanted:
    """The question with every name of its tree: the index knows it by id, and entries say what they like."""
    known: list[str] = []
    for name in map(key, wanted.trees):
        tree = None if name is None else await trees.find(name, ("uuid",))
        if tree is not None:
            known += [str(tree["_id"]), tree["uuid"]]
    return replace(wanted, trees=(*wanted.trees, *known)) if known else wanted


async def documents(hits: Sequence[Hit], scope: Scope, letters: int) -> list[Shown]:
    """What was found, as it is stored now; what is gone, or may not be seen any more, is left out.

    Of long texts only so many letters are read.
    """
    wanted: dict[str, list[ObjectId]] = defaultdict(list)
    for hit in hits:
        prefix, _, id = hit.id.partition(":")
        if prefix in BY_PREFIX:
            wanted[prefix].append(ObjectId(id))
    stored: dict[str, Mapping[str, Any]] = {}
    for prefix, ids in wanted.items():
        source = BY_PREFIX[prefix]
        stages: list[Any] = [{"$match": {"_id": {"$in": ids}}}]
        stages += [{"$set": {name: begun(name, letters)}} for name in source.long]
        found = await raw.collection(source.kind).aggregate(stages, batchSize=len(ids) + 1)
        stored |= {source.id_of(each["_id"]): each for each in await found.to_list()}
    known = await trees_of(stored.values())
    shown = []
    for hit in hits:
        document = stored.get(hit.id)
        if document is None:
            continue
        prefix = hit.id.partition(":")[0]
        tree = known.get(document.get("tree_id"))
        if BY_PREFIX[prefix].needs_tree and tree is None:
            continue
        # By what is stored now: the index may be a moment behind.
        findable = BY_PREFIX[prefix].findable(document, privacy_of(tree) if tree else None)
        if findable is not None and may_see(findable.scopes, scope):
            role = trees.role_of(tree, scope.account) if tree else None
            shown.append(Shown(hit, prefix, document, findable, role))
    return shown


def begun(name: str, letters: int) -> dict[str, Any]:
    """The beginning of a field that is a text, and whatever else it is as it is."""
    value = f"${name}"
    is_text = {"$eq": [{"$type": value}, "string"]}
    return {"$cond": [is_text, {"$substrCP": [value, 0, letters]}, value]}


async def trees_of(found: Any) -> dict[Any, StoredTree]:
    """The trees of documents, by their ids."""
    ids = {each["tree_id"] for each in found if each.get("tree_id") is not None}
    if not ids:
        return {}
    fields = dict.fromkeys(trees.RIGHTS, True)
    cursor: Any = raw.collection(Tree).find({"_id": {"$in": list(ids)}}, fields)
    return {each["_id"]: each for each in await cursor.to_list()}
