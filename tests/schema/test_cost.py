"""What a document costs is known before it is run, for each page size that a request may ask for."""

from typing import Any

import pytest
from graphql import GraphQLSchema, OperationDefinitionNode, build_schema, parse, validate

from schema import build
from schema.cost import LENGTH, TooManyFields, estimate, price

SCHEMA = build_schema("""
  type Query {
    books(first: Int = 50, after: String): Books!
    shelf(first: Int): [Book!]
    book(id: ID): Book
    grid: [[Book]]
    tags: [String!]
    thing: Thing
  }
  type Mutation { add: Book }
  type Books { edges: [Edge!]! totalCount: Int! }
  type Edge { node: Book! cursor: String! }
  type Book implements Named { id: ID! title: String authors: [Author!]! name: String }
  type Author implements Named { name: String books(first: Int = 5): Books! }
  interface Named { name: String }
  union Thing = Book | Author
""")


def cost(text: str, most: int = 1_000, schema: GraphQLSchema = SCHEMA, **variables: Any) -> int:
    return price(estimated(text, most, schema)[1], variables)


def estimated(text: str, most: int = 1_000, schema: GraphQLSchema = SCHEMA) -> Any:
    document = parse(text)
    assert validate(schema, document) == []
    operation = document.definitions[0]
    assert isinstance(operation, OperationDefinitionNode)
    return estimate(schema, document, operation, most)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{ __typename }", 1),
        ("{ book { id title } }", 3),
        ("mutation { add { id } }", 2),
        ("{ tags }", 1),
        # books, totalCount, edges; for each item node, id and cursor.
        ("{ books(first: 7) { totalCount edges { node { id } cursor } } }", 3 + 7 * 3),
        ("{ books { edges { cursor } } }", 2 + 50),
        ("{ books(first: null) { edges { cursor } } }", 2 + 50),
        ("{ books(first: 0) { edges { cursor } } }", 2),
        ("{ shelf(first: 3) { id title } }", 1 + 3 * 2),
        ("{ shelf { id } }", 1 + LENGTH),
        ("{ grid { id } }", 1 + LENGTH * LENGTH),
        # Lists in lists: each book has LENGTH authors, each author a page of 5 books.
        ("{ book { authors { books { edges { cursor } } } } }", 2 + LENGTH * (2 + 5)),
        # Merged fields count once, and fragments as often as they lead somewhere else.
        ("{ book { id } book { id title } }", 3),
        ("{ book { ...F ...F } other: book { ...F } } fragment F on Book { id }", 4),
        # Whichever type it is, it costs no more than all together.
        ("{ thing { ... on Book { title } ... on Author { name } ... on Named { name } } }", 4),
        ("{ book { ... { id } ... @include(if: true) { title } } }", 3),
        ("{ __schema { types { name fields { name } } } }", 5),
    ],
)
def test_a_field_costs_one_and_a_list_as_often_as_it_may_be_long(text: str, expected: int) -> None:
    assert cost(text) == expected


@pytest.mark.parametrize(
    ("variables", "items"),
    [
        ({"n": 20}, 20),
        ({"n": 20.0}, 20),
        ({}, 4),
        ({"n": None}, 50),
        ({"n": "many"}, 50),
        ({"n": -3}, 0),
        ({"n": float("nan")}, 50),
    ],
)
def test_a_page_size_may_be_a_variable(variables: dict[str, Any], items: int) -> None:
    text = "query($n: Int = 4) { books(first: $n) { edges { cursor node { authors { name } } } } }"
    assert cost(text, **variables) == 2 + items * (3 + LENGTH)


def test_page_sizes_multiply() -> None:
    text = (
        "query($a: Int, $b: Int) { shelf(first: $a) { authors { books(first: $b) { edges { cursor } } } } }"
    )
    assert cost(text, a=3, b=4) == 1 + 3 * (1 + LENGTH * (2 + 4))
    assert cost(text, a=3) == 1 + 3 * (1 + LENGTH * (2 + 5))
    assert cost(text) == 1 + LENGTH * (1 + LENGTH * (2 + 5))


def test_where_variables_do_not_matter_the_cost_is_a_number() -> None:
    assert estimated("query($id: ID) { book(id: $id) { id } }") == (2, 2)


def test_counting_ends_where_nobody_wants_to_know_more() -> None:
    text = "{ book { id title name } }"
    assert estimated(text, most=4) == (4, 4)
    with pytest.raises(TooManyFields):
        estimated(text, most=3)


def test_an_operation_that_the_schema_has_not_costs_nothing() -> None:
    document = parse("subscription { a }")
    operation = document.definitions[0]
    assert isinstance(operation, OperationDefinitionNode)
    assert estimate(SCHEMA, document, operation, 10) == (0, 0)


def test_a_list_may_say_how_long_it_is_taken_to_be() -> None:
    built = build()._schema
    tree = "{ tree(id: 1) { allPeople { name gender parents { id } } } }"
    # tree and allPeople; for each of a thousand people two leaves, parents, and an id of each.
    assert cost(tree, schema=built) == 2 + 1000 * (3 + LENGTH)
    kin = "{ person(id: 1) { ancestors { generation } } }"
    assert cost(kin, schema=built) == 2 + 100
