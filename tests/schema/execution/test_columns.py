"""Relations of rows: all keys of a list are asked for together, and every row gets its own answer."""

import asyncio
from contextvars import ContextVar
from typing import Any

import pytest
import strawberry
from graphql import ExecutionResult
from strawberry.schema.config import StrawberryConfig

from schema.execution.holes import BACKGROUND
from schema.raw import RAW
from tests.schema.execution.both import both, finished, plan_of

SEEN: ContextVar[str] = ContextVar("seen", default="nothing")


class Shelf:
    """Documents by key, asked one by one or together; keeps what it was asked."""

    def __init__(self) -> None:
        self.asked: list[Any] = []
        self.fails: BaseException | None = None

    def find(self, key: Any) -> Any:
        return None if key is None or key < 0 else {"_id": key, "name": f"name {key}", "boss": key - 1}

    async def one(self, key: Any) -> Any:
        await asyncio.sleep(0)
        if self.fails is not None:
            raise self.fails
        return self.find(key)

    def all(self, keys: list[Any], callback: Any) -> None:
        self.asked.append(keys)
        found = None if self.fails else [self.find(key) for key in keys]
        asyncio.get_running_loop().call_soon(callback, found, self.fails)


class Relation:
    key: str

    def __init__(self, key: str) -> None:
        self.key = key

    def fields(self, info: strawberry.Info) -> None:
        return None

    def ask(self, context: Shelf, values: list[Any], fields: None, callback: Any) -> None:
        context.all(values, callback)


def edge(key: str) -> Any:
    relation = Relation(key)

    def follow(root: dict[str, Any], info: strawberry.Info) -> Any:
        value = root[key]
        return None if value is None else info.context.one(value)

    follow.__relation__ = relation  # type: ignore[attr-defined]  # functions take attributes
    return follow


@strawberry.type
class Person:
    id: strawberry.ID
    name: str
    boss: "Person | None" = strawberry.field(resolver=edge("boss"))

    @strawberry.field
    def seen(root: dict[str, Any]) -> str:
        before = SEEN.get()
        SEEN.set(f"{root['_id']}")
        return before


@strawberry.type
class Book:
    id: strawberry.ID
    author: Person = strawberry.field(resolver=edge("author"))
    editor: Person | None = strawberry.field(resolver=edge("editor"))


@strawberry.type
class Copy:
    book: Book
    other: Book | None


BOOKS: list[Any] = []


@strawberry.type
class Shop:
    @strawberry.field
    def books(self) -> list[Book]:
        return BOOKS

    @strawberry.field
    def closed(self) -> str:
        raise ValueError("The shop is closed.")


@strawberry.type
class Query:
    @strawberry.field
    def shop(self) -> Shop | None:
        return Shop()

    @strawberry.field
    def books(self) -> list[Book | None]:
        return BOOKS

    @strawberry.field
    def copies(self) -> list[Copy]:
        return [{"book": book, "other": book if number % 2 else None} for number, book in enumerate(BOOKS)]  # type: ignore[misc]  # rows


schema = strawberry.Schema(Query, config=StrawberryConfig(default_resolver=RAW))


@pytest.fixture(autouse=True)
def books() -> Any:
    BOOKS[:] = [
        {"_id": "a", "author": 1, "editor": 2},
        {"_id": "b", "author": 3, "editor": None},
        {"_id": "c", "author": 1, "editor": -1},
    ]


async def ask(text: str, shelf: Shelf) -> ExecutionResult:
    """The answer, which the interpreter gives too."""
    expected = await both(schema, text, context=shelf)
    shelf.asked.clear()
    result = await finished(plan_of(schema, text).run(shelf, None))
    assert repr(result.data) == repr(expected.data)
    return result


async def test_the_keys_of_a_list_are_asked_for_together() -> None:
    shelf = Shelf()
    result = await ask("{ books { id author { name } editor { id } } }", shelf)
    assert shelf.asked == [[1, 3, 1], [2, None, -1]]
    assert result.data == {
        "books": [
            {"id": "a", "author": {"name": "name 1"}, "editor": {"id": "2"}},
            {"id": "b", "author": {"name": "name 3"}, "editor": None},
            {"id": "c", "author": {"name": "name 1"}, "editor": None},
        ]
    }


