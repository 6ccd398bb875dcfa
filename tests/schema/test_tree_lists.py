"""Trees of the caller, collaborators and people of a tree, page by page."""

from typing import Any

import pytest

from models.moments import Moment
from models.trees import Tree
from schema.connections import cursor_of
from tests.schema.conftest import NOW, Graph
from tests.schema.test_sight import EDITOR, INVITED, OWNER, STRANGER, VIEWER, enter, plant

MINE = """
query ($first: Int, $after: String, $search: String) {
  said: myTrees(first: $first, after: $after, search: $search) {
    edges { cursor node { name role } } totalCount pageInfo { hasNextPage endCursor }
  }
}
"""
NUMBERED = """
query ($page: Int!, $limit: Int!, $search: String, $pattern: Boolean! = false) {
  said: treePage(page: $page, limit: $limit, search: $search, pattern: $pattern) {
    trees { name } page limit total pages callerAccount
  }
}
"""
PEOPLE = """
query ($id: ID!, $first: Int, $after: String, $search: String) {
  said: tree(id: $id) {
    people(first: $first, after: $after, search: $search) {
      edges { cursor node { name birth } } totalCount pageInfo { hasNextPage }
    }
  }
}
"""
INVITE = """
mutation ($tree: ID!, $account: ID!, $role: Role!) {
  said: addCollaborator(treeId: $tree, account: $account, role: $role) { account role acceptedAt }
}
"""
ROLE = """
mutation ($tree: ID!, $account: ID!, $role: Role!) {
  said: changeCollaborator(treeId: $tree, account: $account, role: $role) { role }
}
"""
ACCEPT = "mutation ($tree: ID!) { said: acceptInvitation(treeId: $tree) { role acceptedAt } }"
REMOVE = "mutation ($tree: ID!, $account: ID!) { said: removeCollaborator(treeId: $tree, account: $account) }"
SETTINGS = "settings { allowCollaboration showLiving defaultPersonPrivacy theme }"


async def grow(*names: str) -> None:
    """Trees of the owner's."""
    moment = Moment.of(NOW)
    for name in names:
        tree = Tree(name=name, owner=OWNER, created_at=moment, updated_at=moment, active_at=moment)
        await tree.insert()


async def test_the_callers_trees_come_page_by_page(graph: Graph) -> None:
    await grow("Alpha", "Beta", "Gamma")
    first = (await graph.data(MINE, OWNER, first=2))["said"]
    assert [each["node"] for each in first["edges"]] == [
        {"name": "Alpha", "role": "OWNER"},
        {"name": "Beta", "role": "OWNER"},
    ]
    assert first["totalCount"] == 3 and first["pageInfo"]["hasNextPage"] is True
    rest = (await graph.data(MINE, OWNER, first=2, after=first["pageInfo"]["endCursor"]))["said"]
    assert [each["node"]["name"] for each in rest["edges"]] == ["Gamma"]
    assert rest["totalCount"] == 3 and rest["pageInfo"]["hasNextPage"] is False
    found = (await graph.data(MINE, OWNER, search="bet"))["said"]
    assert [each["node"]["name"] for each in found["edges"]] == ["Beta"]
    assert (await graph.data(MINE, STRANGER))["said"]["edges"] == []


@pytest.mark.parametrize("after", ["", "?", cursor_of(7), cursor_of("g" * 24), cursor_of("A" * 24)])
async def test_a_cursor_of_another_list_is_refused(graph: Graph, after: str) -> None:
    assert await graph.codes(MINE, OWNER, after=after) == ["INVALID"]


async def test_a_collaborator_sees_the_tree_among_theirs(graph: Graph) -> None:
    await plant("PRIVATE")
    for account, role in ((EDITOR, "EDITOR"), (VIEWER, "VIEWER")):
        (edge,) = (await graph.data(MINE, account))["said"]["edges"]
        assert edge["node"] == {"name": "Moyo", "role": role}
    assert (await graph.data(MINE, INVITED))["said"]["edges"] == []


async def test_pages_have_numbers_too(graph: Graph) -> None:
    await grow("Alpha", "Beta", "Gamma")
    said = (await graph.data(NUMBERED, OWNER, page=2, limit=2))["said"]
    assert len(said.pop("trees")) == 1
    assert said == {"page": 2, "limit": 2, "total": 3, "pages": 2, "callerAccount": OWNER}
    found = (await graph.data(NUMBERED, OWNER, page=1, limit=9, search="^(be|ga)", pattern=True))["said"]
    assert {each["name"] for each in found["trees"]} == {"Beta", "Gamma"}
    assert await graph.codes(NUMBERED, OWNER, page=1, limit=9, search="(", pattern=True) == [
        "PATTERN_INVALID"
    ]
    for page, limit in ((0, 1), (1, 0), (1, 101)):
        assert await graph.codes(NUMBERED, OWNER, page=page, limit=limit) == ["INVALID"]
    nobody = (await graph.data(NUMBERED, None, page=1, limit=1))["said"]
    assert nobody == {"trees": [], "page": 1, "limit": 1, "total": 0, "pages": 0, "callerAccount": None}


