"""Values that GraphQL has no type for, in the two forms that the two doors need."""

import re
from collections.abc import Mapping
from datetime import date
from math import isfinite
from typing import Any, Literal, NewType

import strawberry
from graphql import GraphQLError
from strawberry.types.scalar import ScalarDefinition

from models import uploads
from models.errors import Unfit
from models.moments import Moment, StoredMoment

# What follows the milliseconds of an instant; formatting it each time would take as long as all the rest.
ENDINGS = tuple(f"{us:03d}Z" for us in range(1000))

# What a day begins with, whatever follows: the clock and its zone do not move it.
DAY = re.compile(r"([0-9]{4})(-?)([0-9]{2})\2([0-9]{2})(?![0-9])")

Leaves = Literal["wire", "raw"]

# Float would make 1.0 of every 1; this one leaves a number as it is.
Number = NewType("Number", float)
Quality = NewType("Quality", object)
Secret = NewType("Secret", object)
Day = NewType("Day", date)
JSON = NewType("JSON", object)
Upload = NewType("Upload", uploads.Upload)


def print_moment(value: StoredMoment) -> str:
    """RFC 3339 in UTC, always with six decimals."""
    try:
        # The store keeps milliseconds, so that the microseconds below are simply the next three digits.
        return value["at"].isoformat("T", "milliseconds") + ENDINGS[value["us"]]
    except (TypeError, LookupError) as error:
        raise GraphQLError("DateTime cannot represent a value that is no moment.") from error


def parse_moment(value: object) -> Moment:
    """A moment out of an ISO 8601 text."""
    if not isinstance(value, str):
        raise GraphQLError("DateTime cannot represent a value that is not text.")
    try:
        return Moment.from_text(value)
    except ValueError as error:
        raise GraphQLError(f"DateTime cannot represent this text: {error}.") from error


def parse_day(value: object) -> date:
    """The day that an ISO 8601 text begins with; raises Unfit."""
    if isinstance(value, str) and (match := DAY.match(value)):
        year, _, month, day = match.groups()
        try:
            return date(int(year), int(month), int(day))
        except ValueError as error:
            raise Unfit("date", "the calendar has no such day") from error
    raise Unfit("date", "it is no day as 1950-03-02 is one")


def print_number(value: object) -> int | float:
    """The number itself, where JSON has it."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not isfinite(value):
        raise GraphQLError("Number cannot represent a value that is no finite number.")
    return value


def untouched(value: Any) -> Any:
    """The value itself."""
    return value


def parse_upload(value: object) -> uploads.Upload:
    """The file that a part of the request brought."""
    if not isinstance(value, uploads.Upload):
        raise GraphQLError("Upload cannot represent a value that is no part of a multipart request.")
    return value


def unprintable(value: object) -> object:
    """Refuses: these scalars only come in."""
    raise GraphQLError("This scalar is only for input.")


def scalars(leaves: Leaves) -> Mapping[object, ScalarDefinition]:
    """The scalars by their Python type; "raw" hands moments and numbers on as they are."""
    raw = leaves == "raw"
    return {
        Moment: strawberry.scalar(
            name="DateTime",
            description="An instant: RFC 3339 in UTC with microseconds, such as 2026-01-05T08:30:00.123456Z.",
            specified_by_url="https://www.rfc-editor.org/rfc/rfc3339",
            serialize=untouched if raw else print_moment,
            parse_value=parse_moment,
        ),
        Number: strawberry.scalar(
            name="Number",
            description="A JSON number; 1 stays 1 and 15.0 stays 15.0.",
            serialize=untouched if raw else print_number,
            parse_value=print_number,
        ),
        Day: strawberry.scalar(
            name="Date",
            description="A day: 1950-03-02. It only comes in; a time behind it is not looked at.",
            specified_by_url="https://www.rfc-editor.org/rfc/rfc3339#section-5.6",
            serialize=unprintable,
            parse_value=parse_day,
        ),
        JSON: strawberry.scalar(
            name="JSON",
            description="Any JSON value, as it was written.",
            serialize=untouched,
            parse_value=untouched,
        ),
        Quality: strawberry.scalar(
            name="Quality",
            description="How well a card was remembered: usually 0 (not at all) to 5 (at once).",
            serialize=unprintable,
            parse_value=untouched,
        ),
        Upload: strawberry.scalar(
            name="Upload",
            description="A file. It only comes in, as a part of a multipart request.",
            specified_by_url="https://github.com/jaydenseric/graphql-multipart-request-spec",
            serialize=unprintable,
            parse_value=parse_upload,
        ),
        Secret: strawberry.scalar(
            name="Secret",
            description="A password or the like. It only comes in, and is neither echoed nor logged.",
            serialize=unprintable,
            parse_value=untouched,
        ),
    }
