"""Values of rows whose things are named by UUIDs or ObjectIds, and the ids that follow from them."""

import re
from datetime import UTC, date, datetime
from enum import StrEnum
from hashlib import sha256
from typing import Any, TypeVar
from uuid import NAMESPACE_OID, uuid5

from beanie import PydanticObjectId
from bson import ObjectId

from models.keys import ACCOUNT_LENGTH, UUID
from models.moments import Moment
from models.rows import BadValue, Row, kind
from models.text import SURROGATE

Words = TypeVar("Words", bound=StrEnum)

DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
# Where one word ends and the next begins in `NationalID` and `Step-parent`.
BREAK = re.compile(r"(?<=[a-z])(?=[A-Z])|-")


def uuid(row: Row, column: str) -> str:
    """A UUID in lower case."""
    value = row.text(column)
    if not UUID.fullmatch(value):
        raise BadValue(column, "is no UUID")
    return value.lower()


def uuids(row: Row, column: str) -> list[str]:
    """A list of UUIDs; none where there is no list."""
    value = row.take(column)
    if value is None:
        return []
    if not isinstance(value, list) or not all(
        isinstance(each, str) and UUID.fullmatch(each) for each in value
    ):
        raise BadValue(column, "must be a list of UUIDs")
    return [each.lower() for each in value]


def account(row: Row, column: str) -> str:
    """Who somebody of the world is, in the words of whoever signed them in."""
    value = row.text(column)
    if len(value) > ACCOUNT_LENGTH:
        raise BadValue(column, f"is longer than {ACCOUNT_LENGTH} characters")
    return value


def text_or_none(row: Row, column: str) -> str | None:
    """A text, which may hold any character, or None."""
    value = row.take(column)
    if value is None:
        return None
    if not isinstance(value, str) or SURROGATE.search(value):
        raise BadValue(column, f"is {kind(value)}, and must be text that can be stored")
    return value


def texts(row: Row, column: str) -> list[str]:
    """A list of texts; none where there is no list."""
    value = row.take(column)
    if value is None:
        return []
    if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
        raise BadValue(column, "must be a list of texts")
    return list(value)


def truth(row: Row, column: str, default: bool) -> bool:
    """True or false, or what is so where nothing is said."""
    return default if row.take(column) is None else row.truth(column)


def whole(row: Row, column: str) -> int:
    """A whole number, 0 where there is none."""
    return row.whole_or_none(column) or 0


def instant(row: Row, column: str) -> Moment:
    """An instant."""
    found = instant_or_none(row, column)
    if found is None:
        raise BadValue(column, "is null or missing, and must be a date and time")
    return found


def instant_or_none(row: Row, column: str) -> Moment | None:
    """An instant: the text of a date and time or a day, or `{"$date": …}`; the text is not kept."""
    value = row.take(column)
    if isinstance(value, dict) and value.keys() == {"$date"}:
        value = value["$date"]
    if value is None:
        return None
    if type(value) is int:
        return of_milliseconds(value, column)
    if not isinstance(value, str):
        raise BadValue(column, f"is {kind(value)}, and must be a date and time")
    try:
        if DAY.fullmatch(value):
            day = date.fromisoformat(value)
            return Moment.of(datetime(day.year, day.month, day.day, tzinfo=UTC))
        return Moment.of(Moment.from_text(value).instant)
    except ValueError as error:
        raise BadValue(column, f"is {value[:40]!r}, and {error}") from error


def of_milliseconds(value: int, column: str) -> Moment:
    """The instant so many milliseconds after 1970."""
    try:
        return Moment.of(datetime.fromtimestamp(value // 1000, UTC).replace(microsecond=value % 1000 * 1000))
    except (ValueError, OverflowError, OSError) as error:
        raise BadValue(column, "lies outside the years 1 to 9999") from error


def object_id(row: Row, column: str) -> ObjectId:
    """An ObjectId."""
    found = object_id_or_none(row, column)
    if found is None:
        raise BadValue(column, "is null or missing, and must be an ObjectId")
    return found


def object_id_or_none(row: Row, column: str) -> ObjectId | None:
    """An ObjectId: 24 hexadecimal digits, plain or as `{"$oid": …}`."""
    value = row.take(column)
    if isinstance(value, dict) and value.keys() == {"$oid"}:
        value = value["$oid"]
    if value is None:
        return None
    if not isinstance(value, str) or not ObjectId.is_valid(value):
        raise BadValue(column, f"is {kind(value)}, and must be an ObjectId")
    return ObjectId(value)


def inside(row: Row, column: str) -> Row | None:
    """An object inside a row, or None."""
    value = row.take(column)
    if value is None:
        return None
    if not isinstance(value, dict):
        raise BadValue(column, f"is {kind(value)}, and must be an object")
    return Row(value)


def rows(row: Row, column: str) -> list[Row]:
    """The objects of a list; none where there is no list."""
    value = row.take(column)
    if value is None:
        return []
    if not isinstance(value, list) or not all(isinstance(each, dict) for each in value):
        raise BadValue(column, "must be a list of objects")
    return [Row(each) for each in value]


def word(row: Row, column: str, words: type[Words], others: dict[str, Words] | None = None) -> Words:
    """One of some words, by its old spelling."""
    found = word_or_none(row, column, words, others)
    if found is None:
        raise BadValue(column, "is null or missing")
    return found


def word_or_none(
    row: Row, column: str, words: type[Words], others: dict[str, Words] | None = None
) -> Words | None:
    """One of some words or None: `NationalID` stands for NATIONAL_ID, unless the others say otherwise."""
    value = row.take(column)
    if value is None:
        return None
    if isinstance(value, str):
        if others and value in others:
            return others[value]
        if (name := BREAK.sub("_", value).upper()) in words.__members__:
            return words[name]
    raise BadValue(column, f"is {str(value)[:40]!r}, which is none of the known words")


def derived(seed: str, made: Moment | None) -> PydanticObjectId:
    """The ObjectId of something that had none: always the same one, and in the order of creation."""
    seconds = int(made.at.timestamp()) if made else 0
    begun = min(max(seconds, 0), 2**32 - 1).to_bytes(4, "big")
    return PydanticObjectId(begun + sha256(seed.encode()).digest()[:8])


def derived_uuid(id: ObjectId) -> str:
    """The UUID of something that had none: always the same one."""
    return str(uuid5(NAMESPACE_OID, str(id)))


def plain(value: Any) -> Any:
    """A value of extended JSON as JSON has it."""
    if isinstance(value, dict):
        if value.keys() == {"$oid"} or value.keys() == {"$date"}:
            return next(iter(value.values()))
        return {name: plain(each) for name, each in value.items()}
    return [plain(each) for each in value] if isinstance(value, list) else value
