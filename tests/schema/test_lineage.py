"""Ancestors, descendants, warnings and versions through the graph."""

from typing import Any

import pytest

from tests.schema.conftest import Graph
from tests.schema.test_sight import EDITOR, OWNER, STRANGER, VIEWER, enter, plant

KIN = """
query ($id: ID!, $generations: Int! = 4) {
  said: person(id: $id) {
    ancestors(generations: $generations) { generation person { name birth } }
    descendants(generations: $generations) { generation person { name birth } }
  }
}
"""
ODD = "query ($id: ID!) { said: person(id: $id) { warnings { code personIds } history { version change } } }"
CHANGE = "mutation ($id: ID!, $input: PersonChanges!) { said: changePerson(id: $id, input: $input) { id } }"


async def line(graph: Graph, tree: str, length: int) -> list[str]:
    """A parent, a child, a grandchild and so on."""
    ids: list[str] = []
    for number in range(length):
        ids.append(await enter(graph, tree, firstName=f"P{number}", parentIds=ids[-1:]))
    return ids


def names(kin: list[dict[str, Any]]) -> list[tuple[int, str]]:
    """Who came, and in which generation."""
    return [(each["generation"], each["person"]["name"]) for each in kin]


async def test_kin_come_generation_by_generation(graph: Graph) -> None:
    ids = await line(graph, await plant(), 5)
    said = (await graph.data(KIN, OWNER, id=ids[3], generations=2))["said"]
    assert names(said["ancestors"]) == [(1, "P2"), (2, "P1")]
    assert names(said["descendants"]) == [(1, "P4")]
    said = (await graph.data(KIN, OWNER, id=ids[0]))["said"]
    assert said["ancestors"] == []
    assert names(said["descendants"]) == [(1, "P1"), (2, "P2"), (3, "P3"), (4, "P4")]


@pytest.mark.parametrize("generations", [0, -1, 51])
async def test_generations_have_a_bound(graph: Graph, generations: int) -> None:
    (id,) = await line(graph, await plant(), 1)
    assert await graph.codes(KIN, OWNER, id=id, generations=generations) == ["INVALID"]


async def test_somebody_with_two_ways_to_an_ancestor_has_them_once(graph: Graph) -> None:
    tree = await plant()
    elder = await enter(graph, tree, firstName="Elder")
    father = await enter(graph, tree, firstName="Father", parentIds=[elder])
    child = await enter(graph, tree, firstName="Child", parentIds=[father, elder])
    said = (await graph.data(KIN, OWNER, id=child))["said"]
    assert sorted(names(said["ancestors"])) == [(1, "Elder"), (1, "Father")]
    said = (await graph.data(KIN, OWNER, id=elder))["said"]
    assert sorted(names(said["descendants"])) == [(1, "Child"), (1, "Father")]


async def test_strangers_see_names_of_kin_and_no_more(graph: Graph) -> None:
    tree = await plant()
    elder = await enter(graph, tree, firstName="Elder", birth="1950-03-02T00:00:00Z")
    child = await enter(graph, tree, firstName="Child", parentIds=[elder])
    said = (await graph.data(KIN, STRANGER, id=child))["said"]
    assert said["ancestors"] == [{"generation": 1, "person": {"name": "Elder", "birth": None}}]
    said = (await graph.data(KIN, VIEWER, id=child))["said"]
    assert said["ancestors"][0]["person"]["birth"] == "1950-03-02T00:00:00.000000Z"


async def test_what_is_odd_and_what_was_are_told_to_those_with_a_part_in_the_tree(graph: Graph) -> None:
    dates = {"birth": "1950-03-02T00:00:00Z", "death": "1940-01-01T00:00:00Z"}
    id = await enter(graph, await plant(), firstName="Odd", **dates)
    await graph.data(CHANGE, EDITOR, id=id, input={"notes": "told"})
    said = (await graph.data(ODD, VIEWER, id=id))["said"]
    assert said == {
        "warnings": [{"code": "BORN_AFTER_DEATH", "personIds": [id]}],
        "history": [{"version": 0, "change": "CREATED"}, {"version": 1, "change": "UPDATED"}],
    }
    assert (await graph.data(ODD, STRANGER, id=id))["said"] == {"warnings": [], "history": []}


async def test_relations_of_kin_are_followed(graph: Graph) -> None:
    tree = await plant()
    ids = await line(graph, tree, 3)
    spouse = await enter(graph, tree, firstName="Spouse")
    relate = """mutation ($from: ID!, $to: ID!) {
      relate(from: $from, to: $to, kind: SPOUSE, strict: false) { id }
    }"""
    await graph.data(relate, OWNER, **{"from": ids[1], "to": spouse})
    query = """query ($id: ID!) {
      said: person(id: $id) {
        ancestors {
          person {
            id parents { name } unions { person { name } } childLinks { person { name } } siblings { name }
            events { kind } sources { title } warnings { code } history { version }
            ancestors { person { name } }
          }
        }
      }
    }"""
    for account in (OWNER, VIEWER):
        first, second = (
            each["person"] for each in (await graph.data(query, account, id=ids[2]))["said"]["ancestors"]
        )
        assert first == {
            "id": ids[1],
            "parents": [{"name": "P0"}],
            "unions": [{"person": {"name": "Spouse"}}],
            "childLinks": [{"person": {"name": "P2"}}],
            "siblings": [],
            "events": [],
            "sources": [],
            "warnings": [],
            "history": [{"version": 0}],
            "ancestors": [{"person": {"name": "P0"}}],
        }
        assert second["id"] == ids[0] and second["ancestors"] == []
