"""What a client can do, whichever door it comes through."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, ClassVar

import httpx

# Its id, the review, how well it went, and when.
Answer = tuple[str, int, float, datetime]

# What the server said, in the words of the graph; the code of the refusal where it refused.
Outcome = Any


class Door(ABC):
    """A client of one door, who keeps the credential of the last sign-in."""

    name: ClassVar[str]

    def __init__(self, http: httpx.AsyncClient) -> None:
        self.http = http

    @abstractmethod
    async def register(self, email: str, password: str, username: str, code: str) -> Outcome:
        """The new user."""

    @abstractmethod
    async def login(self, email: str, password: str) -> Outcome:
        """The user who signs in."""

    @abstractmethod
    async def logout(self) -> Outcome:
        """True; the credential is presented again afterwards, as a thief would."""

    @abstractmethod
    async def me(self) -> Outcome:
        """The caller."""

    @abstractmethod
    async def courses(self) -> Outcome:
        """The published courses by id."""

    @abstractmethod
    async def course(self, course_id: int) -> Outcome:
        """A course with its content."""

    @abstractmethod
    async def enroll(self, course_id: int) -> Outcome:
        """The new enrollment."""

    @abstractmethod
    async def due(self) -> Outcome:
        """The reviews that wait, by id."""

    @abstractmethod
    async def submit(self, review_id: int, quality: object) -> Outcome:
        """The interval of the review after an answer."""

    @abstractmethod
    async def sync(self, answers: Sequence[Answer]) -> Outcome:
        """What became of answers given before, each with the interval of its review."""


def moment(text: str | None) -> datetime | None:
    """An instant as either door prints it; where no zone is said it is UTC."""
    if text is None:
        return None
    read = datetime.fromisoformat(text)
    return read.replace(tzinfo=UTC) if read.tzinfo is None else read.astimezone(UTC)
