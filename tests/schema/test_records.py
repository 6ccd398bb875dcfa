"""Events, sources, notifications and files of a tree through the graph."""

from typing import Any

from models.moments import Moment
from models.notifications import Notification
from tests.schema.conftest import NOW, Graph
from tests.schema.test_sight import EDITOR, OWNER, STRANGER, VIEWER, enter, plant

ADD_SOURCE = """
mutation ($tree: ID!, $input: NewSource!) {
  said: addSource(treeId: $tree, input: $input) { id title people { name } }
}
"""
ADD_EVENT = """
mutation ($tree: ID!, $input: NewEvent!) {
  said: addEvent(treeId: $tree, input: $input) { id kind date people { name } sources { title } }
}
"""
CHANGE_EVENT = """
mutation ($id: ID!, $input: EventChanges!) {
  said: changeEvent(id: $id, input: $input) { kind place people { name } }
}
"""
CHANGE_SOURCE = """
mutation ($id: ID!, $input: SourceChanges!) { said: changeSource(id: $id, input: $input) { title author } }
"""
LISTED = """
query ($id: ID!) {
  said: tree(id: $id) {
    events(first: 1) { edges { node { kind } cursor } totalCount pageInfo { hasNextPage } }
    sources { edges { node { title events { kind } } } totalCount }
  }
}
"""
OF_PERSON = "query ($id: ID!) { said: person(id: $id) { events { kind } sources { title } } }"


async def test_what_happened_is_told_with_its_sources_and_taken_back(graph: Graph) -> None:
    tree = await plant()
    person = await enter(graph, tree, firstName="Sekuru")
    told: dict[str, Any] = {"title": "Parish register", "personIds": [person]}
    source = (await graph.data(ADD_SOURCE, EDITOR, tree=tree, input=told))["said"]
    assert source == {"id": source["id"], "title": "Parish register", "people": [{"name": "Sekuru"}]}
    told = {
        "kind": "wedding",
        "date": "1970-06-01T00:00:00Z",
        "personIds": [person],
        "sourceIds": [source["id"]],
    }
    event = (await graph.data(ADD_EVENT, EDITOR, tree=tree, input=told))["said"]
    assert event["sources"] == [{"title": "Parish register"}] and event["people"] == [{"name": "Sekuru"}]
    await graph.data(ADD_EVENT, OWNER, tree=tree, input={"kind": "feast"})
    listed = (await graph.data(LISTED, VIEWER, id=tree))["said"]
    assert listed["events"]["edges"][0]["node"] == {"kind": "wedding"}
    assert listed["events"]["totalCount"] == 2 and listed["events"]["pageInfo"] == {"hasNextPage": True}
    assert listed["sources"] == {
        "edges": [{"node": {"title": "Parish register", "events": [{"kind": "wedding"}]}}],
        "totalCount": 1,
    }
    assert (await graph.data(OF_PERSON, VIEWER, id=person))["said"] == {
        "events": [{"kind": "wedding"}],
        "sources": [{"title": "Parish register"}],
    }
    changed = await graph.data(
        CHANGE_EVENT, EDITOR, id=event["id"], input={"place": "Gweru", "personIds": []}
    )
    assert changed["said"] == {"kind": "wedding", "place": "Gweru", "people": []}
    changed = await graph.data(CHANGE_SOURCE, EDITOR, id=source["id"], input={"author": "A priest"})
    assert changed["said"] == {"title": "Parish register", "author": "A priest"}
    for field, id in (("deleteEvent", event["id"]), ("deleteSource", source["id"])):
        query = f"mutation ($id: ID!) {{ said: {field}(id: $id) }}"
        assert await graph.codes(query, VIEWER, id=id) == ["TREE_FORBIDDEN"]
        assert await graph.data(query, EDITOR, id=id) == {"said": True}
        assert await graph.codes(query, EDITOR, id=id) == [
            "EVENT_NOT_FOUND" if field == "deleteEvent" else "SOURCE_NOT_FOUND"
        ]


async def test_people_of_another_tree_are_in_no_event_of_this_one(graph: Graph) -> None:
    tree, other = await plant(), await plant()
    person = await enter(graph, other, firstName="Foreign")
    for ids in ([person], ["?"], ["0" * 24]):
        told = {"kind": "wedding", "personIds": ids}
        assert await graph.codes(ADD_EVENT, OWNER, tree=tree, input=told) == ["UNFIT"]


async def test_notifications_are_the_callers_own(graph: Graph) -> None:
    for number, account in enumerate((OWNER, OWNER, EDITOR)):
        told = Notification(
            account=account, message=f"M{number}", data={"n": [number, None]}, created_at=Moment.of(NOW)
        )
        await told.insert()
    listed = "{ said: notifications(first: 1) { edges { node { message data read } } totalCount } }"
    assert (await graph.data(listed, OWNER))["said"] == {
        "edges": [{"node": {"message": "M0", "data": {"n": [0, None]}, "read": False}}],
        "totalCount": 2,
    }
    everything = "{ said: allNotifications { id message read } }"
    found = (await graph.data(everything, OWNER))["said"]
    assert [each["message"] for each in found] == ["M1", "M0"]
    assert (await graph.data(everything, STRANGER))["said"] == []
    read = "mutation ($id: ID!, $quiet: Boolean! = false) { said: readNotification(id: $id, quiet: $quiet) }"
    id = found[0]["id"]
    assert await graph.codes(read, EDITOR, id=id) == ["NOTIFICATION_NOT_FOUND"]
    assert await graph.data(read, EDITOR, id=id, quiet=True) == {"said": True}
    assert not any(each["read"] for each in (await graph.data(everything, OWNER))["said"])
    assert await graph.data(read, OWNER, id=id) == {"said": True}
    assert [each["read"] for each in (await graph.data(everything, OWNER))["said"]] == [True, False]
