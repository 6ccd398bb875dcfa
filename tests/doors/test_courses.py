"""Finding a course and taking it, through every door."""

from tests.doors.door import Door
from tests.doors.seed import MAY, PASSWORD
from tests.doors.story import through_every_door

FIRST = {
    "id": 1,
    "title": "First words",
    "description": "Greetings",
    "published": True,
    "created_at": MAY.instant,
}
THIRD = {"id": 3, "title": "汉字", "description": "", "published": True, "created_at": None}


@through_every_door
async def test_published_courses_are_listed(api: Door) -> None:
    assert await api.courses() == [FIRST, THIRD]


@through_every_door
async def test_a_course_has_its_content_in_sequence(api: Door) -> None:
    lessons = [
        {"id": 2, "course_id": 1, "sequence": 1, "title": "Greetings", "body": "你好"},
        {"id": 1, "course_id": 1, "sequence": 2, "title": "Numbers", "body": "一二三"},
    ]
    assert await api.course(1) == {**FIRST, "content": lessons}
    assert await api.course(3) == {**THIRD, "content": []}


@through_every_door
async def test_a_draft_can_be_read_by_who_knows_its_number(api: Door) -> None:
    assert (await api.course(2))["content"] == [
        {"id": 3, "course_id": 2, "sequence": 1, "title": "Draft lesson", "body": None}
    ]
    assert await api.course(4) == "COURSE_NOT_FOUND"


@through_every_door
async def test_a_learner_takes_a_course_once(api: Door) -> None:
    await api.login("lin@example.com", PASSWORD)
    taken = await api.enroll(1)
    assert taken.pop("enrolled_at") is not None
    assert taken == {"id": 2, "user_id": 1, "course_id": 1, "progress": 0}
    assert await api.enroll(1) == "ALREADY_ENROLLED"
    assert (await api.enroll(2))["id"] == 3


@through_every_door
async def test_a_course_that_is_not_there_cannot_be_taken(api: Door) -> None:
    await api.login("mo@example.com", PASSWORD)
    assert await api.enroll(4) == "COURSE_NOT_FOUND"
    assert await api.enroll(0) == "COURSE_NOT_FOUND"
    assert await api.enroll(1) == "ALREADY_ENROLLED"


@through_every_door
async def test_a_stranger_cannot_take_a_course(api: Door) -> None:
    assert await api.enroll(1) == "NOT_SIGNED_IN"
    assert await api.enroll(4) == "NOT_SIGNED_IN"
