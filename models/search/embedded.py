"""The embedded index: a folder beside the data, written by one process of a machine and read by all.

Changes and the place behind them are one commit, so that after a crash the index goes on where it was.
"""

import asyncio
import shutil
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeVar

import tantivy

from models.search import memory
from models.search.embedded_fields import (
    FOLDED,
    PLACE,
    VERSION,
    analyzer,
    document_of,
    document_of_place,
    schema,
)
from models.search.embedded_queries import Queries
from models.search.engine import Changes, Facets, Findable, Found, Hit, Place, Scope, Wanted
from models.search.errors import SearchAway
from models.search.kinds import Order

Result = TypeVar("Result")

# Documents that are taken in at one go; in between whoever else waits for the loop has a turn.
SLICE = 8
# Whatever is longer is enough at one go.
LONG = 100_000
# What the writer keeps in memory before it writes: the least that it works with.
HEAP = 15_000_000
# Years and kinds that are counted.
BUCKETS = 500


class Embedded:
    """An index in a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / f"v{VERSION}"
        self._schema = schema()
        self._queries = Queries(self._schema, analyzer().analyze)
        self._index: tantivy.Index | None = None
        self._writer: tantivy.IndexWriter | None = None
        # When the index that was read last was committed.
        self._seen: tuple[int, int] | None = None
        self._asking = ThreadPoolExecutor(2, thread_name_prefix="search")
        self._writing = ThreadPoolExecutor(1, thread_name_prefix="search-writer")

    async def place(self) -> Place | None:
        """How far it is; None for an index that has nothing yet."""
        return await self._aside(self._asking, self._place)

    async def apply(self, changes: Changes, place: Place) -> None:
        """Takes changes in; they and the place are there together, or neither is."""
        writer = await self._aside(self._writing, self._open_writer)
        try:
            for id in changes.gone:
                writer.delete_documents_by_term("id", id)
            await self._add(writer, changes.there, anew=False)
            await self._commit(writer, place)
        except BaseException:
            await self._undo()
            raise

    async def rebuild(self, everything: AsyncIterator[Sequence[Findable]], place: Place) -> None:
        """Holds this and nothing else. Until that is done, what was there before is still found."""
        writer = await self._aside(self._writing, self._open_writer)
        try:
            writer.delete_all_documents()
            async for some in everything:
                await self._add(writer, some, anew=True)
            await self._commit(writer, place)
        except BaseException:
            await self._undo()
            raise

    async def search(self, wanted: Wanted, scope: Scope) -> Found:
        """What fits, of what may be seen; raises SearchAway where there is no index yet."""
        return await self._aside(self._asking, self._search, wanted, scope)

    async def begin(self, text: str, scope: Scope, limit: int) -> Sequence[Hit]:
        """What may be seen and has names that a half-written text begins; raises SearchAway."""
        return await self._aside(self._asking, self._begin, text, scope, limit)

    async def held(self) -> Mapping[str, str]:
        """The digest of everything in it, by id."""
        return await self._aside(self._asking, self._held)

    async def size(self) -> int:
        """The bytes of its files."""
        return sum(each.stat().st_size for each in self.folder.iterdir() if each.is_file())

    async def close(self) -> None:
        """Gives back what it holds."""
        await self._undo()
        self._asking.shutdown(cancel_futures=True)
        self._writing.shutdown(cancel_futures=True)

    async def _aside(
        self, threads: ThreadPoolExecutor, work: Callable[..., Result], *arguments: Any
    ) -> Result:
        return await asyncio.get_running_loop().run_in_executor(threads, work, *arguments)

    async def _add(self, writer: tantivy.IndexWriter, some: Sequence[Findable], *, anew: bool) -> None:
        for number, each in enumerate(some, 1):
            if not anew:
                writer.delete_documents_by_term("id", each.id)
            writer.add_document(document_of(each, self._schema))
            if number % SLICE == 0 or each.letters > LONG:
                await asyncio.sleep(0)

    async def _commit(self, writer: tantivy.IndexWriter, place: Place) -> None:
        writer.delete_documents_by_term("id", PLACE)
        writer.add_document(document_of_place(place, self._schema))
        await self._aside(self._writing, writer.commit)
        await self._aside(self._writing, memory.give_back)

    async def _undo(self) -> None:
        """Forgets what is not committed, and lets another process write."""
        writer, self._writer = self._writer, None
        # Opened anew, also where somebody has deleted the folder.
        self._index = self._seen = None
        if writer is not None:
            await self._aside(self._writing, writer.rollback)

    def _open_writer(self) -> tantivy.IndexWriter:
        if self._writer is None:
            self._writer = self._made().writer(HEAP, 1)
        return self._writer

    def _made(self) -> tantivy.Index:
        """The index, which the one who feeds it makes where there is none, or none of this version."""
        if self._index is None:
            for other in self.folder.parent.glob("v*"):
                if other != self.folder:
                    shutil.rmtree(other, ignore_errors=True)
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._index = self._ready(tantivy.Index(self._schema, path=str(self.folder)))
        return self._index

    def _ready(self, index: tantivy.Index) -> tantivy.Index:
        index.register_tokenizer(FOLDED, analyzer())
        index.config_reader("manual")
        return index

    def _searcher(self) -> tantivy.Searcher:
        try:
            stat = (self.folder / "meta.json").stat()
        except FileNotFoundError:
            raise SearchAway from None
        index = self._index
        if index is None:
            index = self._index = self._ready(tantivy.Index(self._schema, path=str(self.folder)))
        # Every commit puts another file in its place.
        committed = stat.st_mtime_ns, stat.st_ino
        if committed != self._seen:
            index.reload()
            self._seen = committed
        return index.searcher()

    def _place(self) -> Place | None:
        try:
            searcher = self._searcher()
        except SearchAway:
            return None
        found = searcher.search(tantivy.Query.term_query(self._schema, "id", PLACE, "basic"), 1).hits
        if not found:
            return None
        document = searcher.doc(found[0][1])
        return Place(str(document.get_first("store")), str(document.get_first("token")))

    def _search(self, wanted: Wanted, scope: Scope) -> Found:
        searcher = self._placed()
        query = self._queries.of(wanted, scope)
        by = None if wanted.order is Order.RELEVANCE else wanted.order.value.lower()
        order = tantivy.Order.Desc if wanted.descending else tantivy.Order.Asc
        limit = max(1, wanted.limit)
        # Its stub knows no count, which it has.
        answer: Any = searcher.search(query, limit, order_by_field=by, offset=wanted.skip, order=order)
        found = answer.hits if wanted.limit else []
        hits = [Hit(self._id(searcher, at), 0.0 if by else float(score)) for score, at in found]
        facets = self._facets(searcher, query) if wanted.facets else Facets({}, {}, {})
        return Found(answer.count, hits, facets)

    def _begin(self, text: str, scope: Scope, limit: int) -> list[Hit]:
        searcher = self._placed()
        answer = searcher.search(self._queries.begun(text, scope), limit, count=False)
        return [Hit(self._id(searcher, at), float(score)) for score, at in answer.hits]

    def _held(self) -> dict[str, str]:
        searcher = self._placed()
        found = searcher.search(tantivy.Query.all_query(), searcher.num_docs, count=False).hits
        documents = (searcher.doc(at) for _, at in found)
        told = ((document.get_first("id"), document.get_first("digest")) for document in documents)
        return {str(id): str(digest) for id, digest in told if id != PLACE}

    def _placed(self) -> tantivy.Searcher:
        """Whoever asks before the first index is whole would be told that there is nothing."""
        searcher = self._searcher()
        if searcher.num_docs == 0:
            raise SearchAway
        return searcher

    def _id(self, searcher: tantivy.Searcher, at: tantivy.DocAddress) -> str:
        return str(searcher.doc(at).get_first("id"))

    def _facets(self, searcher: tantivy.Searcher, query: tantivy.Query) -> Facets:
        terms = {name: {"terms": {"field": name, "size": BUCKETS}} for name in ("kind", "privacy", "year")}
        counted = searcher.aggregate(query, terms)

        def of(name: str) -> dict[Any, int]:
            return {each["key"]: int(each["doc_count"]) for each in counted[name]["buckets"]}

        years = {int(year): number for year, number in sorted(of("year").items())}
        return Facets(of("kind"), of("privacy"), years)
