"""Both indexes give the same answers, but that only the embedded one knows misspelt words."""

import asyncio
import threading
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from pymongo.asynchronous.database import AsyncDatabase

from models.kinds import Privacy
from models.search import stored, stored_fields
from models.search.embedded import Embedded
from models.search.embedded_fields import VERSION
from models.search.engine import (
    Changes,
    Day,
    Engine,
    Findable,
    Part,
    Place,
    Scope,
    Span,
    Wanted,
    digest,
)
from models.search.errors import SearchAway
from models.search.kinds import Dated, EntryKind, Order
from models.search.levels import Level
from models.search.scopes import PUBLIC
from models.search.stored import InStore
from models.search.stored_fields import Row

Database = AsyncDatabase[dict[str, Any]]
AT = Place("store", "token")
OLD, NEW = datetime(1650, 3, 2, tzinfo=UTC), datetime(2026, 1, 5, tzinfo=UTC)
ANN = Scope("ann", ("t1",), ("t1",))
MEMBER, STRANGER = Scope("bob", ("t1",)), Scope("dan")


def somebody(id: str, first: str, last: str, **others: Any) -> Findable:
    """A person of a public tree."""
    given: dict[str, Any] = {
        "kind": EntryKind.PERSON,
        "scopes": ("tree:t1", PUBLIC),
        "maker": "max",
        "tree": "t1",
        "privacy": Privacy.PUBLIC,
        "title": f"{first} {last}",
        "names": (f"{first} {last}",),
        "first_names": (first,),
        "last_names": (last,),
        "created": NEW,
        "updated": NEW,
        **others,
    }
    return Findable(id=id, **given)


TENDAI = somebody(
    "person:1",
    "Tendai",
    "Moyo",
    birth_place=Part("Harare", Level.OPEN),
    death_place=Part("Gweru", Level.FULL),
    birth=Day(OLD, Level.INNER),
    texts=(Part("A teacher of mathematics", Level.INNER), Part("a thief", Level.FULL)),
)
CHIPO = somebody("person:2", "Chipo", "Chikafu", updated=NEW.replace(year=2027))
REGISTER = replace(
    somebody("entry:3", "The", "register"),
    kind=EntryKind.DOCUMENT,
    scopes=("account:ann",),
    maker="ann",
    tree=None,
    privacy=Privacy.PRIVATE,
    created=NEW.replace(year=2025),
)


@pytest.fixture(params=["embedded", "mongodb"])
async def engine(request: pytest.FixtureRequest, database: Database, tmp_path: Path) -> AsyncIterator[Engine]:
    """An index without anything in it."""
    index: Engine = Embedded(tmp_path) if request.param == "embedded" else InStore(database)
    yield index
    await index.close()


async def found(engine: Engine, scope: Scope, **wanted: Any) -> list[str]:
    """The numbers of what is found."""
    answer = await engine.search(Wanted(**wanted), scope)
    assert answer.total == len(answer.hits)
    return sorted(hit.id.partition(":")[2] for hit in answer.hits)


async def test_before_there_is_anything_it_is_said(engine: Engine) -> None:
    assert await engine.place() is None
    with pytest.raises(SearchAway):
        await engine.search(Wanted(words="moyo"), ANN)
    with pytest.raises(SearchAway):
        await engine.begin("mo", ANN, 5)


async def test_words_are_found_by_those_whom_they_reach(engine: Engine) -> None:
    await engine.apply(Changes([TENDAI, CHIPO, REGISTER]), AT)
    assert await engine.place() == AT
    for words, scope, hits in [
        ("moyo", STRANGER, ["1"]),
        ("TENDAI moyo", STRANGER, ["1"]),
        ("ten", STRANGER, ["1"]),
        ("tendai chikafu", STRANGER, []),
        ("harare", STRANGER, ["1"]),
        ("mathematics", STRANGER, []),
        ("mathematics", MEMBER, ["1"]),
        ("moyo mathemat", MEMBER, ["1"]),
        ("thief", MEMBER, []),
        ("thief", ANN, ["1"]),
        ("thief", Scope("max"), ["1"]),
        ("gweru", MEMBER, []),
        ("gweru", ANN, ["1"]),
        ("register", STRANGER, []),
        ("register", Scope(None), []),
        ("register", ANN, ["3"]),
        ("!?", ANN, []),
        (None, ANN, ["1", "2", "3"]),
        (None, Scope(None), ["1", "2"]),
    ]:
        assert await found(engine, scope, words=words) == hits, (words, scope)


