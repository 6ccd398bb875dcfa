"""Lists of plain rows: read at once where nothing can come of it, and exactly everywhere else."""

import enum
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

import pytest
import strawberry
from graphql import ExecutionResult
from strawberry.schema.config import StrawberryConfig

from schema.execution import complete
from schema.raw import RAW
from tests.schema.execution.both import both, finished, plan_of


@strawberry.enum
class Mood(enum.Enum):
    CALM = "calm"
    WILD = "wild"


@strawberry.type
class Place:
    id: strawberry.ID
    name: str | None


@strawberry.interface
class Named:
    name: str | None


@strawberry.type
class Person(Named):
    id: strawberry.ID
    age: int | None
    mood: Mood
    born: date | None
    home: Place | None
    tags: list[str]
    places: list[list[Place | None]] | None
    score: float = 0.5

    @strawberry.field
    def shout(self) -> str:
        return "!"


@strawberry.type
class Query:
    people: list[Person | None]
    places: list[Place]
    named: list[Named]
    moods: list[Mood | None]


# Fields keep the resolver of the schema that was made last, so that all of these have the same.
CONFIG = StrawberryConfig(default_resolver=RAW)
schema = strawberry.Schema(Query, config=CONFIG)
EVERYTHING = """{
  people { __typename id name age mood born home { id name } tags places { id } score }
}"""


def person(number: int, **other: Any) -> Person:
    whole: dict[str, Any] = {
        "id": str(number),
        "name": None if number % 2 else f"name {number}",
        "age": number,
        "mood": Mood.WILD,
        "born": date(2000, 1, number + 1),
        "home": Place(id=strawberry.ID("1"), name="here"),
        "tags": ["a", "b"],
        "places": [[Place(id=strawberry.ID("2"), name=None), None], []],
    }
    return Person(**whole | other)


def row(number: int, **other: Any) -> dict[str, Any]:
    whole: dict[str, Any] = {
        "_id": number,
        "name": f"name {number}",
        "mood": "calm",
        "home": {"_id": "1", "name": "here"},
        "tags": [],
        "score": 1.5,
    }
    return whole | other


