"""Edges are followed one by one by the interpreter, and as whole columns by whoever knows their relation."""

import asyncio
from typing import Any

import pytest

import schema
from models import users
from models.joins import Load
from schema.relations import Relation
from server.embedded import Services
from tests.commands import noted
from tests.schema.conftest import Graph

EDGES = {
    ("CourseContent", "course"): "course_id",
    ("Enrollment", "user"): "user_id",
    ("Enrollment", "course"): "course_id",
    ("Review", "user"): "user_id",
    ("Review", "character"): "character_id",
    ("Course", "content"): "_id",
}

pytestmark = pytest.mark.usefixtures("school")


def test_every_edge_tells_its_relation() -> None:
    types = schema.build()._schema.type_map
    for (type_, field), key in EDGES.items():
        definition: Any = types[type_]
        resolver = definition.fields[field].extensions["strawberry-definition"].base_resolver
        assert resolver.wrapped_func.__relation__.key == key


async def test_a_column_of_keys_is_one_query_and_one_call(graph: Graph, services: Services) -> None:
    context, relation = graph.context(), Relation("user_id", users.BY_ID)
    told: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
    async with noted(services) as commands:
        keys = [2, 1, None, 9, 2]
        relation.ask(context, keys, ("email",), lambda values, error: told.set_result((values, error)))
        assert await told == (
            [
                {"_id": 2, "email": "bo@example.test"},
                {"_id": 1, "email": "ada@example.test"},
                None,
                None,
                {"_id": 2, "email": "bo@example.test"},
            ],
            None,
        )
        load = relation.load(context, 1, ("email",))
        assert type(load) is Load and await load == {"_id": 1, "email": "ada@example.test"}
        assert relation.load(context, None, ("email",)) is None
    assert commands.reads == ["users"]
