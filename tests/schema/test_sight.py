"""What whom is shown of a tree: its people know strangers by their names alone."""

from typing import Any

import pytest

from models.kinds import Role
from models.moments import Moment
from models.people import Person
from models.trees import Collaborator, Tree
from schema import sight
from tests.schema.conftest import NOW, Graph

OWNER, EDITOR, VIEWER, INVITED, STRANGER = (f"00000000-0000-4000-8000-00000000000{n}" for n in range(1, 6))
ADD = "mutation ($tree: ID!, $input: NewPerson!) { said: addPerson(treeId: $tree, input: $input) { id } }"
PERSON = """
query ($id: ID!) {
  said: person(id: $id) {
    name birth birthPlace birthEstimated death deathCause notes biography identifiers { value }
  }
}
"""
TREE = "query ($id: ID!) { said: tree(id: $id) { name role collaborators { account } } }"
BORN: dict[str, Any] = {
    "firstName": "Anesu",
    "birth": "1950-03-02T00:00:00Z",
    "birthPlace": "Harare",
    "birthEstimated": True,
}
DEAD: dict[str, Any] = {"death": "2001-12-31T00:00:00Z", "deathCause": "Old age"}
TOLD: dict[str, Any] = {"notes": "n", "biography": "b", "identifiers": [{"kind": "PASSPORT", "value": "P1"}]}
EVERYTHING: dict[str, Any] = {
    "name": "Anesu",
    "birth": "1950-03-02T00:00:00.000000Z",
    "birthPlace": "Harare",
    "birthEstimated": True,
    "death": "2001-12-31T00:00:00.000000Z",
    "deathCause": "Old age",
    "notes": "n",
    "biography": "b",
    "identifiers": [{"value": "P1"}],
}
NO_BIRTH: dict[str, Any] = {"birth": None, "birthPlace": None, "birthEstimated": False}
NO_DEATH: dict[str, Any] = {"death": None, "deathCause": None}
NO_PROFILE: dict[str, Any] = {"notes": None, "biography": None, "identifiers": []}


async def plant(privacy: str = "PUBLIC") -> str:
    """A tree with one collaborator of each sort."""
    guests = [
        Collaborator(account=EDITOR, role=Role.EDITOR, added_at=Moment.of(NOW), accepted_at=Moment.of(NOW)),
        Collaborator(account=VIEWER, role=Role.VIEWER, added_at=Moment.of(NOW), accepted_at=Moment.of(NOW)),
        Collaborator(account=INVITED, role=Role.EDITOR, added_at=Moment.of(NOW)),
    ]
    moment = Moment.of(NOW)
    tree = Tree(
        name="Moyo",
        owner=OWNER,
        privacy=privacy,
        collaborators=guests,
        created_at=moment,
        updated_at=moment,
        active_at=moment,
    )
    await tree.insert()
    return str(tree.id)


async def enter(graph: Graph, tree: str, account: str = OWNER, **input: Any) -> str:
    """The id of somebody who was entered."""
    id: str = (await graph.data(ADD, account, tree=tree, input=input))["said"]["id"]
    return id


@pytest.mark.parametrize(
    ("account", "role", "guests"),
    [
        (OWNER, "OWNER", 3),
        (EDITOR, "EDITOR", 3),
        (VIEWER, "VIEWER", 3),
        (INVITED, None, 0),
        (STRANGER, None, 0),
    ],
)
async def test_a_public_tree_tells_who_the_caller_is_to_it(
    graph: Graph, account: str, role: str | None, guests: int
) -> None:
    said = (await graph.data(TREE, account, id=await plant()))["said"]
    assert (said["role"], len(said["collaborators"])) == (role, guests)


async def test_a_public_tree_is_there_for_nobody_in_particular(graph: Graph) -> None:
    assert (await graph.data(TREE, id=await plant()))["said"] == {
        "name": "Moyo",
        "role": None,
        "collaborators": [],
    }


