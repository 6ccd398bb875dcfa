"""Mutations run one after another, each with everything below it, and stop when the answer is null."""

import asyncio
from typing import Any

from tests.schema.execution.cases.runner import Case, check, schema_of, table

SCHEMA = schema_of("""
    type Query { number: Int }
    type Holder { number: Int later: Int slow: Int must: Int! }
    type Mutation {
        set(to: Int!): Holder setLater(to: Int!): Holder fail(to: Int!): Holder failLater(to: Int!): Holder
        mustSet(to: Int!): Holder! mustSetLater(to: Int!): Holder! many(to: Int!): [Holder]
        plain(to: Int!): Int plainLater(to: Int!): Int
    }
""")


class Holder:
    """A number that mutations set, and that can be read late."""

    def __init__(self) -> None:
        self.now = 0

    def number(self, info: Any) -> int:
        return self.now

    must = number

    async def later(self, info: Any) -> int:
        await asyncio.sleep(0)
        info.context.append(f"read {self.now}")
        return self.now

    async def slow(self, info: Any) -> int:
        for _ in range(20):
            await asyncio.sleep(0)
        info.context.append(f"read slowly {self.now}")
        return self.now


class Root:
    """Each mutation by itself leaves in the context what it did."""

    def __init__(self) -> None:
        self.holder = Holder()

    def set(self, info: Any, to: int) -> Any:
        info.context.append(f"set {to}")
        self.holder.now = to
        return self.holder

    async def setLater(self, info: Any, to: int) -> Any:  # the name of a field
        info.context.append(f"begin {to}")
        await asyncio.sleep(0)
        return self.set(info, to)

    def fail(self, info: Any, to: int) -> Any:
        info.context.append(f"fail {to}")
        raise RuntimeError(f"Cannot set {to}.")

    async def failLater(self, info: Any, to: int) -> Any:  # as above
        await asyncio.sleep(0)
        self.fail(info, to)

    def mustSet(self, info: Any, to: int) -> Any:  # as above
        return self.set(info, to) if to < 9 else None

    async def mustSetLater(self, info: Any, to: int) -> Any:  # as above
        return self.mustSet(info, to)

    def plain(self, info: Any, to: int) -> int:
        self.set(info, to)
        return to

    async def plainLater(self, info: Any, to: int) -> int:  # as above
        return self.plain(info, to)

    def many(self, info: Any, to: int) -> list[Any]:
        return [self.set(info, to), self.holder]


