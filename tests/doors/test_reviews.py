"""Cards that wait, and answers to them, through every door."""

from datetime import UTC, datetime, timedelta

from tests.doors.door import Answer, Door
from tests.doors.seed import PASSWORD
from tests.doors.story import through_every_door


@through_every_door
async def test_the_cards_that_wait_are_the_callers_own(api: Door) -> None:
    await api.login("lin@example.com", PASSWORD)
    due = await api.due()
    assert [card["id"] for card in due] == [1, 2, 3, 4, 5]
    assert {card["user_id"] for card in due} == {1}
    assert due[0]["character"] == {"id": 1, "hanzi": "猫", "pinyin": "māo", "meaning": "cat"}
    assert due[1]["character"] is None
    stand = {key: due[0][key] for key in ("repetition", "easiness", "interval", "last_review")}
    assert stand == {"repetition": 0, "easiness": 2.5, "interval": 1, "last_review": None}


@through_every_door
async def test_answers_move_cards_as_sm2_says(api: Door) -> None:
    await api.login("lin@example.com", PASSWORD)
    assert [await api.submit(number, 5) for number in (1, 2, 3)] == [1, 6, 15.600000000000001]
    assert [await api.submit(1, quality) for quality in (4, 3, 2, 1, 0)] == [6, 14.76, 1, 1, 1]
    assert [card["id"] for card in await api.due()] == [4, 5]


@through_every_door
async def test_any_number_is_an_answer(api: Door) -> None:
    await api.login("lin@example.com", PASSWORD)
    answers = (2.9, 3.5, -3, 10, True)
    assert [await api.submit(3, quality) for quality in answers] == [1, 1, 1, 1, 1]


@through_every_door
async def test_a_card_that_does_not_wait_can_be_answered(api: Door) -> None:
    await api.login("lin@example.com", PASSWORD)
    assert await api.submit(6, 4) == 1


@through_every_door
async def test_somebody_elses_card_does_not_exist(api: Door) -> None:
    await api.login("lin@example.com", PASSWORD)
    assert await api.submit(7, 4) == "REVIEW_NOT_FOUND"
    assert await api.submit(8, 4) == "REVIEW_NOT_FOUND"
    assert await api.submit(-1, 4) == "REVIEW_NOT_FOUND"


@through_every_door
async def test_an_answer_that_cannot_be_calculated_with_changes_nothing(api: Door) -> None:
    await api.login("lin@example.com", PASSWORD)
    for quality in ("4", [4], {"$gt": ""}, 10**400):
        assert await api.submit(1, quality) == "UNFIT"
    assert await api.submit(4, 5) == "UNFIT"
    assert await api.submit(5, 5) == "UNFIT"
    assert await api.submit(2**63, 4) == "UNFIT"
    assert [card["id"] for card in await api.due()] == [1, 2, 3, 4, 5]


@through_every_door
async def test_a_missing_answer_is_none(api: Door) -> None:
    await api.login("lin@example.com", PASSWORD)
    assert await api.submit(1, None) == "INVALID"


@through_every_door
async def test_a_stranger_has_no_cards(api: Door) -> None:
    assert await api.due() == "NOT_SIGNED_IN"
    assert await api.submit(1, 4) == "NOT_SIGNED_IN"


@through_every_door
async def test_answers_that_were_given_before_count_once(api: Door) -> None:
    await api.login("lin@example.com", PASSWORD)
    now = datetime.now(UTC)
    answers: list[Answer] = [
        ("answer-for-one", 1, 4, now - timedelta(hours=1)),
        ("answer-for-two", 2, 1, now - timedelta(hours=2)),
        ("somebody-elses", 7, 4, now),
        ("nobodys-review", 2**62, 4, now),
    ]
    refused = [
        ("somebody-elses", "REFUSED", "REVIEW_NOT_FOUND", None),
        ("nobodys-review", "REFUSED", "REVIEW_NOT_FOUND", None),
    ]
    stored = [("answer-for-one", "STORED", None, 1), ("answer-for-two", "STORED", None, 1), *refused]
    assert await api.sync(answers) == stored
    again = [("answer-for-one", "REPEATED", None, 1), ("answer-for-two", "REPEATED", None, 1), *refused]
    assert await api.sync(answers) == again
    late: list[Answer] = [("answer-too-late", 1, 0, now - timedelta(days=3))]
    assert await api.sync(late) == [("answer-too-late", "LATE", None, 1)]
    assert [card["id"] for card in await api.due()] == [3, 4, 5]


@through_every_door
async def test_answers_of_another_shape_are_refused_whole(api: Door) -> None:
    assert await api.sync([]) == "NOT_SIGNED_IN"
    await api.login("lin@example.com", PASSWORD)
    now = datetime.now(UTC)
    for id in ("short", "x" * 65, "with blanks", "with/slash", "$where: 1 == 1"):
        assert await api.sync([("answer-for-one", 1, 4, now), (id, 2, 4, now)]) == "INVALID"
    assert await api.sync([(f"answer-{n:04}", 1, 4, now) for n in range(501)]) == "INVALID"
    assert await api.sync([]) == []
    assert [card["id"] for card in await api.due()] == [1, 2, 3, 4, 5]
