"""Corners of Strawberry that a compiler could cut: names, generators, scalars, handlers, relay."""

from collections.abc import Iterable
from typing import Annotated, Any, NewType

import strawberry
from strawberry import Info, relay
from strawberry.schema.config import StrawberryConfig

from tests.schema.execution.cases.runner import Case, check, table

Backwards = NewType("Backwards", str)
Lost = NewType("Lost", str)


def backwards(value: str) -> str:
    """A text from its end."""
    return value[::-1]


def lost(value: str) -> Any:
    """Nothing, or a failure."""
    if value == "fail":
        raise ValueError("cannot be shown")
    return None


SCALARS: Any = {
    Backwards: strawberry.scalar(name="Backwards", serialize=backwards, parse_value=backwards),
    Lost: strawberry.scalar(name="Lost", serialize=lost),
}


@strawberry.type
class Problem:
    message: str


@strawberry.type
class Done:
    word: str


Outcome = Annotated[Done | Problem, strawberry.union("Outcome")]


class Told(strawberry.ExceptionHandler[LookupError, Problem]):
    """Turns a failed search into a problem, unless it is a private one."""

    def handle(self, exception: LookupError, *, field: Any, info: Info) -> Problem | None:
        return None if "private" in str(exception) else Problem(message=f"{info.field_name}: {exception}")


@strawberry.type
class Item(relay.Node):
    code: relay.NodeID[int]
    name: str

    @classmethod
    def resolve_nodes(cls, *, info: Info, node_ids: Iterable[str], required: bool = False) -> Any:
        return [Item(code=int(each), name=f"item {each}") for each in node_ids]


@strawberry.type
class Query:
    backwards: Backwards | None = None
    lost: Lost | None = None

    node: relay.Node = relay.node()

    @relay.connection(relay.ListConnection[Item])
    def items(self) -> Iterable[Item]:
        return [Item(code=number, name=f"item {number}") for number in range(5)]

    @strawberry.field
    def letters(self, r: int, s: int, p: int, out: int, v: int, e: int, a: int, f: int) -> list[int]:
        return [r, s, p, out, v, e, a, f]

    @strawberry.field
    def more(
        self, source: int, request: int, parent: int, arguments: int, next_: int, cls: int = 6
    ) -> list[int]:
        return [source, request, parent, arguments, next_, cls]

    @strawberry.field
    def generator(self, to: int) -> list[int]:  # type: ignore[misc]  # any iterable may stand for a list
        yield from range(to)

    @strawberry.field
    async def turns(self, to: int) -> list[int]:  # type: ignore[misc]  # as above
        for turn in range(to):
            yield turn

    @strawberry.field
    def iterator(self) -> list[int]:
        return iter([1, 2])  # type: ignore[return-value]  # as above

    @strawberry.field
    @classmethod
    def by_class(cls, word: str = "w") -> str:
        return f"{cls.__name__} {word}"

    @strawberry.field
    def back(self, word: Backwards) -> Backwards:
        return Backwards(f"<{word}")

    @strawberry.field
    def find(self, word: str) -> Outcome | None:
        if word == "crash":
            raise ValueError("crash")
        if word != "here":
            raise LookupError(word)
        return Done(word=word)

    @strawberry.field
    async def find_later(self, word: str) -> Outcome | None:
        if word != "here":
            raise LookupError(word)
        return Done(word=word)

    @strawberry.field(deprecation_reason="Old.", description="'''\"\\")
    def odd_(self) -> str:
        return "odd"

    @strawberry.field(name="_")
    def underscore(self) -> str:
        return "_"


SCHEMA = strawberry.Schema(
    Query,
    types=[Item],
    config=StrawberryConfig(scalar_map=SCALARS),
    exception_handlers=[Told()],
)._schema


@table(
    [
        Case(
            id="names that a compiler could use itself",
            document=(
                "{ letters(r: 1, s: 2, p: 3, out: 4, v: 5, e: 6, a: 7, f: 8) more(source: 1,"
                " request: 2, parent: 3, arguments: 4, next_: 5) }"
            ),
            root=Query(),
            data={"letters": [1, 2, 3, 4, 5, 6, 7, 8], "more": [1, 2, 3, 4, 5, 6]},
        ),
        Case(
            id="the same by variables",
            document="query ($r: Int!) { letters(r: $r, s: $r, p: $r, out: $r, v: $r, e: $r, a: $r, f: $r) }",
            variables={"r": 1},
            root=Query(),
            data={"letters": [1] * 8},
        ),
        Case(
            id="generators",
            document="{ generator(to: 2) turns(to: 3) iterator a: generator(to: 0) }",
            root=Query(),
            data={"generator": [0, 1], "turns": [0, 1, 2], "iterator": [1, 2], "a": []},
        ),
        Case(
            id="methods of the class, and odd names",
            document='{ byClass(word: "x") _ _odd_: odd_ }',
            root=Query(),
            data={"byClass": "Query x", "_": "_", "_odd_": "odd"},
        ),
        Case(
            id="scalars of one's own",
            document='query ($w: Backwards!) { backwards back(word: $w) b: back(word: "cd") }',
            variables={"w": "ab"},
            root=Query(backwards=Backwards("abc")),
            data={"backwards": "cba", "back": "ab<", "b": "cd<"},
        ),
        Case(
            id="scalars that show nothing",
            document="{ lost }",
            root=Query(lost=Lost("nothing")),
            data={"lost": None},
            errors=[
                "lost 1:3 Expected `Lost.coerce_output_value('nothing')` to return non-nullable"
                " value, returned: None"
            ],
        ),
        Case(
            id="scalars that fail",
            document="{ lost }",
            root=Query(lost=Lost("fail")),
            data={"lost": None},
            errors=["lost 1:3 cannot be shown"],
        ),
        Case(
            id="failures that are answers",
            document="""{
              find(word: "here") { __typename ... on Done { word } }
              b: find(word: "there") { __typename ... on Problem { message } }
              c: find(word: "private") { __typename }
              d: find(word: "crash") { __typename }
              e: findLater(word: "there") { ... on Problem { message } }
              f: findLater(word: "private") { __typename }
            }""",
            root=Query(),
            data={
                "find": {"__typename": "Done", "word": "here"},
                "b": {"__typename": "Problem", "message": "find: there"},
                "c": None,
                "d": None,
                "e": {"message": "findLater: there"},
                "f": None,
            },
            errors=["c 4:15 private", "d 5:15 crash", "f 7:15 private"],
        ),
        Case(
            id="a node",
            document='{ node(id: "SXRlbTo3") { id __typename ... on Item { name } } }',
            root=Query(),
            data={"node": {"id": "SXRlbTo3", "__typename": "Item", "name": "item 7"}},
        ),
        Case(
            id="a connection",
            document=(
                '{ items(first: 2, after: "YXJyYXljb25uZWN0aW9uOjA=") { edges { cursor node { id'
                " name } } pageInfo { hasNextPage } } }"
            ),
            root=Query(),
            data={
                "items": {
                    "edges": [
                        {"cursor": "YXJyYXljb25uZWN0aW9uOjE=", "node": {"id": "SXRlbTox", "name": "item 1"}},
                        {"cursor": "YXJyYXljb25uZWN0aW9uOjI=", "node": {"id": "SXRlbToy", "name": "item 2"}},
                    ],
                    "pageInfo": {"hasNextPage": True},
                }
            },
        ),
    ]
)
async def test_oddities(case: Case) -> None:
    await check(SCHEMA, case)
