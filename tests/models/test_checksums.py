"""A checksum says whether collections hold the same, however their documents and fields are ordered."""

from datetime import datetime
from typing import Any

import bson
from bson import Decimal128, Int64, ObjectId
from bson.datetime_ms import DatetimeMS
from pymongo.asynchronous.database import AsyncDatabase

from models import checksums
from models.checksums import Checksum, digest

ID = ObjectId()
FORM: dict[str, Any] = {"_id": ID, "a": 1, "b": {"x": 1, "y": [1, None]}, "c": datetime(1930, 4, 12)}


def of(*forms: dict[str, Any]) -> Checksum:
    return Checksum.over(digest(bson.encode(form)) for form in forms)


def test_order_counts_inside_of_fields_alone() -> None:
    assert of(FORM) == of(dict(reversed(FORM.items())))
    assert of(FORM) != of({**FORM, "b": {"y": [1, None], "x": 1}})
    assert of(FORM, {"_id": 2}) == of({"_id": 2}, FORM) != of(FORM, FORM)


def test_every_value_counts_with_its_type() -> None:
    values = [
        1,
        1.0,
        Int64(1),
        "1",
        True,
        None,
        Decimal128("1"),
        DatetimeMS(1),
        DatetimeMS(2**60),
        b"1",
        [],
        {},
    ]
    sums = {of({"_id": 1, "a": value}) for value in values}
    assert len(sums) == len(values)
    assert of({"_id": 1}) not in sums


def test_what_is_added_can_be_taken_away() -> None:
    both, one, other = of(FORM, {"_id": 2}), of(FORM), of({"_id": 2})
    assert one.plus(other) == both and both.minus(other) == one
    assert both.minus(one).minus(other) == Checksum()
    assert Checksum.of_json(both.as_json()) == both


async def test_a_database_is_read_as_it_is(database: AsyncDatabase[dict[str, Any]]) -> None:
    forms = [{"_id": number, "name": f"{number}"} for number in range(2_500)]
    await database["courses"].insert_many(forms)
    await database["users"].insert_one(dict(FORM))
    found = await checksums.of(database)
    assert found == {"courses": of(*forms), "users": of(FORM)}
    await database["courses"].update_one({"_id": 7}, {"$unset": {"name": 1}})
    await database["courses"].update_one({"_id": 7}, {"$set": {"name": "7"}})
    assert await checksums.of(database, without=["users"]) == {"courses": of(*forms)}
