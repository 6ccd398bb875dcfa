"""The rows of a tree: all of them, in order, and little memory."""

import tracemalloc
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from bson import ObjectId

from models import raw
from models.gedcom import rows
from models.gedcom.gathering import PERSON
from models.gedcom.rows import Rows
from models.moments import Moment
from models.people import Person
from models.raw import stored_form
from tests.models.family import NOW

pytestmark = pytest.mark.usefixtures("database")
TREE = ObjectId()


async def stored(number: int, at: datetime = NOW) -> list[dict[str, Any]]:
    """So many people of a tree, each made a second before the one that has the id before."""
    found = []
    for place in range(number):
        moment = Moment.of(at - timedelta(seconds=place))
        person = Person(
            tree_id=TREE,
            name=f"Tendai {place}",
            birth_place="Harare",
            notes="A note that is longer than what is likely to be there again.",
            parents=[ObjectId()],
            created_at=moment,
            updated_at=moment,
        )
        found.append(stored_form(person))
    await raw.collection(Person).insert_many(found)
    return found


@pytest.fixture
def traced() -> Iterator[None]:
    """Memory that is counted."""
    tracemalloc.start(1)
    yield
    tracemalloc.stop()


async def test_all_of_a_tree_is_read_some_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rows, "SOME", 2)
    everybody = await stored(5)
    assert await Rows(TREE).all(Person) == await raw.collection(Person).find({}).sort("_id").to_list()
    assert [each["_id"] for each in await Rows(TREE).created(Person)] == [
        each["_id"] for each in reversed(everybody)
    ]
    assert await Rows(ObjectId()).all(Person) == []


async def test_rows_have_the_fields_that_are_asked_for() -> None:
    await stored(1)
    (row,) = await Rows(TREE).created(Person, ("name", "birth_place"))
    assert row == {"_id": row["_id"], "name": "Tendai 0", "birth_place": "Harare"}


async def test_what_many_rows_say_is_held_once() -> None:
    await stored(2)
    one, other = await Rows(TREE).all(Person)
    assert one["birth_place"] is other["birth_place"]
    assert one["tree_id"] is other["tree_id"]
    assert all(name is again for name, again in zip(one, other, strict=True))


async def test_rows_take_half_the_memory_of_what_the_driver_makes(traced: None) -> None:
    await stored(500)

    async def taken(reading: Any) -> int:
        before = tracemalloc.get_traced_memory()[0]
        held = await reading
        assert len(held) == 500
        return tracemalloc.get_traced_memory()[0] - before

    await taken(Rows(TREE).created(Person, PERSON))
    plain = await taken(raw.collection(Person).find({}, dict.fromkeys(PERSON, True)).to_list())
    assert await taken(Rows(TREE).created(Person, PERSON)) < 0.55 * plain
