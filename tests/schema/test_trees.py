"""Family trees through the graph: opening one, entering people and telling how they are related."""

from typing import Any

import pytest
from pymongo.asynchronous.database import AsyncDatabase

from models.users import User
from tests.schema.conftest import Graph

RUDO, TENDAI, CHIPO = (f"00000000-0000-4000-8000-00000000000{n}" for n in (1, 2, 3))
MISSING = "0" * 24

OPEN = """
mutation {
  opened: openTree {
    __typename
    ... on TreeMade { tree { id uuid name members: allPeople { id: uuid } } }
    ... on TreeFound {
      tree {
        id uuid name description ownerId role personCount relationshipCount
        members: allPeople {
          id: uuid name gender birth parentIds: parentUuids childIds: childUuids spouseIds: spouseUuids
          treeId: treeUuid userId: createdBy createdAt updatedAt
        }
        relationships { id: uuid kind from: fromUuid to: toUuid treeId: treeUuid }
      }
    }
  }
}
"""
ADD = """
mutation ($input: NewPerson!, $tree: ID, $named: Boolean! = false) {
  added: addPerson(input: $input, treeId: $tree, requireName: $named) {
    id uuid name fullName gender birth treeId parentIds createdBy
  }
}
"""
CHANGE = """
mutation ($id: ID!, $input: PersonChanges!, $required: Boolean! = false) {
  changed: changePerson(id: $id, input: $input, requireChange: $required) { name gender birth living }
}
"""
RELATE = """
mutation (
  $from: ID!, $to: ID!, $kind: Kind!, $tree: ID, $input: RelationshipInput, $strict: Boolean! = false
) {
  related: relate(from: $from, to: $to, kind: $kind, treeId: $tree, input: $input, strict: $strict) {
    id kind role status from { uuid name } to { uuid name }
  }
}
"""
KIN = """
query ($id: ID!) {
  person(id: $id) {
    name
    parents { name } children { name } spouses { name } siblings { name }
    unions { spouseId status person { name } }
    siblingLinks { kind person { name } }
    childLinks { role person { name } }
    mother { name } father { name }
    parentLinks { kind person { name } }
  }
}
"""


@pytest.fixture(autouse=True)
async def accounts(database: AsyncDatabase[dict[str, Any]]) -> None:
    """Those who open trees."""
    for number, uuid in enumerate((RUDO, TENDAI), 1):
        await User(id=number, uuid=uuid, email=f"{number}@example.test").insert()


async def test_opening_makes_one_tree_and_finds_it_again(graph: Graph) -> None:
    made = (await graph.data(OPEN, RUDO))["opened"]
    assert made["__typename"] == "TreeMade"
    assert made["tree"]["name"] == "My Family Tree" and made["tree"]["members"] == []
    found = (await graph.data(OPEN, RUDO))["opened"]
    assert found["__typename"] == "TreeFound"
    assert found["tree"] == {
        "id": made["tree"]["id"],
        "uuid": made["tree"]["uuid"],
        "name": "My Family Tree",
        "description": "Default family tree",
        "ownerId": RUDO,
        "role": "OWNER",
        "personCount": 0,
        "relationshipCount": 0,
        "members": [],
        "relationships": [],
    }
    other = (await graph.data(OPEN, TENDAI))["opened"]
    assert other["__typename"] == "TreeMade" and other["tree"]["id"] != made["tree"]["id"]


async def test_opening_needs_an_account(graph: Graph) -> None:
    assert await graph.codes(OPEN) == ["NOT_SIGNED_IN"]
    assert await graph.codes(OPEN, None) == ["TOKEN_WITHOUT_USER"]
    assert await graph.codes(OPEN, 99) == ["USER_NOT_FOUND"]


async def test_a_uuid_of_nobody_opens_nothing(graph: Graph) -> None:
    assert await graph.codes(OPEN, CHIPO) == ["UNFIT"]