CASES = [
    Case(
        id="one after another",
        document="""mutation {
            first: set(to: 1) { number } second: setLater(to: 2) { number } third: set(to: 3) { number }
            fourth: setLater(to: 4) { number } fifth: set(to: 5) { number }
        }""",
        data={
            name: {"number": index + 1}
            for index, name in enumerate(["first", "second", "third", "fourth", "fifth"])
        },
        effects=["set 1", "begin 2", "set 2", "set 3", "begin 4", "set 4", "set 5"],
    ),
    Case(
        id="everything below the first before the second",
        document=(
            "mutation { a: set(to: 1) { later slow } b: setLater(to: 2) { slow later } c: set(to: 3)"
            " { number } }"
        ),
        data={"a": {"later": 1, "slow": 1}, "b": {"slow": 2, "later": 2}, "c": {"number": 3}},
        effects=["set 1", "read 1", "read slowly 1", "begin 2", "set 2", "read 2", "read slowly 2", "set 3"],
    ),
    Case(
        id="at once",
        document="mutation { a: set(to: 1) { number } b: plain(to: 2) }",
        data={"a": {"number": 1}, "b": 2},
        effects=["set 1", "set 2"],
    ),
    Case(
        id="failures that may be null",
        document="""mutation {
  first: set(to: 1) { number }
  second: fail(to: 2) { number }
  third: setLater(to: 3) { number }
  fourth: failLater(to: 4) { number }
  fifth: set(to: 5) { number }
}""",
        data={
            "first": {"number": 1},
            "second": None,
            "third": {"number": 3},
            "fourth": None,
            "fifth": {"number": 5},
        },
        errors=["second 3:3 Cannot set 2.", "fourth 5:3 Cannot set 4."],
        effects=["set 1", "fail 2", "begin 3", "set 3", "fail 4", "set 5"],
    ),
    Case(
        id="a null that must not be ends the rest",
        document=(
            "mutation { a: set(to: 1) { number } b: mustSet(to: 9) { number } c: set(to: 3) { number } }"
        ),
        data=None,
        errors=["b 1:37 Cannot return null for non-nullable field Mutation.mustSet."],
        effects=["set 1"],
    ),
    Case(
        id="an awaited null that must not be ends the rest",
        document=(
            "mutation { a: setLater(to: 1) { number } b: mustSetLater(to: 9) { number } c: set(to:"
            " 3) { number } }"
        ),
        data=None,
        errors=["b 1:42 Cannot return null for non-nullable field Mutation.mustSetLater."],
        effects=["begin 1", "set 1"],
    ),
    Case(
        id="a failure below that may be null lets the rest run",
        document="mutation { a: plainLater(to: 1) b: set(to: 2) { number x: must } c: plain(to: 3) }",
        data={"a": 1, "b": {"number": 2, "x": 2}, "c": 3},
        effects=["set 1", "set 2", "set 3"],
    ),
    Case(
        id="by fragments, in the order of the document",
        document="""
            mutation {
                ...F b: set(to: 2) { number }
                ... on Mutation { c: set(to: 3) { number } a: setLater(to: 1) { later } }
            }
            fragment F on Mutation { a: setLater(to: 1) { number } }
        """,
        data={"a": {"number": 1, "later": 1}, "b": {"number": 2}, "c": {"number": 3}},
        effects=["begin 1", "set 1", "read 1", "set 2", "set 3"],
    ),
    Case(
        id="left out by a condition",
        document=(
            "mutation ($x: Boolean!) { a: set(to: 1) @skip(if: $x) { number } b: set(to: 2) { number } }"
        ),
        variables={"x": True},
        data={"b": {"number": 2}},
        effects=["set 2"],
    ),
    Case(
        id="an argument that fails",
        document="mutation ($x: Int = 1) { a: set(to: $x) { number } b: set(to: 2) { number } }",
        variables={"x": None},
        data={"a": None, "b": {"number": 2}},
        errors=[
            "a 1:37 Argument 'to' has invalid value:"
            " Expected variable '$x' provided to non-null type 'Int!' not to be None."
        ],
        effects=["set 2"],
    ),
    Case(
        id="lists below",
        document="mutation { a: many(to: 1) { number later } b: many(to: 2) { number } }",
        data={"a": [{"number": 1, "later": 1}] * 2, "b": [{"number": 2}] * 2},
        effects=["set 1", "read 1", "read 1", "set 2"],
    ),
    Case(
        id="variables that are refused run nothing",
        document="mutation ($x: Int!) { a: set(to: 1) { number } b: set(to: $x) { number } }",
        variables={"x": "one"},
        data=None,
        errors=["- 1:11 Variable '$x' has invalid value: Int cannot represent non-integer value: 'one'"],
        effects=[],
    ),
    Case(
        id="__typename between",
        document="mutation { a: plainLater(to: 1) __typename b: plain(to: 2) }",
        data={"a": 1, "__typename": "Mutation", "b": 2},
        effects=["set 1", "set 2"],
    ),
]


@table(CASES)
async def test_mutations(case: Case) -> None:
    await check(SCHEMA, Case(**{**vars(case), "root": Root}))


@table(
    [
        Case(
            id="a null below that must not be, at once",
            document="mutation { a: set(to: 1) { number must } b: plain(to: 2) }",
            root=lambda: {
                "set": lambda info, to: {"number": to},
                "plain": lambda info, to: info.context.append(to),
            },
            data={"a": None, "b": None},
            errors=["a.must 1:35 Cannot return null for non-nullable field Holder.must."],
            effects=[2],
        ),
        Case(
            id="a null below that must not be, which ends the rest",
            document="mutation { a: mustSet(to: 1) { number must } b: plain(to: 2) }",
            root=lambda: {
                "mustSet": lambda info, to: {"number": to},
                "plain": lambda info, to: info.context.append(to),
            },
            data=None,
            errors=["a.must 1:39 Cannot return null for non-nullable field Holder.must."],
            effects=[],
        ),
    ]
)
async def test_a_null_below(case: Case) -> None:
    await check(SCHEMA, case)
