"""Where null and failures of Strawberry resolvers go, and what mutations and subscriptions do with them."""

import asyncio
from collections.abc import AsyncIterator
from functools import cache
from types import SimpleNamespace
from typing import Any, Self

import pytest
import strawberry
from graphql import GraphQLSchema
from strawberry import Info

from tests.schema.execution.cases.runner import Case, Stream, check, check_stream, table
from tests.schema.execution.cases.test_nulls import BUBBLING, NESTED, PLACES, WORDS


def resolver(name: str, *, waits: bool) -> Any:
    """A resolver of a tree without end, whose words are null or fail."""

    def resolve(self: Any, info: Info) -> Any:
        if name not in ("word", "must"):
            return {"nests": [self, self], "mustNests": [self]}.get(name, self)
        if self.how == "raised":
            raise RuntimeError(info.field_name)
        return RuntimeError(info.field_name) if self.how == "returned" else None

    async def resolve_later(self: Any, info: Info) -> Any:
        await asyncio.sleep(0)
        return resolve(self, info)

    return strawberry.field(resolver=resolve_later if waits else resolve, name=name)


@cache
def tree(waits: str) -> GraphQLSchema:
    """The schema of such trees; the fields in waits have asynchronous resolvers."""

    def one(name: str) -> Any:
        return resolver(name, waits=name in waits.split())

    @strawberry.type
    class Nest:
        first: int
        word: str | None = one("word")
        must: str = one("must")
        nest: Self | None = one("nest")
        must_nest: Self = one("mustNest")
        nests: list[Self | None] | None = one("nests")
        must_nests: list[Self] = one("mustNests")

    @strawberry.type
    class Query:
        word: str | None = one("word")
        must: str = one("must")
        nest: Nest | None = one("nest")
        must_nest: Nest = one("mustNest")
        nests: list[Nest | None] | None = one("nests")
        must_nests: list[Nest] | None = one("mustNests")

    return strawberry.Schema(Query)._schema


WAITS = ["", "must word", "nest mustNest", "must word nest mustNest nests mustNests"]


@pytest.mark.parametrize("waits", WAITS)
@pytest.mark.parametrize("how", ["null", "raised", "returned"])
@pytest.mark.parametrize("document, data, places", BUBBLING, ids=[row[0] for row in BUBBLING])
async def test_null_goes_up(document: str, data: Any, places: list[str], how: str, waits: str) -> None:
    errors = []
    for place in places:
        owner = "Nest" if "." in place.split()[0] else "Query"
        message = f"Cannot return null for non-nullable field {owner}.must." if how == "null" else "must"
        errors.append(f"{place} {message}")
    root = SimpleNamespace(how=how, first=1)
    await check(tree(waits), Case(id=document, document=document, root=root, data=data, errors=errors))


@pytest.mark.parametrize("waits", WAITS)
@pytest.mark.parametrize("how", ["null", "raised", "returned"])
async def test_null_stays_where_it_may_be(how: str, waits: str) -> None:
    nest = {"word": None, "a": None, "nest": {"word": None}, "nests": [{"word": None}, {"word": None}]}
    case = Case(
        id=how,
        document=WORDS,
        root=SimpleNamespace(how=how),
        data={"nest": nest, "nests": [NESTED, NESTED], "word": None},
        errors=[] if how == "null" else [f"{place} word" for place in PLACES],
    )
    await check(tree(waits), case)


@strawberry.type
class Account:
    number: int
    must: int | None = None

    @strawberry.field
    async def read(self, info: Info) -> int:
        await asyncio.sleep(0)
        info.context.append(f"read {self.number}")
        return self.number

    @strawberry.field(name="mustRead")
    def must_read(self) -> int:
        return self.must  # type: ignore[return-value]  # what is tested


@strawberry.type
class Query:
    number: int = 1


