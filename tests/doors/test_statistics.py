"""The old door and the new one count the same people and relationships."""

from typing import Any

from tests.doors import family
from tests.doors.family import ELDER, LONELY, TREE
from tests.doors.story import Stage

PLACE = f"/api/family-trees/{TREE}/statistics"
COUNTED = """
query ($id: ID!) {
  tree(id: $id) { personCount relationshipCount statistics { personCount relationshipCount } }
}
"""
DELETE = "mutation ($id: ID!) { deletePerson(id: $id) }"
OWNER = family.credential("owner")


async def asked(stage: Stage, query: str, **variables: object) -> Any:
    """What the graph says to the owner."""
    body = {"query": query, "variables": variables}
    answer = await stage.http.post("/graphql", json=body, headers=OWNER)
    said = answer.json()
    assert "errors" not in said, said
    return said["data"]


async def counts(stage: Stage) -> set[tuple[int, int]]:
    """People and relationships, as each door counts them."""
    tree = (await asked(stage, COUNTED, id=str(TREE)))["tree"]
    answer = await stage.http.get(PLACE, headers={"Host": "genealogy.test", **OWNER})
    old, new = answer.json(), tree["statistics"]
    return {
        (old["totalPersons"], old["totalRelationships"]),
        (tree["personCount"], tree["relationshipCount"]),
        (new["personCount"], new["relationshipCount"]),
    }


async def test_both_doors_count_alike_whatever_happens(stage: Stage) -> None:
    await family.plant(stage.database)
    assert await counts(stage) == {(4, 2)}
    await asked(stage, DELETE, id=str(LONELY))
    assert await counts(stage) == {(3, 2)}
    await asked(stage, DELETE, id=str(ELDER))
    assert await counts(stage) == {(2, 0)}
