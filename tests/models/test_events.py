"""Events and sources: what happened to the people of a tree, and where it is written."""

from collections.abc import Awaitable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from bson import ObjectId

from models import events, person_writes, sources, tree_writes
from models.errors import DomainError
from models.events import Event
from models.keys import Key
from models.moments import Moment
from models.sources import Source
from tests.models.family import ADA, BO, NOW, person, tree_of

pytestmark = pytest.mark.usefixtures("database")
LATER = NOW + timedelta(hours=1)


def day(year: int) -> Moment:
    return Moment.of(datetime(year, 1, 1, tzinfo=UTC))


async def told(call: Awaitable[Any]) -> str:
    try:
        await call
    except DomainError as error:
        return error.code
    return "ok"


async def test_events_of_somebody_come_in_the_order_of_time_and_tell_their_sources() -> None:
    tree = await tree_of()
    rudo, cal = await person(tree, "Rudo"), await person(tree, "Cal")
    book = await sources.add(tree["_id"], {"title": "Register", "people": [rudo["uuid"]]}, ADA, NOW)
    late = await events.add(
        tree["_id"], {"kind": "Death", "people": [rudo["_id"]], "date": day(1999)}, ADA, NOW
    )
    both: list[Key | None] = [rudo["_id"], cal["uuid"], rudo["uuid"]]
    wed = await events.add(
        tree["_id"],
        {"kind": "Wedding", "people": both, "date": day(1970), "sources": [book["uuid"]]},
        ADA,
        NOW,
    )
    assert wed["people"] == [rudo["_id"], cal["_id"]] and wed["sources"] == [book["_id"]]
    assert [each["kind"] for each in await events.OF_PERSON.load(rudo["_id"])] == ["Wedding", "Death"]
    assert [each["kind"] for each in await events.OF_SOURCE.load(book["_id"])] == ["Wedding"]
    assert [each["title"] for each in await sources.OF_PERSON.load(rudo["_id"])] == ["Register"]
    assert len(await events.OF_TREE.load((tree["_id"], None, 5))) == 2
    after = await events.change(late["_id"], {"place": "Harare", "people": []}, ADA, LATER)
    assert (after["place"], after["people"], after["revision"]) == ("Harare", [], 1)
    assert await events.change(late["uuid"], {"place": "Harare"}, ADA, LATER) == after
    renamed = await sources.change(book["_id"], {"title": "Parish register"}, ADA, LATER)
    assert (await sources.get(book["uuid"], ADA))["title"] == renamed["title"] == "Parish register"


async def test_who_may_edit_the_tree_writes_and_who_may_see_it_reads() -> None:
    tree, other = await tree_of(), await tree_of(BO)
    foreign = await person(other, "Foreign")
    made = await events.add(tree["_id"], {"kind": "Birth"}, ADA, NOW)
    book = await sources.add(tree["_id"], {"title": "Book"}, ADA, NOW)
    calls = {
        "reads": events.get(made["_id"], BO),
        "adds": events.add(tree["_id"], {"kind": "x"}, BO, NOW),
        "changes": events.change(made["_id"], {}, BO, NOW),
        "deletes": events.delete(made["_id"], BO),
        "cites": sources.change(book["_id"], {}, BO, NOW),
        "unknown event": events.get(ObjectId(), ADA),
        "no event": events.delete(None, ADA),
        "unknown source": sources.delete(ObjectId(), ADA),
        "of no kind": events.add(tree["_id"], {}, ADA, NOW),
        "of a kind no more": events.change(made["_id"], {"kind": ""}, ADA, NOW),
        "without title": sources.add(tree["_id"], {"author": "A"}, ADA, NOW),
        "about a stranger": events.add(tree["_id"], {"kind": "x", "people": [foreign["_id"]]}, ADA, NOW),
        "from nowhere": events.change(made["_id"], {"sources": [None]}, ADA, NOW),
    }
    assert {name: await told(call) for name, call in calls.items()} == {
        "reads": "TREE_FORBIDDEN",
        "adds": "TREE_FORBIDDEN",
        "changes": "TREE_FORBIDDEN",
        "deletes": "TREE_FORBIDDEN",
        "cites": "TREE_FORBIDDEN",
        "unknown event": "EVENT_NOT_FOUND",
        "no event": "EVENT_NOT_FOUND",
        "unknown source": "SOURCE_NOT_FOUND",
        "of no kind": "UNFIT",
        "of a kind no more": "UNFIT",
        "without title": "UNFIT",
        "about a stranger": "UNFIT",
        "from nowhere": "UNFIT",
    }
    assert await Event.count() == await Source.count() == 1


async def test_whoever_goes_is_in_no_event_and_a_tree_takes_all_along() -> None:
    tree = await tree_of()
    rudo = await person(tree, "Rudo")
    book = await sources.add(tree["_id"], {"title": "Book", "people": [rudo["_id"]]}, ADA, NOW)
    made = await events.add(tree["_id"], {"kind": "Birth", "people": [rudo["_id"]]}, ADA, NOW)
    await person_writes.delete(rudo["_id"], ADA, NOW)
    assert (await events.get(made["_id"], ADA))["people"] == []
    assert (await sources.get(book["_id"], ADA))["people"] == []
    await events.delete(made["_id"], ADA)
    await tree_writes.delete(tree["_id"], ADA)
    assert await Source.count() == await Event.count() == 0


async def test_a_tree_is_shown_from_somebody_in_it() -> None:
    tree, other = await tree_of(), await tree_of()
    rudo, foreign = await person(tree, "Rudo"), await person(other, "Foreign")
    after = await tree_writes.change(tree["_id"], {"root_person": rudo["uuid"]}, ADA, NOW)
    assert after["root_person"] == rudo["_id"]
    assert (
        await told(tree_writes.change(tree["_id"], {"root_person": foreign["_id"]}, ADA, NOW))
        == "PERSON_NOT_FOUND"
    )
    assert (await tree_writes.change(tree["_id"], {"root_person": None}, ADA, NOW))["root_person"] is None
