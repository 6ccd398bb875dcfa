"""What Strawberry's own types become: generics, names, private attributes, inheritance, rows."""

from dataclasses import dataclass
from types import SimpleNamespace
from typing import Annotated, Any, Generic, TypeVar

import strawberry
from strawberry.schema.config import StrawberryConfig

from tests.schema.execution.cases.runner import Case, check, table

T = TypeVar("T")


@strawberry.interface
class Named:
    name: str

    @strawberry.field
    def length(self) -> int:
        return len(self.name)


@strawberry.interface
class Aged(Named):
    age: int = 1


@strawberry.type
class Dog(Named):
    barks: bool = True


@strawberry.type
class Cat(Aged):
    lives: int = 9


@strawberry.type
class Row:
    """A type that says yes to every value."""

    id: strawberry.ID

    @classmethod
    def is_type_of(cls, value: Any, info: Any) -> bool:
        return isinstance(value, dict | Row)


Pet = Annotated[Dog | Cat, strawberry.union("Pet")]


@strawberry.type
class Page(Generic[T]):
    items: list[T]
    total: int
    first: T | None = None


@strawberry.type
class Names:
    long_name: str
    other: str = strawberry.field(name="differently")
    secret: strawberry.Private[str] = "hidden"
    number: int = 1

    @strawberry.field
    def told(self) -> str:
        return self.secret


@strawberry.type
class Base:
    kept: str = "kept"
    changed: str = "base"


@strawberry.type
class Derived(Base):
    changed: str = "derived"
    added: int = 3


@strawberry.type
class Node:
    value: int
    next: Annotated["Node", strawberry.lazy("tests.schema.execution.cases.test_strawberry_types")] | None = (
        None
    )


@dataclass
class Other:
    """Not a type of the graph, but it has the same attributes."""

    name: str = "other"
    barks: bool = False


@strawberry.type
class Query:
    pet: Pet | None
    pets: list[Pet | None] | None
    named: Named | None
    aged: list[Aged] | None
    dog: Dog | None
    dogs: list[Dog] | None
    rows: list[Row] | None
    page: Page[Dog] | None
    numbers: Page[int] | None
    names: Names | None
    base: list[Base] | None
    derived: Derived | None
    node: Node | None


TWO: Any = 2
SCHEMA = strawberry.Schema(Query, types=[Dog, Cat])._schema
NOT_DOG = "Expected value of type 'Dog' but got: "


def root(**values: Any) -> Any:
    """A root with these attributes."""
    return SimpleNamespace(**values)


CASES = [
    Case(
        id="generics",
        document=(
            "{ page { total items { name } first { barks } __typename } numbers { items first __typename } }"
        ),
        root=root(
            page=Page(items=[Dog(name="a")], total=1, first=Dog(name="b")),
            numbers=Page(items=[1, 2], total=2),
        ),
        data={
            "page": {"total": 1, "items": [{"name": "a"}], "first": {"barks": True}, "__typename": "DogPage"},
            "numbers": {"items": [1, 2], "first": None, "__typename": "IntPage"},
        },
    ),
    Case(
        id="names and private attributes",
        document="{ names { longName differently told number } }",
        root=root(names=Names(long_name="long", other="o")),
        data={"names": {"longName": "long", "differently": "o", "told": "hidden", "number": 1}},
    ),
    Case(
        id="inheritance",
        document="{ base { kept changed } derived { kept changed added } }",
        root=root(base=[Base(), Derived()], derived=Derived(kept="other")),
        data={
            "base": [{"kept": "kept", "changed": "base"}, {"kept": "kept", "changed": "derived"}],
            "derived": {"kept": "other", "changed": "derived", "added": 3},
        },
    ),
    Case(
        id="lazy types",
        document="{ node { value next { value next { value next { value } } } } }",
        root=root(node=Node(value=1, next=Node(value=2, next=Node(value=3)))),
        data={"node": {"value": 1, "next": {"value": 2, "next": {"value": 3, "next": None}}}},
    ),
    Case(
        id="an attribute that is not there",
        document="{ derived { kept added } node { value } }",
        root=root(derived=Base(), node=root(value=7)),
        data={"derived": None, "node": {"value": 7}},
        errors=["derived.added 1:18 'Base' object has no attribute 'added'"],
    ),
    Case(
        id="values that come later",
        document="{ derived { kept } page { items { name } } pet { __typename } named { name } }",
        root=lambda: root(
            derived=later(Derived(kept=later("late"))),  # type: ignore[arg-type]  # any value may be awaited
            page=Page(items=[later(Dog(name="a"))], total=1),
            pet=later(Cat(name="Tom")),
            named=later(Dog(name=later("Odie"))),  # type: ignore[arg-type]  # as above
        ),
        data={
            "derived": {"kept": "late"},
            "page": {"items": [{"name": "a"}]},
            "pet": {"__typename": "Cat"},
            "named": {"name": "Odie"},
        },
    ),
]


async def later(value: Any) -> Any:
    """The value a moment later."""
    return value


@table(CASES)
async def test_types(case: Case) -> None:
    await check(SCHEMA, case)


def by_key(source: Any, name: str) -> Any:
    """Reads rows as well as objects."""
    return source.get(name) if isinstance(source, dict) else getattr(source, name)


async def test_rows_by_a_resolver_of_the_schema() -> None:
    """The schema's own default resolver serves every field without one; python names, not those"
    " of the graph."""
    schema = strawberry.Schema(
        Query, types=[Dog, Cat], config=StrawberryConfig(default_resolver=by_key)
    )._schema
    case = Case(
        id="",
        document=(
            "{ names { longName differently number } derived { kept } base { kept changed } node {"
            " next { value } } }"
        ),
        root={
            "names": {"long_name": "row", "other": "o", "secret": "s", "number": 4},
            "derived": Derived(),
            "base": [{"kept": "row", "changed": "c"}, Base(), {"kept": "last", "changed": "d"}],
            "node": {"next": {"value": 3}},
        },
        data={
            "names": {"longName": "row", "differently": "o", "number": 4},
            "derived": {"kept": "kept"},
            "base": [
                {"kept": "row", "changed": "c"},
                {"kept": "kept", "changed": "base"},
                {"kept": "last", "changed": "d"},
            ],
            "node": {"next": {"value": 3}},
        },
    )
    await check(schema, case)
