"""Coming in and going out, through every door."""

from tests.doors.door import Door
from tests.doors.seed import MAY, PASSWORD
from tests.doors.story import through_every_door

LIN = {"id": 1, "email": "lin@example.com", "username": "lin"}
NEW = {"id": 4, "email": "new@example.com", "username": "newbie"}


@through_every_door
async def test_an_invitation_makes_a_user_who_is_signed_in(api: Door) -> None:
    assert await api.register("new@example.com", "pass phrase", "newbie", "WELCOME") == NEW
    me = await api.me()
    assert {key: me[key] for key in NEW} == NEW
    assert me["created_at"] is not None


@through_every_door
async def test_an_invitation_admits_one(api: Door) -> None:
    assert await api.register("new@example.com", "pass phrase", "newbie", "WELCOME") == NEW
    assert await api.register("late@example.com", "pass phrase", "late", "WELCOME") == "INVITATION_INVALID"
    assert await api.register("late@example.com", "pass phrase", "late", "USED") == "INVITATION_INVALID"
    assert await api.register("late@example.com", "pass phrase", "late", "NEVER") == "INVITATION_INVALID"


@through_every_door
async def test_an_address_that_is_taken_leaves_the_invitation_unused(api: Door) -> None:
    assert await api.register("lin@example.com", "pass phrase", "other", "WELCOME") == "EMAIL_TAKEN"
    assert await api.register("new@example.com", "pass phrase", "newbie", "WELCOME") == NEW


@through_every_door
async def test_who_cannot_be_stored_is_refused_before_anything_is_written(api: Door) -> None:
    for email, password, username in (
        ("nul\0@example.com", "pass phrase", "newbie"),
        ("new@example.com", "ends with NUL\0", "newbie"),
        ("new@example.com", "pass phrase", "half \ud83d a pair"),
        ("half\udc00@example.com", "pass phrase", "newbie"),
    ):
        assert await api.register(email, password, username, "WELCOME") == "UNFIT"
    assert await api.register("new@example.com", "pass phrase", "newbie", "\0") == "UNFIT"


@through_every_door
async def test_a_learner_signs_in_and_is_known(api: Door) -> None:
    assert await api.login("lin@example.com", PASSWORD) == LIN
    assert await api.me() == {**LIN, "created_at": MAY.instant}


@through_every_door
async def test_a_wrong_address_or_password_says_nothing_more(api: Door) -> None:
    assert await api.login("lin@example.com", "wrong") == "BAD_CREDENTIALS"
    assert await api.login("LIN@example.com", PASSWORD) == "BAD_CREDENTIALS"
    assert await api.login("nobody@example.com", PASSWORD) == "BAD_CREDENTIALS"
    assert await api.login("plain@example.com", "letmein") == "BAD_CREDENTIALS"
    assert await api.me() == "NOT_SIGNED_IN"


@through_every_door
async def test_a_password_with_a_nul_more_is_another_password(api: Door) -> None:
    assert await api.login("lin@example.com", f"{PASSWORD}\0") == "BAD_CREDENTIALS"


@through_every_door
async def test_a_credential_given_back_is_worthless(api: Door) -> None:
    await api.login("lin@example.com", PASSWORD)
    assert await api.logout() is True
    assert await api.me() == "NOT_SIGNED_IN"
    assert await api.logout() == "NOT_SIGNED_IN"
    assert await api.enroll(1) == "NOT_SIGNED_IN"
    assert await api.login("lin@example.com", PASSWORD) == LIN
    assert (await api.me())["id"] == 1


@through_every_door
async def test_nobody_is_nobody(api: Door) -> None:
    assert await api.me() == "NOT_SIGNED_IN"
    assert await api.logout() == "NOT_SIGNED_IN"
