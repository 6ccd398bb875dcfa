"""Which operation of a document is run, on which root type, and what a document without one brings."""

from typing import Any

import pytest
from graphql import parse

from tests.schema.execution.cases.runner import Case, Run, both_ways, check, finished, schema_of, table, told

SCHEMA = schema_of("""
    type Query { a: String later: String same: Query }
    type Mutation { c: String }
    type Subscription { a: String }
""")
ROOT = {"a": "b", "c": "d"}


@table(
    [
        Case(id="an anonymous one", document="{ a }", root=ROOT, data={"a": "b"}),
        Case(id="the only one", document="query Example { a }", root=ROOT, data={"a": "b"}),
        Case(
            id="the only one by name",
            document="query Example { a }",
            operation="Example",
            root=ROOT,
            data={"a": "b"},
        ),
        Case(
            id="the named one",
            document="query One { first: a } query Two { second: a }",
            operation="Two",
            root=ROOT,
            data={"second": "b"},
        ),
        Case(
            id="a query beside a mutation",
            document="query Q { a } mutation M { c }",
            operation="Q",
            root=ROOT,
            data={"a": "b"},
        ),
        Case(
            id="a mutation beside a query",
            document="query Q { a } mutation M { c }",
            operation="M",
            root=ROOT,
            data={"c": "d"},
        ),
        Case(
            id="fragments behind and before",
            document="fragment F on Query { a } query Q { ...F ...G } fragment G on Query { x: a }",
            root=ROOT,
            data={"a": "b", "x": "b"},
        ),
        Case(
            id="each operation has its own variables",
            document=(
                "query One($x: Boolean!) { a @skip(if: $x) } query Two($x: Boolean = false) { a"
                " @skip(if: $x) }"
            ),
            operation="Two",
            root=ROOT,
            data={"a": "b"},
        ),
        Case(
            id="variables of nobody",
            document="{ a }",
            variables={"unknown": object()},
            root=ROOT,
            data={"a": "b"},
        ),
    ]
)
async def test_the_operation(case: Case) -> None:
    await check(SCHEMA, case)


# The document, the operation that is asked for, and the error without any data.
NONE: list[tuple[str, str | None, str]] = [
    ("fragment F on Query { a }", None, "- - Must provide an operation."),
    (
        "query One { a } query Two { a }",
        None,
        "- - Must provide operation name if query contains multiple operations.",
    ),
    ("query One { a } query Two { a }", "Three", "- - Unknown operation named 'Three'."),
    ("{ a }", "", "- - Unknown operation named ''."),
]


@pytest.mark.parametrize("document, operation, error", NONE)
async def test_no_operation(document: str, operation: str | None, error: str) -> None:
    case = Case(
        id=error,
        document=document,
        operation=operation,
        data=None,
        errors=[error],
        stays_stock="operation",
        valid=False,
    )
    await check(SCHEMA, case)


@pytest.mark.parametrize("kind", ["mutation", "subscription"])
async def test_a_schema_without_the_root_type(kind: str) -> None:
    case = Case(
        id=kind,
        document=f"{kind} M {{ __typename }}",
        data=None,
        errors=[f"- 1:1 Schema is not configured to execute {kind} operation."],
        stays_stock="operation",
        valid=False,
    )
    await check(schema_of("type Query { a: String }"), case)


async def test_fields_that_are_not_there() -> None:
    """Validation refuses such a document; execution leaves them out."""
    case = Case(
        id="",
        document="{ a unknown same { b } }",
        root={"a": "a", "same": {}},
        data={"a": "a", "same": {}},
        valid=False,
    )
    await check(SCHEMA, case)


def later(info: Any) -> Any:
    """A value a moment later."""

    async def resolve() -> str:
        return "later"

    return resolve()


@both_ways
@pytest.mark.parametrize(
    "document, at_once",
    [
        ("{ a }", True),
        ("{ __typename }", True),
        ("{ same { a } }", True),
        ("mutation { c }", True),
        ("{ a later }", False),
        ("{ same { later } }", False),
        ("query ($v: Boolean!) { a @skip(if: $v) }", True),
    ],
)
async def test_nobody_waits_for_what_is_there(run: Run, document: str, at_once: bool) -> None:
    result = run(
        SCHEMA, parse(document), root={"a": "a", "c": "c", "later": later, "same": {"a": "a", "later": later}}
    )
    assert hasattr(result, "__await__") is not at_once
    await finished(result)


@both_ways
async def test_answers_are_not_shared(run: Run) -> None:
    """What a caller does to one answer does not show in the next."""
    document = parse("{ a same { a } }")
    root = {"a": "a", "same": {"a": "a"}}
    first = run(SCHEMA, document, root=root)
    first.data["same"]["a"] = "changed"
    assert run(SCHEMA, document, root=root).data == {"a": "a", "same": {"a": "a"}}
    assert root == {"a": "a", "same": {"a": "a"}}


@both_ways
async def test_an_answer_without_errors_has_none(run: Run) -> None:
    result = run(SCHEMA, parse("{ a }"), root=ROOT)
    assert result == ({"a": "b"}, None)
    assert told(result.errors) == []
