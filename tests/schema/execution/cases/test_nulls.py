"""Where null and failures go: to the nearest place that may be null, past everything that must not."""

import asyncio
from typing import Any

import pytest

from tests.schema.execution.cases.runner import Case, check, schema_of, table

SCHEMA = schema_of("""
    type Query { word: String must: String! nest: Nest mustNest: Nest! nests: [Nest] mustNests: [Nest!] }
    type Nest {
        word: String must: String! nest: Nest mustNest: Nest! nests: [Nest] mustNests: [Nest!]!
        first: Int second: Int! third: Int later: Int mustLater: Int! slow: Int
    }
""")


def tree(how: str, waits: str = "") -> dict[str, Any]:
    """A tree without end whose words are null or fail; the fields in waits are awaited."""

    def word(info: Any) -> Any:
        if how == "raised":
            raise RuntimeError(info.field_name)
        return RuntimeError(info.field_name) if how == "returned" else None

    def awaited(resolve: Any) -> Any:
        async def resolve_later(info: Any) -> Any:
            return resolve(info)

        return resolve_later

    node: dict[str, Any] = {"first": 1}
    fields = {
        "word": word,
        "must": word,
        "nest": lambda info: node,
        "mustNest": lambda info: node,
        "nests": lambda info: [node, node],
        "mustNests": lambda info: [node],
    }
    node.update({name: awaited(field) if name in waits.split() else field for name, field in fields.items()})
    return node


# The document, its answer, and where it fails at a field that must not be null.
BUBBLING: list[tuple[str, Any, list[str]]] = [
    ("{ must }", None, ["must 1:3"]),
    ("{ nest { must } }", {"nest": None}, ["nest.must 1:10"]),
    ("{ nest { first must } }", {"nest": None}, ["nest.must 1:16"]),
    ("{ mustNest { must } }", None, ["mustNest.must 1:14"]),
    ("{ nest { nest { must } first } }", {"nest": {"nest": None, "first": 1}}, ["nest.nest.must 1:17"]),
    ("{ nest { mustNest { must } } }", {"nest": None}, ["nest.mustNest.must 1:21"]),
    ("{ a: nest { b: mustNest { c: mustNest { d: must } } } }", {"a": None}, ["a.b.c.d 1:41"]),
    (
        "{ nest { nest { mustNest { mustNest { must } } } first } }",
        {"nest": {"nest": None, "first": 1}},
        ["nest.nest.mustNest.mustNest.must 1:39"],
    ),
    ("{ mustNest { mustNest { must } } }", None, ["mustNest.mustNest.must 1:25"]),
    ("{ nests { must } }", {"nests": [None, None]}, ["nests.0.must 1:11", "nests.1.must 1:11"]),
    ("{ mustNests { must } }", {"mustNests": None}, ["mustNests.0.must 1:15"]),
    ("{ nest { mustNests { must } } }", {"nest": None}, ["nest.mustNests.0.must 1:22"]),
    (
        "{ nests { mustNests { must } } }",
        {"nests": [None, None]},
        ["nests.0.mustNests.0.must 1:23", "nests.1.mustNests.0.must 1:23"],
    ),
    (
        "{ nests { nests { must } first } }",
        {"nests": [{"nests": [None, None], "first": 1}, {"nests": [None, None], "first": 1}]},
        [f"nests.{i}.nests.{j}.must 1:19" for i in (0, 1) for j in (0, 1)],
    ),
    (
        "{ one: nest { must } two: nest { must } three: nest { first } }",
        {"one": None, "two": None, "three": {"first": 1}},
        ["one.must 1:15", "two.must 1:34"],
    ),
]


@pytest.mark.parametrize(
    "waits", ["", "must", "nest mustNest", "nests mustNests", "must nest mustNest nests mustNests"]
)
@pytest.mark.parametrize("how", ["null", "raised", "returned"])
@pytest.mark.parametrize("document, data, places", BUBBLING, ids=[row[0] for row in BUBBLING])
async def test_null_goes_up(document: str, data: Any, places: list[str], how: str, waits: str) -> None:
    errors = []
    for place in places:
        owner = "Nest" if "." in place.split()[0] else "Query"
        errors.append(
            f"{place} "
            + (f"Cannot return null for non-nullable field {owner}.must." if how == "null" else "must")
        )
    case = Case(id=document, document=document, root=lambda: tree(how, waits), data=data, errors=errors)
    await check(SCHEMA, case)


WORDS = """{
  nest { word a: word nest { word } nests { word } }
  nests { word nest { word } }
  word
}"""
PLACES = [
    "nest.word 2:10",
    "nest.a 2:15",
    "nest.nest.word 2:30",
    "nest.nests.0.word 2:45",
    "nest.nests.1.word 2:45",
    "nests.0.word 3:11",
    "nests.0.nest.word 3:23",
    "nests.1.word 3:11",
    "nests.1.nest.word 3:23",
    "word 4:3",
]
NESTED = {"word": None, "nest": {"word": None}}


@pytest.mark.parametrize("waits", ["", "word", "nest", "nests", "word nest nests"])
@pytest.mark.parametrize("how", ["null", "raised", "returned"])
async def test_null_stays_where_it_may_be(how: str, waits: str) -> None:
    nest = {"word": None, "a": None, "nest": {"word": None}, "nests": [{"word": None}, {"word": None}]}
    case = Case(
        id=how,
        document=WORDS,
        root=lambda: tree(how, waits),
        data={"nest": nest, "nests": [NESTED, NESTED], "word": None},
        errors=[] if how == "null" else [f"{place} word" for place in PLACES],
    )
    await check(SCHEMA, case)


