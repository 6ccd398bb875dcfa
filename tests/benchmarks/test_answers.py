"""Two servers say the same when their JSON is equal, but for what each makes itself."""

from typing import Any

import pytest

from benchmarks.answers import differences
from benchmarks.cases import POINT, Ask, graphql
from benchmarks.peers.python.documents import cursor_of
from benchmarks.servers import parse_ask, parse_normal

COURSE = {"course": {"id": 1, "title": "One", "created_at": None}}


def test_equal_answers_differ_nowhere() -> None:
    assert differences(COURSE, {"course": {"title": "One", "created_at": None, "id": 1}}) == []


@pytest.mark.parametrize(
    ("found", "said"),
    [
        ({"course": {"id": "1", "title": "One", "created_at": None}}, "/course/id is '1' instead of 1"),
        ({"course": {"id": True, "title": "One", "created_at": None}}, "/course/id is True instead of 1"),
        ({"course": {"id": 1, "title": "One"}}, "/course/created_at is missing"),
        ({"course": None}, "/course is None instead of {'id': 1, 'title': 'One', 'created_at': None}"),
    ],
)
def test_a_difference_is_named_by_its_place(found: Any, said: str) -> None:
    assert differences(COURSE, found) == [said]


def test_lists_are_compared_in_order_and_length() -> None:
    assert differences([1, 2], [2]) == ["/ has 1 items instead of 2", "/0 is 2 instead of 1"]


def test_many_differences_are_cut_short() -> None:
    found = differences(list(range(9)), list(range(1, 10)))
    assert len(found) == 6
    assert found[-1] == "and 4 more"


def test_what_a_server_makes_itself_is_compared_by_type() -> None:
    made = {"enrollment": {"id": 7, "course_id": 1, "enrolled_at": "2025-01-06T08:30:00.000001"}}
    again = {"enrollment": {"id": 8, "course_id": 1, "enrolled_at": "2025-01-06T08:30:01.000001"}}
    assert differences(made, again) == []
    wrong = {"enrollment": {"id": "8", "course_id": 2, "enrolled_at": None}}
    assert differences(made, wrong) == [
        "/enrollment/course_id is 2 instead of 1",
        "/enrollment/enrolled_at is 'NoneType' instead of 'str'",
        "/enrollment/id is 'str' instead of 'int'",
    ]


def test_parse_server_is_asked_and_understood_in_its_own_form() -> None:
    course = {"title": "One", "description": "d", "published": True}
    own = {**course, "objectId": "000017", "createdAt": "2025-01-06T08:30:00.000Z"}
    assert parse_ask(Ask("GET", "/courses/17")).path == "/parse/classes/Course/000017"
    path = parse_ask(Ask("GET", f"/catalog/?after={cursor_of(17)}")).path
    assert path.startswith("/parse/classes/Course?where=%7B%22published%22%3Atrue%2C%22objectId%22")
    assert path.endswith("%3A%22000017%22%7D%7D&order=objectId&limit=1000")
    assert '"id": "000017"' in (parse_ask(graphql(POINT, {"id": "17"})).body or "")
    shown = {**course, "id": 17, "created_at": None}
    assert parse_normal("rest-point", own) == parse_normal("rest-point", {"course": shown})
    assert parse_normal("rest-list-20", {"results": [own]}) == parse_normal(
        "rest-list-20", {"courses": [shown]}
    )
    assert parse_normal("rest-point", {"error": "a", "code": 1}) == parse_normal("rest-point", {"error": "b"})
