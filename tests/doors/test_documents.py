"""The comparison of doors sees every difference but clocks, salts and which credential was given back."""

from datetime import UTC, datetime, timedelta
from typing import Any

from pymongo.asynchronous.database import AsyncDatabase

from tests.doors.documents import Since, documents, plain

BEGUN = datetime(2026, 11, 20, 8, 30, tzinfo=UTC)


def written(minutes: float) -> dict[str, Any]:
    return {"at": BEGUN + timedelta(minutes=minutes), "us": 7, "text": None}


def test_a_clock_may_differ_by_the_time_that_a_story_takes() -> None:
    assert plain(written(0), BEGUN) == plain(written(0.5), BEGUN)
    assert plain(written(0), BEGUN) != plain(written(1), BEGUN)
    assert Since(0) != 0


def test_an_imported_instant_must_stay_as_it_is() -> None:
    first, other = ({**written(0), "text": text} for text in ("2026-11-20T08:30", "2026-11-20T08:30:00"))
    assert plain(first, BEGUN) != plain(other, BEGUN)


def test_a_hash_is_compared_by_its_form() -> None:
    assert plain({"password_hash": "scrypt:32768:8:1$salt$00"}, BEGUN) == {
        "password_hash": "scrypt:32768:8:1"
    }
    assert plain({"password_hash": None}, BEGUN) == {"password_hash": None}


async def test_collections_are_compared_whole(database: AsyncDatabase[dict[str, Any]]) -> None:
    await database.users.insert_one({"_id": 1, "name": "lin", "cards": [{"_id": 2}]})
    await database.revocations.insert_one({"_id": "digest", "expires": BEGUN})
    assert await documents(database, BEGUN) == {
        "users": [{"_id": 1, "name": "lin", "cards": [{"_id": 2}]}],
        "revocations": ["revoked"],
    }