async def test_a_learner_has_a_tree_under_their_uuid(graph: Graph) -> None:
    await User(id=7, uuid=CHIPO, email="chipo@example.test", username="chipo").insert()
    by_number = (await graph.data(OPEN, 7))["opened"]["tree"]["id"]
    by_uuid = (await graph.data(OPEN, CHIPO))["opened"]["tree"]
    assert by_uuid["id"] == by_number and by_uuid["ownerId"] == CHIPO


async def added(graph: Graph, account: object = RUDO, **input: Any) -> dict[str, Any]:
    person: dict[str, Any] = (await graph.data(ADD, account, input=input))["added"]
    return person


async def test_people_come_into_the_open_tree_and_are_tied_together(graph: Graph) -> None:
    sekuru = await added(graph, firstName="Sekuru", lastName="Moyo", gender=["MALE"], birthDay="1930-04-12")
    assert sekuru["name"] == "Sekuru Moyo" and sekuru["birth"] == "1930-04-12T00:00:00.000000Z"
    assert sekuru["createdBy"] == RUDO and sekuru["gender"] == "MALE"
    ambuya = await added(graph, firstName="Ambuya", gender=["FEMALE"])
    chipo = await added(graph, firstName="Chipo", parentIds=[sekuru["uuid"]])
    tendai = await added(graph, firstName="Tendai")
    assert chipo["parentIds"] == [sekuru["id"]] and chipo["treeId"] == sekuru["treeId"]
    for kind, from_, to in [
        ("SPOUSE", sekuru, ambuya),
        ("PARENT", ambuya, chipo),
        ("PARENT", sekuru, tendai),
        ("SIBLING", chipo, tendai),
    ]:
        related = await graph.data(RELATE, RUDO, **{"from": from_["uuid"], "to": to["id"], "kind": kind})
        assert related["related"]["kind"] == kind
        assert related["related"]["from"] == {"uuid": from_["uuid"], "name": from_["name"]}
    opened = (await graph.data(OPEN, RUDO))["opened"]["tree"]
    members = {member["name"]: member for member in opened["members"]}
    assert list(members) == ["Sekuru Moyo", "Ambuya", "Chipo", "Tendai"]
    assert opened["personCount"] == 4 and opened["relationshipCount"] == 5
    assert set(members["Chipo"]["parentIds"]) == {sekuru["uuid"], ambuya["uuid"]}
    assert members["Sekuru Moyo"]["spouseIds"] == [ambuya["uuid"]]
    assert members["Sekuru Moyo"]["treeId"] == opened["uuid"]
    assert {link["treeId"] for link in opened["relationships"]} == {opened["uuid"]}
    kin = (await graph.data(KIN, RUDO, id=chipo["id"]))["person"]
    assert {each["name"] for each in kin["parents"]} == {"Sekuru Moyo", "Ambuya"}
    assert kin["siblings"] == [{"name": "Tendai"}]
    assert kin["siblingLinks"] == [{"kind": "SIBLING", "person": {"name": "Tendai"}}]
    kin = (await graph.data(KIN, RUDO, id=sekuru["uuid"]))["person"]
    assert kin["unions"] == [{"spouseId": ambuya["id"], "status": None, "person": {"name": "Ambuya"}}]
    assert [each["person"]["name"] for each in kin["childLinks"]] == ["Chipo", "Tendai"]


async def test_a_day_keeps_the_time_of_a_birth_on_it_and_a_spelling_the_gender_behind_it(
    graph: Graph,
) -> None:
    born = await added(graph, firstName="Anesu", gender=["NON_BINARY"], birth="1990-05-01T10:30:00Z")
    changed = await graph.data(
        CHANGE, RUDO, id=born["id"], input={"birthDay": "1990-05-01", "gender": ["OTHER", "NON_BINARY"]}
    )
    assert changed["changed"] == {
        "name": "Anesu",
        "gender": "NON_BINARY",
        "birth": "1990-05-01T10:30:00.000000Z",
        "living": True,
    }
    changed = await graph.data(
        CHANGE,
        RUDO,
        id=born["id"],
        input={"birthDay": "1990-05-02", "gender": "OTHER", "deathDay": "2020-01-01"},
    )
    assert changed["changed"] == {
        "name": "Anesu",
        "gender": "OTHER",
        "birth": "1990-05-02T00:00:00.000000Z",
        "living": False,
    }


