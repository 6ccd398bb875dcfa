"""Rows of an old database, read with care: every value is checked before it is believed."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

from models.moments import Moment
from models.text import BIGINT, Bounds, unstorable


class BadValue(Exception):
    """A value that cannot be imported: which column, and why."""

    def __init__(self, column: str, reason: str) -> None:
        super().__init__(f"{column} {reason}.")
        self.column = column
        self.reason = reason


@dataclass
class Row:
    """One row by column; remembers which columns somebody asked for."""

    values: Mapping[str, object]
    asked: set[str] = field(default_factory=set)

    def take(self, column: str) -> object:
        """The value as it stands; None where the column is missing."""
        self.asked.add(column)
        return self.values.get(column)

    def has(self, column: str) -> bool:
        """Whether the row has the column at all."""
        return column in self.values

    def whole(self, column: str, within: Bounds = BIGINT) -> int:
        """A whole number."""
        value = self.whole_or_none(column, within)
        if value is None:
            raise BadValue(column, "is null or missing, and must be a whole number")
        return value

    def whole_or_none(self, column: str, within: Bounds = BIGINT) -> int | None:
        """A whole number, or None."""
        value = self.take(column)
        if value is None:
            return None
        if type(value) is not int:
            raise BadValue(column, f"is {kind(value)}, and must be a whole number")
        if value not in within:
            raise BadValue(column, f"is outside {within.low} to {within.high}")
        return value

    def number_or_none(self, column: str) -> int | float | None:
        """A number, left int or float as it was given, or None."""
        value = self.take(column)
        if value is None:
            return None
        if type(value) is not int and type(value) is not float:
            raise BadValue(column, f"is {kind(value)}, and must be a number")
        try:
            number = value if isinstance(value, float) or value in BIGINT else float(value)
        except OverflowError:
            raise BadValue(column, "is larger than any double") from None
        if not math.isfinite(number):
            raise BadValue(column, "is not finite")
        return number

    def text(self, column: str) -> str:
        """A text."""
        value = self.text_or_none(column)
        if value is None:
            raise BadValue(column, "is null or missing, and must be text")
        return value

    def text_or_none(self, column: str) -> str | None:
        """A text that the store can hold, or None."""
        value = self.take(column)
        if value is None:
            return None
        if not isinstance(value, str):
            raise BadValue(column, f"is {kind(value)}, and must be text")
        if reason := unstorable(value):
            raise BadValue(column, f"cannot be stored: {reason}")
        return value

    def truth(self, column: str) -> bool:
        """True or false."""
        value = self.take(column)
        if not isinstance(value, bool):
            raise BadValue(column, f"is {kind(value)}, and must be true or false")
        return value

    def moment(self, column: str) -> Moment:
        """An instant."""
        value = self.moment_or_none(column)
        if value is None:
            raise BadValue(column, "is null or missing, and must be a date and time")
        return value

    def moment_or_none(self, column: str) -> Moment | None:
        """An instant with its text, or None."""
        value = self.text_or_none(column)
        if value is None:
            return None
        try:
            return Moment.from_text(value)
        except ValueError as error:
            raise BadValue(column, f"is {value[:40]!r}, and {error}") from error


def kind(value: object) -> str:
    """What JSON calls a value of this type."""
    names: dict[type, str] = {bool: "true or false", int: "a number", float: "a number", str: "text"}
    if value is None:
        return "null or missing"
    return names.get(type(value), "a list" if isinstance(value, list) else "an object")
