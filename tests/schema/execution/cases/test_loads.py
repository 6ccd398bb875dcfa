"""Reads that are joined: wherever a resolver returns one, its value stands there, and one turn asks once."""

import asyncio
from dataclasses import replace
from typing import Any

import strawberry
from strawberry import Info
from strawberry.schema.config import StrawberryConfig

from models.errors import CourseNotFound, DomainError
from models.joins import Load, Reads
from schema.raw import RAW
from schema.relations import edge
from tests.schema.execution.cases.runner import Case, check, table

# Who is who, by id; the store does not answer for 13.
PEOPLE: dict[int, dict[str, Any]] = {
    1: {"_id": 1, "name": "Ada", "friend_id": 2, "boss_id": 3},
    2: {"_id": 2, "name": "Bo", "friend_id": 3, "boss_id": 3},
    3: {"_id": 3, "name": "Cy", "friend_id": None, "boss_id": 99},
    4: {"_id": 4, "name": None, "friend_id": 13, "boss_id": 2},
    5: {"_id": 5, "name": "Eve", "friend_id": 1, "boss_id": 13},
}


class Asked(list[Any]):
    """The context of a request: what it has read, and the keys that were asked for, turn by turn."""

    def __init__(self) -> None:
        self.reads = Reads()
        STORE.log = self


class Store:
    """A lane whose documents are in memory."""

    def __init__(self) -> None:
        self.batcher: Any = self
        self.log: list[Any] = []
        self.waiting: list[Any] = []

    @property
    def loop(self) -> asyncio.AbstractEventLoop:
        """The loop of all who ask."""
        return asyncio.get_running_loop()

    def ask(self, entry: Any) -> None:
        """Answers all that is asked in one turn, some turns later."""
        if not self.waiting:
            asyncio.get_running_loop().call_soon(self._begin)
        self.waiting.append(entry)

    def _begin(self) -> None:
        batch, self.waiting = self.waiting, []
        for entry in batch:
            entry.open = False
        self.log.append(sorted({key for entry in batch for key in entry.items}))
        asyncio.get_running_loop().call_later(0.001, self._answer, batch)

    def _answer(self, batch: list[Any]) -> None:
        for entry in batch:
            lost = ConnectionError("The store is gone.") if 13 in entry.items else None
            entry.receive(None if lost else {key: PEOPLE.get(key) for key in entry.items}, lost)


STORE: Any = Store()


def load(info: Info, key: int, missing: type[DomainError] | None = None) -> "Person":
    """A read of one person, for whoever takes it for the person."""
    return read(info, key, missing)  # type: ignore[return-value]  # as any awaitable may stand for a value


def read(info: Info, key: int, missing: type[DomainError] | None = None) -> "Load[Person]":
    """A read of one person."""
    return Load(info.context.reads, STORE, key, None, missing)


@strawberry.type
class Person:
    id: int
    name: str
    friend: "Person | None" = strawberry.field(resolver=edge("friend_id", STORE))
    boss: "Person" = strawberry.field(resolver=edge("boss_id", STORE))

    @strawberry.field
    def also(self, info: Info, id: int = 1) -> "Person | None":
        return load(info, id)

    @strawberry.field
    async def later(self, info: Info, id: int) -> "Person | None":
        await asyncio.sleep(0)
        return await read(info, id)


@strawberry.type
class Query:
    @strawberry.field
    def person(self, info: Info, id: int) -> Person | None:
        return load(info, id)

    @strawberry.field
    def known(self, info: Info, id: int) -> Person:
        return load(info, id, CourseNotFound)

    @strawberry.field
    def people(self, info: Info, ids: list[int]) -> list[Person | None]:
        return [load(info, id) for id in ids]

    @strawberry.field
    def all(self, info: Info, ids: list[int]) -> list[Person]:
        return [PEOPLE[id] for id in ids]  # type: ignore[misc]  # rows stand for types

    @strawberry.field
    async def later(self, info: Info, id: int) -> Person | None:
        return await read(info, id)


@strawberry.type
class Mutation:
    @strawberry.mutation
    def person(self, info: Info, id: int) -> Person | None:
        return load(info, id)

    @strawberry.mutation
    def rename(self, info: Info) -> str:
        with info.context.reads.written():
            return "renamed"


SCHEMA = strawberry.Schema(Query, Mutation, config=StrawberryConfig(default_resolver=RAW))._schema
GONE = "The store is gone."


