"""The store behind the old servers casts and refuses as the database did."""

import pytest

from tests.old_servers.store import DatabaseError, Filter, Store

USER = {"id": 1, "email": "a@b.test", "username": "a", "password_hash": None, "created_at": None}
COURSE = {"id": 7, "title": "t", "description": None, "published": True, "created_at": None}


@pytest.fixture
def store() -> Store:
    return Store({"users": [USER], "courses": [COURSE]})


@pytest.mark.parametrize("value", [1, "1", " +1\n", "0001"])
def test_an_id_is_read_as_its_text(store: Store, value: object) -> None:
    assert store.select("users", Filter("id", value)) == [USER]


@pytest.mark.parametrize("value", [None, True, 1.0, "", "abc", "1_0", "１", [1], {"$gt": 0}])
def test_what_is_no_whole_number_is_refused(store: Store, value: object) -> None:
    with pytest.raises(DatabaseError, match="invalid input syntax for type bigint"):
        store.select("users", Filter("id", value))


@pytest.mark.parametrize("value", [2**63, -(2**63) - 1, "9" * 5000])
def test_ids_end_at_64_bits(store: Store, value: object) -> None:
    with pytest.raises(DatabaseError, match="out of range for type bigint"):
        store.select("users", Filter("id", value))


def test_text_that_cannot_travel_is_refused(store: Store) -> None:
    with pytest.raises(DatabaseError, match="invalid byte sequence"):
        store.select("users", Filter("email", "a\0"))
    with pytest.raises(UnicodeEncodeError):
        store.select("users", Filter("email", "\ud800"))
    for email, code in (
        ("a\0", "22P05"),
        (["a\0"], "22P05"),
        ("\ud800", "22P02"),
        (float("nan"), "PGRST102"),
    ):
        with pytest.raises(DatabaseError) as refusal:
            store.insert("users", {"email": email})
        assert refusal.value.code == code
    assert store.select("users") == [USER]


def test_values_become_the_text_of_their_json(store: Store) -> None:
    row = store.insert("users", {"email": 5, "username": {"a": [True, None]}, "password_hash": "\\u0000"})
    assert row == {
        "id": 2,
        "email": "5",
        "username": '{"a": [true, null]}',
        "password_hash": "\\u0000",
        "created_at": None,
    }


def test_a_second_email_is_refused_in_the_words_of_the_database(store: Store) -> None:
    with pytest.raises(DatabaseError) as refusal:
        store.insert("users", {"email": "a@b.test"})
    assert str(refusal.value) == (
        "{'code': '23505', 'details': 'Key (email)=(a@b.test) already exists.', 'hint': None, "
        "'message': 'duplicate key value violates unique constraint \"users_email_key\"'}"
    )


def test_a_row_must_point_at_rows_that_exist(store: Store) -> None:
    with pytest.raises(DatabaseError, match="enrollments_user_id_fkey"):
        store.insert("enrollments", {"user_id": 999, "course_id": 7})
    assert store.insert("enrollments", {"user_id": " 1", "course_id": 7, "progress": 0})["user_id"] == 1


def test_whole_doubles_have_no_fraction(store: Store) -> None:
    row = store.insert("reviews", {"user_id": 1, "interval": 15.0, "easiness": 2.5, "repetition": 3})
    assert (row["interval"], type(row["interval"]), row["easiness"]) == (15, int, 2.5)


def test_an_update_that_may_not_stand_changes_nothing(store: Store) -> None:
    store.insert("users", {"email": "c@d.test"})
    with pytest.raises(DatabaseError, match="users_email_key"):
        store.update("users", {"email": "a@b.test"}, Filter("id", 2))
    with pytest.raises(DatabaseError, match="out of range"):
        store.update("users", {"id": 2**63}, Filter("id", 2))
    assert [row["email"] for row in store.select("users")] == ["a@b.test", "c@d.test"]


def test_booleans_are_read_from_words(store: Store) -> None:
    assert store.select("courses", Filter("published", True)) == [COURSE]
    assert store.select("courses", Filter("published", "off")) == []
    with pytest.raises(DatabaseError, match="type boolean"):
        store.select("courses", Filter("published", "maybe"))
    assert store.insert("courses", {"published": False})["published"] is False


def test_null_fits_no_filter_and_time_compares_as_text() -> None:
    times = ("2026-01-01T00:00:00", None, "2026-01-01T00:00:00.5")
    store = Store({"reviews": [{"id": index, "next_review": time} for index, time in enumerate(times)]})
    found = store.select("reviews", Filter("next_review", "2026-01-01T00:00:00", "lte"))
    assert [row["id"] for row in found] == [0]
