"""What can be counted in a tree is what can be read in it, by whoever asks."""

from itertools import product
from typing import Any

import pytest
from bson import ObjectId

from models import raw
from models.kinds import Visibility
from models.people import Person
from tests.commands import noted
from tests.schema.conftest import Graph
from tests.schema.test_sight import EDITOR, INVITED, OWNER, STRANGER, VIEWER, enter, plant

COUNTED = """
query ($id: ID!) {
  said: tree(id: $id) {
    personCount
    statistics {
      personCount relationshipCount living deceased withBirth withPhoto earliestBirth latestBirth generations
      genders { gender count }
    }
    allPeople { gender living birth photoUrl }
  }
}
"""
RELATE = (
    "mutation ($from: ID!, $to: ID!) { relate(from: $from, to: $to, kind: PARENT, strict: false) { id } }"
)
HOME = (
    "query ($id: ID!) { said: person(id: $id) { tree { id name role privacy } parents { tree { name } } } }"
)
GENDERS = ("MALE", "FEMALE", "NON_BINARY", "OTHER", "UNKNOWN")
LIFE = {"birth": "1900-01-01T00:00:00Z", "death": "1950-01-01T00:00:00Z"}
NOBODY: dict[str, Any] = {
    "personCount": 0,
    "relationshipCount": 0,
    "living": 0,
    "deceased": 0,
    "withBirth": 0,
    "withPhoto": 0,
    "earliestBirth": None,
    "latestBirth": None,
    "generations": 0,
    "genders": [{"gender": each, "count": 0} for each in GENDERS],
}


async def counted(graph: Graph, tree: str, account: str = OWNER) -> dict[str, Any]:
    said: dict[str, Any] = (await graph.data(COUNTED, account, id=tree))["said"]["statistics"]
    return said


async def test_an_empty_tree_has_nothing_to_count(graph: Graph) -> None:
    assert await counted(graph, await plant()) == NOBODY


async def test_a_tree_is_counted(graph: Graph) -> None:
    tree, other = await plant(), await plant()
    await enter(graph, other, firstName="Elsewhere", gender=["MALE"])
    elder = await enter(
        graph, tree, gender=["MALE"], birth="1900-01-01T00:00:00Z", death="1950-01-01T00:00:00Z"
    )
    child = await enter(
        graph, tree, gender=["FEMALE"], birth="1930-05-06T00:00:00Z", photoUrl="https://p.test"
    )
    await enter(graph, tree, gender=["FEMALE"])
    await graph.data(RELATE, OWNER, **{"from": elder, "to": child})
    assert await counted(graph, tree) == {
        **NOBODY,
        "personCount": 3,
        "relationshipCount": 1,
        "living": 2,
        "deceased": 1,
        "withBirth": 2,
        "withPhoto": 1,
        "earliestBirth": "1900-01-01T00:00:00.000000Z",
        "latestBirth": "1930-05-06T00:00:00.000000Z",
        "generations": 2,
        "genders": [
            {"gender": each, "count": count}
            for each, count in zip(
                ("MALE", "FEMALE", "NON_BINARY", "OTHER", "UNKNOWN"), (1, 2, 0, 0, 0), strict=True
            )
        ],
    }


@pytest.mark.parametrize("account", [OWNER, EDITOR, VIEWER, INVITED, STRANGER])
async def test_nothing_is_counted_that_could_not_be_read(graph: Graph, account: str) -> None:
    tree = await plant()
    combinations = product(Visibility, Visibility, (True, False), (OWNER, EDITOR, STRANGER))
    for number, (birth, profile, living, by) in enumerate(combinations):
        id = await enter(graph, tree, birth=f"{1900 + number}-01-01T00:00:00Z", photoUrl="https://photo.test")
        shown = {"privacy.birth": birth, "privacy.profile": profile, "living": living, "created_by": by}
        await raw.collection(Person).update_one({"_id": ObjectId(id)}, {"$set": shown})
    said = (await graph.data(COUNTED, account, id=tree))["said"]
    statistics, everybody = said["statistics"], said["allPeople"]
    births = [each["birth"] for each in everybody if each["birth"]]
    assert statistics["personCount"] == said["personCount"] == len(everybody) == 54
    assert statistics["withBirth"] == len(births)
    assert (statistics["earliestBirth"], statistics["latestBirth"]) == (min(births), max(births))
    assert statistics["withPhoto"] == sum(each["photoUrl"] is not None for each in everybody)
    assert statistics["living"] == sum(each["living"] for each in everybody)
    # The test is one only where some are hidden from all but the owner.
    assert (len(births) == 54) is (account == OWNER)


async def test_the_longest_row_counts_and_circles_do_not(graph: Graph) -> None:
    tree = await plant()
    row = [await enter(graph, tree, firstName=f"{number}") for number in range(6)]
    for elder, child in [*zip(row, row[1:], strict=False), (row[0], row[5]), (row[1], row[3])]:
        await graph.data(RELATE, OWNER, **{"from": elder, "to": child})
    assert (await counted(graph, tree))["generations"] == 6
    people = raw.collection(Person)
    await people.update_one({"_id": ObjectId(row[0])}, {"$set": {"parents": [ObjectId(row[2]), ObjectId()]}})
    assert (await counted(graph, tree))["generations"] == 0
    await enter(graph, tree, firstName="Alone")
    assert (await counted(graph, tree))["generations"] == 1


async def test_only_what_is_asked_for_is_counted(graph: Graph, services: Any) -> None:
    tree = await plant()
    async with noted(services) as commands:
        await graph.data("query ($id: ID!) { tree(id: $id) { statistics { personCount } } }", OWNER, id=tree)
    assert commands.reads == ["family_trees", "people"]


async def test_a_person_leads_to_their_tree(graph: Graph) -> None:
    tree = await plant("FAMILY")
    person = await enter(graph, tree, firstName="One")
    for account, role in ((OWNER, "OWNER"), (VIEWER, "VIEWER")):
        said = (await graph.data(HOME, account, id=person))["said"]
        assert said["tree"] == {"id": tree, "name": "Moyo", "role": role, "privacy": "FAMILY"}
    assert await graph.codes(HOME, STRANGER, id=person) == ["TREE_FORBIDDEN"]


async def test_a_relative_leads_to_no_tree_that_the_caller_may_not_see(graph: Graph) -> None:
    home, foreign = await plant(), await plant("FAMILY")
    elder = await enter(graph, foreign, firstName="Elder")
    child = await enter(graph, home, firstName="Child", parentIds=[elder])
    assert (await graph.data(HOME, OWNER, id=child))["said"]["parents"] == [{"tree": {"name": "Moyo"}}]
    said = (await graph.data(HOME, STRANGER, id=child))["said"]
    assert (said["tree"]["role"], said["parents"]) == (None, [])
