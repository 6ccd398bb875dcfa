"""What the stories about the models begin with."""

from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime

import pytest

from models.courses import Course
from models.passwords import Passwords
from models.users import User
from server.embedded import Services
from tests.commands import Commands, noted
from tests.models.held import COURSES


@pytest.fixture
def now() -> datetime:
    """A moment on a quiet morning."""
    return datetime(2026, 1, 1, 9, 30, 0, 123456, UTC)


@pytest.fixture(scope="session")
def passwords() -> Iterator[Passwords]:
    """Hashes as the old server wrote them."""
    hashing = Passwords("werkzeug")
    yield hashing
    hashing.close()


@pytest.fixture
async def forty_courses(database: object) -> None:
    """Forty courses, the even ones published, and a user."""
    await Course.insert_many(
        [Course(id=id, title=f"Course {id}", published=id % 2 == 0) for id in range(1, COURSES + 1)]
    )
    await User(id=1, email="ada", username="ada", password_hash="secret").insert()


@pytest.fixture
async def commands(database: object, services: Services) -> AsyncIterator[Commands]:
    """What the models send."""
    async with noted(services) as sent:
        yield sent
