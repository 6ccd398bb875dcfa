"""Who was added or changed and may be in the tree already: whoever did it is told, once for each two."""

from datetime import UTC, datetime
from typing import Any

import pytest

from models import person_writes
from models.jobs import Job, JobState
from models.moments import Moment
from models.notifications import Notification
from models.suggestions import MergeSuggestion
from tests.jobs import drain_jobs
from tests.models.family import ADA, NOW, person, tree_of

pytestmark = pytest.mark.usefixtures("database")


def day(year: int) -> Moment:
    return Moment.of(datetime(year, 1, 1, tzinfo=UTC))


async def suggested() -> list[tuple[Any, Any, float]]:
    found = await MergeSuggestion.find_all().sort("_id").to_list()
    return sorted((each.new_person_id, each.existing_person_id, each.confidence) for each in found)


async def test_a_namesake_is_suggested_and_told_to_who_added_them() -> None:
    tree = await tree_of()
    old = await person(tree, "Rudo", last_name="Moyo", birth=day(1950))
    new = await person(tree, "Rudo", last_name="Moyo", birth=day(1950))
    assert await drain_jobs() == 2
    (suggestion,) = await MergeSuggestion.find_all().to_list()
    assert {suggestion.new_person_id, suggestion.existing_person_id} == {old["_id"], new["_id"]}
    assert (suggestion.confidence, suggestion.status, suggestion.created_by) == (1.0, "PENDING", ADA)
    assert suggestion.tree_id == tree["_id"] and suggestion.notified == [ADA]
    (told,) = await Notification.find_all().to_list()
    assert (told.account, told.kind, told.message) == (ADA, "merge_suggestion", "Possible duplicate found")
    assert told.data == {
        "newPersonId": str(suggestion.new_person_id),
        "existingPersonId": str(suggestion.existing_person_id),
        "confidence": 1.0,
    }


async def test_names_weigh_two_fifths_each_and_the_day_of_birth_one() -> None:
    tree, other = await tree_of(), await tree_of()
    await person(tree, "Rudo", last_name="Dube", birth=day(1950))
    await person(tree, "Rhoda", last_name="Moyo", birth=day(1950))
    await person(other, "Rudo", last_name="Moyo", birth=day(1950))
    without = await person(tree, "Rudo", last_name="Moyo")
    await drain_jobs()
    assert await suggested() == []
    # Another day of birth does not speak against it: 0.8 is more than 0.7.
    with_day = await person(tree, "Rudo", last_name="Moyo", birth=day(1960))
    await drain_jobs()
    assert await suggested() == [(with_day["_id"], without["_id"], 0.8)]


async def test_only_a_change_of_what_is_compared_is_looked_at() -> None:
    tree = await tree_of()
    known = await person(tree, "Rudo", last_name="Moyo")
    rudo = await person(tree, "R.", last_name="Moyo")
    await person(tree, "Rudo")
    assert await Job.count() == 2
    await drain_jobs()
    await person_writes.change(rudo["_id"], {"notes": "new"}, ADA, NOW)
    await person_writes.change(rudo["_id"], {"last_name": "Moyo"}, ADA, NOW)
    assert await Job.count() == 2
    await person_writes.change(rudo["_id"], {"first_name": "Rudo"}, ADA, NOW)
    assert await drain_jobs() == 1
    assert await suggested() == [(rudo["_id"], known["_id"], 0.8)]


async def test_two_are_suggested_once_however_often_they_are_looked_at() -> None:
    tree = await tree_of()
    one = await person(tree, "Rudo", last_name="Moyo")
    two = await person(tree, "Rudo", last_name="Moyo")
    three = await person(tree, "Rudo", last_name="Moyo")
    await drain_jobs()
    assert len(await suggested()) == 3 and await Notification.count() == 3
    for someone in (one, two, three):
        await person_writes.change(someone["_id"], {"birth": day(1950)}, ADA, NOW)
    # What was declined is not suggested again.
    await MergeSuggestion.find_all().update({"$set": {"status": "DECLINED"}})
    assert await drain_jobs() == 3
    assert len(await suggested()) == 3 and await Notification.count() == 3


async def test_a_look_that_is_begun_again_suggests_nothing_twice() -> None:
    tree = await tree_of()
    await person(tree, "Rudo", last_name="Moyo")
    await drain_jobs()
    await person(tree, "Rudo", last_name="Moyo")
    (job,) = await Job.find({"state": "QUEUED"}).to_list()
    await drain_jobs()
    await Job.find({"_id": job.id}).update({"$set": {"state": "QUEUED"}})
    assert await drain_jobs() == 1
    assert len(await suggested()) == await Notification.count() == 1


async def test_who_is_gone_is_nobodys_namesake() -> None:
    tree = await tree_of()
    await person(tree, "Rudo", last_name="Moyo")
    gone = await person(tree, "Rudo", last_name="Moyo")
    await person_writes.delete(gone["_id"], ADA, NOW)
    assert await drain_jobs() == 2
    assert await suggested() == []
    assert await Job.find({"state": JobState.DONE}).count() == 2


async def test_adding_a_person_sends_one_write_more(commands: Any) -> None:
    tree = await tree_of()
    commands.sent.clear()
    await person(tree, "Rudo", last_name="Moyo")
    assert [sent["insert"] for sent in commands.of("insert")] == ["people", "person_history", "jobs"]
    assert len({sent["txnNumber"] for sent in commands.of("insert")}) == 1