async def test_people_of_a_tree_come_page_by_page(graph: Graph) -> None:
    tree = await plant()
    for name in ("Sekuru", "Ambuya", "Chipo"):
        await enter(graph, tree, firstName=name, birth="1950-03-02T00:00:00Z")
    first = (await graph.data(PEOPLE, VIEWER, id=tree, first=2))["said"]["people"]
    assert [each["node"]["name"] for each in first["edges"]] == ["Sekuru", "Ambuya"]
    assert first["totalCount"] == 3 and first["pageInfo"] == {"hasNextPage": True}
    after = first["edges"][-1]["cursor"]
    rest = (await graph.data(PEOPLE, STRANGER, id=tree, first=2, after=after))["said"]["people"]
    assert [each["node"] for each in rest["edges"]] == [{"name": "Chipo", "birth": None}]
    found = (await graph.data(PEOPLE, VIEWER, id=tree, search="CHI"))["said"]["people"]
    assert found["totalCount"] == 1


async def test_an_invitation_counts_once_it_is_accepted(graph: Graph) -> None:
    tree = await plant("FAMILY")
    look = "query ($id: ID!) { said: tree(id: $id) { role } }"
    invited = (await graph.data(INVITE, OWNER, tree=tree, account=STRANGER, role="EDITOR"))["said"]
    assert invited == {"account": STRANGER, "role": "EDITOR", "acceptedAt": None}
    assert await graph.codes(look, STRANGER, id=tree) == ["TREE_FORBIDDEN"]
    change: dict[str, Any] = {"tree": tree, "account": STRANGER, "role": "ADMIN"}
    assert await graph.codes(ROLE, OWNER, **change) == ["COLLABORATOR_PENDING"]
    accepted = (await graph.data(ACCEPT, STRANGER, tree=tree))["said"]
    assert accepted == {"role": "EDITOR", "acceptedAt": "2026-01-01T09:30:00.123456Z"}
    assert (await graph.data(look, STRANGER, id=tree))["said"] == {"role": "EDITOR"}
    assert (await graph.data(ROLE, OWNER, **change))["said"] == {"role": "ADMIN"}
    assert await graph.codes(ROLE, STRANGER, **change) == ["ADMIN_SELF"]
    assert await graph.codes(REMOVE, STRANGER, tree=tree, account=OWNER) == ["COLLABORATOR_OWNER"]
    assert await graph.data(REMOVE, OWNER, tree=tree, account=STRANGER) == {"said": True}
    assert await graph.codes(REMOVE, OWNER, tree=tree, account=STRANGER) == ["COLLABORATOR_NOT_FOUND"]
    assert await graph.codes(INVITE, OWNER, tree=tree, account=OWNER, role="VIEWER") == ["COLLABORATOR_SELF"]


async def test_a_tree_is_made_changed_and_deleted(graph: Graph) -> None:
    create = (
        f"mutation ($input: NewTree!) {{ said: createTree(input: $input) {{ id name privacy {SETTINGS} }} }}"
    )
    given: dict[str, Any] = {"name": "Dube", "privacy": "PRIVATE", "settings": {"theme": "dark"}}
    made = (await graph.data(create, OWNER, input=given))["said"]
    id = made.pop("id")
    assert made == {
        "name": "Dube",
        "privacy": "PRIVATE",
        "settings": {
            "allowCollaboration": True,
            "showLiving": False,
            "defaultPersonPrivacy": "family",
            "theme": "dark",
        },
    }
    shown = f"name description rootPerson {{ name }} {SETTINGS}"
    change = (
        "mutation ($id: ID!, $input: TreeChanges!) {"
        f" said: changeTree(id: $id, input: $input) {{ {shown} }} }}"
    )
    root = await enter(graph, id, firstName="Root")
    changes: dict[str, Any] = {"description": "d", "rootPersonId": root, "legacySettings": None}
    changed = (await graph.data(change, OWNER, id=id, input=changes))["said"]
    assert changed == {"name": "Dube", "description": "d", "rootPerson": {"name": "Root"}, "settings": None}
    refused: list[Any] = ["text", [], {"allowCollaboration": "maybe"}, {"defaultPersonPrivacy": "odd"}]
    for each in refused:
        assert await graph.codes(change, OWNER, id=id, input={"legacySettings": each}) == ["UNFIT"]
    legacy = {"allowCollaboration": "no", "theme": 5, "foo": 1}
    changed = (await graph.data(change, OWNER, id=id, input={"legacySettings": legacy}))["said"]
    assert changed["settings"] == {
        "allowCollaboration": False,
        "showLiving": True,
        "defaultPersonPrivacy": "family",
        "theme": "5",
    }
    delete = "mutation ($id: ID!) { said: deleteTree(id: $id) }"
    assert await graph.codes(delete, STRANGER, id=id) == ["TREE_FORBIDDEN"]
    assert await graph.data(delete, OWNER, id=id) == {"said": True}
    assert await graph.codes(delete, OWNER, id=id) == ["TREE_NOT_FOUND"]
