"""What an exception of a resolver looks like in the answer, and which exceptions are none of a field's."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from graphql import GraphQLError, OperationDefinitionNode, Source, Undefined, parse

from tests.schema.execution.cases.runner import Case, Run, both_ways, check, finished, schema_of, told

SCHEMA = schema_of("""
    type Query { field: String must: String! items: [String] row: Row rows: [Row] }
    type Row { field: String must: String! }
""")


class Coded(Exception):
    """An error with a code of its own."""

    message = "a message of its own"
    extensions = {"code": "CODED"}


class Silent(Exception):
    """An error that cannot say what it is."""

    def __str__(self) -> str:
        return ""


# What is raised or returned, and its message and extensions.
FAILURES: list[tuple[str, Callable[[], Exception], str]] = [
    ("plain", lambda: RuntimeError("plain"), "plain"),
    ("without a message", ValueError, ""),
    ("silent", lambda: Silent("x"), ""),
    ("several arguments", lambda: ValueError("a", 1), "('a', 1)"),
    ("a missing key", lambda: KeyError("key"), "'key'"),
    ("GraphQL's own", lambda: GraphQLError("own"), "own"),
    (
        "with extensions",
        lambda: GraphQLError("own", extensions={"code": "X", "n": [1]}),
        "own {'code': 'X', 'n': [1]}",
    ),
    ("a message of its own", Coded, "a message of its own {'code': 'CODED'}"),
    ("wrapped", lambda: GraphQLError("outer", original_error=Coded()), "outer {'code': 'CODED'}"),
    ("not implemented", NotImplementedError, ""),
    ("an assertion", lambda: AssertionError("no"), "no"),
    ("a recursion", lambda: RecursionError("deep"), "deep"),
    ("a timeout", lambda: TimeoutError("late"), "late"),
    ("a group", lambda: ExceptionGroup("group", [ValueError("x")]), "group"),
]


def raising(make: Callable[[], Exception]) -> Callable[[Any], Any]:
    """A resolver that raises."""

    def resolve(info: Any) -> Any:
        raise make()

    return resolve


def raising_later(make: Callable[[], Exception]) -> Callable[[Any], Any]:
    """A resolver that raises when it is awaited."""

    async def resolve(info: Any) -> Any:
        raise make()

    return resolve


def returning(make: Callable[[], Exception]) -> Callable[[Any], Any]:
    """A resolver that returns what it should have raised."""
    return lambda info: make()


def returning_later(make: Callable[[], Exception]) -> Callable[[Any], Any]:
    """The same, later."""

    async def resolve(info: Any) -> Any:
        return make()

    return resolve


PLACES = ["field 1:3", "row.must 1:15", "rows.0.field 1:29", "items.1 1:37"]
HOW = [raising, raising_later, returning, returning_later]


def case_of(how: Any, make: Callable[[], Exception], errors: list[str]) -> Case:
    """The failure as a field, below an object, in rows and, at once, as an item."""
    return Case(
        id="",
        document="{ field row { must } rows { field } items }",
        root={
            "field": how(make),
            "row": {"must": how(make)},
            "rows": [{"field": how(make)}, {"field": "fine"}],
            "items": lambda info: ["a", make(), "b"],
        },
        data={
            "field": None,
            "row": None,
            "rows": [{"field": None}, {"field": "fine"}],
            "items": ["a", None, "b"],
        },
        errors=errors,
    )


@pytest.mark.parametrize("how", HOW)
@pytest.mark.parametrize("make, message", [row[1:] for row in FAILURES], ids=[row[0] for row in FAILURES])
async def test_failures(how: Any, make: Callable[[], Exception], message: str) -> None:
    await check(SCHEMA, case_of(how, make, [f"{place} {message}" for place in PLACES]))


# Python itself turns these into other errors when a coroutine raises them.
@pytest.mark.parametrize("how", [raising, returning, returning_later])
@pytest.mark.parametrize("make", [StopIteration, StopAsyncIteration])
async def test_the_end_of_an_iteration_is_a_failure_like_others(how: Any, make: Any) -> None:
    await check(SCHEMA, case_of(how, lambda: make("end"), [f"{place} end" for place in PLACES]))


def of_another_document(**given: Any) -> GraphQLError:
    """An error that knows its place already."""
    document = parse("{ other { place } }")
    operation = document.definitions[0]
    assert isinstance(operation, OperationDefinitionNode)
    return GraphQLError("own", list(operation.selection_set.selections), **given)


@pytest.mark.parametrize("how", HOW)
@pytest.mark.parametrize(
    "make, errors",
    [
        (
            of_another_document,
            [f"{path} 1:3 own" for path in ("field", "row.must", "rows.0.field", "items.1")],
        ),
        (lambda: of_another_document(path=["elsewhere", 1]), ["elsewhere.1 1:3 own"] * 4),
        (lambda: GraphQLError("own", path=["elsewhere"]), ["elsewhere - own"] * 4),
        (
            lambda: GraphQLError("own", source=Source("{\n  x }"), positions=[4]),
            [f"{path} 2:3 own" for path in ("field", "row.must", "rows.0.field", "items.1")],
        ),
    ],
    ids=["nodes", "nodes and path", "path", "source"],
)
async def test_an_error_that_knows_its_place(
    how: Any, make: Callable[[], Exception], errors: list[str]
) -> None:
    await check(SCHEMA, case_of(how, make, errors))


@both_ways
@pytest.mark.parametrize("how", HOW)
async def test_the_exception_stays_within_reach(run: Run, how: Any) -> None:
    cause = Coded("why")
    result = await finished(run(SCHEMA, parse("{ field }"), root={"field": how(lambda: cause)}))
    (error,) = result.errors or [GraphQLError("none")]
    assert error.original_error is cause
    assert error.nodes and [node.kind for node in error.nodes] == ["field"]
    assert error.source and error.source.body == "{ field }"
    assert error.path == ["field"]


@both_ways
@pytest.mark.parametrize("how", HOW)
async def test_one_error_raised_in_many_places_is_told_in_each(run: Run, how: Any) -> None:
    """A resolver that raises an object which others raise too does not mix up their places."""
    cause = GraphQLError("shared")
    root = {
        "field": how(lambda: cause),
        "row": {"field": how(lambda: cause)},
        "rows": [{"field": how(lambda: cause)}] * 2,
    }
    for _ in range(2):
        result = await finished(run(SCHEMA, parse("{ field row { field } rows { field } }"), root=root))
        assert sorted(told(result.errors)) == [
            "field 1:3 shared",
            "row.field 1:15 shared",
            "rows.0.field 1:30 shared",
            "rows.1.field 1:30 shared",
        ]
        assert cause.path is None


@both_ways
@pytest.mark.parametrize("stop", [KeyboardInterrupt, SystemExit])
async def test_an_exception_that_is_not_of_a_field_at_once(run: Run, stop: type[BaseException]) -> None:
    def resolve(info: Any) -> Any:
        raise stop

    for root in ({"field": resolve}, {"row": {"must": resolve}}, {"rows": [{"field": resolve}]}):
        with pytest.raises(stop):
            run(SCHEMA, parse("{ field row { must } rows { field } }"), root=root)


@both_ways
@pytest.mark.parametrize(
    "document", ["{ field }", "{ field items }", "{ row { must } items }", "{ rows { field must } }"]
)
async def test_a_resolver_that_is_cancelled_cancels_the_request(run: Run, document: str) -> None:
    async def cancelled(info: Any) -> Any:
        raise asyncio.CancelledError

    async def fine(info: Any) -> str:
        return "fine"

    row = {"field": cancelled, "must": cancelled}
    root = {**row, "row": row, "rows": [row], "items": lambda info: []}
    with pytest.raises(asyncio.CancelledError):
        await run(SCHEMA, parse(document), root=root)


async def test_undefined_is_null() -> None:
    case = Case(
        id="",
        document="{ field items row { field } rows { must } }",
        root={"field": Undefined, "items": [Undefined, "a"], "row": Undefined, "rows": [{"must": Undefined}]},
        data={"field": None, "items": [None, "a"], "row": None, "rows": [None]},
        errors=["rows.0.must 1:36 Cannot return null for non-nullable field Row.must."],
    )
    await check(SCHEMA, case)


class Hostile:
    """An object whose attributes do things."""

    @property
    def field(self) -> str:
        raise AttributeError("Not here.")

    @property
    def must(self) -> str:
        raise LookupError("Broken.")

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return f"any {name}"


async def test_attributes_that_raise() -> None:
    """A missing attribute is null; one that fails otherwise is an error."""
    case = Case(
        id="",
        document="{ row { field } rows { must } }",
        root={"row": Hostile(), "rows": [Hostile(), {"must": "fine"}, object()]},
        data={"row": {"field": "any field"}, "rows": [None, {"must": "fine"}, None]},
        errors=[
            "rows.0.must 1:24 Broken.",
            "rows.2.must 1:24 Cannot return null for non-nullable field Row.must.",
        ],
    )
    await check(SCHEMA, case)
