"""Paths between people, duplicates, merging and going back, through the graph."""

import pytest

from tests.schema.conftest import Graph
from tests.schema.test_lineage import line
from tests.schema.test_sight import EDITOR, OWNER, STRANGER, VIEWER, enter, plant

PATHS = """
query ($from: ID!, $to: ID!, $most: Int! = 12) {
  said: kinship(from: $from, to: $to, most: $most) { people { name birth } steps }
}
"""
TWICE = """
query ($tree: ID!, $first: Int) {
  said: duplicates(treeId: $tree, first: $first) { one { name } other { name } score }
}
"""
MERGE = "mutation ($keep: ID!, $drop: ID!) { said: mergePeople(keep: $keep, drop: $drop) { id name notes } }"
REVERT = (
    "mutation ($id: ID!, $version: Int!) { said: revertPerson(id: $id, version: $version) { name notes } }"
)
NAMED = """
mutation ($id: ID!, $version: Int!, $which: ID) {
  said: revertPerson(id: $id, version: $version, versionId: $which) { name notes }
}
"""
CHANGE = "mutation ($id: ID!, $input: PersonChanges!) { said: changePerson(id: $id, input: $input) { name } }"


async def test_a_way_leads_from_one_person_to_another(graph: Graph) -> None:
    tree = await plant()
    ids = await line(graph, tree, 3)
    ends = {"from": ids[0], "to": ids[2]}
    (way,) = (await graph.data(PATHS, OWNER, **ends))["said"]
    assert [each["name"] for each in way["people"]] == ["P0", "P1", "P2"]
    assert way["steps"] == ["CHILD", "CHILD"]
    assert (await graph.data(PATHS, OWNER, **ends, most=1))["said"] == []
    foreign = await enter(graph, await plant(), firstName="Foreign")
    assert (await graph.data(PATHS, OWNER, **{"from": ids[0], "to": foreign}))["said"] == []


async def test_a_way_is_for_those_who_may_see_the_tree(graph: Graph) -> None:
    ids = await line(graph, await plant("FAMILY"), 2)
    ends = {"from": ids[0], "to": ids[1]}
    assert await graph.codes(PATHS, STRANGER, **ends) == ["TREE_FORBIDDEN"]
    assert await graph.codes(PATHS, VIEWER, **{**ends, "to": "?"}) == ["PERSON_NOT_FOUND"]
    for most in (0, 51):
        assert await graph.codes(PATHS, VIEWER, **ends, most=most) == ["INVALID"]


async def test_who_is_there_twice_is_found_and_made_one(graph: Graph) -> None:
    tree = await plant()
    names = {"firstName": "Rudo", "lastName": "Moyo", "birth": "1955-08-20T00:00:00Z"}
    keep = await enter(graph, tree, **names)
    drop = await enter(graph, tree, **names, notes="told twice")
    await enter(graph, tree, firstName="Rudo", lastName="Dube")
    (pair,) = (await graph.data(TWICE, EDITOR, tree=tree))["said"]
    assert (pair["one"], pair["other"]) == ({"name": "Rudo Moyo"}, {"name": "Rudo Moyo"})
    assert 0.5 < pair["score"] <= 1
    assert await graph.codes(MERGE, VIEWER, keep=keep, drop=drop) == ["TREE_FORBIDDEN"]
    assert await graph.codes(MERGE, EDITOR, keep=keep, drop=keep) == ["INVALID"]
    merged = (await graph.data(MERGE, EDITOR, keep=keep, drop=drop))["said"]
    assert merged == {"id": keep, "name": "Rudo Moyo", "notes": "told twice"}
    assert (await graph.data(TWICE, EDITOR, tree=tree))["said"] == []
    assert await graph.codes(MERGE, EDITOR, keep=keep, drop=drop) == ["PERSON_NOT_FOUND"]


@pytest.mark.parametrize("first", [-1, 101])
async def test_a_list_of_duplicates_has_a_bound(graph: Graph, first: int) -> None:
    assert await graph.codes(TWICE, OWNER, tree=await plant(), first=first) == ["INVALID"]


async def test_a_person_becomes_again_what_they_were(graph: Graph) -> None:
    id = await enter(graph, await plant(), firstName="Before", notes="n")
    await graph.data(CHANGE, EDITOR, id=id, input={"firstName": "After", "notes": None})
    assert await graph.codes(REVERT, VIEWER, id=id, version=0) == ["TREE_FORBIDDEN"]
    assert await graph.codes(REVERT, EDITOR, id=id, version=7) == ["VERSION_NOT_FOUND"]
    assert (await graph.data(REVERT, EDITOR, id=id, version=0))["said"] == {"name": "Before", "notes": "n"}
    history = "query ($id: ID!) { said: person(id: $id) { history { id version change } } }"
    said = (await graph.data(history, EDITOR, id=id))["said"]["history"]
    assert [each["change"] for each in said] == ["CREATED", "UPDATED", "REVERTED"]
    # One that is named has to have the number, too.
    assert await graph.codes(NAMED, EDITOR, id=id, version=0, which=said[1]["id"]) == ["VERSION_NOT_FOUND"]
    assert await graph.codes(NAMED, EDITOR, id=id, version=0, which="x") == ["VERSION_NOT_FOUND"]
    after = (await graph.data(NAMED, EDITOR, id=id, version=1, which=said[1]["id"]))["said"]
    assert after == {"name": "After", "notes": None}
