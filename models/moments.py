"""Instants to the microsecond, with the text they were imported with."""

import re
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Self, TypedDict

from pydantic import AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field, field_serializer

ISO = re.compile(
    r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d([.,]\d+)?)?([Zz]|[+-]\d\d(:?\d\d(:?\d\d)?)?)?",
    re.ASCII,
)


class StoredMoment(TypedDict):
    """A moment as it is stored, and read where nothing has to be calculated: `at` is naive and in UTC."""

    at: datetime
    us: int
    text: str | None


def as_utc(value: object) -> object:
    """A datetime in UTC, a naive one taken for UTC; anything else untouched."""
    if not isinstance(value, datetime):
        return value
    return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Moment(BaseModel):
    """An instant: BSON keeps the milliseconds, `us` the microseconds below, `text` what an import said."""

    model_config = ConfigDict(frozen=True)

    at: Annotated[AwareDatetime, BeforeValidator(as_utc)]
    us: int = Field(default=0, ge=0, le=999)
    text: str | None = None

    @field_serializer("at")
    def stored(self, at: datetime) -> datetime:
        """The instant as the store hands it back: naive, in UTC."""
        return at.replace(tzinfo=None)

    @classmethod
    def of(cls, instant: datetime, text: str | None = None) -> Self:
        """The moment of a datetime; a naive one is UTC."""
        utc = instant.replace(tzinfo=UTC) if instant.tzinfo is None else instant.astimezone(UTC)
        us = utc.microsecond % 1000
        return cls(at=utc.replace(microsecond=utc.microsecond - us), us=us, text=text)

    @classmethod
    def from_text(cls, text: str) -> Self:
        """The moment of an ISO 8601 text, kept exactly beside it; raises ValueError."""
        if not ISO.fullmatch(text):
            raise ValueError("it is not an ISO 8601 date and time")
        try:
            return cls.of(datetime.fromisoformat(text.upper()), text)
        except OverflowError as error:
            raise ValueError("it lies outside the years 1 to 9999") from error

    @property
    def instant(self) -> datetime:
        """The aware datetime in UTC, with all its microseconds."""
        return self.at + timedelta(microseconds=self.us)


def until(field: str, now: datetime) -> dict[str, Any]:
    """A filter for documents whose moment in `field` is at or before `now`."""
    moment = Moment.of(now)
    return {
        "$or": [
            {f"{field}.at": {"$lt": moment.at}},
            {f"{field}.at": moment.at, f"{field}.us": {"$lte": moment.us}},
        ]
    }
