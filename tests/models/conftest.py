"""What the stories about the models begin with."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from models.passwords import Passwords


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
