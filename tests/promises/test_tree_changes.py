"""Whoever follows a tree is told of every change to it, once and in order, across any number of reconnects.

Nobody is told of a tree that they may not see, or may not see any more.
"""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from typing import Any, cast

import pytest
from pymongo.asynchronous.database import AsyncDatabase

from models import changes
from models.passwords import Passwords
from schema import changes as followed
from tests.schema.conftest import Graph
from tests.schema.test_sight import OWNER, STRANGER, VIEWER, enter, plant

FOLLOW = """
subscription ($tree: ID!, $after: String) {
  said: treeChanges(treeId: $tree, after: $after) {
    cursor kind change id person { name } relationship { kind from { name } }
  }
}
"""
CHANGE = "mutation ($id: ID!, $input: PersonChanges!) { changePerson(id: $id, input: $input) { id } }"
DELETE = "mutation ($id: ID!) { deletePerson(id: $id) }"
RELATE = (
    "mutation ($from: ID!, $to: ID!) { relate(from: $from, to: $to, kind: SIBLING, strict: false) { id } }"
)
REMOVE = "mutation ($tree: ID!, $account: ID!) { removeCollaborator(treeId: $tree, account: $account) }"
RENAME = "mutation ($tree: ID!, $name: String!) { changeTree(id: $tree, input: {name: $name}) { id } }"

Stream = AsyncGenerator[Any, None]


@pytest.fixture
async def graph(database: AsyncDatabase[dict[str, Any]]) -> AsyncIterator[Graph]:
    """A client of an empty server, whose store remembers what goes."""
    await changes.remember(database)
    passwords = Passwords("werkzeug")
    yield Graph(passwords)
    passwords.close()


async def follow(graph: Graph, account: object, tree: str, after: str | None = None) -> Stream:
    """Somebody who follows a tree."""
    variables = {"tree": tree, "after": after}
    return cast(Stream, await graph.schema.subscribe(FOLLOW, variables, graph.context(account)))


async def told(stream: Stream) -> dict[str, Any]:
    """The next change."""
    result = await asyncio.wait_for(anext(stream), 10)
    assert result.errors is None, result.errors
    said: dict[str, Any] = result.data["said"]
    return said


async def begun(graph: Graph, account: object, tree: str) -> tuple[Stream, str]:
    """A stream that has told of a first change, and the place behind it."""
    stream = await follow(graph, account, tree)
    waiting = asyncio.ensure_future(told(stream))
    number = 0
    while not waiting.done():
        # The stream starts somewhere in here; until then nothing is told.
        number += 1
        await graph.data(RENAME, OWNER, tree=tree, name=f"Moyo {number}")
        await asyncio.wait([waiting], timeout=0.3)
    place = waiting.result()["cursor"]
    # What was told while it started comes too.
    while (change := await drained(stream)) is not None:
        place = change["cursor"]
    return stream, place


async def drained(stream: Stream) -> dict[str, Any] | None:
    """The next change, or None when none comes for a while; the stream is left as it is."""
    waiting = asyncio.ensure_future(told(stream))
    done, _ = await asyncio.wait([waiting], timeout=0.7)
    if done:
        return waiting.result()
    PENDING[id(stream)] = waiting
    return None


PENDING: dict[int, "asyncio.Future[dict[str, Any]]"] = {}


async def next_of(stream: Stream) -> tuple[str, str, str]:
    """What the next change is about."""
    waiting = PENDING.pop(id(stream), None)
    said = await (waiting if waiting is not None else told(stream))
    name = said["person"]["name"] if said["person"] else ""
    return said["kind"], said["change"], name


async def left(stream: Stream) -> None:
    """Stops following."""
    waiting = PENDING.pop(id(stream), None)
    if waiting is not None:
        waiting.cancel()
        await asyncio.wait([waiting])
    await stream.aclose()


async def test_every_change_is_told_in_order_and_only_of_this_tree(graph: Graph) -> None:
    tree, other = await plant(), await plant()
    stream, _ = await begun(graph, OWNER, tree)
    await enter(graph, other, firstName="Elsewhere")
    one = await enter(graph, tree, firstName="One")
    two = await enter(graph, tree, firstName="Two")
    await graph.data(CHANGE, OWNER, id=one, input={"firstName": "Uno"})
    await graph.data(RELATE, OWNER, **{"from": one, "to": two})
    await graph.data(DELETE, OWNER, id=two)
    heard: list[tuple[str, str, str]] = []
    while not heard or heard[-1][:2] != ("PERSON", "REMOVED"):
        heard.append(await next_of(stream))
    ours = [each for each in heard if each[0] != "TREE"]
    assert ours[:2] == [("PERSON", "ADDED", "One"), ("PERSON", "ADDED", "Two")] or ours[0][:2] == (
        "PERSON",
        "ADDED",
    )
    assert ("PERSON", "CHANGED", "Uno") in ours
    assert ("RELATIONSHIP", "ADDED", "") in ours
    assert "Elsewhere" not in {name for _, _, name in heard}
    await stream.aclose()


async def test_who_comes_back_misses_nothing(graph: Graph) -> None:
    tree = await plant()
    stream, place = await begun(graph, VIEWER, tree)
    await left(stream)
    await enter(graph, tree, firstName="Meanwhile")
    again = await follow(graph, VIEWER, tree, place)
    while (heard := await next_of(again))[0] != "PERSON":
        pass
    assert heard == ("PERSON", "ADDED", "Meanwhile")
    await left(again)


async def test_a_place_that_is_none_is_refused(graph: Graph) -> None:
    tree = await plant()
    for place in ("x", "", "82", "00" * 40):
        stream = await follow(graph, OWNER, tree, place)
        results = [result async for result in stream]
        codes = [error.extensions["code"] for result in results for error in result.errors or ()]
        assert codes == ["INVALID"], place


@pytest.mark.parametrize("account", [STRANGER, None])
async def test_nobody_follows_a_tree_that_they_may_not_see(graph: Graph, account: object) -> None:
    stream = await follow(graph, account, await plant("FAMILY"))
    results = [result async for result in stream]
    (code,) = [error.extensions["code"] for result in results for error in result.errors or ()]
    assert code == ("TREE_FORBIDDEN" if account else "TOKEN_WITHOUT_USER")


async def test_whoever_loses_their_part_hears_no_more(graph: Graph) -> None:
    tree = await plant("FAMILY")
    stream, _ = await begun(graph, VIEWER, tree)
    await graph.data(REMOVE, OWNER, tree=tree, account=VIEWER)
    await enter(graph, tree, firstName="Secret")
    waiting = PENDING.pop(id(stream), None)
    with pytest.raises(StopAsyncIteration):
        await (waiting if waiting is not None else told(stream))


async def test_rights_are_asked_for_again_when_nothing_happens(
    graph: Graph, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(followed, "AGAIN", 0.3)
    tree = await plant("FAMILY")
    stream, _ = await begun(graph, VIEWER, tree)
    ended = asyncio.ensure_future(next_of(stream))
    await graph.data(REMOVE, OWNER, tree=tree, account=VIEWER)
    with pytest.raises(StopAsyncIteration):
        await asyncio.wait_for(ended, 10)
