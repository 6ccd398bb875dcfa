"""Who may do what: every query and mutation of the graph, called by everybody there is.

Whoever is refused has also changed nothing.
"""

import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from graphql import (
    GraphQLField,
    GraphQLObjectType,
    OperationType,
    get_named_type,
    is_composite_type,
)

import schema
from schema.directives import declared_codes
from tests.doors import family, rights
from tests.doors.documents import documents
from tests.doors.family import CAST, NOBODY
from tests.doors.story import Stage

EVERYBODY = (*CAST, NOBODY)
GRAPH = schema.build()._schema
# The change of a stream comes later than its answer; its own tests tell whom it is opened to.
KINDS = (OperationType.QUERY, OperationType.MUTATION)


def fields() -> Iterator[tuple[OperationType, str, GraphQLField]]:
    """Every field of the graph that does not belong to learners."""
    for kind in OperationType:
        root = GRAPH.get_root_type(kind)
        for name, field in root.fields.items() if isinstance(root, GraphQLObjectType) else ():
            if name not in rights.LEARNING:
                yield kind, name, field


def document(kind: OperationType, name: str, field: GraphQLField) -> tuple[str, dict[str, Any]]:
    """The document that calls a field with its arguments, and its variables."""
    given = rights.ARGUMENTS.get(name, {})
    declared = ", ".join(f"${key}: {field.args[key].type}" for key in given)
    passed = ", ".join(f"{key}: ${key}" for key in given)
    selection = " { __typename }" if is_composite_type(get_named_type(field.type)) else ""
    head = f"{kind.value}({declared})" if given else kind.value
    return f"{head} {{ said: {name}{f'({passed})' if given else ''}{selection} }}", dict(given)


async def codes(http: httpx.AsyncClient, query: str, variables: dict[str, Any], who: str) -> frozenset[str]:
    """The codes of what stood in the way of somebody."""
    headers = {"Content-Type": "application/json", **family.credential(who)}
    body = json.dumps({"query": query, "variables": variables})
    answer = await http.post("/graphql", content=body, headers=headers)
    assert answer.status_code == 200, answer.text
    return frozenset(error["extensions"]["code"] for error in answer.json().get("errors", ()))


def test_every_field_says_what_it_needs_and_nothing_else_does() -> None:
    assert {name for _, name, _ in fields()} == set(rights.RIGHTS)
    assert rights.ARGUMENTS.keys() | rights.SAYS.keys() <= rights.RIGHTS.keys()


def test_every_field_declares_the_refusals_that_it_needs() -> None:
    for _, name, field in fields():
        refused = {code for who in EVERYBODY for code in rights.expected(name, who)[0]}
        assert refused <= declared_codes(field), name


@pytest.mark.parametrize(
    ("kind", "name", "field"),
    [pytest.param(*each, id=each[1]) for each in fields() if each[0] in KINDS],
)
async def test_a_field_is_for_those_it_is_for(
    stage: Stage, kind: OperationType, name: str, field: GraphQLField
) -> None:
    query, variables = document(kind, name, field)
    for who in EVERYBODY:
        await family.plant(stage.database)
        before = await documents(stage.database, stage.begun)
        said = await codes(stage.http, query, variables, who)
        may, must = rights.expected(name, who)
        assert said <= may and (said or not must), f"{name} says {set(said)} to {who}"
        if said or kind is OperationType.QUERY:
            assert await documents(stage.database, stage.begun) == before, f"{name} by {who} left something"