async def test_what_stands_in_the_way_is_said(graph: Graph) -> None:
    person = await added(graph, firstName="Anesu")
    id = person["id"]
    assert await graph.codes(ADD, RUDO, input={}, named=True) == ["NAME_MISSING"]
    assert await graph.codes(ADD, RUDO, input={"firstName": "A"}, tree=MISSING) == ["TREE_NOT_FOUND"]
    assert await graph.codes(ADD, RUDO, input={"firstName": "A"}, tree="?") == ["TREE_NOT_FOUND"]
    assert await graph.codes(ADD, TENDAI, input={"firstName": "A"}, tree=person["treeId"]) == [
        "TREE_FORBIDDEN"
    ]
    assert await graph.codes(ADD, RUDO, input={"birthDay": "1950-02-30"}) == ["UNFIT"]
    both = {"birthDay": "1950-02-03", "birth": "1950-02-03T00:00:00Z"}
    assert await graph.codes(ADD, RUDO, input=both) == ["INVALID"]
    assert await graph.codes(ADD, RUDO, input={"motherId": MISSING}) == ["PARENT_NOT_FOUND"]
    assert await graph.codes(ADD, RUDO, input={"motherId": "?"}) == ["UNFIT"]
    assert await graph.codes(CHANGE, RUDO, id=id, input={}, required=True) == ["NOTHING_TO_CHANGE"]
    assert await graph.codes(CHANGE, RUDO, id=MISSING, input={}) == ["PERSON_NOT_FOUND"]
    assert await graph.codes(CHANGE, TENDAI, id=id, input={"name": "x"}) == ["TREE_FORBIDDEN"]
    ends = {"from": id, "to": MISSING, "kind": "SPOUSE"}
    assert await graph.codes(RELATE, RUDO, **ends) == ["PEOPLE_NOT_FOUND"]
    assert await graph.codes(RELATE, RUDO, **ends, tree=person["treeId"]) == ["END_NOT_FOUND"]
    assert await graph.codes(KIN, TENDAI, id=id) == ["TREE_FORBIDDEN"]
    assert await graph.codes(KIN, RUDO, id="x") == ["PERSON_NOT_FOUND"]


@pytest.mark.parametrize(
    ("kind", "word", "status", "role", "stands"),
    [
        ("PARENT", "BiologicalMother", "bad", "BIOLOGICAL_MOTHER", None),
        ("SPOUSE", "bad", "LivingTogether", None, "LIVING_TOGETHER"),
        ("OTHER", "bad", "bad", None, None),
    ],
)
async def test_words_of_old_clients_count_where_they_belong(
    graph: Graph, kind: str, word: str, status: str, role: str | None, stands: str | None
) -> None:
    one, other = await added(graph, firstName="One"), await added(graph, firstName="Other")
    ends = {"from": one["id"], "to": other["id"], "kind": kind}
    given = {"legacyRole": word, "legacyStatus": status}
    said = (await graph.data(RELATE, RUDO, **ends, tree=one["treeId"], input=given, strict=True))["related"]
    assert (said["role"], said["status"]) == (role, stands)


async def test_a_word_that_no_old_server_knew_is_refused_where_it_belongs(graph: Graph) -> None:
    one, other = await added(graph, firstName="One"), await added(graph, firstName="Other")
    ends = {"from": one["id"], "to": other["id"], "tree": one["treeId"], "strict": True}
    assert await graph.codes(RELATE, RUDO, **ends, kind="PARENT", input={"legacyRole": "bad"}) == ["UNFIT"]
    assert await graph.codes(RELATE, RUDO, **ends, kind="PARENT") == ["ROLE_MISSING"]
    assert await graph.codes(RELATE, RUDO, **ends, kind="SPOUSE") == ["STATUS_MISSING"]
