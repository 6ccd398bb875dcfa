"""What can be found, and how it is asked for."""

from enum import StrEnum


class EntryKind(StrEnum):
    """What something is that can be found."""

    PERSON = "PERSON"
    RECORD = "RECORD"
    DOCUMENT = "DOCUMENT"
    LOCATION = "LOCATION"


class Order(StrEnum):
    """What comes first."""

    RELEVANCE = "RELEVANCE"
    TITLE = "TITLE"
    CREATED = "CREATED"
    UPDATED = "UPDATED"


class Dated(StrEnum):
    """The dates by which something can be found."""

    CREATED = "CREATED"
    UPDATED = "UPDATED"
    BIRTH = "BIRTH"
    DEATH = "DEATH"


class Interval(StrEnum):
    """How long a stretch of time is that is counted together."""

    HOUR = "HOUR"
    DAY = "DAY"
    WEEK = "WEEK"
    MONTH = "MONTH"


class Asking(StrEnum):
    """In which way something was looked for."""

    GENERAL = "GENERAL"
    PERSON = "PERSON"