def say(value: Any) -> Any:
    """A resolver that leaves its name in the context, and fails where the value is an exception."""

    def resolve(info: Any) -> Any:
        info.context.append(info.path.key)
        if isinstance(value, Exception):
            raise value
        return value

    return resolve


def say_later(value: Any, turns: int = 1) -> Any:
    """The same, some turns of the loop after its name is said."""

    async def resolve(info: Any) -> Any:
        info.context.append(info.path.key)
        for _ in range(turns):
            await asyncio.sleep(0)
        info.context.append(f"{info.path.key} done")
        if isinstance(value, Exception):
            raise value
        return value

    return resolve


OOPS = ValueError("oops")


def nest(**fields: Any) -> dict[str, Any]:
    """A root with one object in it."""
    return {"nest": {"first": say(1), "third": say(3), **fields}}


@table(
    [
        Case(
            id="a failure that may be null lets the rest run",
            document="{ nest { first third word a: first } }",
            root=nest(third=say(OOPS), word=say("w")),
            data={"nest": {"first": 1, "third": None, "word": "w", "a": 1}},
            errors=["nest.third 1:16 oops"],
            effects=["first", "third", "word", "a"],
        ),
        Case(
            id="a failure that must not be null ends its object",
            document="{ nest { first second third } a: nest { third } }",
            root=nest(second=say(OOPS)),
            data={"nest": None, "a": {"third": 3}},
            errors=["nest.second 1:16 oops"],
            effects=["first", "second", "third"],
        ),
        Case(
            id="a failure of a list item ends its list",
            document="{ mustNests { first second } }",
            root={
                "mustNests": [
                    {"first": say(1), "second": say(2)},
                    {"first": say(1)},
                    {"first": say(3), "second": say(4)},
                ]
            },
            data={"mustNests": None},
            errors=["mustNests.1.second 1:21 Cannot return null for non-nullable field Nest.second."],
            effects=["first", "second", "first"],
        ),
        Case(
            id="an error below a null counts once",
            document="{ nest { first second } }",
            root=nest(first=say(OOPS), second=say(None)),
            data={"nest": None},
            errors=[
                "nest.first 1:10 oops",
                "nest.second 1:16 Cannot return null for non-nullable field Nest.second.",
            ],
        ),
        Case(
            id="what waits beside a failure is run behind the answer",
            document="{ nest { later second third } }",
            root=nest(later=say_later(1), second=say(None)),
            data={"nest": None},
            errors=["nest.second 1:16 Cannot return null for non-nullable field Nest.second."],
            effects=["second", "later", "later done"],
        ),
        Case(
            id="a failure behind the answer is told to nobody",
            document="{ nest { later second } }",
            root=nest(later=say_later(OOPS), second=say(None)),
            data={"nest": None},
            errors=["nest.second 1:16 Cannot return null for non-nullable field Nest.second."],
            effects=["second", "later", "later done"],
        ),
        Case(
            id="an awaited failure lets the rest begin",
            document="{ nest { mustLater first third } }",
            root=nest(mustLater=say_later(OOPS)),
            data={"nest": None},
            errors=["nest.mustLater 1:10 oops"],
            effects=["first", "third", "mustLater", "mustLater done"],
        ),
        Case(
            id="an awaited failure cancels what is slower",
            document="{ nest { slow mustLater } first: nest { first } }",
            root=nest(mustLater=say_later(OOPS), slow=say_later(1, turns=50)),
            data={"nest": None, "first": {"first": 1}},
            errors=["nest.mustLater 1:15 oops"],
            effects=["first", "slow", "mustLater", "mustLater done"],
        ),
        Case(
            id="an awaited failure that may be null lets all go on",
            document="{ nest { later slow mustLater } }",
            root=nest(later=say_later(OOPS), slow=say_later(1, turns=9), mustLater=say_later(2, turns=3)),
            data={"nest": {"later": None, "slow": 1, "mustLater": 2}},
            errors=["nest.later 1:10 oops"],
            effects=["later", "slow", "mustLater", "later done", "mustLater done", "slow done"],
        ),
        Case(
            id="one object that fails leaves its neighbours alone",
            document="{ nests { mustLater slow } }",
            root={
                "nests": [
                    {"mustLater": say_later(1), "slow": say_later(1, turns=5)},
                    {"mustLater": say_later(OOPS), "slow": say_later(1, turns=50)},
                    {"mustLater": say_later(3), "slow": say_later(3, turns=5)},
                ]
            },
            data={"nests": [{"mustLater": 1, "slow": 1}, None, {"mustLater": 3, "slow": 3}]},
            errors=["nests.1.mustLater 1:11 oops"],
        ),
        Case(
            id="the whole answer is null",
            document="{ mustNest { first mustLater } word }",
            root={"mustNest": {"first": 1, "mustLater": say_later(OOPS)}, "word": "w"},
            data=None,
            errors=["mustNest.mustLater 1:20 oops"],
        ),
        Case(
            id="two roots that must not be null",
            document="{ must a: must }",
            root={"must": say(OOPS)},
            data=None,
            errors=["must 1:3 oops"],
            effects=["must"],
        ),
    ]
)
async def test_what_a_failure_stops(case: Case) -> None:
    await check(SCHEMA, case)