@strawberry.type
class Mutation:
    @strawberry.mutation
    def set(self, info: Info, to: int) -> Account:
        info.context.append(f"set {to}")
        return Account(number=to)

    @strawberry.mutation
    async def set_later(self, info: Info, to: int, turns: int = 1) -> Account | None:
        info.context.append(f"begin {to}")
        for _ in range(turns):
            await asyncio.sleep(0)
        info.context.append(f"end {to}")
        return Account(number=to, must=to)

    @strawberry.mutation
    async def fail(self, info: Info) -> int:
        info.context.append("fail")
        raise ValueError("oops")

    @strawberry.mutation
    def fail_now(self, info: Info) -> int | None:
        info.context.append("fail now")
        raise ValueError("oops now")


@strawberry.type
class Subscription:
    @strawberry.subscription
    async def count(self, to: int) -> AsyncIterator[int]:
        for number in range(to):
            yield number if number != 2 else "two"  # type: ignore[misc]  # what the answer refuses

    @strawberry.subscription
    async def accounts(self, info: Info) -> AsyncIterator[list[Account] | None]:
        yield [Account(number=1, must=1), Account(number=2)]
        yield None
        yield [Account(number=3, must=3)]

    @strawberry.subscription
    async def one(self) -> AsyncIterator[Account]:
        yield Account(number=1, must=1)
        yield Account(number=2)


SCHEMA = strawberry.Schema(Query, Mutation, Subscription)._schema


@table(
    [
        Case(
            id="one after another",
            document=(
                "mutation { a: setLater(to: 1, turns: 9) { number read } b: set(to: 2) { read } c:"
                " setLater(to: 3) { number } }"
            ),
            data={"a": {"number": 1, "read": 1}, "b": {"read": 2}, "c": {"number": 3}},
            effects=["begin 1", "end 1", "read 1", "set 2", "read 2", "begin 3", "end 3"],
        ),
        Case(
            id="a failure ends the rest",
            document="mutation { a: set(to: 1) { number } fail b: setLater(to: 2) { number } }",
            data=None,
            errors=["fail 1:37 oops"],
            effects=["set 1", "fail"],
        ),
        Case(
            id="a failure that may be null does not",
            document="mutation { failNow b: setLater(to: 2) { number mustRead } a: failNow }",
            data={"failNow": None, "b": {"number": 2, "mustRead": 2}, "a": None},
            errors=["failNow 1:12 oops now", "a 1:59 oops now"],
            effects=["fail now", "begin 2", "end 2", "fail now"],
        ),
        Case(
            id="a null below ends the rest",
            document=(
                "mutation { a: setLater(to: 1) { mustRead } b: set(to: 2) { mustRead read } c:"
                " set(to: 3) { number } }"
            ),
            data=None,
            errors=["b.mustRead 1:60 Cannot return null for non-nullable field Account.mustRead."],
            effects=["begin 1", "end 1", "set 2"],
        ),
    ]
)
async def test_mutations(case: Case) -> None:
    await check(SCHEMA, case)


ONE_NULL = "Cannot return null for non-nullable field Account.mustRead."


@table(
    [
        Stream(
            id="leaves",
            document="subscription ($to: Int!) { count(to: $to) }",
            variables={"to": 4},
            answers=[
                ({"count": 0}, []),
                ({"count": 1}, []),
                (None, ["count 1:28 Int cannot represent non-integer value: 'two'"]),
                ({"count": 3}, []),
            ],
        ),
        Stream(
            id="lists",
            document="subscription { x: accounts { number read } }",
            answers=[
                ({"x": [{"number": 1, "read": 1}, {"number": 2, "read": 2}]}, []),
                ({"x": None}, []),
                ({"x": [{"number": 3, "read": 3}]}, []),
            ],
            effects=["read 1", "read 2", "read 3"],
        ),
        Stream(
            id="failures",
            document="subscription { accounts { mustRead } }",
            answers=[
                ({"accounts": None}, [f"accounts.1.mustRead 1:27 {ONE_NULL}"]),
                ({"accounts": None}, []),
                ({"accounts": [{"mustRead": 3}]}, []),
            ],
        ),
        Stream(
            id="failures that leave nothing",
            document="subscription { one { number mustRead } }",
            answers=[
                ({"one": {"number": 1, "mustRead": 1}}, []),
                (None, [f"one.mustRead 1:29 {ONE_NULL}"]),
            ],
        ),
    ]
)
async def test_subscriptions(case: Stream) -> None:
    await check_stream(SCHEMA, case)
