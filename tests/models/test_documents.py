"""Every document is known to `connect`, has the indexes that races need, and is written durably."""

import pytest
from beanie import Document
from pymongo.write_concern import WriteConcern

import models
from models.counters import Counter, Numbered, leave_behind, next_id
from models.courses import Course
from models.enrollments import Enrollment
from models.invitations import Invitation
from models.users import User

pytestmark = pytest.mark.usefixtures("database")


def test_every_document_class_is_connected() -> None:
    known = {*Document.__subclasses__(), *Numbered.__subclasses__()} - {Numbered}
    assert {kind for kind in known if kind.__module__.startswith("models.")} == set(models.DOCUMENTS)


async def test_what_the_old_server_raced_on_is_unique() -> None:
    wanted: dict[type[Document], str] = {
        User: "email_1",
        Invitation: "code_1",
        Enrollment: "user_id_1_course_id_1",
    }
    for kind, name in wanted.items():
        assert (await kind.get_pymongo_collection().index_information())[name]["unique"] is True


def test_writes_wait_for_the_journals_of_a_majority() -> None:
    for kind in models.DOCUMENTS:
        assert kind.get_pymongo_collection().write_concern == WriteConcern("majority", j=True)


async def test_ids_count_up_from_what_is_left_behind() -> None:
    assert [await next_id(Course), await next_id(Course), await next_id(User)] == [1, 2, 1]
    await leave_behind(Course, 40)
    await leave_behind(Course, 7)
    assert await next_id(Course) == 41
    assert {counter.id: counter.last for counter in await Counter.find_all().to_list()} == {
        "courses": 41,
        "users": 1,
    }
