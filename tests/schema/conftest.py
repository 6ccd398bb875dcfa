"""The graph as a client sees it, without HTTP in between."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pymongo.asynchronous.database import AsyncDatabase

from models.characters import Character
from models.counters import leave_behind
from models.courses import Course, CourseContent
from models.invitations import Invitation
from models.moments import Moment
from models.passwords import Passwords
from models.reviews import Review
from models.users import User
from schema import build
from schema.context import Caller, Context
from schema.execution.seams import Schema
from schema.tokens import Tokens
from tests.serving import EXECUTION

NOW = datetime(2026, 1, 1, 9, 30, 0, 123456, UTC)
NOBODY = object()


@dataclass
class Graph:
    """One client: what it asks is answered with data, or with the codes of what stood in the way."""

    passwords: Passwords
    schema: Schema = field(default_factory=lambda: build(execution=EXECUTION))
    page_limit: int = 100
    revoked: list[object] = field(default_factory=list)

    def context(self, subject: object = NOBODY) -> Context:
        """A request of the user with this id, of a credential with another subject, or of nobody."""

        async def revoke() -> None:
            self.revoked.append(subject)

        # Subscriptions live by the real clock.
        expires = datetime.now(UTC) + timedelta(hours=1)
        return Context(
            caller=None if subject is NOBODY else Caller(subject, "credential", expires),
            now=NOW,
            passwords=self.passwords,
            tokens=Tokens("a secret of at least 32 characters"),
            page_limit=self.page_limit,
            revoke=revoke,
            strict_codes=True,
        )

    async def answer(self, query: str, subject: object = NOBODY, **variables: object) -> dict[str, Any]:
        """The whole answer, as it would be sent."""
        result = await self.schema.execute(query, variables, self.context(subject))
        errors = [error.formatted for error in result.errors or ()]
        return {"data": result.data, **({"errors": errors} if errors else {})}

    async def data(self, query: str, subject: object = NOBODY, **variables: object) -> Any:
        """What was asked for; every error fails the test."""
        answer = await self.answer(query, subject, **variables)
        assert "errors" not in answer, answer["errors"]
        return answer["data"]

    async def codes(self, query: str, subject: object = NOBODY, **variables: object) -> list[str]:
        """The codes of what stood in the way."""
        answer = await self.answer(query, subject, **variables)
        return [error["extensions"]["code"] for error in answer.get("errors", ())]


@pytest.fixture(scope="session")
def passwords() -> Iterator[Passwords]:
    """Hashes as the old server wrote them."""
    hashing = Passwords("werkzeug")
    yield hashing
    hashing.close()


@pytest.fixture
def graph(database: AsyncDatabase[dict[str, Any]], passwords: Passwords) -> Graph:
    """A client of an empty server."""
    return Graph(passwords)


@pytest.fixture
async def school(database: AsyncDatabase[dict[str, Any]]) -> None:
    """Two learners, three courses of which one is a draft, and a few cards."""
    created = Moment.from_text("2026-01-05T08:30:00.5")
    await User(id=1, email="ada@example.test", username="ada", created_at=created).insert()
    await User(id=2, email="bo@example.test", username="bo").insert()
    await leave_behind(User, 2)
    await Invitation(id=1, code="WELCOME").insert()
    for id, published in [(1, True), (2, False), (3, True)]:
        await Course(id=id, title=f"Course {id}", published=published, created_at=created).insert()
    for id, course_id, sequence in [(1, 1, 3), (2, 1, 1), (3, 1, 2), (4, 2, 1)]:
        await CourseContent(id=id, course_id=course_id, sequence=sequence, title=f"Lesson {id}").insert()
    await Character(id=1, hanzi="好", pinyin="hǎo", meaning="good").insert()
    for id, user_id, character_id, days in [(1, 1, 1, -1), (2, 1, None, 0), (3, 1, 1, 9), (4, 2, 1, -9)]:
        await Review(
            id=id,
            user_id=user_id,
            character_id=character_id,
            next_review=Moment.of(NOW + timedelta(days=days)),
        ).insert()