async def test_names_places_and_dates_have_their_own_fields(engine: Engine) -> None:
    await engine.apply(Changes([TENDAI, CHIPO, REGISTER]), AT)
    born = Span(Dated.BIRTH, OLD.replace(month=1), OLD.replace(month=12))
    cases: list[tuple[dict[str, Any], Scope, list[str]]] = [
        ({"first_name": "tendai"}, STRANGER, ["1"]),
        ({"first_name": "moyo"}, STRANGER, []),
        ({"last_name": "moyo", "first_name": "tendai"}, STRANGER, ["1"]),
        ({"birth_place": "harare"}, STRANGER, ["1"]),
        ({"death_place": "gweru"}, STRANGER, []),
        ({"death_place": "gweru", "birth_place": "rome"}, ANN, ["1"]),
        ({"besides": (born,)}, STRANGER, []),
        ({"besides": (born,)}, MEMBER, ["1"]),
        ({"besides": (born,), "birth_place": "rome"}, MEMBER, ["1"]),
        ({"spans": (born,)}, MEMBER, ["1"]),
        ({"spans": (Span(Dated.BIRTH, since=NEW),)}, MEMBER, []),
        ({"spans": (Span(Dated.CREATED, until=NEW.replace(year=2025, month=12)),)}, ANN, ["3"]),
        ({"place": "gweru"}, ANN, ["1"]),
        ({"kinds": (EntryKind.DOCUMENT, EntryKind.RECORD)}, ANN, ["3"]),
        ({"privacies": (Privacy.PUBLIC,)}, ANN, ["1", "2"]),
        ({"trees": ("t1", "t2")}, ANN, ["1", "2"]),
        ({"trees": ("t2",)}, ANN, []),
    ]
    for wanted, scope, hits in cases:
        assert await found(engine, scope, **wanted) == hits, wanted


async def test_pages_order_and_counts(engine: Engine) -> None:
    await engine.apply(Changes([TENDAI, CHIPO, REGISTER]), AT)
    by_title = Wanted(order=Order.TITLE, descending=False, limit=2, facets=True)
    answer = await engine.search(by_title, ANN)
    assert (answer.total, [hit.id for hit in answer.hits]) == (3, ["person:2", "person:1"])
    assert answer.facets.kinds == {"PERSON": 2, "DOCUMENT": 1}
    assert answer.facets.privacies == {"PUBLIC": 2, "PRIVATE": 1}
    assert answer.facets.years == {2025: 1, 2026: 2}
    answer = await engine.search(replace(by_title, skip=2), ANN)
    assert [hit.id for hit in answer.hits] == ["entry:3"]
    answer = await engine.search(Wanted(order=Order.UPDATED), ANN)
    assert answer.hits[0].id == "person:2"


async def test_changes_replace_what_was_there_and_take_away_what_is_gone(engine: Engine) -> None:
    await engine.apply(Changes([TENDAI, CHIPO]), AT)
    renamed = replace(TENDAI, names=("Rudo Moyo",), title="Rudo Moyo")
    await engine.apply(Changes([renamed], [TENDAI.id, CHIPO.id]), Place("store", "later"))
    assert await engine.held() == {TENDAI.id: digest(renamed)}
    assert await engine.place() == Place("store", "later")
    assert await found(engine, STRANGER, words="tendai") == []
    assert await found(engine, STRANGER, words="rudo") == ["1"]