@table(
    [
        Case(
            id="one",
            document="{ person(id: 1) { id name } }",
            data={"person": {"id": 1, "name": "Ada"}},
            effects=[[1]],
        ),
        Case(
            id="several at once",
            document=(
                "{ a: person(id: 1) { name } b: person(id: 2) { name } c: person(id: 1) { id } d:"
                " later(id: 3) { id } }"
            ),
            data={"a": {"name": "Ada"}, "b": {"name": "Bo"}, "c": {"id": 1}, "d": {"id": 3}},
        ),
        Case(
            id="items",
            document="{ people(ids: [1, 2, 9, 1]) { name } }",
            data={"people": [{"name": "Ada"}, {"name": "Bo"}, None, {"name": "Ada"}]},
            effects=[[1, 2, 9]],
        ),
        Case(
            id="nobody",
            document="{ person(id: 9) { name } }",
            data={"person": None},
            effects=[[9]],
        ),
        Case(
            id="nobody where somebody must be",
            document="{ all(ids: [1, 3]) { boss { name } } }",
            data=None,
            errors=["all.1.boss 1:22 Cannot return null for non-nullable field Person.boss."],
            effects=[[3, 99]],
        ),
        Case(
            id="nobody has an error of its own",
            document="{ person(id: 1) { id } known(id: 9) { name } }",
            data=None,
            errors=["known 1:24 There is no course with this id."],
            effects=[[1, 9]],
        ),
        Case(
            id="the store is gone",
            document="{ person(id: 13) { name } all(ids: [1, 2]) { name } }",
            data={"person": None, "all": [{"name": "Ada"}, {"name": "Bo"}]},
            errors=[f"person 1:3 {GONE}"],
            effects=[[13]],
        ),
        Case(
            id="edges level by level",
            document="{ all(ids: [1, 2]) { name friend { name boss { id } friend { id } } boss { name } } }",
            data={
                "all": [
                    {
                        "name": "Ada",
                        "friend": {"name": "Bo", "boss": {"id": 3}, "friend": {"id": 3}},
                        "boss": {"name": "Cy"},
                    },
                    {"name": "Bo", "friend": None, "boss": {"name": "Cy"}},
                ]
            },
            errors=["all.1.friend.boss 1:41 Cannot return null for non-nullable field Person.boss."],
            effects=[[2, 3], [99]],
        ),
        Case(
            id="edges to nowhere",
            document="{ all(ids: [3, 1, 3]) { friend { name } } }",
            data={"all": [{"friend": None}, {"friend": {"name": "Bo"}}, {"friend": None}]},
            effects=[[2]],
        ),
        Case(
            id="edges that fail with their neighbours",
            document="{ all(ids: [1, 4, 2]) { id friend { name } } }",
            data={"all": [{"id": id, "friend": None} for id in (1, 4, 2)]},
            errors=[f"all.{index}.friend 1:28 {GONE}" for index in (0, 1, 2)],
            effects=[[2, 3, 13]],
        ),
        Case(
            id="an edge that must be, and fails",
            document="{ person(id: 5) { boss { name } } b: person(id: 1) { id } }",
            data={"person": None, "b": {"id": 1}},
            errors=[f"person.boss 1:19 {GONE}"],
            effects=[[1, 5], [13]],
        ),
        Case(
            id="a null below an edge",
            document="{ all(ids: [1]) { also(id: 4) { name } b: also(id: 2) { name } } }",
            data={"all": [{"also": None, "b": {"name": "Bo"}}]},
            errors=["all.0.also.name 1:33 Cannot return null for non-nullable field Person.name."],
            effects=[[2, 4]],
        ),
        Case(
            id="beside what is awaited otherwise",
            document="{ all(ids: [1, 2]) { later(id: 5) { name friend { name } } friend { name } } }",
            data={
                "all": [
                    {"later": {"name": "Eve", "friend": {"name": "Ada"}}, "friend": {"name": "Bo"}},
                    {"later": {"name": "Eve", "friend": {"name": "Ada"}}, "friend": {"name": "Cy"}},
                ]
            },
        ),
        Case(
            id="what is known is not asked again",
            document="{ person(id: 1) { friend { boss { id } also(id: 1) { also(id: 2) { name } } } } }",
            data={"person": {"friend": {"boss": {"id": 3}, "also": {"also": {"name": "Bo"}}}}},
            effects=[[1], [2], [3]],
        ),
        Case(
            id="after a write it is",
            document=(
                "mutation { a: person(id: 1) { name } b: person(id: 1) { name } rename c: person(id:"
                " 1) { id } }"
            ),
            data={"a": {"name": "Ada"}, "b": {"name": "Ada"}, "rename": "renamed", "c": {"id": 1}},
            effects=[[1], [1]],
        ),
    ]
)
async def test_loads(case: Case) -> None:
    await check(SCHEMA, replace(case, context=Asked))
