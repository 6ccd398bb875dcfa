"""Documents that are not compiled, each with the reason that the metrics show."""

import pytest
from graphql import parse

from schema.execution.plan import Plan, Uncompiled, compile_event, compile_operation
from tests.schema.execution.cases.runner import Case, check, schema_of, table

SCHEMA = schema_of("""
    directive @mark on FIELD | QUERY | FRAGMENT_DEFINITION
    type Query { a: String b: String same: Query }
    type Subscription { a: String }
""")
ROOT = {"a": "a", "b": "b", "same": {"a": "a"}}


@table(
    [
        Case(
            id="the schema",
            document="{ a __schema { queryType { name } } }",
            root=ROOT,
            data={"a": "a", "__schema": {"queryType": {"name": "Query"}}},
            stays_stock="introspection",
        ),
        Case(
            id="a type",
            document='{ __type(name: "Query") { kind fields { name } ofType { name } } }',
            data={
                "__type": {
                    "kind": "OBJECT",
                    "fields": [{"name": "a"}, {"name": "b"}, {"name": "same"}],
                    "ofType": None,
                }
            },
            stays_stock="introspection",
        ),
        Case(
            id="a directive on a field",
            document="{ a same { b @mark } }",
            root=ROOT,
            data={"a": "a", "same": {"b": None}},
            stays_stock="directive",
        ),
        Case(
            id="a directive on a fragment",
            document="{ ...F } fragment F on Query @mark { a }",
            root=ROOT,
            data={"a": "a"},
            stays_stock="directive",
        ),
        Case(
            id="a literal that is no condition",
            document="{ a @skip(if: 1) }",
            root=ROOT,
            data=None,
            errors=[
                "- 1:15 Argument 'if' has invalid value: Boolean cannot represent a non boolean value: 1"
            ],
            stays_stock="condition",
            valid=False,
        ),
        Case(
            id="a subscription",
            document="subscription { a }",
            root=ROOT,
            data={"a": "a"},
            stays_stock="subscription",
        ),
    ]
)
async def test_what_stays_with_the_interpreter(case: Case) -> None:
    await check(SCHEMA, case)


@pytest.mark.parametrize(
    "text, reason",
    [
        ("fragment F($x: Int) on Query { a } { ...F }", "fragment variables"),
        ("fragment F on Query { a } { ...F(x: 1) }", "fragment variables"),
    ],
)
def test_fragments_with_variables(text: str, reason: str) -> None:
    document = parse(text, experimental_fragment_arguments=True)
    assert compile_operation(SCHEMA, document) == Uncompiled(reason)


def test_what_is_no_subscription_has_no_events() -> None:
    assert compile_event(SCHEMA, parse("{ a }")) == Uncompiled("operation")


def test_a_limit_of_fields() -> None:
    document = parse("{ a same { a b } }")
    assert isinstance(compile_operation(SCHEMA, document, limit=4), Plan)
    assert compile_operation(SCHEMA, document, limit=3) == Uncompiled("size")