async def test_a_rebuilt_index_holds_nothing_else(engine: Engine) -> None:
    async def everything() -> AsyncIterator[Sequence[Findable]]:
        yield [CHIPO]
        yield []

    await engine.apply(Changes([TENDAI]), AT)
    await engine.rebuild(everything(), Place("another", "token"))
    assert await engine.held() == {CHIPO.id: digest(CHIPO)}
    assert await engine.place() == Place("another", "token")


async def test_half_written_names_are_completed(engine: Engine) -> None:
    await engine.apply(Changes([TENDAI, CHIPO, REGISTER]), AT)
    assert [hit.id for hit in await engine.begin("tendai mo", STRANGER, 5)] == ["person:1"]
    assert [hit.id for hit in await engine.begin("ch", STRANGER, 5)] == ["person:2"]
    assert await engine.begin("reg", STRANGER, 5) == await engine.begin("??", ANN, 5) == []


async def test_misspelt_words_are_found_by_the_embedded_index(tmp_path: Path) -> None:
    engine = Embedded(tmp_path)
    await engine.apply(Changes([TENDAI, CHIPO]), AT)
    for words, hits in [("tendia", ["1"]), ("moio", ["1"]), ("chikaffo", ["2"]), ("mxyz", []), ("te", ["1"])]:
        assert await found(engine, STRANGER, words=words) == hits, words
    assert await found(engine, STRANGER, words="tendia", misspelt=False) == []
    assert await found(engine, STRANGER, last_name="chikafoo") == ["2"]
    await engine.close()


async def test_what_was_not_committed_is_not_there(tmp_path: Path) -> None:
    engine = Embedded(tmp_path)
    await engine.apply(Changes([TENDAI]), AT)

    async def cut_off() -> AsyncIterator[Sequence[Findable]]:
        yield [CHIPO]
        raise asyncio.CancelledError

    with pytest.raises(asyncio.CancelledError):
        await engine.rebuild(cut_off(), Place("another", "token"))
    assert await engine.held() == {TENDAI.id: digest(TENDAI)}
    await engine.close()
    again = Embedded(tmp_path)
    assert (await again.place(), await again.held()) == (AT, {TENDAI.id: digest(TENDAI)})
    await again.close()


async def test_a_reader_sees_what_another_process_has_written(tmp_path: Path) -> None:
    writer, reader = Embedded(tmp_path), Embedded(tmp_path)
    for each in (TENDAI, CHIPO):
        await writer.apply(Changes([each]), AT)
        assert each.id in await reader.held()
    await writer.close()
    await reader.close()


async def test_an_index_of_an_older_form_is_left_behind(tmp_path: Path) -> None:
    (tmp_path / f"v{VERSION - 1}").mkdir()
    (tmp_path / f"v{VERSION - 1}" / "meta.json").write_text("{}")
    engine = Embedded(tmp_path)
    await engine.apply(Changes([TENDAI]), AT)
    await engine.close()
    assert [each.name for each in tmp_path.iterdir()] == [f"v{VERSION}"]


async def test_a_book_is_split_into_words_beside_the_loop(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    threads: dict[str, threading.Thread] = {}

    def row_of(each: Findable) -> Row:
        threads[each.id] = threading.current_thread()
        return stored_fields.row_of(each)

    monkeypatch.setattr(stored, "row_of", row_of)
    book = replace(REGISTER, texts=(Part("Zimbabwe " * 10_000, Level.OPEN),))
    index = InStore(database)
    await index.apply(Changes([book, TENDAI]), AT)
    assert threads[book.id] is not threading.main_thread() is threads[TENDAI.id]
    assert await index.held() == {each.id: digest(each) for each in (book, TENDAI)}
    assert (await index.search(Wanted(words="zimbabwe"), ANN)).total == 1


def test_no_more_of_a_text_is_read_than_it_takes_to_have_enough_words() -> None:
    def texts() -> Iterator[str]:
        yield "Ünder under " * 3
        yield " ".join(map(str, range(stored_fields.MOST)))
        raise AssertionError("read on")

    assert stored_fields.tokens(texts()) == ["under", *map(str, range(stored_fields.MOST - 1))]
    assert stored_fields.tokens(["b a", "a c"]) == ["b", "a", "c"]