@pytest.fixture
def counted(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """The lists that were completed exactly."""
    seen: list[Any] = []
    exact = complete.each

    def each(request: Any, values: Any, position: Any) -> list[Any]:
        seen.append(values)
        return exact(request, values, position)

    monkeypatch.setattr(complete, "each", each)
    return seen


async def ask(text: str, **root: Any) -> ExecutionResult:
    """The answer of a plan, asked twice: it learns from the first time."""
    plan = plan_of(schema, text)
    await finished(plan.run(None, None, root=root))
    return await finished(plan.run(None, None, root=root))


async def test_objects_are_read_at_once_when_their_class_is_known(counted: list[Any]) -> None:
    plan = plan_of(schema, EVERYTHING)
    people = [person(0), person(1), None]
    first = await finished(plan.run(None, None, root={"people": people}))
    assert people in counted
    counted.clear()
    second = await finished(plan.run(None, None, root={"people": people}))
    assert counted == []
    assert repr(first) == repr(second)
    assert second.data is not None
    assert second.data["people"] == [
        {
            "__typename": "Person",
            "id": "0",
            "name": "name 0",
            "age": 0,
            "mood": "WILD",
            "born": "2000-01-01",
            "home": {"id": "1", "name": "here"},
            "tags": ["a", "b"],
            "places": [[{"id": "2"}, None], []],
            "score": 0.5,
        },
        second.data["people"][1],
        None,
    ]


async def test_rows_are_read_at_once(counted: list[Any]) -> None:
    text = "{ places { id name } }"
    result = await ask(text, places=[{"_id": 1, "name": "a"}, {"_id": "2"}])
    assert result.data == {"places": [{"id": "1", "name": "a"}, {"id": "2", "name": None}]}
    assert counted == []


async def test_no_row_is_no_work(counted: list[Any]) -> None:
    result = await ask(EVERYTHING, people=[])
    assert result.data == {"people": []}


@pytest.mark.parametrize(
    ("text", "root", "data"),
    [
        ("{ moods }", {"moods": [Mood.CALM, "wild", None]}, {"moods": ["CALM", "WILD", None]}),
        ("{ moods }", {"moods": [None, None]}, {"moods": [None, None]}),
        ("{ people { id } }", {"people": [None, person(1)]}, {"people": [None, {"id": "1"}]}),
        ("{ people { __typename } }", {"people": [person(1)]}, {"people": [{"__typename": "Person"}]}),
    ],
)
async def test_nulls_among_items_are_kept(text: str, root: Any, data: Any, counted: list[Any]) -> None:
    await ask(text, **root)
    counted.clear()
    assert (await ask(text, **root)).data == data


@pytest.mark.parametrize(
    "other",
    [
        {"age": "3"},
        {"age": 2**40},
        {"id": 7},
        {"id": None},
        {"mood": "nothing"},
        {"tags": ("a",)},
        {"tags": [1]},
        {"tags": None},
        {"home": ValueError("no home")},
        {"home": {"_id": "1", "name": "here"}},
        {"places": [None]},
        {"places": [[ValueError("no place")]]},
        {"score": 3},
        {"score": float("nan")},
        {"born": "2000"},
    ],
    ids=str,
)
async def test_one_odd_value_has_the_whole_list_done_exactly(other: dict[str, Any]) -> None:
    @strawberry.type
    class Root:
        @strawberry.field
        def people(self) -> list[Person | None]:
            return [person(0), person(1, **other), person(2)]

    await both(strawberry.Schema(Root, config=CONFIG), EVERYTHING)


async def test_an_exception_among_items_is_an_error_of_its_place() -> None:
    @strawberry.type
    class Root:
        @strawberry.field
        def places(self) -> list[Place | None]:
            return [ValueError("first"), ValueError("second")]  # type: ignore[list-item]  # on purpose

    result = await both(strawberry.Schema(Root, config=CONFIG), "{ places { __typename } }")
    assert result.data == {"places": [None, None]}
    assert len(result.errors or ()) == 2


async def test_rows_of_mixed_classes_are_done_exactly(counted: list[Any]) -> None:
    rows = [{"_id": 1, "name": "a"}, Place(id=strawberry.ID("2"), name="b")]
    result = await ask("{ places { id name } }", places=rows)
    assert result.data == {"places": [{"id": "1", "name": "a"}, {"id": "2", "name": "b"}]}
    assert rows in counted


class Property:
    reads = 0
    name = "name"

    @property
    def id(self) -> str:
        type(self).reads += 1
        return "1"


class Slots:
    __slots__ = ("id", "name")

    def __init__(self) -> None:
        self.id, self.name = "1", "name"


class Anything:
    def __getattr__(self, name: str) -> str:
        return name


@dataclass
class Plain:
    id: str = "1"
    name: str = "name"


@pytest.mark.parametrize(
    ("made", "exactly"),
    [(Property, True), (Slots, False), (Anything, True), (Plain, False)],
)
async def test_what_runs_code_when_it_is_read_is_read_once(
    made: Callable[[], Any], exactly: bool, counted: list[Any]
) -> None:
    text = "{ places { id name } }"
    await ask(text, places=[made()])
    Property.reads = 0
    counted.clear()
    plan = plan_of(schema, text)
    for _ in range(2):
        await finished(plan.run(None, None, root={"places": [made()]}))
    assert bool(counted) == exactly
    assert Property.reads == (2 if made is Property else 0)


async def test_a_cast_object_is_not_taken_for_its_class() -> None:
    @strawberry.type
    class Other(Named):
        name: str | None = None

    @strawberry.type
    class Root:
        @strawberry.field
        def people(self, cast: bool) -> list[Person | None]:
            people: list[Person | None] = [person(0), person(1)]
            return [strawberry.cast(Other, each) for each in people] if cast else people

    root = strawberry.Schema(Root, types=[Other], config=CONFIG)
    text = "query ($cast: Boolean!) { people(cast: $cast) { id name } }"
    plan = plan_of(root, text)
    for _ in range(3):
        assert (await finished(plan.run(None, {"cast": False}))).errors is None
    result = await finished(plan.run(None, {"cast": True}))
    assert result.data == {"people": [None, None]}
    assert len(result.errors or ()) == 2
    await both(root, text, {"cast": True})


async def test_fields_with_resolvers_and_interfaces_are_done_exactly(counted: list[Any]) -> None:
    people = [person(0)]
    assert (await ask("{ people { shout } }", people=people)).data == {"people": [{"shout": "!"}]}
    assert (await ask("{ named { name } }", named=people)).data == {"named": [{"name": "name 0"}]}
    assert len(counted) == 4


async def test_a_function_is_made_for_few_classes_of_sources(counted: list[Any]) -> None:
    plan = plan_of(schema, "{ places { id } }")
    for number in range(6):
        kind = type(f"Source{number}", (), {"id": "1"})
        for _ in range(2):
            result = await finished(plan.run(None, None, root={"places": [kind()]}))
            assert result.data == {"places": [{"id": "1"}]}
    assert len(plan.files) == 1 + 4


async def test_a_selection_too_large_for_one_function_is_done_exactly(counted: list[Any]) -> None:
    asked = " ".join(f"n{number}: name i{number}: id" for number in range(600))
    result = await ask(f"{{ places {{ {asked} }} }}", places=[{"_id": 1, "name": "a"}])
    assert result.data is not None
    assert len(result.data["places"][0]) == 1_200
    assert counted