@pytest.mark.parametrize("privacy", ["FAMILY", "PRIVATE"])
async def test_other_trees_are_for_those_who_have_a_part_in_them(graph: Graph, privacy: str) -> None:
    tree = await plant(privacy)
    for account in (OWNER, EDITOR, VIEWER):
        assert (await graph.data(TREE, account, id=tree))["said"]["name"] == "Moyo"
    for account in (INVITED, STRANGER):
        assert await graph.codes(TREE, account, id=tree) == ["TREE_FORBIDDEN"]
    assert await graph.codes(TREE, id=tree) == ["TREE_FORBIDDEN"]


async def test_strangers_see_names_and_the_family_sees_everything(graph: Graph) -> None:
    person = await enter(graph, await plant(), **BORN, **DEAD, **TOLD)
    for account in (OWNER, EDITOR, VIEWER):
        assert (await graph.data(PERSON, account, id=person))["said"] == EVERYTHING
    hidden = {**EVERYTHING, **NO_BIRTH, **NO_DEATH, **NO_PROFILE}
    for account in (INVITED, STRANGER):
        assert (await graph.data(PERSON, account, id=person))["said"] == hidden
    assert (await graph.data(PERSON, id=person))["said"] == hidden


async def test_what_is_public_is_shown_of_the_dead_and_not_of_the_living(graph: Graph) -> None:
    tree = await plant()
    public: dict[str, Any] = {"privacy": {"profile": "PUBLIC", "birth": "PUBLIC", "death": "PUBLIC"}}
    dead = await enter(graph, tree, **BORN, **DEAD, **TOLD, **public)
    assert (await graph.data(PERSON, STRANGER, id=dead))["said"] == EVERYTHING
    alive = await enter(graph, tree, **BORN, **TOLD, **public)
    expected = {**EVERYTHING, **NO_BIRTH, **NO_DEATH, **NO_PROFILE}
    assert (await graph.data(PERSON, STRANGER, id=alive))["said"] == expected


async def test_what_is_private_is_for_managers_and_for_who_has_entered_it(graph: Graph) -> None:
    tree = await plant()
    private: dict[str, Any] = {"privacy": {"profile": "PRIVATE", "birth": "PRIVATE", "death": "PRIVATE"}}
    person = await enter(graph, tree, EDITOR, **BORN, **DEAD, **TOLD, **private)
    for account in (OWNER, EDITOR):
        assert (await graph.data(PERSON, account, id=person))["said"] == EVERYTHING
    assert (await graph.data(PERSON, VIEWER, id=person))["said"] == {
        **EVERYTHING,
        **NO_BIRTH,
        **NO_DEATH,
        **NO_PROFILE,
    }


async def test_old_clients_are_shown_what_they_always_were(graph: Graph) -> None:
    person = await enter(graph, await plant(), **BORN, **DEAD, **TOLD)
    context = graph.context(STRANGER)
    context.legacy = True
    answer = await graph.schema.execute(PERSON, {"id": person}, context)
    assert answer.data is not None and answer.data["said"] == EVERYTHING


async def test_relatives_in_a_tree_of_somebody_else_are_nobody(graph: Graph) -> None:
    home, foreign = await plant(), await plant("FAMILY")
    elder = await enter(graph, foreign, firstName="Elder")
    child = await enter(graph, home, firstName="Child", parentIds=[elder])
    parents = "query ($id: ID!) { said: person(id: $id) { parents { name } } }"
    assert (await graph.data(parents, OWNER, id=child))["said"]["parents"] == [{"name": "Elder"}]
    assert (await graph.data(parents, STRANGER, id=child))["said"]["parents"] == []
    listed = "query ($id: ID!) { said: tree(id: $id) { allPeople { name parents { name } } } }"
    assert (await graph.data(listed, STRANGER, id=home))["said"]["allPeople"] == [
        {"name": "Child", "parents": []}
    ]


def test_every_hidden_field_is_one_of_a_person() -> None:
    assert {*sight.BIRTH, *sight.DEATH, *sight.PROFILE, *sight.NEEDED} <= Person.model_fields.keys()