async def test_relations_of_relations_are_columns_too() -> None:
    shelf = Shelf()
    result = await ask("{ books { author { boss { name boss { name } } } } }", shelf)
    assert shelf.asked == [[1, 3, 1], [0, 2, 0], [-1, 1, -1]]
    assert result.data is not None
    assert result.data["books"][1] == {"author": {"boss": {"name": "name 2", "boss": {"name": "name 1"}}}}


async def test_relations_below_documents_in_documents_are_columns_too() -> None:
    shelf = Shelf()
    await ask("{ copies { book { author { name } } other { editor { name } } } }", shelf)
    assert shelf.asked == [[1, 3, 1], [None]]


async def test_null_rows_ask_for_nothing() -> None:
    BOOKS[1] = None
    shelf = Shelf()
    await ask("{ books { author { name } } }", shelf)
    assert shelf.asked == [[1, 1]]


async def test_what_is_missing_is_an_error_of_its_own_row() -> None:
    BOOKS[1]["author"] = -1
    result = await ask("{ books { id author { name } } }", Shelf())
    assert [error.path for error in result.errors or ()] == [["books", 1, "author"]]
    assert result.data is not None
    assert result.data["books"][1] is None


async def test_a_row_that_leads_nowhere_and_must_fails_before_anything_is_asked_for() -> None:
    BOOKS[1]["author"] = None
    shelf = Shelf()
    result = await ask("{ books { author { name } editor { id } } }", shelf)
    assert shelf.asked == []
    assert [error.path for error in result.errors or ()] == [["books", 1, "author"]]


async def test_a_row_without_the_key_has_the_list_done_exactly() -> None:
    del BOOKS[1]["author"]
    shelf = Shelf()
    result = await ask("{ books { id author { name } } }", shelf)
    assert shelf.asked == []
    assert [error.message for error in result.errors or ()] == ["'author'"]


async def test_a_read_that_fails_is_an_error_of_every_row_that_asked() -> None:
    shelf = Shelf()
    shelf.fails = ValueError("The shelf is empty.")
    result = await ask("{ books { id editor { name } } }", shelf)
    assert [error.path for error in result.errors or ()] == [["books", 0, "editor"], ["books", 2, "editor"]]
    causes = [error.original_error for error in result.errors or ()]
    assert causes[0] is not causes[1]
    assert {str(cause) for cause in causes} == {"The shelf is empty."}


async def test_a_read_that_is_cancelled_ends_the_request() -> None:
    shelf = Shelf()
    shelf.fails = asyncio.CancelledError()
    with pytest.raises(asyncio.CancelledError):
        await finished(plan_of(schema, "{ books { author { name } } }").run(shelf, None))


async def test_rows_of_a_column_do_not_see_each_others_context() -> None:
    result = await ask("{ books { author { seen } } }", Shelf())
    assert result.data == {"books": [{"author": {"seen": "nothing"}}] * 3}
    assert SEEN.get() == "nothing"


@pytest.mark.parametrize("fails", [None, ValueError("The shelf is empty.")])
async def test_a_column_that_nobody_waits_for_is_read_all_the_same(fails: BaseException | None) -> None:
    shelf = Shelf()
    shelf.fails = fails
    result = await ask("{ shop { books { author { seen boss { name } } } closed } }", shelf)
    assert [str(error.original_error) for error in result.errors or ()] == ["The shop is closed."]
    while BACKGROUND:
        await asyncio.wait(BACKGROUND)
    assert shelf.asked[0] == [1, 3, 1]


async def test_a_read_that_fails_at_once_is_an_error_of_every_row() -> None:
    class Closed(Shelf):
        def all(self, keys: list[Any], callback: Any) -> None:
            raise ValueError("The shelf is gone.")

    result = await finished(plan_of(schema, "{ books { editor { name } } }").run(Closed(), None))
    assert [error.path for error in result.errors or ()] == [["books", 0, "editor"], ["books", 2, "editor"]]


async def test_a_lone_row_is_awaited_by_the_request_itself() -> None:
    BOOKS[:] = [{"_id": "a", "author": 1, "editor": None}, {"_id": "b", "author": 1, "editor": 5}]
    text = "{ books { editor { seen } } }"
    shelf = Shelf()
    assert (await finished(plan_of(schema, text).run(shelf, None))).errors is None
    assert SEEN.get() == "5"
    SEEN.set("nothing")
